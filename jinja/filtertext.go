package jinja

import (
	"strings"

	"github.com/decant-go/decant/jinja/internal/text"
)

// keepSafe applies a function to a string and leaves the safe mark as it is.
func keepSafe(v value, name string, args arguments, f func(string) string) (value, error) {
	if err := args.none(name); err != nil {
		return missing, err
	}
	s, err := softText(v)
	if err != nil {
		return missing, err
	}
	return textValue(f(s.text()), s.kind == kindMarkup), nil
}

func filterUpper(r *run, v value, args arguments) (value, error) {
	return keepSafe(v, "upper", args, text.Upper)
}

func filterLower(r *run, v value, args arguments) (value, error) {
	return keepSafe(v, "lower", args, text.Lower)
}

func filterCapitalize(r *run, v value, args arguments) (value, error) {
	return keepSafe(v, "capitalize", args, text.Capitalize)
}

// filterTitle drops the safe mark, as in Jinja2.
func filterTitle(r *run, v value, args arguments) (value, error) {
	title, err := keepSafe(v, "title", args, text.TitleWords)
	if err != nil {
		return missing, err
	}
	return stringValue(title.text()), nil
}

// filterTrim removes white space, or the characters of the argument, from both
// ends.
func filterTrim(r *run, v value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bind(slots[:], "trim", 0, "chars"); err != nil {
		return missing, err
	}
	s, err := softText(v)
	if err != nil {
		return missing, err
	}
	if isAbsent(slots[0]) {
		return textValue(text.Strip(s.text()), s.kind == kindMarkup), nil
	}
	chars, err := textArg("trim", slots[0])
	if err != nil {
		return missing, err
	}
	return textValue(text.StripChars(s.text(), chars), s.kind == kindMarkup), nil
}

func filterCenter(r *run, v value, args arguments) (value, error) {
	slots := [1]value{intValue(80)}
	if err := args.bind(slots[:], "center", 0, "width"); err != nil {
		return missing, err
	}
	s, err := softText(v)
	if err != nil {
		return missing, err
	}
	width, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	if err := r.checkText(max(width, 0)); err != nil {
		return missing, err
	}
	return textValue(text.Center(s.text(), width, " "), s.kind == kindMarkup), nil
}

func filterWordcount(r *run, v value, args arguments) (value, error) {
	if err := args.none("wordcount"); err != nil {
		return missing, err
	}
	s, err := softText(v)
	if err != nil {
		return missing, err
	}
	return intValue(int64(text.WordCount(s.text()))), nil
}

// filterReplace replaces a string in another. Where the template is escaped,
// the result is safe if the string is safe, and what it is replaced with is
// escaped then.
func filterReplace(r *run, v value, args arguments) (value, error) {
	var slots [3]value
	if err := args.bind(slots[:], "replace", 2, "old", "new", "count"); err != nil {
		return missing, err
	}
	count := -1
	if !isAbsent(slots[2]) {
		n, err := integerArg(slots[2])
		if err != nil {
			return missing, err
		}
		count = n
	}
	s, old, replacement := v, slots[0], slots[1]
	if r.autoescape && (isSafe(old) || isSafe(replacement) && !isSafe(s)) {
		html, err := escaped(s)
		if err != nil {
			return missing, err
		}
		s = html
	}
	var texts [3]value
	for i, part := range []value{s, old, replacement} {
		soft, err := softText(part)
		if err != nil {
			return missing, err
		}
		texts[i] = soft
	}
	if !r.autoescape {
		texts[0].kind = kindString
	}
	return r.replace(texts[0], texts[1].text(), texts[2], count)
}

// replace is the method replace of a string. A safe string escapes what it
// takes in.
func (r *run) replace(s value, old string, replacement value, count int) (value, error) {
	safe := s.kind == kindMarkup
	with := replacement.text()
	if safe {
		with = htmlOf(replacement)
	}
	if growth := len(with) - len(old); growth > 0 {
		n := strings.Count(s.text(), old)
		if count >= 0 {
			n = min(n, count)
		}
		if err := r.checkText(len(s.text()) + saturate(int64(n), growth)); err != nil {
			return missing, err
		}
	}
	return textValue(text.Replace(s.text(), old, with, count), safe), nil
}

// filterTruncate cuts a string that is too long.
func filterTruncate(r *run, v value, args arguments) (value, error) {
	slots := [4]value{intValue(255), falseVal, stringValue("..."), none}
	if err := args.bind(slots[:], "truncate", 0, "length", "killwords", "end", "leeway"); err != nil {
		return missing, err
	}
	length, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	killWords, err := flag(slots[1])
	if err != nil {
		return missing, err
	}
	end := slots[2]
	if _, err := textArg("truncate", end); err != nil {
		return missing, err
	}
	leeway := 5
	if !isAbsent(slots[3]) {
		if leeway, err = integerArg(slots[3]); err != nil {
			return missing, err
		}
	}
	if !v.isText() {
		return truncateOther(v, length, leeway, end.text())
	}
	cut, err := text.Truncate(v.text(), length, killWords, end.text(), leeway)
	switch {
	case err != nil:
		return missing, valueError("%s", err)
	case cut == v.text():
		return v, nil
	}
	start := textValue(strings.TrimSuffix(cut, end.text()), v.kind == kindMarkup)
	return concatTexts(r, start, end)
}

// truncateOther returns a value that is not a string, if it is short enough.
func truncateOther(v value, length, leeway int, end string) (value, error) {
	if _, err := text.Truncate("", length, false, end, leeway); err != nil {
		return missing, valueError("%s", err)
	}
	if n, ok := lengthOf(v); ok && n <= length+leeway {
		return v, nil
	}
	if v.kind == kindUndefined {
		return missing, undefinedOf(v).err()
	}
	return missing, typeError("truncate() needs a string, not '%s'", typeName(v))
}

// filterWordwrap breaks a string into lines. The result is not safe, as in
// Jinja2, unless the string between the lines is.
func filterWordwrap(r *run, v value, args arguments) (value, error) {
	slots := [4]value{intValue(79), trueVal, none, trueVal}
	if err := args.bind(slots[:], "wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens"); err != nil {
		return missing, err
	}
	s, err := stringFor("wordwrap", v)
	if err != nil {
		return missing, err
	}
	opts := text.WrapOptions{LineEnd: "\n"}
	if opts.Width, err = integerArg(slots[0]); err != nil {
		return missing, err
	}
	if opts.BreakLongWords, err = flag(slots[1]); err != nil {
		return missing, err
	}
	if opts.BreakOnHyphens, err = flag(slots[3]); err != nil {
		return missing, err
	}
	separator := stringValue("\n")
	if !isAbsent(slots[2]) {
		separator = slots[2]
	}
	if _, err := textArg("wordwrap", separator); err != nil {
		return missing, err
	}
	wrapped, err := text.WordWrap(s.text(), opts)
	if err != nil {
		return missing, valueError("%s", err)
	}
	if separator.kind == kindMarkup {
		wrapped = text.Escape(wrapped)
	}
	return r.replace(textValue(wrapped, separator.kind == kindMarkup), "\n", separator, -1)
}

// stringFor returns a value that a filter accepts only as a string.
func stringFor(filter string, v value) (value, error) {
	switch {
	case v.isText():
		return v, nil
	case v.kind == kindUndefined:
		return missing, undefinedOf(v).err()
	}
	if u := underlying(v); u.isText() {
		return u, nil
	}
	return missing, typeError("%s() needs a string, not '%s'", filter, typeName(v))
}

// filterIndent indents the lines of a string but the first.
func filterIndent(r *run, v value, args arguments) (value, error) {
	slots := [3]value{intValue(4), falseVal, falseVal}
	if err := args.bind(slots[:], "indent", 0, "width", "first", "blank"); err != nil {
		return missing, err
	}
	indention := slots[0]
	if !indention.isText() {
		width, err := integerArg(indention)
		if err != nil {
			return missing, err
		}
		if err := r.checkText(max(width, 0)); err != nil {
			return missing, err
		}
		indention = stringValue(repeatText(" ", int64(width)))
	}
	s, err := stringFor("indent", v)
	if err != nil {
		return missing, err
	}
	first, err := flag(slots[1])
	if err != nil {
		return missing, err
	}
	blank, err := flag(slots[2])
	if err != nil {
		return missing, err
	}
	lines := 1 + len(text.SplitLines(s.text(), false))
	if err := r.checkText(len(s.text()) + saturate(int64(lines), len(indention.text()))); err != nil {
		return missing, err
	}
	if s.kind == kindString && indention.kind == kindMarkup {
		return indentWithMarkup(s.text(), indention.text(), first, blank), nil
	}
	return textValue(text.Indent(s.text(), indention.text(), first, blank), s.kind == kindMarkup), nil
}

// indentWithMarkup indents a string that is not safe with one that is. Jinja2
// escapes lines then, and marks the result safe where the indention comes last.
func indentWithMarkup(s, indention string, first, blank bool) value {
	if blank {
		html := text.Indent(text.Escape(s), indention, first, true)
		return markupValue(html)
	}
	lines := text.SplitLines(s+"\n", false)
	var b strings.Builder
	b.WriteString(lines[0])
	for _, line := range lines[1:] {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString(indention + text.Escape(line))
		}
	}
	if first {
		return markupValue(indention + text.Escape(b.String()))
	}
	return stringValue(b.String())
}

// filterFormat is the % operator of a string, with the arguments of the filter.
func filterFormat(r *run, v value, args arguments) (value, error) {
	if len(args.positional) > 0 && len(args.named) > 0 {
		return missing, filterError("format() cannot handle positional and keyword arguments at the same time")
	}
	s, err := softText(v)
	if err != nil {
		return missing, err
	}
	if len(args.named) > 0 {
		return percentFormat(r, s, dictValue(namedDict(args.named)))
	}
	return percentFormat(r, s, tupleValue(args.positional...))
}

// namedDict returns keyword arguments as a dict.
func namedDict(named []namedValue) *Dict {
	d := &Dict{}
	for _, arg := range named {
		d.setText(arg.name, arg.value)
	}
	return d
}

// filterJoin joins the texts of items. Where the template is escaped, the
// result is safe if an item or the separator is, and all others are escaped.
func filterJoin(r *run, v value, args arguments) (value, error) {
	slots := [2]value{stringValue(""), none}
	if err := args.bind(slots[:], "join", 0, "d", "attribute"); err != nil {
		return missing, err
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	if slots[1].kind != kindNone {
		if items, err = r.attributesOf(items, slots[1]); err != nil {
			return missing, err
		}
	}
	separator := slots[0]
	switch {
	case !r.autoescape:
		return r.joinTexts(separator, items, strOf)
	case isSafe(separator) && !separator.isText():
		return r.joinTexts(separator, items, strOf)
	case isSafe(separator):
		return r.joinHTML(separator, items, true)
	}
	for _, item := range items {
		if isSafe(item) {
			return r.joinHTML(separator, items, false)
		}
	}
	return r.joinTexts(separator, items, strOf)
}

// joinTexts joins what the function returns for the items.
func (r *run) joinTexts(separator value, items []value, str func(value) (string, error)) (value, error) {
	sep, err := strOf(separator)
	if err != nil {
		return missing, err
	}
	var b strings.Builder
	for i, item := range items {
		s, err := str(item)
		if err != nil {
			return missing, err
		}
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s)
		if err := r.checkText(b.Len()); err != nil {
			return missing, err
		}
	}
	return stringValue(b.String()), nil
}

// joinHTML joins the HTML of the items. With textsOnly, an object that knows
// its HTML counts as its text.
func (r *run) joinHTML(separator value, items []value, textsOnly bool) (value, error) {
	sep, err := escaped(separator)
	if err != nil {
		return missing, err
	}
	html := func(item value) (string, error) {
		if textsOnly {
			if item, err = softText(item); err != nil {
				return "", err
			}
		}
		v, err := escaped(item)
		if err != nil {
			return "", err
		}
		return v.text(), nil
	}
	joined, err := r.joinTexts(stringValue(sep.text()), items, html)
	if err != nil {
		return missing, err
	}
	return markupValue(joined.text()), nil
}
