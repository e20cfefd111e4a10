package tests

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant"
)

// readingApp has a view that reads everything a request brings.
func readingApp() (*decant.App, *journal) {
	app, log := newTestApp()
	app.Route("/read", func(c *decant.Context) (any, error) {
		text := fmt.Sprint(maps.Collect(c.Request.Args.All()), maps.Collect(c.Request.Form.All()), maps.Collect(c.Request.Cookies.All()), c.Session.String("user"))
		if !utf8.ValidString(text) {
			return nil, errors.New("text that is not UTF-8 reached the view")
		}
		return "read", nil
	}, decant.Methods("GET", "POST"), decant.Endpoint("read"))
	app.Route("/raw", func(c *decant.Context) (any, error) {
		body, err := io.ReadAll(c.Request.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, decant.NewHTTPError(413)
		}
		return fmt.Sprint(len(body)), err
	}, decant.Methods("POST"), decant.Endpoint("raw"))
	app.Get("/file/<path:name>", func(c *decant.Context) (any, error) {
		if !utf8.ValidString(c.Param("name")) {
			return nil, errors.New("text that is not UTF-8 reached the view")
		}
		return "file", nil
	}, decant.Endpoint("file"))
	app.Get("/alive", hello, decant.Endpoint("alive"))
	app.Config.MaxContentLength = 10_000
	app.Config.MaxFormMemorySize = 1_000
	app.Config.MaxFormParts = 3
	return app, log
}

// exchange sends bytes as they are, closes the sending side, and returns the
// status line of the answer.
func exchange(t *testing.T, server *httptest.Server, request string) string {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	connection.(*net.TCPConn).CloseWrite()
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func request(head, body string, headers ...string) string {
	lines := append([]string{head + " HTTP/1.1", "Host: site.test", "Connection: close"}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func post(path, contentType, body string, headers ...string) string {
	headers = append(headers, "Content-Type: "+contentType, fmt.Sprint("Content-Length: ", len(body)))
	return request("POST "+path, body, headers...)
}

func chunked(path, contentType string, chunks ...string) string {
	var body strings.Builder
	for _, chunk := range append(chunks, "") {
		fmt.Fprintf(&body, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	return request("POST "+path, body.String(), "Content-Type: "+contentType, "Transfer-Encoding: chunked")
}

func parts(names ...string) string {
	var body strings.Builder
	for _, name := range names {
		fmt.Fprintf(&body, "--b\r\nContent-Disposition: form-data; name=%q\r\n\r\nx\r\n", name)
	}
	return body.String() + "--b--\r\n"
}

func TestBadInputIsAnsweredAndTheNextRequestServed(t *testing.T) {
	const multipartType = "multipart/form-data; boundary=b"
	long := strings.Repeat("x", 2_000)
	huge := strings.Repeat("x", 20_000)
	bigPart := "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + long + "\r\n--b--\r\n"
	app, log := readingApp()
	server := httptest.NewServer(app)
	defer server.Close()
	for name, c := range map[string]struct {
		request string
		status  string
	}{
		"cookies without names":        {request("GET /read", "", "Cookie: =; ;; ===; \"; a"), "200"},
		"cookie of controls":           {request("GET /read", "", "Cookie: a=\"\\000\\377\\"), "200"},
		"cookie that is not UTF-8":     {request("GET /read", "", "Cookie: a=\xff\xfe; session=\xff"), "200"},
		"session cookie of dots":       {request("GET /read", "", "Cookie: session="+strings.Repeat(".", 1000)), "200"},
		"many cookies":                 {request("GET /read", "", "Cookie: "+strings.Repeat("a=b; ", 10_000)), "200"},
		"query that is not UTF-8":      {request("GET /read?%ff=%fe&%&%zz&&=", ""), "200"},
		"query of raw bytes":           {request("GET /read?\xff=\xfe", ""), "400"},
		"form that is not UTF-8":       {post("/read", formType, "a=%ff&\xff=1"), "200"},
		"form of separators":           {post("/read", formType, "&&&===&%&%zz"), "200"},
		"multipart of nothing":         {post("/read", multipartType, "nothing at all"), "200"},
		"multipart that ends early":    {post("/read", multipartType, "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx"), "200"},
		"multipart with no boundary":   {post("/read", "multipart/form-data; boundary=", "x"), "200"},
		"content type of nonsense":     {post("/read", ";;=\"", "x"), "200"},
		"urlencoded field too large":   {post("/read", formType, "a="+long), "413"},
		"urlencoded, chunked":          {chunked("/read", formType, "a=", long[:600], long[:600]), "413"},
		"multipart field too large":    {post("/read", multipartType, bigPart), "413"},
		"multipart field, chunked":     {chunked("/read", multipartType, bigPart), "413"},
		"too many parts":               {post("/read", multipartType, parts("a", "b", "c", "d")), "413"},
		"just enough parts":            {post("/read", multipartType, parts("a", "b", "c")), "200"},
		"form body too large":          {post("/read", formType, huge), "413"},
		"form body too large, chunked": {chunked("/read", multipartType, parts("a"), huge), "413"},
		"raw body too large":           {post("/raw", "text/plain", huge), "413"},
		"raw body too large, chunked":  {chunked("/raw", "text/plain", huge[:8_000], huge[:8_000]), "413"},
		"raw body just small enough":   {post("/raw", "text/plain", huge[:10_000]), "200"},
		"body nobody reads":            {post("/nowhere", formType, huge), "404"},
		"form cut off":                 {request("POST /read", "a=1", "Content-Type: "+formType, "Content-Length: 100"), "400"},
		"multipart cut off":            {request("POST /read", "--b\r\nContent-", "Content-Type: "+multipartType, "Content-Length: 100"), "400"},
		"chunked form cut off":         {request("POST /read", "5\r\na=", "Content-Type: "+formType, "Transfer-Encoding: chunked"), "400"},
		"chunks that are none":         {request("POST /read", "zz\r\n", "Content-Type: "+formType, "Transfer-Encoding: chunked"), "400"},
		"path that is not UTF-8":       {request("GET /file/%ff%fe", ""), "200"},
		"path of raw bytes":            {request("GET /file/\xff\xfe", ""), "200"},
		"path with a NUL":              {request("GET /file/%00", ""), "200"},
		"path with a line break":       {request("GET /file/%0d%0aSet-Cookie:x", ""), "404"},
		"path with a bad escape":       {request("GET /file/%zz", ""), "400"},
		"path that climbs":             {request("GET /file/../../etc/passwd", ""), "200"},
		"unknown method":               {request("BREW /alive", ""), "405"},
		"unknown method, no rule":      {request("BREW /nowhere", ""), "404"},
		"method that is none":          {request("G@T /alive", ""), "400"},
		"OPTIONS of everything":        {request("OPTIONS *", ""), "200"},
		"header with a bad value":      {request("GET /alive", "", "X-A: a\x00b"), "400"},
		"two lengths":                  {request("POST /read", "a", "Content-Length: 1", "Content-Length: 2"), "400"},
		"negative length":              {request("POST /read", "a", "Content-Length: -1"), "400"},
		"no HTTP at all":               {"hello\r\n\r\n", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			if line := exchange(t, server, c.request); !strings.HasPrefix(line, "HTTP/1.1 "+c.status) {
				t.Errorf("the answer is %q, want %s", line, c.status)
			}
			if line := exchange(t, server, request("GET /alive", "")); line != "HTTP/1.1 200 OK" {
				t.Errorf("the next request got %q", line)
			}
		})
	}
	log.mustBeQuiet(t)
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	app, log := readingApp()
	app.Config.MaxContentLength, app.Config.MaxFormMemorySize, app.Config.MaxFormParts = 0, -1, 0
	huge := strings.Repeat("x", 600_000)
	mustAnswer(t, send(app, "POST", "/raw", huge), 200, "600000")
	mustAnswer(t, send(app, "POST", "/read", "a="+huge, "Content-Type", formType), 200, "read")
	many := parts(strings.Split(strings.Repeat("a ", 1500), " ")...)
	mustAnswer(t, send(app, "POST", "/read", many, "Content-Type", "multipart/form-data; boundary=b"), 200, "read")
	log.mustBeEmpty(t)
}

func TestPagesOfOtherOriginsCannotPost(t *testing.T) {
	for name, c := range map[string]struct {
		configure func(config *decant.Config)
		method    string
		headers   []string
		status    int
	}{
		"another site":              {nil, "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another subdomain":         {nil, "POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"another origin":            {nil, "POST", []string{"Origin", "https://evil.test"}, 403},
		"another scheme's null":     {nil, "POST", []string{"Origin", "null"}, 403},
		"the same origin":           {nil, "POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"the same host":             {nil, "POST", []string{"Origin", "http://example.com"}, 200},
		"no browser":                {nil, "POST", nil, 200},
		"only reading":              {nil, "GET", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"}, 200},
		"a trusted origin":          {func(c *decant.Config) { c.TrustedOrigins = []string{"https://app.test"} }, "POST", []string{"Origin", "https://app.test", "Sec-Fetch-Site", "cross-site"}, 200},
		"not that trusted origin":   {func(c *decant.Config) { c.TrustedOrigins = []string{"https://app.test"} }, "POST", []string{"Origin", "https://app.test.evil.test"}, 403},
		"the check is switched off": {func(c *decant.Config) { c.AllowCrossOrigin = true }, "POST", []string{"Sec-Fetch-Site", "cross-site"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			ran := false
			app, log := appWith(func(*decant.Context) (any, error) { ran = true; return "", nil })
			if c.configure != nil {
				c.configure(app.Config)
			}
			w := send(app, c.method, "/", "", c.headers...)
			if w.Code != c.status || ran != (c.status == 200) {
				t.Errorf("status %d, want %d; the view ran: %t", w.Code, c.status, ran)
			}
			log.mustBeQuiet(t)
		})
	}
}

// The framework admits some requests before it asks net/http's check, which must not
// make a difference, whatever the client sends and whatever runs around the view.
func TestTheCheckOfOriginsIsNetHTTPs(t *testing.T) {
	t.Parallel()
	plain, _ := newTestApp()
	hooked, _ := newTestApp()
	hooked.Signals.ContextPushed.Connect(func(*decant.Context) {})
	ran := false
	hooked.BeforeRequest(func(*decant.Context) (any, error) { ran = true; return nil, nil })
	apps := map[string]*decant.App{"plain": plain, "hooked": hooked}
	for _, app := range apps {
		app.Route("/", func(*decant.Context) (any, error) { ran = true; return "", nil }, decant.Methods("GET", "POST", "PUT", "PURGE"))
	}
	check := http.NewCrossOriginProtection()
	lists := func(values ...string) [][]string {
		all := [][]string{nil, {}, {""}}
		for _, value := range values {
			all = append(all, []string{value}, []string{"", value}, []string{value, ""})
		}
		return all
	}
	refused := 0
	for name, app := range apps {
		for _, method := range []string{"GET", "get", "HEAD", "head", "OPTIONS", "POST", "post", "pOST", "PUT", "PURGE", "purge", ""} {
			for _, site := range lists("cross-site", "same-site", "same-origin", "none", "x") {
				for _, origin := range lists("https://evil.test", "http://example.com", "null", "x") {
					r := httptest.NewRequest("GET", "/", nil)
					r.Method, r.Header = method, http.Header{"Sec-Fetch-Site": site, "Origin": origin}
					upper := r.Clone(r.Context())
					upper.Method = strings.ToUpper(method)
					isRefused := check.Check(upper) != nil
					ran = false
					w := httptest.NewRecorder()
					app.ServeHTTP(w, r)
					if (w.Code == 403) != isRefused || ran && isRefused {
						t.Errorf("%s: %q with Sec-Fetch-Site %q and Origin %q: status %d; net/http refuses it: %t; something ran: %t", name, method, site, origin, w.Code, isRefused, ran)
					}
					if isRefused {
						refused++
					}
				}
			}
		}
	}
	if refused == 0 {
		t.Error("no request was refused")
	}
}

func TestUploadsLeaveNoFilesBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	app, log := readingApp()
	app.Config.MaxContentLength, app.Config.MaxFormMemorySize = 0, 500_000
	body := "--b\r\nContent-Disposition: form-data; name=f; filename=f.bin\r\n\r\n" + strings.Repeat("x", 2<<20) + "\r\n--b--\r\n"
	mustAnswer(t, send(app, "POST", "/read", body, "Content-Type", "multipart/form-data; boundary=b"), 200, "read")
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("%v left behind (%v)", left, err)
	}
	log.mustBeEmpty(t)
}

func TestUploadsThatAreTouchedLateLeaveNoFilesBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	body := upload("f", "f.bin", strings.Repeat("x", 2<<20))
	for name, touch := range map[string]func(*decant.App, func(*decant.Context)){
		"teardown": func(app *decant.App, look func(*decant.Context)) {
			app.TeardownRequest(func(c *decant.Context, _ error) { look(c) })
		},
		"context": func(app *decant.App, look func(*decant.Context)) {
			app.TeardownAppContext(func(c *decant.Context, _ error) { look(c) })
		},
		"popped": func(app *decant.App, look func(*decant.Context)) { app.Signals.ContextPopped.Connect(look) },
		"close": func(app *decant.App, look func(*decant.Context)) {
			app.AfterRequest(func(c *decant.Context, r *decant.Response) error { r.OnClose(func() { look(c) }); return nil })
		},
		"fallback": func(app *decant.App, look func(*decant.Context)) {
			app.Fallback(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { decant.Abort(502) }))
			app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) { look(c); return "down", nil })
		},
	} {
		app, log := newTestApp()
		app.Post("/upload", hello)
		looked := false
		touch(app, func(c *decant.Context) { looked = c.Request.Files.Get("f").Size == 2<<20 })
		path := "/upload"
		if name == "fallback" {
			path = "/old"
		}
		send(app, "POST", path, body, "Content-Type", uploadType)
		left, err := os.ReadDir(os.TempDir())
		if err != nil || len(left) != 0 || !looked {
			t.Errorf("%s: looked is %t, %v left behind (%v)", name, looked, left, err)
		}
		log.mustBeEmpty(t)
	}
}

// An arbitrary session cookie never authenticates and never breaks more than
// its own request.
func FuzzSessionCookie(f *testing.F) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		if user := c.Session.String("user"); user != "" {
			return "user " + user, nil
		}
		return "nobody", nil
	})
	signed := signedSession(f, testKey, map[string]any{"user": "ann"})
	forged := signedSession(f, "another key", map[string]any{"user": "ann"})
	for _, seed := range []string{signed, forged, signed + "x", "session=", "session=.", "session=..", "session=.eJw.ZVPxAA.x", "session=\"\\000\"", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		w := get(app, "/", "Cookie", header)
		if w.Code != 200 {
			mustFail(t, w)
		}
		if strings.HasPrefix(w.Body.String(), "user ") && !signedByUs(app, header) {
			t.Errorf("%q authenticates", header)
		}
	})
}

// signedByUs asks the signer itself. As in Flask, the cookie may hold bytes that are
// not ASCII, which count for nothing, so net/http cannot read it.
func signedByUs(app *decant.App, header string) bool {
	reader, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Cookies.Get("session"), nil })
	signer := decant.NewTimestampSigner(app.Config.SecretKey, "cookie-session", decant.KeyDerivation("hmac"))
	_, _, err := signer.Unsign(get(reader, "/", "Cookie", header).Body.String(), app.Config.PermanentSessionLifetime)
	return err == nil
}

// FuzzTaggedSession checks that a session that was read and written again is read
// as the same.
func FuzzTaggedSession(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"user":"ann"}`, `{"t":{" t":[1,{" t":[2,"x"]}]}}`, `{"b":{" b":"/wA="}}`, `{"m":{" m":"<b>"}}`,
		`{"u":{" u":"12345678123456781234567812345678"}}`, `{"d":{" d":"Thu, 29 Feb 2024 12:34:56 GMT"}}`,
		`{"x":{" di":{" t__":1}}}`, `{"n":NaN,"i":-Infinity,"big":123456789012345678901234567890}`, `[["a",1]]`, `{"s":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		for name, value := range c.Session.All() {
			c.Session.Set(name, value)
		}
		return "", nil
	})
	signer := decant.NewTimestampSigner(app.Config.SecretKey, "cookie-session", decant.KeyDerivation("hmac"))
	save := func(payload []byte) (written []byte) {
		token, err := signer.Sign(base64.RawURLEncoding.EncodeToString(payload))
		if err != nil {
			f.Fatal(err)
		}
		cookie := pairOf(get(app, "/", "Cookie", "session="+token))
		if cookie == "" {
			return nil
		}
		return sessionPayload(cookie)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > 2000 {
			return // the cookie would be too large
		}
		written := save(payload)
		if written == nil {
			log.entries = nil // of a payload that cannot be read
			return
		}
		if rewritten := save(written); string(rewritten) != string(written) {
			t.Errorf("%q was written as %q and then as %q", payload, written, rewritten)
		}
		log.mustBeEmpty(t)
	})
}

// sessionPayload returns the JSON in a cookie of a session.
func sessionPayload(cookie string) []byte {
	_, token, _ := strings.Cut(cookie, "=")
	packed := strings.HasPrefix(token, ".")
	text, _, _ := strings.Cut(strings.TrimPrefix(token, "."), ".")
	payload, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !packed {
		return payload
	}
	reader, err := zlib.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil
	}
	payload, _ = io.ReadAll(reader)
	return payload
}
