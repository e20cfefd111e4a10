package tests

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
	"github.com/decant-go/decant/internal/wirecookie"
)

type sessionCase struct {
	ID, Op, Why        string
	Secret             json.RawMessage
	Fallbacks          []json.RawMessage
	Salt               string
	KeyDerivation      string `json:"key_derivation"`
	Digest             string
	Timestamp, Now     int64
	MaxAge             int64 `json:"max_age"`
	Value              json.RawMessage
	Cookie, JSON       string
	PayloadB64         string `json:"payload_b64"`
	Compressed         bool
	ByteExact          bool `json:"byte_exact"`
	Config             map[string]any
	Modified, Accessed bool
	Want               sessionWant
}

type sessionWant struct {
	Decodable      bool
	Value          json.RawMessage
	Flask          string
	FlaskSession   json.RawMessage `json:"flask_session"`
	Error, Message string
	SetCookie      []string `json:"set_cookie"`
	Vary           []string
}

var sessionValues = ownTypes

func (c sessionCase) app(t *testing.T, view decant.View) (*decant.App, *journal) {
	t.Helper()
	app, log := appWith(view)
	app.Config.SecretKey = string(vectors.Bytes(t, c.Secret))
	for _, key := range c.Fallbacks {
		app.Config.SecretKeyFallbacks = append(app.Config.SecretKeyFallbacks, string(vectors.Bytes(t, key)))
	}
	for key, value := range c.Config {
		app.Config.Set(key, value)
	}
	if c.Op != "set_cookie" {
		app.Config.PermanentSessionLifetime = time.Duration(c.MaxAge) * time.Second
	}
	return app, log
}

// signedAsFlaskDoes reports whether an application can read the case. Flask has
// no setting for another salt, derivation or digest; internal/signing checks the
// cases that have one.
func (c sessionCase) signedAsFlaskDoes() bool {
	return (c.Op == "set_cookie" || c.Salt == "cookie-session") && c.KeyDerivation == "" && c.Digest == ""
}

// hasNoGoType reports whether the value holds a date without a time or a
// decimal number. Go has no type for them, so an application stores the text.
func hasNoGoType(value any) bool {
	switch value := value.(type) {
	case vectors.Date, vectors.Decimal:
		return true
	case []any:
		return slices.ContainsFunc(value, hasNoGoType)
	case decant.Tuple:
		return slices.ContainsFunc(value, hasNoGoType)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), hasNoGoType)
	}
	return false
}

func TestSessionVectors(t *testing.T) {
	for _, c := range vectors.Select[sessionCase](t, vectors.Load(t, "sessions.json")) {
		t.Run(c.ID, func(t *testing.T) {
			t.Log(c.Why)
			if !c.signedAsFlaskDoes() {
				return
			}
			switch c.Op {
			case "roundtrip":
				at(t, c.Timestamp, func(t *testing.T) { checkSessionWritten(t, c) })
				at(t, c.Now, func(t *testing.T) { checkSessionRead(t, c) })
			case "load":
				at(t, c.Now, func(t *testing.T) { checkSessionRead(t, c) })
			case "set_cookie":
				at(t, c.Timestamp, func(t *testing.T) { checkSessionCookie(t, c) })
			default:
				t.Fatalf("unknown op %q", c.Op)
			}
		})
	}
}

// checkSessionRead lets an application read the cookie of the case.
func checkSessionRead(t *testing.T, c sessionCase) {
	var values map[string]any
	app, log := c.app(t, func(c *decant.Context) (any, error) {
		values = maps.Collect(c.Session.All())
		return "read", nil
	})
	w := get(app, "/", "Cookie", cookiePair(t, "session", c.Cookie))
	reason, raises := strings.CutPrefix(c.Want.Flask, "raises ")
	if raises || c.isNoObject(t) {
		mustFail(t, w)
		log.mustContain(t, "Exception on /", "the session cannot be opened")
		if reason == "BadPayload" {
			log.mustContain(t, "payload")
		}
		return
	}
	mustAnswer(t, w, 200, "read")
	log.mustHoldOnly(t, "a secret key is weak")
	if diff := vectors.Diff(c.wantValues(t), any(values)); diff != "" {
		t.Errorf("the session (-want +got):\n%s", diff)
	}
}

// isNoObject reports a difference: of a list, Python makes a session of which the
// keys may be no strings, or come from dictionaries. Decant refuses such a list.
func (c sessionCase) isNoObject(t *testing.T) bool {
	if c.Want.FlaskSession == nil {
		return false
	}
	if _, isObject := sessionValues.Value(t, c.Want.FlaskSession).(map[string]any); !isObject {
		return true
	}
	var items []any
	switch value := sessionValues.Value(t, c.Want.Value).(type) {
	case []any:
		items = value
	case decant.Tuple:
		items = value
	}
	return slices.ContainsFunc(items, func(item any) bool {
		_, isDictionary := item.(map[string]any)
		return isDictionary
	})
}

func (c sessionCase) wantValues(t *testing.T) any {
	switch c.Want.Flask {
	case "empty":
		return map[string]any{}
	case "loaded":
	default:
		t.Fatalf("unknown outcome %q", c.Want.Flask)
	}
	if c.Want.FlaskSession != nil {
		return sessionValues.Value(t, c.Want.FlaskSession)
	}
	return sessionValues.Value(t, c.Want.Value)
}

// cookiePair is how a browser sends back a value that Werkzeug set.
func cookiePair(t testing.TB, name, value string) string {
	t.Helper()
	line, err := wirecookie.Append(nil, wirecookie.Cookie{Name: name, Value: value}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(string(line), ";")
	return pair
}

// anyKeys are signed cookies whose values may be a dict with keys of any type.
type anyKeys struct{ decant.SessionInterface }

func (anyKeys) Stores(value any) bool {
	_, ok := value.(map[any]any)
	return ok
}

// checkSessionWritten lets an application write the value of the case, and
// read it back a little later. An empty session is not written: it has no
// cookie.
func checkSessionWritten(t *testing.T, c sessionCase) {
	value, hasTextKeys := sessionValues.Value(t, c.Value).(map[string]any)
	if !hasTextKeys || hasNoGoType(value) || len(value) == 0 {
		return // tagjson writes keys of other types; a Session has none
	}
	app, log := c.app(t, func(c *decant.Context) (any, error) {
		for key, value := range value {
			c.Session.Set(key, value)
		}
		return "", nil
	})
	app.SessionInterface = anyKeys{decant.NewCookieSessions()}
	w := get(app, "/")
	log.mustHoldOnly(t, "a secret key is weak")
	cookie, _ := strings.CutPrefix(pairOf(w), "session=")
	if c.ByteExact && cookie != c.Cookie {
		t.Errorf("the cookie is\n%s, want\n%s", cookie, c.Cookie)
	}
	json, err := decant.MarshalSession(value)
	if err != nil {
		t.Fatal(err)
	}
	if c.JSON != "" { // it may be too long for the file
		if diff := gocmp.Diff(c.JSON, string(json)); diff != "" {
			t.Errorf("the JSON (-want +got):\n%s", diff)
		}
	}
	time.Sleep(time.Until(time.Unix(c.Now, 0)))
	c.Cookie = cookie
	checkSessionRead(t, c)
}

// isDropped reports whether browsers drop a cookie of these settings. Flask sends it,
// and an application of Decant does not start.
func isDropped(config *decant.Config) bool {
	isSecure := config.SessionCookieSecure || config.SessionCookiePartitioned
	name := strings.ToLower(config.SessionCookieName)
	switch {
	case strings.HasPrefix(name, "__host-"):
		path := cmp.Or(config.SessionCookiePath, config.ApplicationRoot)
		return !isSecure || config.SessionCookieDomain != "" || path != "/"
	case strings.HasPrefix(name, "__secure-"), strings.EqualFold(config.SessionCookieSameSite, "none"):
		return !isSecure
	}
	return name == "" || strings.ContainsAny(name, "= ")
}

func checkSessionCookie(t *testing.T, c sessionCase) {
	value := sessionValues.Value(t, c.Value).(map[string]any)
	app, log := c.app(t, func(context *decant.Context) (any, error) {
		if c.Accessed {
			context.Session.Len()
		}
		if c.Modified {
			context.Session.Clear()
			setAll(context, value)
		}
		return "", nil
	})
	if isDropped(app.Config) {
		mustPanic(t, func() { get(app, "/") }, "the settings of the session cookie", "browsers")
		return
	}
	var headers []string
	if !c.Modified {
		headers = []string{"Cookie", c.signed(t, value)}
	}
	w := get(app, "/", headers...)
	log.mustHoldOnly(t, "a secret key is weak")
	// An untouched session is not even opened here. Flask opens each one, so it
	// refreshes a permanent session that the view does not look at.
	if !c.Modified && !c.Accessed {
		c.Want.SetCookie, c.Want.Vary = nil, nil
	}
	if c.Config["SESSION_COOKIE_DOMAIN"] == "" { // Werkzeug writes it, and it says nothing
		for i, line := range c.Want.SetCookie {
			c.Want.SetCookie[i] = strings.Replace(line, " Domain=;", "", 1)
		}
	}
	got := [][]string{w.Result().Header["Set-Cookie"], w.Result().Header["Vary"]}
	if diff := gocmp.Diff([][]string{orNil(c.Want.SetCookie), orNil(c.Want.Vary)}, got); diff != "" {
		t.Errorf("Set-Cookie and Vary (-want +got):\n%s", diff)
	}
}

func setAll(c *decant.Context, values map[string]any) {
	for key, value := range values {
		c.Session.Set(key, value)
	}
}

func orNil(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return values
}

// signed is the Cookie header of a client that has the value already.
func (c sessionCase) signed(t *testing.T, value map[string]any) string {
	t.Helper()
	if len(value) == 0 {
		return ""
	}
	app, _ := c.app(t, func(c *decant.Context) (any, error) {
		setAll(c, value)
		return "", nil
	})
	return pairOf(get(app, "/"))
}
