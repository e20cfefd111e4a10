package form

import (
	"errors"
	"strings"
)

// ValidationError is a message of a validator for the user. [Invalid] and
// [Stop] make one.
type ValidationError struct {
	// Message is what the user reads. It may be empty for an error that only
	// stops the chain.
	Message string
	// Stop is whether the validators that follow are left out.
	Stop bool
}

// Error returns the message.
func (e *ValidationError) Error() string { return e.Message }

// Invalid is the error of a validator that refuses a value with a message. The
// validators that follow run nevertheless. It mirrors ValidationError(message).
func Invalid(message string) error { return &ValidationError{Message: message} }

// Stop is the error of a validator after which no other one runs. An empty
// message leaves the field valid unless it has errors already. It mirrors
// StopValidation(message).
func Stop(message string) error { return &ValidationError{Message: message, Stop: true} }

// verdict takes a validator's error apart. It reports false for an error that
// is no message for the user.
func verdict(err error) (message string, stop, ok bool) {
	var e *ValidationError
	if !errors.As(err, &e) {
		return "", false, false
	}
	return e.Message, e.Stop, true
}

// interpolate replaces %(name)s and %(name)d in a message, and %% by a percent
// sign, as Python does. Unknown names stay.
func interpolate(message string, namesAndValues ...string) string {
	if !strings.Contains(message, "%") {
		return message
	}
	var replacements []string
	for i := 0; i < len(namesAndValues); i += 2 {
		name, value := namesAndValues[i], namesAndValues[i+1]
		replacements = append(replacements, "%("+name+")s", value, "%("+name+")d", value)
	}
	return strings.NewReplacer(append(replacements, "%%", "%")...).Replace(message)
}
