package flask

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

const tokenSalt = "activate"

// tokenValues are what plain JSON can hold.
var tokenValues = map[string]any{
	"nothing":    nil,
	"text":       "ann@example.com é☃𝄞 \x00\u2028",
	"empty":      "",
	"whole":      -42,
	"large":      new(big.Int).Lsh(big.NewInt(1), 100),
	"float":      1e16,
	"minus zero": math.Copysign(0, -1),
	"infinity":   math.Inf(1),
	"NaN":        math.NaN(),
	"nested":     map[string]any{"id": 1, "roles": []any{"a", []any{}, map[string]any{}}, " t": []any{1.5, true}},
	"compressed": strings.Repeat("long ", 500),
}

func TestItsdangerousReadsTokens(t *testing.T) {
	judge := startJudge(t)
	serializer := decant.NewSerializer(secretKey, tokenSalt)
	for name, value := range tokenValues {
		t.Run(name, func(t *testing.T) {
			token, err := serializer.Dumps(value)
			must(t, err)
			got := judge.ask(question{Command: "loads_token", Secret: secretKey, Salt: tokenSalt, Token: token, MaxAge: 60})
			if got.Refused != "" {
				t.Fatalf("%q is refused: %s", token, got.Refused)
			}
			if diff := diffTyped(describe(value), judge.typedValue(got)); diff != "" {
				t.Errorf("(-Decant +itsdangerous):\n%s", diff)
			}
		})
	}
}

func TestTokensOfItsdangerousAreRead(t *testing.T) {
	judge := startJudge(t)
	serializer := decant.NewSerializer(secretKey, tokenSalt)
	for name, value := range tokenValues {
		t.Run(name, func(t *testing.T) {
			token := judge.ask(question{Command: "dumps_token", Secret: secretKey, Salt: tokenSalt, Value: describe(value)}).Token
			var got any
			must(t, serializer.Loads(token, &got, time.Minute))
			if diff := diffTyped(describe(value), describe(got)); diff != "" {
				t.Errorf("(-itsdangerous +Decant):\n%s", diff)
			}
		})
	}
}

// TestRefusalsHaveTheSameName spoils a token in every way that has a name of
// its own in itsdangerous.
func TestRefusalsHaveTheSameName(t *testing.T) {
	judge := startJudge(t)
	now := time.Now().Unix()
	dumps := func(q question) string {
		q.Command, q.Value = "dumps_token", describe("ann")
		return judge.ask(q).Token
	}
	good := dumps(question{Secret: secretKey, Salt: tokenSalt})
	tokens := map[string]string{
		"old":           dumps(question{Secret: secretKey, Salt: tokenSalt, At: now - 1000}),
		"of the future": dumps(question{Secret: secretKey, Salt: tokenSalt, At: now + 1000}),
		"other salt":    dumps(question{Secret: secretKey, Salt: "reset"}),
		"other key":     dumps(question{Secret: oldKey, Salt: tokenSalt}),
		"altered":       "X" + good,
		"no date":       good[:strings.IndexByte(good, '.')] + good[strings.LastIndexByte(good, '.'):],
		"no signature":  good[:strings.IndexByte(good, '.')],
		"empty":         "",
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			want := judge.ask(question{Command: "loads_token", Secret: secretKey, Salt: tokenSalt, Token: token, MaxAge: 60}).Refused
			var value any
			err := decant.NewSerializer(secretKey, tokenSalt).Loads(token, &value, time.Minute)
			if diff := cmp.Diff(want, nameOf(err)); diff != "" || want == "" {
				t.Errorf("%q is refused with %v (-itsdangerous +Decant):\n%s", token, err, diff)
			}
		})
	}
}

// nameOf is the name that itsdangerous has for an error, the most special one
// that fits.
func nameOf(err error) string {
	switch {
	case errors.Is(err, decant.ErrSignatureExpired):
		return "SignatureExpired"
	case errors.Is(err, decant.ErrBadTimeSignature):
		return "BadTimeSignature"
	case errors.Is(err, decant.ErrBadSignature):
		return "BadSignature"
	}
	return ""
}
