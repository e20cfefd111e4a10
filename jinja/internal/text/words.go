package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// TitleWords is Jinja's title filter: the first character of each word in upper
// case, the others in lower case. White space, hyphens and opening brackets
// separate words, so "they're" becomes "They're".
func TitleWords(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		size := strings.IndexFunc(s, isWordBreak)
		if size < 0 {
			size = len(s)
		}
		if size > 0 {
			_, first := utf8.DecodeRuneInString(s)
			b.WriteString(Upper(s[:first]))
			b.WriteString(Lower(s[first:size]))
			s = s[size:]
		}
		rest := strings.TrimLeftFunc(s, isWordBreak)
		b.WriteString(s[:len(s)-len(rest)])
		s = rest
	}
	return b.String()
}

func isWordBreak(r rune) bool {
	return strings.ContainsRune("-({[<", r) || IsSpaceRune(r)
}

// WordCount is Jinja's wordcount filter: the number of runs of letters, digits
// and underscores.
func WordCount(s string) int {
	count, inside := 0, false
	for _, r := range s {
		word := isWordRune(r)
		if word && !inside {
			count++
		}
		inside = word
	}
	return count
}

// Truncate is Jinja's truncate filter: a string that is longer than length and
// leeway together is cut to length, end included. The cut drops the last,
// incomplete word unless killWords says to cut inside it. A length below that
// of end and a negative leeway are errors.
func Truncate(s string, length int, killWords bool, end string, leeway int) (string, error) {
	keep := length - Len(end)
	if keep < 0 {
		return "", fmt.Errorf("expected length >= %d, got %d", Len(end), length)
	}
	if leeway < 0 {
		return "", fmt.Errorf("expected leeway >= 0, got %d", leeway)
	}
	if n := Len(s); n <= length || n-length <= leeway {
		return s, nil
	}
	s = Cut(s, 0, keep)
	if space := strings.LastIndexByte(s, ' '); space >= 0 && !killWords {
		s = s[:space]
	}
	return s + end, nil
}
