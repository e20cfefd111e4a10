package formdata

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"
)

// maxHeaderBytes bounds the header block of one part. It is fixed, because the
// header blocks of real clients are far smaller.
const maxHeaderBytes = 64 << 10

// part is the field or file being received.
type part struct {
	headers  headerBlock
	name     string
	filename string
	isFile   bool
}

// newPart reads the header block of a part. The disposition need not be
// "form-data", but it must be there.
func newPart(raw []byte) (part, error) {
	headers := headerBlock(unfold(raw))
	if !utf8.ValidString(string(headers)) {
		return part{}, errMalformed
	}
	disposition, ok := headers.get("Content-Disposition")
	if !ok {
		return part{}, errMalformed
	}
	p := part{headers: headers}
	p.dispose(disposition)
	return p, nil
}

func (p *part) dispose(disposition string) {
	var name, filename joinedValue
	_, list := cutOptions(disposition)
	for option := range optionsOf(list) {
		switch option.name {
		case "name":
			name.add(option)
		case "filename":
			filename.add(option)
			p.isFile = true
		}
	}
	p.name, p.filename = name.String(), filename.String()
}

func (p *part) file() *File {
	return &File{Field: p.name, Filename: p.filename, headers: p.headers}
}

// charset is the declared charset of the part if it is a known one, else UTF-8.
func (p *part) charset() string {
	contentType, _ := p.headers.get("Content-Type")
	if name := lower(findOption(contentType, "charset")); knownCharset(name) {
		return name
	}
	return "utf-8"
}

// headerBlock is the unfolded text of a part's headers. To search the text costs
// less memory than a map: never more than the client has sent.
type headerBlock string

// all yields the headers in order, with names as they were sent.
func (b headerBlock) all() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for rest := string(b); rest != ""; {
			var line string
			line, rest = cutLine(rest)
			if line == "" {
				continue
			}
			name, value, _ := strings.Cut(line, ":")
			if !yield(trim(name), trim(value)) {
				return
			}
		}
	}
}

// get returns the first header of an ASCII name, in any case.
func (b headerBlock) get(name string) (value string, ok bool) {
	for key, value := range b.all() {
		// Letters outside ASCII that fold to ASCII ones are longer.
		if len(key) == len(name) && strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

func cutLine(text string) (line, rest string) {
	end := strings.IndexAny(text, "\r\n")
	if end < 0 {
		end, rest = len(text), ""
	} else {
		rest = text[end+1:]
	}
	return strings.Trim(text[:end], " \t\v\f"), rest
}

// unfold replaces each line break that is followed by a blank, together with that
// blank, by a space.
func unfold(raw []byte) string {
	if !isFolded(raw) {
		return string(raw)
	}
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if size := foldLength(raw[i:]); size > 0 {
			text = append(text, ' ')
			i += size - 1
			continue
		}
		text = append(text, raw[i])
	}
	return string(text)
}

func isFolded(raw []byte) bool {
	for _, fold := range []string{"\n ", "\n\t", "\r ", "\r\t"} {
		if bytes.Contains(raw, []byte(fold)) {
			return true
		}
	}
	return false
}

func foldLength(raw []byte) int {
	size, _ := lineBreak(raw)
	if size == 0 || size == len(raw) {
		return 0
	}
	if next := raw[size]; next == ' ' || next == '\t' {
		return size + 1
	}
	return 0
}
