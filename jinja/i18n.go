package jinja

// translators returns the functions that translate. Each puts its keyword
// arguments into the translation, by the % operator. They mirror Jinja's new
// style of gettext.
func translators() map[string]value {
	return map[string]value{
		"_":         builtinValue("gettext", translator{function: "gettext", params: []string{"message"}}.call),
		"gettext":   builtinValue("gettext", translator{function: "gettext", params: []string{"message"}}.call),
		"ngettext":  builtinValue("ngettext", translator{function: "ngettext", params: []string{"singular", "plural", "n"}}.call),
		"pgettext":  builtinValue("pgettext", translator{function: "pgettext", params: []string{"context", "message"}}.call),
		"npgettext": builtinValue("npgettext", translator{function: "npgettext", params: []string{"context", "singular", "plural", "n"}}.call),
	}
}

// translator is one of the functions that translate.
type translator struct {
	function string
	params   []string
}

func (t translator) call(r *run, args arguments) (value, error) {
	if n := len(args.positional); n != len(t.params) {
		return missing, typeError("%s() takes %s, but %d were given", t.function, counted(len(t.params)), n)
	}
	texts := make([]string, 0, 3)
	number := intValue(0)
	for i, param := range t.params {
		if param == "n" {
			number = args.positional[i]
			continue
		}
		texts = append(texts, textOf(args.positional[i]))
	}
	message := r.translate(t.function, texts, number)
	variables := &Dict{engine: r.engine}
	switch t.function {
	case "ngettext", "npgettext":
		variables.setText("num", number)
	}
	switch t.function {
	case "pgettext", "npgettext":
		variables.setText("context", args.positional[0])
	}
	for _, arg := range args.named {
		variables.setText(arg.name, arg.value)
	}
	return percentFormat(r, textValue(message, r.autoescape), dictValue(variables))
}

// translate looks up a message. Without translations it is the message itself.
func (r *run) translate(function string, texts []string, number value) string {
	if !r.asked && r.engine.config.Translations != nil {
		r.texts = r.engine.config.Translations(r.context())
	}
	r.asked = true
	n := 0
	if function == "ngettext" || function == "npgettext" {
		n = pluralNumber(number)
	}
	translations := r.texts
	if translations == nil {
		translations = untranslated{}
	}
	switch function {
	case "ngettext":
		return translations.NGettext(texts[0], texts[1], n)
	case "pgettext":
		return translations.PGettext(texts[0], texts[1])
	case "npgettext":
		return translations.NPGettext(texts[0], texts[1], texts[2], n)
	}
	return translations.Gettext(texts[0])
}

// pluralNumber returns the number by which a plural is chosen. A value that is not a
// number that fits is one of many.
func pluralNumber(v value) int {
	if one, err := equal(v, intValue(1)); err == nil && one {
		return 1
	}
	if n, err := integerArg(v); err == nil {
		return n
	}
	return 0
}

// untranslated gives each message as it is.
type untranslated struct{}

func (untranslated) Gettext(message string) string { return message }

func (untranslated) NGettext(singular, plural string, n int) string {
	if n == 1 {
		return singular
	}
	return plural
}

func (untranslated) PGettext(_, message string) string { return message }

func (u untranslated) NPGettext(_, singular, plural string, n int) string {
	return u.NGettext(singular, plural, n)
}
