package flasksession

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

// vectorCase is a case of extensions-session.json, whose cases were made by
// Flask-Session.
type vectorCase struct {
	ID, Op, Name string
	Format       Format
	Value        json.RawMessage
	Data         string
	Key          json.RawMessage
	SID          string
	Prefix       string
	Cookie       string
	Request      struct {
		Path   string
		Cookie *string
	}
	Config   map[string]any
	Store    map[string]string
	StoreTTL *int64 `json:"store_ttl"`
	Want     json.RawMessage
}

// loadVectors reads the file from the folder that DECANT_VECTORS names, or else
// from testdata. It fails on a field that it does not know.
func loadVectors(t *testing.T) []vectorCase {
	t.Helper()
	folder := os.Getenv("DECANT_VECTORS")
	if folder == "" {
		folder = filepath.Join("testdata", "vectors")
	}
	text, err := os.ReadFile(filepath.Join(folder, "extensions-session.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Format, About, Set string
		GeneratedWith      map[string]string `json:"generated_with"`
		Cases              []vectorCase
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("there are no cases")
	}
	return file.Cases
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, c := range loadVectors(t) {
		t.Run(c.ID, c.run)
	}
}

func (c vectorCase) run(t *testing.T) {
	switch c.Op {
	case "encode":
		c.encode(t)
	case "decode":
		c.decode(t)
	case "sign_sid":
		c.sign(t)
	case "unsign_sid":
		c.unsign(t)
	case "redis_key":
		c.redisKey(t)
	case "flow":
		c.flow(t)
	default:
		t.Errorf("%s: the op %q is unknown", c.ID, c.Op)
	}
}

// raises reports whether Python raised something.
func (c vectorCase) raises() bool {
	var want struct{ Raises string }
	return json.Unmarshal(c.Want, &want) == nil && want.Raises != ""
}

func (c vectorCase) wantText(t *testing.T) string {
	t.Helper()
	var text string
	if err := json.Unmarshal(c.Want, &text); err != nil {
		t.Fatalf("%s: want is %s", c.ID, c.Want)
	}
	return text
}

func (c vectorCase) secret(t *testing.T) string {
	t.Helper()
	var text string
	if json.Unmarshal(c.Key, &text) == nil {
		return text
	}
	var key struct{ B64 []byte }
	if err := json.Unmarshal(c.Key, &key); err != nil {
		t.Fatal(err)
	}
	return string(key.B64)
}

func unbase64(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (c vectorCase) encode(t *testing.T) {
	got, err := Encode(typed(t, c.Value), c.Format)
	if c.raises() {
		if err == nil {
			t.Errorf("%s (%s): got %q, want %s", c.ID, c.Name, got, c.Want)
		}
		return
	}
	if err != nil {
		t.Errorf("%s (%s): %v", c.ID, c.Name, err)
		return
	}
	c.mustBeEqual(t, unbase64(t, c.wantText(t)), got, c.Format)
}

// mustBeEqual compares bytes. The entries of dicts may be in another order;
// then the values are compared.
func (c vectorCase) mustBeEqual(t *testing.T, want, got []byte, format Format) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	wanted, err := Decode(want, format)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	decoded, err := Decode(got, format)
	if err != nil || len(want) != len(got) || diff(wanted, decoded) != "" {
		t.Errorf("%s (%s): got %q, want %q", c.ID, c.Name, got, want)
	}
}

func (c vectorCase) decode(t *testing.T) {
	got, err := Decode(unbase64(t, c.Data), c.Format)
	if c.raises() {
		if err == nil {
			t.Errorf("%s (%s): got %#v, want %s", c.ID, c.Name, got, c.Want)
		}
		return
	}
	if err != nil {
		t.Errorf("%s (%s): %v", c.ID, c.Name, err)
		return
	}
	if diff := diff(typed(t, c.Want), got); diff != "" {
		t.Errorf("%s (%s): %s", c.ID, c.Name, diff)
	}
}

func (c vectorCase) sign(t *testing.T) {
	got, err := SignID(c.secret(t), c.SID)
	if err != nil || got != c.wantText(t) {
		t.Errorf("%s: got %q, %v, want %s", c.ID, got, err, c.Want)
	}
}

func (c vectorCase) unsign(t *testing.T) {
	got, err := UnsignID(c.secret(t), c.Cookie)
	refused := string(c.Want) == "null" || c.raises()
	if (err != nil) != refused || !refused && got != c.wantText(t) {
		t.Errorf("%s: got %q, %v, want %s", c.ID, got, err, c.Want)
	}
}

// redisKey asks a store for the key under which an application looks.
func (c vectorCase) redisKey(t *testing.T) {
	store := serversession.NewMemory()
	if err := store.Commit(c.wantText(t), []byte(`{"user":"ann"}`), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	app := flowApp(store)
	app.Config.Set("SESSION_KEY_PREFIX", c.Prefix)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "session="+c.SID)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Body.String() != "user=ann" {
		t.Errorf("%s: the session is not under the key %s: %s", c.ID, c.Want, w.Body)
	}
}

// flowApp is the application of the flows.
func flowApp(store serversession.Store) *decant.App {
	app := decant.New("flow")
	app.Config.SecretKey = "secret-key"
	app.Logger = slog.New(slog.DiscardHandler)
	New(store).Init(app)
	add := func(path string, view func(c *decant.Context) any) {
		app.Get(path, func(c *decant.Context) (any, error) { return view(c), nil }, decant.Endpoint("view"+path))
	}
	setUser := func(c *decant.Context, user string) any { c.Session.Set("user", user); return "ok" }
	add("/", func(c *decant.Context) any {
		if user, ok := c.Session.Lookup("user"); ok {
			return fmt.Sprint("user=", user)
		}
		return "user=None"
	})
	add("/untouched", func(*decant.Context) any { return "hello" })
	add("/login", func(c *decant.Context) any { return setUser(c, "ann") })
	add("/logout", func(c *decant.Context) any { c.Session.Pop("user"); return "ok" })
	add("/clear", func(c *decant.Context) any { c.Session.Clear(); return "ok" })
	add("/flash", func(c *decant.Context) any { c.Flash("hi", "info"); return "ok" })
	add("/temporary", func(c *decant.Context) any { c.Session.SetPermanent(false); return setUser(c, "ann") })
	add("/regenerate", func(c *decant.Context) any { c.Session.Renew(); return setUser(c, "bob") })
	return app
}

// flowStore is a store whose entries may be kept for ever, as Redis's are.
type flowStore struct {
	data   map[string][]byte
	expiry map[string]time.Time
}

func (s flowStore) Find(key string) ([]byte, bool, error) {
	data, ok := s.data[key]
	return data, ok, nil
}

func (s flowStore) Commit(key string, data []byte, expiry time.Time) error {
	s.data[key], s.expiry[key] = data, expiry
	return nil
}

func (s flowStore) Delete(key string) error {
	delete(s.data, key)
	delete(s.expiry, key)
	return nil
}

// freshID is what stands for a new id in the vectors.
var (
	freshID    = regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
	newID40    = "NEW" + strings.Repeat("0", 40)
	expiryPart = regexp.MustCompile(`Expires=[^;]*GMT`)
	attributes = regexp.MustCompile(`; (Secure|HttpOnly|SameSite=\w+)`)
)

type flowWant struct {
	Status    int
	Body      string
	SetCookie []string `json:"set_cookie"`
	Vary      *string
	Store     map[string]struct {
		Data  string
		Value json.RawMessage
		TTL   int64
	}
}

func (c vectorCase) flow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := flowStore{map[string][]byte{}, map[string]time.Time{}}
		for key, data := range c.Store {
			store.data[key] = unbase64(t, data)
			if c.StoreTTL != nil {
				store.expiry[key] = time.Now().Add(time.Duration(*c.StoreTTL) * time.Second)
			}
		}
		app := flowApp(store)
		for key, value := range c.Config {
			if number, ok := value.(float64); ok {
				value = int(number)
			}
			app.Config.Set(key, value)
		}
		r := httptest.NewRequest("GET", c.Request.Path, nil)
		if c.Request.Cookie != nil {
			r.Header.Set("Cookie", "session="+*c.Request.Cookie)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		var want flowWant
		decoder := json.NewDecoder(bytes.NewReader(c.Want))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		c.compareAnswer(t, want, w)
		c.compareStore(t, want, store, app)
	})
}

func (c vectorCase) compareAnswer(t *testing.T, want flowWant, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != want.Status || w.Code == 200 && w.Body.String() != want.Body {
		t.Errorf("%s (%s): %d %s, want %d %s", c.ID, c.Name, w.Code, w.Body, want.Status, want.Body)
	}
	lines := w.Header()["Set-Cookie"]
	got := make([]string, len(lines))
	for i, line := range lines {
		got[i] = c.withoutFreshID(comparableCookie(line))
	}
	for i, line := range want.SetCookie {
		want.SetCookie[i] = comparableCookie(line)
	}
	if diff := cmp.Diff(want.SetCookie, got); diff != "" {
		t.Errorf("%s (%s): cookies: %s", c.ID, c.Name, diff)
	}
	var vary string
	if want.Vary != nil {
		vary = *want.Vary
	}
	if got := w.Header().Get("Vary"); got != vary {
		t.Errorf("%s (%s): Vary is %q, want %q", c.ID, c.Name, got, vary)
	}
}

// comparableCookie writes the expiry as the vectors do. A cookie that is deleted
// loses the attributes that Flask-Session leaves out then.
func comparableCookie(line string) string {
	if strings.Contains(line, "; Max-Age=0") {
		return attributes.ReplaceAllString(line, "")
	}
	return expiryPart.ReplaceAllString(line, "Expires=<now+PERMANENT_SESSION_LIFETIME>")
}

// withoutFreshID writes a fresh id as the vectors do. A signed one has another
// signature, too.
func (c vectorCase) withoutFreshID(text string) string {
	id := freshID.FindString(text)
	if id == "" || c.Request.Cookie != nil && strings.Contains(*c.Request.Cookie, id) {
		return text
	}
	if signed, _ := SignID("secret-key", id); strings.Contains(text, signed) {
		other, _ := SignID("secret-key", newID40)
		return strings.Replace(text, signed, other, 1)
	}
	return strings.Replace(text, id, newID40, 1)
}

func (c vectorCase) compareStore(t *testing.T, want flowWant, store flowStore, app *decant.App) {
	t.Helper()
	format := Msgpack
	if name, ok := app.Config.Get("SESSION_SERIALIZATION_FORMAT").(string); ok {
		format = Format(name)
	}
	got := map[string]string{}
	for key := range store.data {
		got[c.withoutFreshID(key)] = key
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want.Store)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("%s (%s): keys: %s", c.ID, c.Name, diff)
		return
	}
	for name, entry := range want.Store {
		key := got[name]
		value, err := Decode(store.data[key], format)
		if err != nil {
			t.Errorf("%s (%s): %v", c.ID, c.Name, err)
		} else if diff := diff(typed(t, entry.Value), value); diff != "" {
			t.Errorf("%s (%s): %s", c.ID, c.Name, diff)
		}
		ttl := int64(-1)
		if expiry, ok := store.expiry[key]; ok {
			ttl = int64(time.Until(expiry) / time.Second)
		}
		if ttl != entry.TTL {
			t.Errorf("%s (%s): the entry is kept for %d s, want %d", c.ID, c.Name, ttl, entry.TTL)
		}
	}
}

// typed reads a typed value of the vectors.
func typed(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var value struct {
		T    string
		V    json.RawMessage
		Code int8
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("the value %s: %v", raw, err)
	}
	into := func(target any) {
		t.Helper()
		if err := json.Unmarshal(value.V, target); err != nil {
			t.Fatalf("the value %s: %v", raw, err)
		}
	}
	switch value.T {
	case "none":
		return nil
	case "bool":
		var b bool
		into(&b)
		return b
	case "list", "tuple", "set":
		return typedItems(t, value.T, value.V)
	case "dict":
		return typedDict(t, value.V)
	case "bytes":
		data := []byte{}
		into(&data)
		return data
	case "ext":
		data := []byte{}
		into(&data)
		return Ext{value.Code, data}
	case "timedelta":
		var seconds float64
		into(&seconds)
		return time.Duration(seconds * float64(time.Second))
	}
	var text string
	into(&text)
	return typedText(t, value.T, text)
}

func typedItems(t *testing.T, kind string, raw json.RawMessage) any {
	t.Helper()
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		t.Fatal(err)
	}
	items := make([]any, len(elements))
	for i, element := range elements {
		items[i] = typed(t, element)
	}
	switch kind {
	case "tuple":
		return decant.Tuple(items)
	case "set":
		return Set(items)
	}
	return items
}

// typedDict reads [key, value] pairs. A key is a string or a typed value.
func typedDict(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(raw, &pairs); err != nil {
		t.Fatal(err)
	}
	dict := newEntries()
	for _, pair := range pairs {
		var key any
		var text string
		if json.Unmarshal(pair[0], &text) == nil {
			key = text
		} else {
			key = typed(t, pair[0])
		}
		if err := dict.set(key, typed(t, pair[1])); err != nil {
			t.Fatal(err)
		}
	}
	return dict.value()
}

var timeRepr = regexp.MustCompile(`^datetime\.time\((\d+), (\d+)(?:, (\d+))?(?:, (\d+))?\)$`)

func typedText(t *testing.T, kind, text string) any {
	t.Helper()
	switch kind {
	case "int":
		number, ok := new(big.Int).SetString(text, 10)
		if !ok {
			t.Fatalf("%q is not an int", text)
		}
		return plainInt(number)
	case "float":
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return number
	case "str":
		return text
	case "markup":
		return decant.Markup(text)
	case "decimal":
		return Decimal(text)
	case "uuid":
		id := new(uuidNode)
		number, _ := new(big.Int).SetString(strings.ReplaceAll(text, "-", ""), 16)
		if err := id.setNumber(number); err != nil {
			t.Fatal(err)
		}
		return id.uuid
	case "date":
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return Date{day.Year(), day.Month(), day.Day()}
	case "datetime":
		return typedDatetime(t, text)
	case "other":
		if parts := timeRepr.FindStringSubmatch(text); parts != nil { // Go has no time of day but text
			numbers := make([]int, 5)
			for i, part := range parts[1:] {
				numbers[i], _ = strconv.Atoi(part)
			}
			moment := time.Date(2000, 1, 1, numbers[0], numbers[1], numbers[2], numbers[3]*1000, time.UTC)
			return isoTime(moment)[len("2000-01-01T"):]
		}
		return struct{}{} // what no session can hold
	}
	t.Fatalf("the kind %q is unknown", kind)
	return nil
}

func typedDatetime(t *testing.T, text string) any {
	t.Helper()
	if naive, err := time.Parse("2006-01-02T15:04:05.999999", text); err == nil {
		return NaiveTime{naive}
	}
	aware, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := aware.Zone(); offset == 0 {
		return aware.UTC()
	}
	return aware
}

// diff compares values by their text, since cmp takes exponential time on deep
// nesting. NaN equals NaN, -0.0 differs from 0.0, and dates agree in moment and
// offset.
func diff(want, got any) string {
	var wantText, gotText strings.Builder
	show(&wantText, want)
	show(&gotText, got)
	return cmp.Diff(wantText.String(), gotText.String())
}

// show writes a value with its type.
func show(w *strings.Builder, value any) {
	switch value := value.(type) {
	case map[string]any:
		w.WriteString("map{")
		for _, item := range sortedItems(value) {
			fmt.Fprintf(w, "%q: ", item.Key)
			show(w, item.Value)
			w.WriteString(", ")
		}
		w.WriteString("}")
	case Dict:
		w.WriteString("dict{")
		for _, item := range value {
			show(w, item.Key)
			w.WriteString(": ")
			show(w, item.Value)
			w.WriteString(", ")
		}
		w.WriteString("}")
	case []any:
		showItems(w, "list", value)
	case decant.Tuple:
		showItems(w, "tuple", value)
	case Set:
		showItems(w, "set", value)
	case float64:
		fmt.Fprintf(w, "float(%v %v)", value, math.Signbit(value))
	case time.Time:
		fmt.Fprintf(w, "time(%s)", rfc3339(value))
	case NaiveTime:
		fmt.Fprintf(w, "naive(%s)", value)
	default:
		fmt.Fprintf(w, "%T(%v)", value, value)
	}
}

func showItems(w *strings.Builder, kind string, items []any) {
	w.WriteString(kind + "[")
	for _, item := range items {
		show(w, item)
		w.WriteString(", ")
	}
	w.WriteString("]")
}
