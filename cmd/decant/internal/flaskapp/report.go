package flaskapp

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// standIns say what stands for an extension, by the key under which it registers.
var standIns = map[string]string{
	"babel":              "the translations of Jinja: `App.Templates.Translations` over the same .mo files",
	"bcrypt":             "the module `password`",
	"cache":              "any cache; do not share the entries, which are pickles of Python",
	"celery":             "nothing: the tasks stay in Python, and Go sends them through the broker",
	"compress":           "middleware such as klauspost/compress/gzhttp",
	"cors":               "middleware such as go-chi/cors",
	"csrf":               "`ext/csrf`, with the same tokens",
	"debugtoolbar":       "nothing; see the page on developing",
	"limiter":            "middleware such as httprate; do not share the counters",
	"login":              "`ext/login`, with the same session, cookie and protection",
	"mail":               "a mail library such as go-mail",
	"migrate":            "nothing: Alembic owns the schema until the last view has moved",
	"security":           "`ext/login`, and the module `password` for its hashes",
	"session":            "`serversession/flasksession`, with the same entries",
	"socketio":           "nothing: it stays in Flask, and upgrades pass through",
	"sqlalchemy":         "the same tables with `database/sql`, sqlc, bun or gorm",
	"admin":              "nothing: it stays in Flask",
	"flask-jwt-extended": "golang-jwt, with the same claims",
}

// Report returns PORTING.md. Program is the Go side, nil if it is not known.
func (a *App) Report(program *Program) string {
	var page strings.Builder
	views := slices.DeleteFunc(a.ordered(), func(view *View) bool { return program.answers(view.Endpoint) })
	lines := 0
	for _, view := range views {
		lines += view.Lines
	}
	fmt.Fprintf(&page, "# Moving %s\n\n", a.Name)
	fmt.Fprintf(&page, "`decant port` wrote this page by importing the Flask application. %d rules and %d views of %d lines have not moved. Write it again at any time; notes of your own belong elsewhere.\n\n", a.Left(program), len(views), lines)
	page.WriteString("## A suggested order\n\nViews that touch little come first. The views of one blueprint share templates and helpers, so finish a blueprint once you have begun it.\n\n")
	table(&page, []string{"", "Endpoint", "Where", "Lines", "Touches"}, len(views), func(i int) []string {
		view := views[i]
		return []string{fmt.Sprint(i + 1), "`" + view.Endpoint + "`", view.Place, fmt.Sprint(view.Lines), view.summary()}
	})
	page.WriteString("\nA first draft of one view: `decant port --view ENDPOINT`.\n\n")
	a.writeSettings(&page, program)
	a.writeExtensions(&page)
	writeFunctions(&page, "Hooks", a.Hooks)
	writeFunctions(&page, "Error handlers", a.ErrorHandlers)
	a.writeTemplates(&page)
	a.writeViews(&page, views)
	return page.String()
}

// ordered are the views that have source, those that touch least first.
func (a *App) ordered() []*View {
	var views []*View
	for _, name := range a.endpoints() {
		if a.Views[name].Lines > 0 {
			views = append(views, a.Views[name])
		}
	}
	slices.SortStableFunc(views, func(a, b *View) int { return a.effort() - b.effort() })
	return views
}

// effort is a guess at how much work it is to move a view.
func (v *View) effort() int {
	effort := v.Lines
	for kind, values := range v.Facts {
		switch kind {
		case "session", "current_user", "g", "form", "files", "json":
			effort += 3 * len(values)
		case "decorators", "templates":
			effort += 2 * len(values)
		}
	}
	return effort
}

// factNames say what the kinds of facts are, in the order of the report.
var factNames = []struct{ kind, name string }{
	{"decorators", "decorators"}, {"templates", "templates"}, {"session", "session"}, {"current_user", "current_user"}, {"g", "g"},
	{"form", "form fields"}, {"files", "files"}, {"args", "query"}, {"json", "JSON body"}, {"cookies", "cookies"}, {"headers", "headers"},
	{"settings", "settings"}, {"endpoints", "links to"}, {"aborts", "aborts"}, {"flashes", "flashes"},
}

func (v *View) summary() string {
	var parts []string
	for _, fact := range factNames {
		switch values := v.Facts[fact.kind]; {
		case len(values) == 0 || fact.kind == "flashes" || fact.kind == "endpoints":
		case fact.kind == "json":
			parts = append(parts, fact.name)
		default:
			parts = append(parts, fact.name+": "+codes(values))
		}
	}
	return strings.Join(parts, "; ")
}

func codes(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = "`" + strings.ReplaceAll(value, "`", "'") + "`"
	}
	return strings.Join(quoted, ", ")
}

// writeSettings lists the settings on which both sides must agree.
func (a *App) writeSettings(page *strings.Builder, program *Program) {
	page.WriteString("## Settings that must agree\n\nIf one of them differs, sessions, logins, forms or URLs do. Secret keys are not shown.\n\n")
	names := slices.Sorted(maps.Keys(a.Settings))
	if program == nil {
		table(page, []string{"Setting", "Flask"}, len(names), func(i int) []string {
			return []string{"`" + names[i] + "`", "`" + a.Settings[names[i]] + "`"}
		})
		fmt.Fprintf(page, "\n%s\n\n", a.keys())
	} else {
		rows := a.keyRows(program)
		for _, name := range names {
			rows = append(rows, a.settingRow(name, program))
		}
		table(page, []string{"Setting", "Flask", "Go", ""}, len(rows), func(i int) []string { return rows[i] })
		page.WriteString("\n")
	}
	if len(a.OwnSettings) > 0 {
		fmt.Fprintf(page, "Settings of the application's own, and of its extensions: %s.\n\n", codes(a.OwnSettings))
	}
}

// keys says which secret keys Flask has.
func (a *App) keys() string {
	switch {
	case a.Key == "":
		return "Flask has no `SECRET_KEY` here, so it has no sessions."
	case len(a.FallbackKeys) > 0:
		return fmt.Sprintf("Flask has a `SECRET_KEY` and older ones in `SECRET_KEY_FALLBACKS`: %d. Both sides must have the same.", len(a.FallbackKeys))
	}
	return "Flask has a `SECRET_KEY` and no older ones. Both sides must have the same."
}

// keyRows compares the secret keys, which have no texts.
func (a *App) keyRows(program *Program) [][]string {
	hasKey := map[bool]string{true: "none", false: "a key"}
	return [][]string{
		{"`SECRET_KEY`", hasKey[a.Key == ""], hasKey[program.Key == ""], verdict(a.Key == program.Key)},
		{"`SECRET_KEY_FALLBACKS`", fmt.Sprint(len(a.FallbackKeys)), fmt.Sprint(len(program.FallbackKeys)), verdict(slices.Equal(a.FallbackKeys, program.FallbackKeys))},
	}
}

func (a *App) settingRow(name string, program *Program) []string {
	flask, shown := a.Settings[name], ""
	here, isSet := program.Settings[name]
	if isSet {
		shown = "`" + here + "`"
	} else if here = a.Defaults[name]; here != "" {
		shown = "`" + here + "` by default"
	}
	isSame := normal(name, flask) == normal(name, here)
	result := verdict(isSame)
	if name == "SESSION_PROTECTION" && !isSame && !isSet {
		result += ", unless the field `SessionProtection` is set"
	}
	return []string{"`" + name + "`", "`" + flask + "`", shown, result}
}

func verdict(isSame bool) string {
	if isSame {
		return ""
	}
	return "**differs**"
}

// normal is a setting in one form, whichever language printed it.
func normal(name, value string) string {
	isTime := strings.HasSuffix(name, "_LIFETIME") || strings.HasSuffix(name, "_DURATION") || strings.HasSuffix(name, "_LIMIT")
	text := strings.TrimSuffix(value, " seconds")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && isTime {
		return strconv.FormatFloat(seconds, 'f', -1, 64)
	}
	if duration, err := time.ParseDuration(value); err == nil && isTime {
		return strconv.FormatFloat(duration.Seconds(), 'f', -1, 64)
	}
	switch value := strings.ToLower(value); value {
	case "none", "<nil>", "":
		return ""
	default:
		return value
	}
}

func (a *App) writeExtensions(page *strings.Builder) {
	if len(a.Extensions) == 0 {
		return
	}
	page.WriteString("## Extensions\n\n")
	table(page, []string{"Extension", "What stands for it"}, len(a.Extensions), func(i int) []string {
		standIn, ok := standIns[a.Extensions[i]]
		if !ok {
			standIn = "look for a library; the views that use it may stay in Flask"
		}
		return []string{"`" + a.Extensions[i] + "`", standIn}
	})
	page.WriteString("\n")
}

func writeFunctions(page *strings.Builder, title string, functions []Function) {
	if len(functions) == 0 {
		return
	}
	fmt.Fprintf(page, "## %s\n\n", title)
	table(page, []string{"For", "Function", "Blueprint", "Where"}, len(functions), func(i int) []string {
		f := functions[i]
		return []string{f.Kind + f.What, "`" + f.Name + "`", f.Blueprint, f.Place}
	})
	page.WriteString("\n")
}

func (a *App) writeTemplates(page *strings.Builder) {
	for _, kind := range []struct {
		name, method string
		values       []string
	}{
		{"filters", "Filter", a.Filters}, {"tests", "Test", a.Tests}, {"globals", "Global", a.Globals},
	} {
		if len(kind.values) > 0 {
			fmt.Fprintf(page, "Templates use the application's own %s %s, which need a twin on `app.Templates`.\n\n", kind.name, codes(kind.values))
		}
	}
	if len(a.Converters) > 0 {
		fmt.Fprintf(page, "Rules use the converters %s of the application; see `addLegacyConverters`.\n\n", codes(slices.Sorted(maps.Keys(a.Converters))))
	}
}

func (a *App) writeViews(page *strings.Builder, views []*View) {
	page.WriteString("## The views\n")
	for _, view := range views {
		fmt.Fprintf(page, "\n### `%s`\n\n", view.Endpoint)
		for _, rule := range a.Rules {
			if rule.Endpoint == view.Endpoint {
				fmt.Fprintf(page, "- `%s` %s\n", rule.Rule, strings.Join(namedMethods(rule.Methods), ", "))
			}
		}
		for _, fact := range factNames {
			if values := view.Facts[fact.kind]; len(values) > 0 {
				fmt.Fprintf(page, "- %s: %s\n", fact.name, codes(values))
			}
		}
	}
}

// table writes a table of Markdown.
func table(page *strings.Builder, titles []string, rows int, row func(i int) []string) {
	fmt.Fprintf(page, "| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(titles)))
	for i := range rows {
		cells := row(i)
		for j, cell := range cells {
			cells[j] = strings.ReplaceAll(strings.ReplaceAll(cell, "|", "\\|"), "\n", " ")
		}
		fmt.Fprintf(page, "| %s |\n", strings.Join(cells, " | "))
	}
}
