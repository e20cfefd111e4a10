// Package safepath turns names that come from clients into names that are
// safe to open or to store: under one folder, and nowhere else.
//
// Three questions, three functions: [Local] says whether a name may be given
// to an [io/fs.FS]; [Join] puts a name under a folder of the operating system,
// as Werkzeug's safe_join does; [SecureFilename] makes a file name out of
// whatever a browser sent with an upload.
package safepath

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Local reports whether name names something below the root of an fs.FS, and
// returns it; a refused name comes back empty, so that it opens nothing even
// if the report is ignored.
//
// Refused are: empty, "." and ".." segments, a slash at either end (echo
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

// Join puts the untrusted parts under directory and returns the path, or false
// when a part would leave it: an absolute part, or one that starts with ".."
// after normalization. A ".." may cancel a segment of its own part only. Empty
// parts are skipped; an empty directory is ".".
//
// It mirrors Werkzeug's safe_join, and also refuses NUL. On Windows it refuses
// backslashes, drive letters and device names as well. Join looks at names
// only: symbolic links are the concern of whoever opens the file ([os.Root]).
func Join(directory string, untrusted ...string) (string, bool) {
	if directory == "" {
		directory = "."
	}
	joined := directory
	for _, part := range untrusted {
		if part == "" {
			continue
		}
		part = path.Clean(part)
		if escapes(part) {
			return "", false
		}
		if !strings.HasSuffix(joined, "/") {
			joined += "/"
		}
		joined += part
	}
	return joined, true
}

// escapes expects a normalized part.
func escapes(part string) bool {
	switch {
	case part == "..", strings.HasPrefix(part, "../"), strings.HasPrefix(part, "/"):
		return true
	case strings.IndexByte(part, 0) >= 0:
		return true
	case filepath.Separator == '\\':
		return strings.Contains(part, `\`) || !filepath.IsLocal(part) || hasDevice(part)
	}
	return false
}

// SecureFilename returns a plain file name for whatever a client sent: ASCII
// letters, digits, "_", "-" and inner dots only. Slashes and white space become
// "_". The result may be empty; then choose a name yourself. It is not unique.
//
// It mirrors Werkzeug's secure_filename. The leading "_" that keeps a name from
// being a Windows device ("con.txt" becomes "_con.txt") is added on every
// operating system, because uploads travel.
func SecureFilename(name string) string {
	words := strings.FieldsFunc(ASCII(name), separatesWords)
	name = strings.Map(keepSafe, strings.Join(words, "_"))
	name = strings.Trim(name, "._")
	if isDevice(name) {
		return "_" + name
	}
	return name
}

// separatesWords knows what Python's str.split treats as white space in ASCII.
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
