package header

import (
	"time"

	"github.com/decant-go/decant/internal/httpdate"
)

// The statuses of a [Decision].
const (
	statusPartialContent      = 206
	statusNotModified         = 304
	statusPreconditionFailed  = 412
	statusRangeNotSatisfiable = 416
)

// Representation describes a response as it is without conditions.
type Representation struct {
	ETag         string    // as in the ETag header, quotes and W/ included; "" for none
	Modified     time.Time // zero for none; fractions of a second do not count
	Length       int64     // of the body in bytes; 0 or less if empty or unknown
	AcceptRanges bool      // whether parts may be served
}

// Decision says how to answer a conditional request.
type Decision struct {
	// Status is 0 to send the representation as it is, 206 for the part
	// Start to End of its body, 304, 412 or 416.
	Status int
	// Start and End are positions in the body; the byte at End is not sent.
	Start, End int64
	// ContentRange is the Content-Range header of a 206 or 416, else "".
	ContentRange string
}

// Decide compares the headers of a request with the representation that is to
// be sent. It mirrors Response.make_conditional:
//
//   - only GET and HEAD are conditional;
//   - a Range comes first, unless If-Range says that the client's copy is old; a
//     range that does not exist, several ranges, and a malformed header are a 416;
//   - If-None-Match (weak comparison) overrides If-Modified-Since, If-Match
//     (strong comparison) overrides both; "If-Match: *" matches nothing;
//     If-Unmodified-Since is ignored;
//   - an unmodified representation is a 304, or a 412 if the request has an
//     If-Match.
//
// Remove the body and the entity headers of a 304 ([RemoveEntityHeaders]); a 412
// keeps both. Without a conditional header, Decide parses and allocates nothing.
func Decide(method string, request map[string][]string, facts Representation) Decision {
	if method != "GET" && method != "HEAD" {
		return Decision{}
	}
	if facts.AcceptRanges && facts.Length > 0 {
		if decision, decided := decideRange(request, facts); decided {
			return decision
		}
	}
	if !isUnmodified(request, facts, "") {
		return Decision{}
	}
	if ifMatch, _ := field(request, "If-Match"); ifMatch != "" {
		return Decision{Status: statusPreconditionFailed}
	}
	return Decision{Status: statusNotModified}
}

func decideRange(request map[string][]string, facts Representation) (decision Decision, decided bool) {
	wanted, sent := field(request, "Range")
	if !sent || !copyIsCurrent(request, facts) {
		return Decision{}, false
	}
	ranges, ok := ParseRange(wanted)
	if !ok {
		return unsatisfiable(facts.Length), true
	}
	start, end, ok := ranges.Satisfy(facts.Length)
	if !ok {
		return unsatisfiable(facts.Length), true
	}
	return Decision{
		Status:       statusPartialContent,
		Start:        start,
		End:          end,
		ContentRange: contentRange(start, end, facts.Length),
	}, true
}

func unsatisfiable(length int64) Decision {
	return Decision{Status: statusRangeNotSatisfiable, ContentRange: unsatisfiedRange(length)}
}

func copyIsCurrent(request map[string][]string, facts Representation) bool {
	ifRange, sent := field(request, "If-Range")
	return !sent || isUnmodified(request, facts, ifRange)
}

// isUnmodified reports whether the client's copy is current. A date in ifRange
// replaces If-Modified-Since, and an entity tag in it replaces the other
// validators; an empty ifRange replaces nothing. It is the opposite of Werkzeug's
// is_resource_modified.
func isUnmodified(request map[string][]string, facts Representation, ifRange string) bool {
	since, isDate := parseDate(ifRange)
	if !isDate {
		since, _ = parseDate(firstField(request, "If-Modified-Since"))
	}
	unmodified := !since.IsZero() && !facts.Modified.IsZero() && !secondsAfter(facts.Modified, since)

	etag, _, tagged := UnquoteETag(facts.ETag)
	if !tagged {
		return unmodified
	}
	if ifRange != "" && !isDate {
		copied, _, _ := UnquoteETag(ifRange)
		found := findTag(copied, etag)
		return found.star || found.strong
	}
	if found := findTag(firstField(request, "If-None-Match"), etag); found.any {
		unmodified = found.star || found.strong || found.weak
	}
	if found := findTag(firstField(request, "If-Match"), etag); found.any {
		unmodified = !found.strong
	}
	return unmodified
}

func firstField(request map[string][]string, name string) string {
	value, _ := field(request, name)
	return value
}

func parseDate(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, false
	}
	return httpdate.Parse(text)
}

// secondsAfter compares whole seconds, because HTTP dates have no fractions.
func secondsAfter(a, b time.Time) bool { return a.Unix() > b.Unix() }

// RemoveEntityHeaders deletes the headers that describe a body, for a 304.
// Expires and Content-Location stay, as does the ETag. It mirrors
// remove_entity_headers.
func RemoveEntityHeaders(headers map[string][]string) {
	for _, name := range [...]string{
		"Allow", "Content-Encoding", "Content-Language", "Content-Length",
		"Content-Md5", "Content-Range", "Content-Type", "Last-Modified",
	} {
		delete(headers, name)
	}
}
