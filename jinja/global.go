package jinja

import (
	"math/rand/v2"
	"strings"
)

// builtin is a function of the engine.
type builtin struct {
	name  string
	class string // of Python, if it is one there; for the printed form
	fn    func(r *run, args arguments) (value, error)
}

func (b *builtin) callName() string { return b.name }

func (b *builtin) call(r *run, args arguments) (value, error) { return b.fn(r, args) }

func builtinValue(name string, fn func(r *run, args arguments) (value, error)) value {
	return value{kind: kindFunc, ref: &builtin{name: name, fn: fn}}
}

// builtinGlobals returns the variables that all templates have.
func builtinGlobals() map[string]value {
	globals := map[string]value{}
	for name, fn := range map[string]func(r *run, args arguments) (value, error){
		"range":     callRange,
		"dict":      callDict,
		"lipsum":    callLipsum,
		"cycler":    callCycler,
		"joiner":    callJoiner,
		"namespace": callNamespace,
	} {
		globals[name] = builtinValue(name, fn)
	}
	for name, class := range map[string]string{
		"range": "range", "dict": "dict",
		"cycler": "jinja2.utils.Cycler", "joiner": "jinja2.utils.Joiner", "namespace": "jinja2.utils.Namespace",
	} {
		globals[name].ref.(*builtin).class = class
	}
	return globals
}

// callRange makes a range of start, stop and step.
func callRange(r *run, args arguments) (value, error) {
	var slots [3]value
	if err := args.bindPositional(slots[:], "range", 1); err != nil {
		return missing, err
	}
	numbers := [3]int64{0, 0, 1}
	for i := range args.positional {
		n, err := integerArg(slots[i])
		if err != nil {
			return missing, err
		}
		numbers[i] = int64(n)
	}
	made := &rangeValue{start: numbers[0], stop: numbers[1], step: numbers[2]}
	if len(args.positional) == 1 {
		made.start, made.stop = 0, numbers[0]
	}
	if made.step == 0 {
		return missing, valueError("range() arg 3 must not be zero")
	}
	n := made.len()
	if n < 0 {
		n = r.limits.Items + 1
	}
	return value{kind: kindRange, ref: made}, r.checkItems(n)
}

// callDict makes a dict of a mapping or of pairs, and of keyword arguments.
func callDict(r *run, args arguments) (value, error) {
	d := &Dict{engine: r.engine}
	return dictValue(d), r.update(d, "dict", args)
}

// update adds the entries of a mapping or of pairs, and keyword arguments, to
// a dict.
func (r *run) update(d *Dict, function string, args arguments) error {
	var slots [1]value
	if err := (arguments{positional: args.positional}).bindPositional(slots[:], function, 0); err != nil {
		return err
	}
	if source := slots[0]; source.kind != kindMissing {
		entries, err := r.updateEntries(source)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := d.set(e.key, e.val); err != nil {
				return err
			}
		}
	}
	for _, arg := range args.named {
		d.setText(arg.name, arg.value)
	}
	return r.checkItems(d.Len())
}

func (r *run) updateEntries(source value) ([]entry, error) {
	if source.kind == kindUndefined {
		return nil, undefinedOf(source).err()
	}
	mapping, err := testMapping(r, source, arguments{})
	if err != nil || mapping {
		return r.entries(source)
	}
	return r.pairs(source)
}

// A cycler returns values in turn.
type cycler struct {
	items []value
	pos   int
}

func callCycler(r *run, args arguments) (value, error) {
	if len(args.named) > 0 {
		return missing, typeError("cycler() takes no keyword arguments")
	}
	if len(args.positional) == 0 {
		return missing, typeError("cycler() needs at least one item")
	}
	return value{kind: kindObject, ref: &cycler{items: append([]value(nil), args.positional...)}}, nil
}

func (c *cycler) typeName() string { return "Cycler" }

func (c *cycler) attr(r *run, name string) (value, error) {
	switch name {
	case "current":
		return c.items[c.pos], nil
	case "pos":
		return intValue(int64(c.pos)), nil
	case "items":
		return tupleValue(c.items...), nil
	case "next":
		return builtinValue("next", func(r *run, args arguments) (value, error) {
			item := c.items[c.pos]
			c.pos = (c.pos + 1) % len(c.items)
			return item, args.none("next")
		}), nil
	case "reset":
		return builtinValue("reset", func(r *run, args arguments) (value, error) {
			c.pos = 0
			return none, args.none("reset")
		}), nil
	}
	return missing, nil
}

// A joiner returns an empty string at the first call and its separator at
// the others.
type joiner struct {
	separator value
	used      bool
}

func callJoiner(r *run, args arguments) (value, error) {
	slots := [1]value{stringValue(", ")}
	if err := args.bind(slots[:], "joiner", 0, "sep"); err != nil {
		return missing, err
	}
	return value{kind: kindObject, ref: &joiner{separator: slots[0]}}, nil
}

func (j *joiner) typeName() string { return "Joiner" }

func (j *joiner) attr(r *run, name string) (value, error) {
	switch name {
	case "sep":
		return j.separator, nil
	case "used":
		return boolValue(j.used), nil
	}
	return missing, nil
}

func (j *joiner) callName() string { return "joiner" }

func (j *joiner) call(r *run, args arguments) (value, error) {
	if err := args.none("joiner"); err != nil {
		return missing, err
	}
	if !j.used {
		j.used = true
		return stringValue(""), nil
	}
	return j.separator, nil
}

// A namespace is an object whose attributes templates set.
type namespace struct {
	attrs *Dict
}

func callNamespace(r *run, args arguments) (value, error) {
	ns := &namespace{attrs: &Dict{engine: r.engine}}
	return value{kind: kindObject, ref: ns}, r.update(ns.attrs, "namespace", args)
}

func (ns *namespace) typeName() string { return "Namespace" }

func (ns *namespace) attr(r *run, name string) (value, error) { return ns.attrs.getText(name), nil }

// set assigns an attribute.
func (ns *namespace) set(name string, v value) { ns.attrs.setText(name, v) }

func (ns *namespace) write(p *printer) {
	p.b.WriteString("<Namespace ")
	p.repr(dictValue(ns.attrs))
	p.b.WriteString(">")
}

// lipsumWords are the words of the text that lipsum makes.
var lipsumWords = strings.Fields(`
	lorem ipsum dolor sit amet consectetur adipisicing elit sed do eiusmod tempor incididunt ut labore et dolore magna
	aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute
	irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non
	proident sunt culpa qui officia deserunt mollit anim id est laborum`)

// callLipsum makes paragraphs of words that mean nothing.
func callLipsum(r *run, args arguments) (value, error) {
	slots := [4]value{intValue(5), trueVal, intValue(20), intValue(100)}
	if err := args.bind(slots[:], "lipsum", 0, "n", "html", "min", "max"); err != nil {
		return missing, err
	}
	html, err := flag(slots[1])
	if err != nil {
		return missing, err
	}
	var numbers [3]int
	for i, slot := range []value{slots[0], slots[2], slots[3]} {
		if numbers[i], err = integerArg(slot); err != nil {
			return missing, err
		}
	}
	n, least, most := numbers[0], numbers[1], numbers[2]
	if n > 0 && least >= most {
		return missing, valueError("lipsum() needs a min below max, not %d and %d", least, most)
	}
	if err := r.checkText(saturate(int64(max(n, 0)), 16*max(most, 1))); err != nil {
		return missing, err
	}
	var b strings.Builder
	for i := range n {
		switch {
		case i > 0 && html:
			b.WriteString("\n")
		case i > 0:
			b.WriteString("\n\n")
		}
		paragraph := lipsumParagraph(least + rand.IntN(most-least))
		if html {
			paragraph = "<p>" + paragraph + "</p>"
		}
		b.WriteString(paragraph)
	}
	return textValue(b.String(), html), nil
}

// lipsumParagraph returns so many words in sentences.
func lipsumParagraph(n int) string {
	var b strings.Builder
	last := ""
	capital := true
	comma, stop := 3+rand.IntN(5), 10+rand.IntN(10)
	for i := range n {
		word := lipsumWords[rand.IntN(len(lipsumWords))]
		for word == last {
			word = lipsumWords[rand.IntN(len(lipsumWords))]
		}
		last = word
		if i > 0 {
			b.WriteByte(' ')
		}
		if capital {
			word = strings.ToUpper(word[:1]) + word[1:]
			capital = false
		}
		b.WriteString(word)
		switch {
		case i == n-1:
		case i >= stop:
			b.WriteByte('.')
			capital = true
			comma, stop = i+3+rand.IntN(5), i+10+rand.IntN(10)
		case i >= comma:
			b.WriteByte(',')
			comma = i + 3 + rand.IntN(5)
		}
	}
	b.WriteByte('.')
	return b.String()
}
