package decant

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/signing"
)

// SignerOption changes one setting of a [Signer], a [TimestampSigner] or a
// [Serializer]. Without options they sign as itsdangerous does by default.
type SignerOption interface {
	SerializerOption
	applyToSigner(*signing.Settings)
}

type signerOption func(*signing.Settings)

func (o signerOption) applyToSigner(s *signing.Settings) { o(s) }
func (o signerOption) applyToSerializer(s *serializing)  { o(&s.Settings) }

// OldKeys names the secret keys that were in use before the current one, oldest
// first. They verify and never sign, so a key can be replaced and values that
// it signed are still accepted. It mirrors the list that itsdangerous takes for
// secret_key, whose last entry is the current key.
func OldKeys(keys ...string) SignerOption {
	return signerOption(func(s *signing.Settings) { s.OldKeys = keys })
}

// KeyDerivation chooses how the signing key is made from secret key and salt:
// "django-concat" (the default), "concat", "hmac" or "none", as in
// itsdangerous. No derivation makes a short secret key safe.
func KeyDerivation(name string) SignerOption {
	return signerOption(func(s *signing.Settings) { s.Derivation = name })
}

// DigestMethod chooses the hash of the signature, for example
// [crypto/sha256.New]. The default is SHA-1, as in itsdangerous. The known
// attacks on SHA-1 do not break an HMAC, which is its only use here.
func DigestMethod(newHash func() hash.Hash) SignerOption {
	return signerOption(func(s *signing.Settings) { s.Digest = newHash })
}

// SigningAlgorithm makes signatures in a way of its own. An algorithm whose
// signatures cannot be compared, because they differ each time or are checked with
// another key, has a method Verify(key, value, signature []byte) bool, too. Neither
// method may change or keep what it gets. It mirrors itsdangerous.SigningAlgorithm.
type SigningAlgorithm interface {
	// Signature returns the signature of a value. The key is the derived one; see
	// [KeyDerivation]. It must not be empty.
	Signature(key, value []byte) []byte
}

// Algorithm signs with an algorithm of your own instead of an HMAC. [DigestMethod] is
// then for the derivation of the key alone. An algorithm of a library is one method:
//
//	type blake struct{}
//
//	func (blake) Signature(key, value []byte) []byte {
//		mac, _ := blake2b.New256(key) // golang.org/x/crypto
//		mac.Write(value)
//		return mac.Sum(nil)
//	}
//
//	signer := decant.NewSigner(key, "salt", decant.Algorithm(blake{}))
//
// It mirrors the argument algorithm of itsdangerous' signers.
func Algorithm(algorithm SigningAlgorithm) SignerOption {
	return signerOption(func(s *signing.Settings) { s.Algorithm = algorithm })
}

// Separator replaces the "." between value, date and signature. Use no
// characters that signatures are made of: ASCII letters, digits, "-", "_" and
// "=". A single one of them is refused. Several, such as "--", are accepted, as
// in itsdangerous, but now and then a signature contains them too, and then its
// value is refused.
func Separator(separator string) SignerOption {
	return signerOption(func(s *signing.Settings) { s.Separator = separator })
}

// Signer signs strings, so that a string can be handed out and recognised when
// it comes back unchanged. Everybody can read a signed string. It mirrors
// itsdangerous.Signer, and each accepts the signatures of the other.
//
// A Signer may be used by several goroutines at once.
type Signer struct {
	ring *signing.Keyring
	err  error
}

// NewSecretKey returns a new secret key: 32 random bytes as 64 hexadecimal digits.
// Make one, once, and keep it in the environment or in a file that only the program
// can read: with a new key at each start everybody is logged out. It mirrors
// secrets.token_hex().
func NewSecretKey() string {
	key := make([]byte, 32)
	rand.Read(key) // it never fails
	return hex.EncodeToString(key)
}

// NewSigner makes a signer. The secret key must not be empty. The salt names
// the purpose, such as "unsubscribe": a value that was signed for one purpose
// is refused for another. The salt is not secret. Python code that gives no
// salt uses "itsdangerous.Signer".
//
// A signer with an empty key or an unknown setting signs and accepts nothing:
// each call returns an error that says why.
func NewSigner(secretKey, salt string, options ...SignerOption) *Signer {
	settings := signing.DefaultSettings(secretKey, salt)
	for _, option := range options {
		option.applyToSigner(&settings)
	}
	ring, err := signing.NewKeyring(settings)
	return &Signer{ring: ring, err: err}
}

// ready returns the reason why the signer cannot work, or nil.
func (s *Signer) ready() error {
	if s.ring == nil && s.err == nil {
		return errors.New("decant: this signer has no secret key; make it with NewSigner or NewTimestampSigner")
	}
	return s.err
}

// Sign returns the value with its signature: "value.signature". The value may
// hold any bytes. The only errors are the ones that [NewSigner] describes.
func (s *Signer) Sign(value string) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	return string(s.ring.AppendSignature(withRoom(value), 0)), nil
}

// withRoom copies value and leaves room for date and signature behind it.
func withRoom(value string) []byte {
	const longestSignature = 128
	return append(make([]byte, 0, len(value)+longestSignature), value...)
}

// Unsign returns the value without its signature. The error is a
// [*SignatureError] of the kind [ErrBadSignature] when the signature is absent
// or wrong.
func (s *Signer) Unsign(signed string) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	value, err := s.ring.Unsign(signed)
	return value, signatureError(err)
}

// Validate reports whether Unsign would accept the value.
func (s *Signer) Validate(signed string) bool {
	_, err := s.Unsign(signed)
	return err == nil
}

// TimestampSigner signs strings together with the current date, so that an old
// one can be refused. It mirrors itsdangerous.TimestampSigner.
//
// A TimestampSigner may be used by several goroutines at once.
type TimestampSigner struct {
	signer Signer
}

// NewTimestampSigner makes a signer of dated values. It takes the arguments of
// [NewSigner].
func NewTimestampSigner(secretKey, salt string, options ...SignerOption) *TimestampSigner {
	return &TimestampSigner{signer: *NewSigner(secretKey, salt, options...)}
}

// Sign returns the value with the date and the signature of both:
// "value.date.signature". The date counts whole seconds.
func (s *TimestampSigner) Sign(value string) (string, error) {
	if err := s.signer.ready(); err != nil {
		return "", err
	}
	ring := s.signer.ring
	dated := ring.AppendTimestamp(withRoom(value), time.Now())
	return string(ring.AppendSignature(dated, 0)), nil
}

// Unsign returns the value and the date on which it was signed, in UTC. Without
// a maxAge any date is accepted. With one, a value that was signed longer ago
// than that, or in the future, is refused. The age counts whole seconds; a
// maxAge of 0 accepts only the current second.
//
// The error is a [*SignatureError]. It is an [ErrSignatureExpired] for a good
// signature of the wrong age, an [ErrBadTimeSignature] when date or signature
// are wrong, an [ErrBadSignature] when there are none, and a bare [ErrBadData]
// for a signed date after the year 9999.
func (s *TimestampSigner) Unsign(signed string, maxAge ...time.Duration) (value string, signedAt time.Time, err error) {
	if err := s.signer.ready(); err != nil {
		return "", time.Time{}, err
	}
	limit, err := oneMaxAge(maxAge)
	if err != nil {
		return "", time.Time{}, err
	}
	value, signedAt, err = s.signer.ring.UnsignTimed(signed, time.Now(), limit)
	return value, signedAt, signatureError(err)
}

// Validate reports whether Unsign would accept the value.
func (s *TimestampSigner) Validate(signed string, maxAge ...time.Duration) bool {
	_, _, err := s.Unsign(signed, maxAge...)
	return err == nil
}

// SerializerOption changes one setting of a [Serializer]. Every [SignerOption]
// is a SerializerOption too.
type SerializerOption interface{ applyToSerializer(*serializing) }

// serializing collects the settings of a serializer.
type serializing struct {
	signing.Settings
	untimed   bool
	plain     bool
	fallbacks [][]SignerOption
}

type serializerOption func(*serializing)

func (o serializerOption) applyToSerializer(s *serializing) { o(s) }

// Untimed leaves the date out of the tokens, so they never expire. It makes
// itsdangerous' URLSafeSerializer, or its Serializer together with
// [PlainJSON].
func Untimed() SerializerOption {
	return serializerOption(func(s *serializing) { s.untimed = true })
}

// PlainJSON leaves the JSON readable in the tokens, which then need quoting in
// a URL. It makes itsdangerous' TimedSerializer, or its Serializer together
// with [Untimed].
func PlainJSON() SerializerOption {
	return serializerOption(func(s *serializing) { s.plain = true })
}

// FallbackSigner names a way of signing that was in use before. Its tokens are
// accepted, and no new ones are made with it. The options say how it differs
// from the default settings, not from those of the serializer; secret key and
// salt are the serializer's. It mirrors one entry of itsdangerous'
// fallback_signers.
func FallbackSigner(options ...SignerOption) SerializerOption {
	return serializerOption(func(s *serializing) { s.fallbacks = append(s.fallbacks, options) })
}

// Serializer turns values into signed tokens for links, e-mails and hidden
// fields, and tokens back into values. Everybody can read a token, and only the
// owner of the secret key can make one. It mirrors
// itsdangerous.URLSafeTimedSerializer, and each accepts the other's tokens.
//
// A Serializer may be used by several goroutines at once.
type Serializer struct {
	format signing.TokenFormat
	json   *pyjson.Encoder
	err    error
}

// NewSerializer makes a serializer. The secret key must not be empty. The salt
// names the purpose, such as "activate": a token made for one purpose is
// refused for another. The salt is not secret. Python code that gives no salt
// uses "itsdangerous".
//
// Without options the tokens are URL-safe and dated. [Untimed] and [PlainJSON]
// make itsdangerous' three other serializers.
//
// A serializer with an empty key or an unknown setting makes and accepts
// nothing: each call returns an error that says why.
func NewSerializer(secretKey, salt string, options ...SerializerOption) *Serializer {
	settings := serializing{Settings: signing.DefaultSettings(secretKey, salt)}
	for _, option := range options {
		option.applyToSerializer(&settings)
	}
	signers, err := settings.keyrings()
	return &Serializer{
		format: signing.TokenFormat{
			Signers:      signers,
			Timed:        !settings.untimed,
			URLSafe:      !settings.plain,
			CompressFrom: signing.SmallestCompressible,
		},
		json: settings.encoder(),
		err:  err,
	}
}

// keyrings makes the current signer, followed by the fallback signers.
func (s *serializing) keyrings() ([]*signing.Keyring, error) {
	current, err := signing.NewKeyring(s.Settings)
	if err != nil {
		return nil, err
	}
	rings := []*signing.Keyring{current}
	for _, options := range s.fallbacks {
		former := signing.DefaultSettings(s.Key, s.Salt)
		former.OldKeys = s.OldKeys
		for _, option := range options {
			option.applyToSigner(&former)
		}
		ring, err := signing.NewKeyring(former)
		if err != nil {
			return nil, err
		}
		rings = append(rings, ring)
	}
	return rings, nil
}

// ready returns the reason why the serializer cannot work, or nil.
func (s *Serializer) ready() error {
	if s.format.Signers == nil && s.err == nil {
		return errors.New("decant: this serializer has no secret key; make it with NewSerializer")
	}
	return s.err
}

// Dumps makes a token of a value that JSON can hold. Struct tags count, as in
// encoding/json. The JSON is Python's, so whole numbers of any size, NaN and
// the infinities are accepted. The error names the value that cannot be
// written.
func (s *Serializer) Dumps(value any) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	payload, err := s.json.Append(nil, value)
	if err != nil {
		return "", fmt.Errorf("decant: a %T cannot go into a token: %w", value, err)
	}
	return string(s.format.AppendToken(nil, payload, time.Now())), nil
}

// Loads checks a token and stores its value in the variable that into points
// to. Without a maxAge a token of any date is accepted. With one, a token that
// was made longer ago than that, or in the future, is refused. The age counts
// whole seconds. An [Untimed] serializer takes no maxAge.
//
// A variable of type any, map[string]any or []any receives whole numbers as int
// or *big.Int and other numbers as float64; any other type is filled as
// encoding/json fills it. A token with a bad signature leaves the variable
// unchanged.
//
// The error is a [*SignatureError]. Its kinds are those of
// [TimestampSigner.Unsign] and [ErrBadPayload], which says that the signature is
// good but the value does not fit. A compressed value of more than a megabyte is
// an [ErrBadPayload] too.
func (s *Serializer) Loads(token string, into any, maxAge ...time.Duration) error {
	_, err := s.load(token, into, maxAge)
	return err
}

// LoadsTimestamp is like Loads and also returns the date on which the token was
// made, in UTC, as return_timestamp does in itsdangerous. The tokens of an
// [Untimed] serializer have no date, so it returns an error.
func (s *Serializer) LoadsTimestamp(token string, into any, maxAge ...time.Duration) (time.Time, error) {
	if err := s.ready(); err != nil {
		return time.Time{}, err
	}
	if !s.format.Timed {
		return time.Time{}, errUntimed
	}
	return s.load(token, into, maxAge)
}

// LoadsUnsafe is like Loads, but stores the value even if the signature is wrong
// or expired, and reports whether it was good. Use it to look at tokens while
// you debug, and never act on the value when valid is false. A value that has no
// good signature and cannot be read is not an error; the variable may then be
// unchanged. The errors are those of Loads for a token with a good signature. It
// mirrors loads_unsafe.
func (s *Serializer) LoadsUnsafe(token string, into any, maxAge ...time.Duration) (valid bool, err error) {
	_, err = s.load(token, into, maxAge)
	var refused *SignatureError
	if !errors.Is(err, ErrBadSignature) || !errors.As(err, &refused) {
		return err == nil, err
	}
	payload, err := s.format.DecodePayload(nil, refused.Payload)
	if err == nil {
		err = loadJSON(payload, into)
	}
	if errors.Is(err, ErrBadPayload) {
		return false, nil
	}
	return false, err
}

var errUntimed = errors.New("decant: the tokens of an Untimed serializer carry no date, so they have no age; leave Untimed out")

func (s *Serializer) load(token string, into any, maxAge []time.Duration) (time.Time, error) {
	if err := s.ready(); err != nil {
		return time.Time{}, err
	}
	limit, err := oneMaxAge(maxAge)
	if err != nil {
		return time.Time{}, err
	}
	if !s.format.Timed && limit != signing.Forever {
		return time.Time{}, errUntimed
	}
	payload, signedAt, err := s.format.Verify(nil, token, time.Now(), limit)
	if err != nil {
		return time.Time{}, signatureError(err)
	}
	return signedAt, loadJSON(payload, into)
}

// encoder writes JSON as the serializers of itsdangerous do: compactly where it
// becomes base64, and otherwise as Python's json.dumps does by default.
func (s *serializing) encoder() *pyjson.Encoder {
	return &pyjson.Encoder{Spaced: s.plain, ASCII: s.plain}
}

// loadJSON stores the value of the payload in the variable that into points to.
func loadJSON(payload []byte, into any) error {
	err := decodeJSON(new(pyjson.Decoder), payload, into)
	var noPointer *json.InvalidUnmarshalError
	if errors.As(err, &noPointer) {
		return fmt.Errorf("decant: Loads cannot store a value in a %T; give it the address of a variable", into)
	}
	if err != nil {
		return badPayload("could not load the payload", err)
	}
	return nil
}

// The kinds of errors about signed values, as in itsdangerous.exc. Test with
// [errors.Is]: an expired signature is a bad time signature, which is a bad
// signature, which is bad data. A bad payload is bad data whose signature was
// good. The error itself is a [*SignatureError].
var (
	// ErrBadData is the root of the others: itsdangerous' BadData.
	ErrBadData = signing.ErrBadData
	// ErrBadSignature says that the signature does not belong to the value:
	// itsdangerous' BadSignature.
	ErrBadSignature = signing.ErrBadSignature
	// ErrBadTimeSignature says the same of a value that should carry a date:
	// itsdangerous' BadTimeSignature.
	ErrBadTimeSignature = signing.ErrBadTimeSignature
	// ErrSignatureExpired says that a good signature is older than allowed, or
	// from the future: itsdangerous' SignatureExpired.
	ErrSignatureExpired = signing.ErrSignatureExpired
	// ErrBadPayload says that the signature was good, but the signed value
	// could not be read: itsdangerous' BadPayload.
	ErrBadPayload = signing.ErrBadPayload
)

// SignatureError says why a signed value was refused. Find it with
// [errors.As]. [errors.Is] with [ErrBadSignature], [ErrSignatureExpired] and so
// on tells which of itsdangerous' exceptions it stands for.
type SignatureError struct {
	// Payload is the part that would have been the value, or "" when there is
	// none. Do not trust it unless the error is [ErrSignatureExpired].
	Payload string
	// DateSigned is the date that the value carries, in UTC, or the zero time
	// when it carries no readable date. Do not trust it unless the error is
	// [ErrSignatureExpired].
	DateSigned time.Time

	reason signing.Error
}

// Error says what was wrong and where to look.
func (e *SignatureError) Error() string { return e.reason.Error() }

// Unwrap returns the kind of the error and, for [ErrBadPayload], the error of
// the decoder that failed.
func (e *SignatureError) Unwrap() []error { return e.reason.Unwrap() }

// signatureError makes the exported error of one from the signing machinery.
func signatureError(err error) error {
	if reason, ok := err.(*signing.Error); ok {
		return &SignatureError{Payload: reason.Payload, DateSigned: reason.DateSigned, reason: *reason}
	}
	return err
}

// badPayload is the error about a value with a good signature that cannot be
// read.
func badPayload(message string, cause error) error {
	return signatureError(signing.BadPayload(message, cause))
}

// oneMaxAge reads an optional last argument. Without one any age is accepted.
func oneMaxAge(maxAge []time.Duration) (time.Duration, error) {
	switch len(maxAge) {
	case 0:
		return signing.Forever, nil
	case 1:
		return maxAge[0], nil
	}
	return 0, fmt.Errorf("decant: %d max ages were given; give one, or none to accept any age", len(maxAge))
}
