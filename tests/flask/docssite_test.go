package flask

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// sitePage is what a reader of the documentation sees.
type sitePage struct {
	Title     string `json:"title"`
	Overflows bool   `json:"overflows"` // the page is wider than the screen
	HasMenu   bool   `json:"menu"`
	IsDark    bool   `json:"dark"`
}

const lookAtSite = `({
	title: document.querySelector("h1").textContent,
	overflows: document.documentElement.scrollWidth > innerWidth,
	menu: getComputedStyle(document.querySelector("nav")).display != "none",
	dark: getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((a, b) => a + Number(b), 0) < 300,
})`

// TestDocumentationSite reads the documentation on a screen and on a phone, in
// light and dark. DECANT_SCREENSHOTS names a folder for pictures of what it saw.
func TestDocumentationSite(t *testing.T) {
	address := startExample(t, "docs")
	tab := browser(t)
	for _, screen := range []struct {
		name          string
		width, height int64
		isDark        bool
	}{
		{"screen", 1280, 900, false},
		{"screen-dark", 1280, 900, true},
		{"phone", 390, 844, false},
		{"phone-dark", 390, 844, true},
	} {
		scheme := "light"
		if screen.isDark {
			scheme = "dark"
		}
		must(t, chromedp.Do(tab, chromedp.EmulateViewport(screen.width, screen.height), prefer(scheme)))
		for path, title := range map[string]string{
			"/": "Documentation", "/quickstart.html": "Quickstart", "/lifecycle.html": "The life of a request",
			"/configuration.html": "Configuration", "/patterns/jwt.html": "JSON Web Tokens", "/api/decant.html": "package decant",
		} {
			must(t, chromedp.Do(tab, chromedp.Navigate(address+path)))
			got, err := chromedp.Run(tab, chromedp.Evaluate[sitePage](lookAtSite))
			must(t, err)
			if want := (sitePage{Title: title, HasMenu: screen.width > 500, IsDark: screen.isDark}); got != want {
				t.Errorf("%s, %s: the reader sees %+v, and should see %+v", screen.name, path, got, want)
			}
			keepPicture(t, tab, screen.name+" "+title)
		}
	}
}

// prefer makes the browser say that its user prefers light or dark pages.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// TestDocumentationSearch types a name into the search and follows what it finds.
func TestDocumentationSearch(t *testing.T) {
	address := startExample(t, "docs")
	tab := browser(t)
	must(t, chromedp.Do(tab, chromedp.Navigate(address+"/patterns/caching.html")))
	must(t, chromedp.Do(tab, chromedp.SendKeys("#search", "secret key")))
	must(t, click(tab, "#found a"))
	got, err := chromedp.Run(tab, chromedp.Evaluate[string](`location.pathname + location.hash`))
	must(t, err)
	if got != "/sessions.html#the-secret-key" {
		t.Errorf("the search leads to %s", got)
	}
}

// keepPicture saves what the browser shows, if somebody wants to look at it.
func keepPicture(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("DECANT_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
}
