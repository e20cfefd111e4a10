package flasksession

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

// plainData is a session with everything that all formats keep.
func plainData() map[string]any {
	return map[string]any{
		"none": nil, "yes": true, "no": false, "int": 42, "negative": -129, "long": math.MinInt64, "unsigned": new(big.Int).SetUint64(math.MaxUint64),
		"float": 1.5, "small": 5e-324, "text": "é☃😀\x00</script>\"\\\n", "empty": "",
		"list": []any{1, "a", nil, []any{}, map[string]any{"a": []any{1.0}}}, "dict": map[string]any{},
	}
}

func TestEachFormatKeepsPlainData(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{Msgpack, JSON, Pickle} {
		data, err := Encode(plainData(), format)
		if err != nil {
			t.Fatal(err)
		}
		for _, reading := range []Format{Msgpack, JSON, Pickle} {
			got, err := Decode(data, reading)
			if err != nil {
				t.Fatal(err)
			}
			if diff := diff(plainData(), got); diff != "" {
				t.Errorf("%s read as %s: %s", format, reading, diff)
			}
		}
	}
}

func TestPicklesKeepPythonsTypes(t *testing.T) {
	t.Parallel()
	huge, _ := new(big.Int).SetString("-1234567890123456789012345678901234567890", 10)
	want := map[string]any{
		"tuple": decant.Tuple{1, decant.Tuple{}, "x"}, "set": Set{1, "a"}, "bytes": []byte{0, 255}, "huge": huge, "edge": 255, "wide": 256,
		"markup": decant.Markup("<b>x</b>"), "uuid": decant.UUID{1, 2, 15: 255}, "decimal": Decimal("1.50"), "date": Date{2026, 1, 2},
		"naive": NaiveTime{time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)}, "aware": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"offset": time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", -90*60)), "duration": -90*time.Second - time.Microsecond,
		"keys": Dict{{1, "x"}, {nil, "y"}, {decant.Tuple{1}, "z"}}, "nan": math.NaN(), "inf": math.Inf(-1), "zero": math.Copysign(0, -1),
	}
	data, err := Encode(want, Pickle)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data, Pickle)
	if err != nil {
		t.Fatal(err)
	}
	if diff := diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeStoredIsNamed(t *testing.T) {
	t.Parallel()
	deep := any("x")
	for range maxDepth + 1 {
		deep = []any{deep}
	}
	for name, c := range map[string]struct {
		value  any
		format Format
		want   string
	}{
		"a struct":       {map[string]any{"cart": []any{1, struct{}{}}}, Msgpack, `session["cart"][1] is a struct {}`},
		"markup":         {map[string]any{"m": decant.Markup("x")}, JSON, `session["m"] is a decant.Markup`},
		"too many bits":  {map[string]any{"n": new(big.Int).Lsh(big.NewInt(1), 64)}, Msgpack, "more than 64 bits"},
		"no number":      {map[string]any{"n": (*big.Int)(nil)}, Pickle, "is a *big.Int"},
		"no UTF-8":       {map[string]any{"t": "\xff"}, Pickle, "store it as []byte"},
		"a bad key":      {map[string]any{"\xff": 1}, JSON, "store it as []byte"},
		"a bool as key":  {map[string]any{"d": Dict{{true, 1}}}, JSON, "has a bool as its key"},
		"depth":          {map[string]any{"d": deep}, Msgpack, "nested more than 1000 levels"},
		"the year 10000": {map[string]any{"t": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, Msgpack, "years 1 to 9999"},
		"the year 0":     {map[string]any{"t": NaiveTime{}.AddDate(-1, 0, 0)}, Pickle, "years 1 to 9999"},
		"an extension":   {map[string]any{"e": Ext{1, nil}}, Pickle, "is a flasksession.Ext"},
		"another format": {map[string]any{}, "yaml", "SESSION_SERIALIZATION_FORMAT"},
	} {
		if _, err := Encode(c.value, c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hostilePickles are refused; nothing in them is run.
var hostilePickles = map[string]string{
	"a call of os.system":        "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
	"an unknown class":           "cmymodule\nUser\n)\x81.",
	"eval":                       "cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
	"a persistent id":            "\x80\x02X\x01\x00\x00\x00xQ.",
	"a class without a call":     "cbuiltins\nset\n.",
	"a call of a text":           "X\x01\x00\x00\x00x)R.",
	"a list inside itself":       "]q\x00h\x00a.",
	"a dict as a key":            "}}K\x01s.",
	"state for a text":           "X\x01\x00\x00\x00x}b.",
	"a fetch of nothing":         "h\x07.",
	"nothing on the stack":       "a.",
	"no mark":                    "e.",
	"below the mark":             "K\x01(\x85.",
	"half a dict":                "}(K\x01u.",
	"no end":                     "]",
	"a long text that is short":  "X\xff\xff\xff\xff",
	"a length of 64 bits":        "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffx.",
	"text that is not UTF-8":     "X\x01\x00\x00\x00\xff.",
	"the protocol 0":             "(dp0\nS'a'\np1\nI1\ns.",
	"a surrogate":                "X\x03\x00\x00\x00\xed\xa0\x80.",
	"a UUID without its number":  "cuuid\nUUID\n)\x81}b.",
	"a UUID that is too long":    "cuuid\nUUID\n)\x81}X\x03\x00\x00\x00int\x8a\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00sb.",
	"a datetime of 9 bytes":      "cdatetime\ndatetime\nC\x09123456789\x85R.",
	"a duration of a billion d.": "cdatetime\ntimedelta\nJ\x00\xca\x9a\x3b\x85R.",
	"items added to a text":      "X\x01\x00\x00\x00xK\x01a.",
}

func TestHostilePickles(t *testing.T) {
	t.Parallel()
	for name, text := range hostilePickles {
		if value, err := decodePickle([]byte(text)); err == nil {
			t.Errorf("%s gives %#v", name, value)
		}
	}
	_, err := Decode([]byte("\x80\x04\x8c\x07shop.db\x8c\x04User\x93)\x81."), Msgpack)
	if err == nil || !strings.Contains(err.Error(), "shop.db.User, which only Python can read") {
		t.Errorf("the error does not name the class: %v", err)
	}
}

// TestReadersTakeLinearTimeAndMemory reads what is short and claims much. It is
// not parallel, because it looks at what the process allocates.
func TestReadersTakeLinearTimeAndMemory(t *testing.T) {
	repeat := func(text string, n int) string { return strings.Repeat(text, n) }
	laughs := "]q\x00"
	for i := range byte(60) { // each list holds the one before twice
		laughs += "](h" + string(i) + "h" + string(i) + "eq" + string(i+1)
	}
	text := "X\x00\x00\x04\x00" + repeat("x", 1<<18) + "q\x00X\x06\x00\x00\x00latin1q\x01]("
	copies := text + repeat("c_codecs\nencode\nh\x00h\x01\x86R", 20_000) + "e."
	sets := "]q\x00(" + repeat("K\x01", 100_000) + "e](" + repeat("cbuiltins\nset\nh\x00\x85R", 20_000) + "e."
	for name, data := range map[string]string{
		"lists in lists of MessagePack":  repeat("\x91", 1<<20),
		"lists of a length that is huge": repeat("\xdd\xff\xff\xff\xff", 1<<16),
		"a text of a length that is":     "\xdb\xff\xff\xff\xff",
		"bytes of a length that is":      "\xc6\xff\xff\xff\xff",
		"an extension that is":           "\xc9\xff\xff\xff\xff\x01",
		"a dict that is":                 "\xdf\xff\xff\xff\xff",
		"lists in lists of JSON":         repeat("[", 1<<20),
		"dicts in dicts of JSON":         repeat(`{"a":`, 1<<18),
		"a number of a million digits":   "1" + repeat("0", 1<<20),
		"tuples in tuples of pickles":    ")" + repeat("\x85", 1<<20) + ".",
		"a billion laughs":               laughs + ".",
		"bytes copied again and again":   copies,
		"sets of one list":               sets,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode([]byte(data), JSON); err == nil {
			t.Errorf("%s is read", name)
		}
		runtime.ReadMemStats(&after)
		const most = 300 // bytes for each that is read, and some megabytes to begin with
		if used := after.TotalAlloc - before.TotalAlloc; used > uint64(most*len(data)+1<<22) {
			t.Errorf("%s: %d bytes took %d of memory", name, len(data), used)
		}
	}
}

// browser keeps the session cookie.
type browser struct {
	app    *decant.App
	cookie string
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if b.cookie != "" {
		r.Header.Set("Cookie", "session="+b.cookie)
	}
	w := httptest.NewRecorder()
	b.app.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		b.cookie = cookie.Value
	}
	return w
}

func (b *browser) mustSee(t *testing.T, path string, status int, body string) {
	t.Helper()
	if w := b.get(path); w.Code != status || !strings.Contains(w.Body.String(), body) {
		t.Errorf("%s: %d %s, want %d %q", path, w.Code, w.Body, status, body)
	}
}

func newFlowStore() flowStore { return flowStore{map[string][]byte{}, map[string]time.Time{}} }

func TestALoginGivesANewID(t *testing.T) {
	t.Parallel()
	store := newFlowStore()
	b := &browser{app: flowApp(store)}
	b.mustSee(t, "/login", 200, "ok")
	first := b.cookie
	b.mustSee(t, "/regenerate", 200, "ok")
	if b.cookie == first || len(store.data) != 1 {
		t.Errorf("the id is %q after %q, and the store has %d entries", b.cookie, first, len(store.data))
	}
	b.mustSee(t, "/", 200, "user=bob")
	(&browser{b.app, first}).mustSee(t, "/", 200, "user=None")
}

func TestAClearedSessionStaysPermanent(t *testing.T) {
	t.Parallel()
	for permanent, want := range map[bool]any{true: true, false: nil} {
		store := newFlowStore()
		app := flowApp(store)
		app.Config.Set("SESSION_PERMANENT", permanent)
		app.Get("/again", func(c *decant.Context) (any, error) {
			c.Session.Clear()
			c.Session.Set("user", "bob")
			return "", nil
		}, decant.Endpoint("again"))
		b := &browser{app: app}
		b.get("/login")
		w := b.get("/again")
		if got := strings.Contains(w.Header().Get("Set-Cookie"), "Expires"); got != permanent {
			t.Errorf("permanent %v: the cookie is %q", permanent, w.Header().Get("Set-Cookie"))
		}
		for _, data := range store.data {
			value, err := Decode(data, Msgpack)
			if err != nil || value.(map[string]any)["_permanent"] != want {
				t.Errorf("permanent %v: the store holds %v, %v", permanent, value, err)
			}
		}
	}
}

// TestLongDurations goes to the ends of a time.Duration, and a day further.
func TestLongDurations(t *testing.T) {
	t.Parallel()
	for _, want := range []time.Duration{math.MaxInt64, math.MinInt64 + 1, 100 * 365 * 24 * time.Hour} {
		want = want.Truncate(time.Microsecond)
		data, err := Encode(map[string]any{"d": want}, Pickle)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data, Pickle)
		if diff := diff(map[string]any{"d": want}, got); err != nil || diff != "" {
			t.Errorf("%v: %v %s", want, err, diff)
		}
	}
	// These are timedelta(days, seconds), as Python writes them.
	days := func(number string) string {
		return "\x80\x03cdatetime\ntimedelta\nJ" + number + "J\x7f\x51\x01\x00\x86R."
	}
	got, err := Decode([]byte(days("\xfe\xa0\x01\x00")), Pickle) // 106750 days and 86399 seconds
	if want := 106751*24*time.Hour - time.Second; err != nil || got != want {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, number := range []string{"\xff\xa0\x01\x00", "\x00\xa1\x01\x00", "\xff\x5e\xfe\xff"} { // 106751, 106752 and -106753 days
		if got, err := Decode([]byte(days(number)), Pickle); err == nil || !strings.Contains(err.Error(), "292 years") {
			t.Errorf("%x: %v, %v", number, got, err)
		}
	}
}

func TestOldPicklesAreReadAndConverted(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{Msgpack, JSON, Pickle} {
		store := newFlowStore()
		pickled, err := Encode(map[string]any{"_permanent": true, "user": "ann"}, Pickle)
		if err != nil {
			t.Fatal(err)
		}
		store.data["session:old"] = pickled
		app := flowApp(store)
		app.Config.Set("SESSION_SERIALIZATION_FORMAT", string(format))
		b := &browser{app, "old"}
		b.mustSee(t, "/", 200, "user=ann")
		b.mustSee(t, "/flash", 200, "ok")
		if isPickle := bytes.HasPrefix(store.data["session:old"], []byte("\x80\x03")); isPickle != (format == Pickle) {
			t.Errorf("%s: the store holds %q", format, store.data["session:old"])
		}
	}
}

func TestSessionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"an object of Python": "\x80\x04\x8c\x07shop.db\x8c\x04User\x93)\x81.",
		"a list":              "\x91\x01",
		"a key of a number":   "\x81\x01\x01",
	} {
		store := newFlowStore()
		store.data["session:x"] = []byte(data)
		b := &browser{flowApp(store), "x"}
		b.mustSee(t, "/", 500, "")
		b.mustSee(t, "/untouched", 200, "hello") // which does not need it
		if string(store.data["session:x"]) != data {
			t.Errorf("%s was written over", name)
		}
	}
}

// downStore fails at the calls that are in it.
type downStore struct {
	flowStore
	fails []string
}

var errDown = errors.New("no route to the store")

func (s *downStore) fail(call string) error {
	if slices.Contains(s.fails, call) {
		return errDown
	}
	return nil
}

func (s *downStore) Find(key string) ([]byte, bool, error) {
	data, found, err := s.flowStore.Find(key)
	return data, found, errors.Join(err, s.fail("find"))
}

func (s *downStore) Commit(key string, data []byte, expiry time.Time) error {
	if err := s.fail("commit"); err != nil {
		return err
	}
	return s.flowStore.Commit(key, data, expiry)
}

func (s *downStore) Delete(key string) error {
	if err := s.fail("delete"); err != nil {
		return err
	}
	return s.flowStore.Delete(key)
}

func TestAStoreThatIsDown(t *testing.T) {
	t.Parallel()
	for call, statuses := range map[string]map[string]int{
		"find":   {"/": 503, "/login": 503, "/untouched": 200, "/clear": 503},
		"commit": {"/": 503, "/login": 503, "/untouched": 200, "/clear": 200},
		"delete": {"/": 200, "/login": 200, "/untouched": 200, "/clear": 503, "/regenerate": 503},
	} {
		for path, want := range statuses {
			store := &downStore{newFlowStore(), nil}
			b := &browser{app: flowApp(store)}
			b.get("/login")
			store.fails = []string{call}
			if w := b.get(path); w.Code != want {
				t.Errorf("%s fails, %s: %d, want %d", call, path, w.Code, want)
			}
		}
	}
}

func TestALogoutBesideASlowRequestStays(t *testing.T) {
	t.Parallel()
	store := newFlowStore()
	app := flowApp(store)
	b := &browser{app: app}
	for path, do := range map[string]func(*decant.Session){
		"/reads":  func(s *decant.Session) { s.Get("user") },
		"/writes": func(s *decant.Session) { s.Set("x", 1) },
	} {
		app.Get(path, func(c *decant.Context) (any, error) {
			do(c.Session)
			(&browser{app, b.cookie}).get("/clear")
			return "slow", nil
		}, decant.Endpoint(path[1:]))
	}
	for _, path := range []string{"/reads", "/writes"} {
		b.get("/login")
		if w := b.get(path); len(w.Header()["Set-Cookie"]) > 0 || len(store.data) > 0 {
			t.Errorf("%s: cookies %v, and the store holds %v", path, w.Header()["Set-Cookie"], slices.Collect(maps.Keys(store.data)))
		}
	}
}

func TestLongAndStrangeIDs(t *testing.T) {
	t.Parallel()
	store := newFlowStore()
	for _, id := range []string{strings.Repeat("x", 5000), "a b", "../..", "x.y", "%00"} {
		b := &browser{flowApp(store), id}
		b.mustSee(t, "/", 200, "user=None")
		b.mustSee(t, "/login", 200, "ok")
		if b.cookie == id {
			t.Errorf("the id %q was taken from the client", id)
		}
	}
}

func TestSignedIDs(t *testing.T) {
	t.Parallel()
	app := flowApp(newFlowStore())
	app.Config.Set("SESSION_USE_SIGNER", true)
	b := &browser{app: app}
	b.mustSee(t, "/login", 200, "ok")
	id, err := UnsignID("secret-key", b.cookie)
	if err != nil || len(id) != 43 {
		t.Errorf("the cookie is %q, %v", b.cookie, err)
	}
	b.mustSee(t, "/", 200, "user=ann")
	(&browser{app, id}).mustSee(t, "/", 200, "user=None")
	(&browser{app, b.cookie + "x"}).mustSee(t, "/", 200, "user=None")
}

func TestSettingsThatAreMistakes(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]any{
		"SESSION_KEY_PREFIX": 1, "SESSION_PERMANENT": "yes", "SESSION_ID_LENGTH": 4, "SESSION_SERIALIZATION_FORMAT": "yaml",
	} {
		var log strings.Builder
		app := flowApp(newFlowStore())
		app.Logger = slog.New(slog.NewTextHandler(&log, nil))
		app.Config.Set(key, value)
		if w := (&browser{app: app}).get("/login"); w.Code != 500 || !strings.Contains(log.String(), key) {
			t.Errorf("%s: %d, and the log says %s", key, w.Code, log.String())
		}
	}
	for range 30 { // of several mistakes, the first is named each time
		var log strings.Builder
		app := flowApp(newFlowStore())
		app.Logger = slog.New(slog.NewTextHandler(&log, nil))
		for _, key := range []string{"SESSION_USE_SIGNER", "SESSION_PERMANENT", "SESSION_KEY_PREFIX"} {
			app.Config.Set(key, 1.5)
		}
		if (&browser{app: app}).get("/login"); !strings.Contains(log.String(), "SESSION_KEY_PREFIX") {
			t.Fatalf("the log says %s", log.String())
		}
	}
	app := flowApp(newFlowStore())
	app.Config.PermanentSessionLifetime = 0
	(&browser{app: app}).mustSee(t, "/login", 500, "")
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "P0D", 90500 * time.Millisecond: "PT90.5S", 24 * time.Hour: "P1D", 25 * time.Hour: "P1DT3600S", -time.Second: "-PT1S",
		-25*time.Hour - time.Microsecond: "-P1DT3600.000001S", time.Nanosecond: "P0D",
	} {
		if got := isoDuration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range hostilePickles {
		f.Add([]byte(text))
	}
	for _, format := range []Format{Msgpack, JSON, Pickle} {
		data, err := Encode(plainData(), format)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"a":[1,1e400,"\ud800\udc00"]}`))
	f.Add([]byte("\x81\xa1a\xc7\x0c\xff\x1d\xcde\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []Format{Msgpack, JSON} {
			value, err := Decode(data, format)
			if err != nil {
				continue
			}
			for _, other := range []Format{Msgpack, JSON, Pickle} {
				written, err := Encode(value, other)
				if err != nil {
					continue // not every format has every value
				}
				again, err := Decode(written, other)
				if err != nil {
					t.Fatalf("%q as %s cannot be read: %v", written, other, err)
				}
				if _, isExt := value.(Ext); other == Pickle && !isExt && diff(value, again) != "" {
					t.Errorf("%q comes back from a pickle as another value: %s", data, diff(value, again))
				}
			}
		}
	})
}

func TestNewRefusesNothing(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(){
		"a nil store":  func() { New(nil) },
		"a timeout":    func() { Timeout(0) },
		"a good store": func() { New(serversession.NewMemory(), Timeout(time.Second)) },
	} {
		func() {
			defer func() {
				if problem := recover(); (problem == nil) != (name == "a good store") {
					t.Errorf("%s: %v", name, problem)
				}
			}()
			call()
		}()
	}
}

// TestTheMapsOfASessionAreSorted keeps what is written the same at every write.
func TestTheMapsOfASessionAreSorted(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{Msgpack, JSON, Pickle} {
		first, _ := Encode(plainData(), format)
		for range 10 {
			if again, _ := Encode(plainData(), format); cmp.Diff(first, again) != "" {
				t.Fatalf("%s: one session is written in two ways", format)
			}
		}
	}
}

func TestTheCookieIsDeletedWithItsAttributes(t *testing.T) {
	t.Parallel()
	store := flowStore{map[string][]byte{"session:abc": []byte(`{"user":"ann"}`)}, map[string]time.Time{}}
	app := flowApp(store)
	app.Config.SessionCookieName = "__Secure-shop"
	app.Config.SessionCookieSecure = true
	r := httptest.NewRequest("GET", "/clear", nil)
	r.Header.Set("Cookie", "__Secure-shop=abc")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	line := w.Header().Get("Set-Cookie")
	if !strings.Contains(line, "; Max-Age=0; Secure; HttpOnly") || len(store.data) != 0 {
		t.Errorf("got %s and %v", line, store.data)
	}
}
