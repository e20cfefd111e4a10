// Package pytext reads and prints values as Python does: numbers, strings and
// bytes. URLs, forms, sessions and error messages then look as they do in Flask.
//
//   - [ParseInt], [ParseBigInt] and [ParseFloat] read numbers as int(text) and
//     float(text) do. URL converters, typed form values and dates use them.
//   - [Str] and [Repr] print any Go value as str(v) and repr(v) do. Built URLs,
//     escaped values and error messages use them.
//   - [AppendFloat], [AppendFloat32] and [AppendQuoted] are the parts of Repr
//     that JSON and URLs need by themselves.
//   - [LeadingSurrogate] finds the lone surrogates that Python strings may hold.
//   - [ReplaceInvalid] decodes UTF-8 as errors="replace" does. Cookies, form
//     fields and URLs use it.
package pytext
