package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// visit is a browser that keeps its cookies, and the address of the application.
type visit struct {
	*testing.T
	http.Client
	address string
}

func newVisit(t *testing.T) *visit {
	t.Helper()
	server := httptest.NewServer(newApp())
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visit{t, http.Client{Jar: jar}, server.URL}
}

// get returns the page of path, after all redirects.
func (v *visit) get(path string) string {
	v.Helper()
	answer, err := v.Get(v.address + path)
	return v.text(answer, err)
}

// login sends the form, and returns the page after all redirects.
func (v *visit) login(form url.Values) string {
	v.Helper()
	answer, err := v.PostForm(v.address+"/login", form)
	return v.text(answer, err)
}

func (v *visit) text(answer *http.Response, err error) string {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer.Status + ": " + string(body)
}

func (v *visit) mustBe(got, want string) {
	v.Helper()
	if got != want {
		v.Errorf("got %q, want %q", got, want)
	}
}

func TestLoginAndLogout(t *testing.T) {
	v := newVisit(t)
	v.mustBe(v.get("/"), "200 OK: You are not logged in")
	if form := v.get("/login"); !strings.Contains(form, "<input type=text name=username>") {
		t.Errorf("the form is %q", form)
	}
	v.mustBe(v.login(url.Values{"username": {"<b>Ann</b>"}}), "200 OK: Logged in as &lt;b&gt;Ann&lt;/b&gt;")
	v.mustBe(v.get("/"), "200 OK: Logged in as &lt;b&gt;Ann&lt;/b&gt;")
	v.mustBe(v.get("/logout"), "200 OK: You are not logged in")
}

func TestAFormWithoutANameIsA400(t *testing.T) {
	v := newVisit(t)
	if got := v.login(nil); !strings.HasPrefix(got, "400 Bad Request: ") {
		t.Errorf("got %q", got)
	}
	v.mustBe(v.get("/"), "200 OK: You are not logged in")
}

func TestALanguageIsRememberedBeforeTheResponseExists(t *testing.T) {
	v := newVisit(t)
	v.get("/?language=de")
	address, err := url.Parse(v.address)
	if err != nil {
		t.Fatal(err)
	}
	if cookies := v.Jar.Cookies(address); len(cookies) != 1 || cookies[0].String() != "language=de" {
		t.Errorf("the cookies are %v", cookies)
	}
}
