package flask

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// cookieValues are what a cookie must carry unharmed.
var cookieValues = []string{
	"plain", "with space", `"quoted"`, `back\slash`, "a;b", "a,b", "a=b", "é☃", "𝄞", "%41", "+", "\\073", "tab\there", "\x01\x7f", " led and trailed ",
}

func TestWerkzeugReadsCookies(t *testing.T) {
	judge := startJudge(t)
	for _, value := range cookieValues {
		header := setCookie(t, value)
		if got := judge.text(judge.ask(question{Command: "read_cookie", Name: "kept", Header: header})); got != value {
			t.Errorf("%q is sent as %q and read as %q", value, header, got)
		}
	}
}

// setCookie gives the Set-Cookie header for a value.
func setCookie(t *testing.T, value string) string {
	t.Helper()
	app := decant.New("interop")
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("done")
		response.SetCookie("kept", value)
		return response, nil
	}, decant.Endpoint("view"))
	recorder := httptest.NewRecorder()
	app.ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
	return recorder.Header().Get("Set-Cookie")
}

func TestCookiesOfWerkzeugAreRead(t *testing.T) {
	judge := startJudge(t)
	var got string
	app := decant.New("interop")
	app.Get("/", func(c *decant.Context) (any, error) {
		got = c.Request.Cookies.Get("kept")
		return "done", nil
	}, decant.Endpoint("view"))
	for _, value := range cookieValues {
		header := judge.ask(question{Command: "write_cookie", Name: "kept", Value: quoted(value)}).Header
		pair, _, _ := strings.Cut(header, ";")
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Cookie", pair)
		app.ServeHTTP(httptest.NewRecorder(), request)
		if got != value {
			t.Errorf("%q is sent as %q and read as %q", value, header, got)
		}
	}
}
