package signing

import (
	"bytes"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

func TestSessionCookiesAreCompressedFromAKilobyte(t *testing.T) {
	ring := mustKeyring(t, DefaultSettings("key", "cookie-session"))
	format := TokenFormat{Signers: []*Keyring{ring}, Timed: true, URLSafe: true, CompressFrom: 1024}
	now := time.Unix(1_700_000_000, 0)
	for _, size := range []int{0, 1, 100, 1023, 1024, 5000} {
		payload := bytes.Repeat([]byte("a"), size)
		token := format.AppendToken([]byte("session="), payload, now)
		if !bytes.HasPrefix(token, []byte("session=")) {
			t.Fatalf("what was in dst is lost: %.20q", token)
		}
		token = token[len("session="):]
		if compressed := token[0] == '.' && size > 0; compressed != (size >= 1024) {
			t.Errorf("%d bytes: compressed %v", size, compressed)
		}
		got, signedAt, err := format.Verify([]byte("head"), string(token), now, time.Hour)
		if err != nil || string(got) != "head"+string(payload) || !signedAt.Equal(now) {
			t.Errorf("%d bytes: %d bytes come back, signed at %v, %v", size, len(got), signedAt, err)
		}
		if got, _, err := format.Verify([]byte("head"), "x"+string(token), now, time.Hour); err == nil || string(got) != "head" {
			t.Errorf("%d bytes, forged: %q, %v", size, got, err)
		}
	}
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	format, token, now := benchmarkToken(t)
	buffer := make([]byte, 0, 256)
	allocations := testing.AllocsPerRun(200, func() {
		if _, _, err := format.Verify(buffer, token, now, time.Hour); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > allowedAllocations() {
		t.Errorf("verifying a session cookie allocates %v times", allocations)
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

// benchmarkToken returns a small session cookie, its format and its date.
func benchmarkToken(t testing.TB) (format TokenFormat, token string, now time.Time) {
	t.Helper()
	settings := DefaultSettings("0123456789abcdef", "cookie-session")
	settings.Derivation = "hmac"
	ring := mustKeyring(t, settings)
	format = TokenFormat{Signers: []*Keyring{ring}, Timed: true, URLSafe: true, CompressFrom: 1024}
	now = time.Unix(1_700_000_000, 0)
	return format, string(format.AppendToken(nil, []byte(`{"_permanent":true,"name":"ann","user_id":42,"seen":1700000}`), now)), now
}

func BenchmarkSessionToken(b *testing.B) {
	format, token, now := benchmarkToken(b)
	buffer := make([]byte, 0, 4096)
	payload, _, _ := format.Verify(nil, token, now, time.Hour)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer = format.AppendToken(buffer[:0], payload, now)
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _, _ = format.Verify(buffer[:0], token, now, time.Hour)
		}
	})
	large := bytes.Repeat(payload, 25)
	b.Run("append compressed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer = format.AppendToken(buffer[:0], large, now)
		}
	})
	packed := string(format.AppendToken(nil, large, now))
	b.Run("verify compressed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _, _ = format.Verify(buffer[:0], packed, now, time.Hour)
		}
	})
}
