package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/idna"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/vectors"
)

// The maps that the two routing files share.
type vectorMap struct {
	ID, Map, Name, Quirk, Stable string
	Options                      vectorOptions
	Rules                        []vectorRule
	Converters                   map[string]vectorConverter
	BindToRequest                vectorBinding `json:"bind_to_request"`
	Want                         vectorOutcome
	WantStable                   *vectorOutcome `json:"want_stable"`
}

type vectorOptions struct {
	StrictSlashes     *bool  `json:"strict_slashes"`
	MergeSlashes      *bool  `json:"merge_slashes"`
	RedirectDefaults  *bool  `json:"redirect_defaults"`
	HostMatching      bool   `json:"host_matching"`
	SubdomainMatching *bool  `json:"subdomain_matching"`
	DefaultSubdomain  string `json:"default_subdomain"`
	SortParameters    bool   `json:"sort_parameters"`
}

type vectorBinding struct {
	ServerName *string `json:"server_name"`
	Subdomain  *string
}

type vectorOutcome struct {
	OK             bool
	Error, Message string
}

type vectorConverter struct {
	Regex, Kind, Sep string
	Weight           int
	PartIsolating    *bool `json:"part_isolating"`
}

// A vectorRule with Rules is a factory of rules.
type vectorRule struct {
	Rule, Endpoint string
	Methods        []string
	Defaults       map[string]json.RawMessage
	Host           string
	Subdomain      *string
	StrictSlashes  *bool   `json:"strict_slashes"`
	MergeSlashes   *bool   `json:"merge_slashes"`
	BuildOnly      bool    `json:"build_only"`
	RedirectTo     *string `json:"redirect_to"`
	Alias          bool
	WebSocket      bool

	Rules            []vectorRule
	Submount         *string
	SubdomainFactory *string           `json:"subdomain_factory"`
	EndpointPrefix   *string           `json:"endpoint_prefix"`
	Template         map[string]string `json:"template"`
}

// expand does what Werkzeug's rule factories do, and loses what their copies
// lose.
func (v vectorRule) expand(t *testing.T) []vectorRule {
	if v.Rules == nil {
		return []vectorRule{v}
	}
	var rules []vectorRule
	for _, inner := range v.Rules {
		for _, r := range inner.expand(t) {
			r.MergeSlashes = nil
			switch {
			case v.Submount != nil:
				r.Rule = strings.TrimRight(*v.Submount, "/") + r.Rule
			case v.SubdomainFactory != nil:
				r.Subdomain = v.SubdomainFactory
			case v.EndpointPrefix != nil:
				r.Endpoint = *v.EndpointPrefix + r.Endpoint
			case v.Template != nil:
				r = r.substitute(t, v.Template)
			default:
				t.Fatalf("unknown factory %+v", v)
			}
			rules = append(rules, r)
		}
	}
	return rules
}

// templateVariable is one of Python's string.Template.
var templateVariable = regexp.MustCompile(`\$(?:\$|[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})`)

// substitute makes the rule that a template gives: the placeholders of its strings are
// filled in, and it has no host, no redirect and no alias.
func (v vectorRule) substitute(t *testing.T, names map[string]string) vectorRule {
	fill := func(text string) string {
		return templateVariable.ReplaceAllStringFunc(text, func(found string) string {
			if found == "$$" {
				return "$"
			}
			value, ok := names[strings.Trim(found, "${}")]
			if !ok {
				t.Fatalf("the template of %q has no value for %s", v.Rule, found)
			}
			return value
		})
	}
	v.Rule, v.Endpoint = fill(v.Rule), fill(v.Endpoint)
	v.Host, v.RedirectTo, v.Alias = "", nil, false
	if v.Subdomain != nil {
		subdomain := fill(*v.Subdomain)
		v.Subdomain = &subdomain
	}
	defaults := map[string]json.RawMessage{}
	for name, value := range v.Defaults {
		defaults[name] = value
		if text, ok := vectors.Value(t, value).(string); ok {
			filled, err := json.Marshal(map[string]string{"t": "str", "v": fill(text)})
			if err != nil {
				t.Fatal(err)
			}
			defaults[name] = filled
		}
	}
	v.Defaults = defaults
	return v
}

func (v vectorRule) rule(t *testing.T) Rule {
	r := Rule{
		Text: v.Rule, Endpoint: v.Endpoint, Methods: v.Methods, Host: v.Host,
		StrictSlashes: v.StrictSlashes, MergeSlashes: v.MergeSlashes,
		BuildOnly: v.BuildOnly, Alias: v.Alias,
	}
	if v.RedirectTo != nil {
		r.RedirectTo = orElse(*v.RedirectTo, "./") // the root, which "" does not say in Go
	}
	if v.Subdomain != nil {
		r.Subdomain, r.NoSubdomain = *v.Subdomain, *v.Subdomain == ""
	}
	for name, value := range v.Defaults {
		if r.Defaults == nil {
			r.Defaults = map[string]any{}
		}
		r.Defaults[name] = vectors.Value(t, value)
	}
	return r
}

// converter makes the Go form of a Python converter of the vectors.
func (v vectorConverter) converter(t *testing.T) Converter {
	c := Converter{Pattern: pythonClasses(v.Regex), Weight: v.Weight, PartIsolating: v.PartIsolating}
	switch v.Kind {
	case "plain":
	case "split":
		c.ToGo = func(text string) (any, error) { return anySlice(strings.Split(text, v.Sep)), nil }
		c.ToURL = func(value any) (string, error) {
			var texts []string
			items, err := itemsOf(value)
			for _, item := range items {
				texts = append(texts, quote(pytext.Str(item)))
			}
			return strings.Join(texts, v.Sep), err
		}
	case "even":
		c.ToGo = func(text string) (any, error) { return even(text) }
		c.ToURL = func(value any) (string, error) {
			text, err := intText(value)
			if err != nil {
				return "", err
			}
			if strings.ContainsAny(text[len(text)-1:], "13579") {
				err = ErrInvalid
			}
			return text, err
		}
	case "upper":
		c.ToGo = func(text string) (any, error) { return strings.ToUpper(text), nil }
		c.ToURL = func(value any) (string, error) { return strings.ToLower(pytext.Str(value)), nil }
	default:
		t.Fatalf("unknown converter kind %q", v.Kind)
	}
	return c
}

// pythonClasses widens \w and \d to what they mean in Python.
func pythonClasses(pattern string) string {
	return strings.NewReplacer(`\w`, `[\p{L}\p{N}_]`, `\d`, `\p{Nd}`).Replace(pattern)
}

func anySlice(texts []string) []any {
	var items []any
	for _, text := range texts {
		items = append(items, text)
	}
	return items
}

// itemsOf lists what a loop in Python over the value goes through.
func itemsOf(value any) ([]any, error) {
	switch value := value.(type) {
	case []any:
		return value, nil
	case vectors.Tuple:
		return value, nil
	case vectors.Set:
		return value, nil
	case []byte:
		var items []any
		for _, b := range value {
			items = append(items, int(b))
		}
		return items, nil
	case map[string]any:
		return anySlice(slices.Sorted(maps.Keys(value))), nil
	case string:
		return anySlice(strings.Split(value, "")), nil
	case vectors.Markup:
		return anySlice(strings.Split(string(value), "")), nil
	}
	return nil, fmt.Errorf("%s cannot be iterated", pytext.Repr(value))
}

func even(text string) (int, error) {
	number, err := strconv.Atoi(text)
	if err == nil && number%2 != 0 {
		err = ErrInvalid
	}
	return number, err
}

func isFalse(option *bool) bool { return option != nil && !*option }

func (v vectorMap) build(t *testing.T) (*Map, error) {
	m := New(Options{
		HostMatching:       v.Options.HostMatching,
		SubdomainMatching:  !isFalse(v.Options.SubdomainMatching),
		DefaultSubdomain:   v.Options.DefaultSubdomain,
		LaxSlashes:         isFalse(v.Options.StrictSlashes),
		KeepSlashes:        isFalse(v.Options.MergeSlashes),
		NoRedirectDefaults: isFalse(v.Options.RedirectDefaults),
		SortParameters:     v.Options.SortParameters,
	})
	for name, converter := range v.Converters {
		if err := m.AddConverter(name, converter.converter(t)); err != nil {
			t.Fatal(err)
		}
	}
	for _, factory := range v.Rules {
		for _, r := range factory.expand(t) {
			if _, err := m.Add(r.rule(t)); err != nil {
				return nil, err
			}
		}
	}
	m.Freeze()
	return m, nil
}

// wantsError tells what the released line does with the map. Where it cannot
// express the map, the development line's answer counts.
func (v vectorMap) wantsError() bool {
	outcome := v.Want
	if v.WantStable != nil && !strings.Contains(v.WantStable.Message, "subdomain_matching") {
		outcome = *v.WantStable
	}
	return !outcome.OK
}

// hasWebSockets reports whether the map has rules for WebSocket handshakes,
// which here are requests like any other. Factories make plain rules of theirs.
func (v vectorMap) hasWebSockets() bool {
	return slices.ContainsFunc(v.Rules, func(r vectorRule) bool { return r.WebSocket })
}

// texts are those of all rules.
func (v vectorMap) texts(t *testing.T) (texts []string) {
	for _, factory := range v.Rules {
		for _, r := range factory.expand(t) {
			texts = append(texts, r.Rule)
		}
	}
	return texts
}

func loadMaps(t *testing.T, file *vectors.File) (map[string]*Map, map[string]vectorMap) {
	var described []vectorMap
	file.Section(t, "maps", &described)
	built, byID := map[string]*Map{}, map[string]vectorMap{}
	for _, v := range described {
		if v.hasWebSockets() {
			continue
		}
		m, err := v.build(t)
		if (err != nil) != v.wantsError() && !isStricter(err) {
			t.Errorf("%s %s: %s: got error %v, want error: %v", file.Name, v.Map, v.Name, err, v.wantsError())
		}
		if err != nil {
			checkTeaches(t, err, v.texts(t)...)
		}
		built[v.Map], byID[v.Map] = m, v
	}
	return built, byID
}

// unusable are the refusals of converter arguments that Werkzeug ignores, or at which
// it fails later.
var unusable = regexp.MustCompile(`it takes no argument "|it takes at most 0 arguments|` +
	`its (fixed_digits is .+|(min|max) is ['"].*): pass a |list the texts it takes`)

func isStricter(err error) bool { return err != nil && unusable.MatchString(err.Error()) }

type vectorMatch struct {
	ID, Map, Method, Target, Path, Query, Host string
	Stable                                     string
	ScriptName                                 string `json:"script_name"`
	Scheme                                     string
	WS                                         bool
	Want                                       vectorAnswer
	WantStable                                 *vectorAnswer `json:"want_stable"`
}

type vectorAnswer struct {
	Endpoint string                     `json:",omitempty"`
	Args     map[string]json.RawMessage `json:",omitempty"`
	Redirect string                     `json:",omitempty"`
	Code     int                        `json:",omitempty"`
	Error    int                        `json:",omitempty"`
	Allow    []string                   `json:",omitempty"`
	Kind     string                     `json:",omitempty"`
}

// answer is a vectorAnswer with its values decoded.
type answer struct {
	Endpoint string
	Args     map[string]any
	Redirect string
	Code     int
	Error    int
	Allow    []string
}

func (v vectorAnswer) answer(t *testing.T) answer {
	a := answer{v.Endpoint, nil, v.Redirect, v.Code, v.Error, v.Allow}
	for name, value := range v.Args {
		if a.Args == nil {
			a.Args = map[string]any{}
		}
		a.Args[name] = vectors.Value(t, value)
	}
	return a
}

func TestMatchVectors(t *testing.T) {
	file := vectors.Load(t, "routing_match.json")
	built, described := loadMaps(t, file)
	for _, c := range vectors.Select[vectorMatch](t, file) {
		want := c.Want
		if c.WantStable != nil {
			want = *c.WantStable
		}
		if built[c.Map] == nil {
			continue // reported by loadMaps, or about WebSockets
		}
		got := c.run(t, built[c.Map], described[c.Map])
		if c.isHandshake() && want.Error >= 400 && want.Error < 500 {
			continue // a WebSocket handshake is an ordinary request here
		}
		expected := want.answer(t)
		expected.Redirect = escapeUnsafe(expected.Redirect) // as Werkzeug sends it
		if c.isOnPurpose(t, built[c.Map], described[c.Map], expected, got) {
			continue
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("%s: %s %q (host %q): (-want +got)\n%s", c.ID, c.Method, c.Path, c.Host, diff)
		}
	}
}

// bareScheme is the beginning of a redirect_to with a scheme and no host.
var bareScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(?:[^/<?#]|/[^/])[^<?#]*`)

// isOnPurpose reports whether an answer differs from Werkzeug's as the page of
// differences says.
func (c vectorMatch) isOnPurpose(t *testing.T, m *Map, v vectorMap, want, got answer) bool {
	// A redirect or a default may hide a number that an int cannot hold.
	hides := want.Redirect != "" || slices.ContainsFunc(m.endpoints[want.Endpoint], func(r *Rule) bool { return len(r.Defaults) > 0 })
	switch {
	case got.Error == http.StatusNotFound && (want.Error == http.StatusInternalServerError || want.hasBigInt()):
		return true
	case got.Error == http.StatusNotFound && hides && longNumber.MatchString(c.Path):
		return true
	case want.Redirect == "" || want.Redirect == got.Redirect:
		return false
	}
	for _, factory := range v.Rules {
		for _, r := range factory.expand(t) {
			if r.RedirectTo == nil {
				continue
			}
			if start := bareScheme.FindString(*r.RedirectTo); start != "" && strings.Contains(got.Redirect, "/"+start) {
				return true
			}
		}
	}
	for endpoint, rules := range m.endpoints {
		if got.Endpoint != "" && got.Endpoint != endpoint {
			continue
		}
		if slices.ContainsFunc(rules, func(r *Rule) bool { return r.Alias }) {
			return c.isLoop(t, m, v, want, got)
		}
	}
	return false
}

// isLoop reports whether the URL to which Werkzeug redirects is redirected on, to where
// got leads at once: Werkzeug redirects an alias to itself.
func (c vectorMatch) isLoop(t *testing.T, m *Map, v vectorMap, want, got answer) bool {
	target, err := url.Parse(want.Redirect)
	if err != nil {
		t.Fatal(err)
	}
	c.Host, c.Path = target.Host, strings.TrimPrefix(target.Path, strings.TrimRight(c.ScriptName, "/"))
	return cmp.Equal(c.run(t, m, v), got)
}

// isHandshake reports whether the request asks for a WebSocket.
func (c vectorMatch) isHandshake() bool { return c.WS || c.Scheme == "ws" || c.Scheme == "wss" }

// longNumber is one that an int may not hold.
var longNumber = regexp.MustCompile(`\p{Nd}{19}`)

// hasBigInt reports whether an argument is a number of more than 64 bits. Go's int
// cannot hold it, so it is not found.
func (a answer) hasBigInt() bool {
	for _, value := range a.Args {
		if _, isBig := value.(*big.Int); isBig {
			return true
		}
	}
	return false
}

func (c vectorMatch) run(t *testing.T, m *Map, v vectorMap) answer {
	scheme, host := orElse(c.Scheme, "http"), orElse(c.Host, "example.test")
	server := host
	if v.BindToRequest.ServerName != nil {
		server = strings.ToLower(*v.BindToRequest.ServerName)
	}
	domain := m.Domain(scheme, host, server)
	if v.BindToRequest.Subdomain != nil {
		domain = *v.BindToRequest.Subdomain
	}
	match, err := m.Match(c.Method, domain, c.Path)
	return answerOf(match, err, func(r *Redirect) string {
		return c.absolute(m, v, r, scheme, server, domain)
	})
}

// absolute joins a location to the request's URL as a browser would. Where the
// map is not bound to a server's name, the host is the request's own, which is
// none of our business, and Werkzeug's opinion of it is taken over.
func (c vectorMatch) absolute(m *Map, v vectorMap, r *Redirect, scheme, server, domain string) string {
	location := r.URL(nil, scheme, server, escapeUnsafe(c.ScriptName), c.Query)
	switch {
	case strings.HasPrefix(location, "//"):
		return scheme + ":" + location
	case !strings.HasPrefix(location, "/"):
		return location
	}
	if v.BindToRequest.ServerName == nil && !m.options.HostMatching {
		return originOf(c.Want.Redirect) + location
	}
	return origin(scheme, joinHost(domain, server, m.options.HostMatching)) + location
}

func originOf(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

func answerOf(match Match, err error, absolute func(*Redirect) string) answer {
	var redirect *Redirect
	var notAllowed *NotAllowed
	switch {
	case err == nil:
		a := answer{Endpoint: match.Rule.Endpoint}
		if values := match.Values(); len(values) > 0 {
			a.Args = values
		}
		return a
	case errors.As(err, &redirect):
		return answer{Redirect: absolute(redirect), Code: redirect.Code}
	case errors.As(err, &notAllowed):
		return answer{Error: http.StatusMethodNotAllowed, Allow: notAllowed.Methods}
	case errors.Is(err, ErrNotFound):
		return answer{Error: http.StatusNotFound}
	}
	return answer{Error: http.StatusInternalServerError}
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

type vectorBuild struct {
	ID, Map, Endpoint, Server, Method, Stable string
	Values, Multi                             [][2]json.RawMessage
	ForceExternal                             bool    `json:"force_external"`
	AppendUnknown                             *bool   `json:"append_unknown"`
	URLScheme                                 *string `json:"url_scheme"`
	BindScheme                                *string `json:"bind_scheme"`
	BindSubdomain                             *string `json:"bind_subdomain"`
	BindScript                                string  `json:"bind_script"`
	BindMethod                                string  `json:"bind_method"`
	Want                                      vectorURL
	WantStable                                *vectorURL `json:"want_stable"`
}

type vectorURL struct{ URL, Error, Message string }

func TestBuildVectors(t *testing.T) {
	file := vectors.Load(t, "routing_build.json")
	built, described := loadMaps(t, file)
	for _, c := range vectors.Select[vectorBuild](t, file) {
		want := c.Want
		if c.WantStable != nil {
			want = *c.WantStable
		}
		if isFalse(described[c.Map].Options.SubdomainMatching) && !c.ForceExternal {
			want.URL = withoutOrigin(want.URL)
		}
		if sorts := described[c.Map].Options.SortParameters; sorts && want.Error == "TypeError" && c.hasMixedList(t) {
			continue
		}
		if built[c.Map] != nil && !c.isUnsayable(t) {
			c.check(t, built[c.Map], want)
		}
	}
}

// isUnsayable reports whether a value is a decimal number, for which Go has no type, or
// a None that a MultiDict holds, which is a nil here and therefore absent.
func (c vectorBuild) isUnsayable(t *testing.T) bool {
	for _, v := range multiValuesOf(t, c.Multi) {
		if v.Value == nil {
			return true
		}
	}
	return slices.ContainsFunc(valuesOf(t, append(c.Values, c.Multi...)), func(v Value) bool {
		_, isDecimal := v.Value.(vectors.Decimal)
		return isDecimal
	})
}

// hasMixedList reports whether a name has values that Python cannot put into an order.
// Here they are in the order of their strings.
func (c vectorBuild) hasMixedList(t *testing.T) bool {
	values := append(valuesOf(t, c.Values), multiValuesOf(t, c.Multi)...)
	return slices.ContainsFunc(values, func(v Value) bool {
		items, _ := itemsOf(v.Value)
		kinds := map[string]bool{}
		for _, item := range items {
			kind := fmt.Sprintf("%T", item)
			if _, isNumber := asNumber(item); item != nil && isNumber {
				kind = "number"
			}
			kinds[kind] = true
		}
		return len(kinds) > 1 || kinds["map[string]interface {}"]
	})
}

// withoutOrigin is the path of a URL. Without subdomains, URLs stay relative unless
// asked otherwise, as in the released line of Flask.
func withoutOrigin(url string) string {
	_, rest, isAbsolute := strings.Cut(url, "//")
	if !isAbsolute {
		return url
	}
	return rest[strings.IndexByte(rest, '/'):]
}

// uuidAsNumber is the refusal of a UUID of which Python makes a number.
var uuidAsNumber = regexp.MustCompile(`UUID\('[0-9a-f-]+'\) is no number$`)

func (c vectorBuild) check(t *testing.T, m *Map, want vectorURL) {
	build, err := c.build(t, m)
	var url string
	if err == nil {
		url, err = m.Build(build)
	}
	if err != nil && uuidAsNumber.MatchString(err.Error()) {
		return
	}
	if (err != nil) != (want.Error != "") || url != want.URL {
		t.Errorf("%s: Build(%+v) = %q, %v, want %q, %s", c.ID, build, url, err, want.URL, want.Error)
	}
	var buildError *BuildError
	if err != nil && errors.As(err, &buildError) != (want.Error == "BuildError") {
		t.Errorf("%s: error %T (%v), want %s", c.ID, err, err, want.Error)
	}
	if err != nil && c.Endpoint != "" && want.Error != "BadHost" && !strings.Contains(err.Error(), c.Endpoint) {
		t.Errorf("%s: error %q does not name the endpoint", c.ID, err)
	}
}

func (c vectorBuild) build(t *testing.T, m *Map) (Build, error) {
	server, err := idna.ToASCII(strings.ToLower(c.Server))
	b := Build{
		Endpoint: c.Endpoint, Method: c.Method, DefaultMethod: orElse(c.BindMethod, "GET"),
		External: c.ForceExternal, AppendUnknown: !isFalse(c.AppendUnknown),
		Scheme: "http", Server: server, ScriptName: c.BindScript, Domain: m.options.DefaultSubdomain,
	}
	for _, scheme := range []*string{c.BindScheme, c.URLScheme} {
		if scheme != nil {
			b.Scheme = *scheme
		}
	}
	switch {
	case m.options.HostMatching:
		b.Domain = server
	case c.BindSubdomain != nil:
		b.Domain = *c.BindSubdomain
	}
	b.Values = append(valuesOf(t, c.Values), multiValuesOf(t, c.Multi)...)
	return b, err
}

// naive stands for a time without a zone, which Go does not have: the string that Python
// makes of it.
type naive string

// inURLs reads the values of URLs.
var inURLs = vectors.Decoder{Naive: func(date time.Time) any {
	return naive(strings.TrimSuffix(pytext.Str(date), "+00:00"))
}}

func valuesOf(t *testing.T, pairs [][2]json.RawMessage) []Value {
	var values []Value
	for _, pair := range pairs {
		name, err := strconv.Unquote(string(pair[0]))
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, Value{name, inURLs.Value(t, pair[1])})
	}
	return values
}

// multiValuesOf gathers the values of one name into a list unless it is alone.
func multiValuesOf(t *testing.T, pairs [][2]json.RawMessage) []Value {
	var values []Value
	lists := map[string][]any{}
	for _, v := range valuesOf(t, pairs) {
		i := slices.IndexFunc(values, func(other Value) bool { return other.Name == v.Name })
		if i < 0 {
			values = append(values, v)
			continue
		}
		if lists[v.Name] == nil {
			lists[v.Name] = []any{values[i].Value}
		}
		lists[v.Name] = append(lists[v.Name], v.Value)
		values[i].Value = lists[v.Name]
	}
	return values
}

// advice are the words by which a message tells what to do.
var advice = regexp.MustCompile(`write |use |pass |list |quote it|did you mean|give |add |make |name |put |exchange|keep one|remove`)

// checkTeaches checks that an error names one of the rules and says what to do.
func checkTeaches(t *testing.T, err error, rules ...string) {
	t.Helper()
	names := func(text string) bool { return strings.Contains(err.Error(), strconv.Quote(text)) }
	if !slices.ContainsFunc(rules, names) {
		t.Errorf("error %q does not name a rule of %q", err, rules)
	}
	if !advice.MatchString(err.Error()) {
		t.Errorf("error %q does not say what to do", err)
	}
}
