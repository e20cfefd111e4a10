package tests

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// securityToken is a case about a signed token of Flask-Security. The file's
// other cases are about password hashes, which the package password tests.
type securityToken struct {
	ID, Op, Name string
	Key, Salt    string
	Now          int64
	Payload      json.RawMessage
	Want         json.RawMessage
}

// A Serializer reads Flask-Security's tokens for logins, confirmations and
// passwords, until they expire, and makes tokens of the same payload.
func TestFlaskSecurityTokens(t *testing.T) {
	count := 0
	file := vectors.Load(t, "extensions-passwords.json")
	for _, raw := range file.Cases {
		var c securityToken
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		if c.Op != "token" {
			continue
		}
		count++
		t.Run(c.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkSecurityToken(t, c) })
		})
	}
	if file.Whole && count == 0 {
		t.Fatal("the file has no tokens")
	}
}

func checkSecurityToken(t *testing.T, c securityToken) {
	time.Sleep(time.Until(time.Unix(c.Now, 0)))
	var token string
	var payload any
	if err := json.Unmarshal(c.Want, &token); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(c.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	serializer := decant.NewSerializer(c.Key, c.Salt)
	made, err := serializer.Dumps(payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{token, made} {
		got := loadedJSON(t, serializer, token)
		if diff := cmp.Diff(payload, got); diff != "" {
			t.Errorf("%s: Loads(%q) (-want +got):\n%s", c.Name, token, diff)
		}
	}
	if date, err := serializer.LoadsTimestamp(token, new(any)); err != nil || date.Unix() != c.Now {
		t.Errorf("%s: the token is of %v, %v; want %d", c.Name, date, err, c.Now)
	}
	time.Sleep(time.Hour)
	if err := serializer.Loads(token, new(any), time.Minute); err == nil {
		t.Errorf("%s: the token is accepted an hour later", c.Name)
	}
	if err := decant.NewSerializer(c.Key, "another salt").Loads(token, new(any)); err == nil {
		t.Errorf("%s: a token for another purpose is accepted", c.Name)
	}
}

// loadedJSON is the payload of a token, in the types of encoding/json.
func loadedJSON(t *testing.T, serializer *decant.Serializer, token string) (value any) {
	t.Helper()
	var raw json.RawMessage
	if err := serializer.Loads(token, &raw, time.Minute); err != nil {
		t.Fatalf("Loads(%q): %v", token, err)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
