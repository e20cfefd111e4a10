package header

// byteSet is a set of ASCII characters.
type byteSet [256]bool

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

const digits = "0123456789"

func setOf(chars string) *byteSet {
	var set byteSet
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return &set
}

// prefix returns the length of the longest prefix of text in which every
// character is in the set.
func (set *byteSet) prefix(text string) int {
	for i := range len(text) {
		if !set[text[i]] {
			return i
		}
	}
	return len(text)
}

func (set *byteSet) containsAll(text string) bool {
	return set.prefix(text) == len(text)
}

// tokenChars are the characters of an RFC 9110 token.
var tokenChars = setOf(letters + digits + "!#$%&'*+-.^_`|~")

// IsToken reports whether text is an RFC 9110 token, such as the name of a header.
func IsToken(text string) bool { return text != "" && tokenChars.containsAll(text) }
