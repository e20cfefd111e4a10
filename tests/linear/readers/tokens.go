package readers

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/password"
	"github.com/decant-go/decant/serversession"
	"github.com/decant-go/decant/serversession/flasksession"
)

// tokens reads what is signed, or says that it is.
func tokens() []Reader {
	signer := decant.NewSigner(secretKey, "salt", decant.OldKeys("old", "older"))
	timed := decant.NewTimestampSigner(secretKey, "salt")
	serializer := decant.NewSerializer(secretKey, "salt")
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) { return c.Session.String("a"), nil }, decant.Endpoint("index"))
	session := func(text string) *http.Request { return get("Cookie", "session="+text) }
	checked := newApp()
	csrf.Protect(checked)
	onServer := newApp()
	onServer.SessionInterface = serversession.New(serversession.NewMemory())
	onServer.Get("/", func(c *decant.Context) (any, error) { return c.Session.String("a"), nil }, decant.Endpoint("index"))
	units := []string{".", "QUJD.", "eJw", "====", "ZVPxAA.", "A#."}
	return []Reader{
		{Name: "a signed string", Marks: ".=_-+/ \xff", Units: units, Heads: []string{"."}, Read: func(text string) {
			use(signer.Unsign(text))
			use(signer.Validate(text))
			use(timed.Unsign(text))
			use(timed.Validate(text, time.Hour))
		}},
		{Name: "the signature", Marks: ".=_-", Units: units, Heads: []string{"value.", "value.ZVPxAA."}, Read: func(text string) {
			use(signer.Unsign(text))
			use(timed.Unsign(text))
		}},
		{Name: "a signed string that is valid", Marks: ".=_- \xff", Units: units, Read: func(text string) {
			use(signer.Sign(text))
			signed, err := timed.Sign(text)
			use(err)
			use(timed.Unsign(signed))
		}},
		{Name: "a token", Marks: ".=_-", Units: units, Heads: []string{"."}, Tails: []string{".ZVPxAA.c2ln"}, Read: func(text string) {
			var value any
			use(serializer.Loads(text, &value))
			use(serializer.LoadsUnsafe(text, &value))
		}},
		{Name: "a token that is valid", Marks: `[]{}":,\`, Units: []string{`"a#":1,`, `{"":0},`, "[["}, Heads: []string{"[", "{"}, Tails: []string{"1]", "1}"}, Read: func(text string) {
			token, err := serializer.Dumps(text)
			use(err)
			var value any
			use(serializer.Loads(token, &value))
			use(serializer.LoadsTimestamp(token, &value))
		}},
		{Name: "base64", Marks: "=_-+/ \n\xff", Units: []string{"QUJD", "QQ=="}, Read: func(text string) {
			use(signing.AppendDecode(nil, []byte(text)))
		}},
		{Name: "a secret key", Marks: "a1", Read: func(text string) { use(signing.Weakness(text)) }},
		{Name: "the session cookie", Marks: ".=_-\"\\", Units: units, Heads: []string{"."}, Tails: []string{".ZVPxAA.c2ln"}, Read: serving(app, session)},
		{Name: "many session cookies", Units: []string{"; session=a", "; session=a.b.c", "; a#=b"}, Read: serving(app, session)},
		{Name: "the session on the server", Marks: ".=_-\"", Units: []string{"; session=a#"}, Read: serving(onServer, session)},
		{Name: "what a session holds", Marks: `[]{}":,\ue-1. `, Units: []string{`"a#":1,`, `{" t":[`, `{" di":{" t__":`, `{" b":"QUJD"},`, `{" u":"a"},`, `{" m":"<b>"},`, `{" d":"Mon, 01 Jan 2024 00:00:00 GMT"},`, `"a",`, `\u00e9`, "[[", "1,"},
			Heads: []string{`{"a":[`, "{", `{"a":"`, `{"a":{" b":"`, `{"a":{" u":"`, `{"a":{" d":"`, `{"a":`}, Tails: []string{"1]}", `"a":1}`, `"}`, `"}}`, "}}"}, Read: tagged()},
		{Name: "the cookie that remembers", Marks: "|.\xff", Units: []string{"42|", "é"}, Tails: []string{"|" + strings.Repeat("0", 128)}, Read: func(text string) {
			use(login.ParseRememberToken(secretKey, text))
		}},
		{Name: "the cookie that remembers, signed", Marks: "|.\xff", Units: []string{"42|", "é"}, Read: func(text string) {
			token, err := login.RememberToken(secretKey, text)
			use(err)
			use(login.ParseRememberToken(secretKey, token))
		}},
		{Name: "a CSRF token", Marks: ".=_-\xff", Units: units, Heads: []string{"."}, Tails: []string{".ZVPxAA.c2ln"}, Read: func(text string) {
			within(checked, httptest.NewRequest(http.MethodPost, "/", nil), func(c *decant.Context) {
				c.Session.Set("csrf_token", "0123456789")
				use(csrf.Validate(c, text))
			})
		}},
		{Name: "the CSRF header and the referrer", Marks: ".=_-/:,\xff", Units: []string{"http://"}, Read: serving(checked, func(text string) *http.Request {
			r := httptest.NewRequest(http.MethodPost, "https://example.com/", nil)
			r.Header["X-Csrftoken"], r.Header["Referer"] = []string{text}, []string{text}
			return r
		})},
		{Name: "the CSRF field", Marks: "&=.", Units: []string{"a#=b&", "csrf_token=a&", "&"}, Read: serving(checked, func(text string) *http.Request {
			return posted("application/x-www-form-urlencoded", text)
		})},
	}
}

// tagged reads the session of a cookie that is valid.
func tagged() func(text string) {
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		for name, value := range c.Session.All() {
			use(name, value)
		}
		return "", nil
	}, decant.Endpoint("index"))
	signer := decant.NewTimestampSigner(secretKey, "cookie-session", decant.KeyDerivation("hmac"))
	return func(text string) {
		if values, err := decant.UnmarshalSession([]byte(text)); err == nil {
			use(decant.MarshalSession(values))
		}
		token, err := signer.Sign(base64.RawURLEncoding.EncodeToString([]byte(text)))
		use(err)
		app.ServeHTTP(httptest.NewRecorder(), get("Cookie", "session="+token))
	}
}

// records reads what other programs keep: sessions of Flask-Session and passwords.
func records() []Reader {
	decode := func(format flasksession.Format) func(text string) {
		return func(text string) {
			value, err := flasksession.Decode([]byte(text), format)
			if err == nil {
				use(flasksession.Encode(value, format))
			}
		}
	}
	limits := password.Limits{Memory: 1 << 20, MemoryWork: 1 << 20, Rounds: 1, BcryptCost: 4}
	return []Reader{
		{Name: "MessagePack", Marks: "\x91\x81\xa1\xc0\x01\xd9\xff", Units: []string{"\x81\xa1a", "\xa1a\x01", "\xdd\x00\x00\x00\x01", "\xc7\x0c\xff", "\xc4\x01a", "\xcb\x40\x00\x00\x00\x00\x00\x00\x00"},
			Heads: []string{"\xdd\x00\x00\x10\x00", "\xdf\x00\x00\x10\x00", "\xdb\x00\x00\x10\x00", "\xc6\x00\x00\x10\x00"}, Read: decode(flasksession.Msgpack)},
		{Name: "a pickle", Marks: "(]}).0acesut\x94\x85", Units: []string{"\x8c\x01a\x94", "K\x01", "]\x94", "h\x00", "X\x01\x00\x00\x00a", "K\x01\x85", "(K\x01K\x01u", "\x8a\x01\x01", "C\x01a", "(K\x01e", "q\x00", "j\x00\x00\x00\x00", "2", "\x8f", "\x90"},
			Heads: []string{"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00", "\x80\x02]", "\x80\x02}q\x00(", "\x80\x04](", "\x80\x04\x8f("}, Tails: []string{".", "e.", "u.", "\x90."}, Read: decode(flasksession.Pickle)},
		{Name: "long numbers of a pickle", Marks: "\x01\xff", Heads: []string{"\x80\x02\x8b\x00\x10\x00\x00", "\x80\x02\x8b\x00\x01\x00\x00"}, Tails: []string{"."}, Read: decode(flasksession.Pickle)},
		{Name: "JSON of Flask-Session", Marks: `[]{}":,\e-1.`, Units: []string{`"a#":1,`, `{" t":[`, "[[", "1,", "1e400,", `\ud800`}, Heads: []string{`{"a":[`, "{", `{"a":"`}, Tails: []string{"1]}", `"a":1}`, `"}`}, Read: decode(flasksession.JSON)},
		{Name: "the id of a session of Flask-Session", Marks: ".-_", Read: func(text string) { use(flasksession.UnsignID(secretKey, text)) }},
		{Name: "a password hash", Marks: "$:=,.+_ ", Units: []string{"$2b$04$", "a#=1,", "1:", "00"}, Heads: []string{"scrypt:16:8:1$", "pbkdf2:sha256:1$", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$04$", "pbkdf2_sha256$1$", "$pbkdf2-sha256$1$", "sha1$", "$5$rounds=1000$", "pbkdf2:sha256:"}, Tails: []string{"$00"}, Read: func(text string) {
			use(password.Check(text, "password", limits, password.Legacy()))
			use(password.NeedsUpgrade(text, limits, password.Legacy()))
		}},
		{Name: "a password", Marks: "\x00\xff", Read: func(text string) {
			for _, hash := range []string{"pbkdf2:sha256:1$salt$00", "sha1$abc$8e9c16a922d10c647979bffb9fe655c6bdca030c"} {
				use(password.Check(hash, text, limits, password.Legacy()))
			}
		}},
	}
}
