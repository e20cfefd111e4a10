package formdata

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
)

const everydayForm = "csrf_token=IjZkMjQ5&username=ada&email=ada%40example.org&password=correct+horse" +
	"&first_name=Ada&last_name=Lovelace&city=London&country=GB&newsletter=y&remember=on"

func BenchmarkQuery(b *testing.B) {
	b.Run("formdata", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseQuery(everydayForm); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-url", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := url.ParseQuery(everydayForm); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkURLEncoded(b *testing.B) {
	source := strings.NewReader(everydayForm)
	b.Run("formdata", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			source.Reset(everydayForm)
			if _, err := ParseURLEncoded(source, int64(len(everydayForm)), DefaultLimits()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-url", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			source.Reset(everydayForm)
			body, err := io.ReadAll(source)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := url.ParseQuery(string(body)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func everydayMultipart() string {
	var body strings.Builder
	for i := range 10 {
		body.WriteString(lines("--B", `Content-Disposition: form-data; name="field`+string(rune('0'+i))+`"`, "", "some value", ""))
	}
	body.WriteString(lines("--B", fileF, "Content-Type: image/png", "", strings.Repeat("data", 1000), "--B--", ""))
	return body.String()
}

func BenchmarkMultipart(b *testing.B) {
	benchmarkMultipart(b, []byte(everydayMultipart()), b.TempDir())
}

func BenchmarkUpload(b *testing.B) {
	content := bytes.Repeat([]byte("0123456789abcde\n"), 2<<20)
	body := append([]byte(lines("--B", fileF, "", "")), content...)
	benchmarkMultipart(b, append(body, "\r\n--B--\r\n"...), b.TempDir())
}

func benchmarkMultipart(b *testing.B, body []byte, dir string) {
	source := bytes.NewReader(body)
	b.Run("formdata", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			source.Reset(body)
			form, err := ParseMultipart(source, int64(len(body)), "B", DefaultLimits(), dir)
			if err != nil || len(form.Files) != 1 || form.Remove() != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("mime-multipart", func(b *testing.B) {
		b.Setenv("TMPDIR", dir)
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			source.Reset(body)
			form, err := multipart.NewReader(source, "B").ReadForm(DefaultLimits().FileMemory)
			if err != nil || len(form.File) != 1 || form.RemoveAll() != nil {
				b.Fatal(err)
			}
		}
	})
}

// The everyday form costs its pairs and one shared piece of memory for what
// was escaped; without escapes, only its pairs.
func TestQueryAllocations(t *testing.T) {
	for raw, most := range map[string]float64{everydayForm: 2, "a=1&b=2&c=": 1, "": 0} {
		got := testing.AllocsPerRun(100, func() {
			if _, err := ParseQuery(raw); err != nil {
				t.Error(err)
			}
		})
		if got > most {
			t.Errorf("%q: %v allocations, want at most %v", raw, got, most)
		}
	}
}
