package readers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/wirecookie"
)

// headers reads the headers that describe the client and what it sends.
func headers() []Reader {
	accept := func(of func(r *decant.Request) decant.Accept, offers ...string) func(r *decant.Request) {
		return func(r *decant.Request) {
			a := of(r)
			use(a.BestMatch(offers...), a.Quality(offers[0]))
			for item, quality := range a.All() {
				use(item, quality)
			}
		}
	}
	accepted := []string{",", ";q=0.5,", "a#;q=0.#,", "en-#,", "*/*,", "a/b;c=\"d\","}
	return []Reader{
		{Name: "Accept", Marks: `,;=/*"\ q`, Units: append(accepted, "text/html;level=#,", "application/#+json,"), Read: looking("Accept", func(r *decant.Request) {
			accept((*decant.Request).AcceptMIMETypes, "text/html", "application/json; a=b")(r)
			r.BestMatch("text/html", "application/xhtml+xml")
		})},
		{Name: "Accept-Language", Marks: `,;=-_*"`, Units: accepted, Read: looking("Accept-Language", accept((*decant.Request).AcceptLanguages, "de-AT", "en"))},
		{Name: "Accept-Charset", Marks: `,;=-_*"`, Units: accepted, Read: looking("Accept-Charset", accept((*decant.Request).AcceptCharsets, "utf-8", "latin-1"))},
		{Name: "Accept-Encoding", Marks: `,;=-*"`, Units: accepted, Read: looking("Accept-Encoding", accept((*decant.Request).AcceptEncodings, "gzip", "br"))},
		{Name: "Accept of internal/header", Marks: ",;=", Units: accepted, Read: func(text string) {
			a := header.ParseMIMEAccept(text)
			use(a.String(), header.ParseEncodingAccept(text).String(), header.ParseCharsetAccept(text).String(), header.ParseLanguageAccept(text).String())
		}},
		{Name: "Authorization", Marks: ` ,=":\`, Units: []string{"a#=b,", `a#="b",`, "QUJD", "QTpC"}, Heads: []string{"Basic ", "Digest ", "Bearer "}, Read: looking("Authorization", func(r *decant.Request) {
			use(r.Authorization())
		})},
		{Name: "Cache-Control", Marks: `,;="\ `, Units: []string{"max-age=#,", "a#,", `a#="b,c",`, "a#=b,"}, Read: looking("Cache-Control", func(r *decant.Request) {
			use(r.CacheControl())
		})},
		{Name: "Cache-Control of a response", Marks: `,="`, Units: []string{"a#,", "max-age=#,"}, Read: func(text string) {
			c := header.ParseCacheControl(text)
			use(c.Has("a"), c.Directives(), c.String())
			use(c.Seconds("max-age"))
			use(c.Value("a"))
		}},
		{Name: "Content-Type", Marks: `;=*'"\/ %`, Units: []string{";a#=b", ";a*#=b", `;a*#*="%41"`, `;a="b;c"`, ";a*=utf-8''%C3"}, Heads: []string{"text/html", "multipart/form-data; boundary="}, Tails: []string{`"`}, Read: looking("Content-Type", func(r *decant.Request) {
			use(r.MIMEType(), r.MIMETypeParameters(), r.IsJSON(), formdata.Boundary(r.Header.Get("Content-Type")), formdata.MediaType(r.Header.Get("Content-Type")))
		})},
		{Name: "options of a header", Marks: `;=*'"\ %`, Units: []string{";a#=b", ";a*#=b", ";a#*=utf-8''%C3"}, Heads: []string{"x;"}, Read: func(text string) {
			value, parameters := header.ParseOptions(text)
			use(header.FormatOptions(value, parameters), parameters.Get("a"))
		}},
		{Name: "a list of a header", Marks: `,"\ `, Units: []string{`"a,b",`, "a#,"}, Read: func(text string) {
			use(header.FormatList(header.ParseList(text)))
			use(header.AddToList(text, "a"))
		}},
		{Name: "a dictionary of a header", Marks: `,="*'% \`, Units: []string{"a#=b,", `a#="b",`, "a*=utf-8''%C3,"}, Read: func(text string) {
			p := header.ParseDict(text)
			use(header.FormatDict(p), p.Get("a"))
			p.Set("b", "c")
			p.Delete("a")
		}},
		{Name: "a quoted string", Marks: `"\a`, Heads: []string{`"`}, Tails: []string{`"`}, Read: func(text string) {
			use(header.Unquote(text), header.Quote(text), header.IsToken(text), header.ValidValue(text))
		}},
		{Name: "header fields of one name", Marks: `,"\`, Units: []string{"a\n", "Cookie,\n", "a#\n"}, Read: func(text string) {
			h := http.Header{}
			header.Merge(h, "Vary", strings.Split(text, "\n"))
			header.Merge(h, "X", strings.Split(text, "\n"))
			use(header.CheckResponse(h))
		}},
		{Name: "Cookie", Marks: `;=, "\` + "\n", Units: []string{"a#=b; ", "a=b; ", `a="b; `, `a="\303\274"; `, "\xa0", "=", `="`, `a="`, `a=";`, `a="x"y;`, `="\"`, `a="\";`, "=\n", "= \n=", "=\"x\n", "a=\x1c"}, Heads: []string{`a="`, "x=\n"}, Tails: []string{`"`, "\ny"}, Read: looking("Cookie", func(r *decant.Request) {
			use(r.Cookies.Require("a"))
			use(r.Cookies.Get("absent"), r.Cookies.Get("a"), r.Cookies.Has("a1"), r.Cookies.List("a"))
			for name, value := range r.Cookies.All() {
				use(name, value)
			}
		})},
		{Name: "Cookie in several fields", Marks: `;="` + "\n", Units: []string{"a=b\n", `a="b` + "\n", "a#=b\n"}, Read: func(text string) {
			joined := wirecookie.Join(strings.Split(text, "\n"))
			use(wirecookie.Lookup(joined, "absent"))
			for name, value := range wirecookie.All(joined) {
				use(name, value)
			}
		}},
		{Name: "cookies, each read by its name", Marks: "", Units: []string{"a#=b; ", `a#="b"; `, "a#; "}, Read: looking("Cookie", func(r *decant.Request) {
			for name := range r.Cookies.All() {
				use(r.Cookies.Get(name), r.Cookies.Has(name))
			}
		})},
		{Name: "a date", Marks: ", :-+()", Units: []string{"Mon, ", "1 ", "Jan ", "GMT ", "(", ")", "1:", "é"}, Heads: []string{"Mon, 01 Jan 2024 00:00:00 ", "1 "}, Tails: []string{" Jan 2024 00:00:00 GMT"}, Read: func(text string) {
			use(httpdate.Parse(text))
		}},
		{Name: "Date", Marks: ", :", Read: looking("Date", func(r *decant.Request) { use(r.Date()) })},
		{Name: "If-Modified-Since", Marks: ", :;", Read: looking("If-Modified-Since", func(r *decant.Request) { use(r.IfModifiedSince()) })},
		{Name: "If-Unmodified-Since", Marks: ", :;", Read: looking("If-Unmodified-Since", func(r *decant.Request) { use(r.IfUnmodifiedSince()) })},
		{Name: "User-Agent and X-Forwarded-For of a login", Marks: ", \xff", Read: func() func(text string) {
			app := newApp()
			return func(text string) {
				r := get("User-Agent", text)
				r.Header["X-Forwarded-For"] = []string{text}
				within(app, r, func(c *decant.Context) { use(login.Identifier(c, login.V06), login.Identifier(c, login.V07)) })
			}
		}()},
		{Name: "X-Request-Id", Marks: " -_\xff", Read: func() func(text string) {
			app := newApp()
			app.Config.TrustRequestID = true
			return func(text string) {
				within(app, get("X-Request-Id", text), func(c *decant.Context) { use(c.RequestID(), c.Logger()) })
			}
		}()},
		{Name: "Last-Event-ID, Referer and Origin in the log", Marks: "\n\"\\\xff", Read: func() func(text string) {
			app := newApp()
			app.Use(decant.AccessLog(app.Logger))
			return serving(app, func(text string) *http.Request {
				r := get("Referer", text)
				r.Header["Last-Event-Id"], r.Header["User-Agent"] = []string{text}, []string{text}
				return r
			})
		}()},
		{Name: "Origin", Marks: ":/.[]@,", Units: []string{"http://", "a."}, Heads: []string{"http://"}, Read: func() func(text string) {
			app := newApp()
			app.Post("/", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("index"))
			app.Config.TrustedOrigins = []string{"https://a.test"}
			return serving(app, func(text string) *http.Request {
				r := httptest.NewRequest(http.MethodPost, "/", nil)
				r.Header["Origin"] = []string{text}
				return r
			})
		}()},
		{Name: "the method", Marks: "é/ ", Read: func() func(text string) {
			app := newApp()
			app.Get("/", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("index"))
			return serving(app, func(text string) *http.Request {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.Method = text
				return r
			})
		}()},
	}
}

// conditions reads the headers of conditional and partial requests.
func conditions() []Reader {
	date := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	facts := header.Representation{ETag: `"a"`, Modified: date, Length: 1 << 20, AcceptRanges: true}
	decide := func(name string, more ...string) func(text string) {
		return func(text string) {
			h := map[string][]string{name: {text}}
			if len(more) > 0 {
				h[more[0]] = more[1:]
			}
			use(header.Decide("GET", h, facts))
		}
	}
	tags := []string{`"a,`, `"a",`, `W/"a",`, `"a#",`, "a,", `W/"`, `w/`, `"*",`, `" ,`, `"a" `}
	matched := looking("If-None-Match", func(r *decant.Request) { use(r.IfNoneMatch().Contains("b"), r.IfNoneMatch().ContainsWeak("b")) })
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.SendContent(strings.NewReader("The quick brown fox."), decant.ETag("a"), decant.LastModified(date), decant.MIMEType("text/plain"))
	}, decant.Endpoint("index"))
	app.Get("/file", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(folder, "file.txt", decant.Precompressed())
	}, decant.Endpoint("file"))
	app.Get("/text", func(c *decant.Context) (any, error) {
		r := c.MakeResponse("The quick brown fox.")
		r.AddETag()
		r.MakeConditional()
		return r, nil
	}, decant.Endpoint("text"))
	sent := func(name string) func(text string) {
		return func(text string) {
			for _, path := range []string{"/", "/file", "/text"} {
				r := get(name, text)
				r.URL.Path = path
				app.ServeHTTP(httptest.NewRecorder(), r)
			}
		}
	}
	return []Reader{
		{Name: "If-None-Match", Marks: `,"W/ *\`, Units: tags, Read: decide("If-None-Match")},
		{Name: "If-None-Match of a request", Marks: `,"W/ *`, Units: tags, Read: matched},
		{Name: "If-None-Match of a file", Marks: `,"W/ *`, Units: tags, Read: sent("If-None-Match")},
		{Name: "If-Match", Marks: `,"W/ *\`, Units: tags, Read: decide("If-Match")},
		{Name: "If-Match of a request", Marks: `,"W/ *`, Units: tags, Read: looking("If-Match", func(r *decant.Request) { use(r.IfMatch().Contains("b"), r.IfMatch().ContainsWeak("b")) })},
		{Name: "If-Match of a file", Marks: `,"W/`, Units: tags, Read: sent("If-Match")},
		{Name: "If-Range", Marks: `,"W/ *:`, Units: tags, Read: decide("If-Range", "Range", "bytes=0-1")},
		{Name: "Range", Marks: "=-, ", Units: []string{"0-1,", "-1,", "1-,", "#-#,", "bytes="}, Heads: []string{"bytes=", "bytes=0-"}, Read: decide("Range")},
		{Name: "Range of a request", Marks: "=-, ", Units: []string{"0-1,", "#-,"}, Heads: []string{"bytes="}, Read: looking("Range", func(r *decant.Request) { use(r.Range(100)) })},
		{Name: "Range of a file", Marks: "=-, ", Units: []string{"0-1,", "#-,"}, Heads: []string{"bytes="}, Read: sent("Range")},
		{Name: "dates of conditions", Marks: ", :", Read: decide("If-Modified-Since")},
		{Name: "Accept-Encoding of a file", Marks: ",;=* ", Units: []string{"gzip,", "gzip;q=0,"}, Read: sent("Accept-Encoding")},
		{Name: "one entity tag", Marks: `"W/`, Read: func(text string) {
			use(header.UnquoteETag(text))
			use(header.QuoteETag(text, true))
		}},
	}
}
