package tests

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

type cookieCase struct {
	ID, Op, Why, Key, Value string
	Args                    map[string]json.RawMessage
	Now                     int64
	Want                    struct{ Header, Warning, Error, Message string }
}

// isUnsayable reports whether the arguments ask for a cookie that SetCookie has no
// words for: CookiePath("") leaves the attribute out, Expires always goes along with
// Max-Age, and Expires takes a time.Time.
func (c cookieCase) isUnsayable() bool {
	expires := c.Args["expires"]
	return string(c.Args["path"]) == `""` || string(c.Args["sync_expires"]) == "false" || len(expires) > 0 && expires[0] == '"'
}

func TestSetCookieVectors(t *testing.T) {
	for _, c := range vectors.Select[cookieCase](t, vectors.Load(t, "cookies.json"), "dump") {
		if c.isUnsayable() {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			options := c.options(t)
			app, log := appWith(func(context *decant.Context) (any, error) {
				r := context.MakeResponse("")
				r.SetCookie(c.Key, c.Value, options...)
				return r, nil
			})
			if limit, ok := c.Args["max_size"]; ok {
				app.Config.MaxCookieSize = jsonOf[int](t, limit)
			}
			w := get(app, "/")
			if c.isDroppedByBrowsers(t) {
				mustFail(t, w)
				log.mustContain(t, "cookie "+strconv.Quote(c.Key))
				return
			}
			if c.Want.Error != "" {
				mustFail(t, w)
				if c.Want.Error != "UnicodeError" { // Python's words for a domain that is no host
					log.mustContain(t, strings.TrimSuffix(c.Want.Message, "."))
				}
				return
			}
			if diff := cmp.Diff([]string{c.header()}, c.sent(w.Header()["Set-Cookie"])); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.Why, diff)
			}
			if warned := strings.Contains(log.text(), "WARN"); warned != (c.Want.Warning != "") {
				t.Errorf("the log holds %q, want the warning %q", log.text(), c.Want.Warning)
			}
		})
	}
}

// isDroppedByBrowsers reports whether Flask writes a cookie that no browser keeps
// under its name, or one whose text breaks the header. Here it is an error.
func (c cookieCase) isDroppedByBrowsers(t *testing.T) bool {
	t.Helper()
	texts := c.Key
	for _, name := range []string{"domain", "expires"} {
		if raw := c.Args[name]; len(raw) > 0 && raw[0] == '"' {
			texts += jsonOf[string](t, raw)
		}
	}
	if strings.ContainsFunc(texts, func(char rune) bool { return char < ' ' || char == 0x7f || char == ';' }) {
		return true // would end the attribute or the header
	}
	if c.Want.Error != "" {
		return false
	}
	_, attributes, _ := strings.Cut(c.Want.Header, "; ")
	has := func(attribute string) bool { return strings.Contains("; "+attributes+";", "; "+attribute+";") }
	name := strings.ToLower(c.Key)
	isHost := strings.HasPrefix(name, "__host-")
	switch {
	case name == "", strings.ContainsAny(name, "= "), strings.ContainsAny(c.Value, "\x1a\x1b\x1c\x1d\x1e\x1f"):
		return true
	case !has("Secure") && (isHost || strings.HasPrefix(name, "__secure-") || has("SameSite=None")):
		return true
	}
	return isHost && (!has("Path=/") || strings.Contains(attributes, "Domain="))
}

// counted is the date that is counted from now on.
var counted = regexp.MustCompile(`Expires=[^;]*; `)

// header is what Flask writes, in the bytes that go over the line.
func (c cookieCase) header() string {
	line := make([]byte, 0, len(c.Want.Header))
	for _, char := range c.Want.Header {
		line = append(line, byte(char))
	}
	return c.withoutNow(string(line))
}

func (c cookieCase) sent(lines []string) []string {
	for i := range lines {
		lines[i] = c.withoutNow(lines[i])
	}
	return lines
}

func (c cookieCase) withoutNow(line string) string {
	if c.isAbsent("max_age") || !c.isAbsent("expires") {
		return line
	}
	return counted.ReplaceAllString(line, "")
}

// cookieArguments are those of dump_cookie, for which no value means the same as
// false or null. The path is "/" without one.
var cookieArguments = []string{"domain", "expires", "max_age", "secure", "httponly", "samesite", "partitioned", "sync_expires"}

// options says in Go what one call of dump_cookie says; an argument that is not
// known fails the test.
func (c cookieCase) options(t *testing.T) (options []decant.CookieOption) {
	t.Helper()
	for name, raw := range c.Args {
		if text := string(raw); (text == "false" || text == "null") && slices.Contains(cookieArguments, name) {
			continue
		}
		switch name {
		case "domain":
			options = append(options, decant.CookieDomain(jsonOf[string](t, raw)))
		case "path":
			options = append(options, decant.CookiePath(jsonOf[string](t, raw))) // null is ""
		case "expires":
			options = append(options, decant.Expires(timeOf(t, raw)))
		case "max_age":
			options = append(options, decant.MaxAge(durationOf(t, raw)))
		case "secure":
			options = append(options, decant.Secure())
		case "httponly":
			options = append(options, decant.HTTPOnly())
		case "samesite":
			options = append(options, decant.SameSite(sameSite(jsonOf[string](t, raw))))
		case "partitioned":
			options = append(options, decant.Partitioned())
		case "max_size": // is a setting of the application
		case "sync_expires": // is true, as always here
		default:
			t.Fatalf("unknown argument %q", name)
		}
	}
	return options
}

// isAbsent reports whether an argument has no value.
func (c cookieCase) isAbsent(name string) bool {
	return c.Args[name] == nil || string(c.Args[name]) == "null"
}

func jsonOf[T any](t *testing.T, raw json.RawMessage) (value T) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return value
}

func timeOf(t *testing.T, raw json.RawMessage) time.Time {
	t.Helper()
	if raw[0] != '{' {
		return time.UnixMilli(int64(1000 * jsonOf[float64](t, raw)))
	}
	text := jsonOf[struct{ T, V string }](t, raw).V
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date
		}
	}
	t.Fatalf("%s is no date", raw)
	return time.Time{}
}

func durationOf(t *testing.T, raw json.RawMessage) time.Duration {
	t.Helper()
	seconds := 0.0
	if raw[0] == '{' {
		seconds = jsonOf[struct{ Seconds float64 }](t, raw).Seconds
	} else {
		seconds = jsonOf[float64](t, raw)
	}
	return time.Duration(seconds * float64(time.Second))
}

// sameSite is the policy of that name, or one that does not exist.
func sameSite(policy string) http.SameSite {
	switch strings.ToLower(policy) {
	case "strict":
		return http.SameSiteStrictMode
	case "lax":
		return http.SameSiteLaxMode
	case "none":
		return http.SameSiteNoneMode
	}
	return -1
}
