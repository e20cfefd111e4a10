package wirecookie

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

var now = time.Unix(1700000000, 0)

func TestAppendKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	header, err := Append([]byte("Set-Cookie: "), Cookie{Name: "a", Value: "b"}, now)
	if want := "Set-Cookie: a=b"; err != nil || string(header) != want {
		t.Errorf("got %q, %v; want %q", header, err, want)
	}
	header, err = Append([]byte("Set-Cookie: "), Cookie{Name: "a;"}, now)
	if want := "Set-Cookie: "; err == nil || string(header) != want {
		t.Errorf("got %q, %v; want %q and an error", header, err, want)
	}
}

// The expected headers are dump_cookie's.
func TestAppend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cookie Cookie
		want   string
	}{
		{Cookie{Domain: Some("a.b.:80")}, "=; Domain=a.b."},
		{Cookie{Domain: Some("Ex.COM")}, "=; Domain=Ex.COM"},
		{Cookie{Domain: Some(".")}, "=; Domain="},
		{Cookie{Domain: Some("例え。jp")}, "=; Domain=xn--r8jz45g.jp"},
		{Cookie{Domain: Some("straße.de")}, "=; Domain=strasse.de"},
		{Cookie{MaxAge: Some(251702300799)}, "=; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=251702300799"},
		{Cookie{MaxAge: Some(math.MaxInt64), SkipExpires: true}, "=; Max-Age=9223372036854775807"},
		{Cookie{MaxAge: Some(5), ExpiresText: Some("")}, "=; Expires=; Max-Age=5"},
		{Cookie{Expires: time.Unix(-2, 5e8)}, "=; Expires=Wed, 31 Dec 1969 23:59:58 GMT"},
		{Cookie{Path: Some("/\r\nSet-Cookie: x;y\x00")}, "=; Path=/%0D%0ASet-Cookie:%20x%3By%00"},
		{Cookie{SameSite: Some("nONE")}, "=; SameSite=None"},
	} {
		if got, err := Append(nil, c.cookie, now); err != nil || string(got) != c.want {
			t.Errorf("%+v:\n got %q, %v\nwant %q", c.cookie, got, err, c.want)
		}
	}
}

// Werkzeug writes most of these as they are; one that reaches the header would
// add an attribute, a cookie or a header.
func TestAppendRefusesInjection(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"\r", "\n", "\r\n", "\x00", ";", "\x1b", "\x7f", "\t"} {
		for what, cookie := range map[string]Cookie{
			"name":         {Name: "n" + bad + "x"},
			"Expires text": {Name: "n", ExpiresText: Some("x" + bad)},
			"domain":       {Name: "n", Domain: Some(bad + "x.test")},
		} {
			header, err := Append(nil, cookie, now)
			if err == nil || header != nil {
				t.Errorf("%s with %q: got %q", what, bad, header)
				continue
			}
			for _, part := range []string{`cookie "n`, what, "semicolons are not allowed"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s with %q: error %q does not say %q", what, bad, err, part)
				}
			}
		}
	}
}

func TestAppendErrors(t *testing.T) {
	t.Parallel()
	for want, cookie := range map[string]Cookie{
		`cookie "n": SameSite must be 'Strict', 'Lax', or 'None', not "lax "`: {SameSite: Some("lax ")},
		"outside the years 1 to 9999":                                         {MaxAge: Some(251702300800)},
		"choose a nearer date":                                                {MaxAge: Some(math.MaxInt64)},
		"smaller Max-Age":                                                     {MaxAge: Some(math.MinInt64)},
		`cookie "n": the date in Expires would`:                               {Expires: time.Unix(math.MaxInt64, 0)},
		"a..b":                                                                {Domain: Some("a..b")},
		"over 63 bytes":                                                       {Domain: Some(strings.Repeat("x", 64))},
		"é..b":                                                                {Domain: Some("é..b")},
	} {
		cookie.Name = "n"
		header, err := Append(nil, cookie, now)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %q, %v; want error %q", cookie, header, err, want)
		}
	}
}

func fullCookie() Cookie {
	return Cookie{
		Name: "session", Value: `a "quoted" value; with é`, Domain: Some(".example.com"),
		Path: Some("/café/\x00\x01\x02"), MaxAge: Some(math.MinInt64), Expires: now,
		HTTPOnly: true, SameSite: Some("strict"), Partitioned: true,
	}
}

// With room, nothing is allocated; and room is asked for once, because room()
// is never too small (FuzzCookieRoundTrip checks that too).
func TestAppendDoesNotAllocate(t *testing.T) {
	cookie := fullCookie()
	buffer := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { Append(buffer, cookie, now) }); n != 0 {
		t.Errorf("Append with room allocates %v times", n)
	}
	checkRoom(t, cookie)
}

func checkRoom(t *testing.T, cookie Cookie) {
	t.Helper()
	header, err := Append(nil, cookie, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := cookie.normalize(now); err != nil {
		t.Fatal(err)
	}
	if room := cookie.room(isPlain(cookie.Value)); room < len(header) {
		t.Errorf("room for %d bytes; %q takes %d", room, header, len(header))
	}
}

// Browsers must read the cookie that was asked for. Here net/http reads the header in
// their place.
func TestAppendIsReadByNetHTTP(t *testing.T) {
	t.Parallel()
	cookie := fullCookie()
	cookie.Value, cookie.MaxAge = "value", Some(60)
	header, err := Append(nil, cookie, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.ParseSetCookie(string(header))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "session" || got.Value != "value" || got.Domain != "example.com" ||
		got.Path != "/caf%C3%A9/%00%01%02" || got.MaxAge != 60 || !got.Expires.Equal(now) ||
		!got.Secure || !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || !got.Partitioned {
		t.Errorf("%q was read as %+v", header, got)
	}
}

func FuzzCookieRoundTrip(f *testing.F) {
	f.Add("a", "plain", "example.com", "/")
	f.Add("session", "q\"uo;te,d \\ é✓\n\x00\x1a", ".bücher.test:80", "/a b;c")
	f.Fuzz(func(t *testing.T, name, value, domain, path string) {
		cookie := Cookie{Name: name, Value: value, Domain: Some(domain), Path: Some(path), Secure: true}
		header, err := Append(nil, cookie, now)
		if err != nil {
			return
		}
		if strings.ContainsAny(string(header), "\r\n\x00") || strings.Count(string(header), ";") != 3 {
			t.Fatalf("%+v gives the header %q", cookie, header)
		}
		checkRoom(t, cookie)
		written := appendValue(nil, value, isPlain(value))
		if size := valueSize(value, isPlain(value)); size != len(written) {
			t.Fatalf("valueSize(%q) = %d; written are %q", value, size, written)
		}
		if !isToken(name) {
			return
		}
		sent, _, _ := strings.Cut(string(header), ";")
		want := value
		if !utf8.ValidString(value) {
			want = pytext.ReplaceInvalid(value)
		}
		if got, ok := Lookup("first=1; "+sent+"; last=1", name); name != "first" && (!ok || got != want) {
			t.Fatalf("%q is read as %q, %v; want %q", sent, got, ok, want)
		}
	})
}

func TestPreparedWritesWhatAppendWrites(t *testing.T) {
	t.Parallel()
	const value = "eyJhIjoxfQ.aYzZ.x-_"
	for _, c := range []Cookie{
		{Name: "session", Path: Some("/")},
		{Name: "session", Path: Some("/é"), Domain: Some(".Example.org:80"), HTTPOnly: true, SameSite: Some("lax")},
		{Name: "__Host-s", Path: Some("/"), Partitioned: true, SameSite: Some("None")},
	} {
		p, err := Prepare(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, expires := range []time.Time{{}, now} {
			full := c
			full.Value, full.Expires = value, expires
			want, err := Append(nil, full, now)
			got := p.AppendEnd(append(p.AppendStart([]byte{}), value...), expires)
			if err != nil || string(got) != string(want) {
				t.Errorf("got %q, want %q, %v", got, want, err)
			}
		}
		gone := c
		gone.Expires, gone.MaxAge = time.Unix(0, 0), Some(0)
		if want, err := Append(nil, gone, now); err != nil || p.Deletion() != string(want) {
			t.Errorf("got %q, want %q, %v", p.Deletion(), want, err)
		}
	}
	for _, broken := range []Cookie{{Name: "a;b"}, {Name: "a", SameSite: Some("x")}, {Name: "__Secure-a"}} {
		if p, err := Prepare(broken); err == nil {
			t.Errorf("%+v is prepared as %+v", broken, p)
		}
	}
}
