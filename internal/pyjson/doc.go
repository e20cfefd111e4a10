// Package pyjson writes and reads JSON as Python's json module does: the same
// number notation, the same escapes, the same idea of what is a document. The
// JSON in a cookie or a response of Flask can so be compared byte for byte.
//
// Python's strings may hold lone surrogates, Go's UTF-8 may not. They are kept
// as the three bytes that the UTF-8 scheme gives them (ED A0..BF xx), and are
// written back as the \udXXX escapes they came from.
package pyjson

// MaxDepth is how deep lists and objects may be nested, when reading as when
// writing. Python's own limit depends on its call stack and is somewhat lower.
const MaxDepth = 1000
