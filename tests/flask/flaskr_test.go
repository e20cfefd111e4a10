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
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// flaskrPassword is that of all users of the blogs.
const flaskrPassword = "correct horse"

// buildFlaskr compiles the example, which is a module of its own.
func buildFlaskr(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "flaskr")
	command := exec.Command("go", "build", "-o", program, "./cmd/flaskr")
	command.Dir = "../../_examples/flaskr"
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building Flaskr: %v\n%s", err, output)
	}
	return program
}

func flaskrEnvironment(database string, port int) []string {
	return append(os.Environ(), "FLASKR_DATABASE="+database, "FLASKR_SECRET_KEY="+secretKey, fmt.Sprintf("DECANT_RUN_PORT=%d", port))
}

// startFlaskr starts the blog in Go.
func startFlaskr(t *testing.T, program, database string) string {
	t.Helper()
	port := freePort(t)
	command := exec.Command(program, "run")
	command.Env = flaskrEnvironment(database, port)
	return startServer(t, command, port)
}

// initFlaskr makes the tables with the command of the Go program.
func initFlaskr(t *testing.T, program, database string) {
	t.Helper()
	command := exec.Command(program, "init-db")
	command.Env = flaskrEnvironment(database, 0)
	if output, err := command.CombinedOutput(); err != nil || !strings.Contains(string(output), "Initialized the database.") {
		t.Fatalf("init-db: %v\n%s", err, output)
	}
}

// startFlaskrTwin starts the blog in Python. With "init" it makes the tables.
func startFlaskrTwin(t *testing.T, database string, arguments ...string) string {
	t.Helper()
	port := freePort(t)
	command := pythonCommand(t, append([]string{"flaskr_twin.py", database, fmt.Sprint(port)}, arguments...)...)
	command.Env = append(os.Environ(), "FLASKR_SECRET_KEY="+secretKey)
	command.Stderr = nil // a line for each request
	return startServer(t, command, port)
}

// blogVisitor is somebody with a browser who looks at blogs.
type blogVisitor struct {
	t      *testing.T
	client http.Client
}

func newBlogVisitor(t *testing.T) *blogVisitor {
	t.Helper()
	jar, err := cookiejar.New(nil) // ports share cookies
	must(t, err)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &blogVisitor{t, http.Client{Jar: jar, CheckRedirect: stay}}
}

// flaskrAnswer is an answer of either blog.
type flaskrAnswer struct {
	Status         int
	Location, Type string
	Body           string
}

// do sends a form, or asks for a page if there is none.
func (r *blogVisitor) do(address, path string, form url.Values) flaskrAnswer {
	r.t.Helper()
	var response *http.Response
	var err error
	if form == nil {
		response, err = r.client.Get(address + path)
	} else {
		response, err = r.client.PostForm(address+path, form)
	}
	must(r.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(r.t, err)
	return flaskrAnswer{response.StatusCode, response.Header.Get("Location"), response.Header.Get("Content-Type"), string(body)}
}

type flaskrStep struct {
	path string
	form url.Values // nil for a GET
}

func credentials(name, password string) url.Values {
	return url.Values{"username": {name}, "password": {password}}
}

func written(title, body string) url.Values { return url.Values{"title": {title}, "body": {body}} }

// flaskrJourney is what the users of a blog do, right and wrong.
func flaskrJourney() []flaskrStep {
	none := url.Values{}
	return []flaskrStep{
		{"/", nil}, {"/hello", nil}, {"/static/style.css", nil}, {"/create", nil}, {"/1/update", nil}, {"/1/delete", none}, {"/1/delete", nil},
		{"/auth/register", nil}, {"/auth/register", credentials("", "")}, {"/auth/register", credentials("ann", "")}, {"/auth/register", url.Values{"username": {"ann"}}},
		{"/auth/register", credentials("ann", flaskrPassword)}, {"/auth/register", credentials("ann", "other")}, {"/auth/register", credentials("b<o>b", flaskrPassword)},
		{"/auth/login", nil}, {"/auth/login", credentials("eve", "x")}, {"/auth/login", credentials("ann", "x")}, {"/auth/login", none},
		{"/auth/login", credentials("ann", flaskrPassword)}, {"/", nil}, {"/create", nil}, {"/create", written("", "lost?")}, {"/create", url.Values{"title": {"x"}}},
		{"/create", written("<script>alert(1)</script>", "first\nsecond & third")}, {"/", nil}, {"/1/update", nil}, {"/1/update", written("", "kept")},
		{"/1/update", written("Ünïcode \"quoted\"", "körper")}, {"/", nil}, {"/1/update", nil}, {"/7/update", nil}, {"/7/delete", none}, {"/x/update", nil},
		{"/auth/logout", nil}, {"/", nil}, {"/1/update", nil}, {"/auth/login", credentials("b<o>b", flaskrPassword)}, {"/", nil},
		{"/1/update", nil}, {"/1/update", written("taken", "over")}, {"/1/delete", none}, {"/create", written("of Bob", "")}, {"/2/delete", none}, {"/2/delete", none},
		{"/auth/logout", nil}, {"/auth/login", credentials("ann", flaskrPassword)}, {"/1/delete", none}, {"/", nil}, {"/auth/logout", none},
	}
}

// TestFlaskrJourneys sends the same journey to the blog in Python and to that in Go,
// each on a database of its own.
func TestFlaskrJourneys(t *testing.T) {
	t.Parallel()
	program, folder := buildFlaskr(t), t.TempDir()
	initFlaskr(t, program, filepath.Join(folder, "go.sqlite"))
	inGo := startFlaskr(t, program, filepath.Join(folder, "go.sqlite"))
	inPython := startFlaskrTwin(t, filepath.Join(folder, "python.sqlite"), "init")
	ofGo, ofPython := newBlogVisitor(t), newBlogVisitor(t)
	for i, step := range flaskrJourney() {
		want, got := ofPython.do(inPython, step.path, step.form), ofGo.do(inGo, step.path, step.form)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("step %d, %s %v (-Python +Go):\n%s", i, step.path, step.form, diff)
		}
	}
}

// flaskrRequests is how many requests go to two blogs on one database.
const flaskrRequests = 400

var updateLink = regexp.MustCompile(`href="/(\d+)/update"`)

// TestFlaskrOnOneDatabase opens the database of the Python application, and sends a
// user to both sides by turns. Nobody may be logged out, and each side must show what
// the other has written.
func TestFlaskrOnOneDatabase(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "flaskr.sqlite")
	inPython := startFlaskrTwin(t, database, "init")
	inGo := startFlaskr(t, buildFlaskr(t), database)
	sides := []string{inPython, inGo}
	for i, name := range []string{"ann", "bob"} {
		if a := newBlogVisitor(t).do(sides[i], "/auth/register", credentials(name, flaskrPassword)); a.Status != http.StatusFound {
			t.Fatalf("%s cannot register: %+v", name, a)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for i, name := range []string{"ann", "bob"} {
		user := newBlogVisitor(t)
		if a := user.do(sides[1-i], "/auth/login", credentials(name, flaskrPassword)); a.Status != http.StatusFound || a.Location != "/" {
			t.Fatalf("%s registered at one side and cannot log in at the other: %+v", name, a)
		}
		var last string
		for n := range flaskrRequests {
			side := sides[random.IntN(2)]
			page := user.do(side, "/", nil)
			if !strings.Contains(page.Body, "<span>"+name+"</span>") || !strings.Contains(page.Body, last) {
				t.Fatalf("request %d of %s to %s (last post %q): %+v", n, name, side, last, page)
			}
			own := updateLink.FindStringSubmatch(page.Body)
			var a flaskrAnswer
			switch action := random.IntN(4); {
			case action == 0 || own == nil:
				last = fmt.Sprintf("post %d of %s", n, name)
				a = user.do(side, "/create", written(last, "body"))
			case action == 1:
				last = fmt.Sprintf("changed %d by %s", n, name)
				a = user.do(side, "/"+own[1]+"/update", written(last, "body"))
			case action == 2 && len(updateLink.FindAllString(page.Body, -1)) > 5:
				last = ""
				a = user.do(side, "/"+own[1]+"/delete", url.Values{})
			default:
				continue
			}
			if a.Status != http.StatusFound || a.Location != "/" {
				t.Fatalf("request %d of %s to %s: %+v", n, name, side, a)
			}
		}
	}
}

// TestFlaskrInABrowser walks through the blog: register, log in, write, edit, delete,
// log out.
func TestFlaskrInABrowser(t *testing.T) {
	program, database := buildFlaskr(t), filepath.Join(t.TempDir(), "flaskr.sqlite")
	initFlaskr(t, program, database)
	address := startFlaskr(t, program, database)
	tab := browser(t)
	fill := func(selector, text string) {
		t.Helper()
		must(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelector("`+selector+`").value = ""`)))
		must(t, chromedp.Do(tab, chromedp.SendKeys(selector, text)))
	}
	shows := func(what string, parts ...string) {
		t.Helper()
		text, err := chromedp.Run(tab, chromedp.Evaluate[string](`location.pathname + " " + document.body.innerText`))
		must(t, err)
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Fatalf("%s: the browser shows %q, without %q", what, text, part)
			}
		}
	}
	follow := func(selector string) { t.Helper(); must(t, click(tab, selector)) }

	must(t, chromedp.Do(tab, chromedp.Navigate(address)))
	follow(`a[href="/auth/register"]`)
	fill("#username", "ann")
	fill("#password", flaskrPassword)
	follow("input[type=submit]")
	shows("registered", "/auth/login", "Log In")
	fill("#username", "ann")
	fill("#password", flaskrPassword)
	follow("input[type=submit]")
	shows("logged in", "/ ", "ann", "Log Out", "New")

	const title = `<script>document.title = "broken"</script>`
	follow(`a[href="/create"]`)
	fill("#title", title)
	fill("#body", "the body")
	follow("input[type=submit]")
	shows("written", title, "by ann on", "the body", "Edit")
	if broken, err := chromedp.Run(tab, chromedp.Evaluate[bool](`document.title == "broken" || !!document.querySelector("article script")`)); err != nil || broken {
		t.Fatalf("the script of the title ran: %v, %v", broken, err)
	}
	follow(`a[href="/1/update"]`)
	fill("#title", "A better title")
	follow("input[type=submit]")
	shows("edited", "A better title", "the body")
	follow(`a[href="/1/update"]`)
	must(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`window.confirm = () => true`)))
	follow("input.danger")
	posts, err := chromedp.Run(tab, chromedp.Evaluate[int](`document.querySelectorAll("article").length`))
	if err != nil || posts != 0 {
		t.Fatalf("%d posts are left: %v", posts, err)
	}
	follow(`a[href="/auth/logout"]`)
	shows("logged out", "/ ", "Register", "Log In")
}
