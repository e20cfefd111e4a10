package pyjson

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrDepth reports values nested deeper than MaxDepth.
var ErrDepth = fmt.Errorf("nested more than %d levels deep", MaxDepth)

// SyntaxError reports a string that is not a JSON document. Its message reads as
// that of Python's JSONDecodeError.
type SyntaxError struct {
	Reason string // what was expected or found, such as "Expecting value"
	Line   int    // from 1
	Column int    // from 1, in characters
	Char   int    // from 0, in characters
}

// Error returns "Expecting value: line 1 column 1 (char 0)".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: line %d column %d (char %d)", e.Reason, e.Line, e.Column, e.Char)
}

func newSyntaxError(data []byte, at int, reason string) error {
	before := data[:at]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return &SyntaxError{
		Reason: reason,
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[lineStart:]) + 1,
		Char:   utf8.RuneCount(before),
	}
}

// ValueError tells which part of a larger value could not be written or read.
type ValueError struct {
	Path string // from the outermost value inwards, such as ["user"][0].Name; may be empty
	Err  error
}

// Error returns the path and the reason.
func (e *ValueError) Error() string {
	return "value" + e.Path + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *ValueError) Unwrap() error {
	return e.Err
}

// within puts one more step in front of the path of a failure, on its way out.
func within(step string, err error) error {
	var inner *ValueError
	switch err := err.(type) {
	case *SyntaxError:
		return err
	case *ValueError:
		inner = err
	default:
		inner = &ValueError{Err: err}
	}
	if errors.Is(inner.Err, ErrDepth) {
		return inner
	}
	inner.Path = step + inner.Path
	return inner
}

func keyStep(key string) string {
	return fmt.Sprintf("[%q]", key)
}

func indexStep(index int) string {
	return fmt.Sprintf("[%d]", index)
}
