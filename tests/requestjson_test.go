package tests

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/pyjson"
)

// readingJSON has a view that reads the body into what target returns.
func readingJSON(t *testing.T, target func() any, check func(target any), options ...decant.JSONOption) *decant.App {
	t.Helper()
	app, log := appWith(func(c *decant.Context) (any, error) {
		into := target()
		if err := c.Request.JSON(into, options...); err != nil {
			return nil, err
		}
		if check != nil {
			check(into)
		}
		return "read", nil
	})
	t.Cleanup(func() { log.mustBeEmpty(t) })
	return app
}

func utf16Of(order binary.AppendByteOrder, text string) string {
	var data []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		data = order.AppendUint16(data, unit)
	}
	return string(data)
}

func utf32Of(order binary.AppendByteOrder, text string) string {
	var data []byte
	for _, char := range text {
		data = order.AppendUint32(data, uint32(char))
	}
	return string(data)
}

// The values are Python's.
func TestJSONOfAnyKind(t *testing.T) {
	little, big32 := binary.LittleEndian, binary.BigEndian
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for body, want := range map[string]any{
		`{"a":1,"b":[1.5,"x",null,true]}`: map[string]any{"a": 1, "b": []any{1.5, "x", nil, true}},
		` 1 `:                             1,
		`null`:                            nil,
		`123456789012345678901234567890`:  huge,
		`Infinity`:                        math.Inf(1),
		`{"a":1,"a":2}`:                   map[string]any{"a": 2},
		`"\ud83d\ude00"`:                  "😀",
		`"\ud800"`:                        "\ufffd",
		`{"\udfff":"a\ud800b"}`:           map[string]any{"\ufffd": "a\ufffdb"},
		"\ufeff[1]":                       []any{1},
		`"é"`:                             "é",
		utf16Of(little, `{"a":"é😀"}`):     map[string]any{"a": "é😀"},
		utf16Of(big32, `{"a":"é"}`):       map[string]any{"a": "é"},
		utf16Of(little, "\ufeff[1]"):      []any{1},
		utf16Of(big32, "\ufeff[1]"):       []any{1},
		utf16Of(little, "1"):              1,
		utf16Of(big32, "1"):               1,
		utf32Of(little, `{"a":"é"}`):      map[string]any{"a": "é"},
		utf32Of(big32, `{"a":"é"}`):       map[string]any{"a": "é"},
		utf32Of(little, "\ufeff[1]"):      []any{1},
		utf32Of(big32, "\ufeff[1]"):       []any{1},
		utf32Of(big32, "1"):               1,
		"\xff\xfe\"\x00\x00\xd8\"\x00":    "\ufffd", // a lone surrogate in UTF-16
	} {
		app := readingJSON(t, func() any { return new(any) }, func(target any) {
			if diff := cmp.Diff(want, *target.(*any), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("%q (-want +got):\n%s", body, diff)
			}
		})
		mustAnswer(t, send(app, "POST", "/", body, "Content-Type", "application/json"), 200, "read")
	}
	app := readingJSON(t, func() any { return new(any) }, func(target any) {
		if number, ok := (*target.(*any)).(float64); !ok || !math.IsNaN(number) {
			t.Errorf("NaN is read as %v", *target.(*any))
		}
	})
	mustAnswer(t, send(app, "POST", "/", "NaN", "Content-Type", "application/json"), 200, "read")
}

func TestJSONInto(t *testing.T) {
	type order struct {
		ID    int    `json:"id"`
		Note  string `json:"note"`
		Extra any    `json:"extra"`
	}
	number := 7
	for name, c := range map[string]struct {
		body   string
		target func() any
		want   any
	}{
		"a struct":                 {`{"id":1,"NOTE":"x","unknown":2,"extra":3}`, func() any { return new(order) }, &order{1, "x", 3.0}},
		"a struct, in UTF-16":      {utf16Of(binary.LittleEndian, `{"id":1}`), func() any { return new(order) }, &order{ID: 1}},
		"a struct, with a mark":    {"\ufeff" + `{"id":1}`, func() any { return new(order) }, &order{ID: 1}},
		"a struct, null":           {`null`, func() any { return &order{ID: 7} }, &order{ID: 7}},
		"a number":                 {`7`, func() any { return new(int) }, &number},
		"a map":                    {`{"a":[1]}`, func() any { return new(decant.H) }, &decant.H{"a": []any{1}}},
		"a list":                   {`[1,2]`, func() any { return new([]any) }, &[]any{1, 2}},
		"a map, null":              {`null`, func() any { return &decant.H{"a": 1} }, new(decant.H)},
		"a list of something else": {`["a"]`, func() any { return new([]string) }, &[]string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			app := readingJSON(t, c.target, func(target any) {
				if diff := cmp.Diff(c.want, target); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
			mustAnswer(t, send(app, "POST", "/", c.body, "Content-Type", "application/json"), 200, "read")
		})
	}
}

// The descriptions are those of Flask's pages in debug mode.
func TestBadJSONIsA400(t *testing.T) {
	anything := func() any { return new(any) }
	structure := func() any { return new(struct{ ID int }) }
	for name, c := range map[string]struct {
		body   string
		target func() any
		says   string
	}{
		"empty":                   {"", anything, "Expecting value: line 1 column 1 (char 0)"},
		"unfinished":              {"{", anything, "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		"a NUL":                   {"\x00", anything, "Expecting value: line 1 column 1 (char 0)"},
		"a mark alone":            {"\xfe\xff", anything, "Expecting value: line 1 column 1 (char 0)"},
		"a mark in the middle":    {" \ufeff1", anything, "Expecting value: line 1 column 2 (char 1)"},
		"two marks":               {"\ufeff\ufeff1", anything, "Unexpected UTF-8 BOM"},
		"more":                    {"1 2", anything, "Extra data: line 1 column 3 (char 2)"},
		"half a unit of UTF-16":   {"\xff\xfe\x00", anything, "Truncated UTF-16"},
		"half a unit of UTF-32":   {"\xff\xfe\x00\x00\x31", anything, "Truncated UTF-32"},
		"no UTF-32":               {"\x00\x00\xfe\xff\x7f\x00\x00\x00", anything, "Invalid UTF-32"},
		"no UTF-8":                {"\"\xff\"", anything, "Invalid UTF-8: line 1 column 2 (char 1)"},
		"no UTF-8, for a struct":  {"{\"ID\":1,\"x\":\"\xff\"}", structure, "Invalid UTF-8"},
		"surrogates in UTF-8":     {"\"\xed\xa0\x80\"", anything, "Invalid UTF-8"},
		"very deep":               {strings.Repeat("[", 2000), anything, "nested more than 1000 levels deep"},
		"many digits":             {strings.Repeat("9", 5000), anything, "5000 digits"},
		"empty, for a struct":     {"", structure, "unexpected end of JSON input"},
		"another type in it":      {`{"ID":"x"}`, structure, "cannot unmarshal string"},
		"NaN, for a struct":       {`{"ID":NaN}`, structure, "invalid character"},
		"a list for a map":        {`[1]`, func() any { return new(decant.H) }, "it holds a []interface {}, not a map[string]interface {}"},
		"a map for a list":        {`{}`, func() any { return new([]any) }, "it holds a map"},
		"very deep, for a struct": {`{"x":` + strings.Repeat("[", 20_000), structure, "exceeded max depth"},
	} {
		t.Run(name, func(t *testing.T) {
			app := readingJSON(t, c.target, nil)
			w := send(app, "POST", "/", c.body, "Content-Type", "application/json")
			if w.Code != 400 || strings.Contains(w.Body.String(), "decode") {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
			app = readingJSON(t, c.target, nil)
			app.Config.Debug = true
			w = send(app, "POST", "/", c.body, "Content-Type", "application/json")
			if w.Code != 400 || !strings.Contains(w.Body.String(), "Failed to decode JSON object: ") || !strings.Contains(w.Body.String(), string(decant.Escape(c.says))) {
				t.Errorf("in debug: status %d, %s", w.Code, w.Body)
			}
		})
	}
}

func TestTheTypeOfJSON(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/json": true, "application/vnd.api+json": true, "application/x+JSON": true, "APPLICATION/JSON; charset=latin-1": true, "application/+json": true,
		"text/json": false, "application/json+x": false, "": false, "text/plain+json": false, "application/jsonp": false,
	} {
		app := readingJSON(t, func() any { return new(any) }, nil)
		w := send(app, "POST", "/", "1", "Content-Type", contentType)
		if status := map[bool]int{true: 200, false: 415}[want]; w.Code != status {
			t.Errorf("%q: status %d, want %d", contentType, w.Code, status)
		}
		if !want && !strings.Contains(w.Body.String(), "Did not attempt to load JSON data because the request Content-Type was not &#39;application/json&#39;.") {
			t.Errorf("%q: %s", contentType, w.Body)
		}
		forced := readingJSON(t, func() any { return new(any) }, nil, decant.ForceJSON())
		mustAnswer(t, send(forced, "POST", "/", "1", "Content-Type", contentType), 200, "read")
	}
}

func TestJSONKeepsItsReasonForErrorHandlers(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		var target any
		return nil, c.Request.JSON(&target)
	})
	app.ErrorHandler(400, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		var reason *pyjson.SyntaxError
		return fmt.Sprint(errors.As(err, &reason), " ", reason), nil
	})
	mustAnswer(t, send(app, "POST", "/", "{", "Content-Type", "application/json"), 400, "true Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
	log.mustBeEmpty(t)
}

func TestJSONIntoNothingIsAMistakeOfTheProgram(t *testing.T) {
	for name, target := range map[string]any{"a struct itself": struct{}{}, "nil": nil, "a nil pointer": (*any)(nil), "another nil pointer": (*int)(nil)} {
		app, log := appWith(func(c *decant.Context) (any, error) { return nil, c.Request.JSON(target) })
		mustFail(t, send(app, "POST", "/", "{}", "Content-Type", "application/json"))
		log.mustContain(t, `endpoint "view"`, "pass a pointer")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Whatever is sent, the answer is a 200 or a 400, texts are UTF-8, and both
// ways of reading agree on what is a document wherever JSON's standard is
// clear.
func FuzzJSONBody(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"x",null,1.5e3]}`, "\ufeff1", "\xff\xfe1\x00", "\x00\x00\x001", `"\ud800\udc00"`, "[[[[", `{"a":NaN}`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		app, log := appWith(func(c *decant.Context) (any, error) {
			var value any
			err := c.Request.JSON(&value)
			var raw json.RawMessage
			if rawError := c.Request.JSON(&raw); rawError == nil && err != nil && !errors.As(err, new(*pyjson.ValueError)) {
				t.Errorf("encoding/json takes %q, and Python does not: %v", body, err)
			}
			if text := fmt.Sprint(value); err == nil && !utf8.ValidString(text) {
				t.Errorf("%q is read as %q", body, text)
			}
			return "read", err
		})
		r := httptest.NewRequest("POST", "/", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 {
			t.Errorf("%q: status %d", body, w.Code)
		}
		log.mustBeEmpty(t)
	})
}

// A short document of many empty objects takes fifty times its size in memory.
func TestMaxJSONElements(t *testing.T) {
	for name, read := range map[string]func(r *decant.Request) error{
		"any":     func(r *decant.Request) error { return r.JSON(new(any)) },
		"list":    func(r *decant.Request) error { return r.JSON(new([]any)) },
		"structs": func(r *decant.Request) error { return r.JSON(new([]json.RawMessage)) },
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) { return "read", read(c.Request) })
			app.Config.MaxJSONElements = 4
			for body, status := range map[string]int{
				`[1,2,3]`:                              200, // with the list around them
				`[{},{}]`:                              413,
				"[" + strings.Repeat(`{"":0},`, 1<<16): 413, // before the parser sees that it has no end
			} {
				if w := send(app, "POST", "/", body, "Content-Type", "application/json"); w.Code != status {
					t.Errorf("%.20q: status %d, want %d", body, w.Code, status)
				}
			}
			log.mustContain(t, "the number of JSON values is over the limit of 4 values; raise Config.MaxJSONElements to accept it")
		})
	}

	body := "[" + strings.Repeat("0,", 500_000) + "0]"
	app, _ := appWith(func(c *decant.Context) (any, error) { return "read", c.Request.JSON(new(any)) })
	if w := send(app, "POST", "/", body, "Content-Type", "application/json"); w.Code != 413 {
		t.Errorf("the default: status %d", w.Code)
	}
	app, _ = appWith(func(c *decant.Context) (any, error) { return "read", c.Request.JSON(new(any)) })
	app.Config.MaxJSONElements = 0
	mustAnswer(t, send(app, "POST", "/", body, "Content-Type", "application/json"), 200, "read")
}
