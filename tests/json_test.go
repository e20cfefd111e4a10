package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// fields come in an order that is not that of their names.
type fields struct {
	Y int `json:"y"`
	X int `json:"x"`
}

// The texts are what Flask's jsonify and app.json.dumps give.
func TestJSONIsFlasks(t *testing.T) {
	huge, _ := new(big.Int).SetString("1000000000000000000000000000000", 10)
	for name, c := range map[string]struct {
		value                    any
		compact, indented, dumps string
	}{
		"null":         {nil, "null", "null", "null"},
		"true":         {true, "true", "true", "true"},
		"number":       {1, "1", "1", "1"},
		"float":        {1.5, "1.5", "1.5", "1.5"},
		"big number":   {huge, huge.String(), huge.String(), huge.String()},
		"text":         {"é☃😀\x7f</script>", `"\u00e9\u2603\ud83d\ude00\u007f</script>"`, `"\u00e9\u2603\ud83d\ude00\u007f</script>"`, `"\u00e9\u2603\ud83d\ude00\u007f</script>"`},
		"list":         {[]any{1, decant.Tuple{2, 3}}, "[1,[2,3]]", "[\n  1,\n  [\n    2,\n    3\n  ]\n]", "[1, [2, 3]]"},
		"empty list":   {[]any{}, "[]", "[]", "[]"},
		"empty object": {decant.H{}, "{}", "{}", "{}"},
		"object":       {decant.H{"b": 1, "a": decant.H{"d": 2, "c": []any{true, nil}}}, `{"a":{"c":[true,null],"d":2},"b":1}`, "{\n  \"a\": {\n    \"c\": [\n      true,\n      null\n    ],\n    \"d\": 2\n  },\n  \"b\": 1\n}", `{"a": {"c": [true, null], "d": 2}, "b": 1}`},
		"struct":       {fields{2, 1}, `{"x":1,"y":2}`, "{\n  \"x\": 1,\n  \"y\": 2\n}", `{"x": 1, "y": 2}`},
		"decimal":      {big.NewFloat(1.5), `"1.5"`, `"1.5"`, `"1.5"`},
		"date":         {time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC), `"Thu, 29 Feb 2024 12:34:56 GMT"`, `"Thu, 29 Feb 2024 12:34:56 GMT"`, `"Thu, 29 Feb 2024 12:34:56 GMT"`},
		"UUID":         {decant.UUID{15: 1}, `"00000000-0000-0000-0000-000000000001"`, `"00000000-0000-0000-0000-000000000001"`, `"00000000-0000-0000-0000-000000000001"`},
		"markup":       {decant.Markup("<b>"), `"<b>"`, `"<b>"`, `"<b>"`},
		"no numbers":   {[]float64{math.NaN(), math.Inf(1)}, "[NaN,Infinity]", "[\n  NaN,\n  Infinity\n]", "[NaN, Infinity]"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, debug := range []bool{false, true} {
				app, log := appWith(func(context *decant.Context) (any, error) { return context.JSON(c.value) })
				app.Config.Debug = debug
				want := c.compact
				if debug {
					want = c.indented
				}
				w := get(app, "/")
				mustAnswer(t, w, 200, want+"\n")
				if got := w.Header().Get("Content-Type"); got != "application/json" {
					t.Errorf("content type %q", got)
				}
				log.mustBeEmpty(t)
			}
			got, err := decant.New("test").JSON.Dumps(c.value)
			if diff := cmp.Diff(c.dumps, string(got)); diff != "" || err != nil {
				t.Errorf("Dumps: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestSettingsOfJSON(t *testing.T) {
	indented := "{\n  \"x\": \"\\u00e9\"\n}\n"
	for name, c := range map[string]struct {
		change      func(*decant.JSON)
		debug       bool
		value       any
		want        string
		contentType string
	}{
		"unsorted":        {change: func(p *decant.JSON) { p.SortKeys = false }, value: fields{2, 1}, want: `{"y":2,"x":1}` + "\n"},
		"beyond ASCII":    {change: func(p *decant.JSON) { p.EnsureASCII = false }, value: []string{"é"}, want: `["é"]` + "\n"},
		"always compact":  {change: func(p *decant.JSON) { p.Layout = decant.CompactJSON }, debug: true, value: decant.H{"x": "é"}, want: `{"x":"\u00e9"}` + "\n"},
		"always indented": {change: func(p *decant.JSON) { p.Layout = decant.IndentedJSON }, value: decant.H{"x": "é"}, want: indented},
		"indented, debug": {change: func(*decant.JSON) {}, debug: true, value: decant.H{"x": "é"}, want: indented},
		"MIME type":       {change: func(p *decant.JSON) { p.MIMEType = "application/vnd.api+json" }, value: []int{1}, want: "[1]\n", contentType: "application/vnd.api+json"},
		"default":         {change: func(p *decant.JSON) { p.Default = unixSeconds }, value: []any{time.Unix(7, 0), decant.UUID{15: 1}}, want: `[7,"00000000-0000-0000-0000-000000000001"]` + "\n"},
		"default of its own": {change: func(p *decant.JSON) {
			p.Default = func(value any) (any, bool) { _, ok := value.(chan int); return "channel", ok }
		}, value: []any{make(chan int)}, want: `["channel"]` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return c.value, nil })
			app.Config.Debug = c.debug
			c.change(app.JSON)
			w := get(app, "/")
			mustAnswer(t, w, 200, c.want)
			if c.contentType == "" {
				c.contentType = "application/json"
			}
			if got := w.Header().Get("Content-Type"); got != c.contentType {
				t.Errorf("content type %q, want %q", got, c.contentType)
			}
			log.mustBeEmpty(t)
		})
	}
}

func unixSeconds(value any) (any, bool) {
	date, ok := value.(time.Time)
	return date.Unix(), ok
}

// goJSON is a provider that somebody wrote.
type goJSON struct{}

func (goJSON) Dumps(value any) ([]byte, error) { return json.Marshal(value) }

func (goJSON) Loads(data []byte) (value any, err error) {
	err = json.Unmarshal(data, &value)
	return value, err
}

// louder overrides one method of the default.
type louder struct{ *decant.JSON }

func (l louder) Dumps(value any) ([]byte, error) {
	data, err := l.JSON.Dumps(value)
	return bytes.ToUpper(data), err
}

func TestAnotherJSONProvider(t *testing.T) {
	for want, provider := range map[string]decant.JSONProvider{
		`{"Html":"\u003cb\u003e"}`: goJSON{},
		`{"HTML": "<B>"}`:          louder{decant.NewJSON()},
	} {
		app, log := appWith(func(*decant.Context) (any, error) { return decant.H{"Html": "<b>"}, nil })
		app.JSON.Provider = provider
		mustAnswer(t, get(app, "/"), 200, want)
		log.mustBeEmpty(t)
	}
	app, log := appWith(func(c *decant.Context) (any, error) { return c.JSON(make(chan int)) })
	app.JSON.Provider = goJSON{}
	mustFail(t, get(app, "/"))
	log.mustContain(t, `endpoint "view" returned what JSON cannot say`, "unsupported type: chan int")
}

// dates is a provider that reads dates with the words of a caller.
type dates struct{ *decant.JSON }

func (dates) Loads(data []byte) (any, error) {
	if !bytes.HasPrefix(data, []byte("on ")) {
		return nil, errors.New("a date begins with \"on \"")
	}
	day, err := time.Parse("on 2006-01-02", string(data))
	return decant.H{"day": day}, err
}

// A provider reads the bodies of requests.
func TestAJSONProviderReadsRequests(t *testing.T) {
	day := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	type order struct {
		Day time.Time `json:"day"`
	}
	for name, c := range map[string]struct {
		target any
		body   string
		status int
		want   any // in the target
	}{
		"anything":    {new(any), "on 2026-11-27", 200, any(decant.H{"day": day})},
		"a map":       {new(decant.H), "on 2026-11-27", 200, decant.H{"day": day}},
		"a struct":    {new(order), "on 2026-11-27", 200, order{day}},
		"in UTF-16":   {new(order), "\xff\xfeo\x00n\x00 \x002\x000\x002\x006\x00-\x001\x001\x00-\x002\x007\x00", 200, order{day}},
		"a list":      {new([]any), "on 2026-11-27", 400, []any(nil)},
		"another one": {new([]int), "on 2026-11-27", 400, []int(nil)},
		"JSON":        {new(any), "{}", 400, any(nil)},
		"no pointer":  {7, "on 2026-11-27", 500, nil},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newTestApp()
			app.Post("/", func(context *decant.Context) (any, error) {
				return "", context.Request.JSON(c.target, decant.ForceJSON())
			}, decant.Endpoint("index"))
			app.JSON.Provider = dates{decant.NewJSON()}
			if w := send(app, "POST", "/", c.body); w.Code != c.status {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
			if c.want == nil {
				return
			}
			if diff := cmp.Diff(c.want, reflect.ValueOf(c.target).Elem().Interface()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	app, _ := newTestApp()
	app.Config.Debug = true
	app.Post("/", func(c *decant.Context) (any, error) { return "", c.Request.JSON(new(any), decant.ForceJSON()) }, decant.Endpoint("index"))
	app.JSON.Provider = dates{decant.NewJSON()}
	if w := send(app, "POST", "/", "{}"); !strings.Contains(w.Body.String(), "a date begins with &#34;on &#34;") {
		t.Errorf("the page does not show the provider's error: %s", w.Body)
	}
}

// money is a type that Default writes.
type money struct{ cents int }

func (m money) String() string { return fmt.Sprint(m.cents, " cents") }

func moneyAsText(value any) (any, bool) {
	if m, ok := value.(money); ok {
		return fmt.Sprintf("%d.%02d", m.cents/100, m.cents%100), true
	}
	return nil, false
}

// Values in the script of a page are written by App.JSON, in both engines, and its
// text is the usual one elsewhere.
func TestScriptsHoldTheJSONOfTheApplication(t *testing.T) {
	id, err := decant.ParseUUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	if err != nil {
		t.Fatal(err)
	}
	vars := decant.H{
		"when":  time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		"big":   big.NewFloat(1.5),
		"huge":  new(big.Int).Lsh(big.NewInt(1), 80),
		"id":    id,
		"price": money{1999},
		"items": []any{money{5}, decant.H{"b": 1.5, "a": decant.Markup("<i>")}},
		"pair":  struct{ B, A int }{1, 2},
		"text":  "</script>",
		"half":  0.5,
		"none":  nil,
	}
	for name, want := range map[string]struct{ jinja, html, text string }{ // text is that of html/template in a page
		"when":  {`"Tue, 02 Jan 2024 03:04:05 GMT"`, `"Tue, 02 Jan 2024 03:04:05 GMT"`, "2024-01-02 03:04:05 &#43;0000 UTC"},
		"big":   {`"1.5"`, `"1.5"`, "1.5"},
		"huge":  {"1208925819614629174706176", " 1208925819614629174706176 ", "1208925819614629174706176"},
		"id":    {`"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, `"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		"price": {`"19.99"`, `"19.99"`, "1999 cents"},
		"items": {`["0.05", {"a": "\u003ci\u003e", "b": 1.5}]`, `["0.05",{"a":"\u003ci\u003e","b":1.5}]`, "[5 cents map[a:&lt;i&gt; b:1.5]]"},
		"pair":  {`{"A": 2, "B": 1}`, `{"A":2,"B":1}`, "{1 2}"},
		"text":  {`"\u003c/script\u003e"`, `"\u003c/script\u003e"`, "&lt;/script&gt;"},
		"half":  {"0.5", " 0.5 ", "0.5"},
		"none":  {"null", " null ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []struct {
				app          func(files ...string) (*decant.App, *journal)
				source, want string
			}{
				{templateApp, "<script>x = {{ " + name + "|tojson }}</script>", "<script>x = " + want.jinja + "</script>"},
				{htmlApp, "<script>x = {{." + name + "}}</script><p>{{." + name + "}}", "<script>x = " + want.html + "</script><p>" + want.text},
			} {
				app, log := kind.app("page.html", kind.source)
				app.JSON.Default = moneyAsText
				app.JSON.SortKeys = false // Jinja2 sorts them all the same
				app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html", vars) }, decant.Endpoint("page"))
				mustAnswer(t, get(app, "/page"), 200, kind.want)
				log.mustBeEmpty(t)
			}
		})
	}
}

// NaN is a number of Python's JSON, and of none that html/template writes.
func TestScriptsWithNaN(t *testing.T) {
	for source, newApp := range map[string]func(files ...string) (*decant.App, *journal){
		"<script>x = {{ x|tojson }}</script>": templateApp,
		"<script>x = {{.x}}</script>":         htmlApp,
	} {
		app, log := newApp("page.html", source)
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html", decant.H{"x": math.NaN()}) }, decant.Endpoint("page"))
		if w := get(app, "/page"); w.Code != 200 || !strings.HasSuffix(w.Body.String(), "null </script>") && w.Body.String() != "<script>x = NaN</script>" {
			t.Errorf("%s: %d %s", source, w.Code, w.Body)
		}
		log.mustBeEmpty(t)
	}
}

// A value that JSON cannot say ends the page, in both engines.
func TestScriptsWithWhatHasNoJSON(t *testing.T) {
	for source, newApp := range map[string]func(files ...string) (*decant.App, *journal){
		"<script>x = {{ {'a': [bad]}|tojson }}</script>": templateApp,
		"<script>x = {{.bad}}</script>":                  htmlApp,
	} {
		app, log := newApp("page.html", source)
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html", decant.H{"bad": make(chan int)}) }, decant.Endpoint("page"))
		if w := get(app, "/page"); w.Code != 500 {
			t.Errorf("%s: %d %s", source, w.Code, w.Body)
		}
		log.mustContain(t, "page.html", "chan int cannot be written as JSON")
	}
}

// Sessions keep Flask's form, or changing the provider would log everybody out.
func TestTheJSONProviderDoesNotTouchSessions(t *testing.T) {
	store := func(c *decant.Context) (any, error) { c.Session.Set("name", "é"); return "", nil }
	plain, _ := appWith(store)
	other, _ := appWith(store)
	other.JSON.EnsureASCII = false
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		if diff := cmp.Diff(pairOf(get(plain, "/")), pairOf(get(other, "/"))); diff != "" {
			t.Errorf("(-plain +other):\n%s", diff)
		}
	})
}

func TestLoads(t *testing.T) {
	got, err := decant.NewJSON().Loads([]byte(`{"a": [1, 2.5, "x", null, true]}`))
	if diff := cmp.Diff(any(decant.H{"a": []any{1, 2.5, "x", nil, true}}), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := decant.NewJSON().Loads([]byte("{")); err == nil {
		t.Error("half an object is loaded")
	}
}

func TestAJSONProviderServesManyAtOnce(t *testing.T) {
	provider := decant.NewJSON()
	var group sync.WaitGroup
	failed := make(chan error, 8)
	for range cap(failed) {
		group.Go(func() {
			if got, err := provider.Dumps(fields{2, 1}); string(got) != `{"x": 1, "y": 2}` {
				failed <- errors.Join(errors.New(string(got)), err)
			}
		})
	}
	group.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}

type account struct {
	ID    int      `json:"id"`
	Email string   `json:"email"`
	Name  string   `json:"name"`
	Tags  []string `json:"tags"`
}

// BenchmarkJSON is a whole request, and for comparison what encoding/json and
// the write alone take.
func BenchmarkJSON(b *testing.B) {
	for name, value := range map[string]any{
		"map":    decant.H{"id": 42, "email": "ann@example.com", "name": "Ann", "tags": []string{"a", "b"}},
		"struct": account{42, "ann@example.com", "Ann", []string{"a", "b"}},
	} {
		app, _ := appWith(func(*decant.Context) (any, error) { return value, nil })
		r := httptest.NewRequest("GET", "/", nil)
		w := discard{map[string][]string{}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				app.ServeHTTP(w, r)
			}
		})
		b.Run(name+" by encoding json alone", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				data, _ := json.Marshal(value)
				w.Write(append(data, '\n'))
			}
		})
	}
}

// BenchmarkAnswer is what a whole request costs that is answered with each kind
// of body.
func BenchmarkAnswer(b *testing.B) {
	for name, view := range map[string]decant.View{
		"text":   hello,
		"bytes":  func(*decant.Context) (any, error) { return []byte("Hello"), nil },
		"stream": func(*decant.Context) (any, error) { return func(yield func(string) bool) { yield("Hello") }, nil },
		"event": func(*decant.Context) (any, error) {
			return func(yield func(decant.Event) bool) { yield(decant.Event{Data: "Hello"}) }, nil
		},
		"not modified": func(c *decant.Context) (any, error) {
			r := c.MakeResponse("Hello")
			r.AddETag()
			r.MakeConditional()
			return r, nil
		},
	} {
		app, _ := appWith(view)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("If-None-Match", `"f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0"`)
		w := discard{map[string][]string{}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				app.ServeHTTP(w, r)
			}
		})
	}
}

func TestTheSettingsOfJSONAreFrozen(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) {
		text, err := c.App.JSON.Dumps(fields{2, 1})
		return []any{fields{2, 1}, string(text)}, err
	})
	const want = `[{"x":1,"y":2},"{\"x\": 1, \"y\": 2}"]` + "\n"
	mustAnswer(t, get(app, "/"), 200, want)
	app.JSON.SortKeys, app.JSON.Layout, app.JSON.MIMEType, app.JSON.Provider = false, decant.IndentedJSON, "text/plain", goJSON{}
	app.JSON.Default = func(any) (any, bool) { return "replaced", true }
	w := get(app, "/")
	mustAnswer(t, w, 200, want)
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
	log.mustBeEmpty(t)

	app = decant.New("shop")
	app.JSON.Provider = app.JSON
	mustPanic(t, func() { get(app, "/") }, "the Provider of a JSON is the JSON itself", "leave it nil")
}
