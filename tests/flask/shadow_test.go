package flask

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/shadow"
)

// shadowTwin answers as shadow_app.py does, but for one planted difference.
func shadowTwin(planted string) *decant.App {
	either := func(name, plain, other string) string {
		if name == planted {
			return other
		}
		return plain
	}
	app := decant.New("twin")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.DiscardHandler)
	csrf.Protect(app)
	users := login.New(loadMember)
	users.Init(app)
	token := func(key, payload string) string {
		text, err := decant.NewSerializer(key, "token").Dumps(payload)
		if err != nil {
			panic(err)
		}
		return text
	}
	app.Get("/page/<int:id>", func(c *decant.Context) (any, error) {
		c.Session.Set("csrf_token", "0123456789abcdef0123456789abcdef01234567")
		c.Session.Set("cart", decant.Tuple{1, either("session value", "tea", "milk")})
		users.LoginUser(c, &member{"ann"}, login.Remember())
		if planted != "missing flash" {
			c.Flash("It is in the cart.")
		}
		var options []decant.CookieOption
		if planted != "cookie flag" {
			options = append(options, decant.HTTPOnly())
		}
		c.SetCookie("seen", "1", options...)
		c.SetCookie("signed", token(either("signature", secretKey, "another key"), either("token payload", "ann", "bob")))
		page := fmt.Sprintf("<!doctype html><title>Page %d</title><input name='csrf_token' type='hidden' value='%s'>", c.ParamInt("id"), csrf.Token(c)) +
			either("order", "<li>one</li><li>two</li>", "<li>two</li><li>one</li>") +
			`<a href="/data">data</a> <a href="/leave">leave</a>` +
			`<a href="` + either("HTML attribute", "/a", "/b") + `" class="big">go</a>`
		status := map[bool]int{true: 201, false: 200}[planted == "status"]
		return c.MakeResponse(page, status).With("Cache-Control", either("header", "no-store", "no-cache")), nil
	}, decant.Endpoint("page"))
	app.Get("/messages", func(c *decant.Context) (any, error) {
		var text string
		for _, message := range c.FlashedMessages() {
			text += message.String()
		}
		return text, nil
	}, decant.Endpoint("messages"))
	app.Get("/data", func(c *decant.Context) (any, error) {
		number := any(1)
		if planted == "JSON number kind" {
			number = 1.0
		}
		return decant.H{"price": number, "token": token(secretKey, "abc"), "items": []any{"x", decant.H{"y": nil}}}, nil
	}, decant.Endpoint("data"))
	app.Get("/leave", func(c *decant.Context) (any, error) {
		return c.Redirect(either("redirect target", "/data?token=", "/elsewhere?token=") + token(secretKey, "abc"))
	}, decant.Endpoint("leave"))
	return app
}

// shadowPlaces are the rules and the places where each planted difference shows.
var shadowPlaces = map[string]struct{ rule, place, alsoPlace string }{
	"status":           {"/page/", "status", ""},
	"header":           {"/page/", "header Cache-Control", ""},
	"cookie flag":      {"/page/", "cookie seen; HttpOnly", ""},
	"session value":    {"/page/", "cookie session.cart. t[1]", ""},
	"token payload":    {"/page/", "cookie signed", ""},
	"signature":        {"/page/", "cookie signed; signature", ""},
	"JSON number kind": {"GET /data", "json.price", ""},
	"HTML attribute":   {"GET /page/", "html[", ""},
	"order":            {"GET /page/", "html[", ""},
	"missing flash":    {"/page/", "cookie session._flashes", ""},
	"redirect target":  {"/leave", "header Location", "html["}, // whose page has the link, too
}

func startShadowed(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	command := exec.Command(debianPython, "-B", "shadow_app.py")
	command.Env = append(os.Environ(), "FLASK_SECRET="+secretKey, fmt.Sprintf("PORT=%d", port))
	return startServer(t, command, port)
}

// flaskCookies are those of a visitor who was at Flask's side before.
func flaskCookies(t *testing.T, address string) string {
	t.Helper()
	response, _ := fetch(t, address+"/page/1")
	var pairs []string
	for _, cookie := range response.Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	if len(pairs) < 3 {
		t.Fatalf("Flask sets the cookies %q", pairs)
	}
	return strings.Join(pairs, "; ")
}

// checkReport looks for the planted difference and for nothing else.
func checkReport(t *testing.T, planted string, reports []shadow.RuleReport) {
	t.Helper()
	want, compared := shadowPlaces[planted], 0
	for _, report := range reports {
		compared += report.Compared
		for _, example := range report.Examples {
			for _, d := range example.Differences {
				isThere := strings.HasPrefix(d.Where, want.place) || want.alsoPlace != "" && strings.HasPrefix(d.Where, want.alsoPlace)
				if planted == "" || !strings.Contains(report.Rule, want.rule) || !isThere {
					t.Errorf("%s has the difference %+v", report.Rule, d)
				}
			}
		}
		if isAffected := planted != "" && strings.Contains(report.Rule, want.rule); isAffected != (report.Different > 0) {
			t.Errorf("%s: %+v", report.Rule, report)
		}
	}
	if compared < 4 {
		t.Errorf("only %d answers were compared", compared)
	}
}

// TestShadowBesideFlask compares real Flask with its twin in Go, and with twins that
// differ in one thing.
func TestShadowBesideFlask(t *testing.T) {
	address := startShadowed(t)
	cookies := flaskCookies(t, address)
	twins := []string{""}
	for planted := range shadowPlaces {
		twins = append(twins, planted)
	}
	for _, planted := range twins {
		for side, name := range map[shadow.Side]string{shadow.Old: "Flask answers", shadow.New: "Go answers"} {
			t.Run(planted+", "+name, func(t *testing.T) {
				app := shadowTwin(planted)
				flask := decant.Legacy(address)
				app.Fallback(flask)
				compare := shadow.Compare(app, flask, shadow.Answer(side), shadow.Salts("token"))
				app.Use(compare.Middleware)
				for _, method := range []string{"GET", "HEAD"} {
					for _, path := range []string{"/page/1", "/messages", "/data", "/leave"} {
						r := httptest.NewRequest(method, path, nil)
						r.Header.Set("Cookie", cookies)
						app.ServeHTTP(httptest.NewRecorder(), r)
						compare.Wait()
					}
				}
				checkReport(t, planted, compare.Report())
			})
		}
	}
}

// TestShadowCommandBesideFlask does the same with decant shadow, which reads a log, a
// HAR file, or follows links.
func TestShadowCommandBesideFlask(t *testing.T) {
	address := startShadowed(t)
	program := filepath.Join(t.TempDir(), "decant")
	mustRun(t, filepath.Join("..", "..", "cmd", "decant"), "go", "build", "-o", program, ".")
	folder := t.TempDir()
	log, har := filepath.Join(folder, "access.log"), filepath.Join(folder, "site.har")
	var lines, entries []string
	for _, path := range []string{"/page/1", "/messages", "/data", "/leave"} {
		lines = append(lines, fmt.Sprintf("127.0.0.1 - - [27/Nov/2026 10:00:00] %q 200 -", "GET "+path+" HTTP/1.1"))
		entries = append(entries, fmt.Sprintf(`{"request": {"method": "GET", "url": "https://shop.example%s"}}`, path))
	}
	must(t, os.WriteFile(log, []byte(strings.Join(lines, "\n")), 0o600))
	must(t, os.WriteFile(har, []byte(`{"log": {"entries": [`+strings.Join(entries, ",")+`]}}`), 0o600))
	for _, planted := range []string{"", "status", "signature", "session value", "redirect target"} {
		server := httptest.NewServer(http.Handler(shadowTwin(planted)))
		for _, source := range [][]string{{"--log", log}, {"--har", har}, {"--crawl", "/page/1"}} {
			command := exec.Command(program, append([]string{"shadow", "--old", address, "--new", server.URL, "--key-from", "KEY", "--header", "Cookie: " + flaskCookies(t, address), "--salt", "token", "--json"}, source...)...)
			command.Env = append(os.Environ(), "KEY="+secretKey)
			output, err := command.Output()
			if (err != nil) != (planted != "") {
				t.Errorf("%s, %s: the error is %v", planted, source[0], err)
			}
			var reports []shadow.RuleReport
			for decoder := json.NewDecoder(strings.NewReader(string(output))); decoder.More(); {
				var report shadow.RuleReport
				must(t, decoder.Decode(&report))
				reports = append(reports, report)
			}
			checkReport(t, planted, reports)
		}
		server.Close()
	}
}
