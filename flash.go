package decant

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/decant-go/decant/jinja"
)

// FlashMessage is a message for the next page that the user sees.
type FlashMessage struct {
	// Category is "message" unless Flash was given another one.
	Category string
	// Message is mostly a string.
	Message any
}

// String returns the message as a string.
func (m FlashMessage) String() string { return fmt.Sprint(m.Message) }

const (
	// flashesKey is the session key under which Flask keeps messages.
	flashesKey = "_flashes"

	defaultCategory = "message"
)

// Flash keeps a message in the session until [Context.FlashedMessages] asks for
// it, usually on the next page. A category such as "error" may be given. The
// message is a string, or anything else that a session can hold. It is stored in
// Flask's form: Flask can show a message that was flashed here, and the other
// way round. It mirrors flask.flash.
func (c *Context) Flash(message any, category ...string) {
	kind := defaultCategory
	if len(category) > 0 {
		kind = category[0]
	}
	flashes := append(slices.Clone(c.storedFlashes()), Tuple{kind, message})
	c.Session.Set(flashesKey, flashes)
	for _, subscriber := range c.App.Signals.MessageFlashed.subscribers {
		subscriber(c, message, kind)
	}
	if w := c.watched(); w != nil {
		w.Flashed(FlashMessage{kind, message})
	}
}

// FlashedMessages takes the messages out of the session. It returns those of the
// given categories, or all of them, in the order in which they were flashed.
// Later calls in the same request return the same messages. A message that is
// flashed after the first call waits for the next request. It mirrors
// flask.get_flashed_messages.
func (c *Context) FlashedMessages(categories ...string) []FlashMessage {
	if c.extras == nil || !c.extras.hasFlashes {
		c.takeFlashes()
	}
	if len(categories) == 0 {
		return slices.Clone(c.extras.flashes)
	}
	var chosen []FlashMessage
	for _, message := range c.extras.flashes {
		if slices.Contains(categories, message.Category) {
			chosen = append(chosen, message)
		}
	}
	return chosen
}

// takeFlashes moves the messages from the session to the request.
func (c *Context) takeFlashes() {
	stored := c.storedFlashes()
	messages := make([]FlashMessage, len(stored))
	for i, item := range stored {
		messages[i] = flashOf(item)
	}
	if c.Session.Has(flashesKey) {
		c.Session.Delete(flashesKey)
	}
	n := c.needExtras()
	n.flashes, n.hasFlashes = messages, true
}

func (c *Context) storedFlashes() []any {
	switch stored := c.Session.Get(flashesKey).(type) {
	case nil:
		return nil
	case []any:
		return stored
	case Tuple:
		return stored
	default:
		panic(fmt.Errorf("decant: the session key %q holds a %T, and flashed messages are a list; choose another key for your own value", flashesKey, stored))
	}
}

// flashOf reads a pair of category and message.
func flashOf(item any) FlashMessage {
	var pair []any
	switch item := item.(type) {
	case Tuple:
		pair = item
	case []any:
		pair = item
	}
	if len(pair) != 2 {
		panic(fmt.Errorf("decant: the session key %q holds a %T among the flashed messages, which are pairs of category and message; choose another key for your own value", flashesKey, item))
	}
	category, isText := pair[0].(string)
	if !isText {
		category = fmt.Sprint(pair[0])
	}
	return FlashMessage{category, pair[1]}
}

// flashedMessages is the template global get_flashed_messages. Its options are
// Flask's with_categories and category_filter, by position or as pairs of a name
// and a value.
func flashedMessages(c *Context, options ...any) ([]any, error) {
	var withCategories, filter any
	if len(options) > 0 && reflect.TypeOf(options[0]) == reflect.TypeFor[bool]() {
		withCategories, options = options[0], options[1:]
	}
	if len(options) == 1 {
		filter, options = options[0], nil
	}
	named, err := pairsOf(options)
	if err != nil {
		return nil, fmt.Errorf("decant: get_flashed_messages %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		value := named[name]
		switch name {
		case "with_categories":
			withCategories = value
		case "category_filter":
			filter = value
		default:
			return nil, fmt.Errorf("decant: get_flashed_messages takes with_categories and category_filter, not %q", name)
		}
	}
	messages := []any{}
	for _, message := range c.FlashedMessages(categoriesOf(filter)...) {
		if withCategories == true {
			messages = append(messages, jinja.Tuple{message.Category, message.Message})
		} else {
			messages = append(messages, message.Message)
		}
	}
	return messages, nil
}

// categoriesOf reads one category or a list of categories.
func categoriesOf(filter any) (categories []string) {
	if text, ok := filter.(string); ok {
		return []string{text}
	}
	if list := reflect.ValueOf(filter); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			categories = append(categories, fmt.Sprint(list.Index(i)))
		}
	}
	return categories
}
