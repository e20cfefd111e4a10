package tests

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestAnUntouchedSessionIsNotLoaded(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "{{ request.path }}", "user.html", `{{ session.user }}`)
	app.Get("/user", func(c *decant.Context) (any, error) { return c.Render("user.html") }, decant.Endpoint("user"))
	if vary := get(app, "/").Header().Get("Vary"); vary != "" {
		t.Errorf("Vary is %q for a template without session", vary)
	}
	if vary := get(app, "/user").Header().Get("Vary"); vary != "Cookie" {
		t.Errorf("Vary is %q for a template that reads the session", vary)
	}
}

// TestContextProcessorsInOrder has Flask's answers for the same application.
func TestContextProcessorsInOrder(t *testing.T) {
	t.Parallel()
	var trail []string
	processor := func(name string, vars decant.H) func(*decant.Context) decant.H {
		return func(*decant.Context) decant.H { trail = append(trail, name); return vars }
	}
	app, _ := templateApp("page.html", `{{ v }} {{ config }} {{ g }} {{ w }}`)
	outer, inner := decant.NewBlueprint("outer", decant.URLPrefix("/outer")), decant.NewBlueprint("inner", decant.URLPrefix("/inner"))
	app.ContextProcessor(processor("app1", decant.H{"v": "app1", "w": "app"}))
	app.ContextProcessor(processor("app2", decant.H{"v": "app2"}))
	outer.ContextProcessor(processor("outer", decant.H{"v": "outer", "config": "shadowed"}))
	inner.ContextProcessor(processor("inner", decant.H{"v": "inner", "g": "gshadow"}))
	outer.AppContextProcessor(processor("fromouter", decant.H{"v": "fromouter"}))
	inner.Get("/", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("i"))
	inner.Get("/e", func(c *decant.Context) (any, error) {
		return c.Render("page.html", decant.H{"v": "first", "w": "kept"}, decant.H{"v": "explicit"})
	}, decant.Endpoint("e"))
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)
	app.ErrorHandler(404, func(c *decant.Context, err *decant.HTTPError) (any, error) { return c.RenderString("{{ v }}") })

	mustAnswer(t, get(app, "/outer/inner/"), 200, "inner shadowed gshadow app")
	if diff := cmp.Diff([]string{"app1", "app2", "fromouter", "outer", "inner"}, trail); diff != "" {
		t.Errorf("processors (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/outer/inner/e"), 200, "explicit shadowed gshadow kept")
	mustAnswer(t, get(app, "/outer/nowhere"), 404, "fromouter")
}

func TestRelativeEndpointsInTemplates(t *testing.T) {
	t.Parallel()
	bp := decant.NewBlueprint("blog", decant.URLPrefix("/blog"), decant.Templates(folderOf("links.html", `{{ url_for(".show", id=5) }} {{ url_for("index") }}`)))
	bp.Get("/<int:id>", func(c *decant.Context) (any, error) { return c.Render("links.html") }, decant.Endpoint("show"))
	app, _ := templateApp()
	app.RegisterBlueprint(bp)
	mustAnswer(t, get(app, "/blog/1"), 200, "/blog/5 /")
}

func TestFlashedMessagesInTemplates(t *testing.T) {
	t.Parallel()
	app, log := templateApp()
	app.Get("/flash", func(c *decant.Context) (any, error) {
		c.Session.Set("_flashes", []any{decant.Tuple{"message", "a<b"}, decant.Tuple{"error", decant.Markup("<b>no</b>")}})
		return "", nil
	}, decant.Endpoint("flash"))
	app.Get("/show", func(c *decant.Context) (any, error) { return c.RenderString(c.Request.Args.Get("t")) }, decant.Endpoint("show"))
	cookie := pairOf(get(app, "/flash"))
	for source, want := range map[string]string{
		`{% for m in get_flashed_messages() %}[{{ m }}]{% endfor %}`:                                                                                                           "[a&lt;b][<b>no</b>]",
		`{% for c, m in get_flashed_messages(true) %}{{ c }}:{{ m }};{% endfor %}`:                                                                                             "message:a&lt;b;error:<b>no</b>;",
		`{% for pair in get_flashed_messages(with_categories=true) %}{{ pair[0] }};{% endfor %}`:                                                                               "message;error;",
		`{% for m in get_flashed_messages(category_filter=["error"]) %}{{ m }}{% endfor %}`:                                                                                    "<b>no</b>",
		`{% for c, m in get_flashed_messages(true, ("error",)) %}{{ c }}{% endfor %}`:                                                                                          "error",
		`{% for m in get_flashed_messages(category_filter=["error"]) %}{{ m }}{% endfor %}{% for m in get_flashed_messages(category_filter=["message"]) %}{{ m }}{% endfor %}`: "<b>no</b>a&lt;b",
	} {
		r := httptest.NewRequest("GET", "/show", nil)
		q := r.URL.Query()
		q.Set("t", source)
		r.URL.RawQuery = q.Encode()
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustAnswer(t, w, 200, want)
		if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("the messages stay in the session: %q", w.Header())
		}
	}
	log.mustBeEmpty(t)
}

func TestFlashedMessagesWithLists(t *testing.T) {
	t.Parallel()
	for _, filter := range []any{[]string{"a", "b"}, []any{"a", "b"}, decant.Tuple{"a", "b"}} {
		app, log := templateApp("page.html", `{% for m in get_flashed_messages(category_filter=filter) %}{{ m }};{% endfor %}`)
		app.Get("/filtered", func(c *decant.Context) (any, error) {
			for _, category := range []string{"a", "b", "c"} {
				c.Flash("of "+category, category)
			}
			return c.Render("page.html", decant.H{"filter": filter})
		}, decant.Endpoint("filtered"))
		mustAnswer(t, get(app, "/filtered"), 200, "of a;of b;")
		log.mustBeEmpty(t)
	}
}

func TestPrintedConfigHidesTheKeys(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", `{{ config }} {{ config|pprint }} {{ "%r" % config }} {{ config|string }} {{ [config] }}`, "page.txt", `{{ config }} {{ {"c": config} }} {{ "{}".format(config) }}`)
	app.Config.SecretKey = "hunter2"
	app.Config.SecretKeyFallbacks = []string{"hunter1"}
	app.Get("/txt", func(c *decant.Context) (any, error) { return c.Render("page.txt") }, decant.Endpoint("txt"))
	for _, target := range []string{"/", "/txt"} {
		w := get(app, target)
		if w.Code != 200 || strings.Contains(w.Body.String(), "hunter") {
			t.Errorf("%s gives %d %s", target, w.Code, w.Body)
		}
	}
}
