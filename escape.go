package decant

import (
	"bytes"
	"html"
	"html/template"
	"strings"
	"unicode"

	"github.com/decant-go/decant/internal/pyrepr"
)

// Markup is text that is safe to put into an HTML page as it is, because it
// was escaped or was written by the programmer: MarkupSafe's Markup. Templates
// and [Escape] leave it alone, and its methods escape what they add to it.
//
// Converting a string that a user typed, Markup(name), makes it dangerous;
// Escape(name) makes it safe.
type Markup string

// Escape makes a value safe for HTML text and quoted attributes: in its text
// the characters & < > ' " become &amp; &lt; &gt; &#39; &#34;. It mirrors
// markupsafe.escape.
//
// Markup comes back unchanged, html/template.HTML as it is, and a value with a
// method HTML() Markup (Python's __html__) gives what that returns. The text
// of any other value is Python's str of it: "None" for nil, "[1, 'a']" for a
// slice. Text without special characters is not copied.
func Escape(value any) Markup {
	if text, ok := value.(string); ok {
		return escapeText(text)
	}
	if markup, ok := safeHTML(value); ok {
		return markup
	}
	return escapeText(pyrepr.Str(value))
}

// EscapeSilent is [Escape] for optional values: nil gives no text rather than
// "None". It mirrors markupsafe.escape_silent.
func EscapeSilent(value any) Markup {
	if value == nil {
		return ""
	}
	return Escape(value)
}

// String returns the markup as it is, tags and entities included.
func (m Markup) String() string {
	return string(m)
}

// Repr returns Python's repr, as it appears within the text of a slice:
// Markup('<b>').
func (m Markup) Repr() string {
	return "Markup(" + pyrepr.Repr(string(m)) + ")"
}

// Concat appends values, escaping each that is not markup: Python's m + value.
// For a value on the left write Escape(value).Concat(m).
func (m Markup) Concat(values ...any) Markup {
	return m + Markup("").Join(values...)
}

// Join puts m between values, escaping each that is not markup: m.join(values).
func (m Markup) Join(values ...any) Markup {
	var joined strings.Builder
	for i, value := range values {
		if i > 0 {
			joined.WriteString(string(m))
		}
		joined.WriteString(string(Escape(value)))
	}
	return Markup(joined.String())
}

// Unescape turns entities such as &lt; and &eacute; into the characters they
// stand for. The result is plain text and no longer safe. It mirrors
// Markup.unescape.
func (m Markup) Unescape() string {
	return html.UnescapeString(string(m))
}

// Striptags removes comments and tags, makes each run of white space one
// space, and unescapes the rest. The result is plain text; escape it before it
// goes into a page. It mirrors Markup.striptags.
func (m Markup) Striptags() string {
	text := stripTags(stripComments(string(m)))
	words := strings.FieldsFunc(text, isPythonSpace)
	return html.UnescapeString(strings.Join(words, " "))
}

// safeHTML returns what a value says is its HTML, if it says so.
func safeHTML(value any) (markup Markup, ok bool) {
	switch value := value.(type) {
	case Markup:
		return value, true
	case template.HTML:
		return Markup(value), true
	case interface{ HTML() Markup }:
		return value.HTML(), true
	}
	return "", false
}

// specials has a bit set for each character that is escaped; all are below 64.
const specials uint64 = 1<<'&' | 1<<'<' | 1<<'>' | 1<<'\'' | 1<<'"'

// escapeText allocates once, and only for text with special characters.
func escapeText(text string) Markup {
	size := escapedSize(text)
	if size == len(text) {
		return Markup(text)
	}
	var escaped strings.Builder
	escaped.Grow(size)
	done := 0
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			escaped.WriteString(text[done:i])
			escaped.WriteString(entityOf(text[i]))
			done = i + 1
		}
	}
	escaped.WriteString(text[done:])
	return Markup(escaped.String())
}

func escapedSize(text string) int {
	size := len(text)
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			size += len(entityOf(text[i])) - 1
		}
	}
	return size
}

// entityOf returns the entity of one of the specials.
func entityOf(b byte) string {
	switch b {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '\'':
		return "&#39;"
	default:
		return "&#34;"
	}
}

// stripComments removes <!-- comments -->. Text that a removal brings together
// may begin a comment too, so comments are looked for in what is kept.
func stripComments(text string) string {
	const begin = "<!--"
	if !strings.Contains(text, begin) {
		return text
	}
	kept := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		kept = append(kept, text[i])
		i++
		before, begins := bytes.CutSuffix(kept, []byte(begin))
		if !begins {
			continue
		}
		length := commentRest(text[i:])
		if length < 0 {
			return string(kept) + text[i:]
		}
		kept = before
		i += length
	}
	return string(kept)
}

// commentRest is the length of a comment behind its "<!--", or -1 if it does
// not end. The dashes of the beginning count for the end as well.
func commentRest(rest string) int {
	for _, end := range []string{">", "->"} {
		if strings.HasPrefix(rest, end) {
			return len(end)
		}
	}
	before, _, found := strings.Cut(rest, "-->")
	if !found {
		return -1
	}
	return len(before) + len("-->")
}

// stripTags removes whatever is between < and >. A < that is never closed stays.
func stripTags(text string) string {
	var kept strings.Builder
	for {
		before, tag, _ := strings.Cut(text, "<")
		_, after, closed := strings.Cut(tag, ">")
		if !closed {
			kept.WriteString(text)
			return kept.String()
		}
		kept.WriteString(before)
		text = after
	}
}

// isPythonSpace tells what str.split splits at.
func isPythonSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
