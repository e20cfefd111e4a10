package flask

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/jinja"
	"github.com/decant-go/decant/jinja/catalog"
)

// author is a user of the application. Templates call its methods in snake case.
type author struct {
	Username        string
	AboutMe         string
	LastSeen        time.Time
	Followers       []*author
	IsAnonymous     bool
	IsAuthenticated bool

	following []*author
}

func (m *author) Avatar(size int) string {
	return fmt.Sprintf("/avatar/%s?s=%d&d=identicon", m.Username, size)
}

func (m *author) IsFollowing(other *author) bool { return slices.Contains(m.following, other) }

// pagination is Flask-SQLAlchemy's, as far as pages use it.
type pagination struct {
	Page, Pages, Total int
	HasPrev            bool
}

// edges are the keyword arguments of iter_pages.
type edges struct{ LeftEdge, LeftCurrent, RightCurrent, RightEdge *int }

// IterPages yields the numbers of the pages, and nil for a gap.
func (p *pagination) IterPages(given edges) iter.Seq[any] {
	or := func(n *int, otherwise int) int {
		if n == nil {
			return otherwise
		}
		return *n
	}
	return func(yield func(any) bool) {
		last := 0
		for n := 1; n <= p.Pages; n++ {
			near := p.Page-or(given.LeftCurrent, 1) <= n && n <= p.Page+or(given.RightCurrent, 2)
			if n > or(given.LeftEdge, 2) && !near && n <= p.Pages-or(given.RightEdge, 2) {
				continue
			}
			if last+1 != n && !yield(nil) || !yield(n) {
				return
			}
			last = n
		}
	}
}

// blogPost is a post with its replies.
type blogPost struct {
	ID        int
	Title     string
	Body      string
	Timestamp time.Time
	Author    *author
	Comments  []string
	Score     float64
	Size      int
	Tags      []string
	Replies   []*blogPost
	Day       string
}

func blogTime(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

// blog is the application of apppages_judge.py.
type blog struct {
	members map[string]*author
	posts   []*blogPost
	models  []map[string]any
	columns []map[string]any
}

func newBlog() *blog {
	ann := &author{Username: "ann", AboutMe: "I like <b>tea</b> & long walks, and writing about both of them.", LastSeen: blogTime("2026-02-03T10:30:00"), IsAuthenticated: true}
	bob := &author{Username: "bob<i>", LastSeen: blogTime("2025-12-24T23:59:59"), IsAuthenticated: true}
	ann.following, bob.Followers = []*author{bob}, []*author{ann}
	post := func(id int, title, body, when string, author *author, comments []string, score float64, size int, tags []string, replies ...*blogPost) *blogPost {
		return &blogPost{id, title, body, blogTime(when), author, comments, score, size, tags, replies, when[:10]}
	}
	reply := post(4, "Re: tea", "no <script>alert(1)</script>", "2026-02-02T08:00:00", bob, []string{}, 0.5, 10, []string{})
	return &blog{
		members: map[string]*author{"ann": ann, "bob": bob},
		posts: []*blogPost{
			post(1, "Tea & <biscuits>", "see https://example.com/a?b=c&d=e and www.example.org, or mail me@example.com", "2026-02-01T09:05:00", ann, []string{"x", "y"}, 0.875, 1234, []string{"tea", "food"}, reply),
			post(2, "walks", `quoted "text" & 'more'`, "2026-02-02T18:45:30", bob, []string{"z"}, 12.25, 999999, []string{}),
			post(3, "Über uns", "line\nbreaks\n\nparagraph", "2026-02-02T07:00:00", ann, []string{}, 100, 5, []string{"food", "Äpfel", "food"}),
		},
		models: []map[string]any{
			{"id": 1, "kind": "a", "active": true, "note": "a rather long note & more", "extra": map[string]any{"b": 2, "a": []any{1, nil}}, "count": -5},
			{"id": 2, "kind": "a", "active": false, "note": nil, "extra": []any{"x", map[string]any{"y": 1.0}}, "count": 0},
			{"id": 3, "kind": "b", "active": true, "note": "<short>", "extra": map[string]any{}, "count": 2.5},
		},
		columns: []map[string]any{{"name": "id", "sort": "asc"}, {"name": "active", "label": "Is it?"}, {"name": "note", "sort": ""}, {"name": "extra"}, {"name": "count"}},
	}
}

func (b *blog) index(c *decant.Context) (any, error) {
	posts := b.posts
	if c.Request.Args.Get("empty") != "" {
		posts = nil
	}
	return c.Render("index.html", decant.H{"title": "Start <here>", "posts": posts, "pagination": paginationOf(c)})
}

func paginationOf(c *decant.Context) *pagination {
	page := c.Request.Args.Int("page", 1)
	return &pagination{page, 12, 345, page > 1}
}

func (b *blog) explore(c *decant.Context) (any, error) {
	return c.Render("index.html", decant.H{"posts": b.posts, "pagination": paginationOf(c)})
}

func (b *blog) user(c *decant.Context) (any, error) {
	user := b.members[c.Param("username")]
	if user == nil {
		return nil, decant.NewHTTPError(404)
	}
	return c.Render("user.html", decant.H{"user": user, "posts": b.posts, "pagination": paginationOf(c)})
}

func (b *blog) search(c *decant.Context) (any, error) {
	return c.Render("search.html", decant.H{"title": "", "posts": b.posts})
}

func (b *blog) follow(c *decant.Context) (any, error) {
	c.Flash("You follow "+c.Param("username")+".", "success")
	c.Flash("<b>careful</b>", "error")
	c.Flash(decant.Markup("<b>really</b>"))
	return "", nil
}

func (b *blog) feed(c *decant.Context) (any, error) {
	page, err := c.Render("feed.xml", decant.H{"posts": b.posts})
	if err != nil {
		return nil, err
	}
	return c.MakeResponse(page).With("Content-Type", "application/atom+xml"), nil
}

func (b *blog) login(c *decant.Context) (any, error) {
	c.Session.Set("username", c.Request.Args.Get("name", "ann"))
	return "", nil
}

func (b *blog) resetPassword(c *decant.Context) (any, error) {
	return c.Render("email/reset_password."+c.Request.Args.Get("kind"), decant.H{"user": b.members["ann"], "token": c.Param("token"), "posts": b.posts})
}

func (b *blog) listing(c *decant.Context) (any, error) {
	return c.Render("admin/list.html", decant.H{"layout": "base.html", "models": b.models, "columns": b.columns})
}

func (b *blog) app(t *testing.T) *decant.App {
	languages, err := catalog.Load(os.DirFS("apppages/translations"), "messages")
	must(t, err)
	locale := decant.NewG[string]("locale")
	app := decant.New("blog", decant.Templates(os.DirFS("apppages")))
	app.Config.SecretKey = "a secret key of the pages"
	app.Logger = slog.New(slog.DiscardHandler)
	app.Config.Set("SITE_NAME", "My <Blog>")
	app.Config.Set("THEME", nil)
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		locale.Set(c, c.Request.Args.Get("lang", "en"))
		return nil, nil
	})
	app.ContextProcessor(func(c *decant.Context) decant.H {
		if user := b.members[c.Session.String("username")]; user != nil {
			return decant.H{"current_user": user}
		}
		return decant.H{"current_user": &author{IsAnonymous: true}}
	})
	app.Templates.Translations(func(c *decant.Context) jinja.Translations {
		if locale.Get(c) == "de" {
			return languages.Catalog("de")
		}
		return nil
	})
	app.ErrorHandler(404, func(c *decant.Context, e *decant.HTTPError) (any, error) {
		return c.Render("errors/404.html", decant.H{"error": e})
	})
	main := decant.NewBlueprint("main")
	main.Get("/", b.index, decant.Endpoint("index"))
	main.Get("/explore", b.explore, decant.Endpoint("explore"))
	main.Get("/user/<username>", b.user, decant.Endpoint("user"))
	main.Get("/search", b.search, decant.Endpoint("search"))
	main.Get("/search/<where>", b.search, decant.Endpoint("search"))
	main.Get("/edit", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("edit_profile"))
	main.Post("/follow/<username>", b.follow, decant.Endpoint("follow"))
	main.Get("/feed.xml", b.feed, decant.Endpoint("feed"))
	auth := decant.NewBlueprint("auth", decant.URLPrefix("/auth"))
	auth.Route("/login", b.login, decant.Endpoint("login"), decant.Methods("GET", "POST"))
	auth.Get("/reset/<token>", b.resetPassword, decant.Endpoint("reset_password"))
	admin := decant.NewBlueprint("admin", decant.URLPrefix("/admin"))
	admin.Get("/list", b.listing, decant.Endpoint("listing"))
	for _, blueprint := range []*decant.Blueprint{main, auth, admin} {
		app.RegisterBlueprint(blueprint)
	}
	return app
}

// pageAnswer is an answer of either side.
type pageAnswer struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Body   string `json:"body"`
}

// TestPagesOfApplicationsBesideFlask walks through pages as Flask applications have
// them: layouts, macros, pagination, flashed messages, translations, mails and a feed.
func TestPagesOfApplicationsBesideFlask(t *testing.T) {
	t.Parallel()
	in, out := startPython(t, "apppages_judge.py")
	questions, answers := json.NewEncoder(in), bufio.NewReader(out)
	pages := []string{
		"/", "/?page=3&q=a%26b", "/?page=12", "/?empty=1", "/explore?page=6", "/user/ann?page=2", "/user/bob", "/user/nobody", "/search", "/search?q=e&x=1&x=%3C",
		"/search/posts?q=%3Cbis", "/feed.xml", "/auth/reset/abc?kind=txt", "/auth/reset/a%20b?kind=html", "/admin/list", "/nowhere",
	}
	for _, language := range []string{"en", "de"} {
		for _, name := range []string{"", "ann", "bob"} {
			walk := [][2]string{}
			if name != "" {
				walk = append(walk, [2]string{"POST", "/auth/login?name=" + name}, [2]string{"POST", "/follow/ann"})
			}
			for _, page := range pages {
				separator := "?"
				if slices.Contains([]byte(page), '?') {
					separator = "&"
				}
				walk = append(walk, [2]string{"GET", page + separator + "lang=" + language})
			}
			must(t, questions.Encode(walk))
			line, err := answers.ReadBytes('\n')
			must(t, err)
			var want []pageAnswer
			must(t, json.Unmarshal(line, &want))
			for i, got := range walkPages(newBlog().app(t), walk) {
				if diff := cmp.Diff(want[i], got); diff != "" {
					t.Errorf("%q as %q (-Flask +Decant):\n%s", walk[i], name, diff)
				}
			}
		}
	}
}

// walkPages sends the requests of one visitor.
func walkPages(app *decant.App, walk [][2]string) (answers []pageAnswer) {
	cookies := map[string]*http.Cookie{}
	for _, step := range walk {
		request := httptest.NewRequest(step[0], "http://localhost"+step[1], nil)
		for _, cookie := range cookies {
			request.AddCookie(cookie)
		}
		recorder := httptest.NewRecorder()
		app.ServeHTTP(recorder, request)
		for _, cookie := range recorder.Result().Cookies() {
			cookies[cookie.Name] = cookie
		}
		answers = append(answers, pageAnswer{recorder.Code, recorder.Header().Get("Content-Type"), recorder.Body.String()})
	}
	return answers
}
