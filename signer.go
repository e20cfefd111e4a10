package decant

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
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

// SerializerOption changes one setting of a [Serializer]. Every [SignerOption]
// is one as well.
type SerializerOption interface{ applyTo(*serializing) }

// serializing is what the options of a serializer say.
type serializing struct {
	signing
	untimed   bool
	plain     bool
	fallbacks [][]SignerOption
}

type serializerOption func(*serializing)

func (option serializerOption) applyTo(s *serializing) { option(s) }

// Untimed leaves the date out of the tokens, which then never expire. It makes
// itsdangerous' URLSafeSerializer of a serializer, or its Serializer together
// with [PlainJSON].
func Untimed() SerializerOption {
	return serializerOption(func(s *serializing) { s.untimed = true })
}

// PlainJSON leaves the JSON readable in the tokens, which then need quoting in
// a URL. It makes itsdangerous' TimedSerializer of a serializer, or its
// Serializer together with [Untimed].
func PlainJSON() SerializerOption {
	return serializerOption(func(s *serializing) { s.plain = true })
}

// FallbackSigner names a way of signing that was in use before: its tokens are
// accepted, none are made. The options say how it differs from the default, not
// from the serializer; secret key and salt are the serializer's. It mirrors one
// entry of itsdangerous' fallback_signers.
func FallbackSigner(options ...SignerOption) SerializerOption {
	return serializerOption(func(s *serializing) { s.fallbacks = append(s.fallbacks, options) })
}

// Serializer turns values into signed tokens for links, e-mails and hidden
// fields, and tokens back into values. What a token says can be read by
// everybody, and is trusted because nobody else can sign it. It mirrors
// itsdangerous.URLSafeTimedSerializer, and each accepts the other's tokens.
//
// A Serializer may be used by several goroutines at once.
type Serializer struct {
	format tokenFormat
	json   *pyjson.Encoder
	clock  func() time.Time
	err    error
}

// NewSerializer makes a serializer. The secret key must not be empty. The salt
// names the purpose, such as "activate": a token made for one purpose is
// refused for another. It is not secret. Where Python leaves it out, it is
// "itsdangerous".
//
// Without options the tokens are URL-safe and dated. [Untimed] and [PlainJSON]
// give itsdangerous' three other serializers.
//
// A serializer that was given an empty key or a setting that does not exist
// makes and accepts nothing: each call returns an error that says why.
func NewSerializer(secretKey, salt string, options ...SerializerOption) *Serializer {
	settings := serializing{signing: defaultSigning(secretKey, salt)}
	for _, option := range options {
		option.applyTo(&settings)
	}
	signers, err := settings.keyrings()
	return &Serializer{
		format: tokenFormat{
			signers:      signers,
			timed:        !settings.untimed,
			urlSafe:      !settings.plain,
			compressFrom: smallestCompressible,
		},
		json:  settings.encoder(),
		clock: time.Now,
		err:   err,
	}
}

// keyrings makes the signer in use and those that were.
func (s *serializing) keyrings() ([]*keyring, error) {
	current, err := newKeyring(s.signing)
	if err != nil {
		return nil, err
	}
	rings := []*keyring{current}
	for _, options := range s.fallbacks {
		former := defaultSigning(s.key, s.salt)
		former.oldKeys = s.oldKeys
		for _, option := range options {
			option(&former)
		}
		ring, err := newKeyring(former)
		if err != nil {
			return nil, err
		}
		rings = append(rings, ring)
	}
	return rings, nil
}

// ready tells why the serializer cannot work.
func (s *Serializer) ready() error {
	if s.format.signers == nil && s.err == nil {
		return errors.New("decant: this serializer has no secret key; make it with NewSerializer")
	}
	return s.err
}

// Dumps makes a token of a value that JSON can hold; struct tags count, as in
// encoding/json. Text in Python's JSON form is signed, so whole numbers of any
// size, NaN and the infinities are fine. The error says what cannot be written.
func (s *Serializer) Dumps(value any) (string, error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	payload, err := s.json.Append(nil, value)
	if err != nil {
		return "", fmt.Errorf("decant: a %T cannot go into a token: %w", value, err)
	}
	return string(s.format.appendToken(nil, payload, s.clock())), nil
}

// Loads checks a token and stores its value in the variable that into points
// to. Without a maxAge a token of any date is accepted. With one, a token that
// was made longer ago than that, or in the future, is refused; the age counts
// whole seconds. An [Untimed] serializer takes no maxAge.
//
// A variable of type any, map[string]any or []any receives whole numbers as int
// or *big.Int and other numbers as float64; any other type is filled as
// encoding/json fills it. It is left alone unless the signature is good.
//
// The error is a [*SignatureError]: [ErrSignatureExpired], [ErrBadSignature]
// and its kinds as in [TimestampSigner.Unsign], or [ErrBadPayload] when the
// signature is good but the value does not fit. Compressed values of more than
// a megabyte are refused so.
func (s *Serializer) Loads(token string, into any, maxAge ...time.Duration) error {
	_, err := s.load(token, into, maxAge)
	return err
}

// LoadsTimestamp is Loads that also gives the date on which the token was made,
// in UTC, as return_timestamp does in itsdangerous. An [Untimed] serializer has
// no date to give and returns an error.
func (s *Serializer) LoadsTimestamp(token string, into any, maxAge ...time.Duration) (time.Time, error) {
	if err := s.ready(); err != nil {
		return time.Time{}, err
	}
	if !s.format.timed {
		return time.Time{}, errUntimed
	}
	return s.load(token, into, maxAge)
}

// LoadsUnsafe is Loads that gives the value even if the signature is wrong or
// expired, and tells whether it was good. It is for looking at tokens while
// hunting a mistake: never act on what it gives when valid is false. That a
// value without a good signature cannot be read is no error; the variable may
// then be as it was. The errors that remain are those of Loads for a token with
// a good signature. It mirrors loads_unsafe.
func (s *Serializer) LoadsUnsafe(token string, into any, maxAge ...time.Duration) (valid bool, err error) {
	_, err = s.load(token, into, maxAge)
	var refused *SignatureError
	if !errors.Is(err, ErrBadSignature) || !errors.As(err, &refused) {
		return err == nil, err
	}
	payload, err := s.format.decodePayload(nil, refused.Payload)
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
	if !s.format.timed && limit != forever {
		return time.Time{}, errUntimed
	}
	payload, signedAt, err := s.format.verify(nil, token, s.clock(), limit)
	if err != nil {
		return time.Time{}, err
	}
	return signedAt, loadJSON(payload, into)
}

// encoder writes JSON as the serializers of itsdangerous do: compactly where
// it is base64 encoded anyway, otherwise as Python's json.dumps does by itself.
func (s *serializing) encoder() *pyjson.Encoder {
	return &pyjson.Encoder{Spaced: s.plain, ASCII: s.plain}
}

// loadJSON stores what the payload says in the variable that into points to.
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
