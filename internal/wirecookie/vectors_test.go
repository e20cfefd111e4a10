package wirecookie

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/vectors"
	"github.com/google/go-cmp/cmp"
)

func TestVectorOps(t *testing.T) {
	t.Parallel()
	for _, op := range vectors.Load(t, "cookies.json").Ops(t) {
		if op != "dump" && op != "parse" {
			t.Errorf("cookies.json has the op %q, which no test knows", op)
		}
	}
}

type dumpCase struct {
	ID, Op, Why, Key, Value string
	Args                    map[string]json.RawMessage
	Now                     int64
	Want                    struct{ Header, Warning, Error, Message string }
}

func TestVectorsDump(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[dumpCase](t, vectors.Load(t, "cookies.json"), "dump") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			cookie, limit := c.cookie(t)
			header, err := Append(nil, cookie, time.Unix(c.Now, 0))
			if c.breaksTheHeader(t) {
				if err == nil || !strings.Contains(err.Error(), "cookie "+strconv.Quote(c.Key)) {
					t.Errorf("%s: got %q, %v; want an error that names the cookie", c.Why, header, err)
				}
				return
			}
			if c.Want.Error != "" {
				if err == nil || c.Want.Error != "UnicodeError" && !strings.Contains(err.Error(), strings.TrimSuffix(c.Want.Message, ".")) {
					t.Errorf("%s: got %q, %v; want error %q", c.Why, header, err, c.Want.Message)
				}
				return
			}
			if got := latin1(string(header)); err != nil || got != c.Want.Header {
				t.Errorf("%s:\n got %q, %v\nwant %q", c.Why, got, err, c.Want.Header)
			}
			if large := limit > 0 && len(header) > limit; large != (c.Want.Warning != "") {
				t.Errorf("%s: %d bytes, limit %d; want the warning %q", c.Why, len(header), limit, c.Want.Warning)
			}
		})
	}
}

// breaksTheHeader reports whether Flask writes a control character or a semicolon as
// it is into the header. Here it is an error.
func (c dumpCase) breaksTheHeader(t *testing.T) bool {
	t.Helper()
	texts := c.Key
	for _, name := range []string{"domain", "expires"} {
		if raw := c.Args[name]; len(raw) > 0 && raw[0] == '"' {
			texts += read[string](t, raw)
		}
	}
	return strings.ContainsFunc(texts, func(char rune) bool { return char < ' ' || char == 0x7f || char == ';' })
}

// cookie builds the arguments of one dump_cookie call; an argument it does
// not know fails the test.
func (c dumpCase) cookie(t *testing.T) (cookie Cookie, limit int) {
	t.Helper()
	cookie = Cookie{Name: c.Key, Value: c.Value, Path: Some("/")}
	limit = MaxSize
	for name, raw := range c.Args {
		switch name {
		case "domain":
			cookie.Domain = optional[string](t, raw)
		case "path":
			cookie.Path = optional[string](t, raw)
		case "expires":
			setExpires(t, &cookie, raw)
		case "max_age":
			if string(raw) != "null" {
				cookie.MaxAge = Some(seconds(t, raw))
			}
		case "sync_expires":
			cookie.SkipExpires = !read[bool](t, raw)
		case "secure":
			cookie.Secure = read[bool](t, raw)
		case "httponly":
			cookie.HTTPOnly = read[bool](t, raw)
		case "samesite":
			cookie.SameSite = optional[string](t, raw)
		case "partitioned":
			cookie.Partitioned = read[bool](t, raw)
		case "max_size":
			limit = read[int](t, raw)
		default:
			t.Fatalf("unknown argument %q", name)
		}
	}
	return cookie, limit
}

func read[T any](t *testing.T, raw json.RawMessage) (value T) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return value
}

func optional[T any](t *testing.T, raw json.RawMessage) Optional[T] {
	t.Helper()
	if string(raw) == "null" {
		return Optional[T]{}
	}
	return Some(read[T](t, raw))
}

// seconds reads a number of seconds or a timedelta, which loses its fraction.
func seconds(t *testing.T, raw json.RawMessage) int {
	t.Helper()
	if raw[0] != '{' {
		return read[int](t, raw)
	}
	delta := read[struct {
		T       string
		Seconds float64
	}](t, raw)
	if delta.T != "timedelta" {
		t.Fatalf("unknown kind of max_age %q", delta.T)
	}
	return int(delta.Seconds)
}

// setExpires reads a string, a timestamp or a typed date.
func setExpires(t *testing.T, cookie *Cookie, raw json.RawMessage) {
	t.Helper()
	switch raw[0] {
	case 'n': // null
		return
	case '"':
		cookie.ExpiresText = optional[string](t, raw)
		return
	case '{':
	default:
		cookie.Expires = time.UnixMilli(int64(1000 * read[float64](t, raw)))
		return
	}
	switch date := vectors.Value(t, raw).(type) {
	case time.Time:
		cookie.Expires = date
	case vectors.Date:
		cookie.Expires = date.Time
	default:
		t.Fatalf("unknown kind of expires %T", date)
	}
}

type pairs struct {
	Pairs [][2]string
	Error string
}

type parseCase struct {
	ID, Op, Why, Header string
	HeaderB64           []byte `json:"header_b64"`
	Want                pairs
	WantRequest         *pairs `json:"want_request"`
}

func TestVectorsParse(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[parseCase](t, vectors.Load(t, "cookies.json"), "parse") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			header, want := c.Header+string(c.HeaderB64), c.Want
			if c.WantRequest != nil {
				want = *c.WantRequest
			}
			if diff := cmp.Diff(want.Pairs, multiDict(header)); want.Error != "" || diff != "" {
				t.Errorf("%s: %q (error %q) (-want +got):\n%s", c.Why, header, want.Error, diff)
			}
		})
	}
}

// multiDict lists the cookies in the order of Werkzeug's MultiDict, which
// keeps the values of one name together.
func multiDict(header string) [][2]string {
	var names []string
	values := map[string][]string{}
	for name, value := range All(header) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	items := [][2]string{}
	for _, name := range names {
		for _, value := range values[name] {
			items = append(items, [2]string{name, value})
		}
	}
	return items
}
