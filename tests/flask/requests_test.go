package flask

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

// fixedExchanges are every target with every everyday method, and the requests
// that need a body, headers or cookies.
func fixedExchanges(judge *judge) (all []exchange) {
	for _, target := range targets {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			all = append(all, exchange{method: method, target: target})
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OWN"} {
		for _, target := range []string{"/", "/method", "/form", "/nowhere", "/folder", "/split", "/verbs", "/things/1", "/everything", "/plain", "/shop/", "/shop/cart", "/static/style.css"} {
			all = append(all, exchange{method: method, target: target})
		}
	}
	all = append(all, formExchanges()...)
	all = append(all, uploadExchanges()...)
	all = append(all, jsonExchanges()...)
	all = append(all, headerExchanges()...)
	all = append(all, teardownExchanges()...)
	return append(all, cookieExchanges(judge)...)
}

var targets = []string{
	"/", "/?stop=1", "/empty", "/bytes", "/markup", "/dict", "/list", "/empty-dict", "/empty-list", "/large", "/made", "/no-content",
	"/status/200", "/status/299", "/status/404", "/status/599", "/json-status/201", "/json-status/422", "/headers-tuple", "/three-tuple", "/json-headers",
	"/response-tuple", "/made/nothing", "/made/json", "/made/mimetype", "/made/data", "/made/removed-type", "/made/repeated", "/made/line-break",
	"/made/line-break?value=fine", "/made/line-break?value=a%0Ab", "/made/line-break?value=a%0Db", "/made/not-modified", "/callable", "/foreign", "/later",
	"/mistake/none", "/mistake/int", "/mistake/bool", "/mistake/float", "/mistake/none-status", "/mistake/unserialisable",
	"/stream/text", "/stream/bytes", "/stream/empty", "/stream/context", "/stream/context?word=%C3%A9", "/stream/made", "/stream/length", "/stream/csv", "/stream/reader",
	"/user/ann", "/user/a%20b", "/user/%C3%A9%E2%98%83", "/user/%3Cb%3E", "/user/%FF", "/user/", "/user/a%2Fb", "/user/a;b", "/user/a,b=c&d", "/user/%25", "/user/%3F%23",
	"/int/41", "/int/007", "/int/-1", "/int/x", "/int/%D9%A3", "/float/1.5", "/float/1", "/float/1.", "/float/007.50", "/float/-1.5", "/any/left", "/any/up",
	"/signed/-7", "/signed/7", "/signed/+7", "/signed-float/-1.5", "/signed-float/1.0", "/digits/0042", "/digits/42", "/digits/00042", "/between/3", "/between/2", "/between/7", "/between/8",
	"/between/a-and-b", "/between/a-and-b-and-c", "/between/-and-", "/long/a", "/long/ab", "/long/abcd", "/long/abcde", "/long/%C3%A9%C3%A9", "/code/ab", "/code/abc",
	"/list-of/a", "/list-of/a+b+c", "/list-of/a++b", "/list-of/%C3%A9+b%20c", "/which/1", "/which/one", "/which/fixed",
	"/uuid/12345678-1234-5678-1234-567812345678", "/uuid/no", "/uuid/12345678123456781234567812345678", "/uuid/ABCDEF00-1234-5678-1234-567812345678",
	"/path/a", "/path/a/b/c", "/path/", "/path/a/b/edit", "/path/edit", "/path/a//b", "/path/a/../b", "/path/./a",
	"/folder/", "/folder", "/folder?a=b%20c", "/folder?a=%C3%A9&b", "/file", "/file/", "//file", "/a//b", "//folder", "///", "/urls", "/folder//", "/lax", "/lax/", "/lax/folder", "/lax/folder/",
	"/page/", "/page", "/page/1", "/page/1?q=x%20y", "/page/2", "/page/01", "/sub/a", "/sub/a/", "/sub/a%20b", "/sub/%C3%A9?x=1", "/sub/a?x=%26", "/old/7", "/old/x", "/alias", "/alias?a=b", "/aliased", "/built-only",
	"/redirect", "/redirect/301", "/redirect/303", "/redirect/307", "/redirect/308", "/redirect/300", "/redirect/302", "/redirect/304", "/redirect/305", "/redirect/200",
	"/redirect-to", "/redirect-to?to=relative", "/redirect-to?to=/a%20b", "/redirect-to?to=https://b%C3%BCcher.example/%C3%A9?q=%E2%98%83", "/redirect-to?to=//other.example/", "/redirect-to?to=", "/redirect-to?to=%3Cscript%3E&code=301",
	"/redirect-to?to=/a%0D%0AX-Evil:1", "/redirect-to?to=?q=1", "/redirect-to?to=%23top", "/redirect-to?to=mailto:a@b.example", "/redirect-to?to=/%25zz%2541", "/redirect-to?to=http://user:pass@host.example:8080/x", "/redirect-cookie",
	"/abort/400", "/abort/401", "/abort/403", "/abort/404", "/abort/405", "/abort/406", "/abort/408", "/abort/409", "/abort/410", "/abort/411", "/abort/412", "/abort/413", "/abort/414", "/abort/415", "/abort/416", "/abort/417", "/abort/418",
	"/abort/421", "/abort/422", "/abort/423", "/abort/424", "/abort/428", "/abort/429", "/abort/431", "/abort/451", "/abort/500", "/abort/501", "/abort/502", "/abort/503", "/abort/504", "/abort/505", "/abort/200", "/abort/302", "/abort/999",
	"/abort-response/400", "/abort-response/404", "/abort-response/200", "/described", "/described/400", "/described/403", "/described/404", "/described/418?text=", "/described/503?text=%C3%A9%0Aline", "/described/409?text=why", "/described/500?text=own",
	"/crash", "/crash?stop=1", "/nowhere", "/nowhere?stop=1", "/%3Cscript%3E", "/raise/moved", "/raise/unpaid", "/raise/suboops", "/raise/wrapped", "/raise/pair", "/raise/pair?left=a&right=b",
	"/raise/returned/404", "/raise/returned/403", "/raise/returned/418", "/raise/returned/451", "/raise/caught",
	"/method", "/post-only", "/own-options", "/no-options", "/split", "/verbs", "/things/3", "/things/x", "/everything", "/plain", "/form", "/hooked", "/torn-down",
	"/args", "/args?q=1", "/args?q=a+b&q=%C3%A9&x=y", "/args?q", "/args?q=%FF", "/args?Q=1", "/args?&&q=1&", "/args?q=1;q=2", "/args?q=a=b", "/args?%71=1", "/args/all", "/args/all?a=1&b=2&a=3&=x&c", "/args/all?%C3%A9=%E2%98%83+%2B",
	"/args/typed", "/args/typed?int=7&float=1.5&text=", "/args/typed?int=x&float=y", "/args/typed?int=+7&float=1e3", "/args/typed?int=1_000&float=.5", "/args/typed?int=%D9%A3&float=1_0.5", "/args/typed?int=7.0&float=-0", "/args/typed?int=1&int=2",

	"/about/urls", "/about/urls?a=b%20c&d=%C3%A9", "/about/urls/a%20b/%C3%A9?x", "/about/urls/%E2%98%83/%25/%2F", "/about/urls?", "/about/urls/a;b,c@d:e", "/about/urls/%3F?%3F=%23", "/about/match/7/x", "/about/match/007/a%20b?routing", "/about/match/x/y?routing",
	"/about/accept", "/about/authorization", "/about/headers", "/about/type", "/about/conditions", "/about/cache", "/about/cookies",
	"/json", "/json/force", "/json/silent", "/jsonify/null", "/jsonify/scalars", "/jsonify/text", "/jsonify/dates", "/jsonify/types", "/jsonify/numbers", "/jsonify/keys", "/jsonify/bytes", "/jsonify/impossible",
	"/cookies", "/cookies/set", "/cookies/more", "/cookies/delete", "/cookies/later", "/cookies/value?value=a%20b", "/cookies/value?value=%C3%A9%3B%22&samesite=lax", "/cookies/value?samesite=none", "/cookies/value?samesite=odd", "/cookies/value?value=a%0Ab",
	"/conditional/etag", "/conditional/own", "/conditional/weak", "/conditional/modified", "/conditional/both", "/conditional/whole", "/conditional/created", "/conditional/only-etag",
	"/cache/control", "/cache/no-store", "/cache/expires", "/cache/vary", "/challenge",
	"/send/plain", "/send/attachment", "/send/named", "/send/named?name=a.txt", "/send/named?name=a%20b.txt", "/send/named?name=a%22b.txt", "/send/named?name=%E2%98%83", "/send/named?name=a%5Cb", "/send/named?name=a/b.txt", "/send/named?name=", "/send/named?name=%C3%A9.pdf", "/send/named?name=a;b,c'd.txt", "/send/named?name=50%25.txt", "/send/inline", "/send/tag", "/send/untagged", "/send/age", "/send/age-zero",
	"/send/unconditional", "/send/typed", "/send/missing", "/send/content", "/send/content-named", "/send/content-named?name=a%0Ab", "/send/content-named?name=a%0Db", "/send/nameless", "/send/untitled", "/send/after",
	"/uploads/a.txt", "/uploads/a.txt?attachment=1", "/uploads/sub/b.json", "/uploads/%C3%BCn%C3%AF%20c%C3%B6d%C3%A9.html", "/uploads/%C3%BCn%C3%AF%20c%C3%B6d%C3%A9.html?attachment", "/uploads/.hidden", "/uploads/no%20extension", "/uploads/big.txt", "/uploads/empty.txt", "/uploads/data.bin",
	"/uploads/../secret.txt", "/uploads/%2e%2e/secret.txt", "/uploads/..%2fsecret.txt", "/uploads/sub/..%2f..%2fsecret.txt", "/uploads/sub/%2e%2e/a.txt", "/uploads//etc/passwd", "/uploads/%2Fetc%2Fpasswd", "/uploads/sub", "/uploads/sub/", "/uploads/missing", "/uploads/a.txt/", "/uploads/a.txt%00", "/uploads/..%5Csecret.txt", "/uploads/./a.txt", "/uploads/a.txt/x", "/uploads/C:/a.txt",
	"/static/style.css", "/static/sub/app.js", "/static/archive.tar.gz", "/static/", "/static", "/static/sub", "/static/../secret.txt", "/static/missing.css", "/favicon.ico", "/shop/files/shop.css", "/shop/files/sub/x.svg", "/shop/files/missing", "/shop/files/..%2fsecret.txt", "/shop/own-file",
	"/shop/", "/shop", "/shop/nowhere", "/shop/post", "/shop/number/7", "/shop/number/x", "/shop/urls", "/shop/cart", "/shop/cart/", "/shop/cart/nowhere", "/shop/cart/items/7/", "/shop/cart/items/7", "/shop/cart/items/7/next", "/shop/cart/items/x/",
	"/wide/", "/wide/link", "/pages/", "/pages/show", "/pages/a%20b", "/pages/styled", "/pages", "/de/pages/", "/de/pages/x", "/de/pages/styled", "/fr%20x/pages/", "/fr%20x/pages/y%20z", "/pages/pages/", "/bare", "/bare/relative/index", "/bare/relative/relative", "/bare/relative/nothing", "/quiet/", "/quiet/missing-key", "/quiet/missing-key?key=v", "/quiet/nowhere",
	"/session", "/session/all", "/session/has", "/session/lazy", "/session/lazy?look", "/session/vary", "/session/vary?cookie", "/session/abort", "/session/abort?code=403", "/session/abort?code=500", "/session/crash", "/session/stream", "/session/set", "/session/set?name=ann", "/session/set?name=%C3%A9%22", "/session/types", "/session/permanent", "/session/not-permanent", "/session/pop", "/session/default", "/session/delete", "/session/clear", "/session/login", "/session/nested", "/session/nested?mark", "/session/large", "/session/bad", "/session/bad-status",
	"/?session-after", "/nowhere?session-after", "/crash?session-after", "/folder?session-after",
	"/flash", "/flash?text=%3Cb%3E", "/flash/many", "/flash/read", "/flash/pairs", "/flash/filtered?category=error", "/flash/twice", "/flash/here",
}

func formExchanges() (all []exchange) {
	bodies := []string{
		"name=ann", "name=a+b&name=%C3%A9", "other=1", "", "name", "name=", "=x&name=1;name=2", "name=" + url.QueryEscape("<é☃>"), "name=%FF%zz&a=%", "&&name=1&", "int=7&float=1.5", "int=x",
	}
	multipart := "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nann é\r\n--x--\r\n"
	for _, path := range []string{"/form", "/form/all?name=url", "/form/values?name=url&name=two", "/form/typed", "/data", "/data/then-form", "/data/after-form", "/data/twice", "/json/and-form"} {
		for _, body := range bodies {
			all = append(all, exchange{method: "POST", target: path, contentType: urlencoded, body: body})
		}
		all = append(all,
			exchange{method: "POST", target: path, contentType: "multipart/form-data; boundary=x", body: multipart},
			exchange{method: "POST", target: path, contentType: "multipart/form-data", body: multipart},
			exchange{method: "POST", target: path, contentType: "text/plain", body: "name=ann"},
			exchange{method: "POST", target: path, contentType: urlencoded + "; charset=utf-8", body: "name=ann"},
			exchange{method: "POST", target: path, contentType: urlencoded, body: "name=ann", chunked: true},
		)
	}
	all = append(all,
		exchange{method: "GET", target: "/form/values?name=url", contentType: urlencoded, body: "name=body"},
		exchange{method: "PUT", target: "/form/values?name=url", contentType: urlencoded, body: "name=body"},
		exchange{method: "PUT", target: "/form/all", contentType: urlencoded, body: "name=body"},
		exchange{method: "POST", target: "/limit/7", contentType: "text/plain", body: "name=ann", chunked: true},
		exchange{method: "POST", target: "/limit/8", contentType: "text/plain", body: "name=ann", chunked: true},
		exchange{method: "POST", target: "/limit/8", contentType: urlencoded, body: "name=ann", chunked: true},
		exchange{method: "POST", target: "/limit/16", contentType: "multipart/form-data; boundary=b", body: "--b\r\nA: b\r\n\r\n1\r\n", chunked: true},
		exchange{method: "POST", target: "/limit/memory/7", contentType: urlencoded, body: "name=ann", chunked: true},
		exchange{method: "POST", target: "/form?before=stop", contentType: urlencoded, body: "name=ann"},
	)
	for _, limit := range []int{0, 1, 7, 8, 9, 1000} {
		for _, path := range []string{"/limit/%d", "/limit/memory/%d"} {
			target := fmt.Sprintf(path, limit)
			all = append(all,
				exchange{method: "POST", target: target, contentType: urlencoded, body: "name=ann"},
				exchange{method: "POST", target: target, contentType: "text/plain", body: "name=ann"},
				exchange{method: "POST", target: target, contentType: "multipart/form-data; boundary=x", body: multipart},
				exchange{method: "POST", target: target},
			)
		}
	}
	return all
}

// part is one part of a multipart body.
func part(disposition, content string, headers ...string) string {
	text := "--x\r\nContent-Disposition: form-data" + disposition + "\r\n"
	for _, header := range headers {
		text += header + "\r\n"
	}
	return text + "\r\n" + content + "\r\n"
}

func uploadExchanges() (all []exchange) {
	for _, parts := range []string{
		part(`; name="file"; filename="a.txt"`, "content", "Content-Type: text/plain", "X-Own: own"),
		part(`; name="file"; filename="../../etc/pass wd"`, "\x00\xff\r\n--y"),
		part(`; name="file"; filename=""`, ""),
		part(`; name="file"`, "a field"),
		part(`; name="file"; filename="ünï.html"`, "é", "Content-Type: text/html; charset=utf-8"),
		part(`; name="file"; filename*=UTF-8''%C3%A9.txt`, "é"),
		part(`; name="file"; filename="a\"b.txt"`, "q"),
		part(`; name="a"; filename="1"`, "1") + part(`; name="b"`, "two") + part(`; name="a"; filename="3"`, "3"),
		part(`; name="file"; filename="con.txt.gz"`, "a device"), part(`; name="ä"`, "ö"), part(``, "nameless"), part(`; name="a"; name="b"`, "twice"), part(`; NAME="a"`, "upper case"),
		part(`; name=a`, "unquoted"), part(`; name="a"`, strings.Repeat("long ", 5000)), "preamble\r\n" + part(`; name="a"`, "after"),
		strings.Repeat(part(`; name="a"`, "1"), 20), strings.Repeat(part(`; name="a"`, "1"), 21), strings.Repeat(part(`; name="f"; filename="f"`, "1"), 21),
	} {
		for _, target := range []string{"/upload", "/upload/one", "/upload/header", "/data", "/limit/parts/2", "/limit/parts/30"} {
			for _, end := range []string{"--x--\r\n", "--x--", ""} {
				if end != "--x--\r\n" && target != "/upload" {
					continue
				}
				all = append(all, exchange{method: "POST", target: target, contentType: "multipart/form-data; boundary=x", body: parts + end})
			}
		}
	}
	return all
}

func jsonExchanges() (all []exchange) {
	bodies := []string{
		`{"name": "ann", "b": [1, 2.5, null, true]}`, `null`, `7`, `"text é ☃"`, `[]`, `{}`, ``, ` `, `{`, `{"a": 1,}`, `{'a': 1}`, `[1] x`, `NaN`, `[Infinity, -Infinity]`, `1e400`,
		`123456789012345678901234567890`, `"\ud83d\ude00\u0000"`, `{"a": 1, "a": 2}`, `01`, `1.0`, `-0`, `-0.0`, `1E5`, "\ufeff[1]", "\xff\xfe[\x001\x00]\x00", "\"\xff\"", "\"a\nb\"", `"\x"`, `tru`, `"\ud83d"`, `"\udc00\ud83d x"`, `[1 2]`, "\"\u2028\"", `{"é": {"z": 1, "a": 2}}`, `{1: 2}`, strings.Repeat("[", 50) + strings.Repeat("]", 50),
	}
	for _, body := range bodies {
		for _, target := range []string{"/json", "/json/silent", "/json/name", "/json/and-data", "/json/and-form"} {
			all = append(all, exchange{method: "POST", target: target, contentType: "application/json", body: body})
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON", "application/problem+json", "application/vnd.api+json; a=b", "text/json", "application/jsonx", "application/+json", "json", ";", urlencoded, "application/json;"} {
		for _, target := range []string{"/json", "/json/force", "/json/silent", "/json/and-form", "/about/type"} {
			all = append(all, exchange{method: "POST", target: target, contentType: contentType, body: `{"name": 1}`})
		}
	}
	return append(all,
		exchange{method: "GET", target: "/json", contentType: "application/json", body: `[1]`},
		exchange{method: "POST", target: "/json", contentType: "application/json", body: `[1]`, chunked: true},
	)
}

// headersOf are the headers that a view looks at, with values of every sort.
var headersOf = map[string]map[string][]string{
	"/about/accept": {
		"Accept": {
			"*/*", "text/html", "application/json", "text/*;q=0.5, application/json;q=0.4", "text/html;q=0", "text/html;level=1, text/html;q=0.7", "garbage", "", "application/json;q=1.5", "application/json;q=x", "*/*;q=0.1, text/plain",
			"text/html, application/xhtml+xml, application/xml;q=0.9, image/webp, */*;q=0.8", "TEXT/HTML", "text/html ; q = 0.3", "text/html;q=0.5;x=1, application/json; q=0.50", "text/html/", ",,text/html,", "text/html;q=-1",
		},
		"Accept-Language": {"de", "en-GB, de;q=0.9", "fr", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "*", "x", "EN", "en_US", "de-DE-1996, en;q=0"},
		"Accept-Charset":  {"utf-8", "iso-8859-1, utf-8;q=0.7", "latin-1", "UTF8", "*;q=0.5"},
	},
	"/about/authorization": {
		"Authorization": {
			"Basic dXNlcjpwYXNz", "basic dXNlcjpwYXNz", "Basic dXNlcjpwOmFzcw==", "Basic garbage!", "Basic ", "Basic", "Basic dXNlcg==", "Basic w6k6w7w=", "Basic /w==", "Bearer abc.def", "Bearer  abc", "bearer", "Bearer a b", "Digest username=\"a\", realm=\"b\", nonce=c", "Custom a=b, c=\"d e\"", "Custom a=b, *=\" e\"", "garbage", "", "Token abc=", "Token abc==", "Basic Og==", "Bearer abc=def", "Digest a=b, c",
		},
	},
	"/about/headers": {
		"User-Agent": {"", "Mozilla/5.0 (X11) é"}, "Referer": {"http://a.example/b?c=d", "", "garbage é"}, "X-Own": {"one", "", "a, b", "é"},
		"Date": {"Tue, 15 Nov 1994 08:12:31 GMT", "no date", "Tuesday, 15-Nov-94 08:12:31 GMT", "Tue Nov 15 08:12:31 1994", "Tue, 15 Nov 1994 08:12:31 +0200", "15 Nov 1994 08:12:31 GMT", "Tue, 15 Nov 1994 08:12 GMT"},
	},
	"/about/conditions": {
		"Range":         {"bytes=0-9", "bytes=-10", "bytes=90-", "bytes=0-1,5-6", "bytes=100-", "bytes=99-", "bytes=9-0", "lines=0-1", "bytes=", "bytes=a-b", "bytes=0-1000", "bytes = 0-9", "bytes=-0", "BYTES=0-9", "bytes=0 - 9"},
		"If-None-Match": {`"a"`, `W/"a"`, `*`, `"b", "a"`, `a`, `"a`, `"b"`, ``}, "If-Match": {`"a"`, `W/"a"`, `*`, `"b"`},
		"If-Modified-Since": {"Tue, 15 Nov 1994 08:12:31 GMT", "garbage", "Tue, 15 Nov 1994 08:12:31 GMT; length=5"}, "If-Unmodified-Since": {"Tue, 15 Nov 2050 08:12:31 GMT"},
	},
	"/about/cache":   {"Cache-Control": {"no-cache", "max-age=0", "no-store, max-age=\"5\"", "garbage;", "", "NO-CACHE", "max-age"}},
	"/about/cookies": {"Cookie": {"a=1; b=2; a=3", "a", "=x", `a="b; c"`, "a=é", "a=1;;b=2", " a = 1 ", "a=%41", `a="\303\251"`, "a=1, b=2", "$Version=1; a=b", "a=b=c"}},
	"/about/urls": {
		"Host": {"twin.example:80", "twin.example:8080", "TWIN.example", "[::1]:5000", "b\xc3\xbccher.example", "127.0.0.1", "a_b.example"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.example"}, "X-Forwarded-For": {"1.2.3.4"},
	},
	"/args":   {"Host": {"a b", "twin.example:x"}},
	"/":       {"Origin": {"http://twin.example", "https://evil.example", "null"}, "X-HTTP-Method-Override": {"DELETE"}, "Expect": {"garbage"}},
	"/folder": {"Host": {"other.example", "other.example:81"}},
}

// conditionalTargets are those whose answers depend on what the client has.
var conditionalTargets = []string{
	"/conditional/etag", "/conditional/own", "/conditional/weak", "/conditional/modified", "/conditional/both", "/conditional/created", "/conditional/only-etag", "/send/plain", "/send/tag", "/send/untagged", "/send/unconditional",
	"/send/content", "/send/content-named", "/uploads/empty.txt", "/static/style.css", "/shop/files/shop.css", "/uploads/missing", "/",
}

var conditionHeaders = [][]string{
	{"If-None-Match", `"a"`}, {"If-None-Match", "*"}, {"If-None-Match", `W/"a"`}, {"If-None-Match", `"own-tag", "c"`}, {"If-Match", `"a"`}, {"If-Match", `"zzz"`}, {"If-Match", "*"},
	{"If-Modified-Since", "Thu, 29 Feb 2024 12:34:56 GMT"}, {"If-Modified-Since", "Thu, 29 Feb 2024 12:34:55 GMT"}, {"If-Modified-Since", "Fri, 15 Nov 2999 08:12:31 GMT"}, {"If-Unmodified-Since", "Tue, 15 Nov 1994 08:12:31 GMT"},
	{"Range", "bytes=0-3"}, {"Range", "bytes=-4"}, {"Range", "bytes=5-"}, {"Range", "bytes=99-"}, {"Range", "bytes=0-1,3-4"}, {"Range", "lines=0-1"}, {"Range", "bytes=0-3", "If-Range", `"a"`}, {"Range", "bytes=0-3", "If-Range", `"zzz"`}, {"Range", "bytes=0-999"},
	{"If-None-Match", `"zzz"`, "If-Modified-Since", "Fri, 15 Nov 2999 08:12:31 GMT"}, {"If-None-Match", `"a"`, "Range", "bytes=0-3"},
}

func headerExchanges() (all []exchange) {
	for _, target := range slices.Sorted(maps.Keys(headersOf)) {
		for _, name := range slices.Sorted(maps.Keys(headersOf[target])) {
			for _, value := range headersOf[target][name] {
				all = append(all, exchange{method: "GET", target: target, headers: []string{name, value}})
			}
		}
	}
	for _, target := range conditionalTargets {
		for _, headers := range conditionHeaders {
			all = append(all, exchange{method: "GET", target: target, headers: headers})
		}
		all = append(all, exchange{method: "HEAD", target: target, headers: []string{"If-None-Match", `"a"`}}, exchange{method: "HEAD", target: target, headers: []string{"Range", "bytes=0-3"}})
	}
	return append(all,
		exchange{method: "POST", target: "/method", headers: []string{"Origin", "https://evil.example"}},
		exchange{method: "POST", target: "/method", headers: []string{"Origin", "http://twin.example"}},
		exchange{method: "GET", target: "/args/typed?float=nan&int=99999999999999999999"},
		exchange{method: "GET", target: "/args/typed?float=inf"},
		exchange{method: "GET", target: "/int/99999999999999999999"},
		exchange{method: "GET", target: "/about/headers", headers: []string{"X-Own", "one", "X-Own", "two"}},
	)
}

// teardownExchanges mark a request, and ask the next one what the teardown
// functions of the first have seen.
func teardownExchanges() (all []exchange) {
	for i, target := range []string{
		"/?", "/nowhere?", "/crash?", "/abort/500?", "/abort/404?", "/folder?", "/raise/suboops?", "/shop/?", "/shop/cart?", "/shop/cart/items/7/?", "/shop/cart/items/7/?view=value&",
		"/shop/?view=404&", "/shop/?view=value&", "/hooked?after=value&", "/hooked?before=oops&", "/hooked?view=429&", "/hooked?view=428&", "/quiet/?view=value&", "/mistake/none?", "/wide/?wide-before=stop&", "/lax?", "/session/bad?",
	} {
		mark := fmt.Sprint("mark", i)
		all = append(all, exchange{method: "GET", target: target + "mark=" + mark}, exchange{method: "GET", target: "/torn-down?of=" + mark})
	}
	return all
}

// Three of the jars with which views are visited.
const (
	namedJar     = "a name in the session"
	permanentJar = "a permanent session"
	nilJar       = "a name that is nil"
)

// sign makes the Cookie header of a session.
func (j *judge) sign(values map[string]any, secret string) string {
	return "session=" + j.ask(question{Command: "sign_cookie", Secret: secret, Value: describe(values)}).Cookie
}

// cookieExchanges visit each view that looks at cookies with sessions of every
// sort.
func cookieExchanges(judge *judge) (all []exchange) {
	flashed := []any{decant.Tuple{"message", "one"}, decant.Tuple{"error", "two"}, decant.Tuple{"error", decant.H{"three": 3}}}
	jars := map[string]string{
		namedJar:                  judge.sign(map[string]any{"name": "bob"}, secretKey),
		permanentJar:              judge.sign(map[string]any{"name": "bob", "_permanent": true}, secretKey),
		nilJar:                    judge.sign(map[string]any{"name": nil, "other": 1.5}, secretKey),
		"a foreign session":       judge.sign(map[string]any{"name": "mallory"}, oldKey),
		"flashed messages":        judge.sign(map[string]any{"_flashes": flashed}, secretKey),
		"messages and a name":     judge.sign(map[string]any{"_flashes": flashed, "name": "bob"}, secretKey),
		"a list in the session":   judge.sign(map[string]any{"things": []any{0, 1}}, secretKey),
		"an empty signed session": judge.sign(map[string]any{}, secretKey),
		"a broken session":        "session=garbage",
		"an empty session":        "session=",
		"odd cookies":             `plain=1; odd="\303\251\073 \"x\""; plain=2`,
		"odder cookies":           "plain; odd=%41; =x",
	}
	for _, jar := range slices.Sorted(maps.Keys(jars)) {
		for _, target := range sessionTargets {
			all = append(all, exchange{method: "GET", target: target, jar: jar, cookies: jars[jar]})
		}
	}
	return all
}

var sessionTargets = []string{
	"/cookies", "/session", "/session/all", "/session/has", "/session/lazy", "/session/lazy?look", "/session/vary", "/session/vary?cookie", "/session/abort", "/session/crash", "/session/stream", "/session/set?name=ann", "/session/permanent", "/session/not-permanent", "/session/pop",
	"/session/default", "/session/delete", "/session/clear", "/session/login", "/session/nested", "/session/nested?mark", "/session/bad", "/file", "/nowhere", "/crash", "/folder", "/nowhere?session-after", "/flash", "/flash/many", "/flash/read", "/flash/pairs", "/flash/filtered?category=error", "/flash/filtered?category=a&category=message", "/flash/twice", "/flash/here",
}
