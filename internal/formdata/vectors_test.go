package formdata

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/decant-go/decant/internal/vectors"
)

type vectorCase struct {
	ID          string       `json:"id"`
	Why         string       `json:"why"`
	Op          string       `json:"op"`
	Method      string       `json:"method"`
	ContentType string       `json:"content_type"`
	Limits      vectorLimits `json:"limits"`
	Query       []byte       `json:"query_b64"`
	Want        vectorWant   `json:"want"`
	vectors.Body
}

// vectorLimits tells an absent limit from one that is null.
type vectorLimits struct {
	ContentLength json.RawMessage `json:"max_content_length"`
	FormMemory    json.RawMessage `json:"max_form_memory_size"`
	Parts         json.RawMessage `json:"max_form_parts"`
}

type vectorWant struct {
	Form       [][2]string  `json:"form"`
	FormCount  int          `json:"form_count"`
	FormSHA256 string       `json:"form_sha256"`
	Files      []vectorFile `json:"files"`
	StreamLeft []byte       `json:"stream_left_b64"`
	Error      string       `json:"error"`
	Code       int          `json:"code"`
}

type vectorFile struct {
	Name          string      `json:"name"`
	Filename      string      `json:"filename"`
	ContentType   *string     `json:"content_type"`
	ContentLength int64       `json:"content_length"`
	Headers       [][2]string `json:"headers"`
	Content       []byte      `json:"content_b64"`
	ContentLen    int         `json:"content_len"`
	ContentSHA256 string      `json:"content_sha256"`
}

// The vectors' errors and the ones that stand for them. A query that is not
// UTF-8 is the client's fault: the 500 of the vectors becomes a 400.
var vectorErrors = map[string]error{
	"RequestEntityTooLarge": ErrTooLarge,
	"ClientDisconnected":    ErrClientDisconnected,
	"UnicodeDecodeError":    ErrNotUTF8,
}

// A name that is null in the vectors is empty here: Pair.Name is a string.
func TestVectors(t *testing.T) {
	for _, c := range vectors.Select[vectorCase](t, vectors.Load(t, "multipart.json")) {
		t.Run(c.ID, func(t *testing.T) {
			got, err := c.run(t)
			if c.Want.Error != "" {
				want, known := vectorErrors[c.Want.Error]
				if !known || !errors.Is(err, want) {
					t.Fatalf("%s: got error %v, want %s", c.Why, err, c.Want.Error)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", c.Why, err)
			}
			if diff := cmp.Diff(c.Want, got.digestLike(c.Want), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.Why, diff)
			}
		})
	}
}

func (c *vectorCase) run(t *testing.T) (vectorWant, error) {
	switch c.Op {
	case "query":
		pairs, err := ParseQuery(string(c.Query))
		return vectorWant{Form: grouped(pairs)}, err
	case "":
		return c.parse(t)
	}
	t.Fatalf("unknown op %q", c.Op)
	return vectorWant{}, nil
}

// parse chooses the parser as a request does.
func (c *vectorCase) parse(t *testing.T) (got vectorWant, err error) {
	body := bytes.NewReader(c.Content())
	form := &Form{}
	switch boundary := Boundary(c.ContentType); {
	case MediaType(c.ContentType) == "application/x-www-form-urlencoded":
		form.Fields, err = ParseURLEncoded(body, c.Length(), c.limits(t))
	case MediaType(c.ContentType) == "multipart/form-data" && boundary != "":
		form, err = ParseMultipart(body, c.Length(), boundary, c.limits(t), t.TempDir())
	default:
		got.StreamLeft, err = io.ReadAll(body)
	}
	if err != nil {
		return got, err
	}
	got.Form = grouped(form.Fields)
	for _, file := range form.Files {
		got.Files = append(got.Files, fileResult(t, file))
	}
	return got, form.Remove()
}

func (c *vectorCase) limits(t *testing.T) Limits {
	limits := DefaultLimits()
	limits.ContentLength = limit(t, c.Limits.ContentLength, limits.ContentLength)
	limits.FormMemory = limit(t, c.Limits.FormMemory, limits.FormMemory)
	limits.Parts = int(limit(t, c.Limits.Parts, int64(limits.Parts)))
	return limits
}

func limit(t *testing.T, raw json.RawMessage, absent int64) int64 {
	if raw == nil {
		return absent
	}
	value := int64(-1)
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// grouped puts the pairs of one name together, in order of first appearance.
func grouped(pairs []Pair) [][2]string {
	order := map[string]int{}
	for _, pair := range pairs {
		if _, seen := order[pair.Name]; !seen {
			order[pair.Name] = len(order)
		}
	}
	result := make([][2]string, len(pairs))
	for i, pair := range pairs {
		result[i] = [2]string{pair.Name, pair.Value}
	}
	slices.SortStableFunc(result, func(a, b [2]string) int { return order[a[0]] - order[b[0]] })
	return result
}

func fileResult(t *testing.T, file *File) vectorFile {
	result := vectorFile{Name: file.Field, Filename: file.Filename, ContentLength: file.ContentLength(), Content: content(t, file)}
	if contentType, ok := file.Header("content-TYPE"); ok {
		result.ContentType = &contentType
	}
	for name, value := range file.headers.all() {
		result.Headers = append(result.Headers, [2]string{name, value})
	}
	return result
}

// digestLike reduces what is big to its digest, where the vector has only that.
func (w vectorWant) digestLike(want vectorWant) vectorWant {
	if want.FormSHA256 != "" {
		digest := sha256.New()
		for _, pair := range w.Form {
			fmt.Fprintf(digest, "%s=%s\n", pair[0], pair[1])
		}
		w.FormCount, w.FormSHA256, w.Form = len(w.Form), hex.EncodeToString(digest.Sum(nil)), nil
	}
	for i := range min(len(w.Files), len(want.Files)) {
		if file := &w.Files[i]; want.Files[i].ContentSHA256 != "" {
			digest := sha256.Sum256(file.Content)
			file.ContentLen, file.ContentSHA256, file.Content = len(file.Content), hex.EncodeToString(digest[:]), nil
		}
	}
	return w
}

func content(t testing.TB, file *File) []byte {
	t.Helper()
	reader, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(data)) != file.Size {
		t.Fatalf("%q: %d bytes of content, Size is %d", file.Filename, len(data), file.Size)
	}
	return data
}
