package jinja

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/jinja/internal/text"
)

// stringMethod returns one of the methods of Python's str. The methods of a safe string
// give safe strings, and escape what they take in.
func stringMethod(name string) methodFunc {
	switch name {
	case "capitalize":
		return transform("capitalize", text.Capitalize)
	case "casefold":
		return transform("casefold", text.CaseFold)
	case "lower":
		return transform("lower", text.Lower)
	case "swapcase":
		return transform("swapcase", text.SwapCase)
	case "title":
		return transform("title", text.Title)
	case "upper":
		return transform("upper", text.Upper)
	case "isalnum":
		return predicate("isalnum", text.IsAlnum)
	case "isalpha":
		return predicate("isalpha", text.IsAlpha)
	case "isascii":
		return predicate("isascii", text.IsASCII)
	case "isdecimal":
		return predicate("isdecimal", text.IsDecimal)
	case "isdigit":
		return predicate("isdigit", text.IsDigit)
	case "isidentifier":
		return predicate("isidentifier", text.IsIdentifier)
	case "islower":
		return predicate("islower", text.IsLower)
	case "isnumeric":
		return predicate("isnumeric", text.IsNumeric)
	case "isprintable":
		return predicate("isprintable", text.IsPrintable)
	case "isspace":
		return predicate("isspace", text.IsSpace)
	case "istitle":
		return predicate("istitle", text.IsTitle)
	case "isupper":
		return predicate("isupper", text.IsUpper)
	case "center":
		return padding("center", text.Center)
	case "ljust":
		return padding("ljust", text.LJust)
	case "rjust":
		return padding("rjust", text.RJust)
	case "zfill":
		return methodZfill
	case "expandtabs":
		return methodExpandtabs
	case "strip":
		return stripping("strip", text.Strip, text.StripChars)
	case "lstrip":
		return stripping("lstrip", text.LStrip, text.LStripChars)
	case "rstrip":
		return stripping("rstrip", text.RStrip, text.RStripChars)
	case "count":
		return searching("count", text.Count, false)
	case "find":
		return searching("find", text.Find, false)
	case "rfind":
		return searching("rfind", text.RFind, false)
	case "index":
		return searching("index", text.Find, true)
	case "rindex":
		return searching("rindex", text.RFind, true)
	case "startswith":
		return matching("startswith", text.HasPrefix)
	case "endswith":
		return matching("endswith", text.HasSuffix)
	case "removeprefix":
		return removing("removeprefix", strings.TrimPrefix)
	case "removesuffix":
		return removing("removesuffix", strings.TrimSuffix)
	case "split":
		return splitting("split", text.Fields, text.Split)
	case "rsplit":
		return splitting("rsplit", text.RFields, text.RSplit)
	case "splitlines":
		return methodSplitlines
	case "partition":
		return partitioning("partition", text.Partition)
	case "rpartition":
		return partitioning("rpartition", text.RPartition)
	case "join":
		return methodJoin
	case "replace":
		return methodReplace
	case "translate":
		return methodTranslate
	case "maketrans":
		return methodMaketrans
	case "encode":
		return methodEncode
	case "format":
		return methodFormat
	case "format_map":
		return methodFormatMap
	}
	return nil
}

// padding returns a method that makes a string as long as a width.
func padding(name string, pad func(s string, width int, fill string) string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		slots := [2]value{missing, stringValue(" ")}
		if err := args.bindPositional(slots[:], name, 1); err != nil {
			return missing, err
		}
		width, err := integerArg(slots[0])
		if err != nil {
			return missing, err
		}
		safe := self.kind == kindMarkup
		if safe {
			if slots[1], err = escaped(slots[1]); err != nil {
				return missing, err
			}
		}
		fill, err := textArg(name, slots[1])
		if err != nil {
			return missing, err
		}
		if text.Len(fill) != 1 {
			return missing, typeError("The fill character must be exactly one character long")
		}
		if err := r.checkText(saturate(int64(max(width, 0)), len(fill))); err != nil {
			return missing, err
		}
		return textValue(pad(self.text(), width, fill), safe), nil
	}
}

func methodZfill(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "zfill", 1); err != nil {
		return missing, err
	}
	width, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	if err := r.checkText(max(width, 0)); err != nil {
		return missing, err
	}
	return textValue(text.ZFill(self.text(), width), self.kind == kindMarkup), nil
}

func methodExpandtabs(r *run, self value, args arguments) (value, error) {
	slots := [1]value{intValue(8)}
	if err := args.bind(slots[:], "expandtabs", 0, "tabsize"); err != nil {
		return missing, err
	}
	size, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	tabs := strings.Count(self.text(), "\t")
	if err := r.checkText(len(self.text()) + saturate(int64(tabs), max(size, 0))); err != nil {
		return missing, err
	}
	return textValue(text.ExpandTabs(self.text(), size), self.kind == kindMarkup), nil
}

// stripping returns a method that removes white space or given characters.
func stripping(name string, space func(string) string, chars func(s, chars string) string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		var slots [1]value
		if err := args.bindPositional(slots[:], name, 0); err != nil {
			return missing, err
		}
		if isAbsent(slots[0]) {
			return textValue(space(self.text()), self.kind == kindMarkup), nil
		}
		cut, err := textArg(name, slots[0])
		if err != nil {
			return missing, err
		}
		return textValue(chars(self.text(), cut), self.kind == kindMarkup), nil
	}
}

// section reads the optional start and end of a search.
func section(start, end value) (from, to int, err error) {
	if from, err = positionOr(start, 0); err != nil {
		return 0, 0, err
	}
	to, err = positionOr(end, math.MaxInt)
	return from, to, err
}

// searching returns a method that looks for a string. With must, it is an error
// if there is none.
func searching(name string, search func(s, sub string, start, end int) int, must bool) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		var slots [3]value
		if err := args.bindPositional(slots[:], name, 1); err != nil {
			return missing, err
		}
		sub, err := textArg(name, slots[0])
		if err != nil {
			return missing, err
		}
		start, end, err := section(slots[1], slots[2])
		if err != nil {
			return missing, err
		}
		n := search(self.text(), sub, start, end)
		if must && n < 0 {
			return missing, valueError("substring not found")
		}
		return intValue(int64(n)), nil
	}
}

// matching returns a method that compares the beginning or the end of a string
// with one string or several.
func matching(name string, matches func(s, affix string, start, end int) bool) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		var slots [3]value
		if err := args.bindPositional(slots[:], name, 1); err != nil {
			return missing, err
		}
		start, end, err := section(slots[1], slots[2])
		if err != nil {
			return missing, err
		}
		affixes := []value{slots[0]}
		if t, ok := slots[0].ref.(*tuple); ok {
			affixes = t.items
		}
		for _, affix := range affixes {
			s, err := textArg(name, affix)
			if err != nil {
				return missing, err
			}
			if matches(self.text(), s, start, end) {
				return trueVal, nil
			}
		}
		return falseVal, nil
	}
}

// removing returns a method that removes a beginning or an end.
func removing(name string, remove func(s, affix string) string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		var slots [1]value
		if err := args.bindPositional(slots[:], name, 1); err != nil {
			return missing, err
		}
		affix, err := textArg(name, slots[0])
		if err != nil {
			return missing, err
		}
		return textValue(remove(self.text(), affix), self.kind == kindMarkup), nil
	}
}

// splitting returns a method that splits at white space or at a separator.
func splitting(name string, fields func(s string, limit int) []string, split func(s, sep string, limit int) ([]string, error)) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		slots := [2]value{none, intValue(-1)}
		if err := args.bind(slots[:], name, 0, "sep", "maxsplit"); err != nil {
			return missing, err
		}
		limit, err := integerArg(slots[1])
		if err != nil {
			return missing, err
		}
		var parts []string
		if isAbsent(slots[0]) {
			parts = fields(self.text(), limit)
		} else {
			sep, err := textArg(name, slots[0])
			if err != nil {
				return missing, err
			}
			if parts, err = split(self.text(), sep, limit); err != nil {
				return missing, valueError("%s", err)
			}
		}
		if err := r.checkItems(len(parts)); err != nil {
			return missing, err
		}
		return textsValue(parts, self.kind == kindMarkup), nil
	}
}

func methodSplitlines(r *run, self value, args arguments) (value, error) {
	slots := [1]value{falseVal}
	if err := args.bind(slots[:], "splitlines", 0, "keepends"); err != nil {
		return missing, err
	}
	keep, err := isTrue(slots[0])
	if err != nil {
		return missing, err
	}
	lines := text.SplitLines(self.text(), keep)
	if err := r.checkItems(len(lines)); err != nil {
		return missing, err
	}
	return textsValue(lines, self.kind == kindMarkup), nil
}

// partitioning returns a method that cuts a string at a separator.
func partitioning(name string, partition func(s, sep string) (before, mid, after string, err error)) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		var slots [1]value
		if err := args.bindPositional(slots[:], name, 1); err != nil {
			return missing, err
		}
		sep, err := textArg(name, slots[0])
		if err != nil {
			return missing, err
		}
		before, mid, after, err := partition(self.text(), sep)
		if err != nil {
			return missing, valueError("%s", err)
		}
		safe := self.kind == kindMarkup
		return tupleValue(textValue(before, safe), textValue(mid, safe), textValue(after, safe)), nil
	}
}

func methodJoin(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "join", 1); err != nil {
		return missing, err
	}
	items, err := r.items(slots[0])
	if err != nil {
		return missing, err
	}
	if self.kind == kindMarkup {
		return r.joinHTML(self, items, false)
	}
	return r.joinTexts(self, items, func(item value) (string, error) { return textArg("join", item) })
}

func methodReplace(r *run, self value, args arguments) (value, error) {
	slots := [3]value{missing, missing, intValue(-1)}
	if err := args.bindPositional(slots[:], "replace", 2); err != nil {
		return missing, err
	}
	old, err := textArg("replace", slots[0])
	if err != nil {
		return missing, err
	}
	if self.kind == kindString {
		if _, err := textArg("replace", slots[1]); err != nil {
			return missing, err
		}
	}
	count, err := integerArg(slots[2])
	if err != nil {
		return missing, err
	}
	replacement := slots[1]
	if !replacement.isText() {
		if replacement, err = escaped(replacement); err != nil {
			return missing, err
		}
	}
	return r.replace(self, old, replacement, count)
}

// methodTranslate replaces characters by a mapping of their numbers to numbers,
// strings, or None.
func methodTranslate(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "translate", 1); err != nil {
		return missing, err
	}
	var failure error
	size := 0
	translated := text.Translate(self.text(), func(c rune) (string, bool) {
		if failure != nil {
			return "", true
		}
		s, found, err := translation(slots[0], c)
		size += len(s)
		if failure = err; failure == nil {
			failure = r.checkText(size)
		}
		return s, found
	})
	return textValue(translated, self.kind == kindMarkup), failure
}

func translation(table value, c rune) (s string, found bool, err error) {
	if table.kind != kindDict && table.kind != kindMap {
		return "", false, typeError("translate() needs a dict, not '%s'", typeName(table))
	}
	v, found, err := entryOf(table, intValue(int64(c)))
	switch {
	case err != nil || !found:
		return "", false, err
	case v.isText():
		return v.text(), true, nil
	case v.kind == kindNone:
		return "", true, nil
	case isInteger(v) && v.kind != kindBig && v.int() >= 0 && v.int() <= utf8.MaxRune:
		return string(rune(v.int())), true, nil
	}
	return "", false, typeError("character mapping must return integer, None or str")
}

// methodMaketrans makes the mapping for translate.
func methodMaketrans(r *run, self value, args arguments) (value, error) {
	var slots [3]value
	if err := args.bindPositional(slots[:], "maketrans", 1); err != nil {
		return missing, err
	}
	table := &Dict{engine: r.engine}
	if len(args.positional) == 1 {
		return dictValue(table), transFromDict(table, slots[0])
	}
	var texts [3][]rune
	for i := range args.positional {
		s, err := textArg("maketrans", slots[i])
		if err != nil {
			return missing, err
		}
		texts[i] = []rune(s)
	}
	if len(texts[0]) != len(texts[1]) {
		return missing, valueError("the first two maketrans arguments must have equal length")
	}
	for i, c := range texts[0] {
		_ = table.set(intValue(int64(c)), intValue(int64(texts[1][i])))
	}
	for _, c := range texts[2] {
		_ = table.set(intValue(int64(c)), none)
	}
	return dictValue(table), nil
}

func transFromDict(table *Dict, source value) (err error) {
	if source.kind != kindDict && source.kind != kindMap {
		return typeError("if you give only one argument to maketrans it must be a dict")
	}
	eachEntry(source, func(key, val value) bool {
		switch {
		case key.isText() && text.Len(key.text()) == 1:
			c, _ := utf8.DecodeRuneInString(key.text())
			key = intValue(int64(c))
		case key.isText():
			err = valueError("string keys in translate table must be of length 1")
			return false
		case !isInteger(key):
			err = typeError("keys in translate table must be strings or integers")
			return false
		}
		err = table.set(key, val)
		return err == nil
	})
	return err
}

// methodEncode returns the bytes of a string.
func methodEncode(r *run, self value, args arguments) (value, error) {
	slots := [2]value{stringValue("utf-8"), stringValue("strict")}
	if err := args.bind(slots[:], "encode", 0, "encoding", "errors"); err != nil {
		return missing, err
	}
	encoding, err := textArg("encode", slots[0])
	if err != nil {
		return missing, err
	}
	handling, err := textArg("encode", slots[1])
	if err != nil {
		return missing, err
	}
	limit := rune(0x7f)
	switch strings.ToLower(strings.ReplaceAll(encoding, "_", "-")) {
	case "utf-8", "utf8":
		return value{kind: kindGo, ref: []byte(self.text())}, nil
	case "latin-1", "latin1", "iso-8859-1":
		limit = 0xff
	case "ascii", "us-ascii":
	default:
		return missing, valueError("encode() knows utf-8, latin-1 and ascii, not %s", reprOf(slots[0]))
	}
	data, err := encoded(self.text(), limit, handling)
	return value{kind: kindGo, ref: data}, err
}

// encoded returns the bytes of the characters up to a limit. The handling says
// what is done with the others.
func encoded(s string, limit rune, handling string) ([]byte, error) {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c <= limit:
			b.WriteByte(byte(c))
		case handling == "ignore":
		case handling == "replace":
			b.WriteByte('?')
		case handling == "xmlcharrefreplace":
			b.WriteString("&#" + reprOf(intValue(int64(c))) + ";")
		case handling == "backslashreplace":
			pyformat.WriteEscape(&b, c)
		default:
			return nil, valueError("the encoding cannot represent %s", reprOf(stringValue(string(c))))
		}
	}
	return []byte(b.String()), nil
}
