package readers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/idna"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/safepath"
	"github.com/decant-go/decant/internal/uuid"
)

// proxies reads what proxies and their clients say about the connection.
func proxies() []Reader {
	behind := func(name string) func(text string) {
		app := newApp()
		app.Get("/", func(c *decant.Context) (any, error) {
			return c.Request.RemoteIP() + c.Request.FullURL() + c.Request.Scheme(), nil
		}, decant.Endpoint("index"))
		app.Use(decant.ProxyFix(decant.Hops{For: 2, Proto: 1, Host: 1, Port: 1, Prefix: 1}))
		return serving(app, func(text string) *http.Request { return get(name, text) })
	}
	units := []string{`"`, "1.1.1.1,", `"1.1.1.1",`, `\",`, "a\n"}
	return []Reader{
		{Name: "X-Forwarded-For", Marks: `,"\ :[]`, Units: units, Read: behind("X-Forwarded-For")},
		{Name: "X-Forwarded-For in several fields", Marks: `,"`, Units: []string{"1.1.1.1\n", "\"\n", ",\n"}, Read: func(text string) {
			counts := header.ProxyCounts{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}
			h := map[string][]string{}
			for _, name := range []string{"For", "Proto", "Host", "Port", "Prefix"} {
				h["X-Forwarded-"+name] = strings.Split(text, "\n")
			}
			use(counts.Apply(h, header.Origin{}))
		}},
		{Name: "X-Forwarded-Proto", Marks: `,"\ `, Units: []string{"https,"}, Read: behind("X-Forwarded-Proto")},
		{Name: "X-Forwarded-Host", Marks: `,"\.:[]`, Units: []string{"a.b,"}, Read: behind("X-Forwarded-Host")},
		{Name: "X-Forwarded-Port", Marks: `,"\1`, Units: []string{"80,"}, Read: behind("X-Forwarded-Port")},
		{Name: "X-Forwarded-Prefix", Marks: `,"\/%`, Units: []string{"/a,"}, Read: behind("X-Forwarded-Prefix")},
		{Name: "access route", Marks: `,"\ `, Units: units, Read: looking("X-Forwarded-For", func(r *decant.Request) { use(r.AccessRoute()) })},
	}
}

// urls reads hosts, paths, queries and targets of redirects.
func urls() []Reader {
	trusted, err := header.NewTrustedHosts(".example.org", "a.test")
	if err != nil {
		panic(err)
	}
	labels := []string{"a.", "xn--a.", "ü.", "xn--", "bü.", "1.", "a-", "[:", "#."}
	pieces := []string{"//", "/a", "/..", "/./", "%2F", "%", "%C3%A9", "?a=#&", "#", "http:", "\\", "é", "/ö#"}
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.Request
		use(r.IsSecure(), r.URLRule(), r.ViewArgs(), r.Blueprint(), r.Blueprints(), r.FullURL(), r.BaseURL(), r.RootURL(), r.HostURL(), r.FullPath(), r.Path(), r.ScriptRoot())
		return c.Redirect(c.SafeNext(r.Args.Get("next"), "/"))
	}, decant.Endpoint("index"))
	next := func(text string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = "next=" + url.QueryEscape(text)
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
	redirecting := newApp()
	redirecting.Get("/", func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.Header()["Content-Location"] = []string{c.Request.Header.Get("X-To")} })
		return c.Redirect(c.Request.Header.Get("X-To"))
	}, decant.Endpoint("index"))
	hosts := newApp()
	hosts.Config.TrustedHosts = []string{".example.org", "a.test"}
	hosts.Get("/", func(c *decant.Context) (any, error) { return c.Request.FullURL(), nil }, decant.Endpoint("index"))
	return []Reader{
		{Name: "Host", Marks: ".:[]@-_%", Units: labels, Tails: []string{".example.org", ":80"}, Read: func(text string) {
			use(header.HasBadLabel(text))
			use(header.Host("http", text, trusted))
			use(header.Host("http", text, header.TrustedHosts{}))
			use(header.WithoutDefaultPort("http", text), trusted.Trusts(text))
			use(header.ServerName(text))
		}},
		{Name: "Host of a request", Marks: ".:[]@", Units: labels, Tails: []string{".example.org"}, Read: serving(hosts, func(text string) *http.Request {
			r := get("X", "")
			r.Host = text
			return r
		})},
		{Name: "IDNA of a host", Marks: ".-", Units: append(labels, "ß", "\u0301", "İ", "。"), Heads: []string{"xn--"}, Read: func(text string) {
			use(idna.ToASCII(text))
			use(idna.ToUnicode(text))
		}},
		{Name: "a URL to be written", Marks: "/:?#@[]%\\ é", Units: pieces, Heads: []string{"http://", "//", "http://a/?"}, Read: func(text string) {
			use(header.IRIToURI(text))
			use(header.URIToIRI(text))
			use(header.CurrentURL("http", "a.test", text, text, text))
		}},
		{Name: "the target of a redirect", Marks: "/:?#@[]%\\ é", Units: pieces, Heads: []string{"http://"}, Read: serving(redirecting, func(text string) *http.Request { return get("X-To", text) })},
		{Name: "the next URL", Marks: "/:?#@\\%. ", Units: pieces, Heads: []string{"/", "http://example.com/"}, Read: next},
		{Name: "a local URL", Marks: "/:?#@\\%.\t\n ", Units: pieces, Heads: []string{"/"}, Read: func(text string) { use(safepath.IsLocalURL(text)) }},
		{Name: "the next URL of a login", Marks: "/:?#@[]&=%", Units: append(pieces, "next=#&"), Heads: []string{"http://example.com/?", "/login?"}, Read: func(text string) {
			use(login.NextParam("/login?"+text, text))
			use(login.NextParam(text, "/"+text))
			within(app, httptest.NewRequest(http.MethodGet, "/", nil), func(c *decant.Context) { use(login.LoginURL(c, "/login?"+text, "/"+text)) })
		}},
		{Name: "the path", Marks: "/.-:*é ", Units: []string{"/a", "/a/x/y", "a-", "/..", "//", "/edit", "#/", "/#", "/q5", "12", "1.5/"}, Tails: []string{"/edit", "/y", "/q5"}, Read: paths()},
		{Name: "a short path among many rules", Marks: "/-", Units: []string{"a-", "/a"}, Tails: []string{"/q5"}, Read: manyPaths()},
		{Name: "redirects of paths", Marks: "/.é", Units: []string{"//", "/a"}, Read: redirects()},
		{Name: "the path of a URL that is served", Marks: "/.\\%é\xff", Units: []string{"/a", "//"}, Heads: []string{"/static/", "/users/"}, Read: served()},
		{Name: "a query", Marks: "&=+%;", Units: []string{"a#=b&", "%41", "%c3", "%", "a&", "a=%f0%90&"}, Read: func(text string) { use(formdata.ParseQuery(text)) }},
		{Name: "the arguments of a request", Marks: "&=+%", Units: []string{"a#=#&", "a=b&", "%c3%a9=%ff&"}, Read: arguments()},
		{Name: "a UUID", Marks: "-{}:", Units: []string{"urn:uuid:", "0a", "{"}, Read: func(text string) {
			use(uuid.Parse(text))
			use(new(uuid.UUID).UnmarshalText([]byte(text)))
		}},
		{Name: "a file name of a URL", Marks: "/.\\:~", Units: []string{"../", "a/", "CON.", "./"}, Read: func(text string) {
			use(safepath.Local(text))
			app := staticApp
			within(app, httptest.NewRequest(http.MethodGet, "/", nil), func(c *decant.Context) { use(c.SendFromDirectory(folder, text)) })
		}},
		{Name: "a path on the debug page", Marks: "/", Units: []string{"/a", "/#"}, Read: func(text string) {
			use(debugpage.NearestTo(text, []debugpage.Rule{{Text: "/user/<name>"}, {Text: "/a/b/c"}}))
		}},
		{Name: "values in URLs", Marks: "/%?é ", Units: []string{"\xff", "&"}, Read: building()},
	}
}

var staticApp = newApp()

// paths matches a path against rules that are hard to tell apart.
func paths() func(text string) {
	tables := []*rule.Map{
		frozen(rule.Options{}, "/<a>/<b>/<c>/<path:p>/edit", "/<path:p>/x/<path:q>/y", "/<a>-<b>-<c>", "/<path:p>/", "/a/<path:p>/b/<c>"),
		frozen(rule.Options{LaxSlashes: true}, "/<int:n>", "/<float:f>", "/<uuid:u>", "/<string(length=2):s>", "/<any(a,b):x>", "/<path:p>/a", "/<path:p>/b/"),
		frozen(rule.Options{KeepSlashes: true}, "/<path:p>", "/<path:p>/<int:n>", "/a<path:p>/b/c"),
	}
	return func(text string) {
		for _, m := range tables {
			for _, path := range []string{text, "/" + text} {
				match, err := m.Match("GET", "", path)
				use(match.Values(), err, m.Allowed("", path))
			}
		}
	}
}

func manyPaths() func(text string) {
	var rules []string
	for i := range 200 {
		rules = append(rules, "/<path:p>/q"+string(rune('0'+i%10))+strings.Repeat("x", i/10), "/<a>-b"+strings.Repeat("y", i))
	}
	m := frozen(rule.Options{}, rules...)
	return func(text string) { use(m.Match("GET", "", "/"+text)) }
}

func redirects() func(text string) {
	m := frozen(rule.Options{}, "/<path:p>/", "/<a>/x/")
	return func(text string) {
		_, err := m.Match("GET", "", text)
		if r, ok := err.(*rule.Redirect); ok {
			use(r.URL(nil, "http", "example.test", "/app", text))
		}
	}
}

func frozen(options rule.Options, rules ...string) *rule.Map {
	m := rule.New(options)
	for _, text := range rules {
		if _, err := m.Add(rule.Rule{Text: text, Endpoint: text}); err != nil {
			panic(err)
		}
	}
	m.Freeze()
	return m
}

// served serves a path by rules, mounts and the static folder.
func served() func(text string) {
	app := newApp()
	app.Mount("/mounted", http.NotFoundHandler())
	app.Get("/users/<path:name>", func(c *decant.Context) (any, error) { return c.Param("name"), nil }, decant.Endpoint("user"))
	app.Get("/<path:name>/", func(c *decant.Context) (any, error) {
		return c.Request.URLRule() + c.Request.Endpoint() + c.URLFor("user", "name", c.Param("name")), nil
	}, decant.Endpoint("page"))
	return func(text string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path, r.URL.RawQuery = "/"+text, text
		use(app.Matches(r))
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func arguments() func(text string) {
	app := newApp()
	return func(text string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = text
		within(app, r, func(c *decant.Context) {
			for _, v := range []decant.Values{c.Request.Args, c.Request.Values} {
				for name, value := range v.All() {
					use(value, v.Get(name), v.Has(name), v.Int(name, 0))
				}
				for name, value := range v.First() {
					use(name, value)
				}
				use(v.Keys(), v.List("a"))
			}
		})
	}
}

// building puts a value into a URL.
func building() func(text string) {
	m := frozen(rule.Options{}, "/user/<name>", "/page/<path:p>")
	return func(text string) {
		use(m.Build(rule.Build{Endpoint: "/user/<name>", Values: []rule.Value{{Name: "name", Value: text}, {Name: "q", Value: text}}, AppendUnknown: true}))
		use(m.Build(rule.Build{Endpoint: "/page/<path:p>", Values: []rule.Value{{Name: "p", Value: text}}}))
		use(decant.QuoteURL(text))
	}
}
