package flask

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant"
)

var differentSessions = []difference{
	{
		bullet: "A permanent session is refreshed only by requests that look at it.",
		concerns: func(e exchange, _ outcome) bool {
			return e.jar == permanentJar && !looksAtSession(e)
		},
		adapt: func(_ exchange, o *outcome) {
			delete(o.Headers, "Vary")
			o.Cookies = nil
		},
	},
}

// looksAtSession tells whether the view does, or a hook.
func looksAtSession(e exchange) bool {
	if strings.Contains(e.target, "session-after") {
		return true
	}
	return e.target != "/session/lazy" && (strings.HasPrefix(e.target, "/session") || strings.HasPrefix(e.target, "/flash"))
}

var differentAnswers = []difference{
	{
		bullet: "Redirects to the right number of slashes are relative.",
		concerns: func(e exchange, o outcome) bool {
			return strings.HasPrefix(o.Headers["Location"], "http://") && !strings.HasPrefix(e.path(), "/redirect-to")
		},
		adapt: func(e exchange, o *outcome) {
			origin := regexp.MustCompile("^http://[^/]*").FindString(o.Headers["Location"])
			o.Headers["Location"] = strings.TrimPrefix(o.Headers["Location"], origin)
			o.replace(origin, "")
			if length, err := strconv.Atoi(o.Headers["Content-Length"]); e.method == "HEAD" && o.Status == 308 && err == nil {
				o.Headers["Content-Length"] = strconv.Itoa(length - 2*len(origin)) // in the link and its text
			}
		},
	},
	{
		bullet:   "The answer of an error handler has the status of the error.",
		concerns: func(_ exchange, o outcome) bool { return o.Headers["X-Handler"] == "423" },
		adapt: func(_ exchange, o *outcome) {
			if o.Status == 200 {
				o.Status = 423
			}
			if o.Headers["X-Later"] == "200" {
				o.Headers["X-Later"] = "423"
			}
			for i := range o.Cookies {
				o.Cookies[i] = strings.Replace(o.Cookies[i], "[after map[t:int v:200]]", "[after map[t:int v:423]]", 1)
			}
		},
	},
	{
		bullet: "A header with a line break or a NUL is a 500 that names the header.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/made/line-break" && e.isRead() && o.Status == 500
		},
		adapt: func(_ exchange, o *outcome) { // hooks run for the answer, and for the page in its place
			o.Headers["X-Order"] += ", wide-after, after2, after"
		},
	},
	{
		bullet: "A cookie that cannot be sent makes the answer a 500 after the after-request functions have run.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/cookies/value" && e.isRead() && o.Status == 500
		},
		adapt: func(_ exchange, o *outcome) { o.Headers["X-Order"] += ", wide-after, after2, after" },
	},
	{
		bullet: "A cookie that browsers drop is an error that names the rule.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/cookies/value" && slices.ContainsFunc(o.Cookies, func(line string) bool {
				return strings.HasPrefix(line, "value=") && strings.Contains(line, "SameSite=None")
			})
		},
		adapt: unsentCookie,
	},
	{
		bullet:   "Bytes in JSON are base64.",
		concerns: func(e exchange, o outcome) bool { return e.path() == "/jsonify/bytes" && e.isRead() && o.Status == 500 },
		adapt: func(e exchange, o *outcome) {
			o.Status = http.StatusOK
			o.Headers["Content-Type"] = "application/json"
			o.Headers["Content-Length"] = "7"
			if e.method == "GET" {
				o.Body = `"/wA="` + "\n"
			}
		},
	},
	{
		bullet: "`MakeConditional` serves ranges of every body whose size is known.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/conditional/whole" && e.isRead() && o.Status == 200
		},
		adapt: func(e exchange, o *outcome) {
			o.Headers["Accept-Ranges"] = "bytes"
			if e.header("Range") == "" {
				return
			}
			var start, end int
			fmt.Sscanf(e.header("Range"), "bytes=%d-%d", &start, &end)
			o.Status = http.StatusPartialContent
			o.Headers["Content-Range"] = fmt.Sprintf("bytes %d-%d/10", start, end)
			o.Headers["Content-Length"] = fmt.Sprint(end + 1 - start)
			if o.Body != "" {
				o.Body = o.Body[start : end+1]
			}
		},
	},
	{
		bullet: "`MakeConditional` changes only responses with the status 200.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/conditional/created" && (o.Status == 304 || o.Status == 412)
		},
		adapt: func(e exchange, o *outcome) {
			o.Status = http.StatusCreated
			o.Headers["Content-Type"] = "text/html; charset=utf-8"
			o.Headers["Content-Length"] = "10"
			if e.method == "GET" {
				o.Body = "0123456789"
			}
		},
	},
}

// unsentCookie makes the answer the 500 of a cookie that cannot be sent. Hooks run for
// the answer, and for the page in its place.
func unsentCookie(e exchange, o *outcome) {
	o.Status = http.StatusInternalServerError
	o.Headers["Content-Type"] = "text/html; charset=utf-8"
	o.Headers["Content-Length"] = strconv.Itoa(len(serverErrorPage))
	o.Headers["X-Order"] += ", wide-after, after2, after"
	o.Cookies = nil
	if e.method == "GET" {
		o.Body = serverErrorPage
	}
}

const serverErrorPage = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n"

var fileRoutes = regexp.MustCompile(`^/(send/|uploads/|static/|favicon\.ico|shop/files/|shop/own-file)`)

// servesFile tells whether Flask sends a file, or would if it were needed.
func servesFile(e exchange, o outcome) bool {
	sent := o.Status < 300 || o.Status == http.StatusNotModified || o.Status == http.StatusPreconditionFailed
	return fileRoutes.MatchString(e.decodedPath()) && e.isRead() && sent && o.Headers["Cache-Control"] != ""
}

// oddName tells whether a path has an empty part, a dot segment or a slash at
// its end.
var oddName = regexp.MustCompile(`//|/\.\.?(/|$)|/$`)

var differentFiles = []difference{
	{
		bullet:   "Every file is sent with `X-Content-Type-Options: nosniff`.",
		concerns: servesFile,
		adapt:    func(_ exchange, o *outcome) { o.Headers["X-Content-Type-Options"] = "nosniff" },
	},
	{
		bullet: "A file name with a dot segment, an empty segment or a slash at its end is a 404.",
		concerns: func(e exchange, o outcome) bool {
			return servesFile(e, o) && oddName.MatchString(e.decodedPath())
		},
		adapt: func(e exchange, o *outcome) {
			page := "nothing at " + string(decant.Escape(e.decodedPath()))
			o.Status = http.StatusNotFound
			for _, name := range []string{"Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Range", "Etag", "Expires", "Last-Modified", "X-Content-Type-Options"} {
				delete(o.Headers, name)
			}
			o.Headers["Content-Type"] = "text/html; charset=utf-8"
			o.Headers["Content-Length"] = strconv.Itoa(len(page))
			if e.method == "GET" {
				o.Body = page
			}
		},
	},
	{
		bullet: "An empty `DownloadName` has no effect.",
		concerns: func(_ exchange, o outcome) bool {
			return strings.HasSuffix(o.Headers["Content-Disposition"], `filename=""`)
		},
		adapt: func(_ exchange, o *outcome) {
			o.Headers["Content-Disposition"] = "attachment; filename=a.txt"
			if o.Status != http.StatusNotModified {
				o.Headers["Content-Type"] = "text/plain; charset=utf-8"
			}
		},
	},
	{
		bullet: "A line break in a `DownloadName` is left out.",
		concerns: func(e exchange, o outcome) bool {
			return e.path() == "/send/content-named" && e.isRead() && o.Status == 500
		},
		adapt: func(e exchange, o *outcome) {
			_, name, _ := strings.Cut(e.target, "name=")
			o.Status = http.StatusOK
			o.Headers["Accept-Ranges"] = "bytes"
			o.Headers["Cache-Control"] = "no-cache"
			o.Headers["Content-Disposition"] = "attachment; filename=ab; filename*=UTF-8''" + name
			o.Headers["Content-Length"] = "10"
			o.Headers["Content-Type"] = "application/octet-stream"
			o.Headers["Etag"] = `"c"`
			o.Headers["Last-Modified"] = decant.HTTPDate(leapDay)
			o.Headers["X-Content-Type-Options"] = "nosniff"
			body := "0123456789"
			if e.header("Range") == "bytes=1-2" {
				o.Status, body = http.StatusPartialContent, "12"
				o.Headers["Content-Range"], o.Headers["Content-Length"] = "bytes 1-2/10", "2"
			}
			if e.method == "GET" {
				o.Body = body
			}
		},
	},
	{
		bullet:   "`SecureFilename` renames Windows devices on every operating system.",
		concerns: func(e exchange, _ outcome) bool { return strings.HasPrefix(e.path(), "/upload") },
		adapt:    func(_ exchange, o *outcome) { o.setBody(deviceName.ReplaceAllString(o.Body, `"_$1`)) },
	},
}

// deviceName finds a secure name that Windows takes for a device, in front of the
// name that was sent, its type and its content.
var deviceName = regexp.MustCompile(`"(con(?:\.[^"]*)?",(?:"(?:[^"\\]|\\.)*",){2}"[0-9a-f]*"\])`)

var (
	notFinite = regexp.MustCompile(`"float":(NaN|-?Infinity)`)
	// surrogates finds pairs before single ones, and what only looks like one.
	surrogates = regexp.MustCompile(`\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\ud[89a-f][0-9a-f]{2}`)
	overlong   = regexp.MustCompile(`"int":-?\d{19,}`)
)

var differentRequests = []difference{
	{
		bullet: "`Float` does not accept NaN and infinities, and `Int` does not accept a number that an `int` cannot hold.",
		concerns: func(e exchange, _ outcome) bool {
			return e.path() == "/args/typed"
		},
		adapt: func(_ exchange, o *outcome) {
			o.setBody(overlong.ReplaceAllString(notFinite.ReplaceAllString(o.Body, `"float":-1.5`), `"int":-1`))
		},
	},
	{
		bullet:   "An escaped lone surrogate is read as U+FFFD, and an unescaped one is a 400.",
		concerns: func(e exchange, _ outcome) bool { return strings.HasPrefix(e.path(), "/json") },
		adapt: func(_ exchange, o *outcome) {
			o.setBody(surrogates.ReplaceAllStringFunc(o.Body, func(escape string) string {
				if strings.HasPrefix(escape, `\ud`) && len(escape) == 6 {
					return `\ufffd`
				}
				return escape
			}))
		},
	},
	{
		bullet:   "A number that an `int` cannot hold is a 404.",
		concerns: func(e exchange, _ outcome) bool { return e.target == "/int/99999999999999999999" },
		adapt: func(e exchange, o *outcome) {
			o.Status = http.StatusNotFound
			o.Headers["X-Order"] = strings.Replace(o.Headers["X-Order"], "endpoint integer", "endpoint None", 1)
			o.setBody("nothing at " + e.target)
		},
	},
	{
		bullet: "A limit of 0 means that there is no limit.",
		concerns: func(e exchange, o outcome) bool {
			return strings.HasPrefix(e.path(), "/limit/") && strings.HasSuffix(e.path(), "/0") && o.Status == 413
		},
		adapt: func(e exchange, o *outcome) {
			o.Status = http.StatusOK
			o.Headers["Content-Type"] = "application/json"
			switch form := formOfZero[e.contentType]; {
			case strings.Contains(e.path(), "memory"):
				o.setBody(form + "\n")
			case e.contentType == "text/plain":
				o.setBody(fmt.Sprintf("{\"data\":%d,\"form\":{}}\n", len(e.body)))
			default:
				o.setBody(`{"data":0,"form":` + form + "}\n")
			}
		},
	},
	{
		bullet: "`MaxFormMemorySize` holds for a urlencoded form without a length, too.",
		concerns: func(e exchange, o outcome) bool {
			isForm := strings.EqualFold(strings.Split(e.contentType, ";")[0], urlencoded)
			return e.chunked && isForm && strings.HasPrefix(e.path(), "/limit/memory/") && exceeds(e) && o.Status == 200
		},
		adapt: tooLarge,
	},
	{
		bullet: "A body without a length that is longer than `MaxContentLength` is a 413.",
		concerns: func(e exchange, o outcome) bool {
			return e.chunked && limitsLength.MatchString(e.path()) && exceeds(e) && o.Status == 200
		},
		adapt: tooLarge,
	},
	{
		bullet:   "Unsafe requests from pages of other origins are refused with 403.",
		concerns: func(e exchange, _ outcome) bool { return !e.isRead() && e.header("Origin") == "https://evil.example" },
		adapt: func(e exchange, o *outcome) {
			o.Status = http.StatusForbidden
			o.Headers["Content-Type"] = "application/json"
			o.Headers["X-Order"] = "wide-after, after2, after"
			o.setBody(`{"code":403,"description":"This request was sent by a page of another site. Use the site's own pages, or add the other origin to the trusted ones.","name":"Forbidden"}` + "\n")
		},
	},
	{
		bullet:   "An `Expect` header other than `100-continue` gets a 417 from net/http.",
		concerns: func(e exchange, _ outcome) bool { return e.header("Expect") != "" },
		adapt: func(_ exchange, o *outcome) {
			*o = outcome{Status: http.StatusExpectationFailed, Headers: map[string]string{"Content-Length": "0"}}
		},
	},
	{
		bullet:   "A request header holds the bytes that were sent.",
		concerns: func(e exchange, _ outcome) bool { return e.path() == "/about/headers" },
		adapt:    func(_ exchange, o *outcome) { o.replace(`\u00c3\u00a9`, `\u00e9`) },
	},
	{
		bullet:   "A request header that was sent twice has two values.",
		concerns: func(e exchange, o outcome) bool { return strings.Contains(o.Body, `"own":"one,two"`) },
		adapt: func(_ exchange, o *outcome) {
			o.replace(`"own":"one,two","own_list":["one,two"]`, `"own":"one","own_list":["one","two"]`)
		},
	},
	{
		bullet:   "A parameter of `Authorization` without a value is the empty string.",
		concerns: func(e exchange, _ outcome) bool { return e.path() == "/about/authorization" },
		adapt:    func(_ exchange, o *outcome) { o.replace(`":null`, `":""`) },
	},
	{
		bullet:   "`Host` holds what the client sent, even a malformed host.",
		concerns: func(e exchange, _ outcome) bool { return strings.Contains(e.header("Host"), "_") },
		adapt:    func(e exchange, o *outcome) { o.replace(`"host":""`, `"host":"`+e.header("Host")+`"`) },
	},
	{
		bullet:   "`Host` includes the port, even the default port of the scheme.",
		concerns: func(e exchange, _ outcome) bool { return strings.HasSuffix(e.header("Host"), ":80") },
		adapt:    func(e exchange, o *outcome) { o.replace(`"host":"twin.example"`, `"host":"twin.example:80"`) },
	},
}

var limitsLength = regexp.MustCompile(`^/limit/\d+$`)

// exceeds tells whether a body is larger than the limit that its path names.
func exceeds(e exchange) bool {
	limit, err := strconv.Atoi(e.path()[strings.LastIndexByte(e.path(), '/')+1:])
	return err == nil && len(e.body) > limit
}

func tooLarge(_ exchange, o *outcome) {
	o.Status = http.StatusRequestEntityTooLarge
	o.Headers["Content-Type"] = "text/html; charset=utf-8"
	o.setBody("<!doctype html>\n<html lang=en>\n<title>413 Request Entity Too Large</title>\n<h1>Request Entity Too Large</h1>\n<p>The data value transmitted exceeds the capacity limit.</p>\n")
}

// formOfZero is the form that a limit of zero does not keep from being read.
var formOfZero = map[string]string{
	urlencoded:                        `{"name":["ann"]}`,
	"multipart/form-data; boundary=x": `{"name":["ann \u00e9"]}`,
}

var looksWithoutAccess = regexp.MustCompile(`^/(session/(pop|has|delete)|flash/(read|pairs|filtered|twice))$`)

var differentVersions = []difference{
	{
		why:    "Werkzeug 2 shows the quoted URL in the link of a redirect page",
		before: "3.0.0",
		concerns: func(e exchange, _ outcome) bool {
			return e.target == "/redirect" && e.isRead()
		},
		adapt: func(_ exchange, o *outcome) {
			o.Headers["Content-Length"] = "253"
			o.replace(`"/user/%C3%A9%E2%98%83?a=b%20c&amp;d=%3Ce%3E"`, `"/user/é☃?a=b c&amp;d=&lt;e&gt;"`)
		},
	},
	{
		why:    "Werkzeug 2 replaces bytes of a query that are no UTF-8, and later ones leave them quoted",
		before: "3.0.0",
		concerns: func(e exchange, _ outcome) bool {
			return e.target == "/args?q=%FF" && e.isRead()
		},
		adapt: func(_ exchange, o *outcome) {
			o.replace(`\ufffd`, "%FF")
			o.Headers["Content-Length"] = "26"
		},
	},
	{
		why:    "before 3.1, taking a missing key out of an empty session did not count as access",
		before: "3.1.0",
		concerns: func(e exchange, o outcome) bool {
			return looksWithoutAccess.MatchString(e.path()) && e.isRead() && o.Headers["Vary"] == ""
		},
		adapt: func(_ exchange, o *outcome) { o.Headers["Vary"] = "Cookie" },
	},
}
