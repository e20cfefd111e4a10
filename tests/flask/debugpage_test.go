package flask

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/decant-go/decant"
)

// debugging is a server in debug mode, whose views fail.
func debugging(t *testing.T) (server *httptest.Server, link string) {
	t.Helper()
	var log strings.Builder
	app := decant.New("debugging")
	app.Config.Debug = true
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	app.Get("/raised", raised)
	app.Get("/returned", returned)
	server = httptest.NewServer(app)
	t.Cleanup(server.Close)
	request, err := http.NewRequest("GET", server.URL+"/raised", nil)
	must(t, err)
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	response.Body.Close()
	link = regexp.MustCompile(`http://\S+/_decant/unlock/[\w-]+`).FindString(log.String())
	if link == "" {
		t.Fatalf("the log has no link:\n%s", log.String())
	}
	return server, link
}

func raised(*decant.Context) (any, error) {
	var prices []int
	return prices[3], nil // the failing line
}

func returned(*decant.Context) (any, error) {
	return nil, errors.New("<script>document.title = 'owned'</script>")
}

// debugPage is what the developer sees of an error.
type debugPage struct {
	Heading string `json:"heading"`
	Failing string `json:"failing"` // the first line that is marked
	Marked  bool   `json:"marked"`  // in a colour of its own
	Scripts int    `json:"scripts"`
	Owned   bool   `json:"owned"`  // one of them ran
	Folded  bool   `json:"folded"` // the calls of other packages
	Narrow  bool   `json:"narrow"` // nothing sticks out to the side
}

const lookAtDebugPage = `(() => {
	const line = document.querySelector("mark");
	const around = document.querySelector("span.source");
	const fold = document.querySelector("details");
	return {
		heading: document.querySelector("h1").textContent,
		failing: line ? line.querySelector("span").textContent.trim() : "",
		marked: line !== null && getComputedStyle(line).backgroundColor !== getComputedStyle(around).backgroundColor,
		scripts: document.scripts.length,
		owned: document.title === "owned",
		folded: fold !== null && !fold.open,
		narrow: document.documentElement.scrollWidth <= innerWidth,
	};
})()`

func TestBrowserShowsTheDebugPage(t *testing.T) {
	server, link := debugging(t)
	tab := browser(t)
	must(t, chromedp.Do(tab, chromedp.Navigate(server.URL+"/raised")))
	locked, err := chromedp.Run(tab, chromedp.Evaluate[string]("document.body.textContent"))
	must(t, err)
	if strings.Contains(locked, "prices") || !strings.Contains(locked, "The error is in the terminal") {
		t.Errorf("a browser that has not opened the link shows\n%s", locked)
	}
	must(t, chromedp.Do(tab, chromedp.Navigate(link)))
	for path, want := range map[string]debugPage{
		"/raised":   {Heading: "runtime error: index out of range [3] with length 0", Failing: "return prices[3], nil // the failing line", Marked: true, Folded: true, Narrow: true},
		"/returned": {Heading: "<script>document.title = 'owned'</script>", Narrow: true},
		"/raise":    {Heading: "/raise", Narrow: true},
	} {
		must(t, chromedp.Do(tab, chromedp.Navigate(server.URL+path)))
		got, err := chromedp.Run(tab, chromedp.Evaluate[debugPage](lookAtDebugPage))
		must(t, err)
		if got != want {
			t.Errorf("%s: the browser shows %+v, and should show %+v", path, got, want)
		}
	}
}

// A name of the attacker's that leads to this machine shows nothing.
func TestDebugPageIsRefusedToAForeignHost(t *testing.T) {
	server, link := debugging(t)
	opened, err := http.Get(link)
	must(t, err)
	opened.Body.Close()
	for host, shown := range map[string]bool{"localhost": true, "": true, "evil.example": false, "localhost.evil.example": false} {
		request, err := http.NewRequest("GET", server.URL+"/raised", nil)
		must(t, err)
		request.Host = host // empty: that of the URL
		request.Header.Set("Accept", "text/html")
		request.AddCookie(opened.Cookies()[0])
		response, err := http.DefaultClient.Do(request)
		must(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		if response.StatusCode != 500 || strings.Contains(string(body), "failing line") != shown {
			t.Errorf("%q gets %d:\n%s", host, response.StatusCode, body)
		}
	}
}
