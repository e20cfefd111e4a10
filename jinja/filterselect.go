package jinja

import (
	"strings"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/jinja/internal/text"
)

// attributePath is what filters read of an item: "author.name", "0.title" or
// an index.
type attributePath []value

// pathOf reads a path. None is the item itself.
func pathOf(attribute value) (attributePath, error) {
	switch {
	case attribute.kind == kindNone || attribute.kind == kindMissing:
		return nil, nil
	case !attribute.isText():
		return attributePath{attribute}, nil
	}
	names := strings.Split(attribute.text(), ".")
	path := make(attributePath, len(names))
	for i, name := range names {
		path[i] = stringValue(name)
		if !text.IsDigit(name) {
			continue
		}
		n, ok := pyformat.ParseInt(name, 10)
		if !ok {
			return nil, valueError("invalid literal for int() with base 10: %s", reprOf(path[i]))
		}
		path[i] = bigValue(n)
	}
	return path, nil
}

// of returns what the path leads to. Where it leads to nothing, otherwise takes
// the place, unless that is missing or None.
func (path attributePath) of(r *run, item, otherwise value) (value, error) {
	for _, part := range path {
		next, err := r.getitem(item, part)
		if err != nil {
			return missing, err
		}
		if item = next; item.isUndefined() && !isAbsent(otherwise) {
			item = otherwise
		}
	}
	return item, nil
}

// attributesOf returns an attribute of each item.
func (r *run) attributesOf(items []value, attribute value) ([]value, error) {
	path, err := pathOf(attribute)
	if err != nil {
		return nil, err
	}
	attributes := make([]value, len(items))
	for i, item := range items {
		if attributes[i], err = path.of(r, item, missing); err != nil {
			return nil, err
		}
	}
	return attributes, nil
}

// filterMap iterates over what a filter makes of the items, or over an
// attribute of them.
func filterMap(r *run, v value, args arguments) (value, error) {
	return r.lazily("sync_do_map", v, func() (step, error) {
		if len(args.positional) == 0 && len(args.named) > 0 {
			var slots [2]value
			if err := args.bind(slots[:], "map", 1, "attribute", "default"); err != nil {
				return nil, filterError("%s", asError(err).Message)
			}
			path, err := pathOf(slots[0])
			return func(item value) (value, bool, error) {
				mapped, err := path.of(r, item, slots[1])
				return mapped, true, err
			}, err
		}
		if len(args.positional) == 0 {
			return nil, filterError("map needs the name of a filter, or attribute=")
		}
		var filter filterFunc
		rest := arguments{positional: args.positional[1:], named: args.named}
		return func(item value) (value, bool, error) {
			if filter == nil {
				var err error
				if filter, err = r.filterNamed(args.positional[0]); err != nil {
					return missing, false, err
				}
			}
			mapped, err := filter(r, item, rest)
			return mapped, true, err
		}, nil
	}), nil
}

// step says what comes of an item, and whether it is kept.
type step func(item value) (result value, keep bool, err error)

// lazily iterates over what a step makes of the items of a value. Prepare is
// called when the first is asked for, and only if the value is true.
func (r *run) lazily(name string, v value, prepare func() (step, error)) value {
	var do step
	var it *iterator
	done := false
	start := func() error {
		truth, err := isTrue(v)
		if err != nil || !truth {
			done = true
			return err
		}
		if do, err = prepare(); err != nil {
			return err
		}
		it, err = r.iterate(v)
		return err
	}
	return newIterator(name, func() (value, bool, error) {
		if it == nil && !done {
			if err := start(); err != nil {
				return missing, false, err
			}
		}
		for !done {
			item, ok, err := it.next()
			if err != nil || !ok {
				return missing, false, err
			}
			if result, keep, err := do(item); err != nil || keep {
				return result, err == nil, err
			}
		}
		return missing, false, nil
	})
}

// filterNamed returns the filter of a name that is known at run time only.
func (r *run) filterNamed(name value) (filterFunc, error) {
	if name.isText() {
		if filter, ok := r.engine.filters[name.text()]; ok {
			return filter, nil
		}
	}
	return nil, unknownName("filter", name)
}

// testNamed returns the test of a name that is known at run time only.
func (r *run) testNamed(name value) (testFunc, error) {
	if name.isText() {
		if test, ok := r.engine.tests[name.text()]; ok {
			return test, nil
		}
	}
	return nil, unknownName("test", name)
}

func unknownName(sort string, name value) error {
	message := "No " + sort + " named " + reprOf(name) + "."
	if name.kind == kindUndefined {
		message += " (" + undefinedOf(name).message() + "; did you forget to quote the callable name?)"
	}
	return fail(TemplateRuntimeError, "%s", message)
}

func filterSelect(r *run, v value, args arguments) (value, error) {
	return r.selected(v, args, true, false), nil
}

func filterReject(r *run, v value, args arguments) (value, error) {
	return r.selected(v, args, false, false), nil
}

func filterSelectattr(r *run, v value, args arguments) (value, error) {
	return r.selected(v, args, true, true), nil
}

func filterRejectattr(r *run, v value, args arguments) (value, error) {
	return r.selected(v, args, false, true), nil
}

// selected iterates over the items for which a test says what is wanted. With
// byAttribute, the first argument is the attribute that is tested. Without a
// test, the item or the attribute itself is true or false.
func (r *run) selected(v value, args arguments, wanted, byAttribute bool) value {
	return r.lazily("select_or_reject", v, func() (step, error) {
		rest := args.positional
		var path attributePath
		if byAttribute {
			if len(rest) == 0 {
				return nil, filterError("Missing parameter for attribute name")
			}
			var err error
			if path, err = pathOf(rest[0]); err != nil {
				return nil, err
			}
			rest = rest[1:]
		}
		var test testFunc
		var testArgs arguments
		if len(rest) == 0 {
			test = testTruth
		} else {
			testArgs = arguments{positional: rest[1:], named: args.named}
		}
		return func(item value) (value, bool, error) {
			tested, err := path.of(r, item, missing)
			if err != nil {
				return missing, false, err
			}
			if test == nil {
				if test, err = r.testNamed(rest[0]); err != nil {
					return missing, false, err
				}
			}
			holds, err := test(r, tested, testArgs)
			return item, holds == wanted, err
		}, nil
	})
}

// testTruth is the test of select and its kin without a test.
func testTruth(r *run, v value, args arguments) (bool, error) { return isTrue(v) }
