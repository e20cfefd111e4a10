package csrf

import (
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// vectorCase is a case of extensions-csrf.json, whose cases were made by
// Flask-WTF.
type vectorCase struct {
	ID, Op, Name, Kind string
	Key                json.RawMessage
	CSRFKey            json.RawMessage  `json:"csrf_key"`
	SessionToken       *json.RawMessage `json:"session_token"`
	FieldName          string           `json:"field_name"`
	TimeLimit          json.RawMessage  `json:"time_limit"`
	Data               *string
	Request            vectorRequest
	Config             map[string]any
	Exempt             bool
	Now                int64
	Want               json.RawMessage
}

type vectorRequest struct {
	Method, Path string
	BaseURL      string `json:"base_url"`
	Form         json.RawMessage
	JSON         json.RawMessage
	Headers      map[string]string
	Session      map[string]any
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[vectorCase](t, vectors.Load(t, "extensions-csrf.json")) {
		t.Run(c.ID, func(t *testing.T) {
			synctest.Test(t, c.run)
		})
	}
}

// run runs the case at its time.
func (c vectorCase) run(t *testing.T) {
	time.Sleep(time.Until(time.Unix(c.Now, 0)))
	switch c.Op {
	case "sign":
		c.sign(t)
	case "validate":
		c.validate(t)
	case "protect":
		c.protect(t)
	case "html":
		c.html(t)
	default:
		t.Errorf("%s: the op %q is unknown", c.ID, c.Op)
	}
}

// key reads a string, or bytes as {"b64": …}.
func (c vectorCase) key(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(vectors.Bytes(t, raw))
}

// app returns an application whose view does what the case is about.
func (c vectorCase) app(t *testing.T, view decant.View) *decant.App {
	t.Helper()
	app := decant.New("vectors")
	app.Config.SecretKey = c.key(t, c.Key)
	if app.Config.SecretKey == "" {
		app.Config.SecretKey = "secret-key"
	}
	if key := c.key(t, c.CSRFKey); key != "" {
		app.Config.Set("WTF_CSRF_SECRET_KEY", key)
	}
	if c.FieldName != "" {
		app.Config.Set("WTF_CSRF_FIELD_NAME", c.FieldName)
	}
	if len(c.TimeLimit) > 0 {
		var limit any
		if err := json.Unmarshal(c.TimeLimit, &limit); err != nil {
			t.Fatal(err)
		}
		app.Config.Set("WTF_CSRF_TIME_LIMIT", limit)
	}
	for key, value := range c.Config {
		app.Config.Set(key, value)
	}
	app.Route("/save", view, decant.Endpoint("save"), decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
	return app
}

// inRequest runs f in a request with the session of the case.
func (c vectorCase) inRequest(t *testing.T, f func(c *decant.Context)) {
	t.Helper()
	app := c.app(t, func(context *decant.Context) (any, error) {
		if c.SessionToken != nil {
			var token any
			if err := json.Unmarshal(*c.SessionToken, &token); err != nil {
				t.Fatal(err)
			}
			context.Session.Set(FieldName(context), token)
		}
		f(context)
		return "", nil
	})
	app.Config.Testing = true
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/save", nil))
}

func (c vectorCase) wantText(t *testing.T) string {
	t.Helper()
	var text string
	if err := json.Unmarshal(c.Want, &text); err != nil {
		t.Fatalf("%s: want is %s", c.ID, c.Want)
	}
	return text
}

func (c vectorCase) sign(t *testing.T) {
	if c.SessionToken == nil { // JSON's null: the session holds None
		null := json.RawMessage("null")
		c.SessionToken = &null
	}
	c.inRequest(t, func(context *decant.Context) {
		if got := Token(context); got != c.wantText(t) && !c.packsDifferently(t, c.wantText(t), got) {
			t.Errorf("%s: the token is %s, want %s", c.ID, got, c.wantText(t))
		}
	})
}

// packed finds a token with a compressed payload.
var packed = regexp.MustCompile(`\.[\w-]+\.[\w-]+\.[\w-]+`)

// packsDifferently reports whether both tokens are compressed and hold the same:
// Go and Python compress to other bytes.
func (c vectorCase) packsDifferently(t *testing.T, want, got string) bool {
	t.Helper()
	var values [2]any
	var parts [2][]string
	for i, token := range []string{want, got} {
		key := c.key(t, c.Key)
		if err := decant.NewSerializer(key, salt).Loads(token, &values[i]); err != nil {
			t.Errorf("%s: %s: %v", c.ID, token, err)
			return false
		}
		parts[i] = strings.Split(token, ".")
	}
	return len(parts[0]) == 4 && len(parts[1]) == 4 && parts[0][0] == "" && parts[0][2] == parts[1][2] && vectors.Diff(values[0], values[1]) == ""
}

func (c vectorCase) validate(t *testing.T) {
	c.inRequest(t, func(context *decant.Context) {
		var data string
		if c.Data != nil {
			data = *c.Data
		}
		err := Validate(context, data)
		var refused *Error
		var want string
		got := "ok"
		switch {
		case json.Unmarshal(c.Want, &want) != nil: // Python raised
			if err == nil {
				t.Errorf("%s: accepted, want %s", c.ID, c.Want)
			}
			return
		case errors.As(err, &refused):
			got = refused.Reason
		case err != nil:
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", c.ID, got, want)
		}
	})
}

func (c vectorCase) html(t *testing.T) {
	c.inRequest(t, func(context *decant.Context) {
		var got decant.Markup
		switch c.Kind {
		case "csrf_meta_tag":
			got = MetaTag(context)
		case "form.hidden_tag", "form.csrf_token":
			got = Field(context)
		default:
			t.Fatalf("%s: the kind %q is unknown", c.ID, c.Kind)
		}
		want := c.wantText(t)
		wanted, token := packed.FindString(want), packed.FindString(string(got))
		if wanted != "" && token != "" && c.packsDifferently(t, wanted, token) {
			want = strings.ReplaceAll(want, wanted, token)
		}
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", c.ID, got, want)
		}
	})
}

func (c vectorCase) protect(t *testing.T) {
	app := c.app(t, func(*decant.Context) (any, error) { return "saved", nil })
	app.Config.AllowCrossOrigin = true // the headers of the cases say nothing of it
	var options []Option
	if c.Exempt {
		options = append(options, Exempt("save"))
	}
	Protect(app, options...)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, c.request(t))

	var want struct {
		Status      int
		Description *string
	}
	if err := json.Unmarshal(c.Want, &want); err != nil {
		t.Fatal(err)
	}
	if want.Status == http.StatusInternalServerError && w.Code == http.StatusBadRequest {
		return // Python raised
	}
	if w.Code != want.Status {
		t.Errorf("%s (%s): status %d, want %d", c.ID, c.Name, w.Code, want.Status)
	}
	hasPage := c.Request.Method != http.MethodHead
	if want.Description != nil && hasPage && !strings.Contains(html.UnescapeString(w.Body.String()), "<p>"+html.UnescapeString(*want.Description)+"</p>") {
		t.Errorf("%s (%s): the page says %s, want %q", c.ID, c.Name, w.Body, *want.Description)
	}
}

func (c vectorCase) request(t *testing.T) *http.Request {
	t.Helper()
	body, contentType := c.Request.body(t)
	r := httptest.NewRequest(c.Request.Method, c.Request.BaseURL+c.Request.Path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for name, value := range c.Request.Headers {
		if strings.EqualFold(name, "Host") {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	if c.Request.Session != nil {
		r.Header.Set("Cookie", "session="+sessionCookie(t, "secret-key", c.Request.Session))
	}
	return r
}

// body reads a form as an object or as a list of pairs, or a JSON value.
func (r vectorRequest) body(t *testing.T) (text, contentType string) {
	t.Helper()
	if len(r.JSON) > 0 && string(r.JSON) != "null" {
		return string(r.JSON), "application/json"
	}
	if len(r.Form) == 0 || string(r.Form) == "null" {
		return "", ""
	}
	var pairs [][2]string
	if json.Unmarshal(r.Form, &pairs) != nil {
		pairs = orderedPairs(t, r.Form)
	}
	fields := make([]string, len(pairs))
	for i, pair := range pairs {
		fields[i] = url.QueryEscape(pair[0]) + "=" + url.QueryEscape(pair[1])
	}
	return strings.Join(fields, "&"), "application/x-www-form-urlencoded"
}

// orderedPairs reads the members of an object in order.
func orderedPairs(t *testing.T, raw json.RawMessage) (pairs [][2]string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		name, _ := decoder.Token()
		var values json.RawMessage
		if err := decoder.Decode(&values); err != nil {
			t.Fatal(err)
		}
		var value string
		var list []string
		if json.Unmarshal(values, &value) == nil {
			list = []string{value}
		} else if err := json.Unmarshal(values, &list); err != nil {
			t.Fatal(err)
		}
		for _, item := range list {
			pairs = append(pairs, [2]string{name.(string), item})
		}
	}
	return pairs
}

// sessionCookie returns the cookie of a session, signed now.
func sessionCookie(t *testing.T, key string, session map[string]any) string {
	t.Helper()
	token, err := decant.NewSerializer(key, "cookie-session", decant.KeyDerivation("hmac")).Dumps(session)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
