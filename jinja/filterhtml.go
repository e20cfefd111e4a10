package jinja

import (
	"strings"

	"github.com/decant-go/decant/internal/markup"
	"github.com/decant-go/decant/jinja/internal/text"
)

// filterEscape escapes a value. A safe string stays as it is.
func filterEscape(r *run, v value, args arguments) (value, error) {
	if err := args.none("escape"); err != nil {
		return missing, err
	}
	return escaped(v)
}

// filterForceescape escapes a value even if it is safe.
func filterForceescape(r *run, v value, args arguments) (value, error) {
	if err := args.none("forceescape"); err != nil {
		return missing, err
	}
	s, err := htmlOrText(v)
	if err != nil {
		return missing, err
	}
	return markupValue(text.Escape(s)), nil
}

// filterSafe marks the text of a value as safe.
func filterSafe(r *run, v value, args arguments) (value, error) {
	if err := args.none("safe"); err != nil {
		return missing, err
	}
	s, err := htmlOrText(v)
	return markupValue(s), err
}

// htmlOrText returns the HTML of a value that is safe, and the text of another.
func htmlOrText(v value) (string, error) {
	if isSafe(v) {
		return htmlOf(v), nil
	}
	return strOf(v)
}

func filterStriptags(r *run, v value, args arguments) (value, error) {
	if err := args.none("striptags"); err != nil {
		return missing, err
	}
	s, err := htmlOrText(v)
	return stringValue(markup.Strip(s)), err
}

// filterUrlize makes links of the web and e-mail addresses in a string.
func filterUrlize(r *run, v value, args arguments) (value, error) {
	slots := [5]value{none, falseVal, none, none, none}
	err := args.bind(slots[:], "urlize", 0, "trim_url_limit", "nofollow", "target", "rel", "extra_schemes")
	if err != nil {
		return missing, err
	}
	opts, err := r.urlizeOptions(slots)
	if err != nil {
		return missing, err
	}
	source, err := escaped(v)
	if err != nil {
		return missing, err
	}
	html, err := text.URLize(source.text(), opts)
	if err != nil {
		return missing, filterError("%s", err)
	}
	if err := r.checkText(len(html)); err != nil {
		return missing, err
	}
	return textValue(html, r.autoescape), nil
}

func (r *run) urlizeOptions(slots [5]value) (opts text.URLizeOptions, err error) {
	if !isAbsent(slots[0]) {
		limit, err := integerArg(slots[0])
		if err != nil {
			return opts, err
		}
		opts.TrimLimit = &limit
	}
	if opts.NoFollow, err = flag(slots[1]); err != nil {
		return opts, err
	}
	for i, target := range []*string{&opts.Target, &opts.Rel} {
		truth, err := isTrue(slots[2+i])
		if err != nil {
			return opts, err
		}
		if !truth {
			continue
		}
		if *target, err = textArg("urlize", slots[2+i]); err != nil {
			return opts, err
		}
	}
	if isAbsent(slots[4]) {
		return opts, nil
	}
	schemes, err := r.items(slots[4])
	if err != nil {
		return opts, err
	}
	for _, item := range schemes {
		scheme, err := textArg("urlize", item)
		if err != nil {
			return opts, err
		}
		opts.Schemes = append(opts.Schemes, scheme)
	}
	return opts, nil
}

// filterXmlattr writes the entries of a mapping as attributes of a tag. It
// leaves out those that are None or undefined.
func filterXmlattr(r *run, v value, args arguments) (value, error) {
	slots := [1]value{trueVal}
	if err := args.bind(slots[:], "xmlattr", 0, "autospace"); err != nil {
		return missing, err
	}
	space, err := flag(slots[0])
	if err != nil {
		return missing, err
	}
	entries, err := r.entries(v)
	if err != nil {
		return missing, err
	}
	var b strings.Builder
	for _, e := range entries {
		if e.val.kind == kindNone || e.val.isUndefined() {
			continue
		}
		key, err := textArg("xmlattr", e.key)
		if err != nil {
			return missing, err
		}
		if !text.IsAttributeName(key) {
			return missing, valueError("invalid character in the name of an attribute: %s", reprOf(e.key))
		}
		if space || b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(htmlOf(e.key) + `="` + htmlOf(e.val) + `"`)
		if err := r.checkText(b.Len()); err != nil {
			return missing, err
		}
	}
	return textValue(b.String(), r.autoescape), nil
}

// filterUrlencode encodes a string for a path, or a mapping or pairs for a
// query.
func filterUrlencode(r *run, v value, args arguments) (value, error) {
	if err := args.none("urlencode"); err != nil {
		return missing, err
	}
	if v.isText() || !isIterable(r, v) {
		s, err := strOf(v)
		return stringValue(text.QuotePath(s)), err
	}
	var entries []entry
	var err error
	if test, _ := testMapping(r, v, arguments{}); test {
		entries, err = r.entries(v)
	} else {
		entries, err = r.pairs(v)
	}
	if err != nil {
		return missing, err
	}
	var b strings.Builder
	for i, e := range entries {
		key, err := strOf(e.key)
		if err != nil {
			return missing, err
		}
		val, err := strOf(e.val)
		if err != nil {
			return missing, err
		}
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(text.QuoteQuery(key) + "=" + text.QuoteQuery(val))
	}
	return stringValue(b.String()), nil
}
