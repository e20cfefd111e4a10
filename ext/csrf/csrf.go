// Package csrf issues and checks the CSRF tokens of Flask-WTF, so that forms
// cross the border between an application's Flask half and its Go half: a page
// that Go renders may post to a view that is still Flask's, and the other way
// round.
//
//	app := decant.New("shop")
//	csrf.Protect(app, csrf.Exempt("webhook"))
//
// Templates then call csrf_token() and csrf_meta_tag(), and a view may call
// [Token] or [Field].
//
// # How it works
//
// The session holds 40 random hex digits under the key "csrf_token". A token is
// that text, signed together with the date by the salt "wtf-csrf-token". A
// request is good if its token was signed by the same key, is not too old, and
// holds the text that is in the session.
//
// # Settings
//
// The settings are Flask-WTF's configuration keys. Set them with
// [decant.Config.Set] before the first request.
//
//	WTF_CSRF_ENABLED        check at all: true
//	WTF_CSRF_CHECK_DEFAULT  check each request by itself: true; set it to false
//	                        to call Check in chosen views
//	WTF_CSRF_METHODS        methods that are checked: POST, PUT, PATCH, DELETE
//	WTF_CSRF_FIELD_NAME     form field and session key: "csrf_token"
//	WTF_CSRF_HEADERS        headers that may hold the token: X-CSRFToken,
//	                        X-CSRF-Token
//	WTF_CSRF_META_NAME      name of the element of MetaTag: "csrf-token"
//	WTF_CSRF_TIME_LIMIT     age of the oldest token that is accepted, as a
//	                        number of seconds or a time.Duration: 3600; nil
//	                        accepts any age
//	WTF_CSRF_SSL_STRICT     compare the Referer over HTTPS: true
//	WTF_CSRF_SECRET_KEY     the key, where it is not Config.SecretKey
//
// Decant refuses posts of other sites without any token, by the headers that
// browsers send. An application whose forms all stay in Go needs none of this
// package; one that is half moved needs the tokens for the other half.
package csrf

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/decant-go/decant"
)

// salt tells these tokens from everything else that is signed with the key.
const salt = "wtf-csrf-token"

// The reasons for which Flask-WTF refuses a request.
const (
	tokenMissing        = "The CSRF token is missing."
	sessionTokenMissing = "The CSRF session token is missing."
	tokenExpired        = "The CSRF token has expired."
	tokenInvalid        = "The CSRF token is invalid."
	tokenMismatch       = "The CSRF tokens do not match."
	referrerMissing     = "The referrer header is missing."
	referrerMismatch    = "The referrer does not match the host."
)

// Error says why a request was refused. It is answered as a 400 whose text is
// the reason. An application answers it in another way with
//
//	decant.HandleError(app, func(c *decant.Context, err *csrf.Error) (any, error) { … })
//
// It mirrors flask_wtf.csrf.CSRFError.
type Error struct {
	// Reason is a sentence for the user, such as "The CSRF token is missing."
	Reason string

	page *decant.HTTPError
}

func refuse(reason string) *Error {
	return &Error{Reason: reason, page: decant.NewHTTPError(http.StatusBadRequest, reason)}
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Unwrap returns the *decant.HTTPError of the 400.
func (e *Error) Unwrap() error { return e.page }

// issued is the token that this request has issued; templates see it as
// g.csrf_token.
var issued = decant.NewG[string]("csrf_token")

// valid is set for a request whose token was good.
var valid = decant.NewG[bool]("csrf_valid")

// Token returns the token of this request's session, for a form field or a
// header that a script sends. The first call puts 40 random hex digits into the
// session; later calls in the same request return the same token.
//
// Without a secret key there can be no token, and Token panics with an error
// that says so: the request ends with a 500. It mirrors generate_csrf.
func Token(c *decant.Context) string {
	s := settingsOf(c.App)
	if token := issued.Get(c); token != "" && c.Session.Has(s.fieldName) {
		return token
	}
	token := s.token(c.Session)
	issued.Set(c, token)
	return token
}

// TokenFor returns a token for a session, and starts one in it if there is
// none. It is for tests, which prepare a session and then post a form:
//
//	token := csrf.TokenFor(app, session)
//
// It panics without a secret key, as [Token] does.
func TokenFor(app *decant.App, session *decant.Session) string {
	return settingsOf(app).token(session)
}

// token signs what the session holds. A value that cannot be signed is
// replaced, as in Flask-WTF.
func (s settings) token(session *decant.Session) string {
	if !session.Has(s.fieldName) {
		session.Set(s.fieldName, newSecret())
	}
	serializer := s.serializer()
	token, err := serializer.Dumps(session.Get(s.fieldName))
	if err != nil {
		session.Set(s.fieldName, newSecret())
		token, err = serializer.Dumps(session.Get(s.fieldName))
	}
	if err != nil {
		panic(err)
	}
	return token
}

// newSecret returns 40 random hex digits.
func newSecret() string {
	var random [64]byte
	rand.Read(random[:])
	digest := sha1.Sum(random[:])
	return hex.EncodeToString(digest[:])
}

// Validate checks a token against this request's session. The error is an
// [*Error] that says what is wrong. It mirrors validate_csrf.
func Validate(c *decant.Context, token string) error {
	s := settingsOf(c.App)
	if token == "" {
		return refuse(tokenMissing)
	}
	want, ok := c.Session.Lookup(s.fieldName)
	if !ok {
		return refuse(sessionTokenMissing)
	}
	var got any
	err := s.serializer().Loads(token, &got, s.maxAge...)
	switch {
	case errors.Is(err, decant.ErrSignatureExpired):
		return refuse(tokenExpired)
	case errors.Is(err, decant.ErrBadData):
		return refuse(tokenInvalid)
	case err != nil:
		return err
	case !same(want, got):
		return refuse(tokenMismatch)
	}
	return nil
}

// same compares two strings in constant time. Values of other types, and strings
// outside of ASCII, are never the same: Python's hmac.compare_digest refuses them.
func same(want, got any) bool {
	wantText, ok := want.(string)
	gotText, alsoOK := got.(string)
	if !ok || !alsoOK || strings.IndexFunc(wantText, isNotASCII) >= 0 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(wantText), []byte(gotText)) == 1
}

func isNotASCII(char rune) bool { return char > 0x7f }

// Valid reports whether [Protect] or [Check] has found a good token in this
// request, so that a form need not look again. It mirrors g.csrf_valid.
func Valid(c *decant.Context) bool { return valid.Get(c) }

// Enabled reports whether forms carry a token: the setting WTF_CSRF_ENABLED.
func Enabled(c *decant.Context) bool { return settingsOf(c.App).enabled }

// FieldName is the name of the form field that holds the token: the setting
// WTF_CSRF_FIELD_NAME.
func FieldName(c *decant.Context) string { return settingsOf(c.App).fieldName }

// Field returns the hidden form field that holds the token:
//
//	<input id="csrf_token" name="csrf_token" type="hidden" value="…">
//
// It mirrors form.csrf_token of Flask-WTF.
func Field(c *decant.Context) decant.Markup {
	name := decant.Escape(FieldName(c))
	return `<input id="` + name + `" name="` + name + `" type="hidden" value="` + decant.Escape(Token(c)) + `">`
}

// MetaTag returns the element by which scripts find the token:
//
//	<meta name="csrf-token" content="…">
//
// It mirrors csrf_meta_tag of Flask-WTF.
func MetaTag(c *decant.Context) decant.Markup {
	name := decant.Escape(settingsOf(c.App).metaName)
	return `<meta name="` + name + `" content="` + decant.Escape(Token(c)) + `">`
}
