package pyjson

// HasMoreElements reports whether a document has more elements than the limit: an
// element is a value, or an object or list around values. A short document can
// take fifty times its size in memory, and its elements are what costs. An empty
// object or list counts as two.
//
// It looks at each byte once. It counts a document that is not JSON as far as it
// is, which is how far a parser gets.
func HasMoreElements(data []byte, limit int) bool {
	if len(data) < limit {
		return false // each element takes a byte
	}
	elements, isText := 1, false
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			isText = !isText
		case '\\':
			if isText {
				i++
			}
		case ',', '[', '{':
			if !isText {
				elements++
			}
		}
		if elements > limit {
			return true
		}
	}
	return false
}
