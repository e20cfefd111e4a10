package signing

import (
	"crypto/hmac"
	"crypto/sha1"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Settings says how a keyring signs.
type Settings struct {
	Key        string
	OldKeys    []string // oldest first
	Salt       string
	Separator  string
	Derivation string // "django-concat", "concat", "hmac" or "none"
	Digest     func() hash.Hash
	Algorithm  Algorithm // nil for the HMAC of Digest
}

// Algorithm makes the signatures of a keyring. It mirrors
// itsdangerous.SigningAlgorithm.
type Algorithm interface {
	Signature(key, value []byte) []byte
}

// Verifier is an Algorithm that does not compare signatures to see which are good.
type Verifier interface {
	Algorithm
	Verify(key, value, signature []byte) bool
}

// DefaultSettings returns the defaults of itsdangerous.Signer.
func DefaultSettings(key, salt string) Settings {
	return Settings{Key: key, Salt: salt, Separator: ".", Derivation: "django-concat", Digest: sha1.New}
}

// Keyring signs and verifies. It holds the derived keys of one signer, so that
// no request waits for a derivation. Goroutines may share it.
type Keyring struct {
	separator string
	digest    func() hash.Hash
	algorithm Algorithm // nil for the HMAC of digest
	keys      [][]byte  // derived, oldest first
	scratches sync.Pool // of *scratch
}

// NewKeyring derives the keys. The error names the setting that is missing or
// unknown.
func NewKeyring(settings Settings) (*Keyring, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	ring := &Keyring{separator: settings.Separator, digest: settings.Digest, algorithm: settings.Algorithm}
	for _, key := range append(slices.Clip(settings.OldKeys), settings.Key) {
		derived, err := settings.derive(key)
		if err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, derived)
	}
	return ring, nil
}

func (s Settings) check() error {
	if s.Key == "" {
		return errors.New("decant: the secret key is empty, and anybody could sign with that; use a long random key that is kept secret, such as the output of: " + KeyCommand)
	}
	if slices.Contains(s.OldKeys, "") {
		return errors.New("decant: one of the old keys is empty, and anybody could sign with that; leave it out of OldKeys")
	}
	if s.Digest == nil {
		return errors.New("decant: the digest method is nil; use a function such as sha256.New, or leave DigestMethod out")
	}
	return checkSeparator(s.Separator)
}

// checkSeparator refuses the separators that itsdangerous refuses: every
// substring of its list of signature characters, and the empty string.
func checkSeparator(separator string) error {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_="
	if strings.Contains(alphabet, separator) {
		return fmt.Errorf("decant: the separator %q may be contained in the signature itself; use something else than ASCII letters, digits, '-', '_' and '='", separator)
	}
	return nil
}

func (s Settings) derive(key string) ([]byte, error) {
	switch s.Derivation {
	case "django-concat":
		return digestOf(s.Digest(), s.Salt, "signer", key), nil
	case "concat":
		return digestOf(s.Digest(), s.Salt, key), nil
	case "hmac":
		return digestOf(hmac.New(s.Digest, []byte(key)), s.Salt), nil
	case "none":
		return []byte(key), nil
	}
	return nil, fmt.Errorf("decant: unknown key derivation %q; use \"django-concat\", \"concat\", \"hmac\" or \"none\"", s.Derivation)
}

func digestOf(digest hash.Hash, parts ...string) []byte {
	for _, part := range parts {
		io.WriteString(digest, part) // a hash never fails to write
	}
	return digest.Sum(nil)
}

// scratch is the working memory of one signature or verification.
type scratch struct {
	macs      []hash.Hash // one for each key, nil until it is needed
	text      []byte
	signature []byte
	sum       []byte
}

// largestScratch bounds the memory that stays allocated after a huge value.
const largestScratch = 16 << 10

func (k *Keyring) takeScratch() *scratch {
	if s, ok := k.scratches.Get().(*scratch); ok {
		return s
	}
	return &scratch{macs: make([]hash.Hash, len(k.keys))}
}

func (k *Keyring) releaseScratch(s *scratch) {
	if cap(s.text) <= largestScratch {
		k.scratches.Put(s)
	}
}

// sumOf returns the signature of value under one key. The result is valid until the
// next sum in the same scratch. An HMAC that is reset keeps the hashed state of
// its key; a new one has to hash the key first.
func (k *Keyring) sumOf(s *scratch, key int, value []byte) []byte {
	if k.algorithm != nil {
		return k.algorithm.Signature(k.keys[key], value)
	}
	if s.macs[key] == nil {
		s.macs[key] = hmac.New(k.digest, k.keys[key])
	} else {
		s.macs[key].Reset()
	}
	s.macs[key].Write(value)
	s.sum = s.macs[key].Sum(s.sum[:0])
	return s.sum
}

// AppendSignature signs dst[start:] with the newest key and appends the
// separator and the signature.
func (k *Keyring) AppendSignature(dst []byte, start int) []byte {
	s := k.takeScratch()
	defer k.releaseScratch(s)
	signature := k.sumOf(s, len(k.keys)-1, dst[start:])
	return AppendEncode(append(dst, k.separator...), signature)
}

// AppendTimestamp appends the separator and the date: whole seconds since
// 1970, big-endian without leading zero bytes, in base64.
func (k *Keyring) AppendTimestamp(dst []byte, now time.Time) []byte {
	seconds := uint64(now.Unix())
	var bytes [8]byte
	first := len(bytes)
	for ; seconds > 0; seconds >>= 8 {
		first--
		bytes[first] = byte(seconds)
	}
	return AppendEncode(append(dst, k.separator...), bytes[first:])
}

// verify tries the keys from the newest to the oldest.
func (k *Keyring) verify(value, signature string) bool {
	s := k.takeScratch()
	defer k.releaseScratch(s)
	s.text = append(s.text[:0], signature...)
	decoded, err := AppendDecode(s.signature[:0], s.text)
	if err != nil {
		return false
	}
	s.signature = decoded
	s.text = append(s.text[:0], value...)
	for key := range slices.Backward(k.keys) {
		if k.isGood(s, key) {
			return true
		}
	}
	return false
}

// isGood reports whether the signature in a scratch is that of the text there. An
// empty one of an algorithm is not: anybody could make it.
func (k *Keyring) isGood(s *scratch, key int) bool {
	if k.algorithm != nil && len(s.signature) == 0 {
		return false
	}
	if verifier, ok := k.algorithm.(Verifier); ok {
		return verifier.Verify(k.keys[key], s.text, s.signature)
	}
	return hmac.Equal(k.sumOf(s, key, s.text), s.signature)
}

// cut splits text at its last separator.
func (k *Keyring) cut(text string) (before, after string, found bool) {
	at := strings.LastIndex(text, k.separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(k.separator):], true
}

// Unsign returns the value without its signature. Every error is an [*Error].
func (k *Keyring) Unsign(signed string) (string, error) {
	value, signature, found := k.cut(signed)
	if !found {
		return "", missingSeparator(k.separator)
	}
	if !k.verify(value, signature) {
		return "", signatureMismatch(value, signature)
	}
	return value, nil
}

// Forever is the max age of a signature that never expires.
const Forever time.Duration = 1<<63 - 1

// UnsignTimed returns the value and its date, without the signature. Every
// error is an [*Error]. The signature is checked before the date, so a forged
// value is never reported as merely expired.
func (k *Keyring) UnsignTimed(signed string, now time.Time, maxAge time.Duration) (string, time.Time, error) {
	stamped, err := k.Unsign(signed)
	if err != nil {
		return "", time.Time{}, k.addDate(err)
	}
	value, timestamp, found := k.cut(stamped)
	if !found {
		return "", time.Time{}, missingTimestamp(stamped)
	}
	seconds, ok := parseTimestamp(timestamp)
	if !ok {
		return "", time.Time{}, malformedTimestamp(value)
	}
	if seconds > latestTimestamp {
		return "", time.Time{}, timestampOutOfRange(value)
	}
	signedAt := time.Unix(int64(seconds), 0).UTC()
	if err := checkAge(value, signedAt, now, maxAge); err != nil {
		return "", time.Time{}, err
	}
	return value, signedAt, nil
}

// addDate turns the error about a bad signature into one about a bad time
// signature when the value looks as if it carried a date.
func (k *Keyring) addDate(err error) error {
	bad := err.(*Error) // Unsign returns no other
	value, timestamp, found := k.cut(bad.Payload)
	if !found {
		return err
	}
	seconds, ok := parseTimestamp(timestamp)
	if ok && seconds > latestTimestamp {
		return malformedTimestamp(value)
	}
	bad.Kind, bad.Payload = ErrBadTimeSignature, value
	if ok {
		bad.DateSigned = time.Unix(int64(seconds), 0).UTC()
	}
	return bad
}

// latestTimestamp is the last second of the year 9999, where Python's
// calendar ends.
const latestTimestamp = 253402300799

// parseTimestamp reads the date that AppendTimestamp writes. The base64 is read
// leniently, and an empty string is the start of 1970.
func parseTimestamp(text string) (seconds uint64, ok bool) {
	var space [8]byte
	bytes, err := AppendDecode(space[:0], []byte(text))
	if err != nil || len(bytes) > 8 {
		return 0, false
	}
	for _, b := range bytes {
		seconds = seconds<<8 | uint64(b)
	}
	return seconds, true
}

// checkAge compares whole seconds, as Python does. It does not subtract times,
// because ten thousand years do not fit into a [time.Duration].
func checkAge(value string, signedAt, now time.Time, maxAge time.Duration) error {
	if maxAge == Forever {
		return nil
	}
	age := now.Unix() - signedAt.Unix()
	limit := int64(maxAge / time.Second)
	if maxAge%time.Second < 0 { // the division rounds towards zero
		limit--
	}
	if age > limit {
		return signatureTooOld(value, signedAt, age, maxAge)
	}
	if age < 0 {
		return signatureFromFuture(value, signedAt, age)
	}
	return nil
}
