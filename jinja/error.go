package jinja

import (
	"errors"
	"fmt"
	"strings"
)

// ErrorClass is the kind of an error, by its name in Python. Test for it with
// errors.Is: errors.Is(err, jinja.TemplateNotFound).
type ErrorClass string

// The classes of Jinja2's errors. An assertion error is also a syntax error,
// TemplatesNotFound is also TemplateNotFound, and the errors of undefined values
// and of the arguments of filters are also runtime errors.
const (
	TemplateSyntaxError    ErrorClass = "TemplateSyntaxError"
	TemplateAssertionError ErrorClass = "TemplateAssertionError"
	TemplateNotFound       ErrorClass = "TemplateNotFound"
	TemplatesNotFound      ErrorClass = "TemplatesNotFound"
	TemplateRuntimeError   ErrorClass = "TemplateRuntimeError"
	UndefinedError         ErrorClass = "UndefinedError"
	FilterArgumentError    ErrorClass = "FilterArgumentError"
)

// The classes of Python's errors that a template can meet, and LimitError for
// a template that exceeds one of its [Limits].
const (
	TypeError         ErrorClass = "TypeError"
	ValueError        ErrorClass = "ValueError"
	ZeroDivisionError ErrorClass = "ZeroDivisionError"
	OverflowError     ErrorClass = "OverflowError"
	IndexError        ErrorClass = "IndexError"
	KeyError          ErrorClass = "KeyError"
	LimitError        ErrorClass = "LimitError"
)

// Error returns the name of the class.
func (c ErrorClass) Error() string { return string(c) }

// parent returns the class that a class is a special case of, or "".
func (c ErrorClass) parent() ErrorClass {
	switch c {
	case TemplateAssertionError:
		return TemplateSyntaxError
	case TemplatesNotFound:
		return TemplateNotFound
	case UndefinedError, FilterArgumentError:
		return TemplateRuntimeError
	}
	return ""
}

// Error is an error in a template, or in what a template calls.
type Error struct {
	Class    ErrorClass // "" for the error of a Go function
	Message  string
	Template string // the template that contains the mistake; "" for a string
	Line     int    // of the tag, counted from 1; 0 if it is not known
	Source   []SourceLine
	Chain    []Place // the includes, imports, calls and extends that led here, the innermost first
	Hint     string  // the next step, such as a name that may have been meant; may be ""

	cause error
}

// PanicError is the cause of an [Error] when a Go function that a template called has
// panicked.
type PanicError struct {
	Value any    // the value that panic was called with
	Stack []byte // as runtime/debug.Stack returns it
}

// Error returns the value of the panic as text.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// SourceLine is a line of a template near an error.
type SourceLine struct {
	Number int
	Text   string
}

// Place is a tag of a template that brought another template into play.
type Place struct {
	Tag      string // "include", "import", "extends" or "call"
	Template string
	Line     int
}

// Error returns the message with the place and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("jinja: ")
	if e.Line > 0 {
		fmt.Fprintf(&b, "%s:%d: ", templateLabel(e.Template), e.Line)
	}
	if e.Class != "" {
		b.WriteString(string(e.Class) + ": ")
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Describe returns the error with the lines of the template around it and the
// tags that led there, for a person to read.
func (e *Error) Describe() string {
	var b strings.Builder
	b.WriteString(e.Error())
	for _, line := range e.Source {
		mark := " "
		if line.Number == e.Line {
			mark = ">"
		}
		fmt.Fprintf(&b, "\n%s %4d | %s", mark, line.Number, line.Text)
	}
	for _, place := range e.Chain {
		fmt.Fprintf(&b, "\n  %s in %s:%d", place.Tag, templateLabel(place.Template), place.Line)
	}
	return b.String()
}

// templateLabel names a template in messages.
func templateLabel(name string) string {
	if name == "" {
		return "<template>"
	}
	return name
}

// Unwrap returns the error of the Go function that failed, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether the error is of a class.
func (e *Error) Is(target error) bool {
	class, ok := target.(ErrorClass)
	if !ok {
		return false
	}
	for c := e.Class; c != ""; c = c.parent() {
		if c == class {
			return true
		}
	}
	return false
}

// fail returns an error of a class without a place.
func fail(class ErrorClass, format string, args ...any) error {
	return &Error{Class: class, Message: fmt.Sprintf(format, args...)}
}

// typeError returns Python's TypeError.
func typeError(format string, args ...any) error { return fail(TypeError, format, args...) }

// valueError returns Python's ValueError.
func valueError(format string, args ...any) error { return fail(ValueError, format, args...) }

// asError returns the *Error that err is or wraps. An error of another type is
// wrapped in one.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Message: err.Error(), cause: err}
}

// sourceAround returns the lines of a source near a line.
func sourceAround(source string, line int) []SourceLine {
	const around = 3
	lines := strings.Split(source, "\n")
	var near []SourceLine
	for number := max(1, line-around); number <= min(len(lines), line+around); number++ {
		near = append(near, SourceLine{Number: number, Text: strings.TrimSuffix(lines[number-1], "\r")})
	}
	return near
}
