package flask

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// randomExchanges are requests that nobody thought of. The text counts them by kind.
func randomExchanges(r random, judge *judge) (all []exchange, counts string) {
	kinds := r.kinds(judge)
	total := 0
	for _, kind := range kinds {
		total += kind.weight
	}
	for i, kind := range kinds {
		number := randomRequests() * kind.weight / total
		for range number {
			all = append(all, kind.make())
		}
		if i > 0 {
			counts += ", "
		}
		counts += fmt.Sprintf("%d %s", number, kind.name)
	}
	return all, counts
}

// randomRequests is how many there are: DECANT_INTEROP_REQUESTS, or a number that
// takes two or three minutes.
func randomRequests() int {
	if n, err := strconv.Atoi(os.Getenv("DECANT_INTEROP_REQUESTS")); err == nil {
		return n
	}
	return 20_000
}

// kind is one sort of random requests.
type kind struct {
	name   string // in the plural
	weight int
	make   func() exchange
}

func (r random) kinds(judge *judge) []kind {
	return []kind{
		{"with hooks that act", 200, r.hookedExchange},
		{"queries", 120, r.queryExchange},
		{"odd queries", 100, r.oddQueryExchange},
		{"numbers", 100, r.numberExchange},
		{"paths", 120, r.pathExchange},
		{"slashes", 100, r.slashExchange},
		{"encoded paths", 100, r.encodedPathExchange},
		{"forms", 120, r.formExchange},
		{"charsets", 100, r.charsetExchange},
		{"multipart forms", 120, r.multipartExchange},
		{"JSON bodies", 120, r.jsonExchange},
		{"JSON bodies in UTF-16 or with a mark", 80, r.wideJSONExchange},
		{"conditions", 200, r.conditionalExchange},
		{"ranges", 100, r.rangeExchange},
		{"headers", 150, r.headerExchange},
		{"Accept headers", 100, r.acceptExchange},
		{"credentials", 80, r.authorizationExchange},
		{"Cookie headers", 100, r.cookieExchange},
		{"cookies to set", 100, r.setCookieExchange},
		{"hosts", 80, r.hostExchange},
		{"methods", 80, r.methodExchange},
		{"statuses", 80, r.statusExchange},
		{"redirects", 100, r.redirectExchange},
		{"files", 100, r.fileExchange},
		{"names of downloads", 80, r.downloadExchange},
		{"flashed messages", 80, r.flashExchange},
		{"headers with a mistake", 150, r.mutatedExchange},
		{"conditions with a mistake", 100, r.mutatedCondition},
		{"forms with a mistake", 100, r.mutatedForm},
		{"URLs to build", 150, r.buildExchange},
		{"any target and method", 150, r.anyExchange},
		{"sessions", 150, func() exchange { return r.sessionExchange(judge) }},
	}
}

// places are those that act knows, around views of every depth.
var places = []string{
	"preprocess", "before", "before2", "view", "later", "after", "after2", "wide-before", "wide-after", "quiet-after", "shop-preprocess", "shop-before", "shop-after",
	"cart-preprocess", "cart-before", "cart-after", "item-preprocess", "item-before", "item-after",
}

var actions = []string{"stop", "oops", "suboops", "lost", "value", "400", "403", "404", "405", "409", "410", "418", "423", "424", "428", "429", "431", "451", "417", "500", "503", "999"}

// hookedExchange does one or two things in the hooks around a view.
func (r random) hookedExchange() exchange {
	query := url.Values{}
	for range 1 + r.IntN(2) {
		query.Set(pick(r, places), pick(r, actions))
	}
	for _, flag := range []string{"later", "replace", "session-after", "routing"} {
		if r.IntN(6) == 0 && !query.Has(flag) {
			query.Set(flag, "")
		}
	}
	path := pick(r, []string{"/hooked", "/shop/", "/shop/cart", "/shop/cart/items/7/", "/shop/cart/items/7/", "/quiet/", "/wide/", "/bare", "/shop/nowhere", "/shop/post", "/folder", "/crash", "/static/style.css", "/session/set"})
	return exchange{method: pick(r, []string{"GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT"}), target: path + "?" + query.Encode()}
}

// escaped percent-encodes what a URL must not hold, and other things at will.
func (r random) escaped(text string) string {
	var encoded strings.Builder
	for _, b := range []byte(text) {
		isPlain := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("-._~", b) >= 0
		if isPlain && r.IntN(10) > 0 || strings.IndexByte("!$'()*,:@", b) >= 0 && r.IntN(2) == 0 {
			encoded.WriteByte(b)
		} else {
			fmt.Fprintf(&encoded, pick(r, []string{"%%%02X", "%%%02x"}), b)
		}
	}
	return encoded.String()
}

// pairs is a query or a form, more or less.
func (r random) pairs(names ...string) string {
	var parts []string
	for range r.IntN(6) {
		value := r.escaped(r.text())
		if r.IntN(4) == 0 {
			value = pick(r, []string{"7", "-1", "+5", "1.5", "1e3", "x", "%FF", "%C3", "", "a+b", "%ED%A0%80", "1_0", "%20 7"[:3] + "7"})
		}
		parts = append(parts, pick(r, names)+pick(r, []string{"=", "=", "=", "==", ""})+value)
	}
	return strings.Join(parts, pick(r, []string{"&", "&", "&&", ";"}))
}

func (r random) queryExchange() exchange {
	path := pick(r, []string{"/args", "/args/all", "/args/typed", "/about/urls", "/form/values", "/stream/context", "/folder", "/page/1", "/flash"})
	return exchange{method: pick(r, []string{"GET", "GET", "GET", "HEAD"}), target: path + "?" + r.pairs("q", "int", "float", "text", "name", "word", "%C3%A9", "a+b", "")}
}

func (r random) pathExchange() exchange {
	prefix := pick(r, []string{
		"/user/", "/path/", "/about/urls/", "/int/", "/signed/", "/float/", "/signed-float/", "/digits/", "/between/", "/long/", "/code/", "/uuid/", "/list-of/", "/sub/", "/which/", "/page/", "/any/", "/shop/cart/items/", "/pages/", "/", "/uploads/", "/static/", "/shop/number/",
	})
	path := r.escaped(r.text())
	switch r.IntN(4) {
	case 0:
		path = pick(r, []string{"7", "0", "-7", "+7", "1.5", "-0.5", ".5", "1_0", "00", "a", "left", "%20", "%2B", "a//b", "..", "%2e%2e/a.txt", "a.txt", "style.css", "%D9%A7", "1e5", "a%00b", "%F0%9F%98%80"})
	case 1:
		path += pick(r, []string{"/", "//", "/edit", "/..", "?", "?a=b", "/next", "-and-"})
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD", "OPTIONS", "POST"}), target: prefix + path}
}

func (r random) formExchange() exchange {
	target := pick(r, []string{"/form", "/form/all", "/form/values?name=url", "/form/typed", "/data", "/data/then-form", "/data/after-form", "/limit/20", "/limit/memory/20", "/json/and-form", "/upload", "/about/type"})
	contentType := pick(r, []string{urlencoded, urlencoded, urlencoded, urlencoded + "; charset=latin-1", strings.ToUpper(urlencoded), "text/plain", "", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"})
	body := r.pairs("name", "int", "float", "a", "%C3%A9")
	return exchange{method: "POST", target: target, contentType: contentType, body: body, chunked: r.IntN(5) == 0}
}

// multipartExchange has a body that is well-formed, or was before it was cut.
func (r random) multipartExchange() exchange {
	boundary := pick(r, []string{"x", "----WebKitFormBoundaryABC123", "a b", "'()+_,-./:=?"})
	var body strings.Builder
	for range r.IntN(5) {
		body.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + pick(r, []string{"file", "name", "a", "é", ""}) + "\"")
		if r.IntN(2) == 0 {
			body.WriteString("; filename=\"" + pick(r, []string{"a.txt", "", "../x", "é☃.png", "C:\\\\a.txt", "a b", ".htaccess", "con.txt.gz", "%22.txt", "a;b.txt"}) + "\"")
		}
		body.WriteString("\r\n")
		if r.IntN(3) == 0 {
			body.WriteString(pick(r, []string{"Content-Type: text/plain", "content-type: image/png; x=y", "X-Own: own", "Content-Type:", "Content-Transfer-Encoding: base64"}) + "\r\n")
		}
		body.WriteString("\r\n" + pick(r, []string{"", "text", "é☃", "\r\n", "--" + boundary + "x", "\x00\xff", strings.Repeat("long", 300)}) + "\r\n")
	}
	body.WriteString("--" + boundary + "--" + pick(r, []string{"\r\n", "", "\r\nepilogue"}))
	text := body.String()
	if r.IntN(6) == 0 {
		text = text[:r.IntN(len(text))]
	}
	target := pick(r, []string{"/upload", "/upload", "/upload/one", "/upload/header", "/form/all", "/form", "/data/then-form", "/data/after-form", "/limit/100", "/limit/parts/2", "/limit/memory/20"})
	return exchange{method: "POST", target: target, contentType: "multipart/form-data; boundary=\"" + boundary + "\"", body: text, chunked: r.IntN(6) == 0}
}

func (r random) jsonText(depth int) string {
	switch choice := r.IntN(9); {
	case choice == 0 && depth > 0:
		var items []string
		for range r.IntN(4) {
			items = append(items, r.jsonText(depth-1))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case choice <= 3 && depth > 0:
		var items []string
		for range r.IntN(4) {
			items = append(items, pick(r, []string{`"name"`, `"b"`, `"é"`, `"\u0041"`, `""`})+": "+r.jsonText(depth-1))
		}
		return "{" + strings.Join(items, ",") + "}"
	}
	return pick(r, []string{"null", "true", "false", "0", "-1", "1.5", "1e5", "1E-7", "12345678901234567890", `"text"`, `"\u00e9\ud83d\ude00"`, `"é☃"`, "NaN", "-Infinity", `"\/\b\f\n\r\t\""`, "0.1", "100000000000000000000.0"})
}

func (r random) jsonExchange() exchange {
	body := r.jsonText(3)
	if r.IntN(3) == 0 && len(body) > 0 {
		at := r.IntN(len(body))
		body = body[:at] + pick(r, []string{"", ",", "}", "]", "\x00", " ", "\n", "'", "\\", "é", "\xff", "1", "//"}) + body[at+r.IntN(2):]
	}
	contentType := pick(r, []string{"application/json", "application/json", "application/json; charset=utf-8", "application/x+json", "text/plain", ""})
	return exchange{method: "POST", target: pick(r, []string{"/json", "/json/force", "/json/silent", "/json/name", "/json/and-data", "/json/and-form", "/data"}), contentType: contentType, body: body, chunked: r.IntN(8) == 0}
}

func (r random) conditionalExchange() exchange {
	tags := []string{`"a"`, `W/"a"`, `"c"`, `"own-tag"`, "*", `"zzz", "a"`, "malformed", `"1f2d8ad3a9fe9b1a3e5a1b2a"`}
	dates := []string{"Thu, 29 Feb 2024 12:34:56 GMT", "Thu, 29 Feb 2024 12:34:57 GMT", "Tue, 15 Nov 1994 08:12:31 GMT", "Fri, 15 Nov 2999 08:12:31 GMT", "no date"}
	ranges := []string{"bytes=0-3", "bytes=2-", "bytes=-4", "bytes=99-", "bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=0-999", "bytes=0-0"}
	headers := r.some(3, map[string][]string{
		"If-None-Match": tags, "If-Match": tags, "If-Range": append(dates, tags...), "If-Modified-Since": dates, "If-Unmodified-Since": dates, "Range": ranges,
	})
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD"}), target: pick(r, conditionalTargets), headers: headers}
}

// mutated is a string with some characters left out, repeated, or put in.
func (r random) mutated(text, alphabet string) string {
	for range r.IntN(4) {
		at := r.IntN(len(text) + 1)
		rest := text[min(at+r.IntN(2), len(text)):]
		switch r.IntN(3) {
		case 0:
			text = text[:at] + rest
		case 1:
			text = text[:at] + text[:at][max(0, at-r.IntN(6)):] + rest
		default:
			text = text[:at] + string(alphabet[r.IntN(len(alphabet))]) + rest
		}
	}
	return text
}

// nameless finds a parameter whose name is "*". Werkzeug fails on one in Accept.
var nameless = regexp.MustCompile(`;(\s*)\*[0-9]*\*?=`)

// huge finds a number in a date that Python cannot take, so that Flask fails.
var huge = regexp.MustCompile(`[0-9]{10,}`)

// datedHeaders are those that may hold a date.
var datedHeaders = []string{"Date", "If-Modified-Since", "If-Range", "If-Unmodified-Since"}

// mutatedHeader is almost the value of a header.
func (r random) mutatedHeader(name, value, alphabet string) string {
	mutated := strings.TrimSpace(r.mutated(value, alphabet))
	if slices.Contains(datedHeaders, name) {
		return huge.ReplaceAllString(mutated, "9999")
	}
	return mutated
}

// mutatedExchange has a header that is almost one that was thought of.
func (r random) mutatedExchange() exchange {
	target := pick(r, []string{"/about/accept", "/about/accept", "/about/authorization", "/about/headers", "/about/conditions", "/about/cache", "/about/cookies"})
	headers := r.some(2, headersOf[target])
	for i := 1; i < len(headers); i += 2 {
		if !strings.Contains(headers[i], "é") { // its halves are no UTF-8
			mutated := r.mutatedHeader(headers[i-1], headers[i], ` ,;="*/\q0aZ-+:_.'%`)
			headers[i] = nameless.ReplaceAllString(mutated, ";${1}a=")
		}
	}
	return exchange{method: "GET", target: target, headers: headers}
}

// mutatedCondition asks for a file under conditions that are almost right.
func (r random) mutatedCondition() exchange {
	headers := slices.Clone(pick(r, conditionHeaders))
	for i := 1; i < len(headers); i += 2 {
		headers[i] = r.mutatedHeader(headers[i-1], headers[i], ` ,;="*/\W0aZ-+:`)
	}
	return exchange{method: pick(r, []string{"GET", "HEAD"}), target: pick(r, conditionalTargets), headers: headers}
}

// mutatedForm is a form that is almost one.
func (r random) mutatedForm() exchange {
	e := r.multipartExchange()
	e.body = r.mutated(e.body, "\r\n-\"; :=x\x00\xc3\xff\t")
	if r.IntN(2) == 0 {
		e.contentType = strings.TrimSpace(r.mutated(e.contentType, ` ;="x/-\*'`))
	}
	return e
}

// some are pairs of names, one in so many of those that there are, and values.
func (r random) some(oneIn int, choices map[string][]string) (pairs []string) {
	for _, name := range slices.Sorted(maps.Keys(choices)) {
		if r.IntN(oneIn) == 0 {
			pairs = append(pairs, name, pick(r, choices[name]))
		}
	}
	return pairs
}

func (r random) headerExchange() exchange {
	target := pick(r, []string{"/about/accept", "/about/authorization", "/about/headers", "/about/conditions", "/about/cache", "/about/cookies", "/about/type"})
	if target == "/about/type" {
		return exchange{method: "POST", target: target, body: "body", contentType: pick(r, []string{"text/html", "Text/HTML", "a/b"}) + pick(r, []string{"", ";", "; charset=UTF-8", ";a=\"b;c\"", "; a=b; A=c", "; a*=UTF-8''%C3%A9", "; a", "; =b", "; a = b ", "; a*0=x; a*1=y", `; a="\"q\""`})}
	}
	return exchange{method: "GET", target: target, headers: r.some(2, headersOf[target])}
}

var buildValues = []string{"i:7", "i:-1", "i:0", "f:1.5", "f:0.0", "s:", "s:a b", "s:é/☃", "s:a&b=c;d", "s:left", "s:1", "n:", "t:", "x:", "s:..", "s:%41", "s:a+b", "s:~!*'()", "s:a/b/c"}

// buildExchange asks for the URL of an endpoint with values that fit, or not.
func (r random) buildExchange() exchange {
	endpoint := pick(r, []string{
		"index", "user", "integer", "floating", "side", "rest", "folder", "page", "sub", "two", "method", "split_post", "built_only", "aliased", "static", "shop.index", "shop.cart.item.index", "pages.index", "foreign.index", "foreign.show", "pages.styled", "nothing", "external", "long", "code", "between", "things", ".index", "shop.static", "identity",
	})
	query := []string{}
	for _, name := range []string{"name", "number", "side", "rest", "page", "left", "right", "filename", "item", "lang", "style", "text", "code", "id", "q", "é x"} {
		if r.IntN(3) == 0 {
			query = append(query, url.QueryEscape(name)+"="+url.QueryEscape(pick(r, buildValues)))
		}
	}
	special := r.some(5, map[string][]string{
		"_external": {"t:", "x:"}, "_anchor": {"s:top", "s:a b é#?", "s:"}, "_scheme": {"s:https", "s:http", "s:", "s:ftp"}, "_method": {"s:GET", "s:POST", "s:DELETE", "s:get", "s:PUT"},
	})
	for i := 0; i < len(special); i += 2 {
		query = append(query, special[i]+"="+url.QueryEscape(special[i+1]))
	}
	r.Shuffle(len(query), func(i, j int) { query[i], query[j] = query[j], query[i] })
	return exchange{method: "GET", target: "/build/" + endpoint + "?" + strings.Join(query, "&")}
}

// anyExchange is some target with some method and body.
func (r random) anyExchange() exchange {
	target := pick(r, targets)
	e := exchange{method: pick(r, []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "OWN"}), target: target}
	if r.IntN(4) == 0 {
		e.contentType, e.body = urlencoded, r.pairs("name", "q")
	}
	if r.IntN(4) == 0 {
		e.headers = append(e.headers, "Range", "bytes=1-2")
	}
	return e
}

func (r random) sessionExchange(judge *judge) exchange {
	values := r.session()
	if r.IntN(2) == 0 {
		values["name"] = r.text()
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD"}), target: pick(r, sessionTargets), jar: "a random session", cookies: judge.sign(values, secretKey)}
}

// oddQueryExchange has a query that no browser writes.
func (r random) oddQueryExchange() exchange {
	query := r.mutated(pick(r, []string{"q=1", "q=a+b&q=%C3%A9&x=y", "q", "&&q=1&", "q=a=b", "%71=1", "q=%F0%9F%98%80", "name=%20&q=", "a[]=1&a[x]=2", "q=%e9%80"}), "&=%+;?/aq1Cé9[]")
	return exchange{method: "GET", target: pick(r, []string{"/args", "/args/all", "/about/urls", "/form/values"}) + "?" + plainQuery(query)}
}

// plainQuery percent-encodes what cannot stand in a request line.
func plainQuery(query string) string {
	var encoded strings.Builder
	for _, b := range []byte(query) {
		if b <= ' ' || b >= 0x7f {
			fmt.Fprintf(&encoded, "%%%02X", b)
		} else {
			encoded.WriteByte(b)
		}
	}
	return strings.ReplaceAll(encoded.String(), "#", "%23")
}

// numberExchange asks for numbers in a query.
func (r random) numberExchange() exchange {
	number := func() string {
		return url.QueryEscape(r.mutated(pick(r, []string{"7", "-1.5", "1_000", " 7 ", "1e3", "0x10", ".5", "5.", "+7", "٣", "infinity", "nan", "1__0", "00", "-0", "1e400"}), "0123456789+-._eE x"))
	}
	return exchange{method: "GET", target: "/args/typed?int=" + number() + "&float=" + number()}
}

// slashExchange has the wrong number of slashes.
func (r random) slashExchange() exchange {
	path := pick(r, []string{"/folder", "/file", "/page", "/page/1", "/sub/a", "/lax", "/shop", "/shop/cart", "/pages", "/user/ann", "/path/a/b", "/alias", "/wide", "/quiet", "/static/style.css", "/uploads/sub"})
	parts := strings.Split(path[1:], "/")
	path = ""
	for _, part := range parts {
		path += pick(r, []string{"/", "/", "/", "//", "///"}) + part
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD", "POST"}), target: path + pick(r, []string{"", "/", "//"}) + pick(r, []string{"", "?a=b", "?a=%C3%A9&b", "?"})}
}

// encodedPathExchange has more of its path percent-encoded than it needs.
func (r random) encodedPathExchange() exchange {
	var encoded strings.Builder
	for _, b := range []byte(pick(r, []string{"/user/ann", "/path/a/b", "/folder/", "/file", "/any/left", "/int/41", "/pages/show", "/shop/cart", "/static/style.css", "/uploads/a.txt", "/sub/a/", "/user/é☃"})) {
		if b != '/' && r.IntN(3) == 0 || b >= 0x80 {
			fmt.Fprintf(&encoded, pick(r, []string{"%%%02X", "%%%02x"}), b)
		} else {
			encoded.WriteByte(b)
		}
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD", "POST"}), target: encoded.String()}
}

// charsetExchange has a form in bytes that may not be what its type says.
func (r random) charsetExchange() exchange {
	charset := pick(r, []string{"utf-8", "UTF8", "latin-1", "iso-8859-1", "utf-16", "ascii", "nothing", "\"utf-8\"", "'utf-8'", ""})
	contentType := pick(r, []string{urlencoded, urlencoded, "text/plain", "text/html", "application/json"}) + pick(r, []string{"; charset=", ";charset=", "; Charset=", "; x=y; charset="}) + charset
	body := pick(r, []string{"name=%C3%A9", "name=%E9", "name=\xc3\xa9", "name=\xe9", "n%61me=%FF%FE", "name=☃&name=%u2603", "\xef\xbb\xbfname=a"})
	return exchange{method: "POST", target: pick(r, []string{"/form", "/form/all", "/form/values", "/data", "/data/then-form", "/about/type"}), contentType: contentType, body: body}
}

// wideJSONExchange has JSON in the encodings that a reader of JSON finds out.
func (r random) wideJSONExchange() exchange {
	text := r.jsonText(2)
	var body []byte
	switch units := utf16.Encode([]rune(text)); r.IntN(3) {
	case 0:
		body = append([]byte("\xef\xbb\xbf"), text...)
	case 1:
		for _, unit := range units {
			body = append(body, byte(unit), byte(unit>>8))
		}
	default:
		for _, unit := range units {
			body = append(body, byte(unit>>8), byte(unit))
		}
	}
	return exchange{method: "POST", target: pick(r, []string{"/json", "/json/force", "/json/silent"}), contentType: "application/json", body: string(body)}
}

// rangeExchange asks for parts of files.
func (r random) rangeExchange() exchange {
	bound := func() string {
		return pick(r, []string{"", "0", "1", "4", "9", "10", "11", "99999", "79999", "80000", "x", " 2"})
	}
	value := pick(r, []string{"bytes=", "bytes=", "bytes=", "Bytes=", "lines=", "bytes ="}) + bound() + "-" + bound()
	if r.IntN(5) == 0 {
		value += pick(r, []string{",", ", "}) + bound() + "-" + bound()
	}
	return exchange{
		method:  pick(r, []string{"GET", "GET", "HEAD"}),
		target:  pick(r, []string{"/uploads/a.txt", "/uploads/big.txt", "/uploads/empty.txt", "/send/plain", "/send/content", "/static/style.css", "/send/attachment"}),
		headers: append([]string{"Range", value}, r.some(4, map[string][]string{"If-Range": {`"a"`, `W/"a"`, "Thu, 29 Feb 2024 12:34:56 GMT", "x"}})...),
	}
}

// acceptExchange negotiates with lists that are mostly well-formed.
func (r random) acceptExchange() exchange {
	list := func(choices ...string) string {
		var items []string
		for range 1 + r.IntN(5) {
			items = append(items, pick(r, choices)+pick(r, []string{"", "", ";q=0", ";q=0.1", ";q=0.5", "; q=0.75", ";q=1", ";q=1.0", ";q=.5", ";Q=0.3", ";level=1", ";level=1;q=0.2", ";q=-1", ";q=2"}))
		}
		return strings.Join(items, pick(r, []string{",", ", ", " ,"}))
	}
	return exchange{method: "GET", target: "/about/accept", headers: []string{
		"Accept", list("text/html", "application/json", "text/*", "*/*", "text/plain", "image/png", "APPLICATION/JSON", "text"),
		"Accept-Language", list("de", "en", "en-GB", "fr", "*", "de-AT", "EN_us", "zh-Hant-TW"),
		"Accept-Charset", list("utf-8", "latin-1", "iso-8859-1", "*", "UTF8", "x"),
	}}
}

// authorizationExchange has credentials.
func (r random) authorizationExchange() exchange {
	scheme := pick(r, []string{"Basic", "basic", "BASIC", "Bearer", "bearer", "Digest", "Custom", "Negotiate"})
	rest := pick(r, []string{"dXNlcjpwYXNz", "dXNlcg==", "w6k6w7w=", "/w==", "Og==", "a.b.c", "abc==", `username="a", realm="b", nonce=c`, `a=b, c="d \"e\""`, "x y", "a=b", ""})
	return exchange{method: "GET", target: "/about/authorization", headers: []string{"Authorization", strings.TrimSpace(r.mutated(scheme+" "+rest, ` ,="\=/+aZ0`))}}
}

// cookieExchange has a Cookie header that no server wrote.
func (r random) cookieExchange() exchange {
	var parts []string
	for range 1 + r.IntN(4) {
		parts = append(parts, pick(r, []string{"a", "b", "a b", "", "$Path", "é", "__Host-x"})+pick(r, []string{"=", "=", "=", "", " = ", "=="})+pick(r, []string{"1", "", `"q"`, `"a b"`, `"\303\251"`, "a%20b", `"\"x\""`, `"open`, "a,b", "{}", `"\054"`}))
	}
	text := r.mutated(strings.Join(parts, pick(r, []string{"; ", ";", " ; ", ";;"})), ` ;="\,abc012`)
	return exchange{method: "GET", target: pick(r, []string{"/cookies", "/about/cookies"}), headers: []string{"Cookie", strings.TrimSpace(text)}}
}

// setCookieExchange sets a cookie to some value.
func (r random) setCookieExchange() exchange {
	value := strings.Map(func(c rune) rune {
		if c >= 0x1a && c < ' ' { // Flask writes these as they are, and no client reads the header
			return -1
		}
		return c
	}, r.text())
	query := url.Values{"value": {value}}
	if r.IntN(3) == 0 {
		query.Set("samesite", pick(r, []string{"lax", "Strict", "none", "NONE", "odd", ""}))
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD"}), target: "/cookies/value?" + query.Encode()}
}

// hostExchange is for some host.
func (r random) hostExchange() exchange {
	host := pick(r, []string{"twin.example", "TWIN.example", "other.example", "127.0.0.1", "[::1]", "localhost", "xn--bcher-kva.example", "a-b.example", "a_b.example", "twin.example."}) + pick(r, []string{"", "", ":8080", ":81", ":443", ":5000"})
	return exchange{method: "GET", target: pick(r, []string{"/about/urls?a=b", "/about/urls/x", "/folder", "/user/ann", "/redirect", "/args?q=1"}), headers: []string{"Host", host}}
}

// methodExchange asks what a rule allows.
func (r random) methodExchange() exchange {
	return exchange{
		method: pick(r, []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "OWN"}),
		target: pick(r, []string{"/method", "/post-only", "/own-options", "/no-options", "/split", "/verbs", "/things/3", "/things/x", "/everything", "/plain", "/shop/post", "/form", "/nowhere", "/static/style.css", "/folder", "/folder/", "/alias"}),
	}
}

// statusExchange ends in some status.
func (r random) statusExchange() exchange {
	status := pick(r, []string{"200", "201", "202", "204", "206", "299", "304", "400", "401", "403", "404", "405", "406", "408", "409", "410", "411", "412", "413", "414", "415", "416", "417", "418", "422", "428", "429", "451", "500", "501", "502", "503", "504", "505", "599"})
	path := pick(r, []string{"/status/", "/abort/", "/abort-response/", "/json-status/", "/redirect/"})
	if r.IntN(3) == 0 {
		path, status = "/described/", pick(r, []string{"400", "403", "404", "409", "418", "503"})+"?text="+url.QueryEscape(r.text())
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD"}), target: path + status}
}

// redirectExchange goes somewhere else.
func (r random) redirectExchange() exchange {
	to := pick(r, []string{"relative", "/a b", "/é☃", "https://b.example/é?q=☃#x y", "//other.example/", "?q=1", "#top", "mailto:a@b.example", "/%zz%41", "http://user:pass@host.example:8080/x", "../up", "/a;b=c,d", `/"<>`, "/a|b^c`d", "http://host.example", "/?a=b&c=d%20e+f"})
	if r.IntN(3) == 0 {
		to = "/" + strings.TrimLeft(r.mutated(strings.TrimPrefix(to, "/"), "/?#&=% aé:@;+~"), "/\\")
	}
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD", "POST"}), target: "/redirect-to?to=" + url.QueryEscape(to) + pick(r, []string{"", "", "&code=301", "&code=303", "&code=307", "&code=308"})}
}

// fileExchange asks for files in ways that are mostly safe.
func (r random) fileExchange() exchange {
	folder := pick(r, []string{"/uploads/", "/static/", "/shop/files/"})
	name := pick(r, []string{"a.txt", "data.bin", "empty.txt", "sub/b.json", "style.css", "sub/app.js", "archive.tar.gz", "shop.css", "sub/x.svg", ".hidden", "no%20extension", "big.txt", "%C3%BCn%C3%AF%20c%C3%B6d%C3%A9.html", "sub", "missing.txt", "a.txt.", "A.TXT"})
	return exchange{
		method: pick(r, []string{"GET", "GET", "HEAD", "OPTIONS", "POST"}), target: folder + name + pick(r, []string{"", "", "?attachment=1", "?x"}),
		headers: r.some(4, map[string][]string{"If-None-Match": {"*", `"x"`}, "If-Modified-Since": {"Fri, 15 Nov 2999 08:12:31 GMT", "Tue, 15 Nov 1994 08:12:31 GMT"}, "Accept-Encoding": {"gzip", "br, gzip", "identity"}}),
	}
}

// downloadExchange names a download.
func (r random) downloadExchange() exchange {
	stem := r.mutated(pick(r, []string{"a", "a b", "é☃", `a"b`, "a;b,c'd", "50%", "a.tar", "~"}), `"';,% .éaZ0()*~`)
	name := stem + pick(r, []string{".txt", ".pdf", ".png", ".csv", ".html", ".json", ".tar.gz"})
	return exchange{method: pick(r, []string{"GET", "HEAD"}), target: "/send/named?name=" + url.QueryEscape(name)}
}

// flashExchange flashes a message, or takes those that the cookie has.
func (r random) flashExchange() exchange {
	return exchange{method: pick(r, []string{"GET", "GET", "HEAD"}), target: pick(r, []string{"/flash?text=" + url.QueryEscape(r.text()), "/flash/many", "/flash/read", "/flash/pairs", "/flash/filtered?category=" + pick(r, []string{"error", "message", "é"}), "/flash/twice", "/flash/here"})}
}
