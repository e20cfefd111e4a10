package decant

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/b64"
	"github.com/google/go-cmp/cmp"
)

// A mistake in the making of a signer is reported by each use, and is not
// taken for a bad signature.
func TestSignerMistakes(t *testing.T) {
	for _, test := range []struct {
		name, want string
		signer     *Signer
	}{
		{"empty key", "secret key is empty", NewSigner("", "salt")},
		{"empty key, no derivation", "secret key is empty", NewSigner("", "salt", KeyDerivation("none"))},
		{"empty old key", "old keys is empty", NewSigner("key", "salt", OldKeys("older", ""))},
		{"no hash", "digest method is nil", NewSigner("key", "salt", DigestMethod(nil))},
		{"empty separator", `separator ""`, NewSigner("key", "salt", Separator(""))},
		{"derivation", `"pbkdf2"`, NewSigner("key", "salt", KeyDerivation("pbkdf2"))},
		{"zero value", "NewSigner", new(Signer)},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, signError := test.signer.Sign("value")
			_, unsignError := test.signer.Unsign("value.signature")
			dated := &TimestampSigner{signer: *test.signer}
			_, datedSignError := dated.Sign("value")
			_, _, datedUnsignError := dated.Unsign("value.date.signature", time.Hour)
			for _, err := range []error{signError, unsignError, datedSignError, datedUnsignError} {
				if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrBadData) {
					t.Errorf("error %v, want one about %q", err, test.want)
				}
			}
			if test.signer.Validate("value.signature") || dated.Validate("value.date.signature") {
				t.Error("a broken signer accepts something")
			}
		})
	}
}

func TestOneMaxAgeOnly(t *testing.T) {
	signer := NewTimestampSigner("key", "salt")
	signed, _ := signer.Sign("value")
	if _, _, err := signer.Unsign(signed, time.Hour, time.Minute); err == nil || errors.Is(err, ErrBadData) {
		t.Errorf("two max ages: %v, want an error about the call", err)
	}
}

func TestMaxAgeInFractions(t *testing.T) {
	const signedAt = 1_700_000_000
	signer := NewTimestampSigner("key", "salt")
	signed := string(signer.signer.ring.appendSignature(
		signer.signer.ring.appendTimestamp([]byte("v"), time.Unix(signedAt, 0)), 0))
	for _, test := range []struct {
		age    int64
		maxAge time.Duration
		valid  bool
	}{
		{0, 0, true},
		{1, 0, false},
		{0, -time.Nanosecond, false},
		{1, 1500 * time.Millisecond, true},
		{2, 1500 * time.Millisecond, false},
		{-1, time.Hour, false},
		{1 << 33, 1<<63 - 2, true},
		{1 << 34, 1<<63 - 2, false},
	} {
		signer.clock = func() time.Time { return time.Unix(signedAt+test.age, 0) }
		if valid := signer.Validate(signed, test.maxAge); valid != test.valid {
			t.Errorf("age %d s, max age %v: valid %v, want %v", test.age, test.maxAge, valid, test.valid)
		}
	}
}

func TestErrorTree(t *testing.T) {
	all := []error{ErrBadData, ErrBadSignature, ErrBadTimeSignature, ErrSignatureExpired, ErrBadPayload}
	for _, test := range []struct {
		err  error
		want []error
	}{
		{ErrBadData, all[:1]},
		{ErrBadSignature, all[:2]},
		{ErrBadTimeSignature, all[:3]},
		{ErrSignatureExpired, all[:4]},
		{ErrBadPayload, []error{ErrBadData, ErrBadPayload}},
	} {
		for _, kind := range all {
			want := slices.Contains(test.want, kind)
			if got := errors.Is(&SignatureError{kind: test.err}, kind); got != want {
				t.Errorf("an error of the kind %q is a %q: %v, want %v", test.err, kind, got, want)
			}
		}
	}
}

func TestLongSignatureIsCutInTheMessage(t *testing.T) {
	signer := NewSigner("key", "salt")
	_, err := signer.Unsign("value." + strings.Repeat("\n", 1<<16))
	if message := err.Error(); len(message) > 600 || strings.Contains(message, "\n") {
		t.Errorf("message of %d bytes: %.100s", len(message), message)
	}
}

func TestExpiryMessage(t *testing.T) {
	signer := NewTimestampSigner("key", "salt")
	signer.clock = func() time.Time { return time.Unix(1_700_000_000, 0) }
	signed, _ := signer.Sign("value")
	signer.clock = func() time.Time { return time.Unix(1_702_678_401, 0) }
	for maxAge, want := range map[time.Duration]string{
		31 * 24 * time.Hour:     "signature age 2678401 > 2678400 seconds",
		1500 * time.Millisecond: "signature age 2678401 > 1.5 seconds",
	} {
		if _, _, err := signer.Unsign(signed, maxAge); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("max age %v: error %v, want %q", maxAge, err, want)
		}
	}
}

// GHSA-4grg-w6v8-c28g: Flask 3.1.0 signed with the oldest key.
func TestNewestKeySigns(t *testing.T) {
	rotated := NewSigner("new", "salt", OldKeys("oldest", "old"))
	signed, err := rotated.Sign("value")
	if err != nil {
		t.Fatal(err)
	}
	if !NewSigner("new", "salt").Validate(signed) {
		t.Error("the current key did not sign")
	}
	for _, key := range []string{"oldest", "old", "new"} {
		former, _ := NewSigner(key, "salt").Sign("value")
		if !rotated.Validate(former) {
			t.Errorf("what was signed with the key %q is refused", key)
		}
		if key != "new" && former == signed {
			t.Errorf("the key %q signed", key)
		}
	}
	stranger, _ := NewSigner("stranger", "salt").Sign("value")
	if rotated.Validate(stranger) {
		t.Error("what a stranger signed is accepted")
	}
}

func TestKeysAreTriedFromTheNewest(t *testing.T) {
	ring, err := newKeyring(signing{key: "new", oldKeys: []string{"old"}, separator: ".", derivation: "none", digest: sha1.New})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]byte{[]byte("old"), []byte("new")}, ring.keys); diff != "" {
		t.Fatal(diff)
	}
	signed := string(ring.appendSignature([]byte("value"), 0))
	fresh := &keyring{separator: ring.separator, digest: ring.digest, keys: ring.keys}
	value, signature, _ := fresh.cut(signed)
	d := fresh.takeDesk()
	fresh.desks.New = func() any { return d }
	if !fresh.verify(value, signature) {
		t.Fatal("not verified")
	}
	if d.macs[0] != nil || d.macs[1] == nil {
		t.Error("the old key was tried before the new one")
	}
}

// allSigners yields signers of every kind, all with different signatures.
func allSigners() map[string]*Signer {
	signers := map[string]*Signer{}
	for name, newHash := range vectorDigests {
		for _, derivation := range []string{"django-concat", "concat", "hmac", "none"} {
			for _, separator := range []string{".", "|.|", "·"} {
				signers[name+" "+derivation+" "+separator] = NewSigner("key", "salt",
					DigestMethod(newHash), KeyDerivation(derivation), Separator(separator))
			}
		}
	}
	return signers
}

func TestSignedValuesComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, signer := range allSigners() {
		for range 20 {
			value := randomText(random, random.IntN(80))
			signed, err := signer.Sign(value)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := signer.Unsign(signed); err != nil || got != value {
				t.Fatalf("%s: %q comes back as %q, %v", name, value, got, err)
			}
		}
	}
}

func randomText(random *rand.Rand, length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = byte(random.IntN(256))
	}
	return string(text)
}

// Any changed bit of the value, and any changed character of the signature
// that changes its bytes, must be noticed.
func TestEveryChangeIsNoticed(t *testing.T) {
	signer := NewSigner("key", "salt")
	signed, err := signer.Sign("user=42;admin=0")
	if err != nil {
		t.Fatal(err)
	}
	want := signatureBytes(signed)
	for i := range len(signed) {
		for bit := range 8 {
			changed := []byte(signed)
			changed[i] ^= 1 << bit
			value, err := signer.Unsign(string(changed))
			if err != nil {
				continue
			}
			if value != "user=42;admin=0" || !bytes.Equal(signatureBytes(string(changed)), want) {
				t.Fatalf("%q is accepted as %q", changed, value)
			}
		}
	}
}

func signatureBytes(signed string) []byte {
	decoded, err := b64.AppendDecode(nil, []byte(signed[strings.LastIndex(signed, ".")+1:]))
	if err != nil {
		return nil
	}
	return decoded
}

func TestSignersOfOtherPurposesRefuse(t *testing.T) {
	signed, err := NewSigner("key", "salt").Sign("value")
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*Signer{
		"salt":       NewSigner("key", "other"),
		"empty salt": NewSigner("key", ""),
		"key":        NewSigner("other", "salt"),
		"derivation": NewSigner("key", "salt", KeyDerivation("hmac")),
		"digest":     NewSigner("key", "salt", DigestMethod(sha256.New)),
		"separator":  NewSigner("key", "salt", Separator(":")),
	} {
		if other.Validate(signed) {
			t.Errorf("a signer that differs in its %s accepts the value", name)
		}
	}
}

func TestSignerIsSharedByGoroutines(t *testing.T) {
	signer := NewSigner("new", "salt", OldKeys("old"))
	former := NewSigner("old", "salt")
	done := make(chan error)
	for worker := range 8 {
		go func() {
			for i := range 200 {
				value := fmt.Sprint(worker, i)
				if signed, _ := signer.Sign(value); !signer.Validate(signed) {
					done <- fmt.Errorf("%q is refused", signed)
					return
				}
				if signed, _ := former.Sign(value); !signer.Validate(signed) {
					done <- fmt.Errorf("%q is refused", signed)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestUnsignDoesNotAllocate(t *testing.T) {
	signer := NewSigner("key", "salt")
	signed, err := signer.Sign(strings.Repeat("v", 60))
	if err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(100, func() { signer.Validate(signed) })
	if allocations > allowedAllocations() {
		t.Errorf("Validate allocates %v times", allocations)
	}
}

func FuzzUnsign(f *testing.F) {
	signer := NewSigner("secret-key", "itsdangerous.Signer")
	dated := NewTimestampSigner("secret-key", "itsdangerous.Signer")
	dated.clock = func() time.Time { return time.Unix(1_700_000_000, 0) }
	f.Fuzz(func(t *testing.T, signed string) {
		value, err := signer.Unsign(signed)
		if err != nil {
			if !errors.Is(err, ErrBadSignature) {
				t.Fatalf("Unsign(%q): %v is no bad signature", signed, err)
			}
		} else if own, _ := signer.Sign(value); !bytes.Equal(signatureBytes(signed), signatureBytes(own)) {
			t.Fatalf("Unsign(%q) = %q, which is signed %q", signed, value, own)
		}
		if _, _, err := dated.Unsign(signed, time.Hour); err != nil && !errors.Is(err, ErrBadData) {
			t.Fatalf("Unsign(%q): %v is no bad data", signed, err)
		}
		own, _ := signer.Sign(signed)
		if value, err := signer.Unsign(own); err != nil || value != signed {
			t.Fatalf("%q comes back as %q, %v", signed, value, err)
		}
	})
}

const benchmarkValue = "eyJfcGVybWFuZW50Ijp0cnVlLCJ1c2VyX2lkIjo0MiwibmFtZSI6ImFubiJ9"

func BenchmarkSign(b *testing.B) {
	signer := NewSigner("secret-key", "salt")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = signer.Sign(benchmarkValue)
	}
}

func BenchmarkUnsign(b *testing.B) {
	signer := NewSigner("secret-key", "salt")
	signed, _ := signer.Sign(benchmarkValue)
	b.Run("valid", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = signer.Unsign(signed)
		}
	})
	b.Run("forged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = signer.Unsign("x" + signed)
		}
	})
	rotated := NewSigner("newer", "salt", OldKeys("secret-key"))
	b.Run("old key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = rotated.Unsign(signed)
		}
	})
}

func BenchmarkTimestampUnsign(b *testing.B) {
	signer := NewTimestampSigner("secret-key", "salt")
	signed, _ := signer.Sign(benchmarkValue)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = signer.Unsign(signed, time.Hour)
	}
}

// BenchmarkBareHMAC is the floor: what crypto/hmac and encoding/base64 cost
// with a prepared key and no checks.
func BenchmarkBareHMAC(b *testing.B) {
	value := []byte(benchmarkValue)
	mac := hmac.New(sha1.New, []byte("secret-key"))
	mac.Write(value)
	text := base64.RawURLEncoding.AppendEncode(nil, mac.Sum(nil))
	sum, decoded := make([]byte, 0, 64), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		mac.Reset()
		mac.Write(value)
		sum = mac.Sum(sum[:0])
		decoded, _ = base64.RawURLEncoding.AppendDecode(decoded[:0], text)
		if !hmac.Equal(sum, decoded) {
			b.Fatal("different")
		}
	}
}
