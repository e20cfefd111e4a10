package debugpage

import (
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// Frame is one function that was running.
type Frame struct {
	// Function is its full name: "main.(*shop).order".
	Function string
	File     string
	Line     int
	// IsOwn says that it belongs to the application: neither to Go's own
	// packages, nor to a module that was downloaded, nor to this framework.
	IsOwn bool
	// Source are the lines around Line, as far as the file can be read.
	Source []Line
}

// folder and base are the two parts of the file's path.
func (f Frame) folder() string { return f.File[:strings.LastIndexByte(f.File, '/')+1] }

func (f Frame) base() string { return f.File[len(f.folder()):] }

// name is the function without the path of its package: "shop.(*order).sum".
func (f Frame) name() string { return f.Function[strings.LastIndexByte(f.Function, '/')+1:] }

func newFrame(function, file string, line int) Frame {
	f := Frame{Function: function, File: file, Line: line, IsOwn: isOwn(function, file)}
	if f.IsOwn {
		f.Source = around(file, line)
	}
	return f
}

// OfTemplate is the frame of a line in a template. The function says how the template
// was reached, such as "include".
func OfTemplate(templates fs.FS, function, name string, line int) Frame {
	f := Frame{Function: function, File: name, Line: line, IsOwn: true}
	if content, err := fs.ReadFile(templates, name); err == nil && len(content) <= largestFile {
		f.Source = marked(cut(content, line-linesAround, line+linesAround), line)
	}
	return f
}

// isOwn goes by the file: a function that was inlined has the name of the one
// around it.
func isOwn(function, file string) bool {
	switch {
	case strings.Contains(file, "@v") || strings.Contains(file, "/vendor/"):
		return false
	case !filepath.IsAbs(file): // built with -trimpath
		return strings.HasPrefix(function, "main.")
	}
	return !strings.HasPrefix(file, standardLibrary()) && !isFramework(file)
}

// standardLibrary is the folder that Go's own packages were compiled in.
func standardLibrary() string {
	function := runtime.FuncForPC(reflect.ValueOf(strings.Count).Pointer())
	file, _ := function.FileLine(function.Entry())
	return strings.TrimSuffix(file, "strings/strings.go")
}

// isFramework reports whether a file belongs to this framework. Its tests and
// examples are applications.
func isFramework(file string) bool {
	_, here, _, _ := runtime.Caller(0)
	root := strings.TrimSuffix(here, "internal/debugpage/frame.go")
	rest, within := strings.CutPrefix(file, root)
	if !within || strings.HasSuffix(file, "_test.go") {
		return false
	}
	return !strings.Contains(rest, "/") || strings.HasPrefix(rest, "internal/")
}

// ReadStack reads what runtime/debug.Stack wrote in a recover. The frames of
// the recover itself, which end in that of panic, are left out.
func ReadStack(stack []byte) []Frame {
	var frames []Frame
	hasPanic := false
	lines := strings.Split(string(stack), "\n")
	for i := range len(lines) - 1 {
		file, line, ok := readPlace(lines[i+1])
		if !ok {
			continue
		}
		function := readFunction(lines[i])
		if function == "panic" && !hasPanic {
			frames, hasPanic = nil, true
			continue
		}
		frames = append(frames, newFrame(function, file, line))
	}
	return frames
}

// readFunction takes the arguments off: "main.index(0xc0001, ...)".
func readFunction(text string) string {
	text = strings.TrimPrefix(text, "created by ")
	text, _, _ = strings.Cut(text, " in goroutine ")
	if end := strings.LastIndexByte(text, '('); end > 0 && strings.HasSuffix(text, ")") {
		return text[:end]
	}
	return text
}

// readPlace reads "\t/app/views.go:12 +0x1d".
func readPlace(text string) (file string, line int, ok bool) {
	text, ok = strings.CutPrefix(text, "\t")
	if !ok {
		return "", 0, false
	}
	text, _, _ = strings.Cut(text, " +0x")
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return "", 0, false
	}
	line, err := strconv.Atoi(text[colon+1:])
	return text[:colon], line, err == nil
}

// OfError returns where an error was made, if it or one that it wraps knows:
// many packages of errors have a method StackTrace or Callers for it, whose
// result is a list of program counters. The innermost of them is nearest to
// what went wrong.
func OfError(err error) []Frame {
	var found []Frame
	for ; err != nil; err = errors.Unwrap(err) {
		if counters := countersOf(err); len(counters) > 0 {
			found = readCounters(counters)
		}
	}
	return found
}

// countersOf asks by the method's name, because each package has its own type
// for the list. The names are constants for the linker's sake: with others it
// keeps every method of the program.
func countersOf(err error) []uintptr {
	value := reflect.ValueOf(err)
	for _, method := range []reflect.Value{value.MethodByName("StackTrace"), value.MethodByName("Callers")} {
		if method.IsValid() && listsCounters(method.Type()) {
			return toCounters(method.Call(nil)[0])
		}
	}
	return nil
}

func listsCounters(method reflect.Type) bool {
	if method.NumIn() != 0 || method.NumOut() != 1 {
		return false
	}
	list := method.Out(0)
	return list.Kind() == reflect.Slice && list.Elem().Kind() == reflect.Uintptr
}

func toCounters(list reflect.Value) []uintptr {
	counters := make([]uintptr, list.Len())
	for i := range counters {
		counters[i] = uintptr(list.Index(i).Uint())
	}
	return counters
}

func readCounters(counters []uintptr) (frames []Frame) {
	callers := runtime.CallersFrames(counters)
	for {
		caller, more := callers.Next()
		if caller.File != "" {
			frames = append(frames, newFrame(caller.Function, caller.File, caller.Line))
		}
		if !more {
			return frames
		}
	}
}

// OfFunction is the whole of the function that begins at a program counter, or
// nil where its source cannot be read.
func OfFunction(counter uintptr) *Frame {
	function := runtime.FuncForPC(counter)
	if function == nil {
		return nil
	}
	file, line := function.FileLine(counter)
	f := &Frame{Function: function.Name(), File: file, Line: line, IsOwn: true, Source: whole(file, line)}
	if f.Source == nil {
		return nil
	}
	return f
}
