package decant

import (
	"crypto/sha1"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// sessionExceptions are the cases in which Go differs, with the reason. What
// the cookies mean when they are read is checked for them all the same.
var sessionExceptions = map[string]string{
	"s001": "an empty session has no cookie; the serializer could write one, and an application never does",
	"s024": "Go has no date without a time; set its text",
	"s025": "Go has no decimal type of its own; set its text",
	"s195": "a permanent session is refreshed by the requests that look at it, so that those which do not cost nothing",
}

var sessionValues = vectors.Decoder{Markup: func(html string) any { return Markup(html) }}

func (c sessionCase) app(t *testing.T, at int64, view View) (*App, *journal) {
	t.Helper()
	app, log := appWith(view)
	app.Config.SecretKey = string(vectors.Bytes(t, c.Secret))
	for _, key := range c.Fallbacks {
		app.Config.SecretKeyFallbacks = append(app.Config.SecretKeyFallbacks, string(vectors.Bytes(t, key)))
	}
	for key, value := range c.Config {
		setConfig(t, app.Config, key, value)
	}
	if c.Op != "set_cookie" {
		app.Config.PermanentSessionLifetime = time.Duration(c.MaxAge) * time.Second
	}
	sessions := &cookieSessions{now: func() time.Time { return time.Unix(at, 0) }}
	app.SessionInterface = sessions
	app.freeze()
	c.resign(t, app.Config, sessions)
	return app, log
}

// resign gives sessions the signer of the case, which an application sets once
// and for all.
func (c sessionCase) resign(t *testing.T, config *Config, sessions *cookieSessions) {
	t.Helper()
	if c.Salt == "" {
		return
	}
	settings := signing{key: config.SecretKey, oldKeys: config.SecretKeyFallbacks, salt: c.Salt, separator: ".", derivation: "hmac", digest: sha1.New}
	if c.KeyDerivation != "" {
		settings.derivation = c.KeyDerivation
	}
	digest, known := vectorDigests[c.Digest]
	if !known {
		t.Fatalf("unknown digest %q", c.Digest)
	}
	settings.digest = digest
	ring, err := newKeyring(settings)
	if err != nil {
		t.Fatal(err)
	}
	sessions.format.signers = []*keyring{ring}
}

func setConfig(t *testing.T, config *Config, key string, value any) {
	t.Helper()
	text, _ := value.(string)
	truth, _ := value.(bool)
	switch key {
	case "PERMANENT_SESSION_LIFETIME":
		config.PermanentSessionLifetime = time.Duration(value.(float64)) * time.Second
	case "SESSION_COOKIE_SECURE":
		config.SessionCookieSecure = truth
	case "SESSION_COOKIE_HTTPONLY":
		config.SessionCookieHTTPOnly = truth
	case "SESSION_COOKIE_SAMESITE":
		config.SessionCookieSameSite = text
	case "SESSION_COOKIE_DOMAIN":
		config.SessionCookieDomain = text
	case "SESSION_COOKIE_PATH":
		config.SessionCookiePath = text
	case "SESSION_COOKIE_NAME":
		config.SessionCookieName = text
	case "SESSION_COOKIE_PARTITIONED":
		config.SessionCookiePartitioned = truth
	case "SESSION_REFRESH_EACH_REQUEST":
		config.SessionRefreshEachRequest = truth
	case "APPLICATION_ROOT":
		config.ApplicationRoot = text
	case "SERVER_NAME":
		config.ServerName = text
	case "PREFERRED_URL_SCHEME":
		config.PreferredURLScheme = text
	default:
		t.Fatalf("unknown configuration key %q", key)
	}
}

func TestSessionVectors(t *testing.T) {
	for _, c := range vectors.Select[sessionCase](t, vectors.Load(t, "sessions.json")) {
		t.Run(c.ID, func(t *testing.T) {
			t.Log(c.Why)
			switch c.Op {
			case "roundtrip":
				checkSessionWritten(t, c)
				checkSessionRead(t, c)
			case "load":
				checkSessionRead(t, c)
			case "set_cookie":
				checkSessionCookie(t, c)
			default:
				t.Fatalf("unknown op %q", c.Op)
			}
		})
	}
}

// checkSessionRead lets an application read the cookie of the case.
func checkSessionRead(t *testing.T, c sessionCase) {
	var values map[string]any
	app, log := c.app(t, c.Now, func(c *Context) (any, error) {
		values = maps.Collect(c.Session.All())
		return "read", nil
	})
	w := get(app, "/", "Cookie", cookiePair(t, "session", c.Cookie))
	if reason, raises := strings.CutPrefix(c.Want.Flask, "raises "); raises {
		mustFail(t, w)
		log.mustContain(t, "Exception on /", "the session cannot be opened")
		if reason == "BadPayload" {
			log.mustContain(t, "payload")
		}
		return
	}
	mustAnswer(t, w, 200, "read")
	log.mustBeEmpty(t)
	if diff := vectors.Diff(c.wantValues(t), any(values)); diff != "" {
		t.Errorf("the session (-want +got):\n%s", diff)
	}
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
	line, err := wirecookie.Append(nil, newCookie(name, value), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(string(line), ";")
	return pair
}

// checkSessionWritten lets an application write the value of the case, and
// read what it wrote.
func checkSessionWritten(t *testing.T, c sessionCase) {
	if sessionExceptions[c.ID] != "" {
		return
	}
	value := sessionValues.Value(t, c.Value).(map[string]any)
	app, log := c.app(t, c.Timestamp, func(c *Context) (any, error) {
		for key, value := range value {
			c.Session.Set(key, value)
		}
		return "", nil
	})
	w := get(app, "/")
	log.mustBeEmpty(t)
	cookie, _ := strings.CutPrefix(pairOf(w), "session=")
	if c.ByteExact && cookie != c.Cookie {
		t.Errorf("the cookie is\n%s, want\n%s", cookie, c.Cookie)
	}
	payload, _, err := app.SessionInterface.(*cookieSessions).format.verify(nil, cookie, time.Unix(c.Now, 0), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if c.JSON == "" { // too long for the file
		c.JSON = string(payload)
	}
	if diff := cmp.Diff(c.JSON, string(payload)); diff != "" {
		t.Errorf("the JSON (-want +got):\n%s", diff)
	}
	c.Cookie = cookie
	checkSessionRead(t, c)
}

func checkSessionCookie(t *testing.T, c sessionCase) {
	value := sessionValues.Value(t, c.Value).(map[string]any)
	app, log := c.app(t, c.Timestamp, func(context *Context) (any, error) {
		if c.Accessed {
			context.Session.Len()
		}
		if c.Modified {
			context.Session.Clear()
			maps.Copy(context.Session.change(), value)
		}
		return "", nil
	})
	var headers []string
	if !c.Modified {
		headers = []string{"Cookie", c.signed(t, value)}
	}
	w := get(app, "/", headers...)
	log.mustBeEmpty(t)
	if _, different := sessionExceptions[c.ID]; different {
		c.Want.SetCookie, c.Want.Vary = nil, nil
	}
	got := [][]string{w.Result().Header["Set-Cookie"], w.Result().Header["Vary"]}
	if diff := cmp.Diff([][]string{orNil(c.Want.SetCookie), orNil(c.Want.Vary)}, got); diff != "" {
		t.Errorf("Set-Cookie and Vary (-want +got):\n%s", diff)
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
	app, _ := c.app(t, c.Timestamp, func(c *Context) (any, error) {
		maps.Copy(c.Session.change(), value)
		return "", nil
	})
	return pairOf(get(app, "/"))
}
