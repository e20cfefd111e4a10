package tests

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/signing"
)

// A mistake in the making of a signer is reported by each use, and is not
// taken for a bad signature.
func TestSignerMistakes(t *testing.T) {
	for _, test := range []struct {
		name, want string
		signer     *decant.Signer
		dated      *decant.TimestampSigner
	}{
		{"empty key", "secret key is empty", decant.NewSigner("", "salt"), decant.NewTimestampSigner("", "salt")},
		{"empty key, no derivation", "secret key is empty", decant.NewSigner("", "salt", decant.KeyDerivation("none")), decant.NewTimestampSigner("", "salt", decant.KeyDerivation("none"))},
		{"empty old key", "old keys is empty", decant.NewSigner("key", "salt", decant.OldKeys("older", "")), decant.NewTimestampSigner("key", "salt", decant.OldKeys("older", ""))},
		{"no hash", "digest method is nil", decant.NewSigner("key", "salt", decant.DigestMethod(nil)), decant.NewTimestampSigner("key", "salt", decant.DigestMethod(nil))},
		{"empty separator", `separator ""`, decant.NewSigner("key", "salt", decant.Separator("")), decant.NewTimestampSigner("key", "salt", decant.Separator(""))},
		{"derivation", `"pbkdf2"`, decant.NewSigner("key", "salt", decant.KeyDerivation("pbkdf2")), decant.NewTimestampSigner("key", "salt", decant.KeyDerivation("pbkdf2"))},
		{"zero value", "NewSigner", new(decant.Signer), new(decant.TimestampSigner)},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, signError := test.signer.Sign("value")
			_, unsignError := test.signer.Unsign("value.signature")
			_, datedSignError := test.dated.Sign("value")
			_, _, datedUnsignError := test.dated.Unsign("value.date.signature", time.Hour)
			for _, err := range []error{signError, unsignError, datedSignError, datedUnsignError} {
				if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, decant.ErrBadData) {
					t.Errorf("error %v, want one about %q", err, test.want)
				}
			}
			if test.signer.Validate("value.signature") || test.dated.Validate("value.date.signature") {
				t.Error("a broken signer accepts something")
			}
		})
	}
}

// short is an HMAC of which half is left out.
type short struct{}

func (short) Signature(key, value []byte) []byte {
	mac := hmac.New(sha512.New, key)
	mac.Write(value)
	return mac.Sum(nil)[:16]
}

// The signed values are those of itsdangerous with the same algorithm.
func TestSigningWithAnAlgorithm(t *testing.T) {
	newSHA3 := func() hash.Hash { return sha3.New512() }
	for _, test := range []struct {
		derivation string
		digest     func() hash.Hash
		want       string
	}{
		{"django-concat", sha1.New, `välue.m1UKyc85iqWtuHCHmi4Stg`},
		{"django-concat", sha256.New, `välue.dqcl60YKra4WzIn8-wSBQA`},
		{"django-concat", newSHA3, `välue.ll-_IKx5-mbegzhHwSjIEw`},
		{"concat", sha1.New, `välue.5j0q6aW3Q2V3ghLd65gN6w`},
		{"concat", sha256.New, `välue.bNv4NP5vLGCMoi9yyygp2w`},
		{"concat", newSHA3, `välue.tkw4xAkkVwZlLBo830rnoQ`},
		{"hmac", sha1.New, `välue.5iITuDdbgld9INDEtatOOw`},
		{"hmac", sha256.New, `välue.soKPDR1C_38vF3kSInj2zA`},
		{"hmac", newSHA3, `välue.sK2iUPrwVNIIGMA_J_p9Iw`},
		{"none", sha1.New, `välue.5FfZKrayu3G7CV4Tagkp2w`},
		{"none", sha256.New, `välue.5FfZKrayu3G7CV4Tagkp2w`},
		{"none", newSHA3, `välue.5FfZKrayu3G7CV4Tagkp2w`},
	} {
		signer := decant.NewSigner("key", "salt", decant.KeyDerivation(test.derivation), decant.DigestMethod(test.digest), decant.Algorithm(short{}))
		if got, err := signer.Sign("välue"); got != test.want || err != nil {
			t.Errorf("%s signs %q, %v, want %q", test.derivation, got, err, test.want)
		}
		if got, err := signer.Unsign(test.want); got != "välue" || err != nil {
			t.Errorf("%s reads %q, %v", test.derivation, got, err)
		}
		if _, err := signer.Unsign(test.want + "A"); !errors.Is(err, decant.ErrBadSignature) {
			t.Errorf("%s accepts another signature: %v", test.derivation, err)
		}
	}
	const token = "eyJpZCI6MX0.4nwq7u2phQhbXhtunIJuUQ"
	serializer := decant.NewSerializer("key", "salt", decant.Untimed(), decant.DigestMethod(sha256.New), decant.Algorithm(short{}))
	if got, err := serializer.Dumps(decant.H{"id": 1}); got != token || err != nil {
		t.Errorf("the token is %q, %v, want %q", got, err, token)
	}
	old := decant.NewSerializer("key", "salt", decant.Untimed(), decant.FallbackSigner(decant.DigestMethod(sha256.New), decant.Algorithm(short{})))
	var got decant.H
	if err := old.Loads(token, &got); err != nil || got["id"] != 1 {
		t.Errorf("a fallback reads %v, %v", got, err)
	}
}

// twoKeys signs with a private key, so that it verifies in a way of its own.
type twoKeys struct{ private ed25519.PrivateKey }

func (a twoKeys) Signature(_, value []byte) []byte { return ed25519.Sign(a.private, value) }

func (a twoKeys) Verify(_, value, signature []byte) bool {
	return ed25519.Verify(a.private.Public().(ed25519.PublicKey), value, signature)
}

func TestAnAlgorithmThatVerifies(t *testing.T) {
	mine := twoKeys{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))}
	others := twoKeys{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))}
	signer := decant.NewTimestampSigner("key", "salt", decant.Algorithm(mine))
	signed, err := signer.Sign("value")
	if err != nil || !signer.Validate(signed, time.Hour) {
		t.Errorf("%q, %v is not accepted", signed, err)
	}
	if decant.NewTimestampSigner("key", "salt", decant.Algorithm(others)).Validate(signed) {
		t.Errorf("%q is accepted with another key", signed)
	}
}

// nobody signs nothing, like itsdangerous' NoneAlgorithm.
type nobody struct{}

func (nobody) Signature(_, _ []byte) []byte { return nil }

func TestAnEmptySignatureIsNone(t *testing.T) {
	signer := decant.NewSigner("key", "salt", decant.Algorithm(nobody{}))
	signed, err := signer.Sign("value")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{signed, "value.", "value.=", "value.!"} {
		if signer.Validate(text) {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestOneMaxAgeOnly(t *testing.T) {
	signer := decant.NewTimestampSigner("key", "salt")
	signed, _ := signer.Sign("value")
	if _, _, err := signer.Unsign(signed, time.Hour, time.Minute); err == nil || errors.Is(err, decant.ErrBadData) {
		t.Errorf("two max ages: %v, want an error about the call", err)
	}
}

func TestLongSignatureIsCutInTheMessage(t *testing.T) {
	signer := decant.NewSigner("key", "salt")
	_, err := signer.Unsign("value." + strings.Repeat("\n", 1<<16))
	if message := err.Error(); len(message) > 600 || strings.Contains(message, "\n") {
		t.Errorf("message of %d bytes: %.100s", len(message), message)
	}
}

func TestExpiryMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := decant.NewTimestampSigner("key", "salt")
		signed, _ := signer.Sign("value")
		time.Sleep(2678401 * time.Second)
		for maxAge, want := range map[time.Duration]string{
			31 * 24 * time.Hour:     "signature age 2678401 > 2678400 seconds",
			1500 * time.Millisecond: "signature age 2678401 > 1.5 seconds",
		} {
			if _, _, err := signer.Unsign(signed, maxAge); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("max age %v: error %v, want %q", maxAge, err, want)
			}
		}
	})
}

// Python compares an age below zero with the max age first, which may be below zero
// too.
func TestMessagesAboutValuesFromTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := decant.NewTimestampSigner("key", "salt")
		signed := signedIn(t, 100*time.Second)
		for maxAge, want := range map[time.Duration]string{
			time.Hour:                  "signature age -100 < 0 seconds",
			-time.Second:               "signature age -100 < 0 seconds",
			-100 * time.Second:         "signature age -100 < 0 seconds",
			-100500 * time.Millisecond: "signature age -100 > -100.5 seconds",
			-101 * time.Second:         "signature age -100 > -101 seconds",
		} {
			if _, _, err := signer.Unsign(signed, maxAge); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("max age %v: error %v, want %q", maxAge, err, want)
			}
		}
	})
}

// signedIn signs a value with a date of the future.
func signedIn(t *testing.T, future time.Duration) (signed string) {
	t.Helper()
	seconds := time.Now().Add(future).Unix()
	var date [4]byte
	binary.BigEndian.PutUint32(date[:], uint32(seconds))
	signed, err := decant.NewSigner("key", "salt").Sign("value." + base64.RawURLEncoding.EncodeToString(date[:]))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// GHSA-4grg-w6v8-c28g: Flask 3.1.0 signed with the oldest key.
func TestNewestKeySigns(t *testing.T) {
	rotated := decant.NewSigner("new", "salt", decant.OldKeys("oldest", "old"))
	signed, err := rotated.Sign("value")
	if err != nil {
		t.Fatal(err)
	}
	if !decant.NewSigner("new", "salt").Validate(signed) {
		t.Error("the current key did not sign")
	}
	for _, key := range []string{"oldest", "old", "new"} {
		former, _ := decant.NewSigner(key, "salt").Sign("value")
		if !rotated.Validate(former) {
			t.Errorf("what was signed with the key %q is refused", key)
		}
		if key != "new" && former == signed {
			t.Errorf("the key %q signed", key)
		}
	}
	stranger, _ := decant.NewSigner("stranger", "salt").Sign("value")
	if rotated.Validate(stranger) {
		t.Error("what a stranger signed is accepted")
	}
}

// allSigners returns signers of every kind, all with different signatures.
func allSigners() map[string]*decant.Signer {
	signers := map[string]*decant.Signer{}
	for name, newHash := range vectorDigests {
		for _, derivation := range []string{"django-concat", "concat", "hmac", "none"} {
			for _, separator := range []string{".", "|.|", "·"} {
				signers[name+" "+derivation+" "+separator] = decant.NewSigner("key", "salt",
					decant.DigestMethod(newHash), decant.KeyDerivation(derivation), decant.Separator(separator))
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
// that changes its bytes, is noticed.
func TestEveryChangeIsNoticed(t *testing.T) {
	signer := decant.NewSigner("key", "salt")
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
	decoded, err := signing.AppendDecode(nil, []byte(signed[strings.LastIndex(signed, ".")+1:]))
	if err != nil {
		return nil
	}
	return decoded
}

func TestSignersOfOtherPurposesRefuse(t *testing.T) {
	signed, err := decant.NewSigner("key", "salt").Sign("value")
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*decant.Signer{
		"salt":       decant.NewSigner("key", "other"),
		"empty salt": decant.NewSigner("key", ""),
		"key":        decant.NewSigner("other", "salt"),
		"derivation": decant.NewSigner("key", "salt", decant.KeyDerivation("hmac")),
		"digest":     decant.NewSigner("key", "salt", decant.DigestMethod(sha256.New)),
		"separator":  decant.NewSigner("key", "salt", decant.Separator(":")),
	} {
		if other.Validate(signed) {
			t.Errorf("a signer that differs in its %s accepts the value", name)
		}
	}
}

func TestSignerIsSharedByGoroutines(t *testing.T) {
	signer := decant.NewSigner("new", "salt", decant.OldKeys("old"))
	former := decant.NewSigner("old", "salt")
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
	signer := decant.NewSigner("key", "salt")
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
	signer := decant.NewSigner("secret-key", "itsdangerous.Signer")
	dated := decant.NewTimestampSigner("secret-key", "itsdangerous.Signer")
	f.Fuzz(func(t *testing.T, signed string) {
		value, err := signer.Unsign(signed)
		if err != nil {
			if !errors.Is(err, decant.ErrBadSignature) {
				t.Fatalf("Unsign(%q): %v is no bad signature", signed, err)
			}
		} else if own, _ := signer.Sign(value); !bytes.Equal(signatureBytes(signed), signatureBytes(own)) {
			t.Fatalf("Unsign(%q) = %q, which is signed %q", signed, value, own)
		}
		if _, _, err := dated.Unsign(signed, time.Hour); err != nil && !errors.Is(err, decant.ErrBadData) {
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
	signer := decant.NewSigner("secret-key", "salt")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = signer.Sign(benchmarkValue)
	}
}

func BenchmarkUnsign(b *testing.B) {
	signer := decant.NewSigner("secret-key", "salt")
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
	rotated := decant.NewSigner("newer", "salt", decant.OldKeys("secret-key"))
	b.Run("old key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = rotated.Unsign(signed)
		}
	})
}

func BenchmarkTimestampUnsign(b *testing.B) {
	signer := decant.NewTimestampSigner("secret-key", "salt")
	signed, _ := signer.Sign(benchmarkValue)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = signer.Unsign(signed, time.Hour)
	}
}

// allowedAllocations is 0. The race detector empties pools at random, so more
// are allowed under it.
func allowedAllocations() float64 {
	build, _ := debug.ReadBuildInfo()
	if build != nil && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return 20
	}
	return 0
}
