package password_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant/password"
)

// vectorCase has the fields of all cases about password hashes, and those of signed
// tokens, which stand in the same file.
type vectorCase struct {
	ID, Op, Why  string
	Name, Key    string
	Now          int64
	Payload      json.RawMessage
	Scheme       string
	Password     string
	Method, Salt string
	Hash         *string
	PasswordSalt string `json:"password_salt"`
	HMAC         string
	Want         json.RawMessage
	WantStable   json.RawMessage `json:"want_stable"`
	Slow         bool
}

// readVectors reads a file of cases from the folder that DECANT_VECTORS names,
// or else from testdata.
func readVectors(t *testing.T, name string) []vectorCase {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(cmp.Or(os.Getenv("DECANT_VECTORS"), "testdata"), name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatalf("%s has no cases", name)
	}
	cases := make([]vectorCase, len(file.Cases))
	for i, raw := range file.Cases {
		decodeStrictly(t, raw, &cases[i])
	}
	return cases
}

// expected is what a case wants: a hash, a verdict, or an error.
type expected struct {
	hash string
	ok   bool
	err  bool
}

func (c vectorCase) expected(t *testing.T) (want expected) {
	t.Helper()
	raw := c.Want
	if c.WantStable != nil {
		raw = c.WantStable
	}
	if raw[0] != '{' {
		decodeStrictly(t, raw, &want.ok)
		return want
	}
	var object struct {
		Hash, Error, Message, Raises string
		OK                           bool
	}
	decodeStrictly(t, raw, &object)
	return expected{hash: object.Hash, ok: object.OK, err: object.Error != "" || object.Raises != ""}
}

func decodeStrictly(t *testing.T, raw []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
}

func TestWerkzeugVectors(t *testing.T) {
	for _, c := range readVectors(t, "passwords.json") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			want := c.expected(t)
			switch c.Op {
			case "hash":
				hash, err := password.Generate(c.Password, password.Method(c.Method), password.Salt(c.Salt))
				if hash != want.hash || (err != nil) != want.err {
					t.Errorf("%s: got %q, %v; want %+v", c.Why, hash, err, want)
				}
			case "check":
				check(t, c, want)
			default:
				t.Fatalf("unknown op %q", c.Op)
			}
		})
	}
}

func TestExtensionVectors(t *testing.T) {
	for _, c := range readVectors(t, "extensions-passwords.json") {
		t.Run(c.ID, func(t *testing.T) {
			switch c.Op {
			case "check":
				want := c.expected(t)
				if c.Hash == nil { // Python refused to make one
					if _, err := password.Generate(c.Password, password.Bcrypt(4)); err == nil {
						t.Errorf("%s: a hash of %q was made; want an error", c.Scheme, c.Password)
					}
					return
				}
				check(t, c, want, optionsFor(t, c.Scheme)...)
			case "double_hash":
				want := c.expected(t)
				check(t, c, want, password.DoubleHash(c.PasswordSalt))
				// Flask-Security hashes the HMAC itself.
				c.Password = c.HMAC
				check(t, c, want)
			case "token": // signed tokens are the root's
			default:
				t.Fatalf("unknown op %q", c.Op)
			}
		})
	}
}

// optionsFor are the options that a scheme needs.
func optionsFor(t *testing.T, scheme string) []password.Option {
	t.Helper()
	switch {
	case scheme == "flask-bcrypt-long":
		return []password.Option{password.LongPasswords()}
	case scheme == "flask-bcrypt", strings.HasPrefix(scheme, "passlib "):
		return nil
	}
	t.Fatalf("unknown scheme %q", scheme)
	return nil
}

// check compares the verdict. Where Python raises, false is as good as an error.
func check(t *testing.T, c vectorCase, want expected, options ...password.Option) {
	t.Helper()
	ok, err := password.Check(*c.Hash, c.Password, options...)
	if ok != want.ok || err != nil && !want.err {
		t.Errorf("%s %s: Check(%q, %q) = %v, %v; want %+v", c.Why, c.Scheme, *c.Hash, c.Password, ok, err, want)
	}
}
