package bench

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
)

// account is what the session holds, for a reader that knows it beforehand.
type account struct {
	id              int
	username, theme string
}

// floor reads Flask's cookie with nothing but the standard library: no other
// key, no tag, no escape, no compression, no other order of keys.
type floor struct{ key []byte }

func newFloor() floor {
	mac := hmac.New(sha1.New, []byte(secretKey))
	mac.Write([]byte("cookie-session"))
	return floor{mac.Sum(nil)}
}

func (f floor) read(token string, now time.Time) (u account, ok bool) {
	at := strings.LastIndexByte(token, '.')
	signed, signature := token[:at], token[at+1:]
	sent, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return u, false
	}
	mac := hmac.New(sha1.New, f.key)
	mac.Write([]byte(signed))
	if !hmac.Equal(mac.Sum(nil), sent) {
		return u, false
	}
	at = strings.LastIndexByte(signed, '.')
	encoded, stamp := signed[:at], signed[at+1:]
	if !isFresh(stamp, now) {
		return u, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return u, false
	}
	return decodeUser(string(payload))
}

func isFresh(stamp string, now time.Time) bool {
	date, err := base64.RawURLEncoding.DecodeString(stamp)
	if err != nil {
		return false
	}
	var seconds int64
	for _, b := range date {
		seconds = seconds<<8 | int64(b)
	}
	age := now.Unix() - seconds
	return age >= 0 && age <= 31*24*60*60
}

// decodeUser reads {"theme":"dark","user_id":4711,"username":"ann"}.
func decodeUser(payload string) (u account, ok bool) {
	rest, ok := strings.CutPrefix(payload, `{"theme":"`)
	if !ok {
		return u, false
	}
	u.theme, rest, _ = strings.Cut(rest, `","user_id":`)
	for rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		u.id, rest = u.id*10+int(rest[0]-'0'), rest[1:]
	}
	rest, ok = strings.CutPrefix(rest, `,"username":"`)
	u.username, _ = strings.CutSuffix(rest, `"}`)
	return u, ok
}

// opened gives the token of a user and a context whose session can be opened
// any number of times.
func opened(t testing.TB) (token string, c *decant.Context) {
	t.Helper()
	app := decantSessions()
	app.BeforeRequest(func(context *decant.Context) (any, error) { c = context; return nil, nil })
	cookie := loggedIn(t, app)
	newClient(app).send(get("/hello", cookie))
	return strings.TrimPrefix(cookie, "session="), c
}

func checkFloor(t testing.TB, f floor, token string) {
	t.Helper()
	if got, ok := f.read(token, time.Now()); !ok || got != (account{userID, username, theme}) {
		t.Fatalf("the floor reads %+v, %v", got, ok)
	}
}

func TestFloor(t *testing.T) {
	token, _ := opened(t)
	checkFloor(t, newFloor(), token)
	if _, ok := newFloor().read("x"+token, time.Now()); ok {
		t.Error("the floor accepts a forged token")
	}
}

// BenchmarkSessionOpen takes the request away from both sides: what is left is
// the cookie, from text to values.
func BenchmarkSessionOpen(b *testing.B) {
	token, c := opened(b)
	b.Run("floor", func(b *testing.B) {
		f := newFloor()
		checkFloor(b, f, token)
		b.ReportAllocs()
		for b.Loop() {
			f.read(token, time.Now())
		}
	})
	b.Run("decant", func(b *testing.B) {
		values, err := c.App.SessionInterface.Open(c)
		if err != nil || values["user_id"] != userID || values["username"] != username || values["theme"] != theme {
			b.Fatal(values, err)
		}
		b.ReportAllocs()
		for b.Loop() {
			values, _ := c.App.SessionInterface.Open(c)
			_, _, _ = values["user_id"], values["username"], values["theme"]
		}
	})
}
