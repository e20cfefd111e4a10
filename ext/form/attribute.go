package form

import (
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant"
)

// Attributes are HTML attributes by name: WTForms' keyword arguments and
// render_kw. True prints the name alone, false leaves the attribute out, and
// the text of any other value is escaped. An underscore at the end of a name
// is dropped ("class_"), and in names that begin with "data_" or "aria_"
// underscores become hyphens. "class_" counts if "class" is there, too.
type Attributes map[string]any

// attribute is one HTML attribute whose name is in its final spelling.
type attribute struct {
	name  string
	value any
}

// attributes is a list of attributes in which each name occurs once.
type attributes []attribute

// merge adds maps of attributes; a later one wins, and of two names in one map that
// are spelled the same in HTML, the last in order.
func (list attributes) merge(all ...Attributes) attributes {
	var room [8]string
	for _, each := range all {
		names := room[:0]
		for name := range each {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			list = list.set(name, each[name])
		}
	}
	return list
}

// set adds an attribute or replaces the one of that name.
func (list attributes) set(name string, value any) attributes {
	name = cleanName(name)
	if i := list.index(name); i >= 0 {
		list[i].value = value
		return list
	}
	return append(list, attribute{name, value})
}

// setDefault adds an attribute unless there is one of that name.
func (list attributes) setDefault(name string, value any) attributes {
	if list.index(name) >= 0 {
		return list
	}
	return append(list, attribute{name, value})
}

func (list attributes) index(name string) int {
	for i := range list {
		if list[i].name == name {
			return i
		}
	}
	return -1
}

// public returns the attributes as widgets of an application see them.
func (list attributes) public() Attributes {
	public := make(Attributes, len(list))
	for _, each := range list {
		public[each.name] = each.value
	}
	return public
}

// appendTo writes the attributes in the order of their names, with a space
// between them: WTForms' html_params.
func (list attributes) appendTo(page []byte) []byte {
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	start := len(page)
	for _, each := range list {
		if each.value == false {
			continue
		}
		if len(page) > start {
			page = append(page, ' ')
		}
		page = append(page, each.name...)
		if each.value == true {
			continue
		}
		page = append(page, `="`...)
		page = appendEscaped(page, each.value)
		page = append(page, '"')
	}
	return page
}

// cleanName turns a keyword argument into the name of an attribute.
func cleanName(name string) string {
	name = strings.TrimRight(name, "_")
	if strings.HasPrefix(name, "data_") || strings.HasPrefix(name, "aria_") {
		name = strings.ReplaceAll(name, "_", "-")
	}
	return name
}

// appendEscaped writes the text of a value, escaped for HTML unless it is
// markup already.
func appendEscaped(page []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		return appendText(page, value)
	case int:
		return strconv.AppendInt(page, int64(value), 10)
	}
	return append(page, decant.Escape(value)...)
}

// appendText writes text with the characters that mean something in HTML
// escaped.
func appendText(page []byte, text string) []byte {
	for {
		i := strings.IndexAny(text, `&<>"'`)
		if i < 0 {
			return append(page, text...)
		}
		page = append(page, text[:i]...)
		page = append(page, entities[text[i]]...)
		text = text[i+1:]
	}
}

var entities = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"}
