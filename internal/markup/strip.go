package markup

import (
	"bytes"
	"strings"
	"unicode"
)

// Strip removes comments and tags, makes each run of white space one space, and
// unescapes the rest. It takes linear time.
func Strip(text string) string {
	words := strings.FieldsFunc(stripTags(stripComments(text)), isPythonSpace)
	return Unescape(strings.Join(words, " "))
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

// isPythonSpace reports whether str.split splits at a character.
func isPythonSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
