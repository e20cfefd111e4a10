package signing

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustKeyring(t testing.TB, settings Settings) *Keyring {
	t.Helper()
	ring, err := NewKeyring(settings)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestMaxAgeInFractions(t *testing.T) {
	const signedAt = 1_700_000_000
	ring := mustKeyring(t, DefaultSettings("key", "salt"))
	signed := string(ring.AppendSignature(ring.AppendTimestamp([]byte("v"), time.Unix(signedAt, 0)), 0))
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
		_, _, err := ring.UnsignTimed(signed, time.Unix(signedAt+test.age, 0), test.maxAge)
		if valid := err == nil; valid != test.valid {
			t.Errorf("age %d s, max age %v: error %v, want valid %v", test.age, test.maxAge, err, test.valid)
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
			if got := errors.Is(&Error{Kind: test.err}, kind); got != want {
				t.Errorf("an error of the kind %q is a %q: %v, want %v", test.err, kind, got, want)
			}
		}
	}
}

func TestKeysAreTriedFromTheNewest(t *testing.T) {
	ring := mustKeyring(t, Settings{Key: "new", OldKeys: []string{"old"}, Separator: ".", Derivation: "none", Digest: sha1.New})
	if diff := cmp.Diff([][]byte{[]byte("old"), []byte("new")}, ring.keys); diff != "" {
		t.Fatal(diff)
	}
	signed := string(ring.AppendSignature([]byte("value"), 0))
	fresh := &Keyring{separator: ring.separator, digest: ring.digest, keys: ring.keys}
	value, signature, _ := fresh.cut(signed)
	s := fresh.takeScratch()
	fresh.scratches.New = func() any { return s }
	if !fresh.verify(value, signature) {
		t.Fatal("not verified")
	}
	if s.macs[0] != nil || s.macs[1] == nil {
		t.Error("the old key was tried before the new one")
	}
}

// BenchmarkBareHMAC is the floor: the cost of crypto/hmac and encoding/base64
// with a prepared key and no checks.
func BenchmarkBareHMAC(b *testing.B) {
	value := []byte("eyJfcGVybWFuZW50Ijp0cnVlLCJ1c2VyX2lkIjo0MiwibmFtZSI6ImFubiJ9")
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
