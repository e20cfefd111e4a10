package main

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

// visitor is somebody with a browser.
type visitor struct {
	t       *testing.T
	address string
	client  http.Client
}

func visit(t *testing.T) *visitor {
	t.Helper()
	server := httptest.NewServer(newApp(t.TempDir()))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, server.URL, http.Client{Jar: jar}}
}

// read checks the status and that the text holds all parts, and returns it.
func (v *visitor) read(response *http.Response, err error, status int, parts ...string) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode != status {
		v.t.Errorf("%s: %s", response.Request.URL.Path, response.Status)
	}
	for _, part := range parts {
		if !strings.Contains(body.String(), part) {
			v.t.Errorf("%s lacks %q:\n%s", response.Request.URL.Path, part, &body)
		}
	}
	return body.String()
}

func (v *visitor) see(path string, status int, parts ...string) string {
	v.t.Helper()
	response, err := v.client.Get(v.address + path)
	return v.read(response, err, status, parts...)
}

func (v *visitor) pin(title, filename, content string, status int, parts ...string) {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("title", title); err != nil {
		v.t.Fatal(err)
	}
	file, err := form.CreateFormFile("picture", filename)
	if err != nil {
		v.t.Fatal(err)
	}
	file.Write([]byte(content))
	form.Close()
	response, err := v.client.Post(v.address+"/pins", form.FormDataContentType(), &body)
	v.read(response, err, status, parts...)
}

func TestPinboard(t *testing.T) {
	v := visit(t)
	v.see("/", 200, "Nothing is on the wall yet", `href="/static/style.css"`)
	v.see("/static/style.css", 200, "figure {")
	v.pin("<Cats>", "../my cat.png", "a picture", 200,
		`class="flash message"`, "&#34;&lt;Cats&gt;&#34; is on the wall.", "/pictures/1-my_cat.png")
	if body := v.see("/", 200); strings.Contains(body, "flash") {
		t.Error("the message is shown twice")
	}
	if got := v.see("/pictures/1-my_cat.png", 200); got != "a picture" {
		t.Errorf("the picture is %q", got)
	}
	v.see("/pictures/../main.go", 404)
	var pins []pin
	if err := json.Unmarshal([]byte(v.see("/api/pins", 200)), &pins); err != nil || len(pins) != 1 || pins[0].Title != "<Cats>" {
		t.Errorf("the pins are %v, %v", pins, err)
	}
}

func TestPinboardLogsInAndOut(t *testing.T) {
	v := visit(t)
	response, err := v.client.PostForm(v.address+"/name", url.Values{"name": {"<Ann>"}})
	v.read(response, err, 200, "Logged in as &lt;Ann&gt;")
	v.see("/logout", 405)
	response, err = v.client.PostForm(v.address+"/logout", nil)
	v.read(response, err, 200, "Your name")
}

func TestPinboardRefuses(t *testing.T) {
	v := visit(t)
	v.pin("No picture", "page.html", "<script>", 200, `class="flash error"`, "Nothing is on the wall yet")
	v.pin("Too large", "a.png", strings.Repeat("x", 9<<20), 413, "at most 8 megabytes")
	response, err := v.client.PostForm(v.address+"/pins", nil)
	v.read(response, err, 400, "Bad Request")
	if _, err := os.Stat("page.html"); err == nil {
		t.Error("the file was kept")
	}
}
