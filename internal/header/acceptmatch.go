package header

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// specificityOfName ranks "*" below every name.
func specificityOfName(value string) []bool { return []bool{value != "*"} }

func matchesName(offer, item string) bool {
	return item == "*" || strings.EqualFold(offer, item)
}

// specificityOfMIME ranks type, subtype and each parameter.
func specificityOfMIME(value string) []bool {
	var specificity []bool
	for more := true; more; {
		var part string
		part, value, more = cutMIME(value)
		specificity = append(specificity, part != "*")
	}
	return specificity
}

// cutMIME splits at the first slash, or at the first semicolon and the white
// space around it.
func cutMIME(value string) (part, rest string, more bool) {
	end := strings.IndexAny(value, "/;")
	if end < 0 {
		return value, "", false
	}
	part, rest = value[:end], value[end+1:]
	if value[end] == ';' {
		part, rest = strings.TrimRight(part, " \t"), strings.TrimLeft(rest, " \t")
	}
	return part, rest, true
}

func matchesMIME(offer, item string) bool {
	offered := parseOffer(offer)
	accepted, ok := parseMIME(item)
	switch {
	case !ok:
		return false
	case accepted.major == "*":
		return accepted.minor == "*"
	case offered.major == "*":
		return true
	case !strings.EqualFold(accepted.major, offered.major):
		return false
	case accepted.minor == "*" || offered.minor == "*":
		return true
	}
	return strings.EqualFold(accepted.minor, offered.minor) &&
		accepted.more == offered.more && sameParameters(accepted.parameters, offered.parameters)
}

// mimeType is a value with a slash. More tells "text/html/", which has an empty
// parameter, from "text/html", which has none.
type mimeType struct {
	major, minor string
	parameters   string // the text after the subtype
	more         bool
}

func parseMIME(value string) (parsed mimeType, ok bool) {
	if strings.IndexByte(value, '/') < 0 {
		return mimeType{}, false
	}
	parsed.major, value, _ = cutMIME(value)
	parsed.minor, parsed.parameters, parsed.more = cutMIME(value)
	return parsed, true
}

func parseOffer(offer string) mimeType {
	offered, ok := parseMIME(offer)
	if !ok {
		panic(fmt.Sprintf("header: the offer %q is no MIME type; write it as type/subtype, such as \"application/json\"", offer))
	}
	if offered.major == "*" && offered.minor != "*" {
		panic(fmt.Sprintf("header: the offer %q is no MIME type; only */* may start with a star", offer))
	}
	return offered
}

// sameParameters ignores case and order.
func sameParameters(x, y string) bool {
	return x == y || slices.Equal(sortedParameters(x), sortedParameters(y))
}

func sortedParameters(text string) []string {
	text = strings.ToLower(text)
	var parameters []string
	for more := true; more; {
		var parameter string
		parameter, text, more = cutMIME(text)
		parameters = append(parameters, parameter)
	}
	slices.Sort(parameters)
	return parameters
}

func matchesLanguage(offer, item string) bool {
	return item == "*" || strings.EqualFold(dashed(offer), dashed(item))
}

func dashed(tag string) string { return strings.ReplaceAll(tag, "_", "-") }

func primaryLanguage(tag string) string {
	if end := strings.IndexAny(tag, "_-"); end >= 0 {
		return tag[:end]
	}
	return tag
}

// bestPrimary first lets "en-US" from the client accept an offered "en", and
// then "en" from the client accept an offered "en-US".
func (a Accept) bestPrimary(offers []string) (string, bool) {
	primary := Accept{matches: matchesName}
	for _, item := range a.items {
		name := primaryLanguage(item.value)
		primary.items = append(primary.items, acceptItem{name, item.quality, specificityOfName(name)})
	}
	primary.sort()
	if best := primary.best(offers); best >= 0 {
		return offers[best], true
	}

	offeredPrimaries := make([]string, len(offers))
	for i, offer := range offers {
		offeredPrimaries[i] = primaryLanguage(offer)
	}
	best := a.best(offeredPrimaries)
	if best < 0 {
		return "", false
	}
	first := slices.IndexFunc(offers, func(offer string) bool {
		return strings.HasPrefix(offer, offeredPrimaries[best])
	})
	return offers[first], true
}

func matchesCharset(offer, item string) bool {
	return item == "*" || charsetName(offer) == charsetName(item)
}

// charsetAliases maps the aliases of the common charsets to one name. Python
// knows more aliases, for charsets that no client asks for.
var charsetAliases = map[string]string{
	"utf8": "utf-8", "u8": "utf-8", "utf": "utf-8", "cp65001": "utf-8", "utf8-ucs2": "utf-8", "utf8-ucs4": "utf-8",
	"us-ascii": "ascii", "646": "ascii", "us": "ascii", "iso-ir-6": "ascii",
	"iso8859-1": "iso8859-1", "iso-8859-1": "iso8859-1", "iso-8859-1-1987": "iso8859-1", "csisolatin1": "iso8859-1", "latin-1": "iso8859-1", "latin1": "iso8859-1", "l1": "iso8859-1", "latin": "iso8859-1",
	"8859": "iso8859-1", "iso8859": "iso8859-1", "cp819": "iso8859-1", "ibm819": "iso8859-1", "iso-ir-100": "iso8859-1",
	"iso-8859-15": "iso8859-15", "latin9": "iso8859-15", "l9": "iso8859-15",
	"windows-1250": "cp1250", "windows-1251": "cp1251", "windows-1252": "cp1252",
	"shiftjis": "shift-jis", "sjis": "shift-jis",
	"eucjp": "euc-jp",
}

func charsetName(name string) string {
	name = codecName(strings.ToLower(name))
	if canonical, ok := charsetAliases[name]; ok {
		return canonical
	}
	// Only aliases may have dots, and latin-1 is the name of a codec.
	if canonical, ok := charsetAliases[strings.ReplaceAll(name, ".", "-")]; ok && name != "latin.1" {
		return canonical
	}
	return name
}

// codecName puts one dash between the words of a name, as Python does to look up
// a codec.
func codecName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}
