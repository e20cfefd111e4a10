// Package formdata parses query strings, urlencoded bodies and multipart bodies
// as Werkzeug does, and bounds the body of a request. It knows no request: the
// caller chooses the parser by the media type, and passes the body, its length
// and its limits.
package formdata

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Pair is one field. A multipart field without a name has an empty Name.
type Pair struct{ Name, Value string }

// ParseQuery returns the fields of a raw query string in order of appearance,
// under these rules: only "&" separates fields, the first "=" ends the name, "+" is
// a space, blank values are kept, and empty pairs are dropped. Percent-encoded
// bytes that are not UTF-8 stay percent-encoded. For raw bytes that are not UTF-8
// the error is [ErrNotUTF8]. It mirrors Werkzeug's Request.args.
func ParseQuery(raw string) ([]Pair, error) {
	if !utf8.ValidString(raw) {
		return nil, ErrNotUTF8
	}
	return parsePairs(raw), nil
}

// ParseURLEncoded reads an application/x-www-form-urlencoded body and returns
// its fields under the rules of [ParseQuery]. If the body has raw bytes that are
// not UTF-8, the form is empty and there is no error.
//
// The length is the declared length in bytes; bytes beyond it are left unread. A
// negative length means that it is unknown: the body then ends with the reader,
// and FormMemory does not apply. Fields bounds the number of fields that are not
// empty. Errors match [ErrTooLarge] or
// [ErrClientDisconnected].
func ParseURLEncoded(source io.Reader, length int64, limits Limits) ([]Pair, error) {
	b, err := newBody(source, length, limits)
	if err != nil {
		return nil, err
	}
	if over(length, limits.FormMemory) {
		return nil, FormTooLarge("the urlencoded body", limits.FormMemory)
	}
	raw, err := readText(b)
	if err != nil || !utf8.ValidString(raw) {
		return nil, err
	}
	if hasMorePairs(raw, limits.Fields) {
		return nil, tooManyFields(limits.Fields)
	}
	return parsePairs(raw), nil
}

// hasMorePairs reports whether raw has more pairs than the limit. It looks at each
// pair only if there are enough separators for so many.
func hasMorePairs(raw string, limit int) bool {
	if limit < 0 || strings.Count(raw, "&") < limit {
		return false
	}
	count := 0
	for pair := range strings.SplitSeq(raw, "&") {
		if pair != "" {
			count++
		}
	}
	return count > limit
}

// readText allocates at most a chunk for a length that the client has only
// declared.
func readText(b *body) (string, error) {
	if b.left > chunkSize {
		var text strings.Builder
		text.Grow(chunkSize)
		_, err := io.Copy(&text, b)
		return text.String(), err
	}
	data := make([]byte, b.left)
	n, err := io.ReadFull(b, data)
	if err == nil {
		_, err = b.Read(nil)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return string(data[:n]), err
}

// mostAtOnce is for how many pairs there is memory before they are read. A client can
// send separators alone.
const mostAtOnce = 16_384

func parsePairs(raw string) []Pair {
	if raw == "" {
		return nil
	}
	decoder := unquoter{size: len(raw)}
	separators := strings.Count(raw, "&")
	pairs := make([]Pair, 0, min(separators+1, len(raw)-separators, mostAtOnce)) // "&&&" has none
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, Pair{decoder.text(name), decoder.text(value)})
	}
	return pairs
}

// unquoter decodes many strings into one shared piece of memory.
type unquoter struct {
	arena strings.Builder
	size  int // an upper bound of what all strings need
}

func (u *unquoter) text(raw string) string {
	if strings.IndexByte(raw, '%') < 0 && strings.IndexByte(raw, '+') < 0 {
		return raw
	}
	if u.arena.Cap() == 0 {
		u.arena.Grow(min(u.size, 1024))
	}
	start := u.arena.Len()
	for raw != "" {
		char, size := unquoteChar(raw)
		u.arena.WriteByte(char)
		raw = raw[size:]
	}
	text := u.arena.String()[start:]
	if utf8.ValidString(text) {
		return text
	}
	return quoteInvalid(text)
}

func unquoteChar(raw string) (char byte, size int) {
	if raw[0] == '+' {
		return ' ', 1
	}
	return unquoteByte(raw)
}

const upperHex = "0123456789ABCDEF"

// quoteInvalid percent-encodes the bytes that are not UTF-8. They were
// percent-encoded before, so this restores them.
func quoteInvalid(text string) string {
	var quoted strings.Builder
	for i, char := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		if char != utf8.RuneError || size > 1 {
			quoted.WriteRune(char)
			continue
		}
		quoted.Write([]byte{'%', upperHex[text[i]>>4], upperHex[text[i]&15]})
	}
	return quoted.String()
}
