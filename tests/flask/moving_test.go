package flask

import (
	"context"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/decant-go/decant/ext/login"
)

// moving is the half-moved notebook of _examples/moving: Flask, with Flask-Login and
// Flask-WTF, behind Decant.
type moving struct {
	address string
	setting []string // of both programs, as environment variables
	flask   *exec.Cmd
	port    int // of Flask
}

func startMoving(t *testing.T, protection login.Protection) *moving {
	t.Helper()
	m := &moving{port: freePort(t), setting: []string{"FLASK_SECRET_KEY=" + secretKey, "FLASK_SESSION_PROTECTION=" + string(protection)}}
	m.startFlask(t)
	port := freePort(t)
	command := exec.Command(buildExample(t, "moving"))
	command.Env = append(os.Environ(), fmt.Sprintf("DECANT_RUN_PORT=%d", port), fmt.Sprintf("LEGACY_URL=http://127.0.0.1:%d", m.port))
	command.Env = append(command.Env, m.setting...)
	m.address = startServer(t, command, port)
	return m
}

// startFlask serves legacy.py with Flask's own command, as the README says.
func (m *moving) startFlask(t *testing.T) {
	t.Helper()
	m.flask = exec.Command(debianPython, "-B", "-m", "flask", "--app", "legacy", "run", "--port", fmt.Sprint(m.port))
	m.flask.Dir = filepath.Join("..", "..", "_examples", "moving")
	m.flask.Env = append(os.Environ(), m.setting...)
	startServer(t, m.flask, m.port)
}

func (m *moving) killFlask(t *testing.T) {
	t.Helper()
	must(t, m.flask.Process.Signal(syscall.SIGKILL))
	m.flask.Wait() // its status is that of a program that was killed
}

// notebookPage is what the browser shows of the notebook.
type notebookPage struct {
	Address string   `json:"address"`
	Heading string   `json:"heading"`
	Flashes []string `json:"flashes"`
	Facts   []string `json:"facts"`
}

const lookAtNotebook = `({
	address: location.pathname,
	heading: document.querySelector("h1").textContent,
	flashes: [...document.querySelectorAll(".flash")].map(e => e.textContent.trim()),
	facts: [...document.querySelectorAll("li, b")].map(e => e.textContent),
})`

func TestMovingInABrowser(t *testing.T) {
	m := startMoving(t, login.Basic)
	tab := browser(t)
	look := func(what string, want notebookPage) {
		t.Helper()
		got, err := chromedp.Run(tab, chromedp.Evaluate[notebookPage](lookAtNotebook))
		must(t, err)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s: the browser shows %+v, and should show %+v", what, got, want)
		}
	}
	visit := func(path string) { must(t, chromedp.Do(tab, chromedp.Navigate(m.address+path))) }
	send := func(form string, fields ...string) {
		for i := 0; i < len(fields); i += 2 {
			input := fmt.Sprintf("#%s [name=%s]", form, fields[i])
			_, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector("`+input+`").value = ""`))
			must(t, err)
			must(t, chromedp.Do(tab, chromedp.SendKeys(input, fields[i+1])))
		}
		must(t, click(tab, fmt.Sprintf("#%s :is(button, [type=submit])", form)))
	}
	closeBrowser := func() { // the cookie that ends with the browser goes
		_, err := chromedp.Run(tab, func(ctx context.Context, target *chromedp.Target) (struct{}, error) {
			_, err := cdp.Call(ctx, target, network.DeleteCookies, network.DeleteCookiesParams{Name: "session", URL: m.address})
			return struct{}{}, err
		})
		must(t, err)
	}

	visit("/join")
	must(t, chromedp.Do(tab, chromedp.Click("#remember")))
	send("login", "name", userName)
	look("joined in Go, flashed by Go, shown by Flask",
		notebookPage{"/", "Notes of " + userName, []string{"Nice to meet you, " + userName + "."}, nil})
	send("note", "text", "é<b>")
	look("a note for Flask", notebookPage{"/", "Notes of " + userName, []string{"Your note is kept."}, []string{"é<b>"}})
	visit("/settings")
	look("a tuple of Flask's counted in Go", notebookPage{"/settings", "Settings of " + userName, nil, []string{"1"}})
	send("colour", "colour", "red")
	look("Flask's tuple survives a change in Go", notebookPage{"/", "Notes of " + userName, []string{"Your colour is saved."}, []string{"é<b>"}})
	send("colour")
	look("Flask's form for Go", notebookPage{"/", "Notes of " + userName, []string{"Your colour is saved."}, []string{"é<b>"}})

	m.killFlask(t)
	visit("/")
	look("Flask's part is down", notebookPage{"/", "Part of this site is down", nil, nil})
	visit("/settings")
	look("Go's part is not", notebookPage{"/settings", "Settings of " + userName, nil, []string{"1"}})
	m.startFlask(t)

	closeBrowser()
	visit("/leave")
	look("remembered by Go, and not fresh", notebookPage{"/login", "Log in", []string{"Please reauthenticate to access this page."}, nil})
	closeBrowser()
	visit("/")
	look("remembered by Flask", notebookPage{"/", "Notes of " + userName, nil, nil})
	visit("/settings")
	send("logout")
	look("Go's form for Flask", notebookPage{"/", "A notebook", []string{"You are logged out."}, nil})
	visit("/settings")
	look("and so nobody in Go", notebookPage{"/login", "Log in", []string{"Please log in to access this page."}, nil})
	send("login", "name", "eve")
	look("logged in at Flask", notebookPage{"/settings", "Settings of eve", []string{"Welcome back, eve."}, []string{"0"}})
	visit("/leave")
	send("leave")
	look("logged out by Go", notebookPage{"/", "A notebook", []string{"Your notes are gone."}, nil})
}

// notebookMember is somebody who uses the notebook, and what its pages should show.
type notebookMember struct {
	*cookieClient
	protection login.Protection
	what       string // the step

	user     string // "" for nobody
	fresh    bool
	remember string // whom the cookie remembers
	bound    int    // the browser for which the session was made, or unbound
	notes    int
	colour   string
	flashes  []string
}

const unbound = -1

func newNotebookMember(t *testing.T, address string, protection login.Protection) *notebookMember {
	return &notebookMember{cookieClient: newCookieClient(t, address), protection: protection, bound: unbound, colour: "black"}
}

// arrive does what both sides do with a login at the beginning of a request.
func (r *notebookMember) arrive() {
	_, hasSession := r.cookies["session"]
	if hasSession && r.protection != login.Off && r.bound != r.agent {
		r.fresh = false
		if r.protection == login.Strong {
			r.user, r.remember, r.bound = "", "", unbound
		}
	}
	if r.user == "" {
		r.user, r.fresh = r.remember, false
	}
}

// show gets a page that has the frame of all pages, and checks it.
func (r *notebookMember) show(path string) string {
	r.t.Helper()
	r.arrive()
	status, page := r.do("GET", path, nil)
	if status != http.StatusOK {
		r.t.Fatalf("%s: GET %s gives %d %s", r.what, path, status, page)
	}
	if got := first(page, `<button>Log out (.*)</button>`); got != r.user {
		r.t.Fatalf("%s: the user of %s is %q, want %q", r.what, path, got, r.user)
	}
	if got := all(page, `<p class="flash">(.*)</p>`); !slices.Equal(got, r.flashes) {
		r.t.Fatalf("%s: %s shows the messages %q, want %q", r.what, path, got, r.flashes)
	}
	r.flashes = nil
	switch path {
	case "/":
		if got := len(all(page, `<li>(.*)</li>`)); r.user != "" && (got != r.notes || !strings.Contains(page, "color: "+r.colour+`"`)) {
			r.t.Fatalf("%s: %d notes, want %d of the colour %s: %s", r.what, got, r.notes, r.colour, page)
		}
	case "/settings":
		if !strings.Contains(page, fmt.Sprintf("<b>%d</b> notes", r.notes)) || !strings.Contains(page, `value="`+r.colour+`"`) {
			r.t.Fatalf("%s: the settings lack %d notes or the colour %s: %s", r.what, r.notes, r.colour, page)
		}
	}
	return page
}

func first(page, pattern string) string { return strings.Join(all(page, pattern), "") }

func all(page, pattern string) (found []string) {
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
		found = append(found, html.UnescapeString(match[1]))
	}
	return found
}

// visit gets a page for users, and follows to the login where it should lead there.
func (r *notebookMember) visit(path string, isSensitive bool) {
	r.t.Helper()
	r.arrive()
	if r.user != "" && (r.fresh || !isSensitive) {
		if path == "/settings" {
			r.show(path)
		} else if status, page := r.do("GET", path, nil); status != http.StatusOK {
			r.t.Fatalf("%s: GET %s gives %d %s", r.what, path, status, page)
		} else if path == "/leave" {
			r.flashes = nil // they are on the page
		}
		return
	}
	r.refuse()
	r.mustRedirect("GET", path, nil, "/login?next="+url.QueryEscape(path))
}

// refuse is what happens to somebody who has to log in first.
func (r *notebookMember) refuse() {
	message := "Please log in to access this page."
	if r.user != "" {
		message = "Please reauthenticate to access this page."
	}
	r.flashes = append(r.flashes, message)
}

func (r *notebookMember) mustRedirect(method, path string, form url.Values, want string) {
	r.t.Helper()
	status, page := r.do(method, path, form)
	if status != http.StatusFound || r.location != want {
		r.t.Fatalf("%s: %s %s gives %d to %q, want %q: %s", r.what, method, path, status, r.location, want, page)
	}
	if path, _, _ := strings.Cut(want, "?"); path == "/settings" {
		r.visit(path, false)
	} else {
		r.show(path)
	}
}

// fill takes the token of a page that either side has rendered.
func (r *notebookMember) fill(random *rand.Rand, pairs ...string) url.Values {
	r.t.Helper()
	pages := []string{"/login", "/join"}
	if r.arrive(); r.user != "" {
		pages = append(pages, "/", "/settings")
	}
	page := r.show(pages[random.IntN(len(pages))])
	form := url.Values{}
	if tokens := all(page, `name="csrf_token"[^>]* value="([^"]*)"`); len(tokens) > 0 {
		form.Set("csrf_token", tokens[random.IntN(len(tokens))])
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// step does one thing that people do, at either side.
func (r *notebookMember) step(random *rand.Rand) {
	r.t.Helper()
	switch random.IntN(12) {
	case 0:
		r.show("/")
	case 1:
		r.visit("/settings", false)
	case 2:
		r.visit("/export", true)
	case 3:
		r.visit("/leave", true)
	case 4, 5:
		r.keepNote(r.fill(random, "text", "n"))
	case 6, 7:
		r.changeColour(r.fill(random, "colour", fmt.Sprintf("#%06x", random.IntN(1<<24))))
	case 8:
		r.enter(random, []string{"ann", "bob", "é☃|"}[random.IntN(3)])
	case 9:
		if random.IntN(3) == 0 { // or there would be nothing to lose
			r.leave(random)
		}
	case 10:
		delete(r.cookies, "session") // the browser was closed
		r.user, r.fresh, r.bound, r.notes, r.colour, r.flashes = "", false, unbound, 0, "black", nil
	case 11:
		if random.IntN(3) == 0 {
			r.agent++ // the browser was updated
		}
	}
}

func (r *notebookMember) keepNote(form url.Values) {
	r.t.Helper()
	if r.notes == 40 {
		return // the session is a cookie, and has to fit into one
	}
	r.arrive()
	if r.user == "" {
		r.refuse()
		r.mustRedirect("POST", "/notes", form, "/login?next=%2Fnotes")
		return
	}
	r.notes++
	r.flashes = append(r.flashes, "Your note is kept.")
	r.mustRedirect("POST", "/notes", form, "/")
}

func (r *notebookMember) changeColour(form url.Values) {
	r.t.Helper()
	r.arrive()
	if r.user == "" {
		r.refuse()
		r.mustRedirect("POST", "/settings", form, "/login?next=%2Fsettings")
		return
	}
	r.colour = form.Get("colour")
	r.flashes = append(r.flashes, "Your colour is saved.")
	r.mustRedirect("POST", "/settings", form, "/")
}

// enter logs in at either side, with a form of either side.
func (r *notebookMember) enter(random *rand.Rand, name string) {
	r.t.Helper()
	form := r.fill(random, "name", name)
	if r.protection != login.Strong && random.IntN(2) == 0 { // strong protection forgets such logins
		form.Set("remember", "y")
		r.remember = name
	}
	r.user, r.fresh, r.bound = name, true, r.agent
	if random.IntN(2) == 0 {
		r.flashes = append(r.flashes, "Welcome back, "+name+".")
		r.mustRedirect("POST", "/login", form, "/settings")
	} else {
		r.flashes = append(r.flashes, "Nice to meet you, "+name+".")
		r.mustRedirect("POST", "/join", form, "/")
	}
}

// leave logs out at either side.
func (r *notebookMember) leave(random *rand.Rand) {
	r.t.Helper()
	form := r.fill(random)
	r.arrive()
	path, message := "/logout", "You are logged out."
	if r.fresh && random.IntN(2) == 0 {
		path, message = "/leave", "Your notes are gone."
	}
	r.user, r.fresh, r.remember, r.bound, r.notes, r.colour = "", false, "", unbound, 0, "black"
	r.flashes = []string{message}
	r.mustRedirect("POST", path, form, "/")
}

// alternations is how many requests the members of one application send.
const alternations = 1000

// TestMovingLogsNobodyOut sends members through both sides at random: logins,
// logouts, forms of one side that the other receives, closed and updated browsers,
// sessions that either side changes, flashed messages.
func TestMovingLogsNobodyOut(t *testing.T) {
	for name, protection := range map[string]login.Protection{"basic": login.Basic, "strong": login.Strong, "without": login.Off} {
		t.Run(name+" protection", func(t *testing.T) {
			m := startMoving(t, protection)
			random := rand.New(rand.NewPCG(1, 2))
			members := []*notebookMember{newNotebookMember(t, m.address, protection), newNotebookMember(t, m.address, protection), newNotebookMember(t, m.address, protection)}
			members[0].claim, members[1].claim = "X-Forwarded-For", "X_Forwarded_For"
			requests := 0
			for i := 0; requests < alternations; i++ {
				r := members[random.IntN(len(members))]
				r.what = fmt.Sprintf("step %d, request %d", i, requests)
				before := r.requests
				r.step(random)
				requests += r.requests - before
			}
		})
	}
}

// TestMovingUnderStrongProtection has a session used by another browser.
func TestMovingUnderStrongProtection(t *testing.T) {
	m := startMoving(t, login.Strong)
	for _, from := range []string{"/login", "/join"} {
		for _, to := range []string{"/", "/settings"} {
			r := newNotebookMember(t, m.address, login.Strong)
			r.what = from + ", then " + to
			form := url.Values{"csrf_token": {first(r.show("/login"), `name="csrf_token"[^>]* value="([^"]*)"`)}, "name": {"ann"}, "remember": {"y"}}
			r.user, r.fresh, r.remember, r.bound = "ann", true, "ann", r.agent
			if status, page := r.do("POST", from, form); status != http.StatusFound {
				t.Fatalf("%s: the login gives %d %s", r.what, status, page)
			}
			r.agent++
			if status, page := r.do("GET", to, nil); strings.Contains(page, "Log out") || status == http.StatusOK == (to == "/settings") {
				t.Errorf("%s: the other browser gets %d %s", r.what, status, page)
			}
			if _, remembered := r.cookies["remember_token"]; remembered {
				t.Errorf("%s: the other browser keeps the cookie", r.what)
			}
			r.agent--
			if _, page := r.do("GET", "/", nil); strings.Contains(page, "Log out") {
				t.Errorf("%s: the session of the other browser is good again: %s", r.what, page)
			}
		}
	}
}

// TestMovingWithoutFlask asks for both parts while one is down.
func TestMovingWithoutFlask(t *testing.T) {
	m := startMoving(t, login.Basic)
	r := newNotebookMember(t, m.address, login.Basic)
	form := r.fill(rand.New(rand.NewPCG(1, 2)), "name", "ann")
	r.user, r.fresh, r.bound, r.flashes = "ann", true, r.agent, []string{"Nice to meet you, ann."}
	r.mustRedirect("POST", "/join", form, "/")
	m.killFlask(t)
	for range 20 {
		if status, page := r.do("GET", "/", nil); status != http.StatusBadGateway || !strings.Contains(page, "You are still logged in") {
			t.Fatalf("Flask's part is answered with %d %s", status, page)
		}
		r.show("/settings")
	}
}
