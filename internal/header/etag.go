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
)

// ErrETag is wrapped by the error for an entity tag that cannot be sent.
var ErrETag = errors.New("invalid entity tag")

// QuoteETag returns the header form of an entity tag: "x", or W/"x" for a weak
// one. A double quote, CR, LF or NUL in it gives an error that wraps [ErrETag].
// It mirrors quote_etag.
func QuoteETag(etag string, weak bool) (string, error) {
	if strings.Contains(etag, `"`) || !ValidValue(etag) {
		return "", fmt.Errorf("%w: %q holds a quote or a line break; leave the quotes to QuoteETag", ErrETag, etag)
	}
	if weak {
		return `W/"` + etag + `"`, nil
	}
	return `"` + etag + `"`, nil
}

// UnquoteETag takes the entity tag out of its header form; bare text is
// accepted too. An empty text is no tag. It mirrors unquote_etag.
func UnquoteETag(text string) (etag string, weak, ok bool) {
	if text == "" {
		return "", false, false
	}
	text = strings.TrimSpace(text)
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

// FileETag returns the entity tag, unquoted, that send_file gives a file: its
// modification time in seconds as Python writes a float, its size in bytes and
// the Adler-32 checksum of its path. For the same absolute path it is Flask's.
func FileETag(modified time.Time, size int64, path string) string {
	seconds := float64(modified.Unix()) + 1e-9*float64(modified.Nanosecond())
	etag := strconv.AppendFloat(make([]byte, 0, 48), seconds, 'f', -1, 64)
	if seconds == float64(modified.Unix()) {
		etag = append(etag, ".0"...)
	}
	etag = append(etag, '-')
	etag = strconv.AppendInt(etag, size, 10)
	etag = append(etag, '-')
	etag = strconv.AppendUint(etag, uint64(adler32.Checksum([]byte(path))), 10)
	return string(etag)
}

// ETagList is the value of an If-Match or If-None-Match header. It mirrors
// Werkzeug's ETags.
type ETagList string

// Contains reports whether the list has the entity tag, unquoted, as a strong
// one, or is "*".
func (l ETagList) Contains(etag string) bool {
	found := findTag(string(l), etag)
	return found.star || found.strong
}

// ContainsWeak is Contains that takes weak tags too.
func (l ETagList) ContainsWeak(etag string) bool {
	return l.Contains(etag) || findTag(string(l), etag).weak
}

// tags is what a list of entity tags says about one tag.
type tags struct {
	any    bool // the list is not empty
	star   bool // the list has "*"; nothing else in it counts then
	strong bool // the tag is in the list as a strong one
	weak   bool // the tag is in the list as a weak one
}

// findTag looks for etag in the value of If-Match or If-None-Match. It mirrors
// parse_etags without building the set.
func findTag(list, etag string) (found tags) {
	for list != "" {
		var tag listedTag
		tag, list = cutTag(list)
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

// cutTag takes the first tag and the comma after it from list.
func cutTag(list string) (tag listedTag, rest string) {
	if strings.HasPrefix(list, "W/") || strings.HasPrefix(list, "w/") {
		list, tag.weak = list[2:], true
	}
	if text, after, ok := cutQuotedTag(list); ok {
		tag.text, tag.quoted = text, true
		return tag, after
	}
	text, after, found := strings.Cut(list, ",")
	if found {
		text = strings.TrimRight(text, " \t")
	}
	tag.text = text
	return tag, strings.TrimLeft(after, " \t")
}

// cutQuotedTag ends the tag at the first quote that a comma or the end follows,
// so that a tag may hold quotes.
func cutQuotedTag(list string) (text, rest string, ok bool) {
	if !strings.HasPrefix(list, `"`) {
		return "", "", false
	}
	for i := 1; i < len(list); i++ {
		if list[i] != '"' {
			continue
		}
		after := strings.TrimLeft(list[i+1:], " \t")
		if i+1 == len(list) {
			return list[1:i], "", true
		}
		if strings.HasPrefix(after, ",") {
			return list[1:i], strings.TrimLeft(after[1:], " \t"), true
		}
	}
	return "", "", false
}
