package form

// Option changes what [Bind] does.
type Option interface{ apply(*bindSettings) }

type bindSettings struct {
	prefix       string
	object       objectSource
	sent         *submitted
	hasSource    bool
	csrf         bool
	translations Translations
}

type optionFunc func(*bindSettings)

func (f optionFunc) apply(s *bindSettings) { f(s) }

// Prefix puts a prefix before the HTML names of all fields, so that two forms
// fit on one page. A hyphen follows it unless it ends in a separator. It
// mirrors LoginForm(prefix="login").
func Prefix(prefix string) Option {
	return optionFunc(func(s *bindSettings) { s.prefix = prefix })
}

// From takes the data that nobody sent from a struct, a pointer to one, or a
// map[string]any: the exported field that has the name of the form's field (in
// the tag form, in Go's spelling or in snake case), or the key of that name.
// It mirrors obj= and data=.
func From(object any) Option {
	return optionFunc(func(s *bindSettings) { s.object = objectSource{object} })
}

// FormData binds other values than the body of a POST, PUT, PATCH or DELETE:
// FormData(c.Request.Args) for a form that is sent with GET, nil for values
// that nobody sent. It mirrors formdata=.
func FormData(source Source) Option {
	return optionFunc(func(s *bindSettings) { s.sent, s.hasSource = newSubmitted(source, nil), true })
}

// WithoutCSRF leaves out the field of the CSRF token and its check, as search
// forms do: meta={"csrf": False}.
func WithoutCSRF() Option {
	return optionFunc(func(s *bindSettings) { s.csrf = false })
}

// Translate has labels and messages translated.
func Translate(translations Translations) Option {
	return optionFunc(func(s *bindSettings) { s.translations = translations })
}

// Translations translate messages, as a catalogue of gettext does.
type Translations interface {
	// Gettext returns the translation of a message, or the message itself.
	Gettext(message string) string
	// NGettext returns the translation for the number n.
	NGettext(singular, plural string, n int) string
}
