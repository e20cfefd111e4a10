package tests

import (
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// localPost is the POST of a form by a browser on the server's own machine.
func localPost(target, body string, headers ...string) *http.Request {
	r := local(target)
	r = httptest.NewRequest("POST", target, strings.NewReader(body)).WithContext(r.Context())
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	r.Header.Set("Accept", "text/html")
	r.AddCookie(debugCookie())
	r.Header.Set("Content-Type", formType)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// answerTo sends a request and returns the answer with the text of its page.
func answerTo(app http.Handler, r *http.Request) (*httptest.ResponseRecorder, string) {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w, html.UnescapeString(w.Body.String())
}

// mustRead checks that a string has all parts.
func mustRead(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the text lacks %q:\n%s", part, text)
		}
	}
}

// adviceApp has a form that forgets to answer POST.
func adviceApp() (*decant.App, *journal) {
	app, log := newTestApp()
	app.Config.Debug = true
	app.Route("/login/<kind>", hello, decant.Methods("GET", "PUT"))
	app.Delete("/login/<kind>", hello, decant.Endpoint("leave"))
	app.Get("/other", hello, decant.Endpoint("other"))
	return app, log
}

// Forgetting Methods("GET", "POST") is the most frequent mistake with forms.
func TestAMethodThatNoRuleAnswers(t *testing.T) {
	app, log := adviceApp()
	w, page := answerTo(app, localPost("/login/user", ""))
	if w.Code != 405 || w.Header().Get("Allow") != "DELETE, GET, HEAD, OPTIONS, PUT" || !isDebugPage(w) {
		t.Errorf("status %d, Allow %q, %s", w.Code, w.Header().Get("Allow"), w.Body)
	}
	advice := `no rule of this path answers POST: `
	place := regexp.MustCompile(`the rule "/login/<kind>" \(endpoint "hello"\) at [^"]*advice_test\.go:\d+ answers GET, PUT, OPTIONS, HEAD, the rule "/login/<kind>" \(endpoint "leave"\) at [^"]*advice_test\.go:\d+ answers DELETE, OPTIONS`)
	write := `To let the view of "hello" answer it too, register that with app.Route and decant.Methods("GET", "PUT", "POST")`
	mustRead(t, page, advice, write, "The rules of this path", "<b>/login/<kind></b>", "GET, PUT, OPTIONS, HEAD", "DELETE, OPTIONS", "advice_test.go:")
	if !place.MatchString(page) || strings.Contains(page, "/other") {
		t.Errorf("the page does not name the rules of the path, or names others:\n%s", page)
	}
	if lines := strings.Split(log.text(), "\n"); len(lines) != 1 || !place.MatchString(lines[0]) {
		t.Errorf("the log is\n%s", log.text())
	}
	log.mustContain(t, "INFO 405 Method Not Allowed: "+advice, write, "method=POST path=/login/user")
}

// Everybody else gets the plain page, and the log says the same as in debug mode.
func TestAdviceIsForTheDeveloper(t *testing.T) {
	for name, change := range map[string]func(*decant.App, *http.Request){
		"without debug":    func(app *decant.App, _ *http.Request) { app.Config.Debug = false },
		"from another":     func(_ *decant.App, r *http.Request) { r.RemoteAddr = "192.0.2.1:1" },
		"not by a browser": func(_ *decant.App, r *http.Request) { r.Header.Del("Accept") },
	} {
		t.Run(name, func(t *testing.T) {
			app, log := adviceApp()
			r := localPost("/login/user", "")
			change(app, r)
			w, _ := answerTo(app, r)
			mustAnswer(t, w, 405, errorPage(decant.NewHTTPError(405)))
			log.mustContain(t, "no rule of this path answers POST", `decant.Methods("GET", "PUT", "POST")`)
		})
	}
}

func TestAdviceGivesWayToHandlers(t *testing.T) {
	app, log := adviceApp()
	app.ErrorHandler(405, func(_ *decant.Context, e *decant.HTTPError) (any, error) { return "use " + e.Header.Get("Allow"), nil })
	w, _ := answerTo(app, localPost("/login/user", ""))
	mustAnswer(t, w, 405, "use DELETE, GET, HEAD, OPTIONS, PUT")
	log.mustContain(t, "no rule of this path answers POST")
}

// A static folder is no view of the developer's, and cannot answer other methods.
func TestAMethodThatStaticFilesDoNotAnswer(t *testing.T) {
	app, log := newTestApp()
	send(app, "POST", "/static/a.txt", "")
	log.mustContain(t, `no rule of this path answers POST: the rule "/static/<path:filename>"`)
	if strings.Contains(log.text(), "app.Route") {
		t.Errorf("the log says to change the rule of static files:\n%s", log.text())
	}
}

// The method is the client's text.
func TestAnOddMethodDoesNotSpoilTheLog(t *testing.T) {
	app, log := adviceApp()
	r := local("/login/user")
	r.Method = "A\nB" + strings.Repeat("C", 1000)
	answerTo(app, r)
	advice, _, _ := strings.Cut(log.text(), " request_id=")
	if len(advice) > 1500 || strings.ContainsAny(advice, "\n\r") || !strings.Contains(advice, `"A\nBCC`) {
		t.Errorf("the log is\n%s", log.text())
	}
}

func TestARequestOfAnotherOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string
		want    []string
	}{
		"a page of another site": {
			[]string{"Origin", "https://app.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
			[]string{`a page of "https://app.example" sent this request to "http://localhost:5000"`, `add "https://app.example" to Config.TrustedOrigins`, "proxy_set_header Host $host", "decant.ProxyFix"},
		},
		"a page without a name": {
			[]string{"Origin", "null", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
			[]string{"a page of another origin, which the browser does not name", `"http://localhost:5000"`, "Config.TrustedOrigins cannot list"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := debugApp(hello)
			w, page := answerTo(app, localPost("/", "", c.headers...))
			if w.Code != 403 || !isDebugPage(w) {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
			mustRead(t, page, c.want...)
			log.mustContain(t, append(c.want, "INFO 403 Forbidden: ")...)
		})
	}
}

// A proxy that passes its own name makes every form one of another origin, for
// browsers that do not say more.
func TestAProxyThatDoesNotPassTheHost(t *testing.T) {
	app, log := appWith(hello)
	w := send(app, "POST", "http://127.0.0.1:8000/", "", "Origin", "http://shop.example")
	if w.Code != 403 {
		t.Errorf("status %d", w.Code)
	}
	log.mustContain(t, `a page of "http://shop.example" sent this request to "http://127.0.0.1:8000"`, "a proxy does not pass the Host", "proxy_set_header Host $host")
}

func TestALongOriginIsCutInTheLog(t *testing.T) {
	app, log := appWith(hello)
	send(app, "POST", "/", "", "Origin", "http://"+strings.Repeat("a", 5000))
	if len(log.text()) > 2000 || !strings.Contains(log.text(), "aaa…") {
		t.Errorf("the log has %d bytes", len(log.text()))
	}
}

func TestABodyThatIsTooLargeNamesItsLimit(t *testing.T) {
	form := func(c *decant.Context) (any, error) { return c.Request.Form.Get("a"), nil }
	data := func(c *decant.Context) (any, error) {
		_, err := c.Request.Data()
		return "", err
	}
	own := func(c *decant.Context) (any, error) {
		c.Request.SetMaxContentLength(5)
		return data(c)
	}
	for name, c := range map[string]struct {
		view   decant.View
		length int64
		set    func(*decant.Config)
		want   string
	}{
		"data":                       {data, 11, func(c *decant.Config) { c.MaxContentLength = 5 }, "the request body is over the limit of 5 bytes; raise Config.MaxContentLength to accept it"},
		"data of unknown length":     {data, -1, func(c *decant.Config) { c.MaxContentLength = 5 }, "the request body is over the limit of 5 bytes; raise Config.MaxContentLength to accept it"},
		"a limit of the view":        {own, 11, func(*decant.Config) {}, "the request body is over the limit of 5 bytes; raise Config.MaxContentLength to accept it, or the limit that Request.SetMaxContentLength has set for this request"},
		"form":                       {form, 11, func(c *decant.Config) { c.MaxContentLength = 5 }, "the request body is over the limit of 5 bytes; raise Config.MaxContentLength to accept it"},
		"form of unknown length":     {form, -1, func(c *decant.Config) { c.MaxContentLength = 5 }, "the request body is over the limit of 5 bytes; raise Config.MaxContentLength to accept it"},
		"form memory":                {form, 11, func(c *decant.Config) { c.MaxFormMemorySize = 6 }, "the urlencoded body is over the limit of 6 bytes; raise Config.MaxFormMemorySize to accept it"},
		"form memory, length hidden": {form, -1, func(c *decant.Config) { c.MaxFormMemorySize = 6 }, "the urlencoded body is over the limit of 6 bytes; raise Config.MaxFormMemorySize to accept it"},
		"form fields":                {form, 11, func(c *decant.Config) { c.MaxFormFields = 2 }, "the number of form fields is over the limit of 2 fields; raise Config.MaxFormFields to accept it"},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := debugApp(c.view)
			c.set(app.Config)
			r := localPost("/", "a=1&b=2&c=3")
			r.ContentLength = c.length
			w, page := answerTo(app, r)
			if w.Code != 413 || !isDebugPage(w) {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
			mustRead(t, page, c.want)
			log.mustContain(t, "INFO 413 Request Entity Too Large: "+c.want)
		})
	}
}

// An error of the view's own has no advice, whatever its code is.
func TestOnlyErrorsOfTheFrameworkHaveAdvice(t *testing.T) {
	for _, code := range []int{403, 405, 413} {
		app, log := debugApp(func(*decant.Context) (any, error) { return nil, errors.Join(decant.NewHTTPError(code)) })
		w, _ := answerTo(app, local("/"))
		mustAnswer(t, w, code, errorPage(decant.NewHTTPError(code)))
		log.mustBeEmpty(t)
	}
}
