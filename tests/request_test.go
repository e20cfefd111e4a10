package tests

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestArgs(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		args := c.Request.Args
		lookup, ok := args.Lookup("none")
		var pairs []string
		for name, value := range args.All() {
			pairs = append(pairs, name+"="+value)
		}
		got := []any{args.Get("a"), args.List("a"), args.Has("b"), args.Has("none"), lookup, ok, args.Get("none"), args.List("none"), pairs}
		want := []any{"1", []string{"1", "2"}, true, false, "", false, "", []string(nil), []string{"a=1", "b=é &", "a=2", "empty="}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for range args.All() {
			break // stopping early is fine
		}
		return args.Require("b")
	})
	mustAnswer(t, get(app, "/?a=1&b=%C3%A9+%26&a=2&empty="), 200, "é &")
	log.mustBeEmpty(t)
}

func TestCookies(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		cookies := c.Request.Cookies
		got := []any{cookies.Get("a"), cookies.List("a"), cookies.Has("b"), cookies.Has("none"), cookies.Get("none"), cookies.List("none")}
		want := []any{"1", []string{"1", "2"}, true, false, "", []string(nil)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		keys := slices.Sorted(maps.Keys(maps.Collect(cookies.All())))
		if diff := cmp.Diff([]string{"a", "b"}, keys); diff != "" {
			t.Error(diff)
		}
		if _, err := cookies.Require("none"); err == nil {
			t.Error("a cookie that was not sent is no error")
		}
		return cookies.Require("b")
	})
	mustAnswer(t, get(app, "/", "Cookie", "a=1; a=2", "Cookie", `b="x y"`), 200, "x y")
	log.mustBeEmpty(t)
}

func multipartBody(t *testing.T, fields ...string) (body, contentType string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	for i := 0; i < len(fields); i += 2 {
		if err := writer.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.String(), writer.FormDataContentType()
}

func TestForms(t *testing.T) {
	multipartForm, multipartType := multipartBody(t, "a", "1", "b", "é &", "a", "2")
	for name, c := range map[string]struct{ method, body, contentType, want string }{
		"urlencoded":              {"POST", "a=1&b=%C3%A9+%26&a=2", formType, "a=1 b=é & a=2 "},
		"with a charset":          {"POST", "a=1", formType + "; charset=utf-8", "a=1 "},
		"in capitals":             {"POST", "a=1", strings.ToUpper(formType), "a=1 "},
		"multipart":               {"POST", multipartForm, multipartType, "a=1 b=é & a=2 "},
		"whatever the method":     {"GET", "a=1", formType, "a=1 "},
		"another type":            {"POST", "a=1", "text/plain", ""},
		"no type":                 {"POST", "a=1", "", ""},
		"a type that is none":     {"POST", "a=1", ";;;", ""},
		"multipart, no boundary":  {"POST", "a=1", "multipart/form-data", ""},
		"no body":                 {"POST", "", formType, ""},
		"an empty multipart body": {"POST", "", multipartType, ""},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) {
				var pairs strings.Builder
				for range 2 { // the second time from memory
					pairs.Reset()
					for name, value := range c.Request.Form.All() {
						fmt.Fprintf(&pairs, "%s=%s ", name, value)
					}
				}
				return pairs.String(), nil
			})
			mustAnswer(t, send(app, c.method, "/", c.body, "Content-Type", c.contentType), 200, c.want)
			log.mustBeEmpty(t)
		})
	}
}

func TestAMissingFieldIsA400(t *testing.T) {
	for name, view := range map[string]decant.View{
		"form":   func(c *decant.Context) (any, error) { return c.Request.Form.Require("x") },
		"args":   func(c *decant.Context) (any, error) { return c.Request.Args.Require("x") },
		"cookie": func(c *decant.Context) (any, error) { return c.Request.Cookies.Require("x") },
	} {
		app, log := appWith(view)
		if w := get(app, "/"); w.Code != 400 || !strings.Contains(w.Body.String(), "could not understand") {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
		log.mustBeEmpty(t)
	}
}

func TestZeroValuesAreEmpty(t *testing.T) {
	var values decant.Values
	var cookies decant.Cookies
	if values.Has("a") || values.Get("a") != "" || cookies.Has("a") || cookies.Get("a") != "" {
		t.Error("something comes out of nothing")
	}
}

func TestUnmatchedRequestsHaveTheirDataToo(t *testing.T) {
	app, _ := appWith(hello)
	app.ErrorHandler(404, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
		return c.Request.Args.Get("q") + c.Request.Form.Get("f") + c.Request.Cookies.Get("c"), nil
	})
	mustAnswer(t, send(app, "POST", "/nowhere?q=1", "f=2", "Content-Type", formType, "Cookie", "c=3"), 404, "123")
}

func TestRemoteIP(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1:1234": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::1", "[fe80::1%eth0]:80": "fe80::1%eth0",
		"203.0.113.7": "203.0.113.7", "2001:db8::1": "2001:db8::1", "[2001:db8::1]": "2001:db8::1", "unknown": "unknown",
		"@": "", "": "",
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			return c.Request.RemoteIP() + fmt.Sprint(c.Request.AccessRoute()), nil
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustAnswer(t, w, 200, want+"["+want+"]")
		log.mustBeEmpty(t)
	}
	app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.RemoteIP(), nil })
	app.Use(decant.ProxyFix(decant.Hops{For: 1}))
	mustAnswer(t, get(app, "/", "X-Forwarded-For", "198.51.100.9, 203.0.113.7"), 200, "203.0.113.7")
	mustAnswer(t, get(app, "/"), 200, "192.0.2.1")
}
