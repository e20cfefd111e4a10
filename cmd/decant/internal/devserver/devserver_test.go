package devserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long a test waits for the go command on a busy machine.
const patience = 3 * time.Minute

// application is the source of a program that decant run can run: it listens
// where the environment says.
const application = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		page, _ := os.ReadFile("templates/page.html")
		fmt.Fprintf(w, "<h1>version 1</h1>%s", page)
	})
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		known := r.Header.Get("X-Decant-Outer-Token") == os.Getenv("DECANT_OUTER_TOKEN")
		fmt.Fprintln(w, r.Method, r.RequestURI, r.Host, known, len(r.Header["X-Decant-Outer-Token"]), r.Header.Get("X-Decant-Outer-Address"))
		fmt.Fprintln(w, os.Getenv("DECANT_OUTER_URL"), os.Getenv("DECANT_DEBUG"), os.Getenv("DECANT_OUTER_RESTART"))
		fmt.Fprintln(w, r.Header["User-Agent"], r.Header["X-Forwarded-For"], r.Header["Accept-Encoding"])
	})
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(500 * time.Millisecond)
		fmt.Fprint(w, "slow but sure")
	})
	http.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) {
		fmt.Fprintln(os.Stderr, "these are the last words")
		os.Exit(7)
	})
	address := net.JoinHostPort(os.Getenv("DECANT_RUN_HOST"), os.Getenv("DECANT_RUN_PORT"))
	fmt.Println(http.ListenAndServe(address, nil))
}
`

// running is decant run at work in a folder of its own.
type running struct {
	t        *testing.T
	dir, url string
	terminal *terminal
}

// terminal collects what decant run says.
type terminal struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *terminal) Write(data []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(data)
}

func (o *terminal) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

func startRunning(t *testing.T, poll bool) *running {
	t.Helper()
	r := &running{t: t, dir: t.TempDir(), terminal: &terminal{}}
	r.write("go.mod", "module example.com/app\n\ngo 1.25\n")
	r.write("main.go", application)
	r.write("templates/page.html", "<p>first</p>")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{Dir: r.dir, Package: ".", Host: "127.0.0.1", Debug: true, Poll: poll, Output: r.terminal})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(r.terminal)
		}
	})
	r.waitForTerminal("Running on ")
	_, after, _ := strings.Cut(r.terminal.String(), "Running on ")
	r.url, _, _ = strings.Cut(after, " ")
	return r
}

func (r *running) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) waitForTerminal(words string) {
	r.t.Helper()
	r.wait("the terminal to say "+words, func() bool { return strings.Contains(r.terminal.String(), words) })
}

func (r *running) wait(reason string, done func() bool) {
	r.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("waited in vain for %s; the terminal says:\n%s", reason, r.terminal)
		}
	}
}

// get asks as a program does, or as a browser that shows a page.
func (r *running) get(path string, browser bool) (int, string) {
	r.t.Helper()
	request, err := http.NewRequest("GET", r.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if browser {
		request.Header.Set("Sec-Fetch-Mode", "navigate")
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// waitForPage waits until a browser sees these words.
func (r *running) waitForPage(words string) string {
	r.t.Helper()
	var page string
	r.wait("a page with "+words, func() bool {
		_, page = r.get("/", true)
		return strings.Contains(page, words)
	})
	return page
}

// generation is the state that a page says it shows.
func generation(t *testing.T, page string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "reload.js?generation=")
	if !found {
		t.Fatalf("the page has no script: %s", page)
	}
	generation, _, _ := strings.Cut(after, "&")
	return generation
}

// load asks for a page again and again, and counts what goes wrong.
func (r *running) load() (stop func() (answered, failed int64)) {
	ctx, cancel := context.WithCancel(context.Background())
	var answered, failed atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				resp, err := http.Get(r.url + "/slow")
				if err != nil {
					failed.Add(1)
					continue
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != 200 || string(body) != "slow but sure" {
					failed.Add(1)
				}
				answered.Add(1)
			}
		})
	}
	return func() (int64, int64) {
		cancel()
		clients.Wait()
		return answered.Load(), failed.Load()
	}
}

func TestRun(t *testing.T) {
	for _, poll := range []bool{false, true} {
		name := "told of changes"
		if poll {
			name = "polling"
		}
		t.Run(name, func(t *testing.T) { testRun(t, startRunning(t, poll)) })
	}
}

func testRun(t *testing.T, r *running) {
	first := r.waitForPage("version 1")
	stop := r.load()

	r.write("main.go", strings.Replace(application, "version 1", "version 2", 1))
	second := r.waitForPage("version 2")
	if generation(t, first) == generation(t, second) {
		t.Error("a page of the second program has the generation of the first")
	}
	waitForEvent(t, r, generation(t, first))

	r.write("main.go", strings.Replace(application, "version 1", "version 3", 1)+"\nvar x int = \"a <mistake>\"\n")
	broken := r.waitForPage("does not build")
	for _, want := range []string{"main.go:35:13", "&lt;mistake&gt;", `class="wrong"`, "reload.js"} {
		if !strings.Contains(broken, want) {
			t.Errorf("the page about the mistake lacks %s:\n%s", want, broken)
		}
	}
	if status, body := r.get("/", false); status != 200 || !strings.Contains(body, "version 2") {
		t.Errorf("while the source is broken a program gets %d %s", status, body)
	}

	r.write("main.go", strings.Replace(application, "version 1", "version 4", 1))
	mended := r.waitForPage("version 4")
	waitForEvent(t, r, generation(t, broken))

	answered, failed := stop()
	if answered == 0 || failed > 0 {
		t.Errorf("%d requests were answered and %d failed", answered, failed)
	}

	r.waitForTerminal("main.go changed")
	starts := strings.Count(r.terminal.String(), "Built in")
	r.write("templates/page.html", "<p>another template</p>")
	r.waitForPage("another template")
	waitForEvent(t, r, generation(t, mended))
	if got := strings.Count(r.terminal.String(), "Built in"); got != starts {
		t.Errorf("a template made the program build again")
	}

	http.Get(r.url + "/exit")
	crash := r.waitForPage("The application ended: exit status 7")
	if !strings.Contains(crash, "these are the last words") {
		t.Errorf("the page about the crash lacks the output:\n%s", crash)
	}
	r.write("templates/page.html", "<p>risen</p>")
	r.waitForPage("risen")
}

// waitForEvent waits until pages of a generation are told to load again.
func waitForEvent(t *testing.T, r *running, generation string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", r.url+"/.decant/events?generation="+generation, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if lines.Text() == "event: reload" {
			return
		}
	}
	t.Fatalf("pages of generation %s are not told to load again", generation)
}

func TestProgramKnowsItsVisitors(t *testing.T) {
	r := startRunning(t, false)
	r.waitForPage("version 1")
	connection, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	io.WriteString(connection, "GET /headers?a=1;b=%zz HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 203.0.113.9\r\n"+
		"X-Decant-Outer-Token: forged\r\nX-Decant-Outer-Address: 203.0.113.9:1\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(answer), "\r\n\r\n")
	want := "GET /headers?a=1;b=%zz shop.example true 1 " + connection.LocalAddr().String() + "\n" +
		r.url + " 1 \n" +
		"[] [203.0.113.9] []\n"
	if body != want {
		t.Errorf("the program sees\n%s and should see\n%s", body, want)
	}

	r.write(".env", "A=1\n")
	r.wait("a restart", func() bool {
		_, body := r.get("/headers", false)
		return strings.Contains(body, r.url+" 1 1\n")
	})
}

func TestRunNamesAPortInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	err = Run(t.Context(), Config{Dir: t.TempDir(), Package: ".", Host: "127.0.0.1", Port: port, Output: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("the error is %v", err)
	}
}

// TestRunWhoseOutputIsCopied has a file of the application's folder change with each
// line that is printed, as after "| tee out.txt".
func TestRunWhoseOutputIsCopied(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/app\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(application), 0o644)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "out.txt"))
	if err != nil {
		t.Fatal(err)
	}
	output := &terminal{}
	r := &running{t: t, dir: dir, terminal: output}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{Dir: dir, Package: ".", Host: "127.0.0.1", Output: io.MultiWriter(output, file)})
	}()
	r.waitForTerminal("Built in")
	cancel()
	if err := errors.Join(<-ended, file.Close()); err != nil {
		t.Error(err)
	}
}

func TestRunEndsWhileItBuilds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	output := &terminal{}
	ended := make(chan error, 1)
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/app\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(application), 0o644)); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- Run(ctx, Config{Dir: dir, Package: ".", Host: "127.0.0.1", Output: output}) }()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
}
