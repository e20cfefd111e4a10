package debugpage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stackOf is what a recover sees of a panic.
func stackOf(f func()) (stack []byte) {
	defer func() {
		recover()
		stack = debug.Stack()
	}()
	f()
	return nil
}

func fails() { panic("here") }

func failsAgain() {
	defer func() { panic(recover()) }()
	fails()
}

func names(frames []Frame) (names []string) {
	for _, f := range frames {
		names = append(names, f.name())
	}
	return names
}

func TestReadStack(t *testing.T) {
	frames := ReadStack(stackOf(fails))
	if diff := cmp.Diff([]string{"debugpage.fails", "debugpage.stackOf", "debugpage.TestReadStack"}, names(frames)[:3]); diff != "" {
		t.Fatalf("frames (-want +got):\n%s", diff)
	}
	first := frames[0]
	if !first.IsOwn || first.base() != "debugpage_test.go" || !filepath.IsAbs(first.folder()) {
		t.Errorf("the first frame is %+v", first)
	}
	for _, line := range first.Source {
		if line.Fails != (line.Number == first.Line) || line.Fails != strings.Contains(line.Text, `panic("here")`) {
			t.Errorf("the source has %+v, and the frame is at line %d", line, first.Line)
		}
	}
	if last := frames[len(frames)-1]; last.IsOwn || last.Source != nil || last.name() != "testing.(*T).Run" {
		t.Errorf("the last frame is %+v", last)
	}
}

// Of a panic that was raised again, both places are shown, the later one first.
func TestReadStackOfAPanicRaisedAgain(t *testing.T) {
	got := names(ReadStack(stackOf(failsAgain)))
	if diff := cmp.Diff([]string{"debugpage.failsAgain.func1", "panic", "debugpage.fails", "debugpage.failsAgain"}, got[:4]); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

func TestReadStackOfOddText(t *testing.T) {
	for _, text := range []string{"", "\n", "goroutine 1 [running]:", "main.main()\n", "main.main()\n\t", "main.main()\n\tmain.go", "main.main()\n\tmain.go:x +0x1", "a\n\t:\n\t:"} {
		if frames := ReadStack([]byte(text)); frames != nil {
			t.Errorf("%q has the frames %v", text, frames)
		}
	}
	text := "goroutine 1 [running]:\n" +
		"example.com/shop.(*order[...]).sum(0xc000, {0x1, 0x2?}, ...)\n\tC:/shop/order.go:12 +0x1d\n" +
		"main.inlined(...)\n\tmain.go:7\n" +
		"created by net/http.(*Server).Serve in goroutine 19\n\tnet/http/server.go:3464 +0x485\n"
	var got []string
	for _, f := range ReadStack([]byte(text)) {
		got = append(got, fmt.Sprint(f.Function, " ", f.folder(), " ", f.base(), " ", f.Line, " ", f.IsOwn))
	}
	want := []string{
		"example.com/shop.(*order[...]).sum C:/shop/ order.go 12 false",
		"main.inlined  main.go 7 true",
		"net/http.(*Server).Serve net/http/ server.go 3464 false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

func TestIsOwn(t *testing.T) {
	_, here, _, _ := runtime.Caller(0)
	root := strings.TrimSuffix(here, "internal/debugpage/debugpage_test.go")
	tests := map[string]bool{
		"/app/main.go":                                  true,
		"/app/internal/shop/order.go":                   true,
		"/go/pkg/mod/github.com/a/b@v1.2.3/c.go":        false,
		"/app/vendor/github.com/a/b/c.go":               false,
		standardLibrary() + "net/http/server.go":        false,
		root + "app.go":                                 false,
		root + "internal/rule/map.go":                   false,
		root + "app_test.go":                            true,
		root + "_examples/login/main.go":                true,
		root + "interop/server.go":                      true,
		strings.TrimSuffix(root, "/") + "-shop/main.go": true,
	}
	for file, want := range tests {
		if got := isOwn("main.main", file); got != want {
			t.Errorf("%s belongs to the application: %v", file, got)
		}
	}
}

type traced struct{ counters []uintptr }

func (traced) Error() string         { return "traced" }
func (e traced) StackTrace() counted { return e.counters }

type counted []uintptr

type called struct{ traced }

func (e called) StackTrace() string { return "not a list" }
func (e called) Callers() []uintptr { return e.counters }

func here() []uintptr {
	counters := make([]uintptr, 4)
	return counters[:runtime.Callers(2, counters)]
}

func TestOfError(t *testing.T) {
	for name, err := range map[string]error{
		"with StackTrace": traced{here()},
		"with Callers":    called{traced{here()}},
		"wrapped":         fmt.Errorf("around: %w", traced{here()}),
	} {
		frames := OfError(err)
		if len(frames) == 0 || frames[0].name() != "debugpage.TestOfError" || len(frames[0].Source) == 0 {
			t.Errorf("%s: the frames are %v", name, frames)
		}
	}
	for _, err := range []error{nil, errors.New("plain"), traced{}, fmt.Errorf("around: %w", errors.New("plain"))} {
		if frames := OfError(err); frames != nil {
			t.Errorf("%v has the frames %v", err, frames)
		}
	}
}

func TestOfFunction(t *testing.T) {
	f := OfFunction(reflect.ValueOf(failsAgain).Pointer())
	want := []string{"func failsAgain() {", "\tdefer func() { panic(recover()) }()", "\tfails()", "}"}
	if f == nil {
		t.Fatal("the function is not found")
	}
	if diff := cmp.Diff(want, texts(f.Source)); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	if f := OfFunction(0); f != nil {
		t.Errorf("nothing is %+v", f)
	}
}

func texts(lines []Line) (texts []string) {
	for _, line := range lines {
		texts = append(texts, line.Text)
	}
	return texts
}

func TestAround(t *testing.T) {
	file := filepath.Join(t.TempDir(), "view.go")
	source := "\t\tone\r\n\n\t\t\ttwo\n\t\t" + strings.Repeat("é", longestLine) + "\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := around(file, 3)
	want := []Line{{1, "one", false}, {2, "", false}, {3, "\ttwo", true}, {4, strings.Repeat("é", longestLine/2-1) + " …", false}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for _, other := range []string{filepath.Dir(file), file + ".gone", "/dev/zero"} {
		if lines := around(other, 3); lines != nil {
			t.Errorf("%s has the lines %v", other, lines)
		}
	}
	if lines := around(file, 100); lines != nil {
		t.Errorf("behind the end are %v", lines)
	}
}

func TestNearestTo(t *testing.T) {
	rules := func(texts ...string) (rules []Rule) {
		for _, text := range texts {
			rules = append(rules, Rule{Text: text, Endpoint: strings.Trim(text, "/<>")})
		}
		return rules
	}
	all := rules("/", "/order/<int:number>", "/orders/", "/user/<name>", "/user/<name>/settings", "/a", "/b", "/c", "/d")
	for path, want := range map[string]string{
		"/odrer/7":               "/order/<int:number>",
		"/order/":                "/orders/",
		"/usr/ann/setting":       "/user/<name>/settings",
		"/User/ann":              "/user/<name>",
		"/a/":                    "/a",
		"":                       "/",
		strings.Repeat("/", 1e6): "/",
	} {
		got := NearestTo(path, all)
		if len(got) != rulesShown || got[0].Text != want {
			t.Errorf("%.20q is nearest to %v", path, got)
		}
	}
	if got := NearestEndpoints("order", rules("/user", "/orders", "/")); got[0].Endpoint != "orders" || len(got) != 3 {
		t.Errorf("the nearest endpoints are %v", got)
	}
	if got := NearestTo("/", nil); len(got) != 0 {
		t.Errorf("without rules there are %v", got)
	}
}

func TestRedact(t *testing.T) {
	for name, hidden := range map[string]bool{
		"Cookie": true, "Set-Cookie": true, "Authorization": true, "Proxy-Authorization": true, "X-Api-Key": true,
		"X-CSRF-Token": true, "PASSWORD": true, "passphrase": true, "sessionid": true, "client_secret": true,
		"pin": true, "code": true, "auth_code": true, "userPin": true, "PIN2": true, "sig": true, "X-Sig": true, "otp": true,
		"totp": true, "jwt": true, "id_jwt": true, "state": true, "sid": true, "pw": true, "new_pwd": true, "ticket": true,
		"shipping": false, "encoded": false, "design": false, "pinned": false, "statement": false, "résumé": false,
		"Accept": false, "q": false, "": false, "Host": false, "User-Agent": false,
	} {
		if got := Redact(name, "value"); (got == Hidden) != hidden || !hidden && got != "value" {
			t.Errorf("%s is shown as %q", name, got)
		}
	}
}

// Whatever the texts are, they stay texts.
func FuzzHTML(f *testing.F) {
	f.Add("<script>alert(1)</script>")
	f.Add("</style><b>")
	f.Add("'\"&<!--%s%d%!(")
	f.Add("</title>\x00\xff")
	plain := pageOf("x").HTML()
	f.Fuzz(func(t *testing.T, text string) {
		html := pageOf("x" + text).HTML() // an empty part would be left out
		for _, mark := range []string{"<", ">", "\""} {
			if strings.Count(html, mark) != strings.Count(plain, mark) {
				t.Errorf("%q adds a %s to the page:\n%s", text, mark, html)
			}
		}
		if strings.Contains(html, "%!") && !strings.Contains(text, "%!") {
			t.Errorf("%q breaks a format:\n%s", text, html)
		}
	})
}

// pageOf is a page that has the text everywhere.
func pageOf(text string) *Page {
	frame := Frame{Function: text, File: text, Line: 1, IsOwn: true, Source: []Line{{1, text, true}, {2, text, false}}}
	other := Frame{Function: text, File: text}
	rows := []Row{{text, text}}
	return &Page{
		Status: text, Kind: text, Message: text, Advice: text,
		Stack: []Frame{frame, other, other, frame, other},
		View:  &frame,
		Chain: rows,
		Rules: []Rule{{text, text, text, text}},
		Facts: []Table{{text, rows}, {"nothing", nil}},
	}
}

func TestPageLeavesOutWhatItLacks(t *testing.T) {
	html := (&Page{Kind: "kind", Message: "message"}).HTML()
	if strings.Contains(html, "<h2>") || strings.Contains(html, "class=advice") || strings.Contains(html, "<table>") {
		t.Errorf("the page has empty parts:\n%s", html)
	}
	if !strings.Contains(pageOf("x").HTML(), "2 calls in") || !strings.Contains(pageOf("x").HTML(), "1 call in") {
		t.Error("the calls of others are not counted")
	}
}
