package interop

import (
	"slices"
	"strings"
)

// difference is a set of requests that Decant answers otherwise than Flask, and
// what makes the answer expected of Decant of the one that Flask gave.
type difference struct {
	why      string
	before   string // the version in which Flask changed to what Decant does; "" for never
	concerns func(exchange) bool
	adapt    func(flasks *outcome)
}

// differences are all that are known. What an earlier Flask did differently is
// listed for distributions that still have it: the released one is the measure.
var differences = []difference{
	{
		why: "Decant opens the session when it is first touched, so a view that never looks at it neither depends on the cookie nor renews it",
		concerns: func(e exchange) bool {
			return e.jar == permanentJar && !strings.HasPrefix(e.target, "/session")
		},
		adapt: func(o *outcome) { o.Vary, o.Cookies = nil, nil },
	},
	{
		why:    "Werkzeug 2 shows the quoted URL in the link of a redirect page",
		before: "3.0.0",
		concerns: func(e exchange) bool {
			return e.target == "/redirect" && e.method == "GET"
		},
		adapt: func(o *outcome) {
			o.Body = strings.Replace(o.Body, `"/user/%C3%A9%E2%98%83?a=b%20c&amp;d=%3Ce%3E"`, `"/user/é☃?a=b c&amp;d=&lt;e&gt;"`, 1)
		},
	},
	{
		why:    "Werkzeug 2 replaces bytes of a query that are no UTF-8, and later ones leave them quoted",
		before: "3.0.0",
		concerns: func(e exchange) bool {
			return e.target == "/args?q=%FF" && isRead(e.method)
		},
		adapt: func(o *outcome) {
			o.Body = strings.ReplaceAll(o.Body, `\ufffd`, "%FF")
			o.Length = "26"
		},
	},
	{
		why:    "before 3.1, taking a missing key out of an empty session did not count as access",
		before: "3.1.0",
		concerns: func(e exchange) bool {
			return e.target == "/session/pop" && isRead(e.method) && !slices.Contains([]string{namedJar, permanentJar, nilJar}, e.jar)
		},
		adapt: func(o *outcome) { o.Vary = []string{"Cookie"} },
	},
}

func isRead(method string) bool { return method == "GET" || method == "HEAD" }

// differenceFor is the difference that a request shows with a version of
// Flask, nil for none.
func differenceFor(e exchange, flask int) *difference {
	for i := range differences {
		d := &differences[i]
		if (d.before == "" || flask < comparable3(d.before)) && d.concerns(e) {
			return d
		}
	}
	return nil
}
