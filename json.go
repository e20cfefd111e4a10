package decant

import (
	"fmt"
	"time"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
)

// The encoders of JSON answers, in Flask's form: keys sorted, ASCII only, and
// on many lines in debug mode. They are never changed.
var (
	compactJSON = &pyjson.Encoder{ASCII: true, SortKeys: true, Default: jsonDefault}
	prettyJSON  = &pyjson.Encoder{ASCII: true, SortKeys: true, Default: jsonDefault, Spaced: true, Indent: 2}
)

// jsonDefault is the default function of Flask's JSON provider: dates are HTTP
// dates, UUIDs their text, and markup its HTML.
func jsonDefault(value any) (replacement any, ok bool, err error) {
	switch value := value.(type) {
	case time.Time:
		return httpdate.Format(value), true, nil
	case UUID:
		return value.String(), true, nil
	}
	if html, ok := markupOf(value); ok {
		return html, true, nil
	}
	return nil, false, nil
}

// markupOf reports whether a value is markup, and its HTML.
func markupOf(value any) (html string, ok bool) {
	markup, ok := safeHTML(value)
	return string(markup), ok
}

func (c *Context) jsonResponse(value any) (*Response, error) {
	encoder := compactJSON
	if c.App.Config.Debug {
		encoder = prettyJSON
	}
	data, err := encoder.Append(nil, value)
	if err != nil {
		return nil, fmt.Errorf("decant: the view for endpoint %q returned what JSON cannot say: %w", c.Request.Endpoint(), err)
	}
	r := c.newResponse()
	r.more().data, r.contentType[0] = append(data, '\n'), typeJSON
	return r, nil
}
