package formdata

import (
	"errors"
	"fmt"
)

// ErrTooLarge reports a body over one of its [Limits]: status 413. The error
// in the chain is a [*LimitError].
var ErrTooLarge = errors.New("content too large")

// ErrClientDisconnected reports a body that ended, or failed to be read,
// before its declared length: status 400. It also wraps the reader's own error,
// if there is one; check for that error first if it means something else.
var ErrClientDisconnected = errors.New("the client disconnected before it had sent the whole body")

// ErrNotUTF8 reports a query string with raw bytes that are not UTF-8: status
// 400. Percent-encoded bytes never cause it.
var ErrNotUTF8 = errors.New("the query string is not UTF-8; percent-encode other bytes")

// errMalformed is for a malformed multipart body. The parser then returns an empty
// form and no error.
var errMalformed = errors.New("malformed multipart body")

// Limits bounds the cost of a form. A negative value means no limit.
type Limits struct {
	// ContentLength is the size of the whole body in bytes. A body of unknown
	// length fails as soon as it reaches the limit, even if nothing follows.
	ContentLength int64

	// FormMemory bounds, in bytes, a urlencoded body of declared length. In a
	// multipart body it bounds each field, and the bytes that were read but not
	// parsed yet. Bodies are read in chunks of 64 KiB, so a smaller limit also
	// refuses small files. It does not bound the sum of all fields.
	FormMemory int64

	// Parts is the number of fields and files of a multipart body.
	Parts int

	// Fields is the number of fields of a urlencoded body.
	Fields int

	// FileMemory is how many bytes of file content one form keeps in memory.
	// A file that does not fit goes to disk; no file is refused.
	FileMemory int64
}

// DefaultLimits returns Flask's defaults: bodies of any length, 500,000 bytes
// of form memory, 1,000 parts, any number of urlencoded fields, and 500 KiB of
// file content in memory.
func DefaultLimits() Limits {
	return Limits{ContentLength: -1, FormMemory: 500_000, Parts: 1_000, Fields: -1, FileMemory: 500 << 10}
}

// LimitError says which limit a body went over. It matches [ErrTooLarge].
type LimitError struct {
	// Subject is what was too large, such as "the request body".
	Subject string
	// Limit is the most that is accepted, in Unit.
	Limit int64
	// Unit is "bytes", "parts" or "fields".
	Unit string
	// Setting is the configuration field that raises the limit, such as
	// "MaxContentLength". It is empty for a fixed limit.
	Setting string
}

// Error names the limit and, if it can be raised, its setting.
func (e *LimitError) Error() string { return "formdata: " + e.Advice() }

// Advice is the message of the error without the name of this package.
func (e *LimitError) Advice() string {
	message := fmt.Sprintf("%s is over the limit of %d %s", e.Subject, e.Limit, e.Unit)
	if e.Setting == "" {
		return message
	}
	return message + "; raise Config." + e.Setting + " to accept it"
}

// Is makes errors.Is(err, ErrTooLarge) true.
func (e *LimitError) Is(target error) bool { return target == ErrTooLarge }

// ContentTooLong returns the error for a body over [Limits].ContentLength.
func ContentTooLong(limit int64) error {
	return &LimitError{"the request body", limit, "bytes", "MaxContentLength"}
}

// FormTooLarge returns the error for a form over [Limits].FormMemory. The subject
// is what is too large.
func FormTooLarge(subject string, limit int64) error {
	return &LimitError{subject, limit, "bytes", "MaxFormMemorySize"}
}

func tooManyParts(limit int) error {
	return &LimitError{"the number of form fields and files", int64(limit), "parts", "MaxFormParts"}
}

func tooManyFields(limit int) error {
	return &LimitError{"the number of form fields", int64(limit), "fields", "MaxFormFields"}
}

// TooManyElements returns the error for JSON with too many values.
func TooManyElements(limit int) error {
	return &LimitError{"the number of JSON values", int64(limit), "values", "MaxJSONElements"}
}

func headersTooLong() error {
	return &LimitError{"the header block of a part", maxHeaderBytes, "bytes", ""}
}

func over(n, limit int64) bool { return limit >= 0 && n > limit }
