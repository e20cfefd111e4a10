package flask

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

const (
	clients = 128

	// uploadEvery is after how many flows one sends a file, which is too large
	// to be kept in memory.
	uploadEvery = 200
	uploadSize  = 700 << 10
)

// TestLoad has many users log in, look, and log out at once. Nobody may ever
// see another's name, and nothing may be left over.
func TestLoad(t *testing.T) {
	t.Run("sessions in the cookie", func(t *testing.T) { testLoad(t, loadApp(), flows) })
	t.Run("sessions on the server", func(t *testing.T) {
		app := loadApp()
		app.SessionInterface = serversession.New(serversession.NewMemory())
		testLoad(t, app, flows/5)
	})
}

func testLoad(t *testing.T, app http.Handler, flows int) {
	uploads := t.TempDir()
	t.Setenv("TMPDIR", uploads)
	atRest := measure()
	server := httptest.NewServer(app)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	crowd := &crowd{t: t, server: server.URL, transport: transport, file: uploadBody(t)}

	crowd.run(flows / 10) // connections, pools and caches are there after this
	before := measure()
	crowd.run(flows)
	after := measure()
	transport.CloseIdleConnections()
	server.Close()

	t.Logf("%d flows: heap %d KiB before and %d KiB after", flows, before.heap>>10, after.heap>>10)
	if after.heap > before.heap+8<<20 {
		t.Errorf("the heap grew from %d KiB to %d KiB", before.heap>>10, after.heap>>10)
	}
	waitFor(t, "goroutines and open files are left over", func() bool {
		now := measure()
		return now.goroutines <= atRest.goroutines && now.files <= atRest.files
	})
	left, err := os.ReadDir(uploads)
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%d temporary files are left, such as %s", len(left), left[0].Name())
	}
}

// loadApp is the login of the quickstart, with an upload.
func loadApp() *decant.App {
	app := decant.New("load")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/", func(c *decant.Context) (any, error) {
		return "user=" + c.Session.String("username"), nil
	}, decant.Endpoint("index"))
	app.Post("/login", func(c *decant.Context) (any, error) {
		username, err := c.Request.Form.Require("username")
		if err != nil {
			return nil, err
		}
		c.Session.Clear()
		c.Session.Set("username", username)
		return c.Redirect(c.URLFor("index"))
	}, decant.Endpoint("login"))
	app.Post("/logout", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		return c.Redirect(c.URLFor("index"))
	}, decant.Endpoint("logout"))
	app.Post("/upload", func(c *decant.Context) (any, error) {
		return c.Request.Form.Get("owner") + " " + c.Session.String("username"), nil
	}, decant.Endpoint("upload"))
	return app
}

// waitFor fails the test if something does not come true in time.
func waitFor(t *testing.T, otherwise string, isTrue func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !isTrue(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
	}
}

type measurement struct {
	heap              uint64
	goroutines, files int
}

func measure() (m measurement) {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	files, err := os.ReadDir("/proc/self/fd")
	if err == nil {
		m.files = len(files)
	}
	m.heap, m.goroutines = stats.HeapAlloc, runtime.NumGoroutine()
	return m
}

// uploadBody is a form with a field and a large file.
func uploadBody(t *testing.T) (form struct{ contentType, body string }) {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	must(t, writer.WriteField("owner", "anybody"))
	file, err := writer.CreateFormFile("file", "large.bin")
	must(t, err)
	_, err = file.Write(make([]byte, uploadSize))
	must(t, err)
	must(t, writer.Close())
	form.contentType, form.body = writer.FormDataContentType(), body.String()
	return form
}

// crowd sends the flows of many users to one server.
type crowd struct {
	t         *testing.T
	server    string
	transport *http.Transport
	file      struct{ contentType, body string }
	next      atomic.Int64
}

func (w *crowd) run(flows int) {
	w.t.Helper()
	last := w.next.Load() + int64(flows)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for n := w.next.Add(1); n <= last && !w.t.Failed(); n = w.next.Add(1) {
				if err := w.flow(n); err != nil {
					w.t.Error(err)
				}
			}
		})
	}
	group.Wait()
	w.next.Store(last)
}

// flow is one user: in, a look around, perhaps a file, and out.
func (w *crowd) flow(n int64) error {
	user := &loadUser{crowd: w}
	name := fmt.Sprintf("user %d", n)
	user.send("GET", "/", "", "", "user=")
	user.send("POST", "/login", urlencoded, "username="+strings.ReplaceAll(name, " ", "+"), "")
	user.send("GET", "/", "", "", "user="+name)
	if n%uploadEvery == 0 {
		user.send("POST", "/upload", w.file.contentType, w.file.body, "anybody "+name)
	}
	user.send("POST", "/logout", urlencoded, "", "")
	user.send("GET", "/", "", "", "user=")
	return user.err
}

// loadUser keeps the session cookie and the first thing that went wrong.
type loadUser struct {
	*crowd
	cookie string
	err    error
}

// send checks the body of the answer, unless it is that of a redirect.
func (u *loadUser) send(method, path, contentType, body, want string) {
	if u.err != nil {
		return
	}
	request, err := http.NewRequest(method, u.server+path, strings.NewReader(body))
	if err != nil {
		u.err = err
		return
	}
	if u.cookie != "" {
		request.Header.Set("Cookie", u.cookie)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := u.transport.RoundTrip(request)
	if err != nil {
		u.err = err
		return
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	isRedirect := response.StatusCode == http.StatusFound
	if err != nil || !isRedirect && string(got) != want || response.StatusCode >= 400 {
		u.err = fmt.Errorf("%s %s: %s %q (%v), and want %q", method, path, response.Status, got, err, want)
	}
	for _, cookie := range response.Cookies() {
		u.cookie = cookie.Name + "=" + cookie.Value
	}
}
