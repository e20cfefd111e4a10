package signing

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"slices"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/vectors"
)

// signerCase has the fields of all vector cases about signers. The tests of the
// whole library check the operations that need no look inside; the others are
// checked here, and so are dates that no test clock can be set to.
type signerCase struct {
	ID, Op, Why   string
	Secret        json.RawMessage
	Salt          json.RawMessage
	Sep           *string
	KeyDerivation string `json:"key_derivation"`
	Digest        string
	Algorithm     string
	Value         json.RawMessage
	SignedB64     string `json:"signed_b64"`
	InB64         []byte `json:"in_b64"`
	Timestamp     int64
	Now           int64
	MaxAge        *int `json:"max_age"`
	Want          signerWant
}

type signerWant struct {
	OK             bool
	Error, Message string
	SignedB64      string `json:"signed_b64"`
	DerivedKeyHex  string `json:"derived_key_hex"`
	Value, Payload json.RawMessage
	SignedAt       json.RawMessage `json:"signed_at"`
	DateSigned     json.RawMessage `json:"date_signed"`
	B64            []byte
	B64URL         string
	Text, Hex      string
}

var digests = map[string]func() hash.Hash{
	"":       sha1.New,
	"md5":    md5.New,
	"sha1":   sha1.New,
	"sha256": sha256.New,
	"sha384": sha512.New384,
	"sha512": sha512.New,
}

// noneHash makes an HMAC of no bytes, which is itsdangerous' NoneAlgorithm.
type noneHash struct{ hash.Hash }

func (noneHash) Size() int             { return 0 }
func (noneHash) Sum(sum []byte) []byte { return sum }
func newNoneHash() hash.Hash           { return &noneHash{sha1.New()} }

func TestSignerVectors(t *testing.T) {
	file := vectors.Load(t, "signer.json")
	for op, check := range map[string]func(*testing.T, signerCase){
		"sign":       checkSign,
		"b64_decode": checkDecode,
		"b64_encode": checkEncode,
		"int_bytes":  checkIntBytes,
		"ts_sign":    checkTimestampSign,
		"ts_unsign":  checkTimestampUnsign,
	} {
		for _, c := range vectors.Select[signerCase](t, file, op) {
			t.Run(c.ID, func(t *testing.T) { check(t, c) })
		}
	}
}

func (c signerCase) text(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	switch value := vectors.Value(t, raw).(type) {
	case nil:
		return ""
	case string:
		return value
	case []byte:
		return string(value)
	default:
		t.Fatalf("%T is no string", value)
		return ""
	}
}

// settings gives the settings of the case. An algorithm other than HMAC counts
// only for signatures: keys are derived with the digest.
func (c signerCase) settings(t *testing.T) Settings {
	t.Helper()
	settings := DefaultSettings("", "itsdangerous.Signer")
	for _, key := range vectors.Secrets(t, c.Secret) {
		settings.OldKeys = append(settings.OldKeys, string(key))
	}
	newest := len(settings.OldKeys) - 1
	settings.Key, settings.OldKeys = settings.OldKeys[newest], settings.OldKeys[:newest]
	if c.Salt != nil && string(c.Salt) != "null" {
		settings.Salt = string(vectors.Bytes(t, c.Salt))
	}
	if c.Sep != nil {
		settings.Separator = *c.Sep
	}
	if c.KeyDerivation != "" {
		settings.Derivation = c.KeyDerivation
	}
	digest, ok := digests[c.Digest]
	if !ok {
		t.Fatalf("unknown digest %q", c.Digest)
	}
	settings.Digest = digest
	return settings
}

func (s Settings) hasEmptyKey() bool { return s.Key == "" || slices.Contains(s.OldKeys, "") }

// checkSign compares derived key and signature. It goes around NewKeyring,
// which refuses the empty keys that Python signs with.
func checkSign(t *testing.T, c signerCase) {
	settings := c.settings(t)
	derived, err := settings.derive(settings.Key)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(derived); got != c.Want.DerivedKeyHex {
		t.Errorf("derived key %s, want %s", got, c.Want.DerivedKeyHex)
	}
	ring := &Keyring{separator: settings.Separator, digest: settings.Digest, keys: [][]byte{derived}}
	switch c.Algorithm {
	case "":
	case "none":
		ring.digest = newNoneHash
	default:
		t.Fatalf("unknown algorithm %q", c.Algorithm)
	}
	value, want := c.text(t, c.Value), unbase64(t, c.Want.SignedB64)
	if got := string(ring.AppendSignature([]byte(value), 0)); got != want {
		t.Errorf("the signature of %q is %q, want %q", value, got, want)
	}
}

func unbase64(t *testing.T, text string) string {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}

func checkDecode(t *testing.T, c signerCase) {
	got, err := AppendDecode([]byte{}, c.InB64)
	if failed := err != nil; failed != (c.Want.Error != "") {
		t.Fatalf("decoding %q: %v, want %s", c.InB64, err, c.Want.Error)
	}
	if err == nil && !bytes.Equal(got, c.Want.B64) {
		t.Errorf("decoding %q gives %q, want %q", c.InB64, got, c.Want.B64)
	}
}

func checkEncode(t *testing.T, c signerCase) {
	if got := string(AppendEncode(nil, []byte(c.text(t, c.Value)))); got != c.Want.Text {
		t.Errorf("encoding gives %q, want %q", got, c.Want.Text)
	}
}

func checkIntBytes(t *testing.T, c signerCase) {
	var number struct {
		V uint64 `json:",string"`
	}
	if err := json.Unmarshal(c.Value, &number); err != nil {
		t.Fatal(err)
	}
	ring := &Keyring{separator: "."}
	got := string(ring.AppendTimestamp(nil, time.Unix(int64(number.V), 0)))
	if got != "."+c.Want.B64URL {
		t.Errorf("timestamp %d is written %q, want %q", number.V, got, "."+c.Want.B64URL)
	}
	if decoded, err := AppendDecode(nil, []byte(got[1:])); err != nil || hex.EncodeToString(decoded) != c.Want.Hex {
		t.Errorf("timestamp %d has the bytes %x, %v, want %s", number.V, decoded, err, c.Want.Hex)
	}
	if back, ok := parseTimestamp(got[1:]); !ok || back != number.V {
		t.Errorf("timestamp %q is read as %d, %v, want %d", got, back, ok, number.V)
	}
}

func checkTimestampSign(t *testing.T, c signerCase) {
	settings := c.settings(t)
	if settings.hasEmptyKey() {
		return // NewKeyring refuses it
	}
	ring := mustKeyring(t, settings)
	value, want := c.text(t, c.Value), unbase64(t, c.Want.SignedB64)
	signed := ring.AppendSignature(ring.AppendTimestamp([]byte(value), time.Unix(c.Timestamp, 0)), 0)
	if string(signed) != want {
		t.Errorf("%q is signed as %q, want %q", value, signed, want)
	}
}

func checkTimestampUnsign(t *testing.T, c signerCase) {
	settings := c.settings(t)
	if settings.hasEmptyKey() {
		return // NewKeyring refuses it
	}
	ring, maxAge := mustKeyring(t, settings), Forever
	if c.MaxAge != nil {
		maxAge = time.Duration(*c.MaxAge) * time.Second
	}
	value, signedAt, err := ring.UnsignTimed(unbase64(t, c.SignedB64), time.Unix(c.Now, 999_999_999), maxAge)
	if c.Want.Error != "" {
		var refused *Error
		if !errors.As(err, &refused) || c.Want.Payload != nil && refused.Payload != c.text(t, c.Want.Payload) {
			t.Errorf("%q, %v, want %s", value, err, c.Want.Error)
		}
		return
	}
	if want := c.text(t, c.Want.Value); err != nil || value != want {
		t.Fatalf("%q, %v, want %q", value, err, want)
	}
	if diff := vectors.Diff(vectors.Value(t, c.Want.SignedAt), any(signedAt)); diff != "" {
		t.Errorf("the date (-want +got):\n%s", diff)
	}
}

// sessionCase has the fields of all vector cases about session cookies. Here
// only the signature and the packing of the payload count.
type sessionCase struct {
	ID, Op, Why        string
	Secret             json.RawMessage
	Fallbacks          []json.RawMessage
	Salt               string
	KeyDerivation      string `json:"key_derivation"`
	Digest             string
	Timestamp, Now     int64
	MaxAge             int64 `json:"max_age"`
	Value              json.RawMessage
	Cookie, JSON       string
	PayloadB64         string `json:"payload_b64"`
	Compressed         bool
	ByteExact          bool `json:"byte_exact"`
	Config             map[string]any
	Modified, Accessed bool
	Want               sessionWant
}

type sessionWant struct {
	Decodable      bool
	Value          json.RawMessage
	Flask          string
	FlaskSession   json.RawMessage `json:"flask_session"`
	Error, Message string
	SetCookie      []string `json:"set_cookie"`
	Vary           []string
}

func (c sessionCase) format(t *testing.T) TokenFormat {
	t.Helper()
	settings := DefaultSettings(string(vectors.Bytes(t, c.Secret)), c.Salt)
	settings.Derivation = "hmac"
	if c.KeyDerivation != "" {
		settings.Derivation = c.KeyDerivation
	}
	for _, key := range c.Fallbacks {
		settings.OldKeys = append(settings.OldKeys, string(vectors.Bytes(t, key)))
	}
	digest, known := digests[c.Digest]
	if !known {
		t.Fatalf("unknown digest %q", c.Digest)
	}
	settings.Digest = digest
	return TokenFormat{Signers: []*Keyring{mustKeyring(t, settings)}, Timed: true, URLSafe: true, CompressFrom: 1024}
}

func TestSessionVectors(t *testing.T) {
	for _, c := range vectors.Select[sessionCase](t, vectors.Load(t, "sessions.json"), "roundtrip", "load") {
		t.Run(c.ID, func(t *testing.T) {
			t.Log(c.Why)
			format := c.format(t)
			payload, _, err := format.Verify(nil, c.Cookie, time.Unix(c.Now, 0), time.Duration(c.MaxAge)*time.Second)
			if refused := errors.Is(err, ErrBadSignature); refused != (c.Want.Flask == "empty" && !c.Want.Decodable) {
				t.Errorf("%q, %v; Flask's session is %s, decodable %v", payload, err, c.Want.Flask, c.Want.Decodable)
			}
			if want := unbase64(t, c.PayloadB64); want != "" && err == nil && string(payload) != want {
				t.Errorf("the payload is %q, want %q", payload, want)
			}
			if c.JSON != "" && err == nil && string(payload) != c.JSON {
				t.Errorf("the payload is %q, want %q", payload, c.JSON)
			}
		})
	}
}
