// Package catalog reads the translations that gettext's tools compile: .mo
// files in folders such as translations/de/LC_MESSAGES/messages.mo, as
// Flask-Babel and "pybabel compile" lay them out.
//
// [Load] reads all languages of a folder, [Translations.Match] chooses one for a
// request, and a [Catalog] translates. A file may come from a stranger: reading
// one takes linear time and memory in its size, and a damaged file is an error.
package catalog

// Catalog holds the translations of one language. It is safe for use by many
// goroutines. A nil Catalog translates nothing: each method returns the message
// that it is given.
type Catalog struct {
	messages map[string]string   // one form; the key of a message with a context is contextKey
	plurals  map[string][]string // messages with a plural, by their singular
	header   map[string]string   // by name in lower case
	form     pluralForm
}

// Gettext returns the translation of message, or message itself if there is
// none. The translation of the empty string is the file's header. It is gettext
// of Python's GNUTranslations.
func (c *Catalog) Gettext(message string) string {
	return c.lookup(message, message)
}

// PGettext translates message where it stands in a context, such as the month
// "May" and not the verb. It is pgettext of Python's GNUTranslations.
func (c *Catalog) PGettext(context, message string) string {
	return c.lookup(contextKey(context, message), message)
}

// NGettext returns the form for the number n. Without a translation it is
// singular for 1 and plural for all other numbers. It is ngettext of Python's
// GNUTranslations.
func (c *Catalog) NGettext(singular, plural string, n int) string {
	return c.lookupForm(singular, singular, plural, n)
}

// NPGettext is NGettext for messages in a context.
func (c *Catalog) NPGettext(context, singular, plural string, n int) string {
	return c.lookupForm(contextKey(context, singular), singular, plural, n)
}

// Header returns a field of the file's header, such as "Plural-Forms" or
// "Language", or the empty string. Upper and lower case are alike.
func (c *Catalog) Header(name string) string {
	if c == nil {
		return ""
	}
	return c.header[lowerASCII(name)]
}

// Len counts the messages, without the header.
func (c *Catalog) Len() int {
	if c == nil {
		return 0
	}
	n := len(c.messages) + len(c.plurals)
	if _, ok := c.messages[""]; ok {
		n--
	}
	return n
}

// contextKey is how a .mo file names a message with a context.
func contextKey(context, message string) string { return context + "\x04" + message }

// lookup returns the translation under key. A message that has plural forms
// gives the form for one.
func (c *Catalog) lookup(key, message string) string {
	if c == nil {
		return message
	}
	if translation, ok := c.messages[key]; ok {
		return translation
	}
	if translation, ok := c.formOf(key, 1); ok {
		return translation
	}
	return message
}

func (c *Catalog) lookupForm(key, singular, plural string, n int) string {
	if translation, ok := c.formOf(key, n); ok {
		return translation
	}
	if n == 1 {
		return singular
	}
	return plural
}

// formOf returns the plural form for n. It reports false when the file has no
// such message, or when its rule names a form that the message lacks.
func (c *Catalog) formOf(key string, n int) (string, bool) {
	if c == nil {
		return "", false
	}
	forms, ok := c.plurals[key]
	if !ok {
		return "", false
	}
	index, ok := c.form(n)
	if !ok || index < 0 || index >= len(forms) {
		return "", false
	}
	return forms[index], true
}
