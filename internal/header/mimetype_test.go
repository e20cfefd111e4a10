package header

import (
	"mime"
	"strings"
	"testing"
)

func TestContentTypeVectors(t *testing.T) {
	t.Parallel()
	checkTexts(t, "get_content_type", ContentType)
}

// The answers are those of Python 3.13 without the machine's own tables.
func TestFileType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"index.html":       {"text/html", ""},
		"INDEX.HTML":       {"text/html", ""},
		"a.tar.gz":         {"application/x-tar", "gzip"},
		"a.TGZ":            {"application/x-tar", "gzip"},
		"a.tbz2":           {"application/x-tar", "bzip2"},
		"a.svgz":           {"image/svg+xml", "gzip"},
		"site.css.br":      {"text/css", "br"},
		"a.txt.Z":          {"text/plain", "compress"},
		"a.txt.z":          {"application/octet-stream", ""}, // encodings are compared exactly
		"a.GZ":             {"application/octet-stream", ""},
		"a.gz":             {"application/octet-stream", "gzip"},
		".html":            {"application/octet-stream", ""},
		"...html":          {"application/octet-stream", ""},
		".a.html":          {"text/html", ""},
		"a.html/b":         {"application/octet-stream", ""},
		"a.html/.css":      {"application/octet-stream", ""},
		"a.unknown":        {"application/octet-stream", ""},
		"a.":               {"application/octet-stream", ""},
		"":                 {"application/octet-stream", ""},
		"a.webp":           {"image/webp", ""},
		"a.mjs":            {"text/javascript", ""},
		"font.woff2":       {"font/woff2", ""},
		"x.webmanifest":    {"application/manifest+json", ""},
		"dir.d/readme.md":  {"text/markdown", ""},
		"weird name .json": {"application/json", ""},
	} {
		mimetype, encoding := FileType(name)
		if got := [2]string{mimetype, encoding}; got != want {
			t.Errorf("FileType(%q) = %q; want %q", name, got, want)
		}
	}
}

func TestFileTypesAreWellFormed(t *testing.T) {
	t.Parallel()
	for extension, mimetype := range fileTypes {
		parsed, parameters, err := mime.ParseMediaType(mimetype)
		if err != nil || parsed != mimetype || len(parameters) > 0 {
			t.Errorf("%s: %q is no plain MIME type: %v", extension, mimetype, err)
		}
		if !strings.HasPrefix(extension, ".") || extension != strings.ToLower(extension) {
			t.Errorf("%q can never be found", extension)
		}
	}
}

func BenchmarkFileType(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		FileType("static/css/site.css")
	}
}
