package flask

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// outcome is what is compared of an answer.
type outcome struct {
	Status  int
	Body    string
	Headers map[string]string
	Cookies []string // with the sessions opened
}

func (o outcome) clone() outcome {
	o.Headers = maps.Clone(o.Headers)
	o.Cookies = slices.Clone(o.Cookies)
	return o
}

// replace puts one text in the place of another in the body, and mends its
// length.
func (o *outcome) replace(old, replacement string) {
	o.setBody(strings.ReplaceAll(o.Body, old, replacement))
}

func (o *outcome) setBody(body string) {
	if o.Body == body {
		return
	}
	o.Body = body
	o.Headers["Content-Length"] = fmt.Sprint(len(body))
}

// comparedOnce are the headers that are compared as they are, besides all that
// begin with "X-".
var comparedOnce = []string{
	"Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Range", "Content-Type",
	"Etag", "Last-Modified", "Location", "Www-Authenticate",
}

// outcome sends a request and brings the answer into a form that can be
// compared.
func (j *judge) outcome(server string, e exchange) outcome {
	j.t.Helper()
	response, body := e.send(j.t, server)
	headers := map[string]string{}
	for name, values := range response.Header {
		if strings.HasPrefix(name, "X-") || slices.Contains(comparedOnce, name) {
			headers[name] = strings.Join(values, ", ")
		}
	}
	for _, name := range []string{"Allow", "Vary"} {
		if values := response.Header[name]; values != nil {
			headers[name] = strings.Join(listed(values), ", ")
		}
	}
	if expires := response.Header.Get("Expires"); expires != "" {
		headers["Expires"] = j.relative(expires, response)
	}
	return outcome{response.StatusCode, body, headers, j.readable(response)}
}

// listed is the set of the items of a header.
func listed(values []string) []string {
	items := map[string]bool{}
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			items[strings.TrimSpace(item)] = true
		}
	}
	return slices.Sorted(maps.Keys(items))
}

// readable shows the Set-Cookie headers with the session opened and the dates
// as the time until then.
func (j *judge) readable(response *http.Response) (cookies []string) {
	j.t.Helper()
	for _, line := range response.Header["Set-Cookie"] {
		parts := strings.Split(line, "; ")
		if token, ok := strings.CutPrefix(parts[0], "session="); ok && token != "" {
			loaded := j.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: token})
			parts[0] = fmt.Sprintf("session=%v", *loaded.Session)
		}
		for i := range parts {
			if date, ok := strings.CutPrefix(parts[i], "Expires="); ok {
				parts[i] = "Expires " + j.relative(date, response)
			}
		}
		cookies = append(cookies, strings.Join(parts, "; "))
	}
	return cookies
}

// relative is the time from the answer until a date, for one that comes. It is
// rounded to ten seconds: the servers were not asked in the same instant.
func (j *judge) relative(date string, response *http.Response) string {
	j.t.Helper()
	now, err := http.ParseTime(response.Header.Get("Date"))
	must(j.t, err)
	expiry, err := http.ParseTime(date)
	if err != nil || expiry.Before(now.Add(-time.Minute)) || expiry.After(now.AddDate(1, 0, 0)) {
		return date
	}
	return fmt.Sprintf("in %v", expiry.Sub(now).Round(10*time.Second))
}
