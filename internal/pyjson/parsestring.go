package pyjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

func (p *parser) text() (any, error) {
	text, err := p.string()
	if err != nil {
		return nil, err
	}
	return text, nil
}

// string reads a string from its opening quote on. One without escapes is a
// slice of the document.
func (p *parser) string() (string, error) {
	begin := p.at + 1
	end, ascii := p.plainRun(begin)
	switch {
	case end == len(p.data):
		return "", p.fail(begin-1, "Unterminated string starting at")
	case p.data[end] == '\\':
		return p.escaped(begin)
	case p.data[end] != '"':
		return "", p.fail(end, "Invalid control character at")
	case !ascii && !utf8.Valid(p.data[begin:end]):
		return "", p.notUTF8(begin, end)
	}
	p.at = end + 1
	if p.shared != "" {
		return p.shared[begin:end], nil
	}
	return string(p.data[begin:end]), nil
}

// plainRun finds the first quote, backslash or control character from start
// on, and tells whether all before it is ASCII.
func (p *parser) plainRun(start int) (end int, ascii bool) {
	var seen byte
	for end = start; end < len(p.data); end++ {
		char := p.data[end]
		if char < ' ' || char == '"' || char == '\\' {
			break
		}
		seen |= char
	}
	return end, seen < utf8.RuneSelf
}

// notUTF8 points at the first byte that is not UTF-8.
func (p *parser) notUTF8(begin, end int) error {
	for begin < end {
		char, size := utf8.DecodeRune(p.data[begin:end])
		if char == utf8.RuneError && size == 1 {
			break
		}
		begin += size
	}
	return p.fail(begin, "Invalid UTF-8")
}

// escaped reads a string that holds escapes, begin being after its quote.
func (p *parser) escaped(begin int) (string, error) {
	p.scratch = p.scratch[:0]
	for at := begin; ; {
		end, ascii := p.plainRun(at)
		switch {
		case end == len(p.data):
			return "", p.fail(begin-1, "Unterminated string starting at")
		case !ascii && !utf8.Valid(p.data[at:end]):
			return "", p.notUTF8(at, end)
		}
		p.scratch = append(p.scratch, p.data[at:end]...)
		switch p.data[end] {
		case '"':
			p.at = end + 1
			return string(p.scratch), nil
		case '\\':
			next, err := p.escape(begin, end+1)
			if err != nil {
				return "", err
			}
			at = next
		default:
			return "", p.fail(end, "Invalid control character at")
		}
	}
}

// escape reads one escape, at being after its backslash, and returns where
// the text goes on.
func (p *parser) escape(begin, at int) (next int, err error) {
	if at == len(p.data) {
		return 0, p.fail(begin-1, "Unterminated string starting at")
	}
	char := p.data[at]
	if char == 'u' {
		return p.unicodeEscape(at)
	}
	short, ok := shortEscape(char)
	if !ok {
		return 0, p.fail(at-1, "Invalid \\escape")
	}
	p.scratch = append(p.scratch, short)
	return at + 1, nil
}

func shortEscape(char byte) (byte, bool) {
	switch char {
	case '"', '\\', '/':
		return char, true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// unicodeEscape reads uXXXX, and with it a second escape where the two are a
// surrogate pair.
func (p *parser) unicodeEscape(at int) (next int, err error) {
	char, ok := p.hex4(at + 1)
	if !ok {
		return 0, p.fail(at, "Invalid \\uXXXX escape")
	}
	next = at + 5
	if low, ok := p.lowSurrogate(char, next); ok {
		char = utf16.DecodeRune(char, low)
		next += 6
	}
	if p.validText {
		p.scratch = utf8.AppendRune(p.scratch, char) // which knows no surrogates
	} else {
		p.scratch = appendRune(p.scratch, char)
	}
	return next, nil
}

func (p *parser) lowSurrogate(high rune, at int) (rune, bool) {
	if high&0xFC00 != 0xD800 || len(p.data)-at < 2 || p.data[at] != '\\' || p.data[at+1] != 'u' {
		return 0, false
	}
	low, ok := p.hex4(at + 2)
	return low, ok && low&0xFC00 == 0xDC00
}

// hex4 reads four digits, after which at least the closing quote must follow.
func (p *parser) hex4(at int) (rune, bool) {
	if len(p.data)-at <= 4 {
		return 0, false
	}
	var char rune
	for _, digit := range p.data[at : at+4] {
		value, ok := hexValue(digit)
		if !ok {
			return 0, false
		}
		char = char<<4 | rune(value)
	}
	return char, true
}

func hexValue(digit byte) (byte, bool) {
	switch {
	case '0' <= digit && digit <= '9':
		return digit - '0', true
	case 'a' <= digit|0x20 && digit|0x20 <= 'f':
		return digit | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// appendRune appends the UTF-8 form of char, and the form UTF-8 would have for
// a surrogate.
func appendRune(dst []byte, char rune) []byte {
	if utf16.IsSurrogate(char) {
		return append(dst, 0xED, byte(0x80|char>>6&0x3F), byte(0x80|char&0x3F))
	}
	return utf8.AppendRune(dst, char)
}
