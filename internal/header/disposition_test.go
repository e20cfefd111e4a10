package header

import (
	"mime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestSendFileVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op       string
		DownloadName string `json:"download_name"`
		AsAttachment bool   `json:"as_attachment"`
		Want         struct {
			Headers map[string]string
			Error   string
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "send_file") {
		got := sendFile(c.DownloadName, c.AsAttachment)
		if c.Want.Error == "ValueError" { // a line break, which is left out
			if strings.ContainsAny(got["Content-Disposition"], "\r\n") {
				t.Errorf("%s: %q holds a line break", c.ID, got)
			}
			continue
		}
		if diff := cmp.Diff(c.Want.Headers, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.ID, diff)
		}
	}
}

// sendFile puts the headers together as a framework would, for four bytes.
func sendFile(name string, attachment bool) map[string]string {
	mimetype, encoding := FileType(name)
	headers := map[string]string{
		"Content-Disposition": ContentDisposition(attachment, name),
		"Content-Type":        ContentType(mimetype),
		"Cache-Control":       FileCacheControl(0, false),
		"Content-Length":      "4",
		"Accept-Ranges":       "bytes",
	}
	if encoding != "" && !attachment {
		headers["Content-Encoding"] = encoding
	}
	return headers
}

// gin CVE-2023-29401, fiber CVE-2020-15111: the name must not end early, nor
// add parameters or lines.
func TestContentDispositionOfHostileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		`x.bat";dummy=".txt`:     `attachment; filename="x.bat\";dummy=\".txt"`,
		"a\r\nSet-Cookie: x=y":   `attachment; filename="aSet-Cookie: x=y"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3Dy`,
		"a\x00b":                 `attachment; filename=ab; filename*=UTF-8''a%00b`,
		"a\x7f":                  `attachment; filename=a; filename*=UTF-8''a%7F`,
		"bad\xff.txt":            `attachment; filename=bad.txt; filename*=UTF-8''bad%EF%BF%BD.txt`,
		"a+b c.txt":              `attachment; filename="a+b c.txt"`,
		"\u202egpj.exe":          `attachment; filename=gpj.exe; filename*=UTF-8''%E2%80%AEgpj.exe`,
		"":                       `attachment; filename=""`,
		"\n":                     `attachment; filename=""; filename*=UTF-8''%0A`,
		"日本":                     `attachment; filename=""; filename*=UTF-8''%E6%97%A5%E6%9C%AC`,
		"ﬁn.txt":                 `attachment; filename=fin.txt; filename*=UTF-8''%EF%AC%81n.txt`,
		"x; filename*=UTF-8''yy": `attachment; filename="x; filename*=UTF-8''yy"`,
	} {
		got := ContentDisposition(true, name)
		if got != want {
			t.Errorf("ContentDisposition(%q) = %s; want %s", name, got, want)
		}
		if kind, parameters, err := mime.ParseMediaType(got); err != nil || kind != "attachment" || len(parameters) != 1 {
			t.Errorf("ContentDisposition(%q) reads as %q, %v, %v", name, kind, parameters, err)
		}
	}
}
