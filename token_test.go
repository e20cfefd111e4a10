package decant

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/b64"
)

func TestBadCompression(t *testing.T) {
	serializer := NewSerializer("key", "salt")
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
			token := signEncoded(serializer, "."+string(b64.AppendEncode(nil, test.packed)))
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
		err := serializer.Loads(signEncoded(serializer, encoded), new(any))
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

// signEncoded signs a payload that is encoded already, well or badly.
func signEncoded(s *Serializer, encoded string) string {
	ring := s.format.signers[0]
	return string(ring.appendSignature(ring.appendTimestamp([]byte(encoded), s.clock()), 0))
}

// GHSA-2mr3-m5q5-wgp6: a few bytes must not be able to claim gigabytes, least
// of all before their signature is known to be good.
func TestInflatedSizeIsBounded(t *testing.T) {
	serializer := NewSerializer("key", "salt")
	for _, test := range []struct {
		size  int
		valid bool
	}{{maxPayload, true}, {maxPayload + 1, false}, {8 << 20, false}} {
		payload := bytes.Repeat([]byte("a"), test.size)
		payload[0], payload[len(payload)-1] = '"', '"'
		token := signEncoded(serializer, "."+string(b64.AppendEncode(nil, deflated(t, payload))))
		var text string
		err := serializer.Loads(token, &text)
		if test.valid && (err != nil || len(text) != test.size-2) {
			t.Errorf("%d bytes: %v", test.size, err)
		}
		if !test.valid && !errors.Is(err, ErrBadPayload) {
			t.Errorf("%d bytes: %v, want a bad payload", test.size, err)
		}
		forged := "x" + token
		if valid, err := NewSerializer("other", "salt").LoadsUnsafe(forged, &text); valid || err != nil {
			t.Errorf("%d bytes, forged: valid %v, error %v", test.size, valid, err)
		}
	}
}

func TestCompressionPays(t *testing.T) {
	serializer := NewSerializer("key", "salt")
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

func TestSessionCookiesAreCompressedFromAKilobyte(t *testing.T) {
	ring, err := newKeyring(defaultSigning("key", "cookie-session"))
	if err != nil {
		t.Fatal(err)
	}
	format := tokenFormat{signers: []*keyring{ring}, timed: true, urlSafe: true, compressFrom: 1024}
	now := time.Unix(1_700_000_000, 0)
	for _, size := range []int{0, 1, 100, 1023, 1024, 5000} {
		payload := bytes.Repeat([]byte("a"), size)
		token := format.appendToken([]byte("session="), payload, now)
		if !bytes.HasPrefix(token, []byte("session=")) {
			t.Fatalf("what was in dst is lost: %.20q", token)
		}
		token = token[len("session="):]
		if compressed := token[0] == '.' && size > 0; compressed != (size >= 1024) {
			t.Errorf("%d bytes: compressed %v", size, compressed)
		}
		got, signedAt, err := format.verify([]byte("head"), string(token), now, time.Hour)
		if err != nil || string(got) != "head"+string(payload) || !signedAt.Equal(now) {
			t.Errorf("%d bytes: %d bytes come back, signed at %v, %v", size, len(got), signedAt, err)
		}
		if got, _, err := format.verify([]byte("head"), "x"+string(token), now, time.Hour); err == nil || string(got) != "head" {
			t.Errorf("%d bytes, forged: %q, %v", size, got, err)
		}
	}
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	format, token, now := benchmarkToken(t)
	buffer := make([]byte, 0, 256)
	allocations := testing.AllocsPerRun(200, func() {
		if _, _, err := format.verify(buffer, token, now, time.Hour); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > allowedAllocations() {
		t.Errorf("verifying a session cookie allocates %v times", allocations)
	}
}

// allowedAllocations is none, except that the race detector empties pools at
// random.
func allowedAllocations() float64 {
	build, _ := debug.ReadBuildInfo()
	if build != nil && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return 20
	}
	return 0
}

// benchmarkToken is a small session cookie.
func benchmarkToken(t testing.TB) (format tokenFormat, token string, now time.Time) {
	t.Helper()
	settings := defaultSigning("0123456789abcdef", "cookie-session")
	settings.derivation = "hmac"
	ring, err := newKeyring(settings)
	if err != nil {
		t.Fatal(err)
	}
	format = tokenFormat{signers: []*keyring{ring}, timed: true, urlSafe: true, compressFrom: 1024}
	now = time.Unix(1_700_000_000, 0)
	return format, string(format.appendToken(nil, []byte(`{"_permanent":true,"name":"ann","user_id":42,"seen":1700000}`), now)), now
}

func BenchmarkSessionToken(b *testing.B) {
	format, token, now := benchmarkToken(b)
	buffer := make([]byte, 0, 4096)
	payload, _, _ := format.verify(nil, token, now, time.Hour)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer = format.appendToken(buffer[:0], payload, now)
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _, _ = format.verify(buffer[:0], token, now, time.Hour)
		}
	})
	large := bytes.Repeat(payload, 25)
	b.Run("append compressed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer = format.appendToken(buffer[:0], large, now)
		}
	})
	packed := string(format.appendToken(nil, large, now))
	b.Run("verify compressed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buffer, _, _ = format.verify(buffer[:0], packed, now, time.Hour)
		}
	})
}
