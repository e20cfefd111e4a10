package flask

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// twinHost is the Host of every request, so that URLs are the same whatever
// the ports.
const twinHost = "twin.example"

const urlencoded = "application/x-www-form-urlencoded"

// exchange is one request that both servers get.
type exchange struct {
	method, target string // the target is sent as it stands
	jar            string // what the cookies are about
	cookies        string
	contentType    string
	body           string
	chunked        bool // the body is sent without its length
	headers        []string
}

func (e exchange) String() string {
	text := e.method + " " + e.target
	if e.jar != "" {
		text += " with " + e.jar
	}
	if e.contentType != "" || e.body != "" {
		text += fmt.Sprintf(" with %s %.400q", e.contentType, e.body)
	}
	if e.chunked {
		text += " in chunks"
	}
	for i := 0; i < len(e.headers); i += 2 {
		text += fmt.Sprintf(" %s: %q", e.headers[i], e.headers[i+1])
	}
	return text
}

// header is the first value of a header that is sent.
func (e exchange) header(name string) string {
	for i := 0; i < len(e.headers); i += 2 {
		if e.headers[i] == name {
			return e.headers[i+1]
		}
	}
	return ""
}

// path is the target without its query.
func (e exchange) path() string {
	path, _, _ := strings.Cut(e.target, "?")
	return path
}

// decodedPath is the path as views see it: without percent signs, and with one slash
// at its beginning.
func (e exchange) decodedPath() string {
	path, err := url.PathUnescape(e.path())
	if err != nil {
		return e.path()
	}
	return "/" + strings.TrimLeft(path, "/")
}

func (e exchange) isRead() bool { return e.method == "GET" || e.method == "HEAD" }

// send returns what a server answers. No redirect is followed.
func (e exchange) send(t testing.TB, server string) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, e.method, server+e.target, e.reader())
	must(t, err)
	request.Host = twinHost
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "twin/1.0")
	if e.cookies != "" {
		request.Header.Set("Cookie", e.cookies)
	}
	if e.contentType != "" {
		request.Header.Set("Content-Type", e.contentType)
	}
	for i := 0; i < len(e.headers); i += 2 {
		request.Header.Del(e.headers[i])
	}
	for i := 0; i < len(e.headers); i += 2 {
		request.Header.Add(e.headers[i], e.headers[i+1])
	}
	request.Host = cmp.Or(request.Header.Get("Host"), twinHost)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: the body breaks off: %v", e, err)
	}
	return response, string(body)
}

func (e exchange) reader() io.Reader {
	if e.chunked {
		return io.MultiReader(strings.NewReader(e.body)) // hides the length
	}
	return strings.NewReader(e.body)
}
