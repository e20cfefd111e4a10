package header

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/adler32"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/pytext"
)

// ErrETag is wrapped by the error for an entity tag that cannot be sent.
var ErrETag = errors.New("invalid entity tag")

// QuoteETag returns the header form of an entity tag: "x", or W/"x" for a weak tag.
// If the tag has a double quote, CR, LF or NUL, the error wraps [ErrETag]. It
// mirrors quote_etag.
func QuoteETag(etag string, weak bool) (string, error) {
	if strings.Contains(etag, `"`) || !ValidValue(etag) {
		return "", fmt.Errorf("%w: %q holds a quote or a line break; leave the quotes to QuoteETag", ErrETag, etag)
	}
	if weak {
		return `W/"` + etag + `"`, nil
	}
	return `"` + etag + `"`, nil
}

// UnquoteETag returns the entity tag of a header, which may lack its quotes. The
// tag of an empty string is "". It mirrors unquote_etag.
func UnquoteETag(text string) (etag string, weak, ok bool) {
	if text == "" {
		return "", false, false
	}
	text = pytext.Strip(text)
	if strings.HasPrefix(text, "W/") || strings.HasPrefix(text, "w/") {
		text, weak = text[2:], true
	}
	if text == `"` {
		return "", weak, true
	}
	if isQuoted(text) {
		text = text[1 : len(text)-1]
	}
	return text, weak, true
}

// GenerateETag returns the entity tag, unquoted, of a body: its SHA-1 in
// lower-case hexadecimal. It mirrors generate_etag.
func GenerateETag(body []byte) string {
	sum := sha1.Sum(body)
	return hex.EncodeToString(sum[:])
}

// FileETag returns the entity tag of a file, unquoted: its modification time in
// seconds as Python writes a float, its size in bytes, and the Adler-32 checksum
// of its path. Flask's send_file gives the same tag for the same absolute path.
func FileETag(modified time.Time, size int64, path string) string {
	return string(appendFileETag(make([]byte, 0, 64), modified, size, path))
}

// QuotedFileETag is FileETag in the quotes of a header.
func QuotedFileETag(modified time.Time, size int64, path string) string {
	etag := append(make([]byte, 0, 64), '"')
	return string(append(appendFileETag(etag, modified, size, path), '"'))
}

func appendFileETag(etag []byte, modified time.Time, size int64, path string) []byte {
	seconds := float64(modified.Unix()) + 1e-9*float64(modified.Nanosecond())
	etag = strconv.AppendFloat(etag, seconds, 'f', -1, 64)
	if seconds == float64(modified.Unix()) {
		etag = append(etag, ".0"...)
	}
	etag = append(etag, '-')
	etag = strconv.AppendInt(etag, size, 10)
	etag = append(etag, '-')
	return strconv.AppendUint(etag, uint64(adler32.Checksum([]byte(path))), 10)
}

// ETagList is the value of an If-Match or If-None-Match header. It mirrors
// Werkzeug's ETags.
type ETagList string

// Contains reports whether the list has a strong tag, or is "*". The tag has no
// quotes.
func (l ETagList) Contains(etag string) bool {
	found := findTag(string(l), etag)
	return found.star || found.strong
}

// ContainsWeak reports whether the list has a strong or a weak tag, or is "*".
func (l ETagList) ContainsWeak(etag string) bool {
	return l.Contains(etag) || findTag(string(l), etag).weak
}

// tags is the result of a search for one entity tag in a list.
type tags struct {
	any    bool // the list is not empty
	star   bool // the list has "*"; nothing else in it counts then
	strong bool // the tag is in the list as a strong one
	weak   bool // the tag is in the list as a weak one
}

// findTag looks for etag in the value of If-Match or If-None-Match. It mirrors
// parse_etags without building the set.
func findTag(list, etag string) (found tags) {
	for rest := (tagList{rest: list}); rest.rest != ""; {
		tag := rest.cutTag()
		found.any = true
		if tag.text == "*" && !tag.quoted {
			return tags{any: true, star: true}
		}
		if tag.text != etag || tag.quoted && tag.text == "" {
			continue // Werkzeug takes "" for no tag at all
		}
		found.weak = found.weak || tag.weak
		found.strong = found.strong || !tag.weak
	}
	return found
}

type listedTag struct {
	text         string
	weak, quoted bool
}

// tagList is the part of a list that was not read yet.
type tagList struct {
	rest string
	// unclosed is true after a quoted tag that is not closed. No later tag is
	// closed then, so the list is not searched to its end for each of them.
	unclosed bool
}

// cutTag cuts the first tag and the comma after it off the list.
func (l *tagList) cutTag() (tag listedTag) {
	if strings.HasPrefix(l.rest, "W/") || strings.HasPrefix(l.rest, "w/") {
		l.rest, tag.weak = l.rest[2:], true
	}
	if text, ok := l.cutQuotedTag(); ok {
		tag.text, tag.quoted = text, true
		return tag
	}
	text, after, found := strings.Cut(l.rest, ",")
	if found {
		text = strings.TrimRight(text, " \t")
	}
	tag.text, l.rest = text, strings.TrimLeft(after, " \t")
	return tag
}

// cutQuotedTag cuts a quoted tag off the list. The tag ends at the first quote that
// is followed by a comma or the end, so it may have quotes inside.
func (l *tagList) cutQuotedTag() (text string, ok bool) {
	if l.unclosed || !strings.HasPrefix(l.rest, `"`) {
		return "", false
	}
	for i := 1; i < len(l.rest); i++ {
		if l.rest[i] != '"' {
			continue
		}
		text, after := l.rest[1:i], strings.TrimLeft(l.rest[i+1:], " \t")
		if i+1 == len(l.rest) {
			l.rest = ""
			return text, true
		}
		if strings.HasPrefix(after, ",") {
			l.rest = strings.TrimLeft(after[1:], " \t")
			return text, true
		}
	}
	l.unclosed = true
	return "", false
}
