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

// Settings is what the options of a signer say.
type Settings struct {
	Key        string
	OldKeys    []string // oldest first
	Salt       string
	Separator  string
	Derivation string
	Digest     func() hash.Hash
}

// DefaultSettings holds the defaults of itsdangerous.Signer.
func DefaultSettings(key, salt string) Settings {
	return Settings{Key: key, Salt: salt, Separator: ".", Derivation: "django-concat", Digest: sha1.New}
}

// Keyring signs and verifies. It holds the derived keys of one signer, so that
// nothing is derived while a request waits, and may be shared freely.
type Keyring struct {
	separator string
	digest    func() hash.Hash
	keys      [][]byte  // derived, oldest first
	desks     sync.Pool // of *desk
}

// NewKeyring derives the keys, or says what the settings lack.
func NewKeyring(settings Settings) (*Keyring, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	ring := &Keyring{separator: settings.Separator, digest: settings.Digest}
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
		return errors.New("decant: the secret key is empty, and anybody could sign with that; use a long random key that is kept secret")
	}
	if slices.Contains(s.OldKeys, "") {
		return errors.New("decant: one of the old keys is empty, and anybody could sign with that; leave it out of OldKeys")
	}
	if s.Digest == nil {
		return errors.New("decant: the digest method is nil; use a function such as sha256.New, or leave DigestMethod out")
	}
	return checkSeparator(s.Separator)
}

// checkSeparator refuses what itsdangerous refuses: every piece of its list of
// the characters that a signature is made of, the empty one included.
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

// desk is the working space of one verification or signature.
type desk struct {
	macs      []hash.Hash // one per key, made when first needed
	text      []byte
	signature []byte
	sum       []byte
}

// largestDesk bounds what stays in memory after somebody sent a huge value.
const largestDesk = 16 << 10

func (k *Keyring) takeDesk() *desk {
	if d, ok := k.desks.Get().(*desk); ok {
		return d
	}
	return &desk{macs: make([]hash.Hash, len(k.keys))}
}

func (k *Keyring) returnDesk(d *desk) {
	if cap(d.text) <= largestDesk {
		k.desks.Put(d)
	}
}

// sumOf is the HMAC of value under one key, valid until the desk's next sum.
// An HMAC that is reset keeps the hashed state of its key; a new one has to
// hash the key first.
func (k *Keyring) sumOf(d *desk, key int, value []byte) []byte {
	if d.macs[key] == nil {
		d.macs[key] = hmac.New(k.digest, k.keys[key])
	} else {
		d.macs[key].Reset()
	}
	d.macs[key].Write(value)
	d.sum = d.macs[key].Sum(d.sum[:0])
	return d.sum
}

// AppendSignature signs dst[start:] with the newest key and appends the
// separator and the signature.
func (k *Keyring) AppendSignature(dst []byte, start int) []byte {
	d := k.takeDesk()
	defer k.returnDesk(d)
	signature := k.sumOf(d, len(k.keys)-1, dst[start:])
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
	d := k.takeDesk()
	defer k.returnDesk(d)
	d.text = append(d.text[:0], signature...)
	decoded, err := AppendDecode(d.signature[:0], d.text)
	if err != nil {
		return false
	}
	d.signature = decoded
	d.text = append(d.text[:0], value...)
	for key := range slices.Backward(k.keys) {
		if hmac.Equal(k.sumOf(d, key, d.text), d.signature) {
			return true
		}
	}
	return false
}

// cut splits text at its last separator.
func (k *Keyring) cut(text string) (before, after string, found bool) {
	at := strings.LastIndex(text, k.separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(k.separator):], true
}

// Unsign gives the value without its signature, or a *Error.
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

// UnsignTimed gives the value and its date, without the signature, or a
// *Error. The signature is judged before the date: a forged value is
// never reported as merely expired.
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
	bad := err.(*Error) // Unsign gives no other
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

// parseTimestamp reads what AppendTimestamp writes. Junk is skipped as in all
// base64 here, so no text at all is the year 1970.
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

// checkAge compares whole seconds, as Python does: a span of ten thousand
// years does not fit into a [time.Duration].
func checkAge(value string, signedAt, now time.Time, maxAge time.Duration) error {
	if maxAge == Forever {
		return nil
	}
	age := now.Unix() - signedAt.Unix()
	if maxAge < 0 || age > int64(maxAge/time.Second) {
		return signatureTooOld(value, signedAt, age, maxAge)
	}
	if age < 0 {
		return signatureFromFuture(value, signedAt, age)
	}
	return nil
}
