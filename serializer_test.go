package decant

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/vectors"
	"github.com/google/go-cmp/cmp"
)

func TestLoadsIntoEveryKind(t *testing.T) {
	type account struct {
		ID    int      `json:"id"`
		Roles []string `json:"roles"`
	}
	serializer := NewSerializer("key", "salt")
	large, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	var (
		id      int
		name    string
		whole   any
		members map[string]any
		list    []any
		typed   account
		number  *big.Int
		ratio   float64
	)
	for _, test := range []struct {
		value, into, want any
	}{
		{5, &id, 5},
		{"ann", &name, "ann"},
		{7, &whole, 7},
		{nil, &whole, nil},
		{large, &whole, large},
		{large, &number, large},
		{math.MaxInt64, &whole, math.MaxInt64},
		{1.0, &whole, 1.0},
		{math.Inf(-1), &whole, math.Inf(-1)},
		{math.NaN(), &whole, math.NaN()},
		{0.25, &ratio, 0.25},
		{map[string]any{"id": 5, "x": []any{true, nil}}, &members, map[string]any{"id": 5, "x": []any{true, nil}}},
		{[]int{1, 2}, &list, []any{1, 2}},
		{account{ID: 3, Roles: []string{"editor"}}, &typed, account{ID: 3, Roles: []string{"editor"}}},
	} {
		token, err := serializer.Dumps(test.value)
		if err != nil {
			t.Errorf("Dumps(%v): %v", test.value, err)
			continue
		}
		if err := serializer.Loads(token, test.into, time.Hour); err != nil {
			t.Errorf("Loads of %v: %v", test.value, err)
		}
		if diff := vectors.Diff(test.want, reflect.ValueOf(test.into).Elem().Interface()); diff != "" {
			t.Errorf("Loads of %v:\n%s", test.value, diff)
		}
	}
}

// signedPayload makes a token of text that Dumps would never write.
func signedPayload(s *Serializer, payload string) string {
	return string(s.format.appendToken(nil, []byte(payload), s.clock()))
}

func TestBadPayloads(t *testing.T) {
	serializer := NewSerializer("key", "salt")
	var (
		whole   any
		members map[string]any
		id      int
	)
	for _, test := range []struct {
		payload, want string
		into          any
	}{
		{`[1,`, "payload", &whole},
		{`{"a":1} x`, "payload", &whole},
		{"\"\xff\"", "payload", &whole},
		{`[1]`, "it holds a []interface {}", &members},
		{`"\ud800`, "payload", &id},
		{"\"\xff\"", "not UTF-8", new(string)},
		{`"five"`, "cannot unmarshal string", &id},
		{"", "payload", &id},
	} {
		err := serializer.Loads(signedPayload(serializer, test.payload), test.into)
		if kindName(err) != "BadPayload" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("payload %q: error %v, want a bad payload with %q", test.payload, err, test.want)
		}
	}
	var mismatch *json.UnmarshalTypeError
	if err := serializer.Loads(signedPayload(serializer, `"five"`), &id); !errors.As(err, &mismatch) {
		t.Errorf("error %v hides what the decoder said", err)
	}
}

func TestLoadsTimestamp(t *testing.T) {
	made := time.Date(2024, 5, 6, 7, 8, 9, 123, time.FixedZone("", 3600))
	for class, options := range serializerClasses {
		serializer := NewSerializer("key", "salt", options...)
		serializer.clock = func() time.Time { return made }
		token, err := serializer.Dumps("value")
		if err != nil {
			t.Fatal(err)
		}
		var value string
		signedAt, err := serializer.LoadsTimestamp(token, &value, time.Minute)
		if !strings.Contains(class, "Timed") {
			if err == nil || errors.Is(err, ErrBadData) || value != "" {
				t.Errorf("%s: LoadsTimestamp = %v, %v, want an error about the call", class, signedAt, err)
			}
			if err := serializer.Loads(token, &value, time.Minute); err == nil || errors.Is(err, ErrBadData) || value != "" {
				t.Errorf("%s: Loads with a max age: %v, want an error about the call", class, err)
			}
			continue
		}
		if want := made.Truncate(time.Second).UTC(); err != nil || signedAt != want || value != "value" {
			t.Errorf("%s: %q signed at %v, %v, want %v", class, value, signedAt, err, want)
		}
	}
}

func TestFallbackSigners(t *testing.T) {
	former := map[string]*Serializer{
		"default": NewSerializer("key", "salt"),
		"old key": NewSerializer("old", "salt"),
		"hmac":    NewSerializer("key", "salt", KeyDerivation("hmac"), DigestMethod(sha512.New)),
		"colon":   NewSerializer("old", "salt", Separator(":")),
	}
	current := NewSerializer("key", "salt", DigestMethod(sha256.New),
		FallbackSigner(),
		FallbackSigner(KeyDerivation("hmac"), DigestMethod(sha512.New)),
		FallbackSigner(Separator(":")),
		OldKeys("old"))
	for name, serializer := range former {
		token, err := serializer.Dumps(name)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := current.Loads(token, &got, time.Hour); err != nil || got != name {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	token, err := current.Dumps("new")
	if err != nil {
		t.Fatal(err)
	}
	if err := NewSerializer("key", "salt", DigestMethod(sha256.New)).Loads(token, new(string)); err != nil {
		t.Errorf("a fallback signed: %v", err)
	}
}

func TestSerializerMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		serializer *Serializer
		want       string
	}{
		"empty key":     {NewSerializer("", "salt"), "secret key is empty"},
		"empty old key": {NewSerializer("key", "salt", OldKeys("")), "old keys is empty"},
		"fallback":      {NewSerializer("key", "salt", FallbackSigner(KeyDerivation("?"))), `key derivation "?"`},
		"zero value":    {new(Serializer), "NewSerializer"},
	} {
		_, dumpsError := test.serializer.Dumps("value")
		loadsError := test.serializer.Loads("value", new(string))
		_, datedError := test.serializer.LoadsTimestamp("value", new(string))
		valid, unsafeError := test.serializer.LoadsUnsafe("value", new(string))
		for _, err := range []error{dumpsError, loadsError, datedError, unsafeError} {
			if valid || err == nil || errors.Is(err, ErrBadData) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want one about %q", name, err, test.want)
			}
		}
	}
}

func TestMistakesInCalls(t *testing.T) {
	serializer := NewSerializer("key", "salt")
	token, err := serializer.Dumps(5)
	if err != nil {
		t.Fatal(err)
	}
	for name, into := range map[string]any{
		"nil":         nil,
		"no pointer":  0,
		"nil pointer": (*int)(nil),
		"nil any":     (*any)(nil),
	} {
		loadsError := serializer.Loads(token, into)
		_, unsafeError := serializer.LoadsUnsafe(token, into)
		_, forgedError := serializer.LoadsUnsafe(token+"x", into)
		for _, err := range []error{loadsError, unsafeError, forgedError} {
			if err == nil || errors.Is(err, ErrBadData) || !strings.Contains(err.Error(), "address of a variable") {
				t.Errorf("%s: error %v, want one about the call", name, err)
			}
		}
	}
	if err := serializer.Loads(token, new(int), time.Hour, time.Hour); err == nil || errors.Is(err, ErrBadData) {
		t.Errorf("two max ages: %v, want an error about the call", err)
	}
	if token, err := serializer.Dumps(make(chan int)); err == nil || !strings.Contains(err.Error(), "chan int") {
		t.Errorf("Dumps of a channel = %q, %v, want an error that names the type", token, err)
	}
}

func TestSerializersOfOtherPurposesRefuse(t *testing.T) {
	activate := NewSerializer("key", "activate")
	token, err := activate.Dumps(map[string]any{"id": 5})
	if err != nil {
		t.Fatal(err)
	}
	reset := NewSerializer("key", "reset")
	var value any
	if err := reset.Loads(token, &value); kindName(err) != "BadTimeSignature" || value != nil {
		t.Errorf("%v, %v", value, err)
	}
	valid, err := reset.LoadsUnsafe(token, &value)
	if diff := cmp.Diff(map[string]any{"id": 5}, value); valid || err != nil || diff != "" {
		t.Errorf("LoadsUnsafe: valid %v, error %v, value:\n%s", valid, err, diff)
	}
}

// Every class brings every value back, whatever its size and characters.
func TestTokensComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for class, options := range serializerClasses {
		serializer := NewSerializer("key", "salt", options...)
		for range 100 {
			value := randomValue(random, 3)
			token, err := serializer.Dumps(value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(class, "URLSafe") && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
				t.Fatalf("%s: the token %q is not safe in a URL", class, token)
			}
			var got any
			if err := serializer.Loads(token, &got); err != nil {
				t.Fatalf("%s: %v: %v", class, value, err)
			}
			if diff := vectors.Diff(value, got); diff != "" {
				t.Fatalf("%s:\n%s", class, diff)
			}
		}
	}
}

func randomValue(random *rand.Rand, depth int) any {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch random.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return random.IntN(2) == 0
	case 2:
		return random.Int() - math.MaxInt/2
	case 3:
		return random.NormFloat64() * math.Pow(10, float64(random.IntN(40)-20))
	case 4:
		return new(big.Int).Lsh(big.NewInt(random.Int64()|1), 64)
	case 5:
		return randomUnicode(random)
	case 6:
		list := make([]any, random.IntN(5))
		for i := range list {
			list[i] = randomValue(random, depth-1)
		}
		return list
	default:
		members := map[string]any{}
		for range random.IntN(5) {
			members[randomUnicode(random)] = randomValue(random, depth-1)
		}
		return members
	}
}

func randomUnicode(random *rand.Rand) string {
	var text strings.Builder
	for range random.IntN(40) {
		limit := []int32{0x20, 0x80, 0x800, 0xD800, 0x110000}[random.IntN(5)]
		text.WriteRune(random.Int32N(limit)) // surrogates become U+FFFD
	}
	return text.String()
}

func FuzzLoads(f *testing.F) {
	const key, salt = "secret key", "itsdangerous"
	var serializers []*Serializer
	for _, options := range serializerClasses {
		serializer := NewSerializer(key, salt, options...)
		serializer.clock = func() time.Time { return time.Unix(1_700_000_000, 0) }
		serializers = append(serializers, serializer)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, serializer := range serializers {
			var value any
			err := serializer.Loads(token, &value)
			if err != nil && (!errors.Is(err, ErrBadData) || value != nil) {
				t.Fatalf("Loads(%q) = %v, %v", token, value, err)
			}
			var unsafe any
			valid, unsafeErr := serializer.LoadsUnsafe(token, &unsafe)
			if valid != (err == nil) || unsafeErr != nil && errors.Is(unsafeErr, ErrBadSignature) {
				t.Fatalf("LoadsUnsafe(%q): valid %v, %v; Loads says %v", token, valid, unsafeErr, err)
			}
			if valid && vectors.Diff(value, unsafe) != "" {
				t.Fatalf("LoadsUnsafe(%q) = %v, Loads gives %v", token, unsafe, value)
			}
			// The fuzzed text as a payload with a good signature.
			if err := serializer.Loads(signEncoded(serializer, token), &value); errors.Is(err, ErrSignatureExpired) {
				t.Fatalf("payload %q: %v", token, err)
			}
			if again, err := serializer.Dumps(value); err != nil {
				t.Fatalf("payload %q: %#v cannot be written back: %v", token, value, err)
			} else if err := serializer.Loads(again, &unsafe); err != nil || vectors.Diff(value, unsafe) != "" {
				t.Fatalf("payload %q: %#v comes back as %#v, %v", token, value, unsafe, err)
			}
		}
	})
}

func BenchmarkDumps(b *testing.B) {
	serializer := NewSerializer("secret-key", "activate")
	for name, value := range map[string]any{
		"id":      42,
		"account": map[string]any{"id": 42, "email": "ann@example.com", "name": "Ann"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = serializer.Dumps(value)
			}
		})
	}
}

func BenchmarkLoads(b *testing.B) {
	serializer := NewSerializer("secret-key", "activate")
	token, _ := serializer.Dumps(42)
	b.ReportAllocs()
	for b.Loop() {
		var id int
		_ = serializer.Loads(token, &id, time.Hour)
	}
}

// BenchmarkNewSerializer is what a view pays that makes its serializer anew.
func BenchmarkNewSerializer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewSerializer("secret-key", "activate")
	}
}
