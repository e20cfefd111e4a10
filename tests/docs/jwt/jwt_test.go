package jwt

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/tests/docs/vectors"
)

const key = "jwt secret key of at least thirty-two bytes"

// jwtCase is a case of extensions-jwt.json.
type jwtCase struct {
	ID, Op, Name    string
	Kind            string
	Identity        any
	Config, Options map[string]any
	Now             int64
	Token           string
	Request         jwtRequest
	View            struct{ Refresh, Fresh, Optional bool }
	Want            json.RawMessage
}

type jwtRequest struct {
	Method, Path     string
	Headers, Cookies map[string]string
	Form             map[string]string
	JSON             any
}

func TestTokensOfFlaskJWTExtended(t *testing.T) {
	vectors.Each(t, "jwt", func(t *testing.T, c jwtCase) {
		tokens := New(key)
		tokens.now = func() time.Time { return time.Unix(c.Now, 0) }
		count := 0
		tokens.newID = func() string { count++; return fmt.Sprintf("00000000-0000-0000-0000-%012x", count) }
		configure(t, tokens, c.Config)
		switch c.Op {
		case "encode":
			encode(t, tokens, c)
		case "request":
			request(t, tokens, c)
		case "cookies":
			cookies(t, tokens, c)
		default:
			t.Errorf("unknown op %q", c.Op)
		}
	})
}

func configure(t *testing.T, tokens *Tokens, config map[string]any) {
	t.Helper()
	for name, value := range config {
		switch name {
		case "JWT_ENCODE_ISSUER", "JWT_DECODE_ISSUER":
			tokens.Issuer = value.(string)
		case "JWT_ENCODE_AUDIENCE", "JWT_DECODE_AUDIENCE":
			tokens.Audience = list(t, value)
		case "JWT_HEADER_NAME":
			tokens.HeaderName = value.(string)
		case "JWT_HEADER_TYPE":
			tokens.HeaderType = value.(string)
		case "JWT_QUERY_STRING_NAME":
			tokens.QueryName = value.(string)
		case "JWT_COOKIE_SECURE":
			if value == true {
				tokens.Cookie = append(tokens.Cookie, decant.Secure())
			}
		case "JWT_COOKIE_DOMAIN":
			if domain, ok := value.(string); ok {
				tokens.Cookie = append(tokens.Cookie, decant.CookieDomain(domain))
			}
		case "JWT_COOKIE_SAMESITE":
			if name, ok := value.(string); ok {
				tokens.Cookie = append(tokens.Cookie, decant.SameSite(sameSites[name]))
			}
		case "JWT_ALGORITHM":
			tokens.Algorithm = value.(string)
		case "JWT_ENCODE_NBF":
			tokens.NotBefore = value.(bool)
		case "JWT_DECODE_LEEWAY":
			tokens.Leeway = durationOf(value)
		case "JWT_COOKIE_CSRF_PROTECT":
			tokens.CSRF = value.(bool)
		case "JWT_CSRF_CHECK_FORM":
			tokens.CSRFInForm = value.(bool)
		case "JWT_ACCESS_TOKEN_EXPIRES":
			tokens.AccessExpires = durationOf(value)
		case "JWT_REFRESH_TOKEN_EXPIRES":
			tokens.RefreshExpires = durationOf(value)
		case "JWT_TOKEN_LOCATION":
			tokens.Locations = list(t, value)
		default:
			t.Errorf("unknown setting %s", name)
		}
	}
}

var sameSites = map[string]http.SameSite{"Lax": http.SameSiteLaxMode, "Strict": http.SameSiteStrictMode, "None": http.SameSiteNoneMode}

// list reads strings, or a single one.
func list(t *testing.T, value any) (texts []string) {
	t.Helper()
	if text, ok := value.(string); ok {
		return []string{text}
	}
	items, ok := value.([]any)
	for _, item := range items {
		text, isText := item.(string)
		texts, ok = append(texts, text), ok && isText
	}
	if !ok {
		t.Errorf("%v is no list of strings", value)
	}
	return texts
}

// durationOf reads a number of seconds, or false for never.
func durationOf(value any) time.Duration {
	number, _ := value.(float64)
	return time.Duration(number * float64(time.Second))
}

func encode(t *testing.T, tokens *Tokens, c jwtCase) {
	t.Helper()
	var fresh any = false
	expires := map[string]time.Duration{"access": tokens.AccessExpires, "refresh": tokens.RefreshExpires}[c.Kind]
	var claims jwt.MapClaims
	for name, value := range c.Options {
		switch name {
		case "expires_delta":
			if value != nil { // None is the default
				expires = durationOf(value)
			}
		case "fresh":
			fresh = value
			if number, ok := value.(float64); ok {
				fresh = float64(c.Now) + number
			}
		case "additional_claims":
			claims = value.(map[string]any)
		default:
			t.Errorf("unknown option %s", name)
		}
	}
	token, err := tokens.make(c.Kind, c.Identity, fresh, expires, claims)
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Token          string
		Header, Claims map[string]any
	}
	unmarshal(t, c.Want, &want)
	got := jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(token, got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Claims, map[string]any(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.Header, parsed.Header); diff != "" {
		t.Error(diff)
	}
	tokens.Locations = []string{"headers"}
	back, err := tokens.parse(want.Token, "")
	if refusal := refusalOf(want.Claims, c); refusal != "" {
		if err == nil || err.Error() != refusal {
			t.Errorf("Flask's token is refused by %v, want %s", err, refusal)
		}
		return
	}
	if err != nil || !cmp.Equal(back["sub"], want.Claims["sub"]) {
		t.Errorf("Flask's token is not accepted: %v, %v", back, err)
	}
}

// refusalOf says why a token that Flask made is refused as soon as it is made.
func refusalOf(claims map[string]any, c jwtCase) string {
	if date, ok := claims["exp"].(float64); ok && date <= float64(c.Now) {
		return "Token has expired"
	}
	return ""
}

func request(t *testing.T, tokens *Tokens, c jwtCase) {
	t.Helper()
	app := decant.New("test")
	need := Need{Optional: c.View.Optional, Fresh: c.View.Fresh, Refresh: c.View.Refresh}
	app.Route("/", func(c *decant.Context) (any, error) {
		if user.Get(c)["sub"] == nil {
			return "user=None", nil
		}
		return "user=" + Identity(c), nil
	}, decant.Endpoint("view"), decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"), decant.Decorate(tokens.Required(need)))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httpRequest(t, c.Request))
	var want struct {
		Status int
		Body   any
	}
	unmarshal(t, c.Want, &want)
	if want.Status == http.StatusInternalServerError { // Python raised, and Decant refuses the token
		if w.Code != http.StatusUnauthorized && w.Code != http.StatusUnprocessableEntity {
			t.Errorf("the status is %d, want 401 or 422", w.Code)
		}
		return
	}
	var body any = w.Body.String()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		unmarshal(t, w.Body.Bytes(), &body)
	}
	// The words about a token that cannot be taken apart are those of Python's decoders.
	if object, ok := want.Body.(map[string]any); ok && malformed.MatchString(fmt.Sprint(object["msg"])) {
		want.Body = body
	}
	if diff := cmp.Diff(want.Body, body); diff != "" || w.Code != want.Status {
		t.Errorf("the status is %d, want %d\n%s", w.Code, want.Status, diff)
	}
}

var malformed = regexp.MustCompile(`^Invalid (header|payload|crypto) (padding|string)`)

func httpRequest(t *testing.T, r jwtRequest) *http.Request {
	t.Helper()
	body, kind := "", ""
	switch {
	case r.JSON != nil:
		text, err := json.Marshal(r.JSON)
		if err != nil {
			t.Fatal(err)
		}
		body, kind = string(text), "application/json"
	case r.Form != nil:
		form := url.Values{}
		for name, value := range r.Form {
			form.Set(name, value)
		}
		body, kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	request := httptest.NewRequest(r.Method, r.Path, strings.NewReader(body))
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for name, value := range r.Headers {
		request.Header.Set(name, value)
	}
	for name, value := range r.Cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return request
}

func cookies(t *testing.T, tokens *Tokens, c jwtCase) {
	t.Helper()
	app := decant.New("test")
	app.Get("/", func(r *decant.Context) (any, error) {
		switch c.Name {
		case "set_access_cookies":
			return "", tokens.SetAccessCookies(r, c.Token)
		case "set_refresh_cookies":
			return "", tokens.SetRefreshCookies(r, c.Token)
		case "unset_jwt_cookies":
			tokens.UnsetCookies(r)
			return "", nil
		case "unset_access_cookies":
			tokens.UnsetCookies(r, "access")
			return "", nil
		case "unset_refresh_cookies":
			tokens.UnsetCookies(r, "refresh")
			return "", nil
		}
		return nil, fmt.Errorf("unknown function %s", c.Name)
	}, decant.Endpoint("view"))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	var want []string
	unmarshal(t, c.Want, &want)
	if diff := cmp.Diff(want, w.Header()["Set-Cookie"]); diff != "" {
		t.Error(diff)
	}
}

func unmarshal(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// TestTokensOfOurOwn tries what Flask's cases do not: the time, the key, and
// cookies with their CSRF tokens.
func TestTokensOfOurOwn(t *testing.T) {
	tokens := New(key)
	tokens.Locations = []string{"headers", "cookies"}
	tokens.Issuer, tokens.Audience = "me", []string{"you"}
	token, err := tokens.Access("42", false, nil)
	if err != nil {
		t.Fatal(err)
	}
	strange, err := New("another key, which has thirty-two bytes too").Access("42", false, nil)
	if err != nil {
		t.Fatal(err)
	}
	anonymous, err := New(key).Access("42", false, nil) // of no issuer
	if err != nil {
		t.Fatal(err)
	}
	csrf, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	right := csrf.Claims.(jwt.MapClaims)["csrf"].(string)
	for name, test := range map[string]struct {
		request jwtRequest
		need    Need
		status  int
		message string
	}{
		"odd, optional":   {jwtRequest{Method: "GET", Headers: bearer("a b")}, Need{Optional: true}, 422, "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"},
		"other header":    {jwtRequest{Method: "GET", Headers: map[string]string{"X-Auth": "Bearer " + token}}, Need{}, 401, `Missing JWT in headers or cookies (Missing Authorization Header; Missing cookie "access_token_cookie")`},
		"good":            {jwtRequest{Method: "GET", Headers: bearer(token)}, Need{}, 200, "user=42"},
		"none":            {jwtRequest{Method: "GET"}, Need{}, 401, `Missing JWT in headers or cookies (Missing Authorization Header; Missing cookie "access_token_cookie")`},
		"another key":     {jwtRequest{Method: "GET", Headers: bearer(strange)}, Need{}, 422, "Signature verification failed"},
		"no issuer":       {jwtRequest{Method: "GET", Headers: bearer(anonymous)}, Need{}, 422, `Token is missing the "iss" claim`},
		"not fresh":       {jwtRequest{Method: "GET", Headers: bearer(token)}, Need{Fresh: true}, 401, "Fresh token required"},
		"no refresh":      {jwtRequest{Method: "GET", Headers: bearer(token)}, Need{Refresh: true}, 422, "Only refresh tokens are allowed"},
		"alg none":        {jwtRequest{Method: "GET", Headers: bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.")}, Need{}, 422, "The specified alg value is not allowed"},
		"cookie":          {jwtRequest{Method: "GET", Cookies: cookie(token)}, Need{}, 200, "user=42"},
		"cookie, no CSRF": {jwtRequest{Method: "POST", Cookies: cookie(token)}, Need{}, 401, "Missing CSRF token"},
		"cookie, CSRF":    {jwtRequest{Method: "POST", Cookies: cookie(token), Headers: map[string]string{"X-CSRF-TOKEN": right}}, Need{}, 200, "user=42"},
		"cookie, bad":     {jwtRequest{Method: "POST", Cookies: cookie(token), Headers: map[string]string{"X-CSRF-TOKEN": "x"}}, Need{}, 401, "CSRF double submit tokens do not match"},
	} {
		app := decant.New("test")
		app.Route("/", func(c *decant.Context) (any, error) { return "user=" + Identity(c), nil },
			decant.Endpoint("view"), decant.Methods("GET", "POST"), decant.Decorate(tokens.Required(test.need)))
		test.request.Path = "/"
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httpRequest(t, test.request))
		got := w.Body.String()
		if w.Code != 200 {
			var body map[string]string
			unmarshal(t, w.Body.Bytes(), &body)
			got = body["msg"]
		}
		if w.Code != test.status || got != test.message {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, got, test.status, test.message)
		}
	}
}

// PyJWT looks at the dates first, and at whether the token has expired last.
func TestTheFirstFaultOfATokenIsNamed(t *testing.T) {
	tokens := New(key)
	tokens.now = func() time.Time { return time.Unix(1000, 0) }
	tokens.Issuer, tokens.Audience = "me", []string{"you", "they"}
	for name, test := range map[string]struct {
		claims jwt.MapClaims
		csrf   string
		want   string
	}{
		"date":       {jwt.MapClaims{"iat": "x"}, "", "Issued At claim (iat) must be an integer."},
		"null":       {jwt.MapClaims{"exp": nil}, "", "Expiration Time claim (exp) must be an integer."},
		"future":     {jwt.MapClaims{"nbf": "1001", "exp": 5}, "", "The token is not yet valid (nbf)"},
		"issuer":     {jwt.MapClaims{"exp": 5}, "", `Token is missing the "iss" claim`},
		"stranger":   {jwt.MapClaims{"exp": 5, "iss": "x"}, "", "Invalid issuer"},
		"audience":   {jwt.MapClaims{"exp": 5, "iss": "me"}, "", `Token is missing the "aud" claim`},
		"nobody":     {jwt.MapClaims{"iss": "me", "aud": []string{}}, "", `Token is missing the "aud" claim`},
		"number":     {jwt.MapClaims{"iss": "me", "aud": 5}, "", "Invalid claim format in token"},
		"others":     {jwt.MapClaims{"iss": "me", "aud": []string{"we"}}, "", "Invalid audience"},
		"no subject": {jwt.MapClaims{"exp": 5, "iss": "me", "aud": "they"}, "", "Missing claim: sub"},
		"no csrf":    {jwt.MapClaims{"exp": 5, "iss": "me", "aud": "they", "sub": 1}, "c", "Missing claim: csrf"},
		"csrf":       {jwt.MapClaims{"exp": 5, "iss": "me", "aud": "they", "sub": 1, "csrf": "d"}, "c", "CSRF double submit tokens do not match"},
		"expired":    {jwt.MapClaims{"exp": 1000.5, "iss": "me", "aud": "they", "sub": 1, "csrf": "c"}, "c", "Token has expired"},
		"good":       {jwt.MapClaims{"exp": 1001, "iat": 1000.5, "iss": "me", "aud": []string{"we", "you"}, "sub": nil}, "", ""},
	} {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, test.claims).SignedString([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		_, err = tokens.parse(token+"=", test.csrf)
		if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
			t.Errorf("%s: %s, want %q", name, got, test.want)
		}
	}
	tokens.Audience, tokens.Issuer = nil, ""
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"aud": "x", "sub": 42}).SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.parse(token, ""); err != nil {
		t.Errorf("an audience that nobody asked for: %v", err)
	}
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

func cookie(token string) map[string]string {
	return map[string]string{"access_token_cookie": token}
}
