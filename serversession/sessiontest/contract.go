package sessiontest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant"
)

var discard = slog.New(slog.DiscardHandler)

func (s *suite) types() {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	want := map[string]any{
		"nil": nil, "true": true, "false": false, "zero": 0, "max": math.MaxInt, "min": math.MinInt, "huge": huge,
		"float": 1.5, "whole": 1.0, "small": 5e-324, "inf": math.Inf(-1),
		"text": "é☃😀\x00</script>", "empty": "", "bytes": []byte{0, 255},
		"markup": decant.Markup("<b>x</b>"), "uuid": decant.UUID{1, 2, 15: 255},
		"date":  time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC),
		"tuple": decant.Tuple{1, decant.Tuple{"x", []byte("y")}}, "list": []any{1, "a", nil, []any{}},
		"object": map[string]any{" t": 1}, "nested": map[string]any{"a": map[string]any{" b": []any{decant.Markup("m")}}},
		"_permanent": true,
	}
	b := new(browser)
	s.once(b, func(session *decant.Session) { setAll(session, want) })
	for range 3 {
		s.once(b, func(session *decant.Session) {
			got := maps.Collect(session.All())
			for key, value := range want {
				if !reflect.DeepEqual(got[key], value) {
					s.Errorf("%s: got the %[2]T %[2]v, want the %[3]T %[3]v", key, got[key], value)
				}
			}
			if len(got) != len(want) {
				s.Errorf("%d values, want %d", len(got), len(want))
			}
			setAll(session, got)
		})
	}
}

func setAll(session *decant.Session, values map[string]any) {
	for key, value := range values {
		session.Set(key, value)
	}
}

func (s *suite) changedInPlace() {
	b := new(browser)
	s.once(b, func(session *decant.Session) { session.Set("cart", map[string]any{"apples": 1}) })
	app := s.app(func(c *decant.Context) (any, error) {
		cart := c.Session.Get("cart").(map[string]any)
		if cart["apples"] != 1 || cart["pears"] != nil {
			s.Errorf("the cart holds %v", cart)
		}
		cart["apples"], cart["pears"] = 2, 3
		return "", nil
	})
	for range 3 {
		b.visit(app)
	}
}

func (s *suite) saving() {
	for name, c := range map[string]struct {
		isNew bool
		do    func(*decant.Session)
		want  string
	}{
		"untouched":                   {do: func(*decant.Session) {}},
		"asked whether it is written": {do: func(session *decant.Session) { session.Modified(); session.Renewed() }},
		"read":                        {do: func(session *decant.Session) { session.Get("user") }, want: "Vary"},
		"read by the length":          {do: func(session *decant.Session) { session.Len() }, want: "Vary"},
		"read when new":               {isNew: true, do: func(session *decant.Session) { session.Has("x") }, want: "Vary"},
		"nothing popped":              {do: func(session *decant.Session) { session.Pop("x") }, want: "Vary"},
		"set":                         {do: func(session *decant.Session) { session.Set("x", 1) }, want: "Vary Set"},
		"set when new":                {isNew: true, do: func(session *decant.Session) { session.Set("x", 1) }, want: "Vary Set"},
		"set to the same":             {do: func(session *decant.Session) { session.Set("user", "ann") }, want: "Vary Set"},
		"the last popped":             {do: func(session *decant.Session) { session.Pop("user") }, want: "Vary Deleted"},
		"cleared":                     {do: func(session *decant.Session) { session.Clear() }, want: "Vary Deleted"},
		"cleared when new":            {isNew: true, do: func(session *decant.Session) { session.Clear() }, want: "Vary Deleted"},
		"cleared and set":             {do: func(session *decant.Session) { session.Clear(); session.Set("x", 1) }, want: "Vary Set"},
		"renewed":                     {do: func(session *decant.Session) { session.Renew() }, want: "Vary Set"},
		"permanent":                   {do: func(session *decant.Session) { session.SetPermanent(true) }, want: "Vary Set"},
	} {
		b := new(browser)
		if !c.isNew {
			b = s.login("ann")
		}
		if got := outcome(s.once(b, c.do)); got != c.want {
			s.Errorf("%s: the answer says %q, want %q", name, got, c.want)
		}
	}
}

func (s *suite) permanence() {
	b := new(browser)
	before := time.Now().Truncate(time.Second)
	w := s.once(b, func(session *decant.Session) { session.SetPermanent(true) })
	expires := w.Result().Cookies()[0].Expires
	const lifetime = 31 * 24 * time.Hour
	if expires.Before(before.Add(lifetime)) || expires.After(time.Now().Add(lifetime)) {
		s.Errorf("the cookie of a permanent session expires on %v", expires)
	}
	w = s.once(b, func(session *decant.Session) {
		if !session.Permanent() {
			s.Error("the session is not permanent any more")
		}
		session.SetPermanent(false)
	})
	if line := w.Header().Get("Set-Cookie"); line == "" || strings.Contains(line, "Expires") || strings.Contains(line, "Max-Age") {
		s.Errorf("the cookie of a session that is no longer permanent is %q", line)
	}
	s.once(b, func(session *decant.Session) {
		if session.Permanent() {
			s.Error("the session is still permanent")
		}
	})
}

func (s *suite) attributes() {
	do := func(c *decant.Context) (any, error) {
		if c.Session.Has("user") {
			c.Session.Clear()
		} else {
			c.Session.Set("user", "ann")
		}
		return "", nil
	}
	app := s.app(do)
	app.Config.SessionCookieName = "id"
	app.Config.SessionCookieDomain = "example.com"
	app.Config.SessionCookiePath = "/shop"
	app.Config.SessionCookieHTTPOnly = false
	app.Config.SessionCookieSameSite = "lax"
	app.Config.SessionCookiePartitioned = true
	b := &browser{name: "id"}
	const attributes = "Domain=example.com; Secure; Path=/shop; SameSite=Lax; Partitioned"
	line := b.visit(app).Header().Get("Set-Cookie")
	if value, rest, _ := strings.Cut(line, "; "); !strings.HasPrefix(value, "id=") || rest != attributes {
		s.Errorf("the cookie is %q, and its attributes should be %q", line, attributes)
	}
	const gone = "id=; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; Path=/shop; SameSite=Lax; Partitioned"
	if line := b.visit(app).Header().Get("Set-Cookie"); line != gone {
		s.Errorf("the cookie is deleted by %q, want %q", line, gone)
	}
	if line := new(browser).visit(s.app(do)).Header().Get("Set-Cookie"); !strings.HasSuffix(line, "; HttpOnly; Path=/") {
		s.Errorf("the cookie is %q by default", line)
	}
}

func (s *suite) foreignCookies() {
	good := s.login("ann").cookie
	cookies := []string{"x", ".", "..", "a.b.c", good[1:], good + "A", good + "." + good, strings.Repeat("A", 5000), strings.Repeat(".", 5000)}
	cookies = append(cookies, good[:strings.LastIndexByte(good, '.')], good[:strings.LastIndexByte(good, '.')+1])
	for i := 0; i < len(good)-1; i += 3 { // bits of the last character mean nothing
		other := byte('A')
		if good[i] == other {
			other = 'B'
		}
		cookies = append(cookies, good[:i]+string(other)+good[i+1:])
	}
	for _, cookie := range cookies {
		b := &browser{cookie: cookie}
		w := s.once(b, func(session *decant.Session) {
			if session.Len() > 0 {
				s.Errorf("the cookie %q opened a session", cookie)
			}
		})
		if outcome(w) != "Vary" {
			s.Errorf("the cookie %q is not left alone: %q", cookie, outcome(w))
		}
		s.once(b, func(session *decant.Session) { session.Set("user", "eve") })
		if b.cookie == cookie || s.userOf(b) != "eve" {
			s.Errorf("the cookie %q does not make way for a new session", cookie)
		}
	}
	if user := s.userOf(&browser{cookie: good}); user != "ann" {
		s.Errorf("the good cookie opens the session of %q by now", user)
	}
}

// keyRotation has each application sign with the newest key, and believe all
// that it knows (CVE-2025-47278 signed with the oldest).
func (s *suite) keyRotation() {
	visit := func(b *browser, write bool, key string, fallbacks ...string) (user string) {
		app := s.app(func(c *decant.Context) (any, error) {
			if user = c.Session.String("user"); write {
				c.Session.Set("user", "ann")
			}
			return "", nil
		})
		app.Config.SecretKey, app.Config.SecretKeyFallbacks = key, fallbacks
		b.visit(app)
		return user
	}
	b := new(browser)
	visit(b, true, "the oldest key")
	if user := visit(b.copy(), true, "another key"); user != "" {
		s.Errorf("a session of another key was opened: %q", user)
	}
	if user := visit(b, false, "the newest key", "the oldest key", "an older key"); user != "ann" {
		s.Errorf("a session of the oldest key is that of %q", user)
	}
	visit(b, true, "the newest key", "the oldest key", "an older key")
	if user := visit(b, false, "the newest key"); user != "ann" {
		s.Errorf("a session that was written again is that of %q with the newest key alone", user)
	}
}

func (s *suite) noKey() {
	old := s.login("ann")
	for status, do := range map[int]func(*decant.Session){
		http.StatusOK: func(session *decant.Session) {
			if session.Len() != 0 || session.Has("user") || session.Permanent() {
				s.Error("there is a session without a key")
			}
		},
		http.StatusInternalServerError: func(session *decant.Session) { session.Set("user", "ann") },
	} {
		app := s.app(func(c *decant.Context) (any, error) { do(c.Session); return "", nil })
		app.Config.SecretKey = ""
		if w := old.copy().visit(app); w.Code != status || outcome(w) != "" {
			s.Errorf("without a key: status %d, want %d, and the answer says %q", w.Code, status, outcome(w))
		}
	}
}

func (s *suite) hooks() {
	app := s.app(func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(*decant.Response) { c.Session.Set("deferred", 1) })
		return "", nil
	})
	app.BeforeRequest(func(c *decant.Context) (any, error) { c.Session.Set("before", 1); return nil, nil })
	app.AfterRequest(func(c *decant.Context, _ *decant.Response) error { c.Session.Set("after", 1); return nil })
	b := new(browser)
	b.visit(app)
	s.once(b, func(session *decant.Session) {
		for _, key := range []string{"before", "deferred", "after"} {
			if session.Int(key) != 1 {
				s.Errorf("what was set by %s is not there", key)
			}
		}
	})
}

func (s *suite) errorPages() {
	for name, c := range map[string]struct {
		status int
		fail   func(*decant.Context) (any, error)
	}{
		"an error with a status": {403, func(*decant.Context) (any, error) { return nil, decant.NewHTTPError(403) }},
		"an error without one":   {500, func(*decant.Context) (any, error) { return nil, errors.New("on purpose") }},
		"a panic":                {500, func(*decant.Context) (any, error) { panic("on purpose") }},
		"a header that cannot be sent": {500, func(c *decant.Context) (any, error) {
			r := c.MakeResponse("")
			r.Header().Set("X-Broken", "a\nb")
			return r, nil
		}},
	} {
		for _, b := range []*browser{new(browser), s.login("ann")} {
			w := b.visit(s.app(func(context *decant.Context) (any, error) {
				context.Session.Clear()
				context.Session.Set("user", "bob")
				return c.fail(context)
			}))
			if w.Code != c.status || outcome(w) != "Vary Set" {
				s.Errorf("%s: status %d, and the answer says %q", name, w.Code, outcome(w))
			}
			if user := s.userOf(b); user != "bob" {
				s.Errorf("%s: the session is that of %q", name, user)
			}
		}
	}
}

func (s *suite) unstorable() {
	b := s.login("ann")
	w := b.visit(s.app(func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user", "bob")
		list := []any{nil}
		c.Session.Set("list", list)
		list[0] = make(chan int)
		return "", nil
	}))
	if w.Code != http.StatusInternalServerError || w.Header()["Set-Cookie"] != nil {
		s.Errorf("status %d, cookies %q", w.Code, w.Header()["Set-Cookie"])
	}
	if user := s.userOf(b); user != "ann" {
		s.Errorf("the session is that of %q", user)
	}
}

func (s *suite) renewal() {
	b := s.login("ann")
	old := b.cookie
	s.once(b, func(session *decant.Session) { session.Set("basket", 7) })
	s.once(b, func(session *decant.Session) { session.Renew() })
	s.once(b, func(session *decant.Session) {
		if session.String("user") != "ann" || session.Int("basket") != 7 || session.Renewed() {
			s.Errorf("after Renew the session holds %v", maps.Collect(session.All()))
		}
		session.Clear()
		session.Set("user", "bob")
	})
	s.once(b, func(session *decant.Session) {
		if session.String("user") != "bob" || session.Len() != 1 {
			s.Errorf("after Clear the session holds %v", maps.Collect(session.All()))
		}
	})
	if b.cookie == old {
		s.Error("the cookie is still the same")
	}
}

// users has many users log in, look and log out at once, all at one
// application.
func (s *suite) users() {
	app := s.loginApp()
	var users sync.WaitGroup
	for i := range 32 {
		users.Go(func() {
			user := fmt.Sprintf("user %d", i)
			for range 8 {
				b := new(browser)
				for _, step := range []struct{ does, sees string }{
					{user, user}, {"", user}, {"", user}, {"logout", ""}, {"", ""}, {user, user},
				} {
					if got := b.step(app, step.does); got != step.sees {
						s.Errorf("%s, doing %q, was seen as %q", user, step.does, got)
					}
				}
			}
		})
	}
	users.Wait()
}

// loginApp does what the X-Do header says, and answers with the user.
func (s *suite) loginApp() *decant.App {
	return s.app(func(c *decant.Context) (any, error) {
		switch do := c.Request.Header.Get("X-Do"); do {
		case "":
		case "logout":
			c.Session.Clear()
		default:
			c.Session.Clear()
			c.Session.Set("user", do)
		}
		return c.Session.String("user"), nil
	})
}

func (b *browser) step(app http.Handler, do string) string {
	return b.visit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Do", do)
		app.ServeHTTP(w, r)
	})).Body.String()
}

func (s *suite) sideBySide() {
	b := s.login("ann")
	app := s.app(func(c *decant.Context) (any, error) {
		c.Session.Set("count", c.Session.Int("count")+1)
		return c.Session.String("user"), nil
	})
	var requests sync.WaitGroup
	for range 64 {
		requests.Go(func() {
			if user := b.visit(app).Body.String(); user != "ann" {
				s.Errorf("one of many requests was that of %q", user)
			}
		})
	}
	requests.Wait()
	s.once(b, func(session *decant.Session) {
		if count := session.Int("count"); count < 1 || count > 64 || session.String("user") != "ann" {
			s.Errorf("the session ends as %v", maps.Collect(session.All()))
		}
	})
}

func (s *suite) opaque() {
	b := new(browser)
	w := s.once(b, func(session *decant.Session) { session.Set("secret", strings.Repeat("shh", 50_000)) })
	if line := w.Header().Get("Set-Cookie"); len(line) > 400 {
		s.Errorf("the cookie of a large session has %d bytes", len(line))
	}
	for _, part := range strings.Split(b.cookie, ".") {
		if text, _ := base64.RawURLEncoding.DecodeString(part); strings.Contains(string(text), "shh") {
			s.Errorf("the cookie tells a secret: %q", text)
		}
	}
	s.once(b, func(session *decant.Session) {
		if len(session.String("secret")) != 150_000 {
			s.Error("a large session was lost")
		}
	})
}

func (s *suite) replay() {
	for name, end := range map[string]func(*decant.Session){
		"the last was popped": func(session *decant.Session) { session.Pop("user") },
		"it was cleared":      func(session *decant.Session) { session.Clear() },
		"the user changed":    func(session *decant.Session) { session.Clear(); session.Set("user", "bob") },
		"it was renewed":      func(session *decant.Session) { session.Renew() },
	} {
		b := s.login("ann")
		thief := b.copy()
		s.once(b, end)
		if user := s.userOf(thief); user != "" {
			s.Errorf("after %s the old cookie is that of %q", name, user)
		}
	}
}

// fixation plants the cookie of an attacker's session in another browser
// (CVE-2024-38513).
func (s *suite) fixation() {
	planted := s.login("eve")
	for name, login := range map[string]func(*decant.Session){
		"Clear": func(session *decant.Session) { session.Clear(); session.Set("user", "ann") },
		"Renew": func(session *decant.Session) { session.Renew(); session.Set("user", "ann") },
	} {
		attacker := s.login("nobody")
		victim := attacker.copy()
		s.once(victim, login)
		if s.userOf(victim) != "ann" || s.userOf(attacker) == "ann" {
			s.Errorf("%s at login lets an attacker choose the id", name)
		}
	}
	ended := planted.copy()
	s.once(planted, func(session *decant.Session) { session.Clear() })
	id := ended.cookie
	s.once(ended, func(session *decant.Session) { session.Set("user", "ann") })
	if ended.cookie == id || s.userOf(&browser{cookie: id}) != "" {
		s.Error("an id that is in no store was taken from the client")
	}
}

// slowRequests begin before a user logs out and end after it.
func (s *suite) slowRequests() {
	for name, do := range map[string]func(*decant.Session){
		"reads":            func(session *decant.Session) { session.Get("user") },
		"writes":           func(session *decant.Session) { session.Set("x", 1) },
		"writes twice":     func(session *decant.Session) { session.SetPermanent(true); session.Set("x", 1) },
		"logs out as well": func(session *decant.Session) { session.Clear() },
	} {
		for end, endSession := range map[string]func(*decant.Session){
			"logged out": func(session *decant.Session) { session.Clear() },
			"renewed":    func(session *decant.Session) { session.Renew() },
		} {
			b := s.login("ann")
			slow := b.copy()
			opened, goOn, done := make(chan bool), make(chan bool), make(chan bool)
			go func() {
				defer close(done)
				s.once(slow, func(session *decant.Session) {
					session.Len()
					close(opened)
					<-goOn
					do(session)
				})
			}()
			thief := b.copy()
			<-opened
			s.once(b, endSession)
			close(goOn)
			<-done
			for whose, other := range map[string]*browser{"slow": slow, "old": thief} {
				if user := s.userOf(other); user != "" {
					s.Errorf("a request that %s brought a session back that was %s: the %s cookie is that of %q", name, end, whose, user)
				}
			}
		}
	}
}
