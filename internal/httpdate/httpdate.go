// Package httpdate writes and reads the dates in HTTP headers and in Flask's
// session cookies.
package httpdate

import "time"

const layout = "Mon, 02 Jan 2006 15:04:05 GMT"

// Format returns the date in GMT, such as "Tue, 15 Nov 1994 08:12:31 GMT".
// Fractions of a second are dropped. It mirrors Werkzeug's http_date.
func Format(date time.Time) string {
	return date.UTC().Format(layout)
}

// Append appends the date to dst, in the form of [Format].
func Append(dst []byte, date time.Time) []byte {
	return date.UTC().AppendFormat(dst, layout)
}
