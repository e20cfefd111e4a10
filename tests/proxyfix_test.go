package tests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func proxiedApp(hops decant.Hops) *decant.App {
	app, _ := newTestApp()
	app.Use(decant.ProxyFix(hops))
	app.Get("/x/", func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.Request.RemoteAddr, " ", c.Request.Host, " ", c.Request.ScriptRoot(), " ", c.URLFor("x", "_external", true)), nil
	}, decant.Endpoint("x"))
	return app
}

const untouched = "192.0.2.1:1234 example.com  http://example.com/x/"

// Security item 6: gin CVE-2020-28483 and CVE-2023-26125; chi
// GHSA-3fxj-6jh8-hvhx, GHSA-rjr7-jggh-pgcp and GHSA-9g5q-2w5x-hmxf; echo
// GHSA-99jh-6h7p-pp36, GHSA-246p-cpwv-v3jq and GHSA-2ffq-g2xg-c22p; fiber
// CVE-2023-41338.
func TestProxyFix(t *testing.T) {
	all := decant.Hops{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}
	for name, c := range map[string]struct {
		hops    decant.Hops
		headers []string
		want    string
	}{
		"nothing is trusted by itself":      {decant.Hops{}, []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.test", "X-Forwarded-Prefix", "/evil"}, untouched},
		"everything":                        {all, []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.test", "X-Forwarded-Port", "8443", "X-Forwarded-Prefix", "/shop/"}, "203.0.113.9 shop.test:8443 /shop https://shop.test:8443/shop/x/"},
		"no headers":                        {all, nil, untouched},
		"only what was asked for":           {decant.Hops{For: 1}, []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Host", "evil.test"}, "203.0.113.9 example.com  http://example.com/x/"},
		"counted from the right":            {decant.Hops{For: 1}, []string{"X-Forwarded-For", "6.6.6.6, 203.0.113.9"}, "203.0.113.9 example.com  http://example.com/x/"},
		"two proxies":                       {decant.Hops{For: 2}, []string{"X-Forwarded-For", "6.6.6.6, 203.0.113.9", "X-Forwarded-For", "10.0.0.1"}, "203.0.113.9 example.com  http://example.com/x/"},
		"fewer values than proxies":         {decant.Hops{For: 2}, []string{"X-Forwarded-For", "203.0.113.9"}, untouched},
		"a lone quote from the client":      {decant.Hops{For: 1, Proto: 1}, []string{"X-Forwarded-For", `", 203.0.113.9`, "X-Forwarded-Proto", `", https`}, "203.0.113.9 example.com  https://example.com/x/"},
		"quotes in two headers":             {decant.Hops{For: 1}, []string{"X-Forwarded-For", `"6.6.6.6`, "X-Forwarded-For", `203.0.113.9`}, "203.0.113.9 example.com  http://example.com/x/"},
		"an address that cannot be read":    {decant.Hops{For: 1}, []string{"X-Forwarded-For", `"`}, " example.com  http://example.com/x/"},
		"an address that is a word":         {decant.Hops{For: 1}, []string{"X-Forwarded-For", "unknown"}, " example.com  http://example.com/x/"},
		"an address of version 6 in quotes": {decant.Hops{For: 1}, []string{"X-Forwarded-For", `"[2001:db8::1]:4711"`}, "[2001:db8::1]:4711 example.com  http://example.com/x/"},
		"empty values at the end":           {decant.Hops{For: 1}, []string{"X-Forwarded-For", "203.0.113.9, , "}, "203.0.113.9 example.com  http://example.com/x/"},
		"a scheme in capitals":              {all, []string{"X-Forwarded-Proto", "HTTPS"}, "192.0.2.1:1234 example.com  https://example.com/x/"},
		"no scheme":                         {all, []string{"X-Forwarded-Proto", "javascript"}, untouched},
		"no host":                           {all, []string{"X-Forwarded-Host", "evil.test/x"}, untouched},
		"no prefix of this host":            {all, []string{"X-Forwarded-Prefix", "//evil.test"}, untouched},
		"no prefix with a backslash":        {all, []string{"X-Forwarded-Prefix", `/\evil.test`}, untouched},
	} {
		t.Run(name, func(t *testing.T) {
			mustAnswer(t, get(proxiedApp(c.hops), "/x/", c.headers...), 200, c.want)
		})
	}
}

func TestProxyFixAndRedirects(t *testing.T) {
	app := proxiedApp(decant.Hops{Prefix: 1})
	mustRedirect(t, get(app, "/x", "X-Forwarded-Prefix", "/shop"), "/shop/x/")
	outer, _ := newTestApp()
	outer.Use(decant.ProxyFix(decant.Hops{Prefix: 1, Proto: 1}))
	outer.Mount("/below", shopApp())
	mustAnswer(t, get(outer, "/below/item/1/", "X-Forwarded-Prefix", "/shop", "X-Forwarded-Proto", "https"), 200,
		"/shop/below /item/1/ /shop/below/item/2/ https://example.com/shop/below/item/3/")
}

// TestTheAccessLogOfAnUnknownAddress checks that the log does not name the proxy.
func TestTheAccessLogOfAnUnknownAddress(t *testing.T) {
	app, log := newTestApp()
	app.Use(decant.ProxyFix(decant.Hops{For: 1}))
	app.Use(decant.AccessLog(app.Logger))
	app.Get("/", hello)
	get(app, "/", "X-Forwarded-For", `"`)
	if !strings.HasPrefix(log.text(), "INFO - - - [") {
		t.Errorf("the log says %q", log.text())
	}
}
