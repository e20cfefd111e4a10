// Package funcname reads the names that the Go runtime keeps of functions: which
// function calls another one, what a function value was declared as, and whether
// a function literal is written inside of a certain function.
//
// The compiler names a literal after the function that it is written in:
// main.newApp.func1, and main.newApp.func1.2 for one inside of that literal. If it
// inlines a function, the literals in it are named after the path of the inlined
// functions: main.newApp.loginRequired.func3. The package relies on this scheme,
// and its tests check it with and without inlining. A name that does not follow
// the scheme is never taken for that of a literal inside of a function.
package funcname

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"
)

// Caller is a place in a program that calls a function.
type Caller struct {
	// File and Line are the place.
	File string
	Line int
	// Function is the name of the function around the call without its package,
	// such as "newApp".
	Function string

	literals string // what the names of the literals in that function begin with
}

// deepest is how many functions the compiler may have inlined into each other
// around a call.
const deepest = 64

// CallerOf returns the caller of the function that calls CallerOf, or with skip
// that many callers further up.
func CallerOf(skip int) Caller {
	var counters [deepest]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(skip+3, counters[:])])
	frame, more := frames.Next()
	caller := Caller{File: frame.File, Line: frame.Line, Function: withoutPackage(frame.Function)}
	path := ""
	for ; frame.Func == nil && more; frame, more = frames.Next() { // inlined into the next one
		path = "." + withoutPackage(frame.Function) + path
	}
	if frame.Func != nil {
		caller.literals = withoutRanges(frame.Function + path)
	}
	return caller
}

// Place returns the file and the line.
func (c Caller) Place() string { return fmt.Sprintf("%s:%d", c.File, c.Line) }

// ranges are the suffixes of the bodies of loops over functions, which are
// functions of their own.
var ranges = regexp.MustCompile(`(-range\d+)+`)

func withoutRanges(name string) string { return ranges.ReplaceAllString(name, "") }

// withoutPackage returns "(*pages).index" for "example.org/site.(*pages).index".
func withoutPackage(full string) string {
	path := strings.LastIndexByte(full, '/') + 1
	_, name, _ := strings.Cut(full[path:], ".")
	return name
}

// Function is the name of a function value.
type Function struct{ full string }

// Of returns the name of a function value. It panics for any other value and for
// nil.
func Of(function any) Function {
	return Function{runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()}
}

// literal is the end of a literal's name.
var literal = regexp.MustCompile(`^(.+?)((?:\.(?:func)?\d+)+)$`)

// Name returns the name that a function or method was declared with, "index" for
// main.index and for main.(*pages).index, and "" for a function literal.
func (f Function) Name() string {
	name := strings.TrimSuffix(withoutPackage(f.full), "[...]")
	if literal.MatchString(name) {
		return ""
	}
	return strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "-fm")
}

// Maker returns the name of the function that a literal is written in, "newApp"
// for main.newApp.func1. It is "" for declared functions and for literals of
// package variables.
func (f Function) Maker() string {
	parts := literal.FindStringSubmatch(withoutPackage(f.full))
	if parts == nil || parts[1] == "init" || parts[1] == "glob." {
		return ""
	}
	name := strings.TrimSuffix(parts[1], "[...]")
	return name[strings.LastIndexByte(name, '.')+1:]
}

var oneLiteral = regexp.MustCompile(`^\.(?:func)?\d+$`)

// IsWrittenIn reports whether the function is a literal that is written in the
// function around the call, and not in another literal there.
func (f Function) IsWrittenIn(c Caller) bool {
	rest, ok := strings.CutPrefix(withoutRanges(f.full), c.literals)
	return ok && c.literals != "" && oneLiteral.MatchString(rest)
}

// Origin says in words where a literal comes from that is not written in the function
// around the call, for an error message.
func (f Function) Origin(c Caller) string {
	maker := f.Maker()
	if maker == "" || maker == c.Function {
		return "a function literal that is not written in the call that registers it"
	}
	return fmt.Sprintf("a function literal of %s and not of %s", maker, c.Function)
}
