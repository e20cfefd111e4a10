package header

import (
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Quote returns a token unchanged, and any other value in double quotes with
// backslash escapes. It mirrors quote_header_value.
func Quote(value string) string {
	if IsToken(value) {
		return value
	}
	return quoted(value)
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoted(value string) string {
	return `"` + escapes.Replace(value) + `"`
}

// Unquote removes the double quotes around a value and the backslashes of its
// escapes. It returns a value without quotes unchanged. It mirrors
// unquote_header_value.
func Unquote(value string) string {
	if !isQuoted(value) {
		return value
	}
	inner := value[1 : len(value)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	plain := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		if inner[i] == '\\' && i+1 < len(inner) && inner[i+1] != '\n' {
			i++
		}
		plain = append(plain, inner[i])
	}
	return string(plain)
}

func isQuoted(value string) bool {
	return len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"'
}

// ParseList returns the items of a comma-separated header. Commas in quotes do not
// separate items. An item that is quoted as a whole is unquoted. Empty items are
// dropped. A list with an unclosed quote is empty. It mirrors parse_list_header.
func ParseList(value string) []string {
	var items []string
	for more := true; more; {
		var item string
		var closed bool
		item, value, more, closed = cutItem(value)
		if !closed {
			return nil
		}
		if item = pytext.Strip(item); item != "" {
			items = append(items, Unquote(item))
		}
	}
	return items
}

// cutItem splits list at the first comma outside quotes.
func cutItem(list string) (item, rest string, more, closed bool) {
	inQuotes := false
	for i := 0; i < len(list); i++ {
		switch char := list[i]; {
		case char == '"':
			inQuotes = !inQuotes
		case char == '\\' && inQuotes:
			i++ // whatever follows is no delimiter
		case char == ',' && !inQuotes:
			return list[:i], list[i+1:], true, true
		}
	}
	return list, "", false, !inQuotes
}

// FormatList joins items with ", ", quoting where needed. It mirrors
// dump_header of a list.
func FormatList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = Quote(item)
	}
	return strings.Join(quoted, ", ")
}

// AddToList adds an item to the end of a list, unless the list has it already in
// upper or lower case. It mirrors response.vary.add.
func AddToList(value, item string) string {
	items := ParseList(value)
	for _, present := range items {
		if strings.EqualFold(present, item) {
			return value
		}
	}
	return FormatList(append(items, item))
}

// ParseDict returns the "name=value" items of a comma-separated header. An item
// without "=" is bare, and an item without a name is dropped. A repeated name keeps
// its first place and gets its last value. The RFC 2231 form name*=charset”text is
// decoded for ASCII, UTF-8 and ISO-8859-1. It mirrors parse_dict_header.
func ParseDict(value string) Parameters {
	var parameters collector
	for _, item := range ParseList(value) {
		if parameter, ok := parseDictItem(item); ok {
			parameters.put(parameter)
		}
	}
	return parameters.list
}

// parseDictItem reports false for an item without a name. The name in front of "*="
// is there and empty.
func parseDictItem(item string) (Parameter, bool) {
	name, value, assigned := strings.Cut(item, "=")
	name = pytext.Strip(name)
	if name == "" {
		return Parameter{}, false
	}
	if !assigned {
		return Parameter{Name: name, Bare: true}, true
	}
	value = pytext.Strip(value)
	if plain, extended := strings.CutSuffix(name, "*"); extended {
		name = plain
		if charset, encoded, ok := cutCharset(value); ok {
			value = decodeCharset(charset, encoded)
		}
	}
	return Parameter{Name: name, Value: Unquote(value)}, true
}

// FormatDict joins parameters with ", ", quoting values where needed. It
// mirrors dump_header of a dict.
func FormatDict(parameters Parameters) string {
	return parameters.join(", ")
}
