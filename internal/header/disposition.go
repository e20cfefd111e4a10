package header

import (
	"strings"

	"github.com/decant-go/decant/internal/safepath"
)

// attributeChars need no encoding in an RFC 5987 value.
var attributeChars = setOf(letters + digits + "!#$&+-.^_`|~")

// ContentDisposition returns a Content-Disposition header: "attachment", with
// which browsers save the file, or "inline", and the name of the file. A name
// outside ASCII is sent twice: in plain letters for old clients, and
// percent-encoded. It mirrors send_file.
//
// Quotes, backslashes and separators cannot end the name (gin CVE-2023-29401,
// fiber CVE-2020-15111). Line breaks and other control characters are dropped
// from the plain form and percent-encoded in the other; Werkzeug raises
// ValueError.
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
