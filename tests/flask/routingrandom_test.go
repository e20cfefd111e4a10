package flask

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// routeRule is a rule in the form in which both sides get it.
type routeRule struct {
	Text     string       `json:"text"`
	Endpoint string       `json:"endpoint"`
	Methods  []string     `json:"methods"`
	Defaults []typedValue `json:"defaults"`
	Strict   *bool        `json:"strict"`
	Merge    *bool        `json:"merge"`

	variables []variable
	defaults  []any // pairs, as decant.Defaults takes them
}

// variable is a placeholder of a rule.
type variable struct{ name, converter string }

// typedValue is a name and the typed form of its value.
type typedValue [2]any

// routeBuild is a URL that both sides build.
type routeBuild struct {
	Endpoint string       `json:"endpoint"`
	Values   []typedValue `json:"values"`
	Method   string       `json:"method"`

	values     []any // pairs, as decant.BuildURL takes them
	isMisspelt bool  // there is no such endpoint
}

// routeBatch is a set of rules with all that is asked of it.
type routeBatch struct {
	Rules    []routeRule  `json:"rules"`
	Requests [][2]string  `json:"requests"` // method and encoded path
	Builds   []routeBuild `json:"builds"`
}

var routeConverters = []string{
	"", "", "", "", "string", "int", "int", "int", "float", "uuid", "path", "path",
	"any(new, edit, draft)", "any(a, ab)", "string(length=2)", "string(maxlength=3)", "string(minlength=2)",
	"int(max=5)", "int(min=2)", "int(fixed_digits=2)", "int(signed=True)", "float(signed=True)",
}

var (
	routeStatics   = []string{"a", "b", "ab", "new", "edit", "user", "5", "a.b", "a:b", "*", ":a", "é"}
	routePrefixes  = []string{"a", "v", "x-", "@"}
	routeSuffixes  = []string{"", "b", ".html", "-x"}
	routeMethods   = []string{"GET", "POST", "PUT", "DELETE"}
	endpointWords  = []string{"e", "show", "blog.show", "blog.shop", "auth.login", "login", "größe", "list_all_users", ""}
	requestMethods = []string{"GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"}
	routeTexts     = []string{
		"a", "b", "ab", "abc", "new", "edit", "draft", "user", "5", "05", "7", "-3", "42", "1.5", "-2.50", "1e5", "٣", "٣.٤",
		"9223372036854775807", "9223372036854775808", "-9223372036854775809", "va", "v5", "x-a", "x-5", "@a", "a-b", "a-5", "a--b", "a.b", "a.html", "ab.html",
		"a:b", "*", ":a", "", "é", "x\ny", "\n", "a b", "100%", "?q", "#", "\\", "a;b", "a+b", "&=", "<b>", "ÿ😀",
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810",
	}
)

func (r random) segment(number int) (text string, variables []variable) {
	v := variable{fmt.Sprint("v", number), pick(r, routeConverters)}
	switch r.IntN(16) {
	case 0, 1, 2, 3, 4, 5:
		return v.placeholder(), []variable{v}
	case 6, 7:
		return pick(r, routePrefixes) + v.placeholder() + pick(r, routeSuffixes), []variable{v}
	case 8:
		w := variable{v.name + "b", pick(r, []string{"", "int", "float"})}
		return v.placeholder() + pick(r, []string{"-", "."}) + w.placeholder(), []variable{v, w}
	}
	return pick(r, routeStatics), nil
}

func (v variable) placeholder() string {
	if v.converter == "" {
		return "<" + v.name + ">"
	}
	return "<" + v.converter + ":" + v.name + ">"
}

func (r random) chance(oneIn int) bool { return r.IntN(oneIn) == 0 }

func (r random) rule(number int) routeRule {
	rule := routeRule{Endpoint: fmt.Sprint(pick(r, endpointWords), number)}
	for i := range r.IntN(5) {
		text, variables := r.segment(i)
		rule.Text += "/" + text
		rule.variables = append(rule.variables, variables...)
	}
	if rule.Text == "" || r.chance(4) {
		rule.Text += "/"
	}
	r.decorate(&rule)
	if r.chance(6) {
		rule.addDefault("page", pick(r, []any{1, 5, "a", 1.5}))
	}
	if len(rule.variables) > 0 && r.chance(12) {
		rule.addDefault(rule.variables[0].name, r.valueFor(rule.variables[0]))
	}
	return rule
}

// decorate gives a rule its methods and its slashes.
func (r random) decorate(rule *routeRule) {
	for _, method := range routeMethods {
		if r.chance(3) {
			rule.Methods = append(rule.Methods, method)
		}
	}
	if r.chance(12) {
		rule.Methods = append(rule.Methods, "OPTIONS")
	}
	if r.chance(5) {
		rule.Strict = new(bool)
		*rule.Strict = r.chance(3)
	}
	if r.chance(8) {
		rule.Merge = new(bool)
		*rule.Merge = r.chance(3)
	}
}

func (rule *routeRule) addDefault(name string, value any) {
	rule.Defaults = append(rule.Defaults, typedValue{name, describe(value)})
	rule.defaults = append(rule.defaults, name, value)
}

// sibling is a second rule of an endpoint: the same under another name, or the
// shorter one that has its last variable as a default.
func (r random) sibling(of routeRule) routeRule {
	rule := routeRule{Endpoint: of.Endpoint, Text: "/" + pick(r, routeStatics) + of.Text, variables: of.variables}
	r.decorate(&rule)
	if len(of.variables) == 0 || r.chance(3) {
		return rule
	}
	last := of.variables[len(of.variables)-1]
	rule.Text, rule.variables = of.Text[:strings.LastIndex(of.Text, last.placeholder())], nil
	rule.Text = rule.Text[:strings.LastIndex(rule.Text, "/")+1]
	for _, v := range of.variables {
		if strings.Contains(rule.Text, v.placeholder()) {
			rule.variables = append(rule.variables, v)
		} else {
			rule.addDefault(v.name, r.valueFor(v))
		}
	}
	return rule
}

func (r random) batch(requests, builds int) routeBatch {
	var b routeBatch
	for i := range 2 + r.IntN(39) {
		if i > 0 && r.chance(5) {
			b.Rules = append(b.Rules, r.sibling(pick(r, b.Rules)))
		} else {
			b.Rules = append(b.Rules, r.rule(i))
		}
	}
	for range requests {
		b.Requests = append(b.Requests, [2]string{pick(r, requestMethods), encodedPath(r.path(b.Rules))})
	}
	for range builds {
		build := r.build(pick(r, b.Rules))
		if r.chance(10) {
			build.Endpoint, build.isMisspelt = r.misspelt(build.Endpoint), true
		}
		b.Builds = append(b.Builds, build)
	}
	return b
}

// misspelt is an endpoint that does not exist: without digits, where all others
// have some.
func (r random) misspelt(endpoint string) string {
	letters := []rune(strings.Trim(endpoint, "0123456789") + pick(r, endpointWords))
	for range r.IntN(3) {
		if place := r.IntN(len(letters) + 1); r.chance(2) {
			letters = slices.Insert(letters, place, pick(r, []rune("abeglosw.é")))
		} else {
			letters = slices.Delete(letters, place/2, place)
		}
	}
	return string(letters)
}

// path mostly fills the placeholders of a rule, so that something matches.
func (r random) path(rules []routeRule) string {
	rule := pick(r, rules)
	path := rule.Text
	for _, v := range rule.variables {
		text := pick(r, routeTexts)
		if !r.chance(4) {
			text = fmt.Sprint(r.valueFor(v))
		}
		path = strings.Replace(path, v.placeholder(), text, 1)
	}
	switch r.IntN(10) {
	case 0:
		path += "/"
	case 1:
		path = strings.TrimSuffix(path, "/")
	case 2:
		path = strings.Replace(path, "/", "//", 1+r.IntN(3))
	case 3:
		segments := strings.Split(path, "/")
		segments[r.IntN(len(segments))] = pick(r, routeTexts)
		path = strings.Join(segments, "/")
	case 4:
		path += "/" + pick(r, routeTexts)
	}
	return "/" + strings.TrimPrefix(path, "/")
}

// encodedPath quotes all but slashes, so that both sides see the same bytes.
func encodedPath(path string) string {
	return strings.ReplaceAll(quoted(path), "%2F", "/")
}

// valueFor gives a value that a converter may like.
func (r random) valueFor(v variable) any {
	name, items, _ := strings.Cut(v.converter, "(")
	switch name {
	case "int":
		return r.wholeNumber(v.converter)
	case "float":
		return pick(r, []float64{0, 1.5, 2, 1e15, 0.1, 3.25e-3, math.Trunc(r.Float64()*1e6) / 100})
	case "uuid":
		return r.uuid()
	case "any":
		return pick(r, strings.Split(strings.TrimSuffix(items, ")"), ", "))
	case "path":
		return strings.Join([]string{pick(r, routeStatics), pick(r, routeTexts), pick(r, routeStatics)}[:1+r.IntN(3)], "/")
	}
	return pick(r, routeTexts)
}

func (r random) wholeNumber(converter string) int {
	switch {
	case strings.Contains(converter, "m"), strings.Contains(converter, "digits"):
		return r.IntN(12)
	case strings.Contains(converter, "signed"):
		return r.IntN(200) - 100
	case r.chance(4):
		return int(r.Uint64() >> (1 + r.IntN(63)))
	}
	return r.IntN(100)
}

// build mostly gives an endpoint all that a rule of it needs; what the rule has
// no place for belongs into the query.
func (r random) build(rule routeRule) routeBuild {
	b := routeBuild{Endpoint: rule.Endpoint}
	for _, v := range rule.variables {
		switch {
		case r.chance(40):
		case r.chance(20):
			b.add(v.name, r.leafForURL())
		default:
			b.add(v.name, r.valueFor(v))
		}
	}
	for i := 0; i < len(rule.defaults); i += 2 {
		if r.chance(3) && !b.has(rule.defaults[i].(string)) {
			b.add(rule.defaults[i].(string), rule.defaults[i+1])
		}
	}
	if r.chance(6) {
		b.add("q", r.leafForURL())
	}
	if r.chance(12) {
		b.add("é &", []any{1, "b c", nil, 2.5})
	}
	if r.chance(6) {
		b.Method = pick(r, routeMethods)
	}
	return b
}

// leafForURL gives what str() writes alike on both sides. A UUID is not among
// it: Python's is a number to int(), and <int> refuses Decant's.
func (r random) leafForURL() any {
	return pick(r, []any{nil, true, 7, -7, 1.5, "x y", "é/&=?", "", "12"})
}

func (b *routeBuild) add(name string, value any) {
	b.Values = append(b.Values, typedValue{name, describe(value)})
	b.values = append(b.values, name, value)
}

func (b *routeBuild) has(name string) bool {
	return slices.ContainsFunc(b.Values, func(v typedValue) bool { return v[0] == name })
}

// view is what the view answers if it gets just the values that were built.
func (b *routeBuild) view() string {
	arguments := map[string]any{}
	for i := 0; i < len(b.values); i += 2 {
		arguments[b.values[i].(string)] = b.values[i+1]
	}
	return viewText(b.Endpoint, arguments)
}
