// Package jwt makes and checks the tokens of Flask-JWT-Extended.
package jwt

import (
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant"
	"github.com/golang-jwt/jwt/v5"
)

// Tokens has the settings of Flask-JWT-Extended that both sides must share.
type Tokens struct {
	Key            []byte        // JWT_SECRET_KEY, or SECRET_KEY
	Algorithm      string        // JWT_ALGORITHM
	AccessExpires  time.Duration // zero is never
	RefreshExpires time.Duration
	Issuer         string        // JWT_ENCODE_ISSUER and JWT_DECODE_ISSUER
	Audience       []string      // JWT_ENCODE_AUDIENCE and JWT_DECODE_AUDIENCE
	Leeway         time.Duration // JWT_DECODE_LEEWAY
	NotBefore      bool          // JWT_ENCODE_NBF
	CSRF           bool          // JWT_COOKIE_CSRF_PROTECT
	CSRFInForm     bool          // JWT_CSRF_CHECK_FORM
	Locations      []string      // of "headers", "cookies", "query_string", "json"
	HeaderName     string        // JWT_HEADER_NAME
	HeaderType     string        // JWT_HEADER_TYPE
	QueryName      string        // JWT_QUERY_STRING_NAME

	Cookie []decant.CookieOption // JWT_COOKIE_SECURE, _SAMESITE and _DOMAIN

	now   func() time.Time
	newID func() string
}

// New returns the default settings.
func New(key string) *Tokens {
	return &Tokens{Key: []byte(key), Algorithm: "HS256", AccessExpires: 15 * time.Minute, RefreshExpires: 30 * 24 * time.Hour,
		NotBefore: true, CSRF: true, Locations: []string{"headers"}, HeaderName: "Authorization", HeaderType: "Bearer", QueryName: "jwt", now: time.Now, newID: newUUID}
}

// Access makes an access token for an identity: create_access_token. Claims may
// be nil.
func (t *Tokens) Access(identity string, fresh bool, claims jwt.MapClaims) (string, error) {
	return t.make("access", identity, fresh, t.AccessExpires, claims)
}

// Refresh makes a refresh token: create_refresh_token.
func (t *Tokens) Refresh(identity string, claims jwt.MapClaims) (string, error) {
	return t.make("refresh", identity, false, t.RefreshExpires, claims)
}

func (t *Tokens) make(kind string, identity, fresh any, expires time.Duration, more jwt.MapClaims) (string, error) {
	now := t.now()
	claims := jwt.MapClaims{"fresh": fresh, "iat": now.Unix(), "jti": t.newID(), "type": kind, "sub": identity}
	if t.NotBefore {
		claims["nbf"] = now.Unix()
	}
	if t.CSRF {
		claims["csrf"] = t.newID()
	}
	if t.Issuer != "" {
		claims["iss"] = t.Issuer
	}
	if len(t.Audience) == 1 {
		claims["aud"] = t.Audience[0]
	} else if len(t.Audience) > 1 {
		claims["aud"] = t.Audience
	}
	if expires != 0 {
		claims["exp"] = now.Add(expires).Unix()
	}
	for name, value := range more {
		claims[name] = value
	}
	return jwt.NewWithClaims(jwt.GetSigningMethod(t.Algorithm), claims).SignedString(t.Key)
}

// user holds the claims of the request's token.
var user = decant.NewG[jwt.MapClaims]("jwt")

// Identity is the sub of the token, or "" for nobody: get_jwt_identity. A number
// becomes its digits.
func Identity(c *decant.Context) string {
	switch identity := user.Get(c)["sub"].(type) {
	case string:
		return identity
	case float64:
		return strconv.FormatFloat(identity, 'f', -1, 64)
	}
	return ""
}

// Need says which token a view wants: jwt_required(optional, fresh, refresh).
type Need struct{ Optional, Fresh, Refresh bool }

// Required is the decorator of views that need a token.
func (t *Tokens) Required(need Need) func(decant.View) decant.View {
	return func(view decant.View) decant.View {
		return func(c *decant.Context) (any, error) {
			claims, err := t.verify(c, need)
			var refused *refusedError
			if errors.As(err, &refused) && !(need.Optional && refused.isAbsence) {
				return c.JSON(decant.H{"msg": refused.message}, refused.status)
			}
			user.Set(c, claims)
			return view(c)
		}
	}
}

// refusedError is the answer to a request without a good token.
type refusedError struct {
	status    int
	message   string
	isAbsence bool // there is no token
}

func (e *refusedError) Error() string { return e.message }

func absent(format string, args ...any) error {
	return &refusedError{http.StatusUnauthorized, fmt.Sprintf(format, args...), true}
}

func refused(status int, message string) error { return &refusedError{status, message, false} }

func (t *Tokens) verify(c *decant.Context, need Need) (jwt.MapClaims, error) {
	claims, err := t.find(c, need.Refresh)
	switch {
	case err != nil:
		return nil, err
	case need.Refresh && claims["type"] != "refresh":
		return nil, refused(422, "Only refresh tokens are allowed")
	case !need.Refresh && claims["type"] == "refresh":
		return nil, refused(422, "Only non-refresh tokens are allowed")
	case need.Fresh && !t.isFresh(claims["fresh"]):
		return nil, refused(401, "Fresh token required")
	}
	return claims, nil
}

// isFresh reads a claim that is a bool, or the moment until which it is true.
func (t *Tokens) isFresh(claim any) bool {
	until, isDate := claim.(float64)
	return claim == true || isDate && float64(t.now().Unix()) <= until
}

// find looks for a token in the places of the settings, one after the other.
func (t *Tokens) find(c *decant.Context, refresh bool) (jwt.MapClaims, error) {
	kind, key := "access", "access_token"
	if refresh {
		kind, key = "refresh", "refresh_token"
	}
	var missing []string
	for _, place := range t.Locations {
		token, csrf, err := "", "", error(nil)
		switch place {
		case "headers":
			token, err = t.fromHeader(c)
		case "cookies":
			token, csrf, err = t.fromCookie(c, kind+"_token_cookie")
		case "query_string":
			if token = c.Request.Args.Get(t.QueryName); token == "" {
				err = absent("Missing '%s' query paramater", t.QueryName)
			}
		case "json":
			token, err = fromJSON(c, key)
		}
		if err == nil {
			return t.parse(token, csrf)
		}
		var refused *refusedError
		if !errors.As(err, &refused) || !refused.isAbsence {
			return nil, err
		}
		missing = append(missing, refused.message)
	}
	if last := len(t.Locations) - 1; last > 0 {
		return nil, absent("Missing JWT in %s or %s (%s)", strings.Join(t.Locations[:last], ", "), t.Locations[last], strings.Join(missing, "; "))
	}
	return nil, absent("%s", strings.Join(missing, ""))
}

func (t *Tokens) fromHeader(c *decant.Context) (string, error) {
	header := strings.Trim(strings.TrimSpace(c.Request.Header.Get(t.HeaderName)), ",")
	if header == "" {
		return "", absent("Missing %s Header", t.HeaderName)
	}
	expected := strings.Join(strings.Fields(t.HeaderName+": "+t.HeaderType+" <JWT>"), " ")
	words := []string{t.HeaderType}
	if t.HeaderType == "" {
		words = append(words, strings.Fields(header)...)
	} else if words = t.ofType(header); words == nil {
		return "", absent("Missing '%s' type in '%s' header. Expected '%s'", t.HeaderType, t.HeaderName, expected)
	}
	if len(words) != 2 {
		return "", refused(422, fmt.Sprintf("Bad %s header. Expected '%s'", t.HeaderName, expected))
	}
	return words[1], nil
}

// ofType returns the words of the one item of a header that begins with the type.
func (t *Tokens) ofType(header string) (item []string) {
	for part := range strings.SplitSeq(header, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || words[0] != t.HeaderType {
			continue
		}
		if item != nil {
			return nil // there are two
		}
		item = words
	}
	return item
}

func (t *Tokens) fromCookie(c *decant.Context, name string) (token, csrf string, err error) {
	token = c.Request.Cookies.Get(name)
	if token == "" {
		return "", "", absent("Missing cookie %q", name)
	}
	if !t.CSRF || !slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, c.Request.Method) {
		return token, "", nil
	}
	csrf = c.Request.Header.Get("X-CSRF-TOKEN")
	if csrf == "" && t.CSRFInForm {
		csrf = c.Request.Form.Get("csrf_token")
	}
	if csrf == "" {
		return "", "", refused(401, "Missing CSRF token")
	}
	return token, csrf, nil
}

func fromJSON(c *decant.Context, key string) (string, error) {
	if !c.Request.IsJSON() {
		return "", absent("Invalid content-type. Must be application/json.")
	}
	var body map[string]any
	err := c.Request.JSON(&body)
	token, isString := body[key].(string)
	switch {
	case err != nil, body[key] == nil, isString && token == "":
		return "", absent("Missing %q key in json data.", key)
	case !isString:
		return "", refused(422, "Invalid token type. Token must be a <class 'bytes'>")
	}
	return token, nil
}

// parse checks a token as PyJWT does, in its order and with its messages. That it
// has expired comes last.
func (t *Tokens) parse(token, csrf string) (jwt.MapClaims, error) {
	claims, err := t.verified(token)
	if err != nil {
		return nil, err
	}
	for _, check := range []func(jwt.MapClaims) error{t.checkDates, t.checkIssuer, t.checkAudience} {
		if err := check(claims); err != nil {
			return nil, err
		}
	}
	if _, found := claims["sub"]; !found {
		return nil, refused(422, "Missing claim: sub")
	}
	if expected, found := claims["csrf"].(string); csrf != "" && !found {
		return nil, refused(422, "Missing claim: csrf")
	} else if csrf != "" && !hmac.Equal([]byte(expected), []byte(csrf)) {
		return nil, refused(401, "CSRF double submit tokens do not match")
	}
	if date, _ := seconds(claims["exp"]); claims["exp"] != nil && date <= float64(t.now().Unix())-t.Leeway.Seconds() {
		return nil, refused(401, "Token has expired")
	}
	return claims, nil
}

// verified reads the claims of a token with a good signature.
func (t *Tokens) verified(token string) (jwt.MapClaims, error) {
	if strings.Count(token, ".") < 2 {
		return nil, refused(422, "Not enough segments")
	}
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{t.Algorithm}), jwt.WithoutClaimsValidation())
	parsed, err := parser.ParseWithClaims(strings.TrimRight(token, "="), claims, func(*jwt.Token) (any, error) { return t.Key, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid) && !strings.Contains(err.Error(), "signing method"):
		return nil, refused(422, "Signature verification failed")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return nil, refused(422, "The specified alg value is not allowed")
	case err != nil:
		return nil, refused(422, "Invalid header padding")
	case parsed.Header["b64"] == false: // RFC 7797
		return nil, refused(422, `It is required that you pass in a value for the "detached_payload" argument to decode a message having the b64 header set to false.`)
	}
	return claims, nil
}

// checkDates looks at the dates that a token has, but for whether it has expired.
func (t *Tokens) checkDates(claims jwt.MapClaims) error {
	soon := float64(t.now().Unix()) + t.Leeway.Seconds()
	for _, date := range []struct{ claim, name string }{{"iat", "Issued At"}, {"nbf", "Not Before"}, {"exp", "Expiration Time"}} {
		value, found := claims[date.claim]
		if !found {
			continue
		}
		moment, ok := seconds(value)
		switch {
		case !ok:
			return refused(422, date.name+" claim ("+date.claim+") must be an integer.")
		case moment > soon && date.claim != "exp":
			return refused(422, "The token is not yet valid ("+date.claim+")")
		}
	}
	return nil
}

// seconds reads a date as PyJWT does: a number, or its digits in a string.
func seconds(claim any) (float64, bool) {
	switch claim := claim.(type) {
	case float64:
		return math.Trunc(claim), true
	case string:
		number, err := strconv.ParseInt(claim, 10, 64)
		return float64(number), err == nil
	}
	return 0, false
}

func (t *Tokens) checkIssuer(claims jwt.MapClaims) error {
	issuer, found := claims["iss"]
	switch {
	case t.Issuer == "":
		return nil
	case !found:
		return refused(422, `Token is missing the "iss" claim`)
	case issuer != t.Issuer:
		return refused(422, "Invalid issuer")
	}
	return nil
}

// checkAudience does not look at the audience if none is set.
func (t *Tokens) checkAudience(claims jwt.MapClaims) error {
	if t.Audience == nil {
		return nil
	}
	switch claims["aud"].(type) {
	case nil, string, []any:
	default:
		return refused(422, "Invalid claim format in token")
	}
	audience, err := claims.GetAudience()
	switch {
	case err != nil:
		return refused(422, "Invalid claim format in token")
	case len(audience) == 0:
		return refused(422, `Token is missing the "aud" claim`)
	case !slices.ContainsFunc(audience, t.isAudience):
		return refused(422, "Invalid audience")
	}
	return nil
}

func (t *Tokens) isAudience(name string) bool { return slices.Contains(t.Audience, name) }

// SetAccessCookies sets the cookie of an access token, and the one whose value
// scripts repeat in X-CSRF-TOKEN: set_access_cookies.
func (t *Tokens) SetAccessCookies(c *decant.Context, token string) error {
	return t.setCookies(c, "access", token)
}

// SetRefreshCookies does the same for a refresh token: set_refresh_cookies.
func (t *Tokens) SetRefreshCookies(c *decant.Context, token string) error {
	return t.setCookies(c, "refresh", token)
}

func (t *Tokens) setCookies(c *decant.Context, kind, token string) error {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		return err
	}
	c.SetCookie(kind+"_token_cookie", token, t.cookie(decant.HTTPOnly())...)
	if csrf, ok := claims["csrf"].(string); ok && t.CSRF {
		c.SetCookie("csrf_"+kind+"_token", csrf, t.Cookie...)
	}
	return nil
}

// UnsetCookies deletes the cookies of "access" or "refresh" tokens, or of both if no
// kind is given: unset_access_cookies, unset_refresh_cookies and unset_jwt_cookies.
func (t *Tokens) UnsetCookies(c *decant.Context, kinds ...string) {
	if len(kinds) == 0 {
		kinds = []string{"access", "refresh"}
	}
	gone := decant.Expires(time.Unix(0, 0))
	for _, kind := range kinds {
		c.SetCookie(kind+"_token_cookie", "", t.cookie(gone, decant.HTTPOnly())...)
		if t.CSRF {
			c.SetCookie("csrf_"+kind+"_token", "", t.cookie(gone)...)
		}
	}
}

// cookie adds options to those of all cookies.
func (t *Tokens) cookie(options ...decant.CookieOption) []decant.CookieOption {
	return append(options, t.Cookie...)
}

func newUUID() string {
	var id decant.UUID
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}
