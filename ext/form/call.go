package form

import (
	"context"
	"fmt"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/jinja"
)

// JinjaCall answers form.username(class="wide"): the keyword arguments are
// attributes of the element.
func (k *Control) JinjaCall(_ context.Context, args []any, kwargs jinja.Kwargs) (any, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("the field %s was called with a positional argument; it takes keyword arguments, which become attributes", k.shortName)
	}
	var room [12]attribute
	list := withKwargs(attributes(room[:0]).merge(k.attributes), kwargs)
	return jinja.Markup(k.appendTo(nil, list)), nil
}

// JinjaCall answers field.label("Text", class="wide").
func (l label) JinjaCall(_ context.Context, args []any, kwargs jinja.Kwargs) (any, error) {
	content := l.control.label
	if given, ok := kwargs.Lookup("text"); ok {
		args = append(args, given)
	}
	if len(args) > 0 && truthy(args[0]) {
		content = text(basic(args[0]))
	}
	var room [4]attribute
	list := attributes(room[:0])
	for name, value := range kwargs.All() {
		if name != "text" {
			list = list.set(name, attributeValue(value))
		}
	}
	return jinja.Markup(l.control.appendLabel(nil, content, list)), nil
}

func withKwargs(list attributes, kwargs jinja.Kwargs) attributes {
	for name, value := range kwargs.All() {
		list = list.set(name, attributeValue(value))
	}
	return list
}

// attributeValue is what an attribute prints: markup of the engine is markup of
// the page.
func attributeValue(value any) any {
	if markup, ok := value.(jinja.Markup); ok {
		return safeText(markup)
	}
	return value
}

// safeText is text that is HTML already.
type safeText string

// HTML returns the text as it is.
func (t safeText) HTML() decant.Markup { return decant.Markup(t) }
