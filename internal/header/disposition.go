package header

import (
	"strings"

	"github.com/decant-go/decant/internal/safepath"
)

// attributeChars need no encoding in an RFC 5987 value.
var attributeChars = setOf(letters + digits + "!#$&+-.^_`|~")

// ContentDisposition returns the Content-Disposition header that send_file
// sends: "attachment", for a browser to save the file, or "inline", each with
// the name to save it as. A name outside ASCII is sent twice, in plain letters
// for old clients and percent-encoded.
//
// Quotes, backslashes and separators in the name cannot end it (gin
// CVE-2023-29401, fiber CVE-2020-15111). Line breaks and other control
// characters, for which Werkzeug raises ValueError, are left out of the plain
// form and percent-encoded in the other.
func ContentDisposition(attachment bool, filename string) string {
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	filename = strings.ToValidUTF8(filename, "\ufffd")
	plain := plainName(filename)
	value := kind + "; filename=" + Quote(plain)
	if plain == filename {
		return value
	}
	return value + "; filename*=UTF-8''" + percentEncode(filename, attributeChars)
}

func plainName(filename string) string {
	plain := safepath.ASCII(filename)
	if !hasControl(plain) {
		return plain
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, plain)
}
