package tests

import (
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

const (
	conditionalBody = "012345678901234567890123456789"
	conditionalDate = "Tue, 15 Nov 1994 08:12:31 GMT"
)

// The answers are those of Flask with accept_ranges=True and complete_length=10.
func TestPartsOfAStreamWithALength(t *testing.T) {
	pieces := func(yield func(string) bool) {
		for _, piece := range []string{"abc", "def", "", "ghij"} {
			if !yield(piece) {
				return
			}
		}
	}
	for name, body := range map[string]func() any{
		"strings": func() any { return pieces },
		"reader":  func() any { return io.MultiReader(strings.NewReader("abcdef"), strings.NewReader("ghij")) },
		"writer": func() any {
			return func(w io.Writer) error {
				for piece := range pieces {
					if _, err := io.WriteString(w, piece); err != nil {
						return errors.New("a writer that hides the error")
					}
				}
				return nil
			}
		},
		"endless": func() any {
			return func(yield func(string) bool) {
				for yield("abc") && yield("def") && yield("ghij") {
				}
			}
		},
	} {
		app, log := newTestApp()
		app.Get("/", func(c *decant.Context) (any, error) {
			r := c.MakeResponse(body())
			r.Header().Set("Content-Length", "10")
			r.SetETag("t")
			r.MakeConditional()
			return r, nil
		}, decant.Endpoint("index"))
		for _, test := range []struct {
			header, value, want string
		}{
			{"Range", "bytes=2-4", "206 bytes 2-4/10 3 cde"},
			{"Range", "bytes=3-", "206 bytes 3-9/10 7 defghij"},
			{"Range", "bytes=-2", "206 bytes 8-9/10 2 ij"},
			{"Range", "bytes=0-99", "206 bytes 0-9/10 10 abcdefghij"},
			{"If-None-Match", `"t"`, "304   "},
			{"If-Match", `"t"`, "200  10 abcdefghij"},
		} {
			if name == "endless" && !strings.HasPrefix(test.want, "206") {
				continue // a view that sends more than it has announced
			}
			for _, method := range []string{"GET", "HEAD"} {
				w := send(app, method, "/", "", test.header, test.value)
				got := strings.Join([]string{strconv.Itoa(w.Code), w.Header().Get("Content-Range"), w.Header().Get("Content-Length"), w.Body.String()}, " ")
				want := test.want
				if method == "HEAD" {
					want = want[:strings.LastIndexByte(want, ' ')+1]
				}
				if got != want || w.Header().Get("Accept-Ranges") != "bytes" {
					t.Errorf("%s, %s %s: %q, want %q", name, method, test.value, got, want)
				}
			}
		}
		w := send(app, "GET", "/", "", "Range", "bytes=20-")
		if w.Code != 416 || w.Header().Get("Content-Range") != "bytes */10" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		log.mustBeEmpty(t)
	}
}

func TestAStreamThatIsShorterThanItsLength(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(func(yield func(string) bool) { yield("abc") })
		r.Header().Set("Content-Length", "10")
		r.MakeConditional()
		return r, nil
	})
	mustPanic(t, func() { send(app, "GET", "/", "", "Range", "bytes=2-4") }, http.ErrAbortHandler.Error())
	log.mustContain(t, "the stream ended 2 bytes before its Content-Length")
}

func TestALengthThatIsNone(t *testing.T) {
	for _, length := range []string{"", "x", "-1", "99999999999999999999", "1 0"} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			r := c.MakeResponse(func(yield func(string) bool) { yield("abc") })
			r.Header().Set("Content-Length", length)
			r.MakeConditional()
			r.Header().Del("Content-Length")
			return r, nil
		})
		if w := send(app, "GET", "/", "", "Range", "bytes=0-1"); w.Code != 200 || w.Body.String() != "abc" {
			t.Errorf("%q: %d %s", length, w.Code, w.Body)
		}
	}
}

type conditionalCase struct {
	ID, Op, Method string
	Headers        map[string]string
	Want           conditionalWant
	WantStable     *conditionalWant `json:"want_stable"`
}

type conditionalWant struct {
	Status, Error int
	Headers       map[string]string
	Body          string
}

// released is what the released Werkzeug answers.
func (c conditionalCase) released() conditionalWant {
	if c.WantStable != nil {
		return *c.WantStable
	}
	return c.Want
}

// conditionalBodies are all the ways to answer with the same body.
func conditionalBodies(t *testing.T) map[string]func() any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(path, []byte(conditionalBody), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]func() any{
		"text":   func() any { return conditionalBody },
		"bytes":  func() any { return []byte(conditionalBody) },
		"reader": func() any { return afterFirst(t, strings.NewReader("!"+conditionalBody)) },
		"file": func() any {
			file, err := os.Open(path)
			if err != nil {
				t.Error(err)
			}
			return file
		},
	}
}

// afterFirst reads one byte, so that the body begins at the next one.
func afterFirst(t *testing.T, reader io.Reader) io.Reader {
	if _, err := io.ReadFull(reader, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	return reader
}

func TestConditionalVectors(t *testing.T) {
	cases := vectors.Select[conditionalCase](t, vectors.Load(t, "http.json"), "conditional")
	for name, body := range conditionalBodies(t) {
		t.Run(name, func(t *testing.T) {
			app, log := newTestApp()
			app.Route("/", func(c *decant.Context) (any, error) {
				r := c.MakeResponse(body())
				r.SetETag("v1")
				r.Header().Set("Last-Modified", conditionalDate)
				r.Header().Set("Content-Type", "text/plain; charset=utf-8")
				r.MakeConditional()
				return r, nil
			}, decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"), decant.Endpoint("view"))
			server := httptest.NewServer(app)
			defer server.Close()
			for _, c := range cases {
				if c.hasOuterBlanks() {
					continue // a server takes them away; internal/header tests them
				}
				if diff := cmp.Diff(wanted(c), ask(t, server.URL, c)); diff != "" {
					t.Errorf("%s %s %v (-want +got):\n%s", c.ID, c.Method, c.Headers, diff)
				}
			}
			log.mustBeEmpty(t)
		})
	}
}

// hasOuterBlanks reports whether a header begins or ends with blanks.
func (c conditionalCase) hasOuterBlanks() bool {
	for _, value := range c.Headers {
		if value != strings.TrimSpace(value) {
			return true
		}
	}
	return false
}

// wanted is what a vector wants of the whole server, error pages included.
func wanted(c conditionalCase) conditionalWant {
	want := c.released()
	if want.Error != 0 {
		page := errorPage(decant.NewHTTPError(want.Error))
		want.Status, want.Error = want.Error, 0
		want.Headers["Content-Type"], want.Headers["Content-Length"] = "text/html; charset=utf-8", strconv.Itoa(len(page))
		if want.Body = page; c.Method == http.MethodHead {
			want.Body = ""
		}
	}
	headers := map[string]string{}
	for name, value := range want.Headers {
		headers[http.CanonicalHeaderKey(name)] = value
	}
	want.Headers = headers
	return want
}

func ask(t *testing.T, url string, c conditionalCase) conditionalWant {
	t.Helper()
	request, err := http.NewRequest(c.Method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.Headers {
		request.Header[name] = []string{value}
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
	}
	got := conditionalWant{Status: answer.StatusCode, Headers: map[string]string{}, Body: string(body)}
	for name, values := range answer.Header {
		if name != "Date" {
			got.Headers[name] = strings.Join(values, ", ")
		}
	}
	return got
}

func TestETagVectors(t *testing.T) {
	type quoteCase struct {
		ID, Op, ETag string
		Weak         bool
		Want         struct{ Out, Error string }
	}
	for _, c := range vectors.Select[quoteCase](t, vectors.Load(t, "http.json"), "quote_etag") {
		if c.Weak {
			continue // is written to the header as it is
		}
		app, log := appWith(func(context *decant.Context) (any, error) {
			r := context.MakeResponse("")
			r.SetETag(c.ETag)
			return r, nil
		})
		w := get(app, "/")
		if c.Want.Error != "" {
			mustFail(t, w)
			log.mustContain(t, "SetETag", strconv.Quote(c.ETag))
			continue
		}
		if got := w.Header().Get("ETag"); got != c.Want.Out {
			t.Errorf("%s: %s, want %s", c.ID, got, c.Want.Out)
		}
	}
	type generateCase struct {
		ID, Op     string
		DataB64    string                `json:"data_b64"`
		Want       struct{ Out string }  `json:"want"`
		WantStable *struct{ Out string } `json:"want_stable"`
	}
	for _, c := range vectors.Select[generateCase](t, vectors.Load(t, "http.json"), "generate_etag") {
		data, err := base64.StdEncoding.DecodeString(c.DataB64)
		if err != nil {
			t.Fatal(err)
		}
		app, _ := appWith(func(context *decant.Context) (any, error) {
			r := context.MakeResponse(data)
			r.AddETag()
			return r, nil
		})
		released := c.Want
		if c.WantStable != nil {
			released = *c.WantStable
		}
		if got, want := get(app, "/").Header().Get("ETag"), `"`+released.Out+`"`; got != want {
			t.Errorf("%s: %s, want %s", c.ID, got, want)
		}
	}
}

func TestHTTPDate(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	if got, want := decant.HTTPDate(time.Date(1994, 11, 15, 10, 12, 31, 999, zone)), conditionalDate; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAddETagKeepsATag(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("x")
		r.Header().Set("ETag", `W/"mine"`)
		r.AddETag()
		return r, nil
	})
	if got := get(app, "/").Header().Get("ETag"); got != `W/"mine"` {
		t.Errorf("the tag is %s", got)
	}
}

func TestAStreamIsConditionalAsFarAsItsHeadersSay(t *testing.T) {
	closed := 0
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(func(yield func(string) bool) { yield("streamed") })
		r.OnClose(func() { closed++ })
		r.SetETag("v1")
		r.MakeConditional()
		return r, nil
	})
	mustAnswer(t, get(app, "/", "Range", "bytes=0-1"), 200, "streamed")
	w := get(app, "/", "If-None-Match", `"v1"`)
	mustAnswer(t, w, 304, "")
	if diff := cmp.Diff(http.Header{"Etag": {`"v1"`}}, w.Result().Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if closed != 2 {
		t.Errorf("closed %d times, want 2", closed)
	}
	log.mustBeEmpty(t)
}

func TestAHandlerIsNotRunForA304(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") }))
		r.SetETag("v1")
		r.MakeConditional()
		return r, nil
	})
	mustAnswer(t, get(app, "/", "If-None-Match", `"v1"`), 304, "")
}

func TestOnlyA200IsConditional(t *testing.T) {
	for _, status := range []int{201, 404, 500} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			r := c.MakeResponse("body", status)
			r.SetETag("v1")
			r.MakeConditional()
			return r, nil
		})
		mustAnswer(t, get(app, "/", "If-None-Match", `"v1"`, "Range", "bytes=0-0"), status, "body")
	}
}

func TestARangeThatIsNoneGetsTheRegisteredPage(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) { return "body", nil })
	app.ErrorHandler(416, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		var refusal *decant.HTTPError
		if !errors.As(err, &refusal) || refusal.Header.Get("Content-Range") != "bytes */4" {
			t.Errorf("the handler is told %v", err)
		}
		return "there are four bytes", nil
	})
	app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
		r.AddETag()
		r.MakeConditional()
		return nil
	})
	mustAnswer(t, get(app, "/", "Range", "bytes=9-"), 416, "there are four bytes")
	mustAnswer(t, get(app, "/", "Range", "bytes=1-2"), 206, "od")
	log.mustBeEmpty(t)
}

func TestAHandlerFor416ThatFailsIsA500(t *testing.T) {
	for name, view := range map[string]decant.ErrorView{
		"error": func(*decant.Context, *decant.HTTPError) (any, error) { return nil, errors.New("the page is broken") },
		"panic": func(*decant.Context, *decant.HTTPError) (any, error) { panic("the page is broken") },
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) {
				r := c.MakeResponse("body")
				r.MakeConditional()
				return r, nil
			})
			app.ErrorHandler(416, view)
			mustFail(t, get(app, "/", "Range", "bytes=9-"))
			log.mustContain(t, "the page is broken")
		})
	}
}

func TestResponsesWithoutARequest(t *testing.T) {
	for name, use := range map[string]func(*decant.Response){
		"MakeConditional": (*decant.Response).MakeConditional,
		"OnClose":         func(r *decant.Response) { r.OnClose(func() {}) },
	} {
		app, log := appWith(func(*decant.Context) (any, error) {
			r := &decant.Response{Status: 200}
			use(r)
			return r, nil
		})
		mustFail(t, get(app, "/"))
		log.mustContain(t, name+" needs the request", "c.MakeResponse")
	}
	app, log := appWith(func(*decant.Context) (any, error) { return &decant.Response{Status: 202}, nil })
	mustAnswer(t, get(app, "/"), 202, "")
	log.mustBeEmpty(t)
}

// unseekable is a file that turns out to be a pipe.
type unseekable struct{ io.Reader }

func (unseekable) Seek(int64, int) (int64, error) { return 0, errors.New("illegal seek") }

func TestAPipeIsStreamedAsAWhole(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(unseekable{strings.NewReader("body")})
		r.MakeConditional()
		return r, nil
	})
	w := get(app, "/", "Range", "bytes=0-0")
	mustAnswer(t, w, 200, "body")
	if w.Header().Get("Accept-Ranges") != "" {
		t.Error("parts of a pipe are offered")
	}
	log.mustBeEmpty(t)
}

func TestPartsOfAReaderThatCannotSeek(t *testing.T) {
	app, log := newTestApp()
	folder := oneWay{fstest.MapFS{"a.txt": {Data: []byte(conditionalBody)}}}
	app.Get("/", func(c *decant.Context) (any, error) { return c.SendFromDirectory(folder, "a.txt") }, decant.Endpoint("view"))
	w := get(app, "/", "Range", "bytes=12-13")
	mustAnswer(t, w, 206, "23")
	if got := w.Header().Get("Content-Length"); got != "2" {
		t.Errorf("Content-Length is %s", got)
	}
	w = send(app, "HEAD", "/", "")
	mustAnswer(t, w, 200, "")
	if got := w.Header().Get("Content-Length"); got != "30" {
		t.Errorf("Content-Length is %s", got)
	}
	log.mustBeEmpty(t)
}

// oneWay is a folder whose files cannot seek.
type oneWay struct{ fs.FS }

func (f oneWay) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return struct{ fs.File }{file}, nil
}

// receiver is a writer that can take a file by itself.
type receiver struct {
	*httptest.ResponseRecorder
	source io.Reader
}

func (r *receiver) ReadFrom(source io.Reader) (int64, error) {
	r.source = source
	return io.Copy(r.ResponseRecorder, source)
}

func TestAFileReachesTheWriterAsAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.txt")
	writeFile(t, name, conditionalBody)
	app, _ := appWith(func(c *decant.Context) (any, error) { return c.SendFile(name) })
	w := &receiver{ResponseRecorder: httptest.NewRecorder()}
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("Range", "bytes=10-14")
	app.ServeHTTP(w, request)
	mustAnswer(t, w.ResponseRecorder, 206, "01234")
	limited, ok := w.source.(*io.LimitedReader)
	if !ok {
		t.Fatalf("the writer was given a %T", w.source)
	}
	if _, ok := limited.R.(*os.File); !ok {
		t.Errorf("the writer was given a %T", limited.R)
	}
}

// FuzzMakeConditional checks what holds for every request: the status is one of
// five, and a part is a part of the body, at the place and of the length that
// the headers say.
func FuzzMakeConditional(f *testing.F) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		var body any = conditionalBody
		if c.Request.Args.Has("file") {
			body = strings.NewReader(conditionalBody)
		}
		r := c.MakeResponse(body)
		r.SetETag("v1")
		r.Header().Set("Last-Modified", conditionalDate)
		r.MakeConditional()
		return r, nil
	})
	f.Fuzz(func(t *testing.T, wanted, noneMatch, since, ifRange, match string) {
		headers := []string{"Range", wanted, "If-None-Match", noneMatch, "If-Modified-Since", since, "If-Range", ifRange, "If-Match", match}
		for i := len(headers) - 2; i >= 0; i -= 2 {
			if headers[i+1] == "" {
				headers = append(headers[:i], headers[i+2:]...)
			}
		}
		text, file := get(app, "/", headers...), get(app, "/?file", headers...)
		if text.Code != file.Code || text.Body.String() != file.Body.String() {
			t.Errorf("text answers %d %q, a file %d %q", text.Code, text.Body, file.Code, file.Body)
		}
		switch text.Code {
		case 200, 412:
			mustAnswer(t, text, text.Code, conditionalBody)
		case 206:
			mustBePart(t, text)
		case 304:
			mustAnswer(t, text, 304, "")
		case 416:
			if text.Header().Get("Content-Range") != "bytes */30" {
				t.Errorf("a 416 says %q", text.Header().Get("Content-Range"))
			}
		default:
			t.Errorf("status %d", text.Code)
		}
		log.mustBeEmpty(t)
	})
}

func mustBePart(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	span, complete, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Content-Range"), "bytes "), "/")
	first, last, _ := strings.Cut(span, "-")
	start, err := strconv.Atoi(first)
	end, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil || complete != "30" || start > end || end >= 30 {
		t.Fatalf("Content-Range is %q", w.Header().Get("Content-Range"))
	}
	mustAnswer(t, w, 206, conditionalBody[start:end+1])
}
