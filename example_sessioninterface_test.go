package decant_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http/httptest"
	"strings"

	"github.com/decant-go/decant"
)

// sealed keeps sessions in a cookie that only the server can read.
type sealed struct{ seal cipher.AEAD }

func newSealed(key []byte) sealed {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealed{seal}
}

func (s sealed) Open(c *decant.Context) (map[string]any, error) {
	cookie := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	box, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return nil, nil
	}
	payload, err := s.seal.Open(nil, nil, box, nil)
	if err != nil {
		return nil, nil // not ours: a new session
	}
	return decant.UnmarshalSession(payload)
}

func (s sealed) Save(c *decant.Context, session *decant.Session, r *decant.Response) error {
	r.AddVary("Cookie")
	if !session.ShouldSetCookie() {
		return nil
	}
	if session.Len() == 0 {
		r.DeleteSessionCookie(session)
		return nil
	}
	payload, err := decant.MarshalSession(maps.Collect(session.All()))
	if err != nil {
		return err
	}
	box := s.seal.Seal(nil, nil, payload, nil)
	r.SetSessionCookie(session, base64.RawURLEncoding.EncodeToString(box))
	return nil
}

func ExampleSessionInterface() {
	app := decant.New("app")
	app.SessionInterface = newSealed([]byte(rand.Text()[:16]))
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user", "ann")
		return "", nil
	}, decant.Endpoint("login"))
	app.Get("/", func(c *decant.Context) (any, error) {
		return "Hello, " + c.Session.String("user"), nil
	}, decant.Endpoint("index"))

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/login", nil))
	cookie, attributes, _ := strings.Cut(w.Header().Get("Set-Cookie"), "; ")
	fmt.Println(attributes)

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", cookie)
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output:
	// HttpOnly; Path=/
	// Hello, ann
}
