package devserver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInsertScript(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		{"<p>a</p></body></html>", "<p>a</p>[S]</body></html>"},
		{"<p>a</p></BODY ></html>", "<p>a</p>[S]</BODY ></html>"},
		{"<p>a</p>", "<p>a</p>[S]"},
		{"", "[S]"},
		{"<script>'</body>'</script></body>", "<script>'</body>'</script>[S]</body>"},
		{"</bod", "</bod[S]"},
		{"İ</body>İ", "İ[S]</body>İ"},
	} {
		if got := string(insertScript([]byte(c.page), "[S]")); got != c.want {
			t.Errorf("%q: got %q; want %q", c.page, got, c.want)
		}
	}
}

// Which answers get the script, as seen through the whole front.
func TestWhoGetsTheScript(t *testing.T) {
	const page = "<h1>Page</h1>"
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Etag": {`"1"`}}
	navigation := http.Header{"Sec-Fetch-Mode": {"navigate"}}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	for _, c := range []struct {
		name            string
		method          string
		request, answer http.Header
		status          int
		streamed        bool
		want            bool
	}{
		{"a navigation", "GET", navigation, html, 200, false, true},
		{"a posted form", "POST", navigation, html, 200, false, true},
		{"an error page", "GET", navigation, html, 404, false, true},
		{"a browser without Sec-Fetch headers", "GET", http.Header{"Accept": {"text/html,*/*"}}, html, 200, false, true},
		{"a fetch", "GET", http.Header{"Sec-Fetch-Mode": {"cors"}, "Accept": {"text/html"}}, html, 200, false, false},
		{"htmx and jQuery", "GET", http.Header{"Accept": {"text/html"}, "X-Requested-With": {"XMLHttpRequest"}}, html, 200, false, false},
		{"curl", "GET", http.Header{"Accept": {"*/*"}}, html, 200, false, false},
		{"a picture", "GET", navigation, with(html, "Content-Type", "image/svg+xml"), 200, false, false},
		{"plain text", "GET", navigation, with(html, "Content-Type", "text/plain"), 200, false, false},
		{"no type", "GET", navigation, with(html, "Content-Type", "text/"), 200, false, false},
		{"UTF-16", "GET", navigation, with(html, "Content-Type", "text/html; charset=UTF-16LE"), 200, false, false},
		{"a compressed page", "GET", navigation, with(html, "Content-Encoding", "gzip"), 200, false, false},
		{"a streamed page", "GET", navigation, html, 200, true, false},
		{"a download", "GET", navigation, with(html, "Content-Disposition", "attachment; filename=a.html"), 200, false, false},
		{"a part", "GET", navigation, html, 206, false, false},
		{"a HEAD", "HEAD", navigation, html, 200, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			front := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
				for name, values := range c.answer {
					w.Header()[name] = values
				}
				w.WriteHeader(c.status)
				io.WriteString(w, page)
				if c.streamed {
					http.NewResponseController(w).Flush()
				}
			})
			request := httptest.NewRequest(c.method, "http://127.0.0.1/", nil)
			request.Header = c.request
			w := httptest.NewRecorder()
			front.ServeHTTP(w, request)

			body := w.Body.String()
			if got := strings.Contains(body, "<script src="); got != c.want {
				t.Errorf("the page is %q", body)
			}
			if !c.want && c.method != "HEAD" && body != page {
				t.Errorf("the page without the script is %q", body)
			}
			if touched := w.Header().Get("Etag") == ""; touched != c.want {
				t.Errorf("its headers are %v", w.Header())
			}
		})
	}
}

// frontOf is what visitors reach in front of a program that is a handler.
func frontOf(t *testing.T, handler http.HandlerFunc) http.Handler {
	t.Helper()
	inner := httptest.NewServer(handler)
	t.Cleanup(inner.Close)
	site := newSite(func(*problem) {})
	p := &program{address: inner.Listener.Addr().String(), token: "token"}
	p.proxy = newProxy(p, site)
	site.program = p
	return &front{site: site, progress: newProgress(io.Discard)}
}

func TestUpgradesPass(t *testing.T) {
	front := httptest.NewServer(frontOf(t, func(w http.ResponseWriter, r *http.Request) {
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := buffered.ReadString('\n')
		io.WriteString(connection, strings.ToUpper(line))
	}))
	defer front.Close()
	request, err := http.NewRequest("GET", front.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}, "Accept": {"text/html"}}
	resp, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream, ok := resp.Body.(io.ReadWriter)
	if resp.StatusCode != 101 || !ok {
		t.Fatalf("the answer is %v", resp.Status)
	}
	io.WriteString(stream, "hello\n")
	if answer, err := io.ReadAll(stream); err != nil || string(answer) != "HELLO\n" {
		t.Errorf("the other side says %q, %v", answer, err)
	}
}

func TestStreamsArriveAtOnce(t *testing.T) {
	next := make(chan struct{})
	front := httptest.NewServer(frontOf(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: 1\n\n")
		http.NewResponseController(w).Flush()
		<-next
		io.WriteString(w, "data: 2\n\n")
	}))
	defer front.Close()
	resp, err := http.Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, len("data: 1\n\n"))
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "data: 1\n\n" {
		t.Fatalf("the first event is %q, %v", first, err)
	}
	close(next)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "data: 2\n\n" {
		t.Errorf("the second event is %q, %v", rest, err)
	}
}

func TestPolicyAllowsTheScript(t *testing.T) {
	const source = "http://127.0.0.1:5000/.decant/"
	for _, c := range []struct{ policy, want string }{
		{"", ""},
		{"img-src 'self'", "img-src 'self'"},
		{"default-src 'none'; style-src 'unsafe-inline'", "default-src 'none'; style-src 'unsafe-inline'; script-src " + source + "; connect-src " + source},
		{"script-src 'self' 'unsafe-inline'", "script-src 'self' 'unsafe-inline' " + source},
		{"Script-Src 'none'; connect-src 'NONE'", "script-src " + source + "; connect-src " + source},
		{"script-src-elem 'self'; script-src 'none'", "script-src-elem 'self' " + source + "; script-src 'none'"},
		{"default-src 'self', script-src 'self'", "default-src 'self'; script-src 'self' " + source + "; connect-src 'self' " + source + ", script-src 'self' " + source},
	} {
		if diff := cmp.Diff(c.want, allow(c.policy, source)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.policy, diff)
		}
	}
}

// Source and output are for the developer alone.
func TestWhoSeesTheProblem(t *testing.T) {
	site := newSite(func(*problem) {})
	site.fail(&problem{Title: "It does not build", Output: "secret source", Mistakes: []mistake{{File: "secret.go"}}})
	front := &front{site: site, progress: newProgress(io.Discard)}
	for _, c := range []struct {
		name, address, host, header string
		want                        bool
	}{
		{"the developer", "127.0.0.1:5", "localhost:5000", "Accept", true},
		{"the developer, over IPv6", "[::1]:5", "[::1]:5000", "Accept", true},
		{"somebody else", "192.0.2.1:5", "localhost:5000", "Accept", false},
		{"another name for this machine", "127.0.0.1:5", "evil.example", "Accept", false},
		{"through a proxy", "127.0.0.1:5", "localhost:5000", "X-Forwarded-For", false},
	} {
		for _, accept := range []string{"text/html", "application/json"} {
			request := httptest.NewRequest("GET", "http://"+c.host+"/", nil)
			request.RemoteAddr = c.address
			request.Header.Set(c.header, "x")
			request.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			front.ServeHTTP(w, request)
			if got := strings.Contains(w.Body.String(), "secret"); got != c.want || w.Code < 500 {
				t.Errorf("%s, who accepts %s: %d %s", c.name, accept, w.Code, w.Body)
			}
		}
	}
}
