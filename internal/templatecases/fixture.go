package templatecases

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/jinja"
)

// call is a global that takes positional and keyword arguments.
type call func(args []any, kwargs jinja.Kwargs) (any, error)

// JinjaCall calls it.
func (f call) JinjaCall(_ context.Context, args []any, kwargs jinja.Kwargs) (any, error) {
	return f(args, kwargs)
}

// globals are the functions of all cases, and the variables that imported
// templates see too.
func globals(vars jinja.Vars) map[string]any {
	all := map[string]any{
		"url_for":              call(urlFor),
		"get_flashed_messages": flashedMessages(vars["_flashes"]),
		"format_price":         call(formatPrice),
		"icon":                 call(icon),
		"evil":                 func() string { return "<img src=x onerror=alert(1)>" },
		"boom":                 func() (any, error) { return nil, errors.New("boom") },
		"csrf_token":           func() string { return `tok"en` },
		"now_year":             2024,
		"echo":                 call(echo),
	}
	for _, name := range []string{"g", "session", "request", "config"} {
		if v, ok := vars[name]; ok {
			all[name] = v
		}
	}
	return all
}

var filters = map[string]any{
	"shout": func(v any) (string, error) { return python("{{ a|string|upper }}!", v, nil) },
	"bold":  func(v any) (jinja.Markup, error) { return inHTML("<b>%s</b>", v) },
	"plainhtml": func(v any) (string, error) {
		s, err := text(v)
		return "<em>" + s + "</em>", err
	},
	"datetimeformat": func(when time.Time, args ...any) (string, error) {
		format, err := option(args, "format", "%d.%m.%Y")
		if err != nil {
			return "", err
		}
		return python("{{ a.strftime(b) }}", when, format)
	},
	"initials": initials,
}

// initials returns the first letters of words, joined by a separator, and the
// separator.
func initials(s string, args ...any) (any, error) {
	sep, err := option(args, "sep", ".")
	if err != nil {
		return nil, err
	}
	var letters []any
	for _, word := range strings.Fields(s) {
		first, _ := utf8.DecodeRuneInString(word)
		letters = append(letters, string(first))
	}
	joined, err := python("{{ b.join(a) ~ b }}", letters, sep)
	if _, ok := sep.(jinja.Markup); ok {
		return jinja.Markup(joined), err
	}
	return joined, err
}

var tests = map[string]any{
	"adult": func(user any, args ...any) (bool, error) {
		if _, ok := user.(*object); ok {
			return false, errors.New("an object has no items")
		}
		age, err := option(args, "age", 18)
		if err != nil {
			return false, err
		}
		s, err := python("{{ 'yes' if a['age'] >= b }}", user, age)
		return s == "yes", err
	},
	"slug": func(v any) (bool, error) {
		const bad = "{{ 'empty' if a == '' }}{% for c in a if c not in b %}bad{% endfor %}"
		s, err := python(bad, v, "abcdefghijklmnopqrstuvwxyz0123456789-")
		return s == "", err
	},
}

// option returns the argument of a filter with one optional parameter, which
// comes alone or behind its name.
func option(args []any, name string, otherwise any) (any, error) {
	switch {
	case len(args) == 0:
		return otherwise, nil
	case len(args) == 1:
		return args[0], nil
	case len(args) == 2 && args[0] == name:
		return args[1], nil
	}
	return nil, fmt.Errorf("the arguments %q are not one %s", args, name)
}

// errRequired stands for the default of a parameter that has none.
var errRequired = errors.New("no default")

// bind returns the values of the parameters with the given defaults and names.
func bind(args []any, kwargs jinja.Kwargs, defaults []any, names ...string) ([]any, error) {
	if len(args) > len(names) {
		return nil, fmt.Errorf("%d arguments for the parameters %q", len(args), names)
	}
	bound := append(slices.Clone(args), defaults[len(args):]...)
	for name, v := range kwargs.All() {
		i := slices.Index(names, name)
		if i < len(args) {
			return nil, fmt.Errorf("the argument %s is not one of %q, or is given twice", name, names)
		}
		bound[i] = v
	}
	for i, v := range bound {
		if v == errRequired {
			return nil, fmt.Errorf("the argument %s is missing", names[i])
		}
	}
	return bound, nil
}

// python evaluates a template of the variables a and b, for the operations of
// Python that the fixtures use.
func python(template string, a, b any) (string, error) {
	engine, err := jinja.New(jinja.EngineConfig{FS: fstest.MapFS{"t.txt": {Data: []byte(template)}}})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = engine.Render(context.Background(), &out, "t.txt", jinja.Vars{"a": a, "b": b})
	return out.String(), err
}

// text is Python's str of a value.
func text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case jinja.Markup:
		return string(v), nil
	}
	return python("{{ a|string }}", v, nil)
}

// inHTML puts a value into HTML. It is Markup(format) % value, so that a tuple holds
// the values.
func inHTML(format string, v any) (jinja.Markup, error) {
	if items, ok := v.(jinja.Tuple); ok {
		if len(items) != 1 {
			return "", fmt.Errorf("%d values for one place", len(items))
		}
		v = items[0]
	}
	if safe, ok := v.(jinja.Markup); ok {
		return jinja.Markup(fmt.Sprintf(format, string(safe))), nil
	}
	if object, ok := v.(jinja.HTMLer); ok {
		return jinja.Markup(fmt.Sprintf(format, object.JinjaHTML())), nil
	}
	s, err := text(v)
	return jinja.Markup(fmt.Sprintf(format, html.EscapeString(s))), err
}

var routes = map[string]string{
	"index":         "/",
	"add":           "/add",
	"search":        "/search",
	"static":        "/static/<filename>",
	"auth.login":    "/auth/login",
	"auth.logout":   "/auth/logout",
	"auth.register": "/auth/register",
	"blog.index":    "/blog/",
	"blog.create":   "/blog/create",
	"blog.update":   "/blog/<id>/update",
	"blog.delete":   "/blog/<id>/delete",
	"user.profile":  "/user/<username>",
}

func urlFor(args []any, kwargs jinja.Kwargs) (any, error) {
	if endpoint, ok := kwargs.Lookup("endpoint"); ok {
		args = append(args, endpoint)
	}
	if len(args) != 1 {
		return nil, errors.New("url_for takes one endpoint")
	}
	endpoint, _ := args[0].(string)
	path, ok := routes[endpoint]
	if !ok {
		return nil, fmt.Errorf("there is no endpoint %q", endpoint)
	}
	query := url.Values{}
	for name, v := range kwargs.All() {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		switch {
		case name == "endpoint", name == "_anchor", name == "_external":
		case strings.Contains(path, "<"+name+">"):
			path = strings.ReplaceAll(path, "<"+name+">", quotePath(s))
		case v != nil:
			query.Set(name, s)
		}
	}
	if strings.Contains(path, "<") {
		return nil, fmt.Errorf("the endpoint %q needs more values", endpoint)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return python("{{ 'http://localhost' if b }}{{ a }}", path+anchorOf(kwargs), kwargs.Get("_external", false))
}

// anchorOf returns the anchor with its sign.
func anchorOf(kwargs jinja.Kwargs) string {
	anchor, _ := kwargs.Get("_anchor", "").(string)
	if anchor == "" {
		return ""
	}
	return "#" + anchor
}

// quotePath percent-encodes a value in a path.
func quotePath(s string) string {
	const kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/!$&'()*+,;=:@"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(kept, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// flashedMessages hands out messages, or pairs of category and message.
func flashedMessages(flashes any) call {
	pairs, _ := flashes.([]any)
	return func(args []any, kwargs jinja.Kwargs) (any, error) {
		bound, err := bind(args, kwargs, []any{false, nil}, "with_categories", "category_filter")
		if err != nil {
			return nil, err
		}
		withCategories, err := python("{{ 'yes' if a }}", bound[0], nil)
		if err != nil {
			return nil, err
		}
		messages := []any{}
		for _, pair := range pairs {
			flash, ok := pair.([]any)
			if !ok || len(flash) != 2 {
				return nil, fmt.Errorf("the flashed message %v is not a category and a message", pair)
			}
			left, err := python("{{ 'out' if b and a not in b }}", flash[0], bound[1])
			switch {
			case err != nil:
				return nil, err
			case left != "":
			case withCategories != "":
				messages = append(messages, jinja.Tuple(flash))
			default:
				messages = append(messages, flash[1])
			}
		}
		return messages, nil
	}
}

func formatPrice(args []any, kwargs jinja.Kwargs) (any, error) {
	bound, err := bind(args, kwargs, []any{errRequired, "€"}, "amount", "currency")
	if err != nil {
		return nil, err
	}
	return python("{{ '{:.2f}{}'.format(a, b) }}", bound[0], bound[1])
}

func icon(args []any, kwargs jinja.Kwargs) (any, error) {
	bound, err := bind(args, kwargs, []any{errRequired}, "name")
	if err != nil {
		return nil, err
	}
	return inHTML(`<i class="icon-%s"></i>`, bound[0])
}

func echo(args []any, kwargs jinja.Kwargs) (any, error) {
	var parts, named []string
	for _, arg := range args {
		s, err := text(arg)
		if err != nil {
			return nil, err
		}
		parts = append(parts, s)
	}
	for name, v := range kwargs.All() {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		named = append(named, name+"="+s)
	}
	slices.Sort(named)
	return strings.Join(append(parts, named...), "|"), nil
}

// german are the translations of cases with the extension "i18n".
type german struct{}

var germanMessages = map[string]string{
	"Log in":          "Anmelden",
	"Hello %(name)s!": "Hallo %(name)s!",
	"%(num)s post":    "%(num)s Beitrag",
	"%(num)s posts":   "%(num)s Beiträge",
	"month|May":       "Mai",
	"100%%":           "100 %%",
}

func (german) translate(key, message string) string {
	if translation, ok := germanMessages[key]; ok {
		return translation
	}
	return message
}

// Gettext translates a message.
func (g german) Gettext(message string) string { return g.translate(message, message) }

// NGettext translates the form for n.
func (g german) NGettext(singular, plural string, n int) string {
	return g.Gettext(form(singular, plural, n))
}

// PGettext translates a message in a context.
func (g german) PGettext(context, message string) string {
	return g.translate(context+"|"+message, message)
}

// NPGettext translates the form for n in a context.
func (g german) NPGettext(context, singular, plural string, n int) string {
	return g.PGettext(context, form(singular, plural, n))
}

func form(singular, plural string, n int) string {
	if n == 1 {
		return singular
	}
	return plural
}
