package header

import "strings"

// ContentType adds "; charset=utf-8" to a type of text: text/*, types that end in
// +xml, and the few application types that have a charset. It mirrors
// get_content_type.
func ContentType(mimetype string) string {
	if strings.HasPrefix(mimetype, "text/") || strings.HasSuffix(mimetype, "+xml") || hasCharset(mimetype) {
		return mimetype + "; charset=utf-8"
	}
	return mimetype
}

func hasCharset(mimetype string) bool {
	switch mimetype {
	case "application/ecmascript", "application/javascript", "application/sql",
		"application/xml", "application/xml-dtd", "application/xml-external-parsed-entity":
		return true
	}
	return false
}

// FileType guesses the MIME type of a file from its name, and its encoding, such as
// "gzip", if the name is that of a compressed file. An unknown type is
// "application/octet-stream", and an unknown encoding is "". It mirrors Python's
// mimetypes.guess_type, but has its own table, so the result does not depend on the
// machine.
func FileType(name string) (mimetype, encoding string) {
	base, extension := cutExtension(name)
	if long, ok := longSuffixes[strings.ToLower(extension)]; ok {
		base, extension = cutExtension(base + long)
	}
	if encoding = encodings[extension]; encoding != "" {
		_, extension = cutExtension(base)
	}
	mimetype = fileTypes[strings.ToLower(extension)]
	if mimetype == "" {
		mimetype = "application/octet-stream"
	}
	return mimetype, encoding
}

// cutExtension splits at the last dot of the last segment; dots at its start
// belong to the name.
func cutExtension(name string) (base, extension string) {
	start := strings.LastIndexByte(name, '/') + 1
	dot := strings.LastIndexByte(name, '.')
	if dot < start || strings.Trim(name[start:dot], ".") == "" {
		return name, ""
	}
	return name[:dot], name[dot:]
}

var longSuffixes = map[string]string{
	".svgz": ".svg.gz",
	".tgz":  ".tar.gz",
	".taz":  ".tar.gz",
	".tz":   ".tar.gz",
	".tbz2": ".tar.bz2",
	".txz":  ".tar.xz",
}

// encodings are compared exactly, since .Z and .z differ.
var encodings = map[string]string{
	".gz":  "gzip",
	".Z":   "compress",
	".bz2": "bzip2",
	".xz":  "xz",
	".br":  "br",
}
