package form_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/form"
	"github.com/decant-go/decant/internal/vectors"
)

// vectorCase is a case of extensions-forms.json, whose cases were made by
// WTForms.
type vectorCase struct {
	ID, Op, Name string
	// render
	Field      string
	Prefix     string
	Label      *string
	Validators []json.RawMessage
	Options    map[string]json.RawMessage
	Data       json.RawMessage
	Attributes map[string]json.RawMessage
	// validate
	Fields []json.RawMessage
	Method string
	// both
	Form *[][2]string
	Want struct {
		HTML, Label, ID, Name string
		LabelText             string `json:"label_text"`
		OK                    bool
		Errors                json.RawMessage
		Data                  map[string]json.RawMessage
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[vectorCase](t, vectors.Load(t, "extensions-forms.json")) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			switch c.Op {
			case "render":
				c.render(t)
			case "validate":
				c.validate(t)
			default:
				t.Errorf("the op %q is unknown", c.Op)
			}
		})
	}
}

func (c vectorCase) render(t *testing.T) {
	f := newFields(t, []declaration{{c.Name, c.Field, c.Label, c.Validators, c.Options}})
	method := http.MethodGet
	if c.Form != nil {
		method = http.MethodPost
	}
	options := []form.Option{form.WithoutCSRF(), form.Prefix(c.Prefix)}
	if data := decoded(t, c.Data); data != nil {
		options = append(options, form.From(map[string]any{c.Name: data}))
	}
	inRequest(t, method, c.Form, func(c2 *decant.Context) {
		if err := form.Bind(c2, f, options...); err != nil {
			t.Fatal(err)
		}
		field := f.Field(c.Name)
		attributes := form.Attributes{}
		for name, raw := range c.Attributes {
			attributes[name] = decoded(t, raw)
		}
		got := []string{string(field.Render(attributes)), string(field.LabelTag()), field.HTMLID(), field.HTMLName(), field.Text()}
		want := []string{c.Want.HTML, c.Want.Label, c.Want.ID, c.Want.Name, c.Want.LabelText}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func (c vectorCase) validate(t *testing.T) {
	var declarations []declaration
	for _, raw := range c.Fields {
		var d declaration
		unmarshalTuple(t, raw, &d.name, &d.class, &d.label, &d.validators, &d.options)
		declarations = append(declarations, d)
	}
	f := newFields(t, declarations)
	inRequest(t, c.Method, c.Form, func(c2 *decant.Context) {
		if err := form.Bind(c2, f, form.WithoutCSRF()); err != nil {
			t.Fatal(err)
		}
		ok := f.ValidateOnSubmit(c2)
		errors, err := json.Marshal(f.Errors())
		if err != nil {
			t.Fatal(err)
		}
		data := map[string]any{}
		for name, raw := range c.Want.Data {
			data[name] = decoded(t, raw)
		}
		if ok != c.Want.OK {
			t.Errorf("valid is %t, want %t", ok, c.Want.OK)
		}
		if diff := cmp.Diff(inOrder(compact(t, c.Want.Errors)), inOrder(string(errors))); diff != "" {
			t.Errorf("errors: %s", diff)
		}
		if diff := cmp.Diff(data, comparableData(data, f.Data()), cmp.FilterValues(areNumbers, cmp.Comparer(sameNumber))); diff != "" {
			t.Errorf("data: %s", diff)
		}
	})
}

// wrongChoices is the part of a message that names several wrong choices. Python
// keeps them in a set, which has another order in each run.
var wrongChoices = regexp.MustCompile(`'(?:[^\]]*)', '(?:[^\]]*)' are not valid choices`)

// inOrder sorts the wrong choices that messages name.
func inOrder(errors string) string {
	return wrongChoices.ReplaceAllStringFunc(errors, func(part string) string {
		names, rest := part[1:strings.LastIndex(part, "'")], part[strings.LastIndex(part, "'"):]
		choices := strings.Split(names, "', '")
		slices.Sort(choices)
		return "'" + strings.Join(choices, "', '") + rest
	})
}

// declaration is how a case declares a field.
type declaration struct {
	name, class string
	label       *string
	validators  []json.RawMessage
	options     map[string]json.RawMessage
}

// fieldTypes are the field types by the names of WTForms' classes.
var fieldTypes = map[string]reflect.Type{
	"StringField":         reflect.TypeFor[form.String](),
	"TextAreaField":       reflect.TypeFor[form.TextArea](),
	"PasswordField":       reflect.TypeFor[form.Password](),
	"HiddenField":         reflect.TypeFor[form.Hidden](),
	"SearchField":         reflect.TypeFor[form.Search](),
	"TelField":            reflect.TypeFor[form.Tel](),
	"URLField":            reflect.TypeFor[form.URL](),
	"EmailField":          reflect.TypeFor[form.Email](),
	"ColorField":          reflect.TypeFor[form.Color](),
	"BooleanField":        reflect.TypeFor[form.Boolean](),
	"SubmitField":         reflect.TypeFor[form.Submit](),
	"IntegerField":        reflect.TypeFor[form.Integer](),
	"IntegerRangeField":   reflect.TypeFor[form.IntegerRange](),
	"FloatField":          reflect.TypeFor[form.Float](),
	"DecimalField":        reflect.TypeFor[form.Decimal](),
	"DecimalRangeField":   reflect.TypeFor[form.DecimalRange](),
	"SelectField":         reflect.TypeFor[form.Select](),
	"RadioField":          reflect.TypeFor[form.Radio](),
	"SelectMultipleField": reflect.TypeFor[form.SelectMultiple](),
	"FileField":           reflect.TypeFor[form.File](),
	"MultipleFileField":   reflect.TypeFor[form.MultipleFile](),
	"DateField":           reflect.TypeFor[form.Date](),
	"DateTimeField":       reflect.TypeFor[form.DateTime](),
	"DateTimeLocalField":  reflect.TypeFor[form.DateTimeLocal](),
	"TimeField":           reflect.TypeFor[form.Time](),
	"MonthField":          reflect.TypeFor[form.Month](),
	"WeekField":           reflect.TypeFor[form.Week](),
}

// newFields makes a form with the declared fields.
func newFields(t *testing.T, declarations []declaration) *form.Form {
	t.Helper()
	made := &form.Form{}
	for _, d := range declarations {
		kind, ok := fieldTypes[d.class]
		if !ok {
			t.Fatalf("the field class %s is unknown", d.class)
		}
		field := reflect.New(kind)
		declare(t, field.Elem(), d)
		made.Add(d.name, field.Interface().(form.Field))
	}
	return made
}

// declare fills the declaration of a field.
func declare(t *testing.T, field reflect.Value, d declaration) {
	t.Helper()
	set := func(name string, value any) { field.FieldByName(name).Set(reflect.ValueOf(value)) }
	if d.label != nil {
		set("Label", *d.label)
	}
	var validators form.Validators
	for _, raw := range d.validators {
		validators = append(validators, validatorOf(t, raw))
	}
	set("Validators", validators)
	for name, raw := range d.options {
		switch name {
		case "choices":
			set("Choices", choicesOf(t, raw))
		case "default":
			set("Default", decoded(t, raw))
		case "description":
			set("Description", decoded(t, raw))
		case "id":
			set("ID", decoded(t, raw))
		case "render_kw":
			set("Attributes", form.Attributes(decoded(t, raw).(map[string]any)))
		case "places":
			places := -1
			if number, ok := decoded(t, raw).(int); ok {
				places = number
			}
			set("Places", places)
		case "format":
			set("Formats", formatsOf(t, raw))
		case "coerce":
			if name := decoded(t, raw); name != "int" {
				t.Fatalf("the coercion %v is unknown", name)
			}
			set("Coerce", form.CoerceInt)
		case "validate_choice":
			set("AnyChoice", decoded(t, raw) == false)
		case "false_values":
			set("FalseValues", textsOf(t, raw))
		default:
			t.Fatalf("the option %s is unknown", name)
		}
	}
}

func formatsOf(t *testing.T, raw json.RawMessage) []string {
	if format, ok := decoded(t, raw).(string); ok {
		return []string{format}
	}
	return textsOf(t, raw)
}

func textsOf(t *testing.T, raw json.RawMessage) []string {
	var texts []string
	for _, item := range decoded(t, raw).([]any) {
		if text, ok := item.(string); ok { // false_values may have False, which no client sends
			texts = append(texts, text)
		}
	}
	return texts
}

// choicesOf reads pairs, texts, or groups of pairs.
func choicesOf(t *testing.T, raw json.RawMessage) []form.Choice {
	t.Helper()
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return groupsOf(t, raw)
	}
	var items []json.RawMessage
	unmarshal(t, raw, &items)
	var choices []form.Choice
	for _, item := range items {
		var choice form.Choice
		if text, ok := decoded(t, item).(string); ok {
			choice = form.Choice{Value: text}
		} else {
			var parts []any
			unmarshal(t, item, &parts)
			choice = form.Choice{Value: fmt.Sprint(parts[0]), Label: fmt.Sprint(parts[1])}
			if len(parts) > 2 {
				choice.Attributes = parts[2].(map[string]any)
			}
		}
		choices = append(choices, choice)
	}
	return choices
}

func groupsOf(t *testing.T, raw json.RawMessage) []form.Choice {
	t.Helper()
	var choices []form.Choice
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.Token()
	for decoder.More() {
		name, _ := decoder.Token()
		var items json.RawMessage
		if err := decoder.Decode(&items); err != nil {
			t.Fatal(err)
		}
		for _, choice := range choicesOf(t, items) {
			choice.Group = name.(string)
			choices = append(choices, choice)
		}
	}
	return choices
}

// arguments are the arguments of a validator, by position and by name.
type arguments struct {
	t      *testing.T
	name   string
	args   []any
	kwargs map[string]any
}

// take returns an argument and drops it.
func (a *arguments) take(name string, otherwise any) any {
	if len(a.args) > 0 {
		value := a.args[0]
		a.args = a.args[1:]
		return value
	}
	if value, ok := a.kwargs[name]; ok {
		delete(a.kwargs, name)
		return value
	}
	return otherwise
}

// message returns the validator's own message, if it has one.
func (a *arguments) message() []string {
	text, ok := a.take("message", nil).(string)
	if len(a.args) > 0 || len(a.kwargs) > 0 {
		a.t.Fatalf("the validator %s has unknown arguments %v %v", a.name, a.args, a.kwargs)
	}
	if ok {
		return []string{text}
	}
	return nil
}

func (a *arguments) isTrue(name string, otherwise bool) bool { return a.take(name, otherwise) == true }

func validatorOf(t *testing.T, raw json.RawMessage) form.Validator {
	t.Helper()
	a := &arguments{t: t}
	var args []json.RawMessage
	var kwargs map[string]json.RawMessage
	unmarshalTuple(t, raw, &a.name, &args, &kwargs)
	for _, raw := range args {
		a.args = append(a.args, decoded(t, raw))
	}
	a.kwargs = map[string]any{}
	for name, raw := range kwargs {
		a.kwargs[name] = decoded(t, raw)
	}
	switch a.name {
	case "DataRequired":
		return form.DataRequired(a.message()...)
	case "InputRequired":
		return form.InputRequired(a.message()...)
	case "Optional":
		return form.Optional()
	case "Length":
		minimum, maximum := a.take("min", -1).(int), a.take("max", -1).(int)
		return form.Length(minimum, maximum, a.message()...)
	case "NumberRange":
		minimum, maximum := a.take("min", nil), a.take("max", nil)
		return form.NumberRange(minimum, maximum, a.message()...)
	case "EqualTo":
		name := a.take("fieldname", nil).(string)
		return form.EqualTo(name, a.message()...)
	case "Regexp":
		pattern, flags := a.take("regex", nil).(string), a.take("flags", 0).(int)
		return form.Regexp(compile(t, pattern, flags), a.message()...)
	case "Email":
		return form.ValidEmail(a.message()...)
	case "URL":
		rules := form.URLRules{AnyHost: !a.isTrue("require_tld", true), NoIP: !a.isTrue("allow_ip", true)}
		rules.Message = strings.Join(a.message(), "")
		return rules
	case "IPAddress":
		rules := form.IPRules{V4: a.isTrue("ipv4", true), V6: a.isTrue("ipv6", false)}
		rules.Message = strings.Join(a.message(), "")
		return rules
	case "MacAddress":
		return form.MACAddress(a.message()...)
	case "UUID":
		return form.UUID(a.message()...)
	case "AnyOf":
		values := a.take("values", nil).([]any)
		return form.AnyOf(values, a.message()...)
	case "NoneOf":
		values := a.take("values", nil).([]any)
		return form.NoneOf(values, a.message()...)
	case "ReadOnly":
		return form.ReadOnly()
	case "Disabled":
		return form.Disabled()
	case "FileRequired":
		return form.FileRequired(a.message()...)
	}
	t.Fatalf("the validator %s is unknown", a.name)
	return nil
}

// compile makes a Go pattern of one of Python's.
func compile(t *testing.T, pattern string, flags int) *regexp.Regexp {
	t.Helper()
	letters := ""
	for flag, letter := range map[int]string{2: "i", 8: "m", 16: "s"} {
		if flags&flag != 0 {
			letters += letter
		}
		flags &^= flag
	}
	if flags != 0 {
		t.Fatalf("the regexp flags %d are unknown", flags)
	}
	if letters != "" {
		pattern = "(?" + letters + ")" + pattern
	}
	return regexp.MustCompile(pattern)
}

// decoded reads a typed value.
func decoded(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	var typed struct{ T, V string }
	if json.Unmarshal(raw, &typed) == nil && typed.T != "" {
		return typedValue(t, typed.T, typed.V)
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return plain(value)
}

// plain turns numbers into ints and float64s.
func plain(value any) any {
	switch value := value.(type) {
	case json.Number:
		if number, err := value.Int64(); err == nil {
			return int(number)
		}
		number, _ := value.Float64()
		return number
	case []any:
		for i := range value {
			value[i] = plain(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = plain(value[key])
		}
	}
	return value
}

func typedValue(t *testing.T, kind, text string) any {
	t.Helper()
	layouts := map[string]string{"date": "2006-01-02", "datetime": "2006-01-02T15:04:05.999999", "time": "15:04:05.999999"}
	if layout, ok := layouts[kind]; ok {
		value, err := time.Parse(layout, text)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	if kind != "decimal" {
		t.Fatalf("the kind %s of a value is unknown", kind)
	}
	number, ok := form.ParseNumber(text)
	if !ok {
		t.Fatalf("%q is no decimal number", text)
	}
	return number
}

// Python's types of numbers may differ from the field's: the default 5 of a
// FloatField is an int.
func areNumbers(a, b any) bool { return isNumber(a) && isNumber(b) }

func isNumber(value any) bool {
	switch value.(type) {
	case int, float64, form.Number:
		return true
	}
	return false
}

func sameNumber(a, b any) bool {
	x, okX := form.ParseNumber(fmt.Sprint(a))
	y, okY := form.ParseNumber(fmt.Sprint(b))
	return okX && okY && (fmt.Sprint(a) == fmt.Sprint(b) || x.Float() == y.Float())
}

// comparableData has the data in the types of the cases.
func comparableData(want map[string]any, data decant.H) map[string]any {
	for name, value := range data {
		switch value := value.(type) {
		case []*decant.File:
			data[name] = len(value)
		case nil:
			if _, isList := want[name].([]any); isList {
				data[name] = []any{} // the data of no choice is nil here
			}
		}
	}
	return data
}

func unmarshal(t *testing.T, raw json.RawMessage, target any) {
	t.Helper()
	if err := json.Unmarshal(raw, target); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
}

// unmarshalTuple reads the items of a list into targets.
func unmarshalTuple(t *testing.T, raw json.RawMessage, targets ...any) {
	t.Helper()
	var items []json.RawMessage
	unmarshal(t, raw, &items)
	if len(items) != len(targets) {
		t.Fatalf("%s has %d items, want %d", raw, len(items), len(targets))
	}
	for i, target := range targets {
		unmarshal(t, items[i], target)
	}
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var value any
	unmarshal(t, raw, &value)
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// inRequest runs a function inside a request that sends a form.
func inRequest(t testing.TB, method string, pairs *[][2]string, run func(c *decant.Context)) {
	t.Helper()
	var body []string
	if pairs != nil {
		for _, pair := range *pairs {
			body = append(body, url.QueryEscape(pair[0])+"="+url.QueryEscape(pair[1]))
		}
	}
	serve(t, method, "application/x-www-form-urlencoded", strings.Join(body, "&"), run)
}

// serve runs a function inside a request with a body.
func serve(t testing.TB, method, contentType, body string, run func(c *decant.Context)) *httptest.ResponseRecorder {
	t.Helper()
	app := decant.New("test")
	app.Config.SecretKey = "a secret key for tests"
	ran := false
	app.Route("/", func(c *decant.Context) (any, error) {
		ran = true
		run(c)
		return "", nil
	}, decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"), decant.Endpoint("form"))
	request := httptest.NewRequest(method, "/", strings.NewReader(body))
	request.Header.Set("Content-Type", contentType)
	recorder := httptest.NewRecorder()
	app.ServeHTTP(recorder, request)
	if !ran {
		t.Fatalf("the view did not run: %d %s", recorder.Code, recorder.Body)
	}
	return recorder
}
