// Package wirecookie reads and writes cookies exactly as Werkzeug does, so that
// a cookie set by a Flask application can be read here and the other way round.
//
// Reading ([Lookup], [All]) follows Request.cookies: a header is a sequence of
// name=value parts separated by semicolons, values may be quoted, and bytes
// outside ASCII are seen as latin-1. Writing ([Append]) follows dump_cookie.
// Nothing is parsed before it is asked for, and no map is built.
package wirecookie

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// Join combines the Cookie fields of one request into the single header that
// [Lookup] and [All] read. One field, the usual case, is returned as it is
// without an allocation.
func Join(fields []string) string {
	return strings.Join(fields, ";")
}

// Lookup finds the first cookie called name in a raw Cookie header and reports
// whether there is one. It is request.cookies.get(name): names are
// case-sensitive, quoted values are unquoted, and neither parsing nor the
// result allocates unless the value is quoted with escapes or is not ASCII.
func Lookup(header, name string) (value string, ok bool) {
	if hasQuotes(header) || !isToken(name) {
		return lookupAmongQuotes(header, name)
	}
	for at := 0; ; {
		found := strings.Index(header[at:], name)
		if found < 0 {
			return "", false
		}
		start := at + found
		at = start + len(name)
		if value, ok := valueAt(header, start, at); ok {
			return latin1(value), true
		}
	}
}

// isToken reports whether a name can stand in a header as it is, and be read back.
func isToken(name string) bool {
	for i := range len(name) {
		if b := name[i]; b <= ' ' || b >= 0x7f || b == ';' || b == '=' {
			return false
		}
	}
	return name != ""
}

// valueAt returns the raw value of the part of a header whose name stands from start
// to end. It is not ok if that text is a piece of something else. The header
// has no quotes.
func valueAt(header string, start, end int) (value string, ok bool) {
	for start > 0 && isStripped(header[start-1]) {
		start--
	}
	if start > 0 && header[start-1] != ';' {
		return "", false
	}
	for end < len(header) && isStripped(header[end]) {
		end++
	}
	switch {
	case end == len(header) || header[end] == ';':
		return "", true
	case header[end] != '=':
		return "", false
	}
	value, _, _ = strings.Cut(header[end+1:], ";")
	return trim(value, isStripped), true
}

// lookupAmongQuotes is Lookup for every header and every name. Semicolons in quotes
// do not end a value, and line breaks decide what is one.
func lookupAmongQuotes(header, name string) (value string, ok bool) {
	parts := newScanner(header)
	for {
		rawName, rawValue, more := parts.next()
		if !more {
			return "", false
		}
		if sameName(rawName, name) {
			return decode(rawValue), true
		}
	}
}

// All yields every cookie of a raw Cookie header as name and value, in the
// order of the header and with duplicates. Parts without a name are left out,
// as in Werkzeug since CVE-2023-23934; a part without "=" has an empty value.
func All(header string) iter.Seq2[string, string] {
	if !hasQuotes(header) {
		return allBare(header)
	}
	return func(yield func(string, string) bool) {
		parts := newScanner(header)
		for {
			name, value, more := parts.next()
			if !more || !yield(latin1(name), decode(value)) {
				return
			}
		}
	}
}

// hasQuotes reports whether a header may have parts that do not end at the next
// semicolon: after a quote or a line break.
func hasQuotes(header string) bool {
	return strings.IndexByte(header, '"') >= 0 || strings.IndexByte(header, '\n') >= 0
}

// allBare is All for a header without quotes.
func allBare(header string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for part := range strings.SplitSeq(header, ";") {
			name, value, _ := strings.Cut(part, "=")
			if name = trim(name, isStripped); name == "" {
				continue
			}
			if !yield(latin1(name), latin1(trim(value, isStripped))) {
				return
			}
		}
	}
}

// scanner cuts a header into parts. Werkzeug's grammar is a regular expression
// that is tried again one character later wherever it does not match; the
// scanner gives the same parts in one pass.
type scanner struct {
	header   string
	position int
	// newline is the last line break known to stand inside an unquoted value.
	// A value that begins before it cannot match; remembering it keeps a
	// header full of "=" signs from being searched once for each of them.
	newline int
}

func newScanner(header string) scanner {
	return scanner{header: header, newline: -1}
}

// next returns the next named part: its bare name and its value, still quoted.
func (s *scanner) next() (name, value string, ok bool) {
	for s.position < len(s.header) {
		name, value, ok = s.part()
		name = trim(name, isStripped)
		if ok && name != "" {
			return name, trim(value, isStripped), true
		}
	}
	return "", "", false
}

// part reads up to the next semicolon outside a quoted value and moves behind it.
// It is not ok if the text up to the next "=" does not belong to a cookie.
func (s *scanner) part() (name, value string, ok bool) {
	rest := s.header[s.position:]
	end := nameEnd(rest)
	name = rest[:end]
	s.position += end + 1
	if end == len(rest) || rest[end] == ';' {
		return name, "", true
	}
	start := skipSpace(s.header, s.position)
	if value, ok = s.quoted(start); !ok {
		value, ok = s.unquoted(start)
	}
	return name, value, ok
}

// quoted reads a value in double quotes with nothing but space behind it, in
// which a semicolon is data. Scanning from one opening quote ends at the next
// at the latest, so all scans together are linear.
func (s *scanner) quoted(start int) (value string, ok bool) {
	end := quotedEnd(s.header, start)
	if end < 0 {
		return "", false
	}
	after := skipSpace(s.header, end)
	if after < len(s.header) && s.header[after] != ';' {
		return "", false
	}
	s.position = after + 1
	return s.header[start:end], true
}

// unquoted reads a value up to the next semicolon. A line break is allowed
// around such a value and not inside.
func (s *scanner) unquoted(start int) (value string, ok bool) {
	if start <= s.newline {
		return "", false
	}
	value, _, _ = strings.Cut(s.header[start:], ";")
	after := start + len(value) + 1
	value = trim(value, isSpace)
	if strings.IndexByte(value, '\n') >= 0 {
		s.newline = start + strings.LastIndexByte(value, '\n')
		return "", false
	}
	s.position = after
	return value, true
}

// nameEnd returns the end of a part's name: the position of "=" or ";", or the
// length of the part.
func nameEnd(part string) int {
	for i := range len(part) {
		if part[i] == '=' || part[i] == ';' {
			return i
		}
	}
	return len(part)
}

// quotedEnd returns the position behind the quoted string that begins at
// start, or -1 if none begins there or it is not closed.
func quotedEnd(header string, start int) int {
	if start == len(header) || header[start] != '"' {
		return -1
	}
	for i := start + 1; i < len(header); i++ {
		switch header[i] {
		case '"':
			return i + 1
		case '\\':
			i++
			if i < len(header) && header[i] == '\n' {
				return -1
			}
		}
	}
	return -1
}

func skipSpace(header string, i int) int {
	for i < len(header) && isSpace(header[i]) {
		i++
	}
	return i
}

// isSpace reports whether a byte is ASCII white space, which separates parts.
func isSpace(b byte) bool {
	return b == ' ' || '\t' <= b && b <= '\r'
}

// isStripped reports whether Python's str.strip removes a byte of latin-1 text.
func isStripped(b byte) bool {
	return isSpace(b) || 0x1c <= b && b <= 0x1f || b == 0x85 || b == 0xa0
}

func trim(text string, cut func(byte) bool) string {
	if isBare(text) {
		return text
	}
	for text != "" && cut(text[0]) {
		text = text[1:]
	}
	for text != "" && cut(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// isBare reports whether a text neither begins nor ends in space. Most do not, and
// this takes no call for each byte.
func isBare(text string) bool {
	isPlain := func(b byte) bool { return '!' <= b && b <= '~' }
	return text == "" || isPlain(text[0]) && isPlain(text[len(text)-1])
}

// sameName compares a raw name of the header, read as latin-1, with the name that
// is looked for.
func sameName(raw, name string) bool {
	i := 0
	for _, r := range name {
		if i == len(raw) || rune(raw[i]) != r {
			return false
		}
		i++
	}
	return i == len(raw)
}

// decode turns a raw value of the header into a string.
func decode(raw string) string {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return latin1(raw)
	}
	raw = raw[1 : len(raw)-1]
	if strings.IndexByte(raw, '\\') < 0 {
		return latin1(raw)
	}
	return unescape(raw)
}

// latin1 reads each byte as one character, as WSGI presents headers.
func latin1(raw string) string {
	i := 0
	for i < len(raw) && raw[i] < utf8.RuneSelf {
		i++
	}
	if i == len(raw) {
		return raw
	}
	var text strings.Builder
	text.Grow(2*len(raw) - i)
	text.WriteString(raw[:i])
	for ; i < len(raw); i++ {
		text.WriteRune(rune(raw[i]))
	}
	return text.String()
}

// unescape removes the backslashes of a quoted value. Octal escapes are bytes,
// everything else is text, and both together are read as UTF-8.
func unescape(raw string) string {
	var text strings.Builder
	text.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		if octal, ok := octalByte(raw[i:]); ok {
			text.WriteByte(octal)
			i += len(`\ooo`) - 1
			continue
		}
		if raw[i] == '\\' && i+1 < len(raw) && raw[i+1] != '\n' {
			i++
		}
		text.WriteRune(rune(raw[i]))
	}
	return pytext.ReplaceInvalid(text.String())
}

// octalByte reads a backslash and three octal digits up to 377.
func octalByte(text string) (value byte, ok bool) {
	if len(text) < 4 || text[0] != '\\' || text[1] > '3' {
		return 0, false
	}
	for _, digit := range []byte(text[1:4]) {
		if digit < '0' || digit > '7' {
			return 0, false
		}
		value = value<<3 | (digit - '0')
	}
	return value, true
}
