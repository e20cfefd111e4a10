package spelling

import (
	"strings"
	"unicode"
)

// SnakeCase spells a Go name as Python would: "view_get" for "viewGet", and
// "get_http_status" for "getHTTPStatus". The plural of an acronym stays together:
// "userIDs" is "user_ids".
func SnakeCase(name string) string {
	letters := []rune(name)
	var snake strings.Builder
	for i, letter := range letters {
		if i > 0 && unicode.IsUpper(letter) && beginsWord(letters[i-1], letters[i+1:]) {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(letter))
	}
	return snake.String()
}

// beginsWord reports whether an upper-case letter begins a word, by the letter
// before it and those after it.
func beginsWord(before rune, after []rune) bool {
	switch {
	case before == '_':
		return false
	case !unicode.IsUpper(before):
		return true
	case len(after) == 0 || !unicode.IsLower(after[0]):
		return false // in an acronym
	}
	isPlural := after[0] == 's' && (len(after) == 1 || unicode.IsUpper(after[1]))
	return !isPlural
}
