package formdata

import "bytes"

// maxPadding is how many blanks may follow a boundary on its line.
const maxPadding = 1 << 10

// delimiter is the result of a search for a line with the boundary.
type delimiter struct {
	// start is the position of the delimiter. If no delimiter is complete, it
	// is the position from which the rest of the data may become one.
	start int
	// end is the position of the data after the delimiter.
	end int
	// complete reports whether the whole delimiter was received.
	complete bool
	// final reports whether the delimiter ends the form.
	final bool
}

// findFirst finds the delimiter in front of the first part. It may stand
// anywhere, as its line break often belongs to the headers of the message.
func findFirst(data, marker []byte) delimiter {
	for from := 0; ; from++ {
		index := bytes.Index(data[from:], marker)
		if index < 0 {
			return delimiter{start: max(0, len(data)-len(marker)+1)}
		}
		from += index
		if d, ok := endDelimiter(data, from, len(marker)); ok {
			return d
		}
	}
}

// findNext finds the delimiter after a part. The delimiter begins with the line
// break in front of it. A marker has no line break, so the search continues after
// a marker that is not a delimiter: it never looks at a byte twice.
func findNext(data, marker []byte) delimiter {
	from := 0
	for {
		index := bytes.Index(data[from:], marker)
		if index < 0 {
			return delimiter{start: len(data) - heldBack(data[from:], marker)}
		}
		from += index
		if size := breakBefore(data[:from]); size > 0 {
			if d, ok := endDelimiter(data, from, len(marker)); ok {
				d.start -= size
				return d
			}
		}
		from += len(marker)
	}
}

// endDelimiter looks at the bytes after the marker at index. It is not ok if they
// show that the marker is ordinary data.
func endDelimiter(data []byte, index, length int) (delimiter, bool) {
	d := delimiter{start: index}
	rest := data[index+length:]
	if bytes.HasPrefix(rest, []byte("--")) {
		d.end, d.complete, d.final = index+length+2, true, true
		return d, true
	}
	if len(rest) == 0 || len(rest) == 1 && rest[0] == '-' {
		return d, true
	}
	padding := countBlanks(rest)
	if padding > maxPadding {
		return d, false
	}
	rest = rest[padding:]
	if len(rest) == 0 {
		return d, true
	}
	size, complete := lineBreak(rest)
	d.end, d.complete = index+length+padding+size, complete
	return d, size > 0
}

// heldBack is how many bytes at the end of data may begin a delimiter.
func heldBack(data, marker []byte) int {
	tail := data[max(0, len(data)-len(marker)):]
	last := bytes.LastIndexAny(tail, "\r\n")
	if last < 0 || !bytes.HasPrefix(marker, tail[last+1:]) {
		return 0
	}
	line := len(tail) - last - 1
	return line + breakBefore(data[:len(data)-line])
}

func countBlanks(data []byte) int {
	n := 0
	for n < len(data) && isBlank(data[n]) {
		n++
	}
	return n
}

// lineBreak returns the size of the line break at the start of data: CRLF, LF or
// CR. It is not complete if data is a single CR, because an LF may follow.
func lineBreak(data []byte) (size int, complete bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2, true
	case data[0] == '\r':
		return 1, len(data) > 1
	case data[0] == '\n':
		return 1, true
	}
	return 0, true
}

// breakBefore returns the size of the line break at the end of data.
func breakBefore(data []byte) int {
	switch {
	case bytes.HasSuffix(data, []byte("\r\n")):
		return 2
	case bytes.HasSuffix(data, []byte("\r")), bytes.HasSuffix(data, []byte("\n")):
		return 1
	}
	return 0
}

// blankLine finds the two line breaks that end a header block.
func blankLine(data []byte, from int) (start, end int, found bool) {
	for i := from; i < len(data); i++ {
		if data[i] != '\r' && data[i] != '\n' {
			continue
		}
		for _, blank := range []string{"\r\n\r\n", "\r\r", "\n\n"} {
			if bytes.HasPrefix(data[i:], []byte(blank)) {
				return i, i + len(blank), true
			}
		}
	}
	return 0, 0, false
}
