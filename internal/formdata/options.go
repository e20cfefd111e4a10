package formdata

import (
	"iter"
	"strings"
)

// maxBoundary is far above the 70 characters that MIME allows. The bound keeps
// the search for a boundary full of repetitions linear.
const maxBoundary = 256

// MediaType returns the lower-cased media type of a Content-Type header,
// without its parameters, as Werkzeug's Request.mimetype does.
func MediaType(contentType string) string {
	value, _, _ := strings.Cut(contentType, ";")
	return lower(trim(value))
}

// Boundary returns the multipart boundary of a Content-Type header. It is
// empty if it is missing or unusable: not ASCII, with line breaks, or longer than
// 256 bytes. Do not parse or read the body in that case.
func Boundary(contentType string) string {
	if !isASCII(contentType) {
		contentType = decodeText([]byte(contentType), "iso-8859-1")
	}
	if boundary := findOption(contentType, "boundary"); usableBoundary(boundary) {
		return boundary
	}
	return ""
}

func usableBoundary(boundary string) bool {
	return isASCII(boundary) && len(boundary) <= maxBoundary && !strings.ContainsAny(boundary, "\r\n")
}

// option is one "name=value". A continued value is appended to the earlier value
// of that name; any other value replaces it.
type option struct {
	name, value string
	continued   bool
}

// joinedValue collects the values of one option. It stays a single string for
// as long as there is no continuation.
type joinedValue struct {
	first string
	rest  []byte
}

func (v *joinedValue) add(o option) {
	if o.continued {
		v.rest = append(v.rest, o.value...)
		return
	}
	v.first, v.rest = o.value, v.rest[:0]
}

func (v *joinedValue) String() string { return v.first + string(v.rest) }

// findOption returns the value of an option, empty if there is none.
func findOption(header, name string) string {
	var value joinedValue
	_, list := cutOptions(header)
	for option := range optionsOf(list) {
		if option.name == name {
			value.add(option)
		}
	}
	return value.String()
}

// cutOptions splits a header into its value and the list of its options. There
// are no options without a value.
func cutOptions(header string) (value, list string) {
	value, list, _ = strings.Cut(header, ";")
	value, list = trim(value), trim(list)
	if value == "" {
		return "", ""
	}
	return value, list
}

// optionsOf yields the valid options of a list in order, as Werkzeug's
// parse_options_header collects them: names in lower case, values unquoted,
// charsets (RFC 2231) decoded. It keeps no map, so that a hostile list takes
// linear time.
func optionsOf(list string) iter.Seq[option] {
	return func(yield func(option) bool) {
		var extended extendedValue
		for rest := list; rest != ""; {
			var name, value string
			name, value, rest = cutOption(rest)
			if value != "" && !yield(extended.option(lower(name), value)) {
				return
			}
		}
	}
}

// cutOption cuts the first option off. Its value, still quoted, is empty if
// the option is invalid.
func cutOption(list string) (name, value, rest string) {
	name, rest = cutToken(list)
	if name == "" || !strings.HasPrefix(rest, "=") {
		rest = list
	} else {
		value, rest = cutValue(rest[1:])
	}
	_, rest, _ = strings.Cut(rest, ";")
	return name, value, trimLeft(rest)
}

func cutToken(s string) (token, rest string) {
	size := 0
	for size < len(s) && isTokenChar(s[size]) {
		size++
	}
	return s[:size], s[size:]
}

func isTokenChar(char byte) bool {
	return '0' <= char && char <= '9' ||
		'a' <= char|0x20 && char|0x20 <= 'z' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", char) >= 0
}

func cutValue(s string) (value, rest string) {
	if strings.HasPrefix(s, `"`) {
		size := quotedLength(s)
		return s[:size], s[size:]
	}
	return cutToken(s)
}

// quotedLength is the length of the quoted string at the start of s, or 0 if its
// end is missing. A backslash escapes only a quote or another backslash, because
// old browsers send file names with many unescaped ones.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			i++
		}
	}
	return 0
}

// extendedValue remembers the charset of extended values ("name*=") from one
// option to the next, because a continuation need not repeat it.
type extendedValue struct{ charset, usable string }

func (e *extendedValue) option(name, value string) option {
	if base, ok := strings.CutSuffix(name, "*"); ok {
		name, value = base, e.decode(value)
	}
	name, continued := cutContinuation(name)
	return option{name, unquote(value), continued}
}

func (e *extendedValue) decode(value string) string {
	if charset, text, ok := cutCharset(value); ok {
		e.charset, value = lower(charset), text
	}
	if e.charset == "" {
		e.charset = e.usable
	}
	if !knownCharset(e.charset) {
		return value
	}
	e.usable = e.charset
	return unquotePercent(value, e.charset)
}

// cutCharset splits charset'language'text. A quoted value has no charset.
func cutCharset(value string) (charset, text string, ok bool) {
	charset, rest, ok := strings.Cut(value, "'")
	_, text, found := strings.Cut(rest, "'")
	return charset, text, ok && found && text != "" && value[0] != '"'
}

// unquotePercent decodes the escapes of each run of ASCII characters separately.
// It keeps all other characters.
func unquotePercent(value, charset string) string {
	if !strings.Contains(value, "%") {
		return value
	}
	var text strings.Builder
	var run []byte
	for value != "" {
		char, size := unquoteByte(value)
		if size == 1 && char >= 0x80 {
			text.WriteString(decodeText(run, charset))
			text.WriteByte(char)
			run, value = run[:0], value[1:]
			continue
		}
		run, value = append(run, char), value[size:]
	}
	text.WriteString(decodeText(run, charset))
	return text.String()
}

// unquote decodes both escapes of a quote: headers use a backslash, forms of
// browsers use "%22".
func unquote(value string) string {
	if value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	if value == `"` {
		return ""
	}
	value = value[1 : len(value)-1]
	if !strings.ContainsAny(value, `\%`) {
		return value
	}
	value = strings.ReplaceAll(value, `\\`, `\`)
	value = strings.ReplaceAll(value, `\"`, `"`)
	return strings.ReplaceAll(value, "%22", `"`)
}

// cutContinuation removes the number from "name*0", and reports whether there was
// one.
func cutContinuation(name string) (string, bool) {
	base := strings.TrimRight(name, "0123456789")
	if len(base) == len(name) || !strings.HasSuffix(base, "*") {
		return name, false
	}
	return base[:len(base)-1], true
}
