package formdata

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/decant-go/decant/internal/arrival"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lines joins what a multipart body consists of.
func lines(parts ...string) string { return strings.Join(parts, "\r\n") }

const (
	fieldA = `Content-Disposition: form-data; name="a"`
	fileF  = `Content-Disposition: form-data; name="f"; filename="x.txt"`
)

func unlimited() Limits { return Limits{-1, -1, -1, -1, -1} }

func parseString(t testing.TB, body string, limits Limits) (*Form, error) {
	t.Helper()
	return ParseMultipart(strings.NewReader(body), int64(len(body)), "B", limits, t.TempDir())
}

// files shows names and contents.
func files(t testing.TB, form *Form) (shown []string) {
	for _, file := range form.Files {
		shown = append(shown, fmt.Sprintf("%s/%s/%s", file.Field, file.Filename, content(t, file)))
	}
	return shown
}

func TestMultipartDelimiters(t *testing.T) {
	tests := []struct {
		name, body string
		want       []Pair
	}{
		{"no line of content", lines("--B", fieldA, "", "--B--"), []Pair{{"a", ""}}},
		{"no break in front of the first", "xx--B\r\n" + fieldA + "\r\n\r\n1\r\n--B--", []Pair{{"a", "1"}}},
		{"a false one in the preamble", "--B-- B--B\r\n", nil},
		{"overlapping in the preamble", lines("--Bx--B", fieldA, "", "1", "--B--"), []Pair{{"a", "1"}}},
		{"anything after the final one", lines("--B", fieldA, "", "1", "--B--trash"), []Pair{{"a", "1"}}},
		{"a second form in the epilogue", lines("--B", fieldA, "", "1", "--B--", "--B", fieldA, "", "2", "--B--"), []Pair{{"a", "1"}}},
		{"padding of every kind", lines("--B \t\v\f", fieldA, "", "1", "--B \t\v\f", fieldA, "", "2", "--B--"), []Pair{{"a", "1"}, {"a", "2"}}},
		{"as much padding as allowed", lines("--B", fieldA, "", "1", "--B"+strings.Repeat(" ", maxPadding), fieldA, "", "2", "--B--"), []Pair{{"a", "1"}, {"a", "2"}}},
		{"one dash is data", lines("--B", fieldA, "", "1", "--B-", "--B--"), []Pair{{"a", "1\r\n--B-"}}},
		{"inside a line is data", lines("--B", fieldA, "", "1 --B--", "--B--"), []Pair{{"a", "1 --B--"}}},
		{"mixed line ends", "--B\n" + fieldA + "\r\n\r\n1\r--B\r" + fieldA + "\n\n2\n\r\n--B--", []Pair{{"a", "1"}, {"a", "2\n"}}},
		{"reversed line end", lines("--B", fieldA, "", "1\n\r--B--"), []Pair{{"a", "1\n"}}},
		{"no final one", lines("--B", fieldA, "", "1", "--B", ""), nil},
		{"headers without end", lines("--B", fieldA, "--B--"), nil},
		{"no headers: the next part's count", lines("--B", "", "1", "--B", fieldA, "", "2", "--B--"), []Pair{{"a", "2"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form, err := parseString(t, test.body, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, form.Fields); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMultipartHeaders(t *testing.T) {
	body := lines("--B", "content-disposition:form-data;", "\tname=f; filename=\"C:\\d\\a.txt\"", "Content-Length: 007",
		"X-Twice: 1", "x-twice: 2", "no colon", "", "x", "--B--")
	form, err := parseString(t, body, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	file := form.Files[0]
	var headers []Pair
	for name, value := range file.headers.all() {
		headers = append(headers, Pair{name, value})
	}
	want := []Pair{
		{"content-disposition", `form-data; name=f; filename="C:\d\a.txt"`},
		{"Content-Length", "007"}, {"X-Twice", "1"}, {"x-twice", "2"}, {"no colon", ""},
	}
	if diff := cmp.Diff(want, headers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if value, ok := file.Header("X-TWICE"); value != "1" || !ok {
		t.Errorf("Header: %q, %v", value, ok)
	}
	if value, ok := file.Header("Missing"); value != "" || ok {
		t.Errorf("missing header: %q, %v", value, ok)
	}
	if file.ContentLength() != 7 || file.ContentType() != "" || file.Size != 1 || file.Filename != `C:\d\a.txt` {
		t.Errorf("got %d, %q, %d, %q", file.ContentLength(), file.ContentType(), file.Size, file.Filename)
	}
}

func TestContentLengthHeader(t *testing.T) {
	tests := map[string]int64{"3": 3, " 3 ": 3, "-3": -3, "+3": 0, "3_0": 0, "0x3": 0, "": 0, "x": 0, "٣": 0, "99999999999999999999": 0}
	for value, want := range tests {
		file := File{headers: headerBlock("Content-Length:" + value)}
		if got := file.ContentLength(); got != want {
			t.Errorf("%q: got %d, want %d", value, got, want)
		}
	}
}

func TestMultipartCharsets(t *testing.T) {
	tests := []struct{ contentType, data, want string }{
		{"", "é\xff", "é\uFFFD"},
		{"text/plain", "\xe2\x9c\xe2\x9c\x93", "\uFFFD✓"},
		{"text/plain; charset=UTF-8", "\xf0\x90\x80x\xed\xa0\x80", "\uFFFDx\uFFFD\uFFFD\uFFFD"},
		{"text/plain; charset=ISO-8859-1", "caf\xe9", "café"},
		{"text/plain; charset=latin-1", "caf\xe9", "caf\uFFFD"},
		{`text/plain; charset="us-ascii"`, "a\xc3\xa9", "a\uFFFD\uFFFD"},
		{"text/plain; charset=ascii", "plain", "plain"},
		{"text/plain; charset*0=iso-; charset*1=8859-1", "\xe9", "é"},
	}
	for _, test := range tests {
		body := lines("--B", fieldA, "Content-Type: "+test.contentType, "", test.data, "--B--")
		form, err := parseString(t, body, DefaultLimits())
		if err != nil || len(form.Fields) != 1 || form.Fields[0].Value != test.want {
			t.Errorf("%q of %q: got %+v, %v; want %q", test.data, test.contentType, form, err, test.want)
		}
	}
}

// Parse errors are silent and total: what came before them is gone as well.
func TestMalformedIsEmpty(t *testing.T) {
	good := lines("--B", fieldA, "", "1", "--B", fileF, "", "content", "")
	tests := map[string]string{
		"no body":               "",
		"no delimiter":          "hello",
		"no final delimiter":    good,
		"no disposition":        good + lines("--B", "X-A: b", "", "1", "--B--"),
		"headers not UTF-8":     good + lines("--B", fieldA, "X-A: \xff", "", "1", "--B--"),
		"a letter that folds":   good + lines("--B", "Content-Di\u017Fposition: form-data; name=a", "", "1", "--B--"),
		"cut in the delimiter":  good + "--B-",
		"cut in the headers":    good + "--B\r\n" + fieldA + "\r\n",
		"cut behind the header": good + "--B\r\n" + fieldA + "\r\n\r",
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			limits := DefaultLimits()
			limits.FileMemory = 0
			form, err := ParseMultipart(strings.NewReader(body), int64(len(body)), "B", limits, dir)
			if err != nil || len(form.Fields)+len(form.Files) > 0 {
				t.Errorf("got %+v, %v; want an empty form", form, err)
			}
			wantNoFiles(t, dir)
		})
	}
}

func TestUnusableBoundaryReadsNothing(t *testing.T) {
	for _, boundary := range []string{"", "a\nb", "a\r", "é", strings.Repeat("b", maxBoundary+1)} {
		form, err := ParseMultipart(iotest.ErrReader(errors.New("read")), 5, boundary, unlimited(), "")
		if err != nil || len(form.Fields)+len(form.Files) > 0 {
			t.Errorf("%q: got %+v, %v", boundary, form, err)
		}
	}
}

// CVE-2023-25577, GHSA-q34m-jh98-gwm2, CVE-2022-41725, CVE-2023-24536,
// CVE-2023-45290: parts, fields, buffers and headers are all bounded.
func TestMultipartLimits(t *testing.T) {
	big := strings.Repeat("x", 200_000)
	field := lines("--B", fieldA, "", big, "--B--")
	file := lines("--B", fileF, "", big, "--B--")
	three := lines("--B", fieldA, "", "1", "--B", fileF, "", "2", "--B", fieldA, "", "3", "--B--")
	with := func(change func(*Limits)) Limits {
		limits := unlimited()
		change(&limits)
		return limits
	}
	memory := func(n int64) Limits { return with(func(l *Limits) { l.FormMemory = n }) }
	parts := func(n int) Limits { return with(func(l *Limits) { l.Parts = n }) }
	total := func(n int) Limits { return with(func(l *Limits) { l.ContentLength = int64(n) }) }
	header := func(n int) string { return lines("--B", fieldA, "X: "+strings.Repeat("x", n), "", "1", "--B--") }
	room := maxHeaderBytes - len(fieldA) - len("\r\nX: ")
	tests := []struct {
		name, body string
		limits     Limits
		setting    string // of the error, "none" for no error
	}{
		{"field at the limit", field, memory(200_000), "none"},
		{"field over the limit", field, memory(199_999), "MaxFormMemorySize"},
		{"a file is no field", file, memory(70_000), "none"},
		{"a chunk over the limit", file, memory(60_000), "MaxFormMemorySize"},
		{"preamble over the limit", big + field, memory(100_000), "MaxFormMemorySize"},
		{"epilogue over the limit", three + big, memory(100_000), "MaxFormMemorySize"},
		{"epilogue within the limit", three + big, memory(210_000), "none"},
		{"parts at the limit", three, parts(3), "none"},
		{"parts over the limit", three, parts(2), "MaxFormParts"},
		{"no parts allowed", three, parts(0), "MaxFormParts"},
		{"no parts sent", "--B--", parts(0), "none"},
		{"length at the limit", three, total(len(three)), "none"},
		{"length over the limit", three, total(len(three) - 1), "MaxContentLength"},
		{"headers at the limit", header(room), unlimited(), "none"},
		{"headers over the limit", header(room + 1), unlimited(), ""},
		{"headers without end", lines("--B", fieldA, big), unlimited(), ""},
		{"malformed before it is too large", lines("--B", "X: y", "", big), memory(100_000), "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form, err := parseString(t, test.body, test.limits)
			if test.setting == "none" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var limit *LimitError
			if form != nil || !errors.Is(err, ErrTooLarge) || !errors.As(err, &limit) || limit.Setting != test.setting {
				t.Errorf("got %v, %v; want an error of %q", form, err, test.setting)
			}
		})
	}
}

func TestMultipartUnknownLength(t *testing.T) {
	body := lines("--B", fieldA, "", "1", "--B--")
	for limit, want := range map[int]error{-1: nil, len(body) + 1: nil, len(body): ErrTooLarge, 5: ErrTooLarge} {
		limits := unlimited()
		limits.ContentLength = int64(limit)
		for way, source := range arrival.Ways(body, io.EOF) {
			_, err := ParseMultipart(source, -1, "B", limits, t.TempDir())
			if !errors.Is(err, want) {
				t.Errorf("%s, limit %d: got %v, want %v", way, limit, err, want)
			}
		}
	}
}

func TestMultipartLength(t *testing.T) {
	body := lines("--B", fieldA, "", "1", "--B--")
	source := strings.NewReader(body + "next")
	if _, err := ParseMultipart(source, int64(len(body)), "B", unlimited(), ""); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(source); string(rest) != "next" {
		t.Errorf("rest is %q", rest)
	}
	_, err := ParseMultipart(strings.NewReader(body), int64(len(body))+1, "B", unlimited(), "")
	if !errors.Is(err, ErrClientDisconnected) {
		t.Errorf("a missing byte: got %v", err)
	}
}

// CVE-2023-46136: none of this may take quadratic time. It takes seconds at the
// most, or hours, which the timeout of the tests ends.
func TestHostileBodiesAreLinear(t *testing.T) {
	const size = 2 << 20
	start := lines("--B", fileF, "", "")
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	dashes := strings.Repeat("-", maxBoundary)
	periodic := strings.Repeat("a--", maxBoundary/3)[:maxBoundary-2]
	tests := []struct{ name, boundary, body string }{
		{"line breaks", "B", start + repeat("\r")},
		{"a line break, then nothing of the kind", "B", start + "\r\n" + repeat("x")},
		{"near delimiters", "B", start + repeat("\r\n--Bx")},
		{"nearly final delimiters", "B", start + repeat("\n--B-")},
		{"delimiters with endless padding", "B", start + repeat("\n--B"+strings.Repeat(" ", maxPadding+1))},
		{"dashes", dashes, start + repeat("-")},
		{"dashes in the preamble", dashes, "x" + repeat("- ")},
		{"a periodic boundary in the preamble", periodic, repeat("--a")},
		{"a periodic boundary in a file", periodic, lines("--"+periodic, fileF, "", "") + repeat("\r\n--a")},
		{"empty parts", "B", repeat(lines("--B", fieldA, "", ""))},
		{"options", "B", repeat(lines("--B", fieldA+strings.Repeat(`;name*0="a`, 3000), "", ""))},
		{"header lines", "B", repeat(lines("--B", fieldA+strings.Repeat("\n:", 30000), "", ""))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form, err := ParseMultipart(strings.NewReader(test.body), -1, test.boundary, unlimited(), t.TempDir())
			if err != nil || len(form.Fields)+len(form.Files) > 0 {
				t.Errorf("got %v fields, %v; want an empty form", form, err)
			}
		})
	}
}

// A large upload passes through a buffer: it is never in memory as a whole.
func TestUploadAtConstantMemory(t *testing.T) {
	const size = 64 << 20
	head, tail := lines("--B", fileF, "", ""), "\r\n--B--"
	body := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, size), strings.NewReader(tail))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	form, err := ParseMultipart(body, int64(len(head)+size+len(tail)), "B", DefaultLimits(), t.TempDir())
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	defer form.Remove()
	if form.Files[0].Size != size {
		t.Errorf("got %d bytes, want %d", form.Files[0].Size, size)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("allocated %d bytes in all", allocated)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// How the parser cuts the body must not matter, wherever the cut is.
func TestEveryChunkSize(t *testing.T) {
	bodies := []string{
		lines("pre", "--B \t", fieldA, "Content-Type: text/plain;", "\tcharset=ascii", "", "1\r\n--Bx\r\n--B- \r\r\n\n", "--B", fileF, "", "", "--B\t", fieldA, "", "--B--", "--B--"),
		strings.ReplaceAll(lines("--B", fieldA, "", "--", "--B", fieldA, "", "\r", "--B--", "epi"), "\r\n", "\n"),
		strings.ReplaceAll(lines("--B", fieldA, "", "--", "--B", fileF, "", "\n", "--B--", "epi"), "\r\n", "\r"),
	}
	for _, body := range bodies {
		want := outcome(t, body, "B", chunkSize, strings.NewReader(body))
		if want == "" {
			t.Fatalf("%q is not a form", body)
		}
		for chunk := range int64(len(body)) {
			if got := outcome(t, body, "B", chunk+1, strings.NewReader(body)); got != want {
				t.Errorf("chunks of %d: got %s, want %s", chunk+1, got, want)
			}
		}
	}
}

// outcome shows the fields, files and error of a body, and insists that
// nothing stays behind on disk.
func outcome(t *testing.T, body, boundary string, chunk int64, source io.Reader) string {
	t.Helper()
	dir := t.TempDir()
	limits := unlimited()
	limits.Parts, limits.FileMemory = 20, chunk%7
	p := newParser(limits, dir)
	p.chunk = chunk
	form, err := p.parse(source, int64(len(body)), boundary)
	if err != nil {
		wantNoFiles(t, dir)
		return err.Error()
	}
	shown := files(t, form)
	if len(form.Fields)+len(form.Files) > limits.Parts {
		t.Fatalf("%d parts", len(form.Fields)+len(form.Files))
	}
	if err := form.Remove(); err != nil {
		t.Fatal(err)
	}
	wantNoFiles(t, dir)
	if len(form.Fields)+len(shown) == 0 {
		return ""
	}
	return fmt.Sprintf("%q %q", form.Fields, shown)
}

func wantNoFiles(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte(lines("--B", fieldA, "", "1", "--B", fileF, "", "2", "--B--")), "B", uint64(1))
	f.Fuzz(func(t *testing.T, data []byte, boundary string, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		body := string(data)
		want := outcome(t, body, boundary, chunkSize, bytes.NewReader(data))
		got := outcome(t, body, boundary, 1+random.Int64N(40), &raggedReader{data, random})
		if got != want {
			t.Fatalf("%q: in one read %s, in pieces %s", body, want, got)
		}
		limits := Limits{-1, random.Int64N(100), random.IntN(3), -1, -1}
		form, err := ParseMultipart(bytes.NewReader(data), -1, boundary, limits, t.TempDir())
		if err != nil {
			return
		}
		if len(form.Fields)+len(form.Files) > limits.Parts {
			t.Fatalf("%d parts over the limit of %d", len(form.Fields)+len(form.Files), limits.Parts)
		}
		for _, field := range form.Fields {
			if over(int64(len(field.Value)), 3*limits.FormMemory) {
				t.Fatalf("%d bytes over the limit of %d", len(field.Value), limits.FormMemory)
			}
		}
	})
}

// raggedReader returns a few bytes at a time.
type raggedReader struct {
	data   []byte
	random *rand.Rand
}

func (r *raggedReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), 1+r.random.IntN(30))])
	r.data = r.data[n:]
	return n, nil
}

func TestEmptyFormEquals(t *testing.T) {
	form, err := parseString(t, "--B--", DefaultLimits())
	if diff := cmp.Diff(&Form{}, form, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}
