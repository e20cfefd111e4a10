package header

import (
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// ParseOptions splits a header such as Content-Type or Content-Disposition into
// its value and its parameters, with names in lower case. Invalid parameters are
// skipped. Quoted values lose their quotes and the escapes \" and %22. The RFC
// 2231 forms name*=charset”text and name*0=, name*1= are decoded and joined. It
// mirrors parse_options_header.
//
// A value without parameters is returned without allocation.
func ParseOptions(header string) (value string, parameters Parameters) {
	value, rest, _ := strings.Cut(header, ";")
	value = pytext.Strip(value)
	rest = pytext.Strip(rest)
	if value == "" || rest == "" {
		return value, nil
	}
	var decoder optionDecoder
	for more := true; more; {
		var name, raw string
		name, raw, rest = cutOption(rest)
		if name != "" {
			decoder.add(name, raw)
		}
		_, rest, more = strings.Cut(rest, ";")
		rest = pytext.Strip(rest)
	}
	return value, decoder.finish()
}

// FormatOptions joins a value and its parameters with "; ". It mirrors
// dump_options_header.
func FormatOptions(value string, parameters Parameters) string {
	if len(parameters) == 0 {
		return value
	}
	return value + "; " + parameters.join("; ")
}

// cutOption cuts one name=value from the start of text. The value is still
// quoted. The name is empty if there is no option.
func cutOption(text string) (name, raw, rest string) {
	end := tokenChars.prefix(text)
	if end == 0 || end == len(text) || text[end] != '=' {
		return "", "", text
	}
	name, rest = strings.ToLower(text[:end]), text[end+1:]
	if end = tokenChars.prefix(rest); end > 0 {
		return name, rest[:end], rest[end:]
	}
	if end = quotedPrefix(rest); end > 0 {
		return name, rest[:end], rest[end:]
	}
	return "", "", rest
}

// quotedPrefix returns the length of the quoted string at the start of text, or
// 0 when there is none or it is not closed.
func quotedPrefix(text string) int {
	if !strings.HasPrefix(text, `"`) {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return i + 1
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '"'):
			i++
		}
	}
	return 0
}

// optionDecoder joins parameters. As in Werkzeug, a charset counts for all later
// parts without one, also for those of other parameters.
type optionDecoder struct {
	parameters collector
	charset    string
	continued  string
	tails      map[int][]byte // continuations of parameters, by index
}

func (d *optionDecoder) add(name, value string) {
	if plain, extended := strings.CutSuffix(name, "*"); extended {
		name = plain
		value = d.decode(value)
	}
	value = unquoteOption(value)
	name, continues := cutContinuation(name)
	if i := d.parameters.index(name); continues && i >= 0 {
		d.proceed(i, value)
		return
	}
	delete(d.tails, d.parameters.put(Parameter{Name: name, Value: value}))
}

// proceed keeps a continuation for finish. To join many continuations one by one
// would copy the value again and again.
func (d *optionDecoder) proceed(i int, value string) {
	if d.tails == nil {
		d.tails = map[int][]byte{}
	}
	d.tails[i] = append(d.tails[i], value...)
}

func (d *optionDecoder) finish() Parameters {
	for i, tail := range d.tails {
		d.parameters.list[i].Value += string(tail)
	}
	return d.parameters.list
}

func (d *optionDecoder) decode(value string) string {
	if charset, encoded, ok := cutCharset(value); ok {
		d.charset, value = strings.ToLower(charset), encoded
	}
	if d.charset == "" {
		d.charset = d.continued
	}
	if knownCharset(d.charset) {
		d.continued = d.charset
	}
	return decodeCharset(d.charset, value)
}

var optionEscapes = [...]*strings.Replacer{
	strings.NewReplacer(`\\`, `\`),
	strings.NewReplacer(`\"`, `"`),
	strings.NewReplacer(`%22`, `"`),
}

// unquoteOption decodes the escapes of HTTP and then those of multipart forms, as
// Werkzeug does.
func unquoteOption(value string) string {
	if value == `"` {
		return ""
	}
	if !isQuoted(value) {
		return value
	}
	value = value[1 : len(value)-1]
	if !strings.ContainsAny(value, `\%`) {
		return value
	}
	for _, escape := range optionEscapes {
		value = escape.Replace(value)
	}
	return value
}

// cutContinuation removes the number from name*3, and reports whether there was
// one.
func cutContinuation(name string) (first string, continues bool) {
	first, number, found := cutLast(name, "*")
	if !found || number == "" || strings.Trim(number, digits) != "" {
		return name, false
	}
	return first, true
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}
