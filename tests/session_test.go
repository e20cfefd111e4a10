package tests

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// sessionApp is an application whose view does to the session what the query
// says, and the Cookie header of a client whose session holds values.
func sessionApp(t *testing.T, view func(*decant.Session), values map[string]any) (app *decant.App, log *journal, cookie string) {
	t.Helper()
	app, log = appWith(func(c *decant.Context) (any, error) { view(c.Session); return "", nil })
	if values == nil {
		return app, log, "unrelated=1"
	}
	return app, log, signedSession(t, testKey, values)
}

// signedSession is the Cookie header for a session that was signed just now.
func signedSession(t testing.TB, key string, values map[string]any) string {
	t.Helper()
	app, log := appWith(func(c *decant.Context) (any, error) {
		for name, value := range values {
			c.Session.Set(name, value)
		}
		return "", nil
	})
	app.Config.SecretKey = key
	cookie := pairOf(get(app, "/"))
	if cookie == "" {
		t.Fatalf("nothing was signed: %s", log.text())
	}
	return cookie
}

func TestWhatMakesASessionBeSaved(t *testing.T) {
	const (
		nothing = ""
		vary    = "Vary"
		set     = "Vary Set"
		deleted = "Vary Deleted"
	)
	user := map[string]any{"user": "ann"}
	permanent := map[string]any{"user": "ann", "_permanent": true}
	for name, c := range map[string]struct {
		values map[string]any
		view   func(s *decant.Session)
		want   string
	}{
		"untouched":                    {user, func(*decant.Session) {}, nothing},
		"untouched without a cookie":   {nil, func(*decant.Session) {}, nothing},
		"asked whether it is modified": {user, func(s *decant.Session) { s.Modified() }, nothing},
		"Get":                          {user, func(s *decant.Session) { s.Get("user") }, vary},
		"Get without a cookie":         {nil, func(s *decant.Session) { s.Get("user") }, vary},
		"Lookup":                       {user, func(s *decant.Session) { s.Lookup("user") }, vary},
		"String":                       {user, func(s *decant.Session) { s.String("user") }, vary},
		"Int":                          {user, func(s *decant.Session) { s.Int("user") }, vary},
		"Bool":                         {user, func(s *decant.Session) { s.Bool("user") }, vary},
		"Has":                          {user, func(s *decant.Session) { s.Has("user") }, vary},
		"Len":                          {user, func(s *decant.Session) { s.Len() }, vary},
		"All": {user, func(s *decant.Session) {
			for range s.All() {
				break
			}
		}, vary},
		"Permanent":                     {user, func(s *decant.Session) { s.Permanent() }, vary},
		"Set":                           {user, func(s *decant.Session) { s.Set("x", 1) }, set},
		"Set of an equal value":         {user, func(s *decant.Session) { s.Set("user", "ann") }, set},
		"Set without a cookie":          {nil, func(s *decant.Session) { s.Set("x", 1) }, set},
		"Pop of what is there":          {map[string]any{"a": 1, "b": 2}, func(s *decant.Session) { s.Pop("a") }, set},
		"Pop of the last":               {user, func(s *decant.Session) { s.Pop("user") }, deleted},
		"Pop of what is not there":      {user, func(s *decant.Session) { s.Pop("x") }, vary},
		"Delete of the last":            {user, func(s *decant.Session) { s.Delete("user") }, deleted},
		"Delete of what is not there":   {user, func(s *decant.Session) { s.Delete("x") }, vary},
		"Clear":                         {user, func(s *decant.Session) { s.Clear() }, deleted},
		"Clear of an empty session":     {nil, func(s *decant.Session) { s.Clear() }, deleted},
		"Clear and Set":                 {user, func(s *decant.Session) { s.Clear(); s.Set("user", "bob") }, set},
		"SetPermanent":                  {nil, func(s *decant.Session) { s.SetPermanent(true) }, set},
		"SetPermanent to false":         {nil, func(s *decant.Session) { s.SetPermanent(false) }, set},
		"a permanent session is read":   {permanent, func(s *decant.Session) { s.Get("user") }, set},
		"a permanent session untouched": {permanent, func(*decant.Session) {}, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			app, log, cookie := sessionApp(t, c.view, c.values)
			w := get(app, "/", "Cookie", cookie)
			log.mustBeEmpty(t)
			if got := outcome(w); got != c.want {
				t.Errorf("%q, want %q (%q)", got, c.want, w.Header()["Set-Cookie"])
			}
		})
	}
}

// outcome says what became of the session.
func outcome(w *httptest.ResponseRecorder) string {
	var outcome []string
	if slices.Equal(w.Header()["Vary"], []string{"Cookie"}) {
		outcome = append(outcome, "Vary")
	}
	for _, line := range w.Header()["Set-Cookie"] {
		if strings.HasPrefix(line, "session=; ") {
			outcome = append(outcome, "Deleted")
		} else {
			outcome = append(outcome, "Set")
		}
	}
	return strings.Join(outcome, " ")
}

func TestModifiedSaysWhetherTheSessionWasWrittenTo(t *testing.T) {
	app, log, cookie := sessionApp(t, func(s *decant.Session) {
		if s.Get("user"); s.Modified() {
			t.Error("reading modifies")
		}
		if s.Pop("nothing"); s.Modified() {
			t.Error("a Pop of nothing modifies")
		}
		if s.Set("user", "ann"); !s.Modified() {
			t.Error("writing does not modify")
		}
	}, map[string]any{"user": "ann"})
	get(app, "/", "Cookie", cookie)
	log.mustBeEmpty(t)
}

func TestGettersAnswerZeroForOtherTypes(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	values := map[string]any{"text": "t", "markup": decant.Markup("<b>"), "int": 7, "huge": huge, "true": true, "float": 1.5}
	app, log, cookie := sessionApp(t, func(s *decant.Session) {
		got := []any{
			s.String("text"), s.String("markup"), s.String("int"), s.String("none"),
			s.Int("int"), s.Int("huge"), s.Int("text"), s.Int("float"), s.Int("true"),
			s.Bool("true"), s.Bool("int"), s.Has("int"), s.Has("none"), s.Len(),
		}
		want := []any{"t", "<b>", "", "", 7, 0, 0, 0, 0, true, false, true, false, 6}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		keys := slices.Collect(maps.Keys(maps.Collect(s.All())))
		slices.Sort(keys)
		if diff := cmp.Diff([]string{"float", "huge", "int", "markup", "text", "true"}, keys); diff != "" {
			t.Error(diff)
		}
	}, values)
	get(app, "/", "Cookie", cookie)
	log.mustBeEmpty(t)
}

func TestVaryIsExtendedAndNeverDoubled(t *testing.T) {
	for _, c := range []struct{ before, want []string }{
		{nil, []string{"Cookie"}},
		{[]string{"Accept-Encoding"}, []string{"Accept-Encoding, Cookie"}},
		{[]string{"cookie"}, []string{"cookie"}},
		{[]string{"A", "B"}, []string{"A, B, Cookie"}},
	} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			r := c.MakeResponse("")
			if c.Session.Len(); c.Request.Args.Has("vary") {
				t.Error("unexpected")
			}
			return r, nil
		})
		before := c.before
		app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
			if before != nil {
				r.Header()["Vary"] = before
			}
			return nil
		})
		if diff := cmp.Diff(c.want, get(app, "/").Header()["Vary"]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", before, diff)
		}
	}
}

func TestTheSessionIsSavedOnErrorPages(t *testing.T) {
	for name, c := range map[string]struct {
		fail   func() (any, error)
		status int
	}{
		"403":   {func() (any, error) { return nil, decant.NewHTTPError(403) }, 403},
		"abort": {func() (any, error) { return nil, decant.Abort(401) }, 401},
		"error": {func() (any, error) { return nil, errors.New("broken") }, 500},
		"panic": {func() (any, error) { panic("broken") }, 500},
	} {
		app, _ := appWith(func(context *decant.Context) (any, error) {
			context.Session.Set("seen", true)
			return c.fail()
		})
		w := get(app, "/")
		if w.Code != c.status || outcome(w) != "Vary Set" {
			t.Errorf("%s: status %d, session %q", name, w.Code, outcome(w))
		}
	}
}

func TestASessionWithoutASecretKeyCanBeReadOnly(t *testing.T) {
	writes := map[string]func(s *decant.Session){
		"Set":          func(s *decant.Session) { s.Set("a", 1) },
		"Pop":          func(s *decant.Session) { s.Pop("a") },
		"Delete":       func(s *decant.Session) { s.Delete("a") },
		"Clear":        func(s *decant.Session) { s.Clear() },
		"SetPermanent": func(s *decant.Session) { s.SetPermanent(true) },
	}
	for name, write := range writes {
		app, log := appWith(func(c *decant.Context) (any, error) { write(c.Session); return "", nil })
		app.Config.SecretKey = ""
		app.Config.SecretKeyFallbacks = []string{"old"}
		mustFail(t, get(app, "/"))
		log.mustContain(t, "the session is empty and cannot be written because no secret key was set. Set Config.SecretKey on the application to something unique and secret, such as the output of: openssl rand -hex 32 ")
		if t.Failed() {
			t.Fatalf("by %s", name)
		}
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.Session.Get("a"), c.Session.Len(), c.Session.Permanent(), c.Session.Has("a")), nil
	})
	app.Config.SecretKey = ""
	w := get(app, "/", "Cookie", signedSession(t, testKey, map[string]any{"a": 1}))
	mustAnswer(t, w, 200, "<nil> 0 false false")
	if outcome(w) != "" {
		t.Errorf("a null session gave %q", outcome(w))
	}
	log.mustBeEmpty(t)
}

func TestAValueThatCannotBeStoredIsA500ThatNamesItAndSavesNothing(t *testing.T) {
	for name, value := range map[string]any{
		"channel":    make(chan int), // put into a list in place
		"function":   func() {},
		"year 10000": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) {
				c.Session.Set("fine", 1)
				basket := []any{1, nil}
				c.Session.Set("basket", basket)
				basket[1] = value
				return "", nil
			})
			w := get(app, "/")
			mustFail(t, w)
			if w.Header()["Set-Cookie"] != nil {
				t.Errorf("something was saved: %q", w.Header()["Set-Cookie"])
			}
			log.mustContain(t, "the session cannot be saved", `session["basket"][1]`)
		})
	}
}

func TestALargeSessionIsSentWithAWarning(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		random := rand.NewChaCha8([32]byte{})
		for key, size := range map[string]int{"basket": 3000, "draft": 2000, "note": 400, "id": 3} {
			noise := make([]byte, size)
			random.Read(noise)
			c.Session.Set(key, noise)
		}
		return "", nil
	})
	w := get(app, "/")
	lines := w.Header()["Set-Cookie"]
	if len(lines) != 1 || len(lines[0]) <= 4093 {
		t.Fatalf("%d cookies", len(lines))
	}
	log.mustContain(t, "WARN", "the session cookie is too large", "cookie=session", fmt.Sprintf("size=%d", len(lines[0])), "limit=4093", "largest_keys=basket (", "draft (", "note (")
	if strings.Contains(log.text(), "id (") {
		t.Error("the warning names more than three keys")
	}
	for range 20 { // keys of one size come in order
		app, log := appWith(func(c *decant.Context) (any, error) {
			noise := make([]byte, 3000)
			rand.NewChaCha8([32]byte{}).Read(noise)
			for _, key := range []string{"b", "a", "c"} {
				c.Session.Set(key, noise)
			}
			return "", nil
		})
		get(app, "/")
		log.mustContain(t, "largest_keys=a (", "b (", "c (")
	}

	quiet, log := appWith(func(c *decant.Context) (any, error) {
		c.Session.Set("a", strings.Repeat("a", 2000)) // short once it is compressed
		return "", nil
	})
	get(quiet, "/")
	log.mustBeEmpty(t)
}

func TestSecretKeysRotate(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("write") {
			c.Session.Set("written", true)
		}
		return c.Session.String("user"), nil
	})
	app.Config.SecretKey = "newest"
	app.Config.SecretKeyFallbacks = []string{"oldest", "older"}
	user := map[string]any{"user": "ann"}
	for key, want := range map[string]string{"newest": "ann", "older": "ann", "oldest": "ann", "never": ""} {
		mustAnswer(t, get(app, "/", "Cookie", signedSession(t, key, user)), 200, want)
	}
	renewed := pairOf(get(app, "/?write", "Cookie", signedSession(t, "oldest", user)))
	onlyNewest, _ := appWith(func(c *decant.Context) (any, error) { return c.Session.String("user"), nil })
	onlyNewest.Config.SecretKey = "newest"
	mustAnswer(t, get(onlyNewest, "/", "Cookie", renewed), 200, "ann")
	log.mustHoldOnly(t, "a secret key is weak")
}

func TestAnOldSessionIsForgottenAndAPermanentOneSlides(t *testing.T) {
	synctest.Test(t, checkSlidingSession)
}

func checkSlidingSession(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("login") {
			c.Session.SetPermanent(true)
			c.Session.Set("user", "ann")
		}
		return c.Session.String("user"), nil
	})
	app.Config.PermanentSessionLifetime = time.Hour

	first := pairOf(get(app, "/?login"))
	time.Sleep(50 * time.Minute)
	w := get(app, "/", "Cookie", first)
	mustAnswer(t, w, 200, "ann")
	second := pairOf(w)
	if second == "" || second == first {
		t.Fatalf("the session was not refreshed: %q", second)
	}
	time.Sleep(50 * time.Minute)
	mustAnswer(t, get(app, "/", "Cookie", second), 200, "ann")
	w = get(app, "/", "Cookie", first)
	mustAnswer(t, w, 200, "")
	if outcome(w) != "Vary" {
		t.Errorf("the old cookie is not left alone: %q", outcome(w))
	}
	log.mustBeEmpty(t)
}

func TestEveryTypeSurvivesBeingSavedAgain(t *testing.T) {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	id := decant.UUID{1, 2, 3, 15: 255}
	values := map[string]any{
		"nil": nil, "true": true, "false": false, "zero": 0, "max": math.MaxInt, "min": math.MinInt, "huge": huge,
		"float": 1.5, "whole": 1.0, "negative zero": math.Copysign(0, -1), "small": 5e-324, "nan": math.NaN(), "inf": math.Inf(1),
		"text": "é☃😀\x00</script>", "empty": "", "bytes": []byte{0, 255}, "no bytes": []byte{},
		"markup": decant.Markup("<b>x</b>"), "uuid": id, "date": time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC),
		"tuple": decant.Tuple{1, decant.Tuple{"x", []byte("y")}}, "no tuple": decant.Tuple{}, "list": []any{1, "a", nil, []any{}},
		"object": map[string]any{" t": 1}, "nested": map[string]any{"a": map[string]any{}, " b": []any{decant.Markup("m")}},
		"_permanent": true,
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		if diff := vectors.Diff(any(values), any(maps.Collect(c.Session.All()))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for key, value := range c.Session.All() {
			c.Session.Set(key, value)
		}
		return "", nil
	})
	cookie := signedSession(t, testKey, values)
	for range 3 {
		w := get(app, "/", "Cookie", cookie)
		mustAnswer(t, w, 200, "")
		cookie = pairOf(w)
	}
	log.mustBeEmpty(t)
}

// brokenSessions fails where it is told to.
type brokenSessions struct{ open, save error }

func (s brokenSessions) Open(*decant.Context) (map[string]any, error)                  { return nil, s.open }
func (s brokenSessions) Save(*decant.Context, *decant.Session, *decant.Response) error { return s.save }

func TestASessionInterfaceThatFailsIsA500(t *testing.T) {
	for name, sessions := range map[string]decant.SessionInterface{
		"open": brokenSessions{open: errors.New("the store is down")},
		"save": brokenSessions{save: errors.New("the store is down")},
	} {
		app, log := appWith(func(c *decant.Context) (any, error) { return c.Session.String("user"), nil })
		app.SessionInterface = sessions
		mustFail(t, get(app, "/"))
		log.mustContain(t, "the store is down")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestAnInterfaceMayOfferNullSessions(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) { c.Session.Set("a", 1); return "", nil })
	app.SessionInterface = brokenSessions{open: fmt.Errorf("%w: the store is closed", decant.ErrNullSession)}
	mustFail(t, get(app, "/"))
	log.mustContain(t, "the session is empty and cannot be written: the store is closed")
}

// loginApp is the flow of the login example.
func loginApp() (*decant.App, *journal) {
	app, log := newTestApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		return "Logged in as " + c.Session.String("username"), nil
	}, decant.Endpoint("index"))
	app.Post("/login", func(c *decant.Context) (any, error) {
		name, err := c.Request.Form.Require("username")
		if err != nil {
			return nil, err
		}
		c.Session.Clear()
		c.Session.Set("username", name)
		return c.Redirect(c.URLFor("index"))
	}, decant.Endpoint("login"))
	app.Post("/logout", func(c *decant.Context) (any, error) {
		c.Session.Pop("username")
		return c.Redirect(c.URLFor("index"))
	}, decant.Endpoint("logout"))
	return app, log
}

func TestManyClientsNeverMeet(t *testing.T) {
	app, log := loginApp()
	server := httptest.NewServer(app)
	defer server.Close()
	var clients sync.WaitGroup
	for i := range 64 {
		clients.Go(func() {
			for range 3 {
				if err := logInAndOut(server.URL, fmt.Sprintf("client %d", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	log.mustBeEmpty(t)
}

// logInAndOut checks that a client sees its own name and nobody else's.
func logInAndOut(base, name string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, step := range []struct {
		path string
		form url.Values
		want string
	}{
		{"/login", url.Values{"username": {name}}, "Logged in as " + name},
		{"/", nil, "Logged in as " + name},
		{"/logout", url.Values{}, "Logged in as "},
	} {
		ask := client.Get
		if step.form != nil {
			ask = func(url string) (*http.Response, error) { return client.PostForm(url, step.form) }
		}
		response, err := ask(base + step.path)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return err
		}
		if string(body) != step.want {
			return fmt.Errorf("%s of %s shows %q", step.path, name, body)
		}
	}
	return nil
}

func TestLogin(t *testing.T) {
	app, log := loginApp()
	w := send(app, "POST", "/login", "username=ann", "Content-Type", formType)
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/" {
		t.Fatalf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
	cookie := pairOf(w)
	mustAnswer(t, get(app, "/", "Cookie", cookie), 200, "Logged in as ann")
	if w := send(app, "POST", "/logout", "", "Cookie", cookie); outcome(w) != "Vary Deleted" {
		t.Errorf("logging out gave %q", outcome(w))
	}
	if w := send(app, "POST", "/login", "", "Content-Type", formType); w.Code != http.StatusBadRequest {
		t.Errorf("a form without the field gave %d", w.Code)
	}
	log.mustBeEmpty(t)
}

// TestASessionIsCompressedOnlyToFitIntoACookie reads sessions of growing size
// back, the last ones compressed.
func TestASessionIsCompressedOnlyToFitIntoACookie(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		if size := c.Request.Args.Int("size", 0); size > 0 {
			c.Session.Set("text", strings.Repeat("ab", size/2))
		}
		return fmt.Sprint(len(c.Session.String("text"))), nil
	})
	for size, compressed := range map[int]bool{100: false, 1024: false, 2048: false, 2700: false, 3000: true, 20_000: true} {
		cookie := pairOf(get(app, fmt.Sprint("/?size=", size)))
		if got := strings.HasPrefix(cookie, "session=."); got != compressed {
			t.Errorf("%d bytes: compressed is %v, want %v", size, got, compressed)
		}
		mustAnswer(t, get(app, "/", "Cookie", cookie), 200, fmt.Sprint(size))
	}
	log.mustBeEmpty(t)
}

// TestClearDoesNotReadASignedCookie clears a session whose cookie cannot be read.
func TestClearDoesNotReadASignedCookie(t *testing.T) {
	signer := decant.NewTimestampSigner(testKey, "cookie-session", decant.KeyDerivation("hmac"))
	unreadable, err := signer.Sign("bm90IEpTT04") // "not JSON"
	if err != nil {
		t.Fatal(err)
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("read") {
			c.Session.Len()
		}
		c.Session.Clear()
		c.Session.Set("user", "ann")
		return "", nil
	})
	w := get(app, "/", "Cookie", "session="+unreadable)
	mustAnswer(t, w, 200, "")
	if got := string(sessionPayload(pairOf(w))); got != `{"user":"ann"}` {
		t.Errorf("the session is %s", got)
	}
	log.mustBeEmpty(t)
	mustFail(t, get(app, "/?read", "Cookie", "session="+unreadable))

	app, log = appWith(func(c *decant.Context) (any, error) { c.Session.Clear(); return "", nil })
	app.Config.SecretKey = ""
	mustFail(t, get(app, "/"))
	log.mustContain(t, "no secret key was set")
}

func TestUUID(t *testing.T) {
	t.Parallel()
	const usual = "12345678-90ab-cdef-1234-567890abcdef"
	want := decant.UUID{0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef, 0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef}
	for _, text := range []string{usual, "1234567890ABCDEF1234567890abcdef", "{" + usual + "}", "urn:uuid:" + usual} {
		id, err := decant.ParseUUID(text)
		if id != want || err != nil || id.String() != usual {
			t.Errorf("%q is read as %v, %v", text, id, err)
		}
	}
	if id, err := decant.ParseUUID("1234"); err == nil || id != (decant.UUID{}) || !strings.Contains(err.Error(), `decant: uuid: "1234" is not a UUID`) {
		t.Errorf("got %v, %v", id, err)
	}
	id := want
	if err := id.UnmarshalText([]byte("x")); err == nil || id != want {
		t.Errorf("a bad text changes the UUID to %v, %v", id, err)
	}
	var order struct{ ID decant.UUID }
	if err := json.Unmarshal([]byte(`{"ID": "`+usual+`"}`), &order); err != nil || order.ID != want {
		t.Errorf("JSON gives %v, %v", order.ID, err)
	}
	if text, err := json.Marshal(order); err != nil || string(text) != `{"ID":"`+usual+`"}` {
		t.Errorf("JSON is %s, %v", text, err)
	}
	if got := decant.Escape([]any{want, decant.Tuple{1}}); got != "[UUID(&#39;"+usual+"&#39;), (1,)]" {
		t.Errorf("printed as %s", got)
	}
	app, _ := newTestApp()
	app.Get("/<uuid:id>", func(c *decant.Context) (any, error) {
		id := c.ParamValue("id").(decant.UUID)
		return id.String() + c.URLFor("GET /<uuid:id>", "id", id), nil
	})
	mustAnswer(t, get(app, "/"+usual), 200, usual+"/"+usual)
}

func TestTuplesArePrintedAsInPython(t *testing.T) {
	t.Parallel()
	inside := decant.Tuple{1, nil}
	inside[1] = []any{inside}
	for want, tuple := range map[decant.Markup]decant.Tuple{
		"()": {}, "(1,)": {1}, "(1, &#39;a&#39;, (2.5,))": {1, "a", decant.Tuple{2.5}}, "(1, [(...)])": inside,
	} {
		if got := decant.Escape(tuple); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSessionGettersWithADefault(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) {
		s := c.Session
		if c.Request.Args.Has("write") {
			s.Set("name", "ann")
			s.Set("html", decant.Markup("<b>"))
			s.Set("n", 5)
			s.Set("yes", true)
			s.Set("nothing", nil)
			s.Set("tags", []string{"a", "b"})
			s.Set("pair", decant.Tuple{"c", decant.Markup("d")})
			s.Set("mixed", []any{"a", 1})
		}
		return []any{
			s.Get("name", "None"), s.Get("absent", "None"), s.Get("absent"), s.Get("nothing", "None"),
			s.String("name", "x"), s.String("html"), s.String("n", "x"), s.String("absent", "x"), s.String("absent"),
			s.Int("n", 7), s.Int("name", 7), s.Int("absent", 7), s.Int("absent"),
			s.Bool("yes"), s.Bool("n", true), s.Bool("absent", true), s.Bool("absent"),
			s.Strings("tags"), s.Strings("pair"), s.Strings("mixed", []string{"x"}), s.Strings("absent") == nil, s.Strings("name", []string{}),
		}, nil
	})
	const want = `["ann","None",null,null,"ann","<b>","x","x","",5,7,7,0,true,true,true,false,["a","b"],["c","d"],["x"],true,[]]` + "\n"
	w := get(app, "/?write")
	mustAnswer(t, w, 200, want)
	mustAnswer(t, get(app, "/", "Cookie", pairOf(w)), 200, want) // the same once it was stored
	log.mustBeEmpty(t)
}

type (
	member struct{ ID int }
	rank   string
	stock  map[string]int
)

func TestTheSessionRefusesWhatWouldComeBackAsAnotherType(t *testing.T) {
	t.Parallel()
	cyclic := []any{nil}
	cyclic[0] = map[string]any{"in": cyclic}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"struct":           {member{1}, `Session.Set("key"): a tests.member cannot be kept in a session, where it would come back as a map; store its id, and load it in each request`},
		"pointer":          {&member{1}, `a *tests.member cannot be kept in a session, where it would come back as a map; store its id`},
		"nil pointer":      {(*member)(nil), `a *tests.member cannot be kept`},
		"named string":     {rank("x"), `a tests.rank cannot be kept in a session, where it would come back as a string; store string(value)`},
		"named map":        {stock{"a": 1}, `a tests.stock cannot be kept in a session, where it would come back as a map[string]any`},
		"map of strings":   {map[string]string{}, `a map[string]string cannot be kept`},
		"slice":            {[]int{1}, `a []int cannot be kept in a session, where it would come back as a []any; store a []any, or an id`},
		"array":            {[2]int{1}, `a [2]int cannot be kept`},
		"duration":         {time.Second, `a time.Duration cannot be kept in a session, where it would not come back as it is`},
		"function":         {func() {}, `a func() cannot be kept`},
		"channel":          {make(chan int), `a chan int cannot be kept`},
		"nil big.Int":      {(*big.Int)(nil), `a *big.Int cannot be kept`},
		"error":            {errors.New("x"), `a *errors.errorString cannot be kept`},
		"in a list":        {[]any{1, member{1}}, `Session.Set("key"): the value at [1] is a tests.member, which cannot be kept in a session, where it would come back as a map; store its id`},
		"in a tuple":       {decant.Tuple{decant.Tuple{member{1}}}, `the value at [0][0] is a tests.member`},
		"in a map":         {decant.H{"a": []any{decant.H{"b": rank("x")}}}, `the value at ["a"][0]["b"] is a tests.rank`},
		"inside itself":    {cyclic, `nested more than 1000 levels deep, or holds itself; store an id`},
		"big.Int by value": {*big.NewInt(1), `a big.Int cannot be kept`},
	} {
		app, log := appWith(func(context *decant.Context) (any, error) {
			context.Session.Set("key", c.value)
			return "", nil
		})
		w := get(app, "/")
		mustFail(t, w)
		if w.Header()["Set-Cookie"] != nil {
			t.Errorf("%s: something was saved", name)
		}
		log.mustContain(t, "decant: Session.Set(\"key\"): ", c.want)
	}
}

// A value has the same type at once and in the next request.
func TestNumbersAndListsHaveOneTypeInTheSession(t *testing.T) {
	t.Parallel()
	list := []any{int64(1), []string{"a"}}
	values := map[string]any{
		"int8": int8(1), "int64": int64(-5), "uint": uint(7), "uint64": uint64(math.MaxUint64), "float32": float32(0.5),
		"strings": []string{"a"}, "list": list, "tuple": decant.Tuple{uint8(1)}, "map": decant.H{"a": decant.H{"b": int32(2)}, "c": 1},
	}
	want := map[string]any{
		"int8": 1, "int64": -5, "uint": 7, "uint64": new(big.Int).SetUint64(math.MaxUint64), "float32": 0.5,
		"strings": []any{"a"}, "list": []any{1, []any{"a"}}, "tuple": decant.Tuple{1}, "map": decant.H{"a": decant.H{"b": 2}, "c": 1},
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("write") {
			setAll(c, values)
		}
		if diff := vectors.Diff(any(want), any(maps.Collect(c.Session.All()))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Request.URL, diff)
		}
		return "", nil
	})
	w := get(app, "/?write")
	get(app, "/", "Cookie", pairOf(w))
	log.mustBeEmpty(t)
	if diff := vectors.Diff(any([]any{int64(1), []string{"a"}}), any(list)); diff != "" {
		t.Errorf("the view's own list was changed:\n%s", diff)
	}
}

// moreTypes stores a type of its own.
type moreTypes struct{ decant.SessionInterface }

func (moreTypes) Stores(value any) bool { _, ok := value.(rank); return ok }

func TestASessionInterfaceMayStoreMoreTypes(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) {
		c.Session.Set("roles", []any{rank("admin")})
		return fmt.Sprintf("%T", c.Session.Get("roles").([]any)[0]), nil
	})
	app.SessionInterface = moreTypes{app.SessionInterface}
	mustAnswer(t, get(app, "/"), 200, "tests.rank")
	log.mustBeEmpty(t)
}

func TestAChangeInPlaceIsSavedWhenItIsMarked(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Session.Accessed() {
			t.Error("the session was accessed before the view")
		}
		cart, _ := c.Session.Get("cart").(map[string]any)
		if !c.Session.Accessed() || c.Session.Modified() {
			t.Error("reading is no access, or a change")
		}
		cart["apples"] = c.Session.Int("absent", 3)
		if c.Request.Args.Has("mark") {
			c.Session.MarkModified()
		}
		return cart, nil
	})
	cookie := signedSession(t, testKey, map[string]any{"cart": decant.H{}})
	if w := get(app, "/", "Cookie", cookie); w.Header()["Set-Cookie"] != nil {
		t.Error("a change in place was saved")
	}
	w := get(app, "/?mark", "Cookie", cookie)
	reader, _ := appWith(func(c *decant.Context) (any, error) { return c.Session.Get("cart"), nil })
	mustAnswer(t, get(reader, "/", "Cookie", pairOf(w)), 200, `{"apples":3}`+"\n")
	log.mustBeEmpty(t)
}

// The name of the cookie may depend on the request, and several applications may
// share the interface: each signs with its own key.
func TestNewCookieSessions(t *testing.T) {
	t.Parallel()
	sessions := decant.NewCookieSessions(decant.CookieNameFunc(func(c *decant.Context) string { return c.Request.Args.Get("tenant") }))
	view := func(c *decant.Context) (any, error) {
		if user := c.Request.Args.Get("login"); user != "" {
			c.Session.Set("user", user)
		}
		if c.Request.Args.Has("logout") {
			c.Session.Clear()
		}
		return c.Session.String("user", "nobody"), nil
	}
	shop, log := appWith(view)
	shop.SessionInterface = sessions
	blog, _ := appWith(view)
	blog.Config.SecretKey = "another"
	blog.SessionInterface = sessions

	plain, tenant := get(shop, "/?login=ann"), get(shop, "/?login=bob&tenant=acme")
	for want, cookie := range map[string]string{"session=": pairOf(plain), "acme=": pairOf(tenant)} {
		if !strings.HasPrefix(cookie, want) {
			t.Errorf("the cookie is %q, want %q", cookie, want)
		}
	}
	both := pairOf(plain) + "; " + pairOf(tenant)
	mustAnswer(t, get(shop, "/", "Cookie", both), 200, "ann")
	mustAnswer(t, get(shop, "/?tenant=acme", "Cookie", both), 200, "bob")
	mustAnswer(t, get(shop, "/?tenant=other", "Cookie", both), 200, "nobody")
	mustAnswer(t, get(blog, "/", "Cookie", both), 200, "nobody")
	mustAnswer(t, get(blog, "/", "Cookie", pairOf(get(blog, "/?login=eve"))), 200, "eve")
	if got := get(shop, "/?tenant=acme&logout", "Cookie", both).Header().Get("Set-Cookie"); !strings.HasPrefix(got, "acme=; Expires=") {
		t.Errorf("the cookie is deleted with %q", got)
	}
	log.mustBeEmpty(t)
}

// A session cookie that browsers drop would keep everybody logged out.
func TestSessionCookieThatBrowsersDropIsAPanicAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*decant.Config)
		want string // in the panic; empty: there is none
	}{
		"no name":               {func(c *decant.Config) { c.SessionCookieName = "" }, "without a name"},
		"a blank in the name":   {func(c *decant.Config) { c.SessionCookieName = "my session" }, "a blank"},
		"SameSite misspelt":     {func(c *decant.Config) { c.SessionCookieSameSite = "lazy" }, `SameSite must be 'Strict', 'Lax', or 'None', not "lazy"`},
		"SameSite=None":         {func(c *decant.Config) { c.SessionCookieSameSite = "None" }, "SameSite=None that is not Secure"},
		"SameSite=None, Secure": {func(c *decant.Config) { c.SessionCookieSameSite, c.SessionCookieSecure = "None", true }, ""},
		"__Host-":               {func(c *decant.Config) { c.SessionCookieName = "__Host-session" }, "not Secure"},
		"__Host-, Secure":       {func(c *decant.Config) { c.SessionCookieName, c.SessionCookieSecure = "__Host-session", true }, ""},
		"__Host- and a domain": {func(c *decant.Config) {
			c.SessionCookieName, c.SessionCookieSecure, c.SessionCookieDomain = "__Host-session", true, "x.test"
		}, "has a Domain"},
		"__Host- and a path": {func(c *decant.Config) {
			c.SessionCookieName, c.SessionCookieSecure, c.SessionCookiePath = "__Host-session", true, "/shop"
		}, "Path is not /"},
		"__Secure-, partitioned": {func(c *decant.Config) { c.SessionCookieName, c.SessionCookiePartitioned = "__Secure-session", true }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(hello)
			c.set(app.Config)
			defer func() {
				got := fmt.Sprint(recover())
				if c.want == "" && got != "<nil>" || !strings.Contains(got, c.want) || c.want != "" && !strings.Contains(got, "Config.SessionCookieName") {
					t.Errorf("the panic is %q, want %q", got, c.want)
				}
			}()
			get(app, "/")
		})
	}
}

// signedJSON is a Cookie header with a session of this JSON, as Flask signs it.
func signedJSON(t *testing.T, json string) string {
	t.Helper()
	signer := decant.NewTimestampSigner(testKey, "cookie-session", decant.KeyDerivation("hmac"))
	cookie, err := signer.Sign(base64.RawURLEncoding.EncodeToString([]byte(json)))
	if err != nil {
		t.Fatal(err)
	}
	return "session=" + cookie
}

// Python makes a dict of whatever the cookie holds.
func TestASessionThatIsNoObject(t *testing.T) {
	for json, want := range map[string]string{
		`[["a",1],"bc"]`:      "map[a:1 b:c]",
		`["\ud83dx"]`:         "map[\xed\xa0\xbd:x]", // a lone surrogate
		`{" t":[["a",1]]}`:    "map[a:1]",
		`null`:                "map[]",
		`[]`:                  "map[]",
		`""`:                  "map[]",
		`{" m":""}`:           "map[]",
		`{" b":""}`:           "map[]",
		`"a"`:                 "the session holds a string",
		`{" b":"YQ=="}`:       "the session holds a []uint8",
		`5`:                   "the session holds a int",
		`["a"]`:               "item 0 is no pair",
		`[["a",1],["b",1,2]]`: "item 1 is no pair",
		`[[1,2]]`:             "item 0 is no pair", // Python has the key 1
		`[{"a":1,"b":2}]`:     "item 0 is no pair", // Python takes the keys
	} {
		app, log := appWith(func(c *decant.Context) (any, error) { return fmt.Sprint(maps.Collect(c.Session.All())), nil })
		app.Config.SecretKey = testKey
		w := get(app, "/", "Cookie", signedJSON(t, json))
		if strings.HasPrefix(want, "map[") {
			mustAnswer(t, w, 200, want)
			continue
		}
		mustFail(t, w)
		log.mustContain(t, want)
	}
}

func TestAPermanentSessionHoldsWhatPythonTakesForTrue(t *testing.T) {
	for value, want := range map[string]bool{
		`true`: true, `1`: true, `-0.5`: true, `"no"`: true, `[0]`: true, `{"a":0}`: true, `{" t":[0]}`: true, `{" b":"YQ=="}`: true,
		`{" m":"<"}`: true, `1e999`: true, `NaN`: true, `100000000000000000000`: true, `{" u":"00000000000000000000000000000000"}`: true,
		`false`: false, `null`: false, `0`: false, `-0.0`: false, `""`: false, `[]`: false, `{}`: false, `{" t":[]}`: false, `{" b":""}`: false,
		`{" m":""}`: false,
	} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			c.Session.Set("a", 1)
			return fmt.Sprint(c.Session.Permanent()), nil
		})
		app.Config.SecretKey = testKey
		w := get(app, "/", "Cookie", signedJSON(t, `{"_permanent":`+value+`}`))
		mustAnswer(t, w, 200, fmt.Sprint(want))
		if got := strings.Contains(w.Header().Get("Set-Cookie"), "Expires="); got != want {
			t.Errorf("_permanent is %s: the cookie has a date: %v, want %v", value, got, want)
		}
	}
}
