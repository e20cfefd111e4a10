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
		"icon":                 func(name any) (jinja.Markup, error) { return inHTML(`<i class="icon-%s"></i>`, name) },
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
		return python("{{ a.strftime(b) }}", when, option(args, "format", "%d.%m.%Y"))
	},
	"initials": func(s string, args ...any) (string, error) {
		sep, err := text(option(args, "sep", "."))
		var letters []string
		for _, word := range strings.Fields(s) {
			first, _ := utf8.DecodeRuneInString(word)
			letters = append(letters, string(first))
		}
		return strings.Join(letters, sep) + sep, err
	},
}

var tests = map[string]any{
	"adult": func(user any, args ...any) (bool, error) {
		s, err := python("{{ 'yes' if a['age'] >= b }}", user, option(args, "age", 18))
		return s == "yes", err
	},
	"slug": func(v any) (bool, error) {
		bad, err := python("{{ 'empty' if a == '' }}{{ a|reject('in', b)|list or '' }}", v, "abcdefghijklmnopqrstuvwxyz0123456789-")
		return bad == "", err
	},
}

// option returns the argument of a filter with one optional parameter, which
// comes alone or behind its name.
func option(args []any, name string, otherwise any) any {
	switch {
	case len(args) == 1:
		return args[0]
	case len(args) == 2 && args[0] == name:
		return args[1]
	}
	return otherwise
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

// inHTML puts a value into HTML. It is Markup(format) % value.
func inHTML(format string, v any) (jinja.Markup, error) {
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
	if len(args) != 1 {
		return nil, errors.New("url_for takes one positional argument")
	}
	endpoint, _ := args[0].(string)
	path, ok := routes[endpoint]
	if !ok {
		return nil, fmt.Errorf("there is no endpoint %q", endpoint)
	}
	query := url.Values{}
	anchor, external := "", false
	for name, v := range kwargs.All() {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		switch {
		case name == "_anchor":
			anchor = "#" + s
		case name == "_external":
			external = v == true
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
	if external {
		path = "http://localhost" + path
	}
	return path + anchor, nil
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

// flashedMessages hands out pairs of category and message.
func flashedMessages(flashes any) call {
	pairs, _ := flashes.([]any)
	return func(args []any, kwargs jinja.Kwargs) (any, error) {
		withCategories := kwargs.Get("with_categories", false) == true || len(args) > 0 && args[0] == true
		filter, _ := kwargs.Get("category_filter", []any(nil)).([]any)
		messages := []any{}
		for _, pair := range pairs {
			flash := pair.([]any)
			switch {
			case len(filter) > 0 && !slices.Contains(filter, flash[0]):
			case withCategories:
				messages = append(messages, jinja.Tuple(flash))
			default:
				messages = append(messages, flash[1])
			}
		}
		return messages, nil
	}
}

func formatPrice(args []any, kwargs jinja.Kwargs) (any, error) {
	if amount, ok := kwargs.Lookup("amount"); ok {
		args = append(args, amount)
	}
	if len(args) == 0 {
		return nil, errors.New("format_price needs an amount")
	}
	currency := kwargs.Get("currency", "€")
	if len(args) > 1 {
		currency = args[1]
	}
	return python("{{ '{:.2f}{}'.format(a, b) }}", args[0], currency)
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
