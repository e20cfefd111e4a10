package signing

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// What can be wrong with a signed value, as in itsdangerous.exc. Test with
// [errors.Is]: an expired signature is a bad time signature, which is a bad
// signature, which is bad data. A bad payload is bad data whose signature was
// good. The error itself is a [*Error].
var (
	// ErrBadData is the root of the others: itsdangerous' BadData.
	ErrBadData = errors.New("bad data")
	// ErrBadSignature says that the signature does not belong to the value:
	// itsdangerous' BadSignature.
	ErrBadSignature = fmt.Errorf("bad signature: %w", ErrBadData)
	// ErrBadTimeSignature says the same of a value that should carry a date:
	// itsdangerous' BadTimeSignature.
	ErrBadTimeSignature = fmt.Errorf("bad time signature: %w", ErrBadSignature)
	// ErrSignatureExpired says that a good signature is older than allowed, or
	// from the future: itsdangerous' SignatureExpired.
	ErrSignatureExpired = fmt.Errorf("signature expired: %w", ErrBadTimeSignature)
	// ErrBadPayload says that the signature was good, but what was signed
	// could not be read: itsdangerous' BadPayload.
	ErrBadPayload = fmt.Errorf("bad payload: %w", ErrBadData)
)

// Error tells why a signed value was refused. It is found with
// [errors.As]; which of itsdangerous' exceptions it stands for is told by
// [errors.Is] and [ErrBadSignature], [ErrSignatureExpired] and so on.
type Error struct {
	// Payload is what would have been the value, "" when there is none. Nothing
	// vouches for it unless the error is [ErrSignatureExpired].
	Payload string
	// DateSigned is the date that the value carries, in UTC; the zero time when
	// it carries none or it cannot be read. The same warning applies.
	DateSigned time.Time

	Kind    error // one of the Err values above
	Message string
	Cause   error // what a decoder said, or nil
}

// Error says what was wrong and where to look.
func (e *Error) Error() string {
	if e.Cause != nil {
		return "decant: " + e.Message + ": " + e.Cause.Error()
	}
	return "decant: " + e.Message
}

// Unwrap gives the kind of the error and, for [ErrBadPayload], the error of the
// decoder that failed.
func (e *Error) Unwrap() []error {
	if e.Cause != nil {
		return []error{e.Kind, e.Cause}
	}
	return []error{e.Kind}
}

func missingSeparator(separator string) *Error {
	return &Error{
		Kind:    ErrBadSignature,
		Message: fmt.Sprintf("no %q found in value: it was never signed, or it was signed with another separator", separator),
	}
}

func signatureMismatch(value, signature string) *Error {
	return &Error{
		Payload: value,
		Kind:    ErrBadSignature,
		Message: fmt.Sprintf("signature %s does not match: the value was changed, or it was signed with another secret key, salt, digest method or key derivation", quoteSignature(signature)),
	}
}

// quoteSignature keeps what a stranger sent short and printable. The longest
// signature in use, of SHA-512, has 86 characters.
func quoteSignature(signature string) string {
	const longest = 128
	if len(signature) > longest {
		return fmt.Sprintf("%.*q...", longest, signature)
	}
	return fmt.Sprintf("%q", signature)
}

func missingTimestamp(value string) *Error {
	return &Error{
		Payload: value,
		Kind:    ErrBadTimeSignature,
		Message: "timestamp missing: the value was signed without a date; read it with a Signer or an Untimed serializer",
	}
}

func malformedTimestamp(value string) *Error {
	return &Error{
		Payload: value,
		Kind:    ErrBadTimeSignature,
		Message: "malformed timestamp: the part before the signature is not a date",
	}
}

// timestampOutOfRange is only bad data, because the signature is good: the
// ValueError or OSError that Python raises there is no BadSignature either.
func timestampOutOfRange(value string) *Error {
	return &Error{
		Payload: value,
		Kind:    ErrBadData,
		Message: "timestamp out of range: the value was signed with a date after the year 9999",
	}
}

func signatureTooOld(value string, signed time.Time, age int64, maxAge time.Duration) *Error {
	seconds := strconv.FormatFloat(maxAge.Seconds(), 'f', -1, 64)
	return &Error{
		Payload:    value,
		DateSigned: signed,
		Kind:       ErrSignatureExpired,
		Message:    fmt.Sprintf("signature age %d > %s seconds: ask for a new one", age, seconds),
	}
}

func signatureFromFuture(value string, signed time.Time, age int64) *Error {
	return &Error{
		Payload:    value,
		DateSigned: signed,
		Kind:       ErrSignatureExpired,
		Message:    fmt.Sprintf("signature age %d < 0 seconds: the value was signed in the future; compare the clocks of the machines", age),
	}
}

// BadPayload is the error about a payload that cannot be read.
func BadPayload(message string, cause error) *Error {
	return &Error{Kind: ErrBadPayload, Message: message, Cause: cause}
}
