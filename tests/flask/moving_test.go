package flask

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// moving is the half-moved wiki of _examples/moving: Flask behind Decant.
type moving struct {
	address string
	flask   *exec.Cmd
	port    int // of Flask
}

func startMoving(t *testing.T) *moving {
	t.Helper()
	m := &moving{port: freePort(t)}
	m.startFlask(t)
	port := freePort(t)
	command := exec.Command(buildExample(t, "moving"))
	command.Env = append(os.Environ(),
		fmt.Sprintf("DECANT_RUN_PORT=%d", port), "SECRET_KEY="+secretKey,
		fmt.Sprintf("LEGACY_URL=http://127.0.0.1:%d", m.port))
	m.address = startServer(t, command, port)
	return m
}

// startFlask serves legacy.py with Flask's own command, as the README says.
func (m *moving) startFlask(t *testing.T) {
	t.Helper()
	m.flask = pythonCommand(t, "-m", "flask", "--app", "legacy", "run", "--port", fmt.Sprint(m.port))
	m.flask.Dir = filepath.Join("..", "..", "_examples", "moving")
	m.flask.Env = append(m.flask.Env, "SECRET_KEY="+secretKey)
	m.flask.Stdout, m.flask.Stderr = nil, nil // a line for each request
	startServer(t, m.flask, m.port)
}

func (m *moving) killFlask(t *testing.T) {
	t.Helper()
	must(t, m.flask.Process.Signal(syscall.SIGKILL))
	m.flask.Wait() // its status is that of a program that was killed
}

// wikiPage is what the browser shows of the wiki.
type wikiPage struct {
	Address string   `json:"address"`
	Heading string   `json:"heading"`
	Flashes []string `json:"flashes"`
	Facts   []string `json:"facts"`
}

const lookAtWiki = `({
	address: location.pathname,
	heading: document.querySelector("h1").textContent,
	flashes: [...document.querySelectorAll(".flash")].map(e => e.textContent.trim()),
	facts: [...document.querySelectorAll("b")].map(e => e.textContent),
})`

func TestMovingInABrowser(t *testing.T) {
	m := startMoving(t)
	tab := browser(t)
	look := func(what string, want wikiPage) {
		t.Helper()
		got, err := chromedp.Run(tab, chromedp.Evaluate[wikiPage](lookAtWiki))
		must(t, err)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s: the browser shows %+v, and should show %+v", what, got, want)
		}
	}
	visit := func(path string) { must(t, chromedp.Do(tab, chromedp.Navigate(m.address+path))) }
	fill := func(path, field, text, button string) {
		visit(path)
		input := `input[name="` + field + `"]`
		_, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector('`+input+`').value = ""`))
		must(t, err)
		must(t, chromedp.Do(tab, chromedp.SendKeys(input, text)))
		must(t, click(tab, button))
	}

	fill("/login", "username", userName, "button")
	look("signed in at Flask, flashed by Flask, shown by Go",
		wikiPage{"/settings", "Settings of " + userName, []string{"Welcome back, " + userName + "."}, []string{"0"}})
	fill("/settings", "colour", "é<green>", "button")
	look("changed in Go, flashed by Go, shown by Flask",
		wikiPage{"/", "Signed in as " + userName, []string{"Your colour is saved."}, []string{"é<green>", "0"}})
	fill("/", "text", "a tuple", `form[action="/notes"] button`)
	look("a tuple of Flask's counted in Go",
		wikiPage{"/settings", "Settings of " + userName, []string{"Your note is kept."}, []string{"1"}})
	fill("/settings", "colour", "red", "button")
	look("Flask's tuple survives a change in Go",
		wikiPage{"/", "Signed in as " + userName, []string{"Your colour is saved."}, []string{"red", "1"}})

	m.killFlask(t)
	visit("/")
	look("Flask's part is down", wikiPage{"/", "Part of this site is down", nil, nil})
	visit("/settings")
	look("Go's part is not", wikiPage{"/settings", "Settings of " + userName, nil, []string{"1"}})
	m.startFlask(t)
	visit("/")
	look("Flask is back", wikiPage{"/", "Signed in as " + userName, nil, []string{"red", "1"}})
	must(t, click(tab, `form[action="/logout"] button`))
	look("signed out at Flask", wikiPage{"/", "Not signed in", nil, nil})
	visit("/settings")
	look("and so in Go", wikiPage{"/login", "Sign in", nil, nil})
	fill("/join", "username", "eve", "button")
	look("signed in at Go", wikiPage{"/", "Signed in as eve", []string{"Nice to meet you, eve."}, []string{"grey", "0"}})
}

// alternations is how many requests one user sends to the half-moved wiki.
const alternations = 1000

// TestMovingLogsNobodyOut sends one user through both sides at random, while
// either side changes the session.
func TestMovingLogsNobodyOut(t *testing.T) {
	m := startMoving(t)
	user := newWikiUser(t, m.address)
	user.post("/login", "username", "ann")
	random := rand.New(rand.NewPCG(1, 2))
	notes, colour := 0, ""
	for i := range alternations {
		switch random.IntN(5) {
		case 0:
			user.see(i, "/", "Signed in as ann")
		case 1:
			user.see(i, "/settings", "Settings of ann")
		case 2:
			colour = fmt.Sprintf("colour %d", i)
			user.post("/settings", "colour", colour)
			user.see(i, "/", colour)
		case 3:
			user.post("/settings", "colour", colour)
		case 4:
			if notes < 40 { // the session is a cookie, and has to fit into one
				notes++
				user.post("/notes", "text", "n")
			}
			user.see(i, "/settings", fmt.Sprintf("<b>%d</b> notes", notes))
		}
	}
}

// wikiUser is somebody with a cookie jar.
type wikiUser struct {
	t       *testing.T
	address string
	client  http.Client
}

func newWikiUser(t *testing.T, address string) *wikiUser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &wikiUser{t, address, http.Client{Jar: jar, Timeout: patience}}
}

func (u *wikiUser) see(i int, path, text string) {
	u.t.Helper()
	response, err := u.client.Get(u.address + path)
	must(u.t, err)
	if body := u.read(response); !strings.Contains(body, text) {
		u.t.Fatalf("request %d: %s lacks %q:\n%s", i, path, text, body)
	}
}

func (u *wikiUser) post(path, field, value string) {
	u.t.Helper()
	response, err := u.client.PostForm(u.address+path, url.Values{field: {value}})
	must(u.t, err)
	u.read(response)
}

func (u *wikiUser) read(response *http.Response) string {
	u.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(u.t, err)
	if response.StatusCode != http.StatusOK {
		u.t.Fatalf("%s: %s\n%s", response.Request.URL.Path, response.Status, body)
	}
	return string(body)
}

// TestMovingWithoutFlask asks for both parts while one is down.
func TestMovingWithoutFlask(t *testing.T) {
	m := startMoving(t)
	user := newWikiUser(t, m.address)
	user.post("/join", "username", "ann")
	m.killFlask(t)
	for range 20 {
		response, err := user.client.Get(m.address + "/")
		must(t, err)
		body, err := io.ReadAll(response.Body)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != http.StatusBadGateway || !strings.Contains(string(body), "You are still signed in") {
			t.Fatalf("Flask's part is answered with %s:\n%s", response.Status, body)
		}
		user.see(0, "/settings", "Settings of ann")
	}
}
