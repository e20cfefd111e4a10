package decant

import (
	"errors"
	"hash"
	"time"
)

// SignerOption changes one setting of a [Signer], a [TimestampSigner] or a
// [Serializer]. Without options they sign as itsdangerous does by default.
type SignerOption func(*signing)

func (option SignerOption) applyTo(s *serializing) { option(&s.signing) }

// OldKeys gives secret keys that were in use before the current one, oldest
// first. They verify and never sign, so a key can be replaced without refusing
// what was signed with it. It mirrors the list that itsdangerous takes for
// secret_key, whose last entry is the current key.
func OldKeys(keys ...string) SignerOption {
	return func(s *signing) { s.oldKeys = keys }
}

// KeyDerivation chooses how the signing key is made from secret key and salt:
// "django-concat" (the default), "concat", "hmac" or "none", as in
// itsdangerous. It is no remedy for a short secret key.
func KeyDerivation(name string) SignerOption {
	return func(s *signing) { s.derivation = name }
}

// DigestMethod chooses the hash of the signature, for example
// [crypto/sha256.New]. The default is SHA-1, as in itsdangerous; its known
// weakness does not extend to its use here, in an HMAC.
func DigestMethod(newHash func() hash.Hash) SignerOption {
	return func(s *signing) { s.digest = newHash }
}

// Separator is put between value, date and signature instead of ".". It should
// hold none of the characters that signatures are made of: ASCII letters,
// digits, "-", "_" and "=". A single one is refused; several, such as "--", are
// accepted as in itsdangerous, yet now and then a signature holds them too, and
// what it signed is refused.
func Separator(separator string) SignerOption {
	return func(s *signing) { s.separator = separator }
}

// Signer signs text, so that it can be handed out and recognised when it comes
// back unchanged. What is signed stays readable for everybody. It mirrors
// itsdangerous.Signer, and each accepts what the other signed.
//
// A Signer may be used by several goroutines at once.
type Signer struct {
	ring *keyring
	err  error
}

// NewSigner makes a signer. The secret key must not be empty. The salt names
// the purpose, such as "unsubscribe": what was signed for one purpose is
// refused for another. It is not secret. Where Python leaves it out, it is
// "itsdangerous.Signer".
//
// A signer that was given an empty key or a setting that does not exist signs
// and accepts nothing: each call returns an error that says why.
func NewSigner(secretKey, salt string, options ...SignerOption) *Signer {
	settings := defaultSigning(secretKey, salt)
	for _, option := range options {
		option(&settings)
	}
	ring, err := newKeyring(settings)
	return &Signer{ring: ring, err: err}
}

// ready tells why the signer cannot work.
func (s *Signer) ready() error {
	if s.ring == nil && s.err == nil {
		return errors.New("decant: this signer has no secret key; make it with NewSigner or NewTimestampSigner")
	}
	return s.err
}

// Sign gives the value with its signature: "value.signature". The value may
// hold any bytes. The only errors are those that [NewSigner] describes.
func (s *Signer) Sign(value string) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	return string(s.ring.appendSignature(withRoom(value), 0)), nil
}

// withRoom copies value in such a way that date and signature fit behind it.
func withRoom(value string) []byte {
	const longestSignature = 128
	return append(make([]byte, 0, len(value)+longestSignature), value...)
}

// Unsign gives the value without its signature. The error is a
// [*SignatureError] of the kind [ErrBadSignature] when the signature is absent
// or wrong.
func (s *Signer) Unsign(signed string) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	return s.ring.unsign(signed)
}

// Validate tells whether Unsign would give a value.
func (s *Signer) Validate(signed string) bool {
	_, err := s.Unsign(signed)
	return err == nil
}

// TimestampSigner signs text together with the current date, so that it can be
// refused when it is too old. It mirrors itsdangerous.TimestampSigner.
//
// A TimestampSigner may be used by several goroutines at once.
type TimestampSigner struct {
	signer Signer
	clock  func() time.Time
}

// NewTimestampSigner makes a signer of dated values. The arguments are those
// of [NewSigner].
func NewTimestampSigner(secretKey, salt string, options ...SignerOption) *TimestampSigner {
	return &TimestampSigner{signer: *NewSigner(secretKey, salt, options...), clock: time.Now}
}

// Sign gives the value with the date and the signature of both:
// "value.date.signature". The date counts whole seconds.
func (s *TimestampSigner) Sign(value string) (string, error) {
	if err := s.signer.ready(); err != nil {
		return "", err
	}
	ring := s.signer.ring
	dated := ring.appendTimestamp(withRoom(value), s.clock())
	return string(ring.appendSignature(dated, 0)), nil
}

// Unsign gives the value and the date on which it was signed, in UTC. Without a
// maxAge any date is accepted. With one, a value that was signed longer ago
// than that, or in the future, is refused; the age counts whole seconds, and 0
// accepts only the current one.
//
// The error is a [*SignatureError]: [ErrSignatureExpired] for a good signature
// of the wrong age, [ErrBadTimeSignature] when date or signature are wrong,
// [ErrBadSignature] when there is nothing like them, and a bare [ErrBadData]
// for a signed date after the year 9999.
func (s *TimestampSigner) Unsign(signed string, maxAge ...time.Duration) (value string, signedAt time.Time, err error) {
	if err := s.signer.ready(); err != nil {
		return "", time.Time{}, err
	}
	limit, err := oneMaxAge(maxAge)
	if err != nil {
		return "", time.Time{}, err
	}
	return s.signer.ring.unsignTimed(signed, s.clock(), limit)
}

// Validate tells whether Unsign would give a value.
func (s *TimestampSigner) Validate(signed string, maxAge ...time.Duration) bool {
	_, _, err := s.Unsign(signed, maxAge...)
	return err == nil
}
