package tests

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// formCase is one request of multipart.json.
type formCase struct {
	ID          string          `json:"id"`
	Why         string          `json:"why"`
	Op          string          `json:"op"`
	Method      string          `json:"method"`
	ContentType string          `json:"content_type"`
	Limits      map[string]*int `json:"limits"`
	Query       []byte          `json:"query_b64"`
	Want        formAnswer      `json:"want"`
	vectors.Body
}

type formAnswer struct {
	Form       [][2]string `json:"form"`
	FormCount  int         `json:"form_count"`
	FormSHA256 string      `json:"form_sha256"`
	Files      []formFile  `json:"files"`
	StreamLeft []byte      `json:"stream_left_b64"`
	Error      string      `json:"error"`
	Code       int         `json:"code"`
}

type formFile struct {
	Name          string      `json:"name"`
	Filename      string      `json:"filename"`
	ContentType   string      `json:"content_type"`
	ContentLength int64       `json:"content_length"`
	Headers       [][2]string `json:"headers"`
	Content       []byte      `json:"content_b64"`
	ContentLen    int64       `json:"content_len"`
	ContentSHA256 string      `json:"content_sha256"`
}

// A query that is not UTF-8 is a 500 in Flask and a 400 here, as the page of
// differences says.
var formStatuses = map[string]int{"RequestEntityTooLarge": 413, "ClientDisconnected": 400, "UnicodeDecodeError": 400}

func TestFormVectorsThroughAnApp(t *testing.T) {
	for _, c := range vectors.Select[formCase](t, vectors.Load(t, "multipart.json")) {
		t.Run(c.ID, func(t *testing.T) {
			var got formAnswer
			app, log := newTestApp()
			app.Route("/", func(ctx *decant.Context) (any, error) {
				got = c.answer(t, ctx.Request)
				return "", nil
			}, decant.Methods("GET", "POST", "PUT"), decant.Endpoint("view"))
			c.configure(t, app.Config)
			w := httptest.NewRecorder()
			app.ServeHTTP(w, c.request(t))
			log.mustBeQuiet(t)
			if c.isUnboundedInFlask() {
				c.Want.Error = "RequestEntityTooLarge"
			}
			if c.Want.Error != "" {
				if want := formStatuses[c.Want.Error]; w.Code != want {
					t.Errorf("%s: status %d, want %d", c.Why, w.Code, want)
				}
				return
			}
			if w.Code != 200 {
				t.Fatalf("%s: status %d", c.Why, w.Code)
			}
			if diff := cmp.Diff(c.Want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(formFile{}, "ContentLength", "Headers")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.Why, diff)
			}
		})
	}
}

// isUnboundedInFlask reports whether the body is a urlencoded form without a length
// that is larger than max_form_memory_size, which here bounds such a form, too.
func (c *formCase) isUnboundedInFlask() bool {
	limit := c.Limits["max_form_memory_size"]
	isForm := strings.HasPrefix(c.ContentType, formType)
	return isForm && c.Length() < 0 && limit != nil && len(c.Content()) > *limit
}

func (c *formCase) configure(t *testing.T, config *decant.Config) {
	t.Helper()
	for name, limit := range c.Limits {
		none := 0
		if limit == nil {
			limit = &none
		}
		switch name {
		case "max_content_length":
			config.MaxContentLength = int64(*limit)
		case "max_form_memory_size":
			config.MaxFormMemorySize = int64(*limit)
		case "max_form_parts":
			config.MaxFormParts = *limit
		default:
			t.Fatalf("unknown limit %q", name)
		}
	}
}

func (c *formCase) request(t *testing.T) (r *http.Request) {
	t.Helper()
	method := c.Method
	if method == "" {
		method = "POST"
	}
	r = httptest.NewRequest(method, "/", bytes.NewReader(c.Content()))
	r.ContentLength = c.Length()
	if c.ContentType != "" {
		r.Header.Set("Content-Type", c.ContentType)
	}
	r.URL.RawQuery = string(c.Query)
	return r
}

// answer groups fields by name, as the vectors do.
func (c *formCase) answer(t *testing.T, r *decant.Request) (got formAnswer) {
	values := r.Form
	if c.Op == "query" {
		values = r.Args
	}
	var order []string
	for name := range values.All() {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	for _, name := range order {
		for _, value := range values.List(name) {
			got.Form = append(got.Form, [2]string{name, value})
		}
	}
	for field, file := range r.Files.All() {
		got.Files = append(got.Files, formFile{Name: field, Filename: file.Filename, ContentType: file.ContentType(), Content: contentOf(t, file)})
	}
	left, err := r.Data()
	if err != nil {
		t.Error(err)
	}
	got.StreamLeft = left
	return got.digestLike(c.Want)
}

// digestLike reduces what is big to its digest, where the vector has only that.
func (a formAnswer) digestLike(want formAnswer) formAnswer {
	if want.FormSHA256 != "" {
		digest := sha256.New()
		for _, pair := range a.Form {
			fmt.Fprintf(digest, "%s=%s\n", pair[0], pair[1])
		}
		a.FormCount, a.FormSHA256, a.Form = len(a.Form), hex.EncodeToString(digest.Sum(nil)), nil
	}
	for i := range min(len(a.Files), len(want.Files)) {
		if file := &a.Files[i]; want.Files[i].ContentSHA256 != "" {
			digest := sha256.Sum256(file.Content)
			file.ContentLen, file.ContentSHA256, file.Content = int64(len(file.Content)), hex.EncodeToString(digest[:]), nil
		}
	}
	return a
}

func contentOf(t testing.TB, file *decant.File) []byte {
	t.Helper()
	reader, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil || int64(len(data)) != file.Size {
		t.Fatalf("%q: %d bytes, Size is %d, %v", file.Filename, len(data), file.Size, err)
	}
	return data
}

func TestAcceptVectorsThroughAnApp(t *testing.T) {
	type testCase struct {
		ID, Op, Text string
		Offers       []string
		Want         struct {
			Best    string
			Values  json.RawMessage
			Quality []float64
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "accept") {
		app, log := appWith(func(ctx *decant.Context) (any, error) {
			accept := ctx.Request.AcceptMIMETypes()
			var qualities []float64
			for _, offer := range c.Offers {
				qualities = append(qualities, accept.Quality(offer))
			}
			values := [][]any{}
			for value, quality := range accept.All() {
				values = append(values, []any{value, quality})
			}
			var want [][]any
			if err := json.Unmarshal(c.Want.Values, &want); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([]any{c.Want.Quality, want}, []any{qualities, values}, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.ID, diff)
			}
			return ctx.Request.BestMatch(c.Offers...), nil
		})
		mustAnswer(t, get(app, "/", "Accept", c.Text), 200, c.Want.Best)
		log.mustBeEmpty(t)
	}
}

func TestSecureFilenameVectors(t *testing.T) { vectors.CheckSecureFilename(t, decant.SecureFilename) }
