package decant

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// Format prints the settings for the fmt package, whatever the verb. Secret
// keys that are set, and all values of the application's own keys, are hidden.
func (c Config) Format(state fmt.State, _ rune) {
	var settings []string
	for _, attr := range c.LogValue().Group() {
		text := attr.Value.String()
		if attr.Value.Kind() == slog.KindString && text != hidden {
			text = strconv.Quote(text)
		}
		settings = append(settings, attr.Key+"="+text)
	}
	fmt.Fprintf(state, "decant.Config{%s}", strings.Join(settings, " "))
}

// LogValue gives a log entry the settings by their keys. It hides what Format
// hides.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, key := range c.keys() {
		attrs = append(attrs, slog.Any(key, c.shown(key)))
	}
	return slog.GroupValue(attrs...)
}

const hidden = "(hidden)"

// shown is what others may see of a key: nobody knows which of the
// application's own are secret.
func (c Config) shown(key string) any {
	field, builtin := c.field(key)
	if !builtin || strings.HasPrefix(key, "SECRET_KEY") && !field.IsZero() {
		return hidden
	}
	return readField(field)
}
