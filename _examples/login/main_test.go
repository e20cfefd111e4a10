package main

import (
	"strings"
	"testing"

	"github.com/decant-go/decant/decanttest"
)

func newClient(t *testing.T) *decanttest.Client {
	t.Helper()
	app := newApp()
	app.Config.Testing = true
	return decanttest.NewClient(t, app)
}

func TestLoginAndLogout(t *testing.T) {
	client := newClient(t)
	if rv := client.Get("/"); rv.Text != "You are not logged in" {
		t.Error(rv)
	}
	if rv := client.Get("/login"); !strings.Contains(rv.Text, "<input type=text name=username>") {
		t.Error(rv)
	}
	rv := client.Post("/login", decanttest.Form{"username": "<b>Ann</b>"}, decanttest.FollowRedirects())
	if rv.Text != "Logged in as &lt;b&gt;Ann&lt;/b&gt;" || rv.Session.String("username") != "<b>Ann</b>" {
		t.Error(rv)
	}
	rv = client.Get("/logout", decanttest.FollowRedirects())
	if rv.Text != "You are not logged in" || rv.Session.Has("username") {
		t.Error(rv)
	}
}

func TestAFormWithoutANameIsA400(t *testing.T) {
	client := newClient(t)
	if rv := client.Post("/login", decanttest.Form{}); rv.Status != 400 || rv.Session.Has("username") {
		t.Error(rv)
	}
}

func TestALanguageIsRememberedBeforeTheResponseExists(t *testing.T) {
	client := newClient(t)
	client.Get("/?language=de")
	if language, _ := client.Cookie("language"); language != "de" {
		t.Errorf("the language is %q", language)
	}
}
