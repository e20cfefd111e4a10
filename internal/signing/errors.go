package signing

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The kinds of errors, as in itsdangerous.exc. Each wraps the more general one.
var (
	ErrBadData          = errors.New("bad data")
	ErrBadSignature     = fmt.Errorf("bad signature: %w", ErrBadData)
	ErrBadTimeSignature = fmt.Errorf("bad time signature: %w", ErrBadSignature)
	ErrSignatureExpired = fmt.Errorf("signature expired: %w", ErrBadTimeSignature)
	ErrBadPayload       = fmt.Errorf("bad payload: %w", ErrBadData)
)

// Error says why a signed value was refused. The root package hands it out as
// its SignatureError.
type Error struct {
	Kind       error     // one of the Err values above
	Payload    string    // the part that would have been the value, or ""
	DateSigned time.Time // in UTC, or the zero time
	Message    string
	Cause      error // the error of a decoder, or nil
}

// Error says what was wrong and where to look.
func (e *Error) Error() string {
	if e.Cause != nil {
		return "decant: " + e.Message + ": " + e.Cause.Error()
	}
	return "decant: " + e.Message
}

// Unwrap returns the kind of the error and the error of the decoder that
// failed, if there is one.
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

// quoteSignature makes a signature from outside short and printable. The
// longest signature in use, of SHA-512, has 86 characters.
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

// timestampOutOfRange is of the kind ErrBadData, because the signature is good:
// the ValueError or OSError that Python raises is no BadSignature either.
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

// BadPayload is the error about a payload that was signed and cannot be read.
func BadPayload(message string, cause error) *Error {
	return &Error{Kind: ErrBadPayload, Message: message, Cause: cause}
}
