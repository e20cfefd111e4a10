package tests

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// signerCase has the fields of all vector cases about signers.
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

var vectorDigests = map[string]func() hash.Hash{
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
		t.Fatalf("%s: %T is no text", c.ID, value)
		return ""
	}
}

func (c signerCase) keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	for _, key := range vectors.Secrets(t, c.Secret) {
		keys = append(keys, string(key))
	}
	return keys
}

func (c signerCase) salt(t *testing.T) string {
	t.Helper()
	if string(c.Salt) == "null" || c.Salt == nil {
		return "itsdangerous.Signer"
	}
	return string(vectors.Bytes(t, c.Salt))
}

func (c signerCase) options(t *testing.T) []decant.SignerOption {
	t.Helper()
	newHash, ok := vectorDigests[c.Digest]
	if !ok {
		t.Fatalf("%s: unknown digest %q", c.ID, c.Digest)
	}
	options := []decant.SignerOption{decant.DigestMethod(newHash)}
	if c.KeyDerivation != "" {
		options = append(options, decant.KeyDerivation(c.KeyDerivation))
	}
	if c.Sep != nil {
		options = append(options, decant.Separator(*c.Sep))
	}
	switch c.Algorithm {
	case "":
	case "none":
		options = append(options, decant.DigestMethod(newNoneHash))
	default:
		t.Fatalf("%s: unknown algorithm %q", c.ID, c.Algorithm)
	}
	keys := c.keys(t)
	return append(options, decant.OldKeys(keys[:len(keys)-1]...))
}

func (c signerCase) signer(t *testing.T) *decant.Signer {
	t.Helper()
	keys := c.keys(t)
	return decant.NewSigner(keys[len(keys)-1], c.salt(t), c.options(t)...)
}

func (c signerCase) timestampSigner(t *testing.T) *decant.TimestampSigner {
	t.Helper()
	keys := c.keys(t)
	return decant.NewTimestampSigner(keys[len(keys)-1], c.salt(t), c.options(t)...)
}

func unbase64(t *testing.T, text string) string {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}

// kindName names the most particular exception of itsdangerous that err is.
func kindName(err error) string {
	for _, kind := range []struct {
		name string
		err  error
	}{
		{"SignatureExpired", decant.ErrSignatureExpired},
		{"BadTimeSignature", decant.ErrBadTimeSignature},
		{"BadSignature", decant.ErrBadSignature},
		{"BadPayload", decant.ErrBadPayload},
		{"BadData", decant.ErrBadData},
	} {
		if errors.Is(err, kind.err) {
			return kind.name
		}
	}
	return fmt.Sprintf("%T", err)
}

// kindOfPython says what stands for an exception that is not itsdangerous' own:
// Python's calendar ends with the year 9999.
func kindOfPython(exception string) string {
	switch exception {
	case "OSError", "OverflowError", "ValueError":
		return "BadData"
	}
	return exception
}

// checkSignatureError compares kind, message, payload and date.
func (c signerCase) checkSignatureError(t *testing.T, err error) {
	t.Helper()
	want, message := kindOfPython(c.Want.Error), c.Want.Message
	if want != c.Want.Error {
		message = "" // the words are those of the machine's C library
	}
	if got := kindName(err); got != want {
		t.Fatalf("error %v is a %s, want a %s", err, got, want)
	}
	checkMessage(t, err, message)
	var refused *decant.SignatureError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v is no *SignatureError", err)
	}
	if c.Want.Payload != nil && refused.Payload != c.text(t, c.Want.Payload) {
		t.Errorf("payload %q, want %q", refused.Payload, c.text(t, c.Want.Payload))
	}
	if c.Want.DateSigned != nil {
		checkDate(t, refused.DateSigned, c.Want.DateSigned)
	}
}

func checkDate(t *testing.T, got time.Time, raw json.RawMessage) {
	t.Helper()
	want, _ := vectors.Value(t, raw).(time.Time)
	if diff := vectors.Diff(want, got); diff != "" {
		t.Errorf("date signed:\n%s", diff)
	}
}

// pythonBytes finds bytes as Python prints them.
var pythonBytes = regexp.MustCompile(`b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"`)

// wordsOfPython are the ends of messages that Decant replaces by the error of the
// decoder.
var wordsOfPython = regexp.MustCompile(` (because an exception|because of an exception|before decoding the payload).*`)

// checkMessage wants the words of itsdangerous, in Go's spelling, before the
// advice that follows them.
func checkMessage(t *testing.T, err error, python string) {
	t.Helper()
	want := pythonBytes.ReplaceAllStringFunc(wordsOfPython.ReplaceAllString(python, ""), quotedInGo)
	if want != "" {
		want = "decant: " + strings.ToLower(want[:1]) + want[1:]
	}
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("message %q, want it to begin with %q", err, want)
	}
}

// quotedInGo writes b'\xc3\xa9' as "é", and shortens it as the messages do.
func quotedInGo(python string) string {
	inside := strings.ReplaceAll(python[len("b'"):len(python)-1], `\'`, "'")
	if python[1] == '\'' {
		inside = strings.ReplaceAll(inside, `"`, `\"`)
	}
	text, err := strconv.Unquote(`"` + inside + `"`)
	if err != nil {
		return python
	}
	if longest := 128; len(text) > longest {
		return fmt.Sprintf("%.*q...", longest, text)
	}
	return strconv.Quote(text)
}

func TestSignerVectors(t *testing.T) {
	file := vectors.Load(t, "signer.json")
	checks := map[string]func(*testing.T, signerCase){
		"sign":           checkSign,
		"unsign":         checkUnsign,
		"sep":            checkSep,
		"bad_derivation": checkBadDerivation,
		"ts_sign": func(t *testing.T, c signerCase) {
			at(t, c.Timestamp, func(t *testing.T) { checkTimestampSign(t, c) })
		},
		"ts_unsign": func(t *testing.T, c signerCase) {
			at(t, c.Now, func(t *testing.T) { checkTimestampUnsign(t, c) })
		},
	}
	elsewhere := []string{
		"dumps", "loads", // TestSerializerVectors
		"b64_decode", "b64_encode", "int_bytes", // internal/signing
	}
	for _, op := range file.Ops(t) {
		if slices.Contains(elsewhere, op) {
			continue
		}
		check, ok := checks[op]
		if !ok {
			t.Fatalf("unknown op %q", op)
		}
		for _, c := range vectors.Select[signerCase](t, file, op) {
			t.Run(c.ID, func(t *testing.T) { check(t, c) })
		}
	}
}

// at runs a check at a time in seconds since 1970. The clocks of tests run from
// 2000 to 2262; internal/signing checks what was signed at other times.
func at(t *testing.T, seconds int64, check func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wait := time.Until(time.Unix(seconds, 0))
		if wait < 0 || seconds > 1<<33 {
			return
		}
		time.Sleep(wait)
		check(t)
	})
}

func checkSign(t *testing.T, c signerCase) {
	value, want := c.text(t, c.Value), unbase64(t, c.Want.SignedB64)
	signed, err := c.signer(t).Sign(value)
	if c.hasEmptyKey(t) {
		checkEmptyKey(t, c, signed, err)
		return
	}
	if err != nil || signed != want {
		t.Errorf("Sign(%q) = %q, %v, want %q", value, signed, err, want)
	}
}

// hasEmptyKey reports the one difference: Python signs with an empty key, and then
// everybody can sign.
func (c signerCase) hasEmptyKey(t *testing.T) bool { return slices.Contains(c.keys(t), "") }

func checkEmptyKey(t *testing.T, c signerCase, signed string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("an empty key signs %q", signed)
	}
	checkEmptyKeyRefuses(t, c, unbase64(t, c.Want.SignedB64))
}

func checkEmptyKeyRefuses(t *testing.T, c signerCase, signed string) {
	t.Helper()
	if got, err := c.signer(t).Unsign(signed); err == nil || errors.Is(err, decant.ErrBadData) {
		t.Errorf("Unsign(%q) = %q, %v with an empty key", signed, got, err)
	}
}

func checkUnsign(t *testing.T, c signerCase) {
	signer, signed := c.signer(t), unbase64(t, c.SignedB64)
	if c.hasEmptyKey(t) {
		checkEmptyKeyRefuses(t, c, signed)
		return
	}
	value, err := signer.Unsign(signed)
	if valid := signer.Validate(signed); valid != (c.Want.Error == "") {
		t.Errorf("Validate = %v", valid)
	}
	if c.Want.Error != "" {
		c.checkSignatureError(t, err)
		return
	}
	if want := c.text(t, c.Want.Value); err != nil || value != want {
		t.Errorf("Unsign(%q) = %q, %v, want %q", signed, value, err, want)
	}
}

func checkSep(t *testing.T, c signerCase) {
	_, err := decant.NewSigner("secret-key", "salt", decant.Separator(*c.Sep)).Sign("value")
	if accepted := err == nil; accepted != c.Want.OK {
		t.Errorf("separator %q: %v, want accepted %v", *c.Sep, err, c.Want.OK)
	}
	if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("the separator %q", *c.Sep)) {
		t.Errorf("separator %q: the message does not name it: %v", *c.Sep, err)
	}
}

func checkBadDerivation(t *testing.T, c signerCase) {
	_, err := decant.NewSigner("secret-key", "salt", decant.KeyDerivation(c.KeyDerivation)).Sign("value")
	if err == nil || !strings.Contains(err.Error(), "unknown key derivation") || !strings.Contains(err.Error(), strconv.Quote(c.KeyDerivation)) {
		t.Errorf("key derivation %q: %v, want %s", c.KeyDerivation, err, c.Want.Message)
	}
}

func checkTimestampSign(t *testing.T, c signerCase) {
	value, want := c.text(t, c.Value), unbase64(t, c.Want.SignedB64)
	signed, err := c.timestampSigner(t).Sign(value)
	if c.hasEmptyKey(t) {
		checkEmptyKey(t, c, signed, err)
		return
	}
	if err != nil || signed != want {
		t.Errorf("Sign(%q) = %q, %v, want %q", value, signed, err, want)
	}
}

func checkTimestampUnsign(t *testing.T, c signerCase) {
	signer, signed := c.timestampSigner(t), unbase64(t, c.SignedB64)
	if c.hasEmptyKey(t) {
		checkEmptyKeyRefuses(t, c, signed)
		return
	}
	value, signedAt, err := signer.Unsign(signed, maxAgeOf(c.MaxAge)...)
	if valid := signer.Validate(signed, maxAgeOf(c.MaxAge)...); valid != (c.Want.Error == "") {
		t.Errorf("Validate = %v", valid)
	}
	if c.Want.Error != "" {
		c.checkSignatureError(t, err)
		return
	}
	if want := c.text(t, c.Want.Value); err != nil || value != want {
		t.Errorf("Unsign(%q) = %q, %v, want %q", signed, value, err, want)
	}
	checkDate(t, signedAt, c.Want.SignedAt)
}

func maxAgeOf(seconds *int) []time.Duration {
	if seconds == nil {
		return nil
	}
	return []time.Duration{time.Duration(*seconds) * time.Second}
}
