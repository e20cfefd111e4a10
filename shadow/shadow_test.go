package shadow_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/serversession"
	"github.com/decant-go/decant/shadow"
)

const secretKey = "the secret key of both twins"

// twin is one of two applications that answer alike, but for one planted difference.
func twin(planted string) *decant.App {
	app := decant.New("twin")
	app.Config.SecretKey = secretKey
	if planted == "key" {
		app.Config.SecretKey = "another key"
	}
	app.Logger = slog.New(slog.DiscardHandler)
	either := func(name, plain, other string) string {
		if name == planted {
			return other
		}
		return plain
	}
	token := func(c *decant.Context, payload string) string {
		text, err := decant.NewSerializer(c.App.Config.SecretKey, "token").Dumps(payload)
		if err != nil {
			panic(err)
		}
		return text
	}
	app.Get("/page/<int:id>", func(c *decant.Context) (any, error) {
		c.Session.Set("cart", decant.Tuple{1, either("session value", "tea", "milk")})
		if planted != "missing flash" {
			c.Flash("It is in the cart.")
		}
		if planted == "cookie flag" {
			c.SetCookie("seen", "1")
		} else {
			c.SetCookie("seen", "1", decant.HTTPOnly())
		}
		c.SetCookie("signed", token(c, either("token payload", "ann", "bob")))
		remembered, err := login.RememberToken(c.App.Config.SecretKey, "ann")
		if err != nil {
			return nil, err
		}
		c.SetCookie("remember_token", remembered)
		page := `<!doctype html><title>A page</title><input name="csrf_token" value="` + token(c, "abc") + `">` +
			either("order", `<li>one</li><li>two</li>`, `<li>two</li><li>one</li>`) +
			`<a class="big" ` + either("attribute", `href="/a"`, `href="/b"`) + `>go</a>`
		status := 200
		if planted == "status" {
			status = 201
		}
		return c.MakeResponse(page, status).With("Cache-Control", either("header", "no-store", "no-cache")), nil
	}, decant.Endpoint("page"))
	app.Get("/data", func(c *decant.Context) (any, error) {
		number := any(1)
		if planted == "number kind" {
			number = 1.5 - 0.5
		}
		return decant.H{"price": number, "token": token(c, "abc"), "items": []any{"x", decant.H{"y": nil}}}, nil
	}, decant.Endpoint("data"))
	app.Get("/leave", func(c *decant.Context) (any, error) {
		return c.Redirect(either("redirect", "/data?token=", "/page?token=") + token(c, "abc"))
	}, decant.Endpoint("leave"))
	return app
}

// visit sends requests to the new twin in front of the old one, and returns the report.
func visit(t *testing.T, old http.Handler, app *decant.App, options ...shadow.Option) map[string]shadow.RuleReport {
	t.Helper()
	legacy := httptest.NewServer(old)
	defer legacy.Close()
	flask := decant.Legacy(legacy.URL)
	app.Fallback(flask)
	compare := shadow.Compare(app, flask, append(options, shadow.Salts("token"))...)
	app.Use(compare.Middleware)
	server := httptest.NewServer(app)
	defer server.Close()
	for _, path := range []string{"/page/1", "/page/2", "/data", "/leave", "/page/x"} {
		r, err := http.NewRequest("GET", server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		compare.Wait()
	}
	reports := map[string]shadow.RuleReport{}
	for _, report := range compare.Report() {
		reports[report.Rule] = report
	}
	return reports
}

func placesIn(reports map[string]shadow.RuleReport) string {
	places := map[string]bool{}
	for rule, report := range reports {
		for _, example := range report.Examples {
			for _, d := range example.Differences {
				places[rule+": "+d.Where+": "+d.Old+" | "+d.New] = true
			}
		}
	}
	var lines []string
	for place := range places {
		lines = append(lines, place)
	}
	return strings.Join(lines, "\n")
}

func TestPlantedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	const page = "GET /page/<int:id>"
	for planted, want := range map[string]string{
		"status":        page + ": status: 200 | 201",
		"header":        page + ": header Cache-Control: no-store | no-cache",
		"cookie flag":   page + ": cookie seen; HttpOnly: true | false",
		"session value": page + ": cookie session.cart. t[1]: \"tea\" | \"milk\"",
		"token payload": page + ": cookie signed: \"ann\" | \"bob\"",
		"number kind":   "GET /data: json.price: 1 | 1.0",
		"attribute":     page + `: html[11]: <a class="big" href="/a"> | <a class="big" href="/b">`,
		"order":         page + ": html[6]: one | two",
		"missing flash": page + ": cookie session._flashes: ",
		"redirect":      "GET /leave: header Location: /data?token=signed(\"abc\" for token) | /page?token=signed(\"abc\" for token)",
	} {
		for side, name := range map[shadow.Side]string{shadow.Old: "old", shadow.New: "new"} {
			t.Run(planted+" "+name, func(t *testing.T) {
				t.Parallel()
				reports := visit(t, twin(""), twin(planted), shadow.Answer(side))
				if places := placesIn(reports); !strings.Contains(places, want) {
					t.Errorf("the report lacks %q:\n%s", want, places)
				}
				for rule, report := range reports {
					isAffected := strings.HasPrefix(want, rule+": ")
					if report.Different > 0 != isAffected || report.Compared == 0 || report.Compared != report.Different+report.Equal+report.Noise {
						t.Errorf("%s: %+v", rule, report)
					}
				}
			})
		}
	}
}

func TestEqualTwinsDoNotDiffer(t *testing.T) {
	t.Parallel()
	for _, side := range []shadow.Side{shadow.Old, shadow.New} {
		reports := visit(t, twin(""), twin(""), shadow.Answer(side))
		counts := map[string]int{}
		for rule, report := range reports {
			counts[rule] = report.Equal
			if report.Different > 0 || report.Noise > 0 {
				t.Errorf("%s: %+v", rule, report)
			}
		}
		want := map[string]int{"GET /page/<int:id>": 2, "GET /data": 1, "GET /leave": 1}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("equal answers (-want +got):\n%s", diff)
		}
	}
}

// TestSignaturesAreChecked compares answers of twins that sign at different times, and
// of some that have different keys.
func TestSignaturesAreChecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answerOf := func(planted, path string) *shadow.Response {
			w := httptest.NewRecorder()
			twin(planted).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			return &shadow.Response{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
		}
		comparison := shadow.Comparison{SecretKey: secretKey, Salts: []string{"token"}}
		for path, want := range map[string][]string{
			"/page/1": {
				"cookie remember_token: ann | ann with a wrong signature",
				"cookie session; signature: for cookie-session | by another key or salt",
				"cookie signed; signature: for token | by another key or salt",
				`html[4]: <input name="csrf_token" value="signed(\"abc\" for token)"> | <input name="csrf_token" value="signed(\"abc\" by another key or salt)">`,
			},
			"/data":  {`json.token: "signed("abc" for token)" | "signed("abc" by another key or salt)"`},
			"/leave": {`header Location: /data?token=signed("abc" for token) | /data?token=signed("abc" by another key or salt)`},
		} {
			first := answerOf("", path)
			time.Sleep(time.Hour)
			second, other := answerOf("", path), answerOf("key", path)
			if found := comparison.Diff(first, second, nil); found != nil || string(first.Body) == string(second.Body) && len(first.Body) > 0 {
				t.Errorf("%s: the twins differ in %+v", path, found)
			}
			var got []string
			for _, d := range comparison.Diff(first, other, nil) {
				if !strings.HasPrefix(d.Where, "html") || strings.Contains(d.Old, "csrf_token") {
					got = append(got, d.Where+": "+d.Old+" | "+d.New)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, signed with another key (-want +got):\n%s", path, diff)
			}
			if found := (shadow.Comparison{}).Diff(first, other, nil); len(found) > 1 {
				t.Errorf("%s, without a key: %+v", path, found)
			}
		}
	})
}

// TestWebTokensAreComparedByTheirClaims has tokens of Flask-JWT-Extended's kind in a
// cookie and in a document.
func TestWebTokensAreComparedByTheirClaims(t *testing.T) {
	t.Parallel()
	answerOf := func(claims string) *shadow.Response {
		part := base64.RawURLEncoding.EncodeToString
		token := part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(claims)) + "." + part([]byte(fmt.Sprintf("%032d", len(claims))))
		return &shadow.Response{
			Status: 200, Body: []byte(`{"token": "` + token + `"}`),
			Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"access_token_cookie=" + token}},
		}
	}
	first := answerOf(`{"sub":"ann","iat":1000,"exp":2000,"jti":"one","fresh":true}`)
	for claims, want := range map[string][]shadow.Difference{
		`{"sub":"ann","iat":3000,"exp":4000000,"jti":"another","fresh":true}`: nil,
		`{"sub":"bob","iat":1000,"exp":2000,"jti":"one","fresh":true}`: {
			{Where: "cookie access_token_cookie", Old: `jwt({"fresh":true,"sub":"ann"})`, New: `jwt({"fresh":true,"sub":"bob"})`},
			{Where: "json.token", Old: `"jwt({"fresh":true,"sub":"ann"})"`, New: `"jwt({"fresh":true,"sub":"bob"})"`},
		},
	} {
		for _, key := range []string{"", secretKey} {
			got := shadow.Comparison{SecretKey: key}.Diff(first, answerOf(claims), nil)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", claims, diff)
			}
		}
	}
}

// TestReportsHideSecrets gives a report session ids, keys, and what a terminal obeys.
func TestReportsHideSecrets(t *testing.T) {
	t.Parallel()
	var tally shadow.Tally
	const id, other = "pXo0E5Hb3k9-f_Zr1yq8TnW2vUdMaLcJ", "QXo0E5Hb3k9-f_Zr1yq8TnW2vUdMaLcJ"
	const hex = "0123456789abcdef0123456789abcdef"
	tally.Add("GET /", shadow.Curl("GET", "http://shop/reset/"+hex+"?next=/a-page-with-a-long-name-2026"), 1, 1, []shadow.Difference{
		{Where: "cookie session", Old: id, New: other},
		{Where: "json." + hex, Old: "a\x1b[2Jb\n", New: "plain é☃ text"},
	}, false)
	example := tally.Report()[0].Examples[0]
	text := fmt.Sprintf("%+v", example)
	for _, secret := range []string{id, other, hex, "\x1b"} {
		if strings.Contains(text, secret) {
			t.Errorf("the report has %q: %s", secret, text)
		}
	}
	if d := example.Differences[0]; d.Old == d.New || !strings.HasPrefix(d.Old, "(32 hidden characters, ") {
		t.Errorf("two secrets are shown as %+v", d)
	}
	for _, part := range []string{`a\x1b[2Jb\n`, "plain é☃ text", "a-page-with-a-long-name-2026"} {
		if !strings.Contains(text, part) {
			t.Errorf("the report lacks %q: %s", part, text)
		}
	}
}

// TestHostileAnswersAreBounded has answers that would take a careless reader
// gigabytes.
func TestHostileAnswersAreBounded(t *testing.T) { // alone, because it counts what is allocated
	var bomb bytes.Buffer
	writer := zlib.NewWriter(&bomb)
	fmt.Fprintf(writer, "%q", strings.Repeat("a", 1<<20-2))
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	token := "." + base64.RawURLEncoding.EncodeToString(bomb.Bytes()) + ".aaaaaa." + strings.Repeat("b", 27) + " "
	deep := strings.Repeat(`{"`+strings.Repeat("k", 100)+`":`, 9000) + "1" + strings.Repeat("}", 9000)
	for name, body := range map[string]string{
		"inflated tokens": strings.Repeat(token, 1<<20/len(token)),
		"a deep document": deep,
		"a long key":      `{"` + strings.Repeat("k", 1<<19) + `": [` + strings.Repeat("1,", 2000) + "1]}",
		"a long list":     "[" + strings.Repeat("1,", 1<<19-2) + "1]",
	} {
		other := strings.NewReplacer(":1}", ":2}", "1,", "2,", ".aaaaaa.", ".cccccc.").Replace(body)
		response := func(body string) *shadow.Response {
			return &shadow.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found := shadow.Comparison{}.Diff(response(body), response(other), nil)
		runtime.ReadMemStats(&after)
		if len(found) == 0 || len(found) > 1000 {
			t.Errorf("%s: %d differences", name, len(found))
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
			t.Errorf("%s: the comparison used %d MiB", name, used>>20)
		}
	}
}

// TestVersionsAndEncodingsDoNotCount has an old side that answers "not modified", and
// one that compresses.
func TestVersionsAndEncodingsDoNotCount(t *testing.T) {
	t.Parallel()
	old := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.Header.Get("If-None-Match") == `"old"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Vary", "Accept-Encoding")
		if r.Header.Get("Accept-Encoding") != "gzip" {
			fmt.Fprint(w, "the same")
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		writer := gzip.NewWriter(w)
		fmt.Fprint(writer, "the same")
		writer.Close()
	})
	app := decant.New("new")
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.MakeResponse(decant.Text("the same")).With("ETag", `"new"`), nil
	}, decant.Endpoint("index"))
	app.Fallback(old)
	compare := shadow.Compare(app, old)
	app.Use(compare.Middleware)
	for header, value := range map[string]string{"If-None-Match": `"old"`, "Accept-Encoding": "gzip", "X-Other": ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(header, value)
		app.ServeHTTP(httptest.NewRecorder(), r)
		compare.Wait()
	}
	if report := compare.Report()[0]; report.Compared != 2 || report.Equal != 2 {
		t.Errorf("%+v", report)
	}
}

// TestStreamsDoNotHinder has a stream that does not end while another request comes.
func TestStreamsDoNotHinder(t *testing.T) {
	t.Parallel()
	hasBegun, mayEnd := make(chan bool), make(chan bool)
	old := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
			hasBegun <- true
			<-mayEnd
		}
		fmt.Fprint(w, "old")
	})
	app := decant.New("new")
	for _, path := range []string{"/events", "/page"} {
		app.Get(path, func(*decant.Context) (any, error) { return "new", nil })
	}
	app.Fallback(old)
	compare := shadow.Compare(app, old, shadow.Parallel(1))
	app.Use(compare.Middleware)
	var group sync.WaitGroup
	group.Go(func() { app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/events", nil)) })
	<-hasBegun
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/page", nil))
	compare.Wait()
	if reports := compare.Report(); len(reports) != 1 || reports[0].Rule != "GET /page" {
		t.Errorf("%+v", reports)
	}
	close(mayEnd)
	group.Wait()
}

// TestNoiseIsMasked has an old side that answers differently each time.
func TestNoiseIsMasked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	old := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<p>Visit <b>%d</b></p>", n)
	})
	for words, want := range map[string]shadow.RuleReport{
		"Visit":   {Rule: "GET /data", Compared: 1, Noise: 1},
		"Visitor": {Rule: "GET /data", Compared: 1, Different: 1},
	} {
		app := decant.New("new")
		app.Get("/data", func(*decant.Context) (any, error) { return "<p>" + words + "<b>none</b></p>", nil }, decant.Endpoint("data"))
		got := visit(t, old, app)["GET /data"]
		got.OldP50, got.OldP95, got.NewP50, got.NewP95, got.Examples = 0, 0, 0, 0, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", words, diff)
		}
	}
}

// TestVisitorsGetOneAnswer checks that the hidden side leaves no trace.
func TestVisitorsGetOneAnswer(t *testing.T) {
	t.Parallel()
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "old "+r.Method) }))
	defer legacy.Close()
	store := serversession.NewMemory()
	app := decant.New("new")
	app.Config.SecretKey = "the secret key of the new application"
	app.SessionInterface = serversession.New(store)
	var ran atomic.Int64
	app.Route("/", func(c *decant.Context) (any, error) {
		ran.Add(1)
		c.Session.Set("seen", true)
		c.SetCookie("new", "1")
		return "new " + c.Request.Method, nil
	}, decant.Methods("GET", "POST"), decant.Endpoint("index"))
	flask := decant.Legacy(legacy.URL)
	app.Fallback(flask)
	compare := shadow.Compare(app, flask)
	app.Use(compare.Middleware)
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/", "old GET"}, {"POST", "/", "new POST"}, {"GET", "/other", "old GET"},
	} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		compare.Wait()
		if w.Body.String() != c.want {
			t.Errorf("%s %s: %q", c.method, c.path, w.Body)
		}
		if hasCookie := len(w.Result().Cookies()) > 0; hasCookie != (c.method == "POST") {
			t.Errorf("%s %s: the cookies are %v", c.method, c.path, w.Result().Cookies())
		}
	}
	if reports := compare.Report(); ran.Load() != 2 || len(reports) != 1 || reports[0].Compared != 1 {
		t.Errorf("the view ran %d times: %+v", ran.Load(), reports)
	}
}

func TestCompareRefusesNil(t *testing.T) {
	t.Parallel()
	for _, missing := range []func(){
		func() { shadow.Compare(nil, http.NotFoundHandler()) },
		func() { shadow.Compare(decant.New("new"), nil) },
	} {
		func() {
			defer func() {
				if message := fmt.Sprint(recover()); !strings.Contains(message, "decant.Legacy") {
					t.Errorf("the panic says %q", message)
				}
			}()
			missing()
		}()
	}
}

func TestServerSessionsNeedAPromise(t *testing.T) {
	t.Parallel()
	app := decant.New("new")
	app.SessionInterface = serversession.New(serversession.NewMemory())
	compare := shadow.Compare(app, http.NotFoundHandler(), shadow.Answer(shadow.New))
	defer func() {
		if message := fmt.Sprint(recover()); !strings.Contains(message, "ViewsOnlyRead") {
			t.Errorf("the panic says %q", message)
		}
	}()
	compare.Middleware(app)
}

func TestAFlaskThatIsDeadIsABadGateway(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	app := decant.New("new")
	app.Get("/", func(*decant.Context) (any, error) { return "new", nil }, decant.Endpoint("index"))
	compare := shadow.Compare(app, decant.Legacy(gone.URL), shadow.Sample(0))
	app.Use(compare.Middleware)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusBadGateway {
		t.Errorf("the status is %d", w.Code)
	}
}

func TestThePageIsForThisMachine(t *testing.T) {
	t.Parallel()
	var tally shadow.Tally
	tally.Add("GET /", "curl -i 'http://shop/'", 2, 1, []shadow.Difference{{Where: "status", Old: "200", New: "<500>"}}, true)
	show := func(target, peer string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", target, nil)
		r.RemoteAddr = peer
		w := httptest.NewRecorder()
		tally.ServeHTTP(w, r)
		return w
	}
	page := show("http://localhost/", "127.0.0.1:9")
	if body := page.Body.String(); page.Code != 200 || !strings.Contains(body, "+ &lt;500&gt;") || !strings.Contains(body, "curl -i") {
		t.Errorf("%d %s", page.Code, body)
	}
	want := `{"rule":"GET /","compared":1,"equal":0,"noise":0,"different":1,"old_p50_ns":2,"old_p95_ns":2,"new_p50_ns":1,"new_p95_ns":1,"examples":[{"curl":"curl -i 'http://shop/'","differences":[{"where":"status","old":"200","new":"<500>"}]}]}` + "\n"
	if diff := cmp.Diff(want, show("http://127.0.0.1/?format=jsonl", "127.0.0.1:9").Body.String()); diff != "" {
		t.Error(diff)
	}
	for _, c := range [][2]string{{"http://localhost/", "192.0.2.1:9"}, {"http://shop.example/", "127.0.0.1:9"}} {
		if got := show(c[0], c[1]).Code; got != http.StatusNotFound {
			t.Errorf("%v: %d", c, got)
		}
	}
	// These come from a proxy on this machine.
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") },
		func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") },
		func(r *http.Request) { r.Header.Set("X-Real-IP", "192.0.2.1") },
		func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.1") },
		func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") },
		func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0 },
	} {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.RemoteAddr = "127.0.0.1:9"
		change(r)
		w := httptest.NewRecorder()
		if tally.ServeHTTP(w, r); w.Code != http.StatusNotFound {
			t.Errorf("%s %v: %d", r.Proto, r.Header, w.Code)
		}
	}
}
