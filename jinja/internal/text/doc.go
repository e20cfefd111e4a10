// Package text holds the string operations of Python and of Jinja2's filters
// as functions on Go strings.
//
// Strings are UTF-8 and positions, widths and lengths count code points, as in
// Python. A byte that is not valid UTF-8 counts as one character. No function
// knows safe markup: the caller escapes before and marks after.
//
// Functions that pad or repeat (Center, LJust, RJust, ZFill, Indent,
// ExpandTabs) allocate what their arguments ask for. A caller that takes the
// width from a template checks it first.
package text
