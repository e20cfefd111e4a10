package tests

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/jinja"
)

// TestFlasksNamesInTemplates has the answers that Flask's templates give.
func TestFlasksNamesInTemplates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, source, want string }{
		{"request", `{{ request.method }} {{ request.path }} {{ request.full_path }} {{ request.endpoint }} {{ request.blueprint }} {{ request.url_rule }}`, "POST /posts/7 /posts/7?q=%3Cx%3E&amp;tag=a&amp;tag=b show None /posts/&lt;int:id&gt;"},
		{"urls", `{{ request.url }} {{ request.base_url }} {{ request.url_root }} {{ request.host_url }} {{ request.host }} {{ request.scheme }}`, "http://example.com/posts/7?q=&lt;x&gt;&amp;tag=a&amp;tag=b http://example.com/posts/7 http://example.com/ http://example.com/ example.com http"},
		{"args", `{{ request.args.q }} {{ request.args['q'] }} {{ request.args.get('q') }} {{ request.args.get('none', 'd') }} {{ request.args.get('none', default='k') }} {{ request.args.get('none') }} {{ request.args.getlist('tag')|join('+') }} {{ 'q' in request.args }}`, "&lt;x&gt; &lt;x&gt; &lt;x&gt; d k None a+b True"},
		{"names of args", `{% for name in request.args %}{{ name }};{% endfor %}{{ request.args|length }}{% for k, v in request.args.items() %}{{ k }}={{ v }};{% endfor %}{{ request.args.to_dict() }}`, "q;tag;2q=&lt;x&gt;;tag=a;{&#39;q&#39;: &#39;&lt;x&gt;&#39;, &#39;tag&#39;: &#39;a&#39;}"},
		{"form", `{{ request.form.title }} {{ request.form['title'] or 'x' }}[{{ request.form.none }}] {{ request.values.title }}{{ request.values.q }}`, "A &amp; B A &amp; B[] A &amp; B&lt;x&gt;"},
		{"cookies", `{{ request.cookies.theme }} {{ request.cookies.get('none', 'light') }} {{ 'theme' in request.cookies }}`, "dark light True"},
		{"headers", `{{ request.headers['X-Mark'] }} {{ request.headers.get('x-mark') }} {{ request.headers.get('X-None', 'd') }} {{ request.user_agent }} {{ request.referrer }}`, "m m d ua None"},
		{"view_args", `{{ request.view_args.id + 1 }} {{ request.view_args }}`, "8 {&#39;id&#39;: 7}"},
		{"unknown attribute", `[{{ request.nothing }}]`, "[]"},
		{"session", `{{ session.user }} {{ session['user'] }} {{ session.get('none', 'd') }} {{ 'user' in session }} {{ session.none is defined }} {{ session|length }}{% for k, v in session.items() %}{{ k }}={{ v }}{% endfor %}`, "ann ann d True False 1user=ann"},
		{"g", `{{ g.people[0] }} {{ g['people']|length }} {{ g.get('none', 'd') }} {{ g.none is defined }} {{ 'people' in g }}`, "eve 1 d False True"},
		{"config", `{{ config.TITLE }} {{ config['TITLE'] }} {{ config.get('NONE', 'd') }} {{ config.DEBUG }} {{ 'TITLE' in config }}`, "Shop Shop d False True"},
		{"url_for", `{{ url_for('index') }} {{ url_for('show', id=3) }} {{ url_for('show', id=3, page=2, _anchor='c', _external=true) }} {{ url_for('static', filename='style.css') }}`, "/ /posts/3 http://example.com/posts/3?page=2#c /static/style.css"},
		{"current id", `{{ url_for(request.endpoint, **request.view_args) }}`, "/posts/7"},
		{"markup", `{{ bold }} {{ [bold] }} {{ "<" ~ bold }} {{ bold|escape }} {{ bold|string|upper }}`, "<b>b</b> [Markup(&#39;&lt;b&gt;b&lt;/b&gt;&#39;)] &lt;<b>b</b> <b>b</b> <B>B</B>"},
		{"tojson", `<script>x = {{ {"a": "</script>", "b": [1, none]}|tojson }}</script>`, `<script>x = {"a": "\u003c/script\u003e", "b": [1, null]}</script>`},
		{"tojson of a date in a dict", `{{ {"w": (when,)}|tojson }}`, `{"w": ["Tue, 02 Jan 2024 03:04:05 GMT"]}`},
		{"tojson sorts numbers", `{{ {10: 1, 9: 2}|tojson }}`, `{"9": 2, "10": 1}`},
		{"tojson with an indent", `{{ {"a": [], "b": {}, "c": [1.5, {"d": "x: [,]\"{"}], "e": 1e400}|tojson(2) }}`, "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1.5,\n    {\n      \"d\": \"x: [,]\\\"{\"\n    }\n  ],\n  \"e\": Infinity\n}"},
		{"tojson of args", `{{ request.args|tojson }} {{ {"q": request.args}|tojson }}`, `{"q": "\u003cx\u003e", "tag": "a"} {"q": {"q": "\u003cx\u003e", "tag": "a"}}`},
		{"methods", `{{ author.initial() }} {{ author.name }} {{ author.bio }}`, "B Bo <i>writes</i>"},
		{"flashes", `{% with messages = get_flashed_messages() %}{% if messages %}{{ messages }}{% else %}none{% endif %}{% endwith %}`, "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			app, log := templateApp("page.html", test.source)
			app.Config.Set("TITLE", "Shop")
			app.Post("/posts/<int:id>", func(c *decant.Context) (any, error) {
				c.Session.Set("user", "ann")
				people.Set(c, []string{"eve"})
				return c.Render("page.html", decant.H{"bold": decant.Markup("<b>b</b>"), "author": &author{"Bo", "<i>writes</i>"}, "when": time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)})
			}, decant.Endpoint("show"))
			r := httptest.NewRequest("POST", "/posts/7?q=%3Cx%3E&tag=a&tag=b", strings.NewReader(url.Values{"title": {"A & B"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", "theme=dark")
			r.Header.Set("X-Mark", "m")
			r.Header.Set("User-Agent", "ua")
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			mustAnswer(t, w, 200, test.want)
			log.mustBeEmpty(t)
		})
	}
}

// TestWhatHasNoJSON has the messages of Python's json.
func TestWhatHasNoJSON(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"[nobody]":            "Object of type Undefined is not JSON serializable",
		"{'a': nobody}":       "Object of type Undefined is not JSON serializable",
		"range(3)":            "Object of type range is not JSON serializable",
		"[[1]|map('string')]": "Object of type generator is not JSON serializable",
		"url_for":             "is not JSON serializable",
		"cycler(1)":           "Object of type Cycler is not JSON serializable",
		"request":             "is not JSON serializable",
		"[request.cookies]":   "is not JSON serializable",
		"{1: 2, 'a': 3}":      "'<' not supported between instances of 'str' and 'int'",
		"{(1, 2): 3}":         "keys must be str, int, float, bool or None, not tuple",
	} {
		app, log := templateApp("page.html", "{{ ("+expression+")|tojson }}")
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("page"))
		if w := get(app, "/page"); w.Code != 500 {
			t.Errorf("%s: %d %s", expression, w.Code, w.Body)
		}
		log.mustContain(t, want)
	}
}

// TestTemplatesLoadOnlyWhatTheyTouch sees what was loaded by the headers, and by a
// body that nobody has read.
func TestTemplatesLoadOnlyWhatTheyTouch(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]struct {
		vary string
		left int
	}{
		"plain":                                            {"", 3},
		"{{ request.path }}{{ config.DEBUG }}":             {"", 3},
		"{{ request.args.a }}{{ url_for('a') }}":           {"", 3},
		"{{ request is defined }}{{ session is defined }}": {"", 3},
		"{{ session.a }}":                                  {"Cookie", 3},
		"{{ 'a' in session }}":                             {"Cookie", 3},
		"{% if session.get('a') %}{% endif %}":             {"Cookie", 3},
		"{{ get_flashed_messages() }}":                     {"Cookie", 3},
		"{{ request.form.a }}":                             {"", 0},
		"{{ request.values.a }}":                           {"", 0},
	} {
		app, log := templateApp("page.html", source)
		app.Post("/a", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("a"))
		body := strings.NewReader("a=1")
		r := httptest.NewRequest("POST", "/a", body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Vary") != want.vary || body.Len() != want.left {
			t.Errorf("%s: status %d, Vary %q, %d bytes left; want %+v", source, w.Code, w.Header().Get("Vary"), body.Len(), want)
		}
		log.mustBeEmpty(t)
	}
}

func TestJinjaMistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mustNameMistakes(t, templateApp, folder, map[string]mistake{
		"missing":             {nil, []string{`there is no template "page.html" in the fstest.MapFS (the application) or ` + folder + ` (the blueprint "shop"); put the file there`}},
		"misspelt":            {[]string{"pages.html", ""}, []string{`did you mean "pages.html"?`}},
		"syntax":              {[]string{"page.html", "\n\n{% if %}"}, []string{`rendering the template "page.html" failed`, `page.html:3`, "Expected an expression, got 'end of statement block'"}},
		"open block":          {[]string{"page.html", "{% if x %}\n\n"}, []string{"The innermost block that needs to be closed is 'if'"}},
		"unknown filter":      {[]string{"page.html", "\n{{ 1|shuot }}"}, []string{`page.html:2`, "No filter named 'shuot'", "shout"}},
		"unknown test":        {[]string{"page.html", "\n{{ 1 is evn }}"}, []string{`page.html:2`, "No test named 'evn'", "even"}},
		"in a layout":         {[]string{"page.html", `{% extends "base.html" %}`, "base.html", "a\n{{ 1/0 }}"}, []string{`rendering the template "page.html" failed`, "base.html:2"}},
		"no such layout":      {[]string{"page.html", "\n{% extends \"bse.html\" %}", "base.html", ""}, []string{`bse.html`, `base.html`, "page.html:2"}},
		"outside":             {[]string{"page.html", `{% include "../secret.html" %}`}, []string{`../secret.html`}},
		"undefined":           {[]string{"page.html", "\n\n{{ request.nope.nope }}"}, []string{"page.html:3", "nope"}},
		"unknown endpoint":    {[]string{"page.html", "\n{{ url_for('indx') }}"}, []string{`page.html:2`, `"index"`}},
		"panic of a function": {[]string{"page.html", "\n{{ explode() }}"}, []string{`page.html:2`, "boom"}},
		"error of a function": {[]string{"page.html", "\n{{ refuse() }}"}, []string{`page.html:2`, "no more"}},
		"odd options":         {[]string{"page.html", "{{ get_flashed_messages(colour=1) }}"}, []string{`get_flashed_messages`, "colour"}},
	})
}

func TestAbortInsideOfATemplate(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "draft {{ stop() }}")
	app.Templates.Global("stop", func(*decant.Context) (string, error) { return "", decant.NewHTTPError(403) })
	if w := get(app, "/"); w.Code != 403 || strings.Contains(w.Body.String(), "draft") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEndingsOfJinja(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"a.html": true, "a.htm": true, "a.xml": true, "a.xhtml": true, "a.svg": true, "x/y.html": true,
		"a.txt": false, "a.HTML": false, "a.html.j2": false, "a.js": false, "html": false, ".html": true,
	}
	mustEscape(t, templateApp, "{{ x }}[{{ nobody }}]", want)
}

func TestCallMacro(t *testing.T) {
	t.Parallel()
	app, log := templateApp("_badges.html", "{% macro badge(name, colour='red') %}<b class={{ colour }}>{{ name }}</b>{{ config.DEBUG }}{% endmacro %}")
	app.Get("/badge", func(c *decant.Context) (any, error) {
		plain, err := c.CallMacro("_badges.html", "badge", "<Ann>")
		if err != nil {
			return nil, err
		}
		named, err := c.CallMacro("_badges.html", "badge", jinja.NewKwargs("colour", "blue", "name", "Bo"))
		return plain + named, err
	}, decant.Endpoint("badge"))
	app.Get("/none", func(c *decant.Context) (any, error) { return c.CallMacro("_badges.html", "bagde") }, decant.Endpoint("none"))
	app.Get("/nofile", func(c *decant.Context) (any, error) { return c.CallMacro("_badge.html", "badge") }, decant.Endpoint("nofile"))
	mustAnswer(t, get(app, "/badge"), 200, "<b class=red>&lt;Ann&gt;</b>False<b class=blue>Bo</b>False")
	mustFail(t, get(app, "/none"))
	mustFail(t, get(app, "/nofile"))
	log.mustContain(t, "_badges.html", "bagde", `did you mean "_badges.html"?`)
}

func TestMisspeltVariablesAreWarnedAboutInDebug(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{true, false} {
		app, log := templateApp("page.html", "\n{{ usernmae }}")
		app.Config.Debug = debug
		app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"username": "ann"} })
		mustAnswer(t, get(app, "/"), 200, "\n")
		if !debug {
			log.mustBeEmpty(t)
			continue
		}
		log.mustContain(t, "usernmae", `username`, "page.html")
	}
}

// germanTranslations know one message.
type germanTranslations struct{ jinja.Translations }

func (germanTranslations) Gettext(message string) string {
	return strings.ReplaceAll(message, "Hello", "Hallo")
}

func TestTranslationsOfARequest(t *testing.T) {
	t.Parallel()
	app, log := templateApp("page.html", "{{ _('Hello %(name)s', name='<Ann>') }} {% trans name='Bo' %}Hello {{ name }}{% endtrans %}")
	app.Templates.Translations(func(c *decant.Context) jinja.Translations {
		if c.Request.Args.Get("lang") == "de" {
			return germanTranslations{}
		}
		return nil
	})
	mustAnswer(t, get(app, "/?lang=de"), 200, "Hallo &lt;Ann&gt; Hallo Bo")
	mustAnswer(t, get(app, "/"), 200, "Hello &lt;Ann&gt; Hello Bo")
	log.mustBeEmpty(t)
}

// TestRequestsDoNotMeetInJinja is for the race detector, too.
func TestRequestsDoNotMeetInJinja(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("base.html", `{% block title %}{% endblock %} {{ request.path }} {% include "row.html" %}`, "row.html", `{{ path() }}`,
		"page.html", `{% extends "base.html" %}{% block title %}{{ path() }}{% endblock %}`)
	app.Templates.Global("path", func(c *decant.Context) string { return c.Request.Path() })
	app.Get("/<int:id>", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("page"))
	mustNotMeet(t, app, 3)
}
