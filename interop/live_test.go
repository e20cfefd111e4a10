package interop

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exchange is one request that both servers get.
type exchange struct {
	method, target string // the target is sent as it stands
	jar            string // what the cookies are about
	cookies        string
	contentType    string
	body           string
}

func (e exchange) String() string {
	text := e.method + " " + e.target
	if e.jar != "" {
		text += " with " + e.jar
	}
	if e.contentType != "" {
		text += fmt.Sprintf(" with %s %.40q", e.contentType, e.body)
	}
	return text
}

// outcome is what is compared of an answer.
type outcome struct {
	Status      int
	Body        string
	Length      string // as announced, where the body holds no address
	ContentType string
	Location    string
	Allow       []string
	Vary        []string
	Cookies     []string
	Order       string // of the hooks
	Made        string
}

func TestAnswersAreFlasks(t *testing.T) {
	port := freePort(t)
	flask := startServer(t, pythonCommand(t, "flask_app.py", fmt.Sprint(port)), port)
	server := httptest.NewServer(newTwin())
	t.Cleanup(server.Close)
	judge := startJudge(t)

	all := exchanges(judge)
	if len(all) < 200 {
		t.Fatalf("only %d requests", len(all))
	}
	version := flaskVersion(t)
	known := 0
	for _, e := range all {
		want, got := judge.outcome(flask, e), judge.outcome(server.URL, e)
		if difference := differenceFor(e, version); difference != nil {
			known++
			if cmp.Equal(want, got) {
				t.Errorf("%s: Decant does as Flask, although %s", e, difference.why)
			}
			difference.adapt(&want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Flask +Decant):\n%s", e, diff)
		}
	}
	t.Logf("%d requests, %d of them with a known difference", len(all), known)
}

// outcome sends a request and brings the answer into a form that can be
// compared.
func (j *judge) outcome(server string, e exchange) outcome {
	j.t.Helper()
	response, body := j.send(server, e)
	return outcome{
		Status:      response.StatusCode,
		Body:        strings.ReplaceAll(body, server, ""),
		ContentType: response.Header.Get("Content-Type"),
		Length:      announcedLength(response),
		Location:    strings.TrimPrefix(response.Header.Get("Location"), server), // Flask's slash redirects are absolute
		Allow:       listed(response.Header["Allow"]),
		Vary:        listed(response.Header["Vary"]),
		Cookies:     j.readable(response),
		Order:       response.Header.Get("X-Order"),
		Made:        response.Header.Get("X-Made"),
	}
}

func (j *judge) send(server string, e exchange) (*http.Response, string) {
	j.t.Helper()
	request, err := http.NewRequest(e.method, server+e.target, strings.NewReader(e.body))
	must(j.t, err)
	if e.cookies != "" {
		request.Header.Set("Cookie", e.cookies)
	}
	if e.contentType != "" {
		request.Header.Set("Content-Type", e.contentType)
	}
	response, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	must(j.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(j.t, err)
	return response, string(body)
}

// announcedLength is what a HEAD request is about. The page of a redirect may
// hold the server's address, and so is as long as that.
func announcedLength(response *http.Response) string {
	if response.Header.Get("Location") != "" {
		return ""
	}
	return response.Header.Get("Content-Length")
}

// listed is the set of the items of a header.
func listed(values []string) []string {
	items := map[string]bool{}
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			items[strings.TrimSpace(item)] = true
		}
	}
	return slices.Sorted(maps.Keys(items))
}

// readable shows the Set-Cookie headers with the session opened and the dates
// as the time until then.
func (j *judge) readable(response *http.Response) (cookies []string) {
	j.t.Helper()
	now, err := http.ParseTime(response.Header.Get("Date"))
	must(j.t, err)
	for _, line := range response.Header["Set-Cookie"] {
		parts := strings.Split(line, "; ")
		if token, ok := strings.CutPrefix(parts[0], "session="); ok && token != "" {
			loaded := j.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: token})
			parts[0] = fmt.Sprintf("session=%v", *loaded.Session)
		}
		for i := range parts {
			parts[i] = relativeExpiry(parts[i], now)
		}
		cookies = append(cookies, strings.Join(parts, "; "))
	}
	return cookies
}

// relativeExpiry rounds to ten seconds: the servers were not asked in the same
// instant.
func relativeExpiry(attribute string, now time.Time) string {
	date, ok := strings.CutPrefix(attribute, "Expires=")
	if !ok {
		return attribute
	}
	expiry, err := http.ParseTime(date)
	if err != nil || expiry.Before(now) {
		return attribute
	}
	return fmt.Sprintf("Expires in %v", expiry.Sub(now).Round(10*time.Second))
}

const urlencoded = "application/x-www-form-urlencoded"

// exchanges are all requests: every target with every everyday method, and the
// ones that need a body or cookies.
func exchanges(judge *judge) (all []exchange) {
	for _, target := range targets {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			all = append(all, exchange{method: method, target: target})
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} {
		for _, target := range []string{"/", "/method", "/form", "/nowhere", "/folder"} {
			all = append(all, exchange{method: method, target: target})
		}
	}
	all = append(all, formExchanges()...)
	return append(all, cookieExchanges(judge)...)
}

var targets = []string{
	"/", "/?stop=1", "/empty", "/bytes", "/markup", "/dict", "/list", "/made", "/no-content",
	"/user/ann", "/user/a%20b", "/user/%C3%A9%E2%98%83", "/user/%3Cb%3E", "/user/%FF", "/user/", "/user/a%2Fb",
	"/int/41", "/int/007", "/int/-1", "/int/x", "/float/1.5", "/float/1", "/any/left", "/any/up",
	"/uuid/12345678-1234-5678-1234-567812345678", "/uuid/no",
	"/path/a", "/path/a/b/c", "/path/", "/folder/", "/folder", "/folder?a=b%20c", "/file", "/file/", "//file", "/a//b", "/urls",
	"/redirect", "/redirect/301", "/redirect/303", "/redirect/307", "/redirect/308",
	"/abort/400", "/abort/401", "/abort/403", "/abort/404", "/abort/405", "/abort/410", "/abort/418", "/abort/429", "/abort/500", "/abort/503",
	"/described", "/crash", "/crash?stop=1", "/nowhere", "/nowhere?stop=1", "/%3Cscript%3E",
	"/method", "/post-only", "/own-options", "/form",
	"/args", "/args?q=1", "/args?q=a+b&q=%C3%A9&x=y", "/args?q", "/args?q=%FF", "/args?Q=1",
	"/cookies", "/cookies/set", "/cookies/delete", "/cookies/later",
	"/session", "/session/set", "/session/set?name=ann", "/session/permanent", "/session/pop", "/session/clear", "/session/bad",
}

func formExchanges() (all []exchange) {
	for _, body := range []string{"name=ann", "name=a+b&name=%C3%A9", "other=1", "", "name", "name=", "=x&name=1;name=2", "name=" + url.QueryEscape("<é☃>")} {
		all = append(all, exchange{method: "POST", target: "/form", contentType: urlencoded, body: body})
	}
	multipart := "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nann é\r\n--x--\r\n"
	return append(all,
		exchange{method: "POST", target: "/form", contentType: "multipart/form-data; boundary=x", body: multipart},
		exchange{method: "POST", target: "/form", contentType: "multipart/form-data", body: multipart},
		exchange{method: "POST", target: "/form", contentType: "text/plain", body: "name=ann"},
		exchange{method: "POST", target: "/form", contentType: urlencoded + "; charset=utf-8", body: "name=ann"},
		exchange{method: "POST", target: "/form?stop=1", contentType: urlencoded, body: "name=ann"},
	)
}

// Three of the jars with which views are visited.
const (
	namedJar     = "a name in the session"
	permanentJar = "a permanent session"
	nilJar       = "a name that is nil"
)

// cookieExchanges visit each view that looks at cookies with sessions of every
// sort.
func cookieExchanges(judge *judge) (all []exchange) {
	sign := func(values map[string]any, secret string) string {
		return "session=" + judge.ask(question{Command: "sign_cookie", Secret: secret, Value: describe(values)}).Cookie
	}
	jars := map[string]string{
		namedJar:            sign(map[string]any{"name": "bob"}, secretKey),
		permanentJar:        sign(map[string]any{"name": "bob", "_permanent": true}, secretKey),
		nilJar:              sign(map[string]any{"name": nil, "other": 1.5}, secretKey),
		"a foreign session": sign(map[string]any{"name": "mallory"}, oldKey),
		"a broken session":  "session=garbage",
		"an empty session":  "session=",
		"odd cookies":       `plain=1; odd="\303\251\073 \"x\""; plain=2`,
		"odder cookies":     "plain; odd=%41; =x",
	}
	for _, jar := range slices.Sorted(maps.Keys(jars)) {
		for _, target := range []string{"/cookies", "/session", "/session/set?name=ann", "/session/permanent", "/session/pop", "/session/clear", "/file"} {
			all = append(all, exchange{method: "GET", target: target, jar: jar, cookies: jars[jar]})
		}
	}
	return all
}
