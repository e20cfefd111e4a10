package tests

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/internal/vectors"
	"github.com/google/go-cmp/cmp"
)

func TestLoadsIntoEveryKind(t *testing.T) {
	type account struct {
		ID    int      `json:"id"`
		Roles []string `json:"roles"`
	}
	serializer := decant.NewSerializer("key", "salt")
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
func signedPayload(t *testing.T, payload string) string {
	t.Helper()
	return signEncoded(t, string(signing.AppendEncode(nil, []byte(payload))))
}

func TestBadPayloads(t *testing.T) {
	serializer := decant.NewSerializer("key", "salt")
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
		err := serializer.Loads(signedPayload(t, test.payload), test.into)
		if kindName(err) != "BadPayload" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("payload %q: error %v, want a bad payload with %q", test.payload, err, test.want)
		}
	}
	var mismatch *json.UnmarshalTypeError
	if err := serializer.Loads(signedPayload(t, `"five"`), &id); !errors.As(err, &mismatch) {
		t.Errorf("error %v hides what the decoder said", err)
	}
}

func TestLoadsTimestamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(9*time.Hour + 123)
		for class, options := range serializerClasses {
			checkTimestamp(t, class, decant.NewSerializer("key", "salt", options...))
		}
	})
}

func checkTimestamp(t *testing.T, class string, serializer *decant.Serializer) {
	t.Helper()
	token, err := serializer.Dumps("value")
	if err != nil {
		t.Fatal(err)
	}
	var value string
	signedAt, err := serializer.LoadsTimestamp(token, &value, time.Minute)
	if !strings.Contains(class, "Timed") {
		if err == nil || errors.Is(err, decant.ErrBadData) || value != "" {
			t.Errorf("%s: LoadsTimestamp = %v, %v, want an error about the call", class, signedAt, err)
		}
		if err := serializer.Loads(token, &value, time.Minute); err == nil || errors.Is(err, decant.ErrBadData) || value != "" {
			t.Errorf("%s: Loads with a max age: %v, want an error about the call", class, err)
		}
		return
	}
	if want := time.Now().Truncate(time.Second).UTC(); err != nil || signedAt != want || value != "value" {
		t.Errorf("%s: %q signed at %v, %v, want %v", class, value, signedAt, err, want)
	}
}

func TestFallbackSigners(t *testing.T) {
	former := map[string]*decant.Serializer{
		"default": decant.NewSerializer("key", "salt"),
		"old key": decant.NewSerializer("old", "salt"),
		"hmac":    decant.NewSerializer("key", "salt", decant.KeyDerivation("hmac"), decant.DigestMethod(sha512.New)),
		"colon":   decant.NewSerializer("old", "salt", decant.Separator(":")),
	}
	current := decant.NewSerializer("key", "salt", decant.DigestMethod(sha256.New),
		decant.FallbackSigner(),
		decant.FallbackSigner(decant.KeyDerivation("hmac"), decant.DigestMethod(sha512.New)),
		decant.FallbackSigner(decant.Separator(":")),
		decant.OldKeys("old"))
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
	if err := decant.NewSerializer("key", "salt", decant.DigestMethod(sha256.New)).Loads(token, new(string)); err != nil {
		t.Errorf("a fallback signed: %v", err)
	}
}

func TestSerializerMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		serializer *decant.Serializer
		want       string
	}{
		"empty key":     {decant.NewSerializer("", "salt"), "secret key is empty"},
		"empty old key": {decant.NewSerializer("key", "salt", decant.OldKeys("")), "old keys is empty"},
		"fallback":      {decant.NewSerializer("key", "salt", decant.FallbackSigner(decant.KeyDerivation("?"))), `key derivation "?"`},
		"zero value":    {new(decant.Serializer), "NewSerializer"},
	} {
		_, dumpsError := test.serializer.Dumps("value")
		loadsError := test.serializer.Loads("value", new(string))
		_, datedError := test.serializer.LoadsTimestamp("value", new(string))
		valid, unsafeError := test.serializer.LoadsUnsafe("value", new(string))
		for _, err := range []error{dumpsError, loadsError, datedError, unsafeError} {
			if valid || err == nil || errors.Is(err, decant.ErrBadData) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want one about %q", name, err, test.want)
			}
		}
	}
}

func TestMistakesInCalls(t *testing.T) {
	serializer := decant.NewSerializer("key", "salt")
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
			if err == nil || errors.Is(err, decant.ErrBadData) || !strings.Contains(err.Error(), "address of a variable") {
				t.Errorf("%s: error %v, want one about the call", name, err)
			}
		}
	}
	if err := serializer.Loads(token, new(int), time.Hour, time.Hour); err == nil || errors.Is(err, decant.ErrBadData) {
		t.Errorf("two max ages: %v, want an error about the call", err)
	}
	if token, err := serializer.Dumps(make(chan int)); err == nil || !strings.Contains(err.Error(), "chan int") {
		t.Errorf("Dumps of a channel = %q, %v, want an error that names the type", token, err)
	}
}

func TestSerializersOfOtherPurposesRefuse(t *testing.T) {
	activate := decant.NewSerializer("key", "activate")
	token, err := activate.Dumps(map[string]any{"id": 5})
	if err != nil {
		t.Fatal(err)
	}
	reset := decant.NewSerializer("key", "reset")
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
		serializer := decant.NewSerializer("key", "salt", options...)
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

func TestBadCompression(t *testing.T) {
	serializer := decant.NewSerializer("key", "salt")
	stream := deflated(t, []byte(`"some text that is packed"`))
	for name, test := range map[string]struct {
		packed []byte
		want   string
	}{
		"whole":       {stream, ""},
		"more after":  {append(slices.Clone(stream), "junk"...), ""},
		"truncated":   {stream[:len(stream)-5], "zlib decompress"},
		"no checksum": {stream[:len(stream)-4], "zlib decompress"},
		"bad header":  {append([]byte{0x78, 0x9d}, stream[2:]...), "zlib decompress"},
		"raw deflate": {stream[2:], "zlib decompress"},
		"gzip":        {[]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\xca,"), "zlib decompress"},
		"nothing":     {nil, "zlib decompress"},
	} {
		t.Run(name, func(t *testing.T) {
			token := signEncoded(t, "."+string(signing.AppendEncode(nil, test.packed)))
			var got string
			err := serializer.Loads(token, &got)
			if test.want == "" {
				if err != nil || got != "some text that is packed" {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			if kindName(err) != "BadPayload" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want a bad payload with %q", err, test.want)
			}
		})
	}
	for _, encoded := range []string{"a", ".a"} {
		err := serializer.Loads(signEncoded(t, encoded), new(any))
		if kindName(err) != "BadPayload" || !strings.Contains(err.Error(), "base64 decode") {
			t.Errorf("payload %q: error %v, want a bad payload", encoded, err)
		}
	}
}

func deflated(t *testing.T, payload []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := zlib.NewWriter(&packed)
	if _, err := writer.Write(payload); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// signEncoded makes a token of NewSerializer("key", "salt") from a payload that
// is encoded already, well or badly.
func signEncoded(t *testing.T, encoded string) string {
	t.Helper()
	token, err := decant.NewTimestampSigner("key", "salt").Sign(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// GHSA-2mr3-m5q5-wgp6: a few bytes must not be able to claim gigabytes, least
// of all before their signature is known to be good.
func TestInflatedSizeIsBounded(t *testing.T) {
	serializer := decant.NewSerializer("key", "salt")
	for _, test := range []struct {
		size  int
		valid bool
	}{{signing.MaxPayload, true}, {signing.MaxPayload + 1, false}, {8 << 20, false}} {
		payload := bytes.Repeat([]byte("a"), test.size)
		payload[0], payload[len(payload)-1] = '"', '"'
		token := signEncoded(t, "."+string(signing.AppendEncode(nil, deflated(t, payload))))
		var text string
		err := serializer.Loads(token, &text)
		if test.valid && (err != nil || len(text) != test.size-2) {
			t.Errorf("%d bytes: %v", test.size, err)
		}
		if !test.valid && !errors.Is(err, decant.ErrBadPayload) {
			t.Errorf("%d bytes: %v, want a bad payload", test.size, err)
		}
		forged := "x" + token
		if valid, err := decant.NewSerializer("other", "salt").LoadsUnsafe(forged, &text); valid || err != nil {
			t.Errorf("%d bytes, forged: valid %v, error %v", test.size, valid, err)
		}
	}
}

func TestCompressionPays(t *testing.T) {
	serializer := decant.NewSerializer("key", "salt")
	for size := range 200 {
		value := strings.Repeat("1", size)
		token, err := serializer.Dumps(value)
		if err != nil {
			t.Fatal(err)
		}
		payload := []byte(`"` + value + `"`)
		want := len(deflated(t, payload)) < len(payload)-1
		if compressed := token[0] == '.'; compressed != want {
			t.Errorf("%d bytes: compressed %v, want %v", len(payload), compressed, want)
		}
	}
	tiny, err := serializer.Dumps(json.RawMessage("111111111111"))
	if err != nil {
		t.Fatal(err)
	}
	var back any
	if err := serializer.Loads(tiny, &back); err != nil || back != 111111111111 {
		t.Errorf("the smallest compressible payload comes back as %v, %v", back, err)
	}
}

func FuzzLoads(f *testing.F) {
	const key, salt = "secret key", "itsdangerous"
	var serializers []*decant.Serializer
	for _, options := range serializerClasses {
		serializers = append(serializers, decant.NewSerializer(key, salt, options...))
	}
	dated, undated := decant.NewTimestampSigner(key, salt), decant.NewSigner(key, salt)
	f.Fuzz(func(t *testing.T, token string) {
		for _, serializer := range serializers {
			var value any
			err := serializer.Loads(token, &value)
			if err != nil && (!errors.Is(err, decant.ErrBadData) || value != nil) {
				t.Fatalf("Loads(%q) = %v, %v", token, value, err)
			}
			var unsafe any
			valid, unsafeErr := serializer.LoadsUnsafe(token, &unsafe)
			if valid != (err == nil) || unsafeErr != nil && errors.Is(unsafeErr, decant.ErrBadSignature) {
				t.Fatalf("LoadsUnsafe(%q): valid %v, %v; Loads says %v", token, valid, unsafeErr, err)
			}
			if valid && vectors.Diff(value, unsafe) != "" {
				t.Fatalf("LoadsUnsafe(%q) = %v, Loads gives %v", token, unsafe, value)
			}
			// The fuzzed input as a payload with a good signature.
			signed, _ := dated.Sign(token)
			unstamped, _ := undated.Sign(token)
			for _, signed := range []string{signed, unstamped} {
				if err := serializer.Loads(signed, &value); errors.Is(err, decant.ErrSignatureExpired) {
					t.Fatalf("payload %q: %v", token, err)
				}
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
	serializer := decant.NewSerializer("secret-key", "activate")
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
	serializer := decant.NewSerializer("secret-key", "activate")
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
		decant.NewSerializer("secret-key", "activate")
	}
}
