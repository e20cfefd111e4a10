package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/uuid"
)

// builtinConverters are those that every Flask application knows.
func builtinConverters(options Options) map[string]ConverterFunc {
	return map[string]ConverterFunc{
		"default": stringConverter,
		"string":  stringConverter,
		"any":     anyConverter,
		"path":    pathConverter,
		"int":     intConverter,
		"float":   floatConverter,
		"uuid":    uuidConverter(options.UUID),
	}
}

func isolating(yes bool) *bool { return &yes }

// stringConverter takes text without a slash, of bounded length in code points.
func stringConverter(arguments Arguments) (Converter, error) {
	passed, err := arguments.Bind("minlength", "maxlength", "length")
	if err != nil {
		return Converter{}, err
	}
	shortest, longest, err := lengths(passed)
	if err != nil {
		return Converter{}, err
	}
	return Converter{
		Pattern:       lengthPattern(shortest, longest),
		PartIsolating: isolating(true),
		anyText:       shortest == 1 && longest == unbounded,
		slashless:     true,
		accepts: func(text string) bool {
			return hasLength(text, shortest, longest) && !strings.Contains(text, "/")
		},
	}, nil
}

// unbounded is the longest length of text that may be as long as it likes.
const unbounded = -1

func lengths(passed map[string]any) (shortest, longest int, err error) {
	shortest, longest = 1, unbounded
	for _, bound := range []struct {
		name string
		into []*int
	}{{"minlength", []*int{&shortest}}, {"maxlength", []*int{&longest}}, {"length", []*int{&shortest, &longest}}} {
		value, given := passed[bound.name]
		if !given || value == nil && bound.name != "minlength" {
			continue
		}
		length, ok := wholeNumber(value)
		if !ok || length < 0 {
			return 0, 0, wrongNumber(bound.name, value, "a whole number that is not negative")
		}
		for _, target := range bound.into {
			*target = length
		}
	}
	if longest != unbounded && shortest > longest {
		return 0, 0, fmt.Errorf("its minlength %d is above its maxlength %d: exchange them", shortest, longest)
	}
	return shortest, longest, nil
}

// wrongNumber is the error for an argument that should be a number.
func wrongNumber(name string, value any, wanted string) error {
	if text, ok := value.(string); ok && strings.Contains(text, ",") {
		wanted += ", and put a blank behind the comma"
	}
	return fmt.Errorf("its %s is %s: pass %s", name, pytext.Repr(value), wanted)
}

func lengthPattern(shortest, longest int) string {
	switch longest {
	case unbounded:
		return fmt.Sprintf("[^/]{%d,}", shortest)
	case shortest:
		return fmt.Sprintf("[^/]{%d}", shortest)
	}
	return fmt.Sprintf("[^/]{%d,%d}", shortest, longest)
}

func hasLength(text string, shortest, longest int) bool {
	if shortest <= 1 && longest == unbounded {
		return len(text) >= shortest
	}
	length := utf8.RuneCountInString(text)
	return length >= shortest && (longest == unbounded || length <= longest)
}

// anyConverter takes one of the listed texts.
func anyConverter(arguments Arguments) (Converter, error) {
	if len(arguments.Named) > 0 || len(arguments.Positional) == 0 {
		return Converter{}, fmt.Errorf("list the texts it takes, as in any(about, help)")
	}
	items := make([]string, len(arguments.Positional))
	quoted := make([]string, len(items))
	for i, value := range arguments.Positional {
		item, ok := value.(string)
		if !ok {
			return Converter{}, fmt.Errorf("its item %s is no text: quote it, as in any(%q)", pytext.Repr(value), pytext.Repr(value))
		}
		items[i], quoted[i] = item, regexp.QuoteMeta(item)
	}
	return Converter{
		Pattern:       "(?:" + strings.Join(quoted, "|") + ")",
		PartIsolating: isolating(true),
		accepts:       func(text string) bool { return slices.Contains(items, text) },
		ToURL: func(value any) (string, error) {
			if item, ok := value.(string); ok && slices.Contains(items, item) {
				return item, nil
			}
			return "", fmt.Errorf("%s is not one of %s", pytext.Repr(value), strings.Join(items, ", "))
		},
	}, nil
}

// pathConverter takes text with slashes that does not begin with one.
func pathConverter(arguments Arguments) (Converter, error) {
	_, err := arguments.Bind()
	return Converter{
		Pattern:       "[^/].*?",
		Weight:        200,
		PartIsolating: isolating(false),
		accepts:       isPath,
	}, err
}

// isPath refuses line breaks behind the first character, where Python's dot
// does not match them.
func isPath(text string) bool {
	return text != "" && text[0] != '/' && strings.IndexByte(text[1:], '\n') < 0
}

// uuidConverter takes a UUID in its usual form. The function makes its value.
func uuidConverter(newUUID func(uuid.UUID) any) ConverterFunc {
	if newUUID == nil {
		newUUID = func(id uuid.UUID) any { return id }
	}
	return func(arguments Arguments) (Converter, error) {
		_, err := arguments.Bind()
		return Converter{
			Pattern:       "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}",
			PartIsolating: isolating(true),
			accepts:       isUUID,
			slashless:     true,
			lazy:          true,
			ToGo: func(text string) (any, error) {
				id, err := uuid.Parse(text)
				return newUUID(id), err
			},
			ToURL: func(value any) (string, error) { return pytext.Str(value), nil },
		}, err
	}
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (text[i] == '-') || !dash && !isHex(text[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// wholeNumber is Python's int(value) for what a rule can pass.
func wholeNumber(value any) (int, bool) {
	switch value := value.(type) {
	case int:
		return value, true
	case bool:
		return fromBool(value), true
	case float64:
		return int(value), value == value && value > -1<<53 && value < 1<<53
	case string:
		return pytext.ParseInt(value)
	}
	return 0, false
}

func fromBool(value bool) int {
	if value {
		return 1
	}
	return 0
}
