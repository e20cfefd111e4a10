package main

import (
	"os"
	"strings"
	"testing"

	"github.com/decant-go/decant/decanttest"
)

func newClient(t *testing.T) *decanttest.Client {
	t.Helper()
	app := newApp(t.TempDir())
	app.Config.Testing = true
	return decanttest.NewClient(t, app, decanttest.FollowRedirects())
}

// check checks the status of an answer, and that it holds all parts.
func check(t *testing.T, rv *decanttest.Response, status int, parts ...string) {
	t.Helper()
	if rv.Status != status {
		t.Errorf("the status should be %d\n%s", status, rv)
	}
	for _, part := range parts {
		if !strings.Contains(rv.Text, part) {
			t.Errorf("the answer lacks %q\n%s", part, rv)
		}
	}
}

func pinOf(title, filename, content string) decanttest.Form {
	return decanttest.Form{"title": title, "picture": decanttest.File(filename, content)}
}

func TestPinboard(t *testing.T) {
	client := newClient(t)
	check(t, client.Get("/"), 200, "Nothing is on the wall yet", `href="/static/style.css"`)
	check(t, client.Get("/static/style.css"), 200, "figure {")
	check(t, client.Post("/pins", pinOf("<Cats>", "../my cat.png", "a picture")), 200,
		`class="flash message"`, "&#34;&lt;Cats&gt;&#34; is on the wall.", "/pictures/1-my_cat.png")
	if rv := client.Get("/"); strings.Contains(rv.Text, "flash") {
		t.Errorf("the message is shown twice\n%s", rv)
	}
	if rv := client.Get("/pictures/1-my_cat.png"); rv.Text != "a picture" {
		t.Error(rv)
	}
	check(t, client.Get("/pictures/../main.go"), 404)
	var pins []pin
	if err := client.Get("/api/pins").JSON(&pins); err != nil || len(pins) != 1 || pins[0].Title != "<Cats>" {
		t.Errorf("the pins are %v, %v", pins, err)
	}
}

func TestPinboardLogsInAndOut(t *testing.T) {
	client := newClient(t)
	check(t, client.Post("/name", decanttest.Form{"name": "<Ann>"}), 200, "Logged in as &lt;Ann&gt;")
	check(t, client.Get("/logout"), 405)
	check(t, client.Post("/logout", nil), 200, "Your name")
}

func TestPinboardRefuses(t *testing.T) {
	client := newClient(t)
	check(t, client.Post("/pins", pinOf("No picture", "page.html", "<script>")), 200, `class="flash error"`, "Nothing is on the wall yet")
	check(t, client.Post("/pins", pinOf("Too large", "a.png", strings.Repeat("x", 9<<20))), 413, "at most 8 megabytes")
	check(t, client.Post("/pins", nil), 400, "Bad Request")
	if _, err := os.Stat("page.html"); err == nil {
		t.Error("the file was kept")
	}
}
