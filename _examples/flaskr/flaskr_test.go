package flaskr

import (
	_ "embed"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
)

//go:embed data_test.sql
var testData string

// newTestBlog makes the application on a database of its own, with two users and a post.
func newTestBlog(t *testing.T) *Blog {
	t.Helper()
	blog, err := New(decant.H{
		"TESTING": true, "SECRET_KEY": "a secret key of the tests",
		"DATABASE": filepath.Join(t.TempDir(), "flaskr.sqlite"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blog.DB.Close() })
	if err := blog.InitDB(); err != nil {
		t.Fatal(err)
	}
	exec(t, blog, testData)
	return blog
}

func exec(t *testing.T, blog *Blog, statement string) {
	t.Helper()
	if _, err := blog.DB.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// count returns the number that a query selects.
func count(t *testing.T, blog *Blog, query string, arguments ...any) (n int) {
	t.Helper()
	if err := blog.DB.QueryRow(query, arguments...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func login(client *decanttest.Client, username, password string) *decanttest.Response {
	return client.Post("/auth/login", decanttest.Form{"username": username, "password": password})
}

// contains reports an error for each part that the page lacks.
func contains(t *testing.T, rv *decanttest.Response, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(rv.Text, part) {
			t.Errorf("the page lacks %q:\n%s", part, rv.Text)
		}
	}
}

func redirects(t *testing.T, rv *decanttest.Response, location string) {
	t.Helper()
	if got := rv.Header.Get("Location"); rv.Status != 302 || got != location {
		t.Errorf("status %d, Location %q; want %q", rv.Status, got, location)
	}
}

func TestSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	blog, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer blog.DB.Close()
	if blog.Config.Testing || !newTestBlog(t).Config.Testing {
		t.Error("Testing must be set by the settings of the tests alone")
	}
}

func TestHello(t *testing.T) {
	t.Parallel()
	if rv := decanttest.NewClient(t, newTestBlog(t).App).Get("/hello"); rv.Text != "Hello, World!" {
		t.Error(rv)
	}
}

func TestInitDB(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	if err := blog.InitDB(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, blog, "SELECT COUNT(*) FROM user"); n != 0 {
		t.Errorf("%d users are left", n)
	}
	blog.DB.Close()
	if err := blog.InitDB(); err == nil || !strings.Contains(err.Error(), "flaskr.sqlite") {
		t.Errorf("a closed database gives %v", err)
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	client := decanttest.NewClient(t, blog.App)
	if rv := client.Get("/auth/register"); rv.Status != 200 {
		t.Error(rv)
	}
	redirects(t, client.Post("/auth/register", decanttest.Form{"username": "a", "password": "a"}), "/auth/login")
	if n := count(t, blog, "SELECT COUNT(*) FROM user WHERE username = 'a'"); n != 1 {
		t.Errorf("%d users are called a", n)
	}
}

func TestRegisterValidatesInput(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	for _, c := range []struct{ username, password, message string }{
		{"", "", "Username is required."},
		{"a", "", "Password is required."},
		{"test", "test", "User test is already registered."},
	} {
		contains(t, client.Post("/auth/register", decanttest.Form{"username": c.username, "password": c.password}), c.message)
	}
	if rv := client.Post("/auth/register", decanttest.Form{"username": "a"}); rv.Status != 400 {
		t.Error(rv)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	if rv := client.Get("/auth/login"); rv.Status != 200 {
		t.Error(rv)
	}
	redirects(t, login(client, "test", "test"), "/")
	rv := client.Get("/")
	if rv.Session.Int("user_id") != 1 {
		t.Error(rv)
	}
	contains(t, rv, "<span>test</span>")
}

func TestLoginValidatesInput(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	contains(t, login(client, "a", "test"), "Incorrect username.")
	contains(t, login(client, "test", "a"), "Incorrect password.")
}

func TestLogout(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	login(client, "test", "test")
	if rv := client.Get("/auth/logout"); rv.Session.Has("user_id") {
		t.Error(rv)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	contains(t, client.Get("/"), "Log In", "Register")
	login(client, "test", "test")
	contains(t, client.Get("/"), "Log Out", "test title", "by test on 2018-01-01", "test\nbody", `href="/1/update"`)
}

func TestLoginIsRequired(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	for _, path := range []string{"/create", "/1/update", "/1/delete"} {
		redirects(t, client.Post(path, nil), "/auth/login")
	}
}

func TestTheAuthorIsRequired(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	exec(t, blog, "UPDATE post SET author_id = 2 WHERE id = 1")
	client := decanttest.NewClient(t, blog.App)
	login(client, "test", "test")
	for _, path := range []string{"/1/update", "/1/delete"} {
		if rv := client.Post(path, nil); rv.Status != 403 {
			t.Error(rv)
		}
	}
	if rv := client.Get("/"); strings.Contains(rv.Text, `href="/1/update"`) {
		t.Error(rv)
	}
}

func TestThePostMustExist(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	login(client, "test", "test")
	for _, path := range []string{"/2/update", "/2/delete"} {
		rv := client.Post(path, nil)
		if rv.Status != 404 {
			t.Error(rv)
		}
		contains(t, rv, "Post id 2 doesn&#39;t exist.")
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	client := decanttest.NewClient(t, blog.App)
	login(client, "test", "test")
	if rv := client.Get("/create"); rv.Status != 200 {
		t.Error(rv)
	}
	redirects(t, client.Post("/create", decanttest.Form{"title": "created <b>", "body": ""}), "/")
	if n := count(t, blog, "SELECT COUNT(*) FROM post"); n != 2 {
		t.Errorf("there are %d posts", n)
	}
	contains(t, client.Get("/"), "created &lt;b&gt;")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	client := decanttest.NewClient(t, blog.App)
	login(client, "test", "test")
	contains(t, client.Get("/1/update"), `value="test title"`)
	redirects(t, client.Post("/1/update", decanttest.Form{"title": "updated", "body": ""}), "/")
	if n := count(t, blog, "SELECT COUNT(*) FROM post WHERE title = 'updated'"); n != 1 {
		t.Errorf("%d posts were updated", n)
	}
}

func TestCreateAndUpdateValidateInput(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newTestBlog(t).App)
	login(client, "test", "test")
	for _, path := range []string{"/create", "/1/update"} {
		contains(t, client.Post(path, decanttest.Form{"title": "", "body": ""}), "Title is required.")
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	client := decanttest.NewClient(t, blog.App)
	login(client, "test", "test")
	redirects(t, client.Post("/1/delete", nil), "/")
	if n := count(t, blog, "SELECT COUNT(*) FROM post"); n != 0 {
		t.Errorf("%d posts are left", n)
	}
}

// TestADamagedDatabase shows that errors of the database are errors of the page.
func TestADamagedDatabase(t *testing.T) {
	t.Parallel()
	blog := newTestBlog(t)
	blog.Config.Testing = false
	exec(t, blog, "DROP TABLE post")
	client := decanttest.NewClient(t, blog.App)
	if rv := client.Get("/"); rv.Status != 500 || rv.Err == nil || !strings.Contains(rv.Err.Error(), "no such table: post") {
		t.Error(rv, rv.Err)
	}
}
