package readers

import (
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/form"
	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/markup"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/safepath"
	"github.com/decant-go/decant/internal/wirecookie"
	"github.com/decant-go/decant/jinja/catalog"
	"github.com/decant-go/decant/shadow"
)

// values reads single values: numbers, names of files, languages.
func values() []Reader {
	translations, err := catalog.Load(fstest.MapFS{}, "messages")
	if err != nil {
		panic(err)
	}
	return []Reader{
		{Name: "a whole number", Marks: "0+-_ ", Units: []string{"1", "1_", "٣", "\u2003"}, Heads: []string{"-", "0x"}, Read: func(text string) {
			use(pytext.ParseInt(text))
			use(pytext.ParseBigInt(text, 10))
		}},
		{Name: "a number", Marks: "0+-_. e", Units: []string{"1", "1_", "٣", "\u2003", "inf", "nan"}, Heads: []string{"-", "0.", "1e", "0x1p"}, Read: func(text string) { use(pytext.ParseFloat(text)) }},
		{Name: "a number of a query", Marks: "0-_. e", Units: []string{"1", "on"}, Read: func() func(text string) {
			app := newApp()
			return func(text string) {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.URL.RawQuery = "a=" + url.QueryEscape(text)
				within(app, r, func(c *decant.Context) {
					v := c.Request.Args
					use(v.Int("a", 0), v.Float("a", 0), v.Bool("a", false))
					use(v.RequireInt("a"))
					use(v.RequireFloat("a"))
				})
			}
		}()},
		{Name: "text that is not UTF-8", Marks: "\xff\xf0\x90\xed\xa0\x80é", Read: func(text string) {
			use(pytext.ReplaceInvalid(text), pytext.Repr(text), pytext.Str(text), pytext.AppendQuoted(nil, text))
			use(pytext.LeadingSurrogate(text))
		}},
		{Name: "the name of a file", Marks: "/\\. _-\x00", Units: []string{"../", "é", "ﬁ", "CON", "\u0301", "/."}, Heads: []string{"."}, Read: func(text string) {
			use(safepath.SecureFilename(text), safepath.ASCII(text), decant.SecureFilename(text))
			use(header.FileType(text))
			use(header.ContentDisposition(true, text), header.FileETag(time.Time{}, 1, text), header.QuotedFileETag(time.Time{}, 1, text))
		}},
		{Name: "languages", Marks: ",;=-_*", Units: []string{"de-AT,", "a#,", "en;q=0.#,"}, Read: func(text string) { use(translations.Match(text, "en", "de_AT")) }},
		{Name: "the name of a secret on the debug page", Marks: "-_A", Units: []string{"aB", "pass"}, Read: func(text string) { use(debugpage.Redact(text, text)) }},
	}
}

// forms reads the fields of ext/form.
func forms() []Reader {
	app := newApp()
	app.Config.MaxFormFields = 0
	strict := newApp()
	strict.Config.MaxFormFields = 1
	type textForm struct {
		form.Form
		Value form.String
	}
	type numbers struct {
		form.Form
		Integer form.Integer
		Float   form.Float
		Decimal form.Decimal
	}
	type dates struct {
		form.Form
		Day    form.Date
		Moment form.DateTimeLocal
		Clock  form.Time
		Month  form.Month
		Week   form.Week
	}
	type lists struct {
		form.Form
		Links form.FieldList[form.String]
		Grid  form.FieldList[form.FieldList[form.Integer]]
		Many  form.SelectMultiple
		Radio form.Radio
	}
	validators := map[string]form.Validator{
		"an e-mail address": form.ValidEmail(), "a URL of a form": form.ValidURL(), "an IP address": form.IPAddress(), "a MAC address": form.MACAddress(),
		"a UUID of a form": form.UUID(), "a length": form.Length(1, 100), "required text": form.DataRequired(), "one of several": form.AnyOf(form.Values("a", "b")),
	}
	bound := func(query string, f form.Struct) {
		within(app, posted("application/x-www-form-urlencoded", query), func(c *decant.Context) {
			must(form.Bind(c, f, form.WithoutCSRF()))
			f := f.(interface {
				Validate() (bool, error)
				Data() decant.H
			})
			_, err := f.Validate()
			must(err)
			use(f.Data())
		})
	}
	var all []Reader
	for name, validator := range validators {
		all = append(all, Reader{Name: name, Marks: " .-:/@_%,[]\"", Units: []string{"a.", "ü", "xn--", "1.", "::", "0a:"}, Heads: []string{"a@", "http://", "::"}, Tails: []string{"@a.test", ".test"}, Read: func(text string) {
			f := &textForm{Value: form.String{Validators: form.Validators{validator}}}
			bound("value="+url.QueryEscape(text), f)
			use(f.Value.Render())
		}})
	}
	slices.SortFunc(all, func(a, b Reader) int { return strings.Compare(a.Name, b.Name) })
	three := func(text string, names ...string) string {
		v := url.Values{}
		for _, name := range names {
			v.Set(name, text)
		}
		return v.Encode()
	}
	return append(all,
		Reader{Name: "numbers of a form", Marks: "0+-_. eE", Units: []string{"1", "1_", "٣"}, Heads: []string{"1e", "0."}, Read: func(text string) {
			bound(three(text, "integer", "float", "decimal"), &numbers{})
			if n, ok := form.ParseNumber(text); ok {
				use(n.Float(), n.IsZero(), n.Round(2))
			}
			use(form.CoerceInt(text))
		}},
		Reader{Name: "dates of a form", Marks: "0-:. TW", Units: []string{"1", "2024-", "é"}, Heads: []string{"2024-01-01T", "2024-"}, Read: func(text string) {
			bound(three(text, "day", "moment", "clock", "month", "week"), &dates{})
		}},
		Reader{Name: "lists of a form", Marks: "&=-", Units: []string{"links-#=a&", "grid-#-#=1&", "many=#&", "links-9=a&", "radio=a&", "links-0=#&", "grid-0-#=1&"}, Read: func(text string) { bound(text, &lists{}) }},
		Reader{Name: "a form with too many fields", Marks: "&=", Units: []string{"a=b&"}, Read: func(text string) {
			within(strict, posted("application/x-www-form-urlencoded", text), func(c *decant.Context) { use(c.Request.Form.Get("a")) })
		}},
		Reader{Name: "a struct that is decoded", Marks: "&=%", Units: []string{"n=#&", "s=a&", "tags=#&", "when=2024-01-01&", "a#=b&"}, Read: func(text string) {
			within(app, posted("application/x-www-form-urlencoded", text), func(c *decant.Context) {
				var target struct {
					N    int
					S    string
					Tags []string
					When time.Time
				}
				use(form.Decode(c.Request.Form, &target))
			})
		}},
	)
}

// texts treats text of clients on its way to a page.
func texts() []Reader {
	html := []string{"<a", "<!--", "-->", "&amp;", "&#", "&lt", "<a b=c>", "</", "<script>", `<a b="`, "<a b='"}
	return []Reader{
		{Name: "escaping", Marks: `<>&"'`, Units: html, Read: func(text string) {
			use(markup.Escape(text), decant.Escape(text), decant.EscapeSilent(text), decant.Markup("a").Concat(text), decant.Markup(",").Join(text, text))
			use(decant.Markup("{0:>10} {1}").Format(text, text), decant.Markup("%s").Sprintf(text))
		}},
		{Name: "tags that are stripped", Marks: "<>&;#-! \n", Units: append(html, "<!-- -->", "<!", "<!<!---->--"), Heads: []string{"<", "<!--"}, Read: func(text string) {
			use(decant.Markup(text).Striptags(), decant.Markup(text).Unescape(), decant.Markup(text).Repr(), markup.Strip(text))
		}},
		{Name: "a page that is compared", Marks: "<>&;=\"'/!- ", Units: append(html, "<a b#=c>", ".eJx.", "a.ZVPxAA."), Heads: []string{"<", "<!--", "<script>"}, Read: compared("text/html")},
		{Name: "JSON that is compared", Marks: `[]{}":,`, Units: []string{`"a#":1,`, "1,", `[`, `{"a":`}, Heads: []string{"[", "{"}, Tails: []string{"1]", `"a":1}`}, Read: compared("application/json")},
		{Name: "text that is compared", Marks: "\n a", Units: []string{"#\n"}, Read: compared("text/plain")},
		{Name: "cookies that are compared", Marks: ";=,.\"", Units: []string{"; a#=b", "; Path=/", ".eJx."}, Heads: []string{"session=", "a=b"}, Read: func(text string) {
			old, new := &shadow.Response{Header: http.Header{"Set-Cookie": {text}}}, &shadow.Response{Header: http.Header{"Set-Cookie": {"x" + text}}}
			use(comparison.Diff(old, new, nil))
		}},
		{Name: "a request as a curl command", Marks: "' \\", Read: func(text string) { use(shadow.Curl("GET", text)) }},
	}
}

var comparison = shadow.Comparison{SecretKey: secretKey, SessionCookie: "session", RememberCookie: "remember_token"}

func compared(contentType string) func(text string) {
	return func(text string) {
		h := http.Header{"Content-Type": {contentType}}
		old := &shadow.Response{Status: 200, Header: h, Body: []byte(text)}
		new := &shadow.Response{Status: 200, Header: h, Body: []byte(text + "x")}
		use(comparison.Diff(old, new, nil))
		use(comparison.Diff(old, old, new))
	}
}

// pages shows text of clients in templates.
func pages() []Reader {
	var all []Reader
	for _, filter := range []string{
		"urlize", "urlize(40, true)", "striptags", "escape", "forceescape", "title", "capitalize", "upper", "lower", "trim", "wordwrap(10)", "wordcount", "truncate(100)", "truncate(100, true)",
		"indent(2)", "replace('a', 'bb')", "tojson", "urlencode", "center(80)", "int", "float", "list", "reverse", "length", "string", "safe", "first", "last", "pprint", "unique|list", "sort|first", "batch(3)|list", "slice(3)|list",
		"groupby(0)|list", "map('upper')|join", "join(',')", "xmlattr", "format(1)",
	} {
		source := "{{ text|" + filter + " }}"
		if filter == "xmlattr" {
			source = "{{ {'a': text}|xmlattr }}"
		}
		all = append(all, Reader{Name: "the filter " + filter, Marks: "<>&. \n@:/()'\"", Units: []string{"http://a.b ", "www.a.b", "a@b.c ", "(((", "é", "<!--", "&lt;"}, Heads: []string{"http://", "<"}, Tails: []string{")"}, Most: 24, Read: shown(source)})
	}
	for _, method := range []string{"split()", "split(',')", "rsplit(',', 3)", "splitlines()", "strip()", "replace('a','b')", "find('x')", "count('a')", "title()", "expandtabs()", "zfill(9)", "partition(',')", "isalnum()", "swapcase()", "casefold()", "format(1)", "encode()"} {
		all = append(all, Reader{Name: "the method " + method, Marks: ", \n\t{}a", Units: []string{"é", "a,"}, Most: 16, Read: shown("{{ text." + method + " }}")})
	}
	return append(all,
		Reader{Name: "what a template prints", Marks: "<>&'", Units: []string{"é"}, Read: shown("{{ text }}{{ text ~ text }}{% for c in text %}{{ c }}{% endfor %}{{ text == text }}{{ text in text }}{{ text[3:] }}{{ text[::-1] }}")},
		Reader{Name: "the debug page", Marks: "&=;<>", Units: []string{"a#=b&", "<b>"}, Read: func(text string) {
			r := &debugpage.Request{Method: "GET", Path: text, Host: text, Arguments: map[string]any{"a": text}, Query: []debugpage.Row{{Name: text, Value: text}}, Header: http.Header{"Cookie": {text}, "X": {text}}}
			use(r.Facts())
		}},
	)
}

func shown(source string) func(text string) {
	app := newApp()
	return func(text string) {
		within(app, httptest.NewRequest(http.MethodGet, "/", nil), func(c *decant.Context) {
			use(c.RenderString(source, decant.H{"text": text}))
		})
	}
}

// answers writes text of clients into answers.
func answers() []Reader {
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		text := c.Request.Header.Get("X")
		c.SetCookie("a", text)
		r := c.MakeResponse(text).With("X-Back", text)
		r.AddVary(text)
		return r, nil
	}, decant.Endpoint("index"))
	session := newApp()
	session.Config.MaxCookieSize = 1
	session.Get("/", func(c *decant.Context) (any, error) {
		c.Session.Set("a", c.Request.Header.Get("X"))
		return "", nil
	}, decant.Endpoint("index"))
	return []Reader{
		{Name: "an event", Marks: "\n\r:\x00", Units: []string{"\r\n", "data: "}, Read: func() func(text string) {
			streaming := newApp()
			streaming.Get("/", func(c *decant.Context) (any, error) {
				return iter.Seq[decant.Event](func(yield func(decant.Event) bool) { yield(decant.Event{Data: c.Request.Header.Get("X")}) }), nil
			}, decant.Endpoint("index"))
			return serving(streaming, func(text string) *http.Request { return get("X", text) })
		}()},
		{Name: "a session that is written", Marks: `;,"\ é<`, Read: serving(session, func(text string) *http.Request { return get("X", text) })},
		{Name: "a cookie that is set", Marks: ";,\"\\ =é\x01", Read: func(text string) {
			c := wirecookie.Cookie{Name: "a", Value: text}
			use(wirecookie.Append(nil, c, time.Time{}))
			use(wirecookie.CheckForBrowsers(&c))
		}},
		{Name: "an answer that gives back what it got", Marks: ";,\"\\ é", Read: serving(app, func(text string) *http.Request { return get("X", text) })},
		{Name: "an error that names what it got", Marks: "<>&\n", Read: func() func(text string) {
			failing := newApp()
			failing.Get("/", func(c *decant.Context) (any, error) {
				return nil, decant.NewHTTPError(400, fmt.Sprint("no ", c.Request.Header.Get("X")))
			}, decant.Endpoint("index"))
			return serving(failing, func(text string) *http.Request { return get("X", text) })
		}()},
	}
}
