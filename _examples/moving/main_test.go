package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/csrf/csrftest"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/ext/login/logintest"
)

// newClient returns a client of the Go half. Somebody else answers for Flask.
func newClient(t *testing.T) *decanttest.Client {
	t.Helper()
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("Flask's " + r.Method + " " + r.URL.Path))
	}))
	t.Cleanup(legacy.Close)
	app, err := newApp(legacy.URL)
	if err != nil {
		t.Fatal(err)
	}
	app.Config.Testing = true
	return decanttest.NewClient(t, app)
}

func TestJoin(t *testing.T) {
	client := newClient(t)
	form := decanttest.Form{"name": "ann", "remember": "y"}
	rv := client.Post("/join", form, csrftest.WithToken(client))
	if rv.Status != http.StatusFound || rv.Header.Get("Location") != "/" || rv.Session.String("_user_id") != "ann" {
		t.Error(rv)
	}
	if token, _ := client.Cookie("remember_token"); !strings.HasPrefix(token, "ann|") {
		t.Errorf("the remember cookie is %q", token)
	}
	client.DeleteCookie("session") // the browser was closed
	if rv := client.Get("/settings"); !strings.Contains(rv.Text, "<h1>Settings of ann</h1>") {
		t.Error(rv)
	}
	if rv := client.Get("/leave"); rv.Header.Get("Location") != "/login?next=%2Fleave" {
		t.Errorf("a remembered login counts as fresh: %v", rv)
	}
	if rv := client.Post("/join", form); rv.Status != http.StatusBadRequest {
		t.Errorf("a form without a token: %v", rv)
	}
}

func TestSettings(t *testing.T) {
	client := newClient(t)
	if rv := client.Get("/settings"); rv.Header.Get("Location") != "/login?next=%2Fsettings" {
		t.Errorf("a stranger: %v", rv)
	}
	client.Session(func(s *decant.Session) {
		logintest.LoginAs(s, &member{"ann"})
		s.Set("notes", []any{decant.Tuple{1, "from Flask"}})
	})
	rv := client.Get("/settings")
	for _, part := range []string{"You have written <b>1</b> notes.", `<form id="logout" action="/logout"`, `value="black"`} {
		if !strings.Contains(rv.Text, part) {
			t.Errorf("the page lacks %q: %v", part, rv)
		}
	}
	rv = client.Post("/settings", decanttest.Form{"colour": "green"}, csrftest.WithToken(client))
	if rv.Header.Get("Location") != "/" || rv.Session.String("colour") != "green" {
		t.Error(rv)
	}
	rv = client.Post("/settings", decanttest.Form{"colour": ""}, csrftest.WithToken(client))
	if !strings.Contains(rv.Text, "This field is required.") {
		t.Error(rv)
	}
}

func TestLeave(t *testing.T) {
	client := newClient(t)
	client.InRequest(func(c *decant.Context) {
		logintest.LoginAsFrom(c, &member{"ann"}, login.V06) // a fresh login
		c.Session.Set("colour", "green")
	})
	rv := client.Post("/leave", nil, csrftest.WithToken(client))
	if rv.Header.Get("Location") != "/" || rv.Session.Has("_user_id") || rv.Session.Has("colour") {
		t.Error(rv)
	}
}

func TestFlaskAnswersTheRest(t *testing.T) {
	client := newClient(t)
	for _, path := range []string{"/", "/login", "/export", "/static/x.css"} {
		if rv := client.Get(path); rv.Text != "Flask's GET "+path {
			t.Error(rv)
		}
	}
	if rv := client.Post("/notes", decanttest.Form{"text": "x"}); rv.Text != "Flask's POST /notes" {
		t.Error(rv)
	}
}

func TestFlaskIsDown(t *testing.T) {
	app, err := newApp("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	client := decanttest.NewClient(t, app)
	if rv := client.Get("/"); rv.Status != http.StatusBadGateway || !strings.Contains(rv.Text, "You are still logged in") {
		t.Error(rv)
	}
	if rv := client.Get("/join"); rv.Status != http.StatusOK {
		t.Error(rv)
	}
}
