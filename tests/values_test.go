package tests

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// The numbers are Python's, except that none is infinite.
func TestNumbersInValues(t *testing.T) {
	for text, want := range map[string]string{
		"7": "7 7", "-7": "-7 -7", "+1": "1 1", " 1 ": "1 1", "1_000": "1000 1000", "١": "1 1", "007": "7 7",
		"1e3": "-1 1000", "1.5": "-1 1.5", " 1.5\n": "-1 1.5", "1.": "-1 1", ".5": "-1 0.5", "1_0.5": "-1 10.5", "١.٥": "-1 1.5", "-.5e-1": "-1 -0.05",
		"99999999999999999999": "-1 1e+20",
		"":                     "-1 -0.5", "x": "-1 -0.5", "1__0": "-1 -0.5", "_1": "-1 -0.5", "1_": "-1 -0.5", "1_e3": "-1 -0.5", "1_.5": "-1 -0.5", "+-1": "-1 -0.5",
		"0x1p3": "-1 -0.5", "0x10": "-1 -0.5", "inf": "-1 -0.5", "nan": "-1 -0.5", "-Infinity": "-1 -0.5", "1e999": "-1 -0.5", ".": "-1 -0.5", "e": "-1 -0.5", "1 2": "-1 -0.5",
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			args := c.Request.Args
			return fmt.Sprint(args.Int("n", -1), " ", args.Float("n", -0.5)), nil
		})
		if got := get(app, "/?n="+url.QueryEscape(text)).Body.String(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		log.mustBeEmpty(t)
	}
	app, _ := appWith(func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.Request.Form.Int("n", 4), c.Request.Args.Float("n", 4.5)), nil
	})
	mustAnswer(t, get(app, "/"), 200, "4 4.5")
}

// The values of the URL go before those of the form, which GET does not have.
func TestValuesAreArgsAndForm(t *testing.T) {
	for name, c := range map[string]struct{ method, target, body, want string }{
		"both, POST":     {"POST", "/?a=1&b=2", "a=3&c=4", "a=1 b=2 a=3 c=4 first=1 list=[1 3]"},
		"both, PUT":      {"PUT", "/?a=1&b=2", "a=3&c=4", "a=1 b=2 a=3 c=4 first=1 list=[1 3]"},
		"both, GET":      {"GET", "/?a=1&b=2", "a=3&c=4", "a=1 b=2 first=1 list=[1]"},
		"args alone":     {"POST", "/?a=1", "", "a=1 first=1 list=[1]"},
		"a form alone":   {"POST", "/", "a=3", "a=3 first=3 list=[3]"},
		"nothing at all": {"POST", "/", "", "first= list=[]"},
	} {
		app, log := newTestApp()
		app.Route("/", func(c *decant.Context) (any, error) {
			values := c.Request.Values
			var text strings.Builder
			for name, value := range values.All() {
				fmt.Fprintf(&text, "%s=%s ", name, value)
			}
			fmt.Fprintf(&text, "first=%s list=%s", values.Get("a"), values.List("a"))
			if form := c.Request.Form.List("a"); len(form) > 1 {
				t.Errorf("%s: the form holds %q", name, form)
			}
			return text.String(), nil
		}, decant.Methods("GET", "POST", "PUT"), decant.Endpoint("view"))
		mustAnswer(t, send(app, c.method, c.target, c.body, "Content-Type", formType), 200, c.want)
		log.mustBeEmpty(t)
	}
}

// A form that cannot be read does not fall back to the URL.
func TestValuesOfABrokenForm(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Values.Get("a"), nil })
	app.Config.MaxFormMemorySize = 2
	if w := send(app, "POST", "/?a=1", "a=234", "Content-Type", formType); w.Code != 413 {
		t.Errorf("status %d", w.Code)
	}
	if w := get(app, "/?a=\xff"); w.Code != 400 {
		t.Errorf("status %d", w.Code)
	}
}

func TestValuesWithADefault(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		args, cookies, files := c.Request.Args, c.Request.Cookies, c.Request.Files
		other := &decant.File{Filename: "other.txt"}
		return []any{
			args.Get("q", "otherwise"), args.Get("empty", "otherwise"), args.Get("absent", "otherwise"), args.Get("absent"),
			args.Int("n", 7), args.Int("q", 7), args.Int("absent", 7), args.Int("absent"),
			args.Float("n", 0.5), args.Float("q", 0.5), args.Float("absent"),
			cookies.Get("theme", "light"), cookies.Get("absent", "light"), cookies.Get("absent"),
			files.Get("absent", other).Filename, files.Get("absent") == nil,
		}, nil
	})
	mustAnswer(t, get(app, "/?q=a&empty=&n=3&q=b", "Cookie", "theme=dark"), 200,
		`["a","","otherwise","",3,7,7,0,3.0,0.5,0.0,"dark","light","","other.txt",true]`+"\n")
	log.mustBeEmpty(t)
}

func TestBoolsInValues(t *testing.T) {
	for text, want := range map[string]string{
		"1": "true true", "true": "true true", "TRUE": "true true", "yes": "true true", "on": "true true",
		"0": "false false", "false": "false false", "False": "false false", "no": "false false", "off": "false false",
		"": "true false", "2": "true false", "maybe": "true false", " 1": "true false", "t": "true false",
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			args := c.Request.Args
			return fmt.Sprint(args.Bool("b", true), " ", args.Bool("b")), nil
		})
		if got := get(app, "/?b="+url.QueryEscape(text)).Body.String(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		log.mustBeEmpty(t)
	}
}

// Each name occurs once, in the order in which the names came first.
func TestNamesOfValues(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		args := c.Request.Args
		var first []string
		for name, value := range args.First() {
			if first = append(first, name+"="+value); len(first) == 3 {
				break
			}
		}
		return []any{args.Keys(), first, maps.Collect(args.First()), c.Request.Form.Keys()}, nil
	})
	mustAnswer(t, get(app, "/?b=1&a=2&b=3&c=&a=4&d=5"), 200,
		`[["b","a","c","d"],["b=1","a=2","c="],{"a":"2","b":"1","c":"","d":"5"},[]]`+"\n")
	log.mustBeEmpty(t)
}

func TestANumberThatIsRequired(t *testing.T) {
	for target, c := range map[string]struct{ plain, debug string }{
		"/?age=30&size=1.5": {"30 1.5", "30 1.5"},
		"/?size=1.5":        {"", "KeyError: &#39;age&#39;"},
		"/?age=30":          {"", "KeyError: &#39;size&#39;"},
		"/?age=3.5&size=1":  {"", "the field &#34;age&#34; must be a whole number, and is &#34;3.5&#34;"},
		"/?age=&size=1":     {"", "the field &#34;age&#34; must be a whole number, and is &#34;&#34;"},
		"/?age=30&size=big": {"", "the field &#34;size&#34; must be a number, and is &#34;big&#34;"},
		"/?age=30&size=nan": {"", "the field &#34;size&#34; must be a number, and is &#34;nan&#34;"},
		"/?size=1&age=" + strings.Repeat("x", 100): {"", "and is &#34;" + strings.Repeat("x", 40) + "&#34;"},
	} {
		for _, debug := range []bool{false, true} {
			app, log := appWith(func(c *decant.Context) (any, error) {
				age, err := c.Request.Values.RequireInt("age")
				if err != nil {
					return nil, err
				}
				size, err := c.Request.Values.RequireFloat("size")
				if err != nil {
					return nil, err
				}
				return fmt.Sprint(age, " ", size), nil
			})
			app.Config.Debug = debug
			w := get(app, target)
			want := errorPage(decant.NewHTTPError(400))
			if c.plain != "" {
				want = c.plain
			}
			if !debug && w.Body.String() != want {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
			}
			if debug && !strings.Contains(w.Body.String(), c.debug) {
				t.Errorf("%s with Debug lacks %q: %s", target, c.debug, w.Body)
			}
			log.mustBeEmpty(t)
		}
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		_, err := c.Request.Args.RequireInt("n")
		return nil, err
	})
	app.ErrorHandler(400, func(_ *decant.Context, e *decant.HTTPError) (any, error) {
		return e.Original.Error(), nil
	})
	mustAnswer(t, get(app, "/?n=x"), 400, `the field "n" must be a whole number, and is "x"`)
	log.mustBeEmpty(t)
}

// Whatever is uploaded, the answer is a 200 or a 413, and what a view sees
// is the same before and after Data was asked for.
func FuzzUpload(f *testing.F) {
	for _, seed := range []string{
		upload("a", "n", "x"), parts("a", "b"), "--b--", "--b\r\n\r\n\r\n--b--", "--b\nContent-Disposition: form-data; name*=utf-8''%e9; filename\n\nx\n--b--",
		"--b\r\nContent-Disposition: form-data; name=a; filename*0=x; filename*1=y\r\n\r\n\r\n--b--\r\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var seen [2]string
		for i := range seen {
			app, log := appWith(func(c *decant.Context) (any, error) {
				if i == 1 {
					if data, err := c.Request.Data(); err != nil || string(data) != string(body) {
						t.Errorf("Data of %q is %q, %v", body, data, err)
					}
				}
				var text strings.Builder
				for name, value := range c.Request.Form.All() {
					fmt.Fprintf(&text, "%q=%q\n", name, value)
				}
				for field, file := range c.Request.Files.All() {
					fmt.Fprintf(&text, "%q=%q %q %q\n", field, file.Filename, file.ContentType(), contentOf(t, file))
					if name := decant.SecureFilename(file.Filename); strings.ContainsAny(name, "/\\\x00") || name == ".." {
						t.Errorf("SecureFilename(%q) = %q", file.Filename, name)
					}
				}
				return text.String(), nil
			})
			w := send(app, "POST", "/", string(body), "Content-Type", uploadType)
			if w.Code != 200 && w.Code != 413 {
				t.Errorf("%q: status %d", body, w.Code)
			}
			seen[i] = w.Body.String()
			log.mustBeEmpty(t)
		}
		if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
			t.Errorf("%q: Data changes the form (-without +with):\n%s", body, diff)
		}
	})
}

// No header of a request makes a view fail.
func FuzzRequestHeaders(f *testing.F) {
	for _, seed := range []string{"text/html;q=0.5, */*", "bytes=0-1", `W/"a", "b", *`, "Basic YTpi", `Digest a="b", c*=utf-8''%e9`, "Tue, 15 Nov 1994 08:12:31 GMT", "max-age=x, no-cache", `a/b; c*0="d"; c*1=e`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		app, log := appWith(func(c *decant.Context) (any, error) {
			r := c.Request
			r.BestMatch("text/html", "application/json")
			r.AcceptLanguages().BestMatch("en", "de-AT")
			r.AcceptEncodings().Quality("gzip")
			r.AcceptCharsets().Quality("utf-8")
			r.Authorization()
			r.CacheControl()
			r.MIMETypeParameters()
			r.AccessRoute()
			r.IfNoneMatch().ContainsWeak("a")
			r.IfMatch().Contains("a")
			r.IfModifiedSince()
			r.Date()
			if start, end, ok := r.Range(1000); ok && (start < 0 || end > 1000 || start >= end) {
				t.Errorf("%q is the range from %d to %d", value, start, end)
			}
			return c.SafeNext(r.FullURL(), "") + r.BaseURL(), nil
		})
		var headers []string
		for _, name := range []string{"Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset", "Authorization", "Cache-Control", "Content-Type", "X-Forwarded-For", "If-Match", "If-None-Match", "If-Modified-Since", "Date", "Range"} {
			headers = append(headers, name, value)
		}
		if w := get(app, "/", headers...); w.Code != 200 {
			t.Errorf("%q: status %d", value, w.Code)
		}
		log.mustBeEmpty(t)
	})
}

// many returns n pairs of which some names occur more than once.
func many(n int, separator string) (text string, values map[string][]string) {
	values = map[string][]string{}
	var pairs []string
	for i := range n {
		name, value := fmt.Sprintf("n%d", i%max(1, n*3/4)), fmt.Sprint(i)
		values[name] = append(values[name], value)
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, separator), values
}

func TestFewAndManyPairsAreReadAlike(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 18, 23, 24, 25, 26, 1000} {
		query, wantValues := many(n, "&")
		cookies, wantCookies := many(n, "; ")
		for name, c := range map[string]struct {
			list   func(c *decant.Context, name string) []string
			lookup func(c *decant.Context, name string) (string, bool)
			want   map[string][]string
		}{
			"args": {
				func(c *decant.Context, name string) []string { return c.Request.Args.List(name) },
				func(c *decant.Context, name string) (string, bool) { return c.Request.Args.Lookup(name) },
				wantValues,
			},
			"form": {
				func(c *decant.Context, name string) []string { return c.Request.Form.List(name) },
				func(c *decant.Context, name string) (string, bool) { return c.Request.Form.Lookup(name) },
				wantValues,
			},
			"values": {
				func(c *decant.Context, name string) []string {
					all := c.Request.Values.List(name)
					return slices.Clip(all[:len(all)/2])
				},
				func(c *decant.Context, name string) (string, bool) { return c.Request.Values.Lookup(name) },
				wantValues,
			},
			"cookies": {
				func(c *decant.Context, name string) []string { return c.Request.Cookies.List(name) },
				func(c *decant.Context, name string) (string, bool) { return c.Request.Cookies.Lookup(name) },
				wantCookies,
			},
		} {
			got := map[string][]string{}
			app, log := newTestApp()
			app.Post("/", func(context *decant.Context) (any, error) {
				for key, values := range c.want {
					got[key] = c.list(context, key)
					if first, ok := c.lookup(context, key); !ok || first != values[0] {
						t.Errorf("%s of %d: the first %q is %q, %v", name, n, key, first, ok)
					}
				}
				if value, ok := c.lookup(context, "absent"); ok || c.list(context, "absent") != nil && len(c.list(context, "absent")) > 0 {
					t.Errorf("%s of %d: there is a value %q of a name that was not sent", name, n, value)
				}
				return "", nil
			}, decant.Endpoint("view"))
			send(app, "POST", "/?"+query, query, "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookies)
			log.mustBeEmpty(t)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s of %d (-want +got):\n%s", name, n, diff)
			}
		}
	}
}
