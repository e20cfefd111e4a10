package header

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

const (
	conditionalBody = "012345678901234567890123456789"
	conditionalDate = "Tue, 15 Nov 1994 08:12:31 GMT"
)

// theRepresentation is the one that all vectors ask for.
func theRepresentation() Representation {
	return Representation{
		ETag:         `"v1"`,
		Modified:     time.Date(1994, 11, 15, 8, 12, 31, 0, time.UTC),
		Length:       int64(len(conditionalBody)),
		AcceptRanges: true,
	}
}

type sentResponse struct {
	Status  int
	Error   int
	Headers map[string]string
	Body    string
}

func TestConditionalVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Method string
		Headers        map[string]string
		answer[sentResponse]
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "conditional") {
		decision := Decide(c.Method, requestHeaders(c.Headers), theRepresentation())
		if diff := cmp.Diff(c.released(), send(c.Method, decision)); diff != "" {
			t.Errorf("%s %s %v: (-want +got)\n%s", c.ID, c.Method, c.Headers, diff)
		}
	}
}

func requestHeaders(lines map[string]string) map[string][]string {
	headers := map[string][]string{}
	for name, value := range lines {
		headers[name] = []string{value}
	}
	return headers
}

// send does with a decision what a framework would.
func send(method string, decision Decision) sentResponse {
	headers := requestHeaders(map[string]string{
		"ETag":           `"v1"`,
		"Last-Modified":  conditionalDate,
		"Content-Type":   "text/plain; charset=utf-8",
		"Content-Length": strconv.Itoa(len(conditionalBody)),
	})
	if method == "GET" || method == "HEAD" {
		headers["Accept-Ranges"] = []string{"bytes"}
	}
	response := sentResponse{Status: decision.Status, Body: conditionalBody}
	switch decision.Status {
	case 0:
		response.Status = 200
	case 206:
		response.Body = conditionalBody[decision.Start:decision.End]
		headers["Content-Range"] = []string{decision.ContentRange}
		headers["Content-Length"] = []string{strconv.Itoa(len(response.Body))}
	case 304:
		RemoveEntityHeaders(headers)
		response.Body = ""
	case 416:
		return sentResponse{Error: 416, Headers: map[string]string{"Content-Range": decision.ContentRange}}
	}
	if method == "HEAD" {
		response.Body = ""
	}
	response.Headers = map[string]string{}
	for name := range maps.Keys(headers) {
		response.Headers[name], _ = field(headers, name)
	}
	return response
}

// The statuses are those of Werkzeug's make_conditional.
func TestDecide(t *testing.T) {
	t.Parallel()
	const older, newer = "Tue, 15 Nov 1994 08:12:30 GMT", "Tue, 15 Nov 1994 08:12:32 GMT"
	for name, c := range map[string]struct {
		request map[string]string
		change  func(*Representation)
		want    int
	}{
		"no tag, newer date":                {map[string]string{"If-Modified-Since": newer}, func(r *Representation) { r.ETag = "" }, 304},
		"no tag, tags asked for":            {map[string]string{"If-None-Match": "*"}, func(r *Representation) { r.ETag = "" }, 0},
		"no date":                           {map[string]string{"If-Modified-Since": newer}, func(r *Representation) { r.Modified = time.Time{} }, 0},
		"weak own tag":                      {map[string]string{"If-None-Match": `"v1"`}, func(r *Representation) { r.ETag = `W/"v1"` }, 304},
		"fractions do not count":            {map[string]string{"If-Modified-Since": conditionalDate}, func(r *Representation) { r.Modified = r.Modified.Add(time.Second - 1) }, 304},
		"star in If-Match wins over tags":   {map[string]string{"If-Match": `"v1", *`}, nil, 412},
		"If-Match and an older date":        {map[string]string{"If-Match": `"v1"`, "If-Modified-Since": older}, nil, 0},
		"412 by date alone":                 {map[string]string{"If-Match": `"v1"`, "If-Modified-Since": newer}, func(r *Representation) { r.ETag = "" }, 412},
		"ranges not offered":                {map[string]string{"Range": "bytes=0-4"}, func(r *Representation) { r.AcceptRanges = false }, 0},
		"empty body":                        {map[string]string{"Range": "bytes=0-4"}, func(r *Representation) { r.Length = 0 }, 0},
		"unknown length":                    {map[string]string{"Range": "bytes=0-4"}, func(r *Representation) { r.Length = -1 }, 0},
		"If-Range date before":              {map[string]string{"Range": "bytes=0-4", "If-Range": older}, nil, 0},
		"If-Range date after":               {map[string]string{"Range": "bytes=0-4", "If-Range": newer}, nil, 206},
		"If-Range star":                     {map[string]string{"Range": "bytes=0-4", "If-Range": "*"}, nil, 206},
		"If-Range list":                     {map[string]string{"Range": "bytes=0-4", "If-Range": "v0, v1"}, nil, 206},
		"empty If-Range":                    {map[string]string{"Range": "bytes=0-4", "If-Range": ""}, nil, 0},
		"empty If-Range and a matching tag": {map[string]string{"Range": "bytes=0-4", "If-Range": "", "If-None-Match": `"v1"`}, nil, 206},
		"number beyond 64 bits":             {map[string]string{"Range": "bytes=0-99999999999999999999"}, nil, 206},
		"start beyond 64 bits":              {map[string]string{"Range": "bytes=99999999999999999999-"}, nil, 416},
		"suffix beyond 64 bits":             {map[string]string{"Range": "bytes=-99999999999999999999"}, nil, 416},
	} {
		facts := theRepresentation()
		if c.change != nil {
			c.change(&facts)
		}
		if got := Decide("GET", requestHeaders(c.request), facts); got.Status != c.want {
			t.Errorf("%s: Decide = %+v; want status %d", name, got, c.want)
		}
	}
}

func TestDecideWithoutConditionsAllocatesNothing(t *testing.T) {
	request := requestHeaders(map[string]string{"Accept": "*/*", "Host": "example.test"})
	facts := theRepresentation()
	var decision Decision
	allocations := testing.AllocsPerRun(100, func() { decision = Decide("GET", request, facts) })
	if allocations != 0 || decision != (Decision{}) {
		t.Errorf("Decide = %+v with %v allocations; want none of either", decision, allocations)
	}
}

func TestRemoveEntityHeaders(t *testing.T) {
	t.Parallel()
	headers := requestHeaders(map[string]string{
		"Allow": "x", "Content-Encoding": "x", "Content-Language": "x", "Content-Length": "x",
		"Content-Location": "x", "Content-Md5": "x", "Content-Range": "x", "Content-Type": "x",
		"Expires": "x", "Last-Modified": "x", "Etag": "x", "Vary": "x",
	})
	RemoveEntityHeaders(headers)
	want := requestHeaders(map[string]string{"Content-Location": "x", "Expires": "x", "Etag": "x", "Vary": "x"})
	if diff := cmp.Diff(want, headers); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzConditional(f *testing.F) {
	f.Fuzz(func(t *testing.T, ifMatch, ifNoneMatch, ifRange, since, wanted, etag string) {
		request := map[string][]string{}
		for name, value := range map[string]string{
			"If-Match": ifMatch, "If-None-Match": ifNoneMatch, "If-Range": ifRange,
			"If-Modified-Since": since, "Range": wanted,
		} {
			if value != "" {
				request[name] = []string{value}
			}
		}
		facts := theRepresentation()
		facts.ETag = etag
		checkDecision(t, Decide("GET", request, facts), request, facts)
		if decision := Decide("POST", request, facts); decision != (Decision{}) {
			t.Fatalf("Decide for POST = %+v", decision)
		}
	})
}

func checkDecision(t *testing.T, decision Decision, request map[string][]string, facts Representation) {
	t.Helper()
	sent := func(name string) bool { return len(request[name]) > 0 }
	ok := false
	switch decision.Status {
	case 0:
		ok = decision == Decision{}
	case 206:
		ok = sent("Range") && 0 <= decision.Start && decision.Start < decision.End && decision.End <= facts.Length &&
			decision.ContentRange == contentRange(decision.Start, decision.End, facts.Length)
	case 304:
		ok = (sent("If-None-Match") || sent("If-Modified-Since")) && !sent("If-Match")
	case 412:
		ok = sent("If-Match")
	case 416:
		ok = sent("Range") && strings.HasPrefix(decision.ContentRange, "bytes */")
	}
	if !ok {
		t.Fatalf("Decide(%v, %+v) = %+v", request, facts, decision)
	}
}

func BenchmarkDecide(b *testing.B) {
	for name, lines := range map[string]map[string]string{
		"unconditional": {"Accept": "*/*"},
		"not modified":  {"If-None-Match": `"v1"`},
		"range":         {"Range": "bytes=0-4"},
	} {
		request := requestHeaders(lines)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decide("GET", request, theRepresentation())
			}
		})
	}
}
