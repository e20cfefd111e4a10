package formdata

// preamble skips what comes before the first delimiter.
func (p *parser) preamble() (bool, error) {
	d := findFirst(p.buffer, p.marker)
	if !d.complete {
		p.drop(d.start)
		return false, nil
	}
	p.pass(d)
	return true, nil
}

// pass continues after a delimiter.
func (p *parser) pass(d delimiter) {
	p.consume(d.end)
	p.dropped, p.step = 0, (*parser).header
	if d.final {
		p.final, p.step = true, (*parser).epilogue
	}
}

// header reads the header block of a part.
func (p *parser) header() (bool, error) {
	start, end, found := blankLine(p.buffer, p.searched)
	if start > maxHeaderBytes || !found && len(p.buffer) >= maxHeaderBytes+len("\r\n\r\n") {
		return false, headersTooLong()
	}
	if !found {
		p.searched = max(0, len(p.buffer)-len("\r\n\r")) // the line may have begun
		return false, nil
	}
	if err := p.begin(p.buffer[:start]); err != nil {
		return false, err
	}
	// The second of the two line breaks belongs to the content: a delimiter
	// may follow at once.
	p.consume((start + end) / 2)
	p.searched, p.step = 0, (*parser).content
	return true, nil
}

func (p *parser) begin(headers []byte) (err error) {
	if p.part, err = newPart(headers); err != nil {
		return err
	}
	p.parts++
	if over(int64(p.parts), int64(p.limits.Parts)) {
		return tooManyParts(p.limits.Parts)
	}
	if p.part.isFile {
		p.form.Files = append(p.form.Files, p.part.file())
	}
	p.begun, p.value = false, p.value[:0]
	return nil
}

// content stores the data of a part, up to the first byte that may belong to a
// delimiter.
func (p *parser) content() (bool, error) {
	start, ok := p.contentStart()
	if !ok {
		return false, nil
	}
	d := findNext(p.buffer, p.marker)
	if !d.complete && d.start < start {
		return false, nil
	}
	p.begun = true
	if err := p.store(p.buffer[start:max(start, d.start)]); err != nil {
		return false, err
	}
	if !d.complete {
		p.consume(d.start)
		return false, nil
	}
	p.pass(d)
	return true, p.end()
}

// contentStart skips the line break that ends the headers. It is not ok if that
// line break may still be incomplete.
func (p *parser) contentStart() (start int, ok bool) {
	if p.begun {
		return 0, true
	}
	return lineBreak(p.buffer)
}

func (p *parser) store(data []byte) error {
	if p.part.isFile {
		return p.spool.write(p.file(), data)
	}
	if over(int64(len(p.value)+len(data)), p.limits.FormMemory) {
		return FormTooLarge("a form field", p.limits.FormMemory)
	}
	p.value = append(p.value, data...)
	return nil
}

// end completes the part.
func (p *parser) end() error {
	if p.part.isFile {
		return p.spool.finish(p.file())
	}
	value := decodeText(p.value, p.part.charset())
	p.form.Fields = append(p.form.Fields, Pair{p.part.name, value})
	return nil
}

// file is the file that is being received.
func (p *parser) file() *File { return p.form.Files[len(p.form.Files)-1] }

// epilogue skips what comes after the final delimiter.
func (p *parser) epilogue() (bool, error) {
	p.drop(len(p.buffer))
	return false, nil
}
