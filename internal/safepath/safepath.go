// Package safepath checks names and URLs that come from clients.
//
// [Local] checks a name before it is passed to an [io/fs.FS]. [SecureFilename]
// makes a file name of the name of an upload. [IsLocalURL] checks the target of a
// redirect.
package safepath

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// Local returns a name that is below the root of an fs.FS, and true. It returns ""
// and false for any other name; "" opens nothing, even if a caller ignores the
// result false.
//
// It refuses empty, "." and ".." segments, a slash at either end (echo
// CVE-2020-36565, fiber CVE-2026-25891), text that is not UTF-8, NUL,
// backslashes (Werkzeug GHSA-f9vj-2wh5-fj8j) and Windows device names such as
// "NUL.txt" in any segment (Werkzeug GHSA-hgf8-39gv-g3f2, GHSA-87hc-h4r5-73f7,
// GHSA-29vq-49wr-vm6x). The rules are the same on every operating system. The
// name must already be percent-decoded, exactly once.
func Local(name string) (string, bool) {
	if name == "." || !fs.ValidPath(name) || !filepath.IsLocal(name) {
		return "", false
	}
	if strings.ContainsAny(name, "\x00\\") || hasDevice(name) {
		return "", false
	}
	return name, true
}

// SecureFilename makes a plain file name of any name: ASCII letters, digits, "_",
// "-" and inner dots only. Slashes and white space become "_". The result may be
// empty; then choose a name yourself. It is not unique.
//
// A name of a Windows device gets a leading "_" on every operating system, because
// files are copied between systems: "con.txt" becomes "_con.txt". It mirrors
// Werkzeug's secure_filename.
func SecureFilename(name string) string {
	words := strings.FieldsFunc(ASCII(name), separatesWords)
	name = strings.Map(keepSafe, strings.Join(words, "_"))
	name = strings.Trim(name, "._")
	if isDevice(name) {
		return "_" + name
	}
	return name
}

// separatesWords reports whether a character is a slash or ASCII white space, as in
// Python's str.split.
func separatesWords(r rune) bool {
	return r == '/' || r == ' ' || r >= '\t' && r <= '\r' || r >= 0x1c && r <= 0x1f
}

func keepSafe(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return r
	case r == '_', r == '.', r == '-':
		return r
	}
	return -1
}
