package flask

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// userName is what Ann types: it must come back as text, and survive the trip
// through form, cookie and page.
const userName = "<b>Ann</b> é☃"

// browser opens a headless Chromium, and closes it at the end of the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(patience),
	}, browserFlags()...)
	limited, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	allocator, cancel := chromedp.NewExecAllocator(limited, options...)
	t.Cleanup(cancel)
	tab, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(tab) // waits for the browser, whose folder goes next
		cancel()
	})
	return tab
}

// browserFlags keep Chromium to the page: no window, no services of its own.
// The sandbox does not work for root in a container.
func browserFlags() (options []chromedp.ExecAllocatorOption) {
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	return options
}

// chromium is the browser. DECANT_CHROMIUM names another one.
func chromium(t *testing.T) string {
	t.Helper()
	if chosen := os.Getenv("DECANT_CHROMIUM"); chosen != "" {
		return chosen
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("there is no Chromium here; run \"make interop\", which installs it: %v", err)
	}
	return path
}

// page is what the browser shows.
type page struct {
	Address  string `json:"address"`
	Text     string `json:"text"`
	BoldText int    `json:"bold"`   // elements that markup in the name would make
	Cookie   string `json:"cookie"` // as a script sees it
}

const lookAtPage = `({
	address: location.pathname,
	text: document.body.innerText.trim(),
	bold: document.querySelectorAll("b").length,
	cookie: document.cookie,
})`

func TestBrowserLogsInAndOut(t *testing.T) {
	address := startExample(t, "login")
	tab := browser(t)

	must(t, chromedp.Do(tab, chromedp.Navigate(address)))
	see(t, tab, page{Address: "/", Text: "You are not logged in"})
	if cookies := browserCookies(t, tab); len(cookies) != 0 {
		t.Fatalf("a visitor who did nothing has the cookies %v", cookies)
	}

	must(t, chromedp.Do(tab, chromedp.Navigate(address+"/login")))
	see(t, tab, page{Address: "/login"})

	must(t, chromedp.Do(tab, chromedp.SendKeys(`input[name="username"]`, userName)))
	must(t, click(tab, `input[type="submit"]`))
	see(t, tab, page{Address: "/", Text: "Logged in as " + userName})
	checkCookie(t, tab)
	must(t, chromedp.Do(tab, chromedp.Reload()))
	see(t, tab, page{Address: "/", Text: "Logged in as " + userName})

	must(t, chromedp.Do(tab, chromedp.Navigate(address+"/logout")))
	see(t, tab, page{Address: "/", Text: "You are not logged in"})
	if cookies := browserCookies(t, tab); len(cookies) != 0 {
		t.Errorf("after logging out the browser still has the cookies %v", cookies)
	}
}

// click waits for the page that the click leads to.
func click(tab context.Context, selector string) error {
	_, err := chromedp.RunResponse(tab, chromedp.Click(selector))
	return err
}

// see checks what the browser shows.
func see(t *testing.T, tab context.Context, want page) {
	t.Helper()
	got, err := chromedp.Run(tab, chromedp.Evaluate[page](lookAtPage))
	must(t, err)
	if got != want {
		t.Fatalf("the browser shows %+v, and should show %+v", got, want)
	}
}

func browserCookies(t *testing.T, tab context.Context) []*network.Cookie {
	t.Helper()
	result, err := chromedp.Run(tab, func(ctx context.Context, target *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
	})
	must(t, err)
	return result.Cookies
}

// checkCookie looks at the session cookie with the eyes of the network, which
// scripts do not have, and has Flask read it.
func checkCookie(t *testing.T, tab context.Context) {
	t.Helper()
	cookies := browserCookies(t, tab)
	if len(cookies) != 1 || cookies[0].Name != "session" {
		t.Fatalf("the browser has the cookies %v", cookies)
	}
	cookie := cookies[0]
	if !cookie.HTTPOnly || !cookie.Session || cookie.Path != "/" || strings.HasPrefix(cookie.Domain, ".") {
		t.Errorf("the session cookie is %+v", cookie)
	}
	seen := startJudge(t).ask(question{Command: "load_cookie", Secret: secretKey, Cookie: cookie.Value}).Session
	want := describe(map[string]any{"username": userName})
	if diff := diffTyped(want, *seen); diff != "" {
		t.Errorf("Flask reads another session (-want +got):\n%s", diff)
	}
}
