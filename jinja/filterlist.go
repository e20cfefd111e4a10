package jinja

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/decant-go/decant/jinja/internal/text"
)

func filterList(r *run, v value, args arguments) (value, error) {
	if err := args.none("list"); err != nil {
		return missing, err
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	return listValue(slices.Clone(items)), nil
}

func filterFirst(r *run, v value, args arguments) (value, error) {
	if err := args.none("first"); err != nil {
		return missing, err
	}
	it, err := r.iterate(v)
	if err != nil {
		return missing, err
	}
	item, ok, err := it.next()
	if err != nil || ok {
		return item, err
	}
	return r.engine.undefinedHint("No first item, sequence was empty."), nil
}

func filterLast(r *run, v value, args arguments) (value, error) {
	if err := args.none("last"); err != nil {
		return missing, err
	}
	if !isReversible(v) {
		return missing, typeError("'%s' object is not reversible", typeName(v))
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	if v.kind == kindMarkup && len(items) > 0 {
		return markupValue(items[len(items)-1].text()), nil
	}
	if len(items) == 0 {
		return r.engine.undefinedHint("No last item, sequence was empty."), nil
	}
	last := items[len(items)-1]
	if v.kind == kindMarkup {
		last.kind = kindMarkup // Python takes the last character by its index
	}
	return last, nil
}

// isReversible reports whether Python's reversed accepts a value.
func isReversible(v value) bool {
	switch v.kind {
	case kindIter, kindNone, kindBool, kindInt, kindFloat, kindBig, kindFunc:
		return false
	case kindObject:
		_, ok := v.ref.(*dictView)
		return ok
	}
	return true
}

// filterRandom returns an item at random.
func filterRandom(r *run, v value, args arguments) (value, error) {
	if err := args.none("random"); err != nil {
		return missing, err
	}
	if v.kind == kindUndefined && undefinedOf(v).mode == Strict {
		return missing, undefinedOf(v).err()
	}
	n, ok := lengthOf(v)
	switch {
	case !ok:
		return missing, typeError("object of type '%s' has no len()", typeName(v))
	case n == 0:
		return r.engine.undefinedHint("No random item, sequence was empty."), nil
	}
	i := rand.IntN(n)
	switch v.kind {
	case kindString, kindMarkup:
		return textValue(text.Cut(v.text(), i, i+1), v.kind == kindMarkup), nil
	case kindList:
		return v.ref.(*list).at(i), nil
	case kindRange:
		return v.ref.(*rangeValue).at(i), nil
	case kindDict, kindMap:
		item, found, err := entryOf(v, intValue(int64(i)))
		if err == nil && !found {
			err = fail(KeyError, "%d", i)
		}
		return item, err
	}
	items, err := r.items(v)
	if err != nil || i >= len(items) {
		return missing, err
	}
	return items[i], nil
}

// filterReverse reverses a string, or iterates over the items from the last
// one.
func filterReverse(r *run, v value, args arguments) (value, error) {
	if err := args.none("reverse"); err != nil {
		return missing, err
	}
	if v.isText() {
		return textValue(reverseText(v.text()), v.kind == kindMarkup), nil
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	reversed := slices.Clone(items)
	slices.Reverse(reversed)
	if v.kind == kindIter {
		return listValue(reversed), nil
	}
	return sliceIterator("reversed", reversed), nil
}

func reverseText(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	runes := []rune(s)
	for i := len(runes) - 1; i >= 0; i-- {
		b.WriteRune(runes[i])
	}
	return b.String()
}

// sliceIterator returns an iterator over items.
func sliceIterator(name string, items []value) value {
	i := 0
	return newIterator(name, func() (value, bool, error) {
		if i == len(items) {
			return missing, false, nil
		}
		i++
		return items[i-1], true, nil
	})
}

// filterBatch iterates over lists of so many items each. The last is filled up
// with the second argument.
func filterBatch(r *run, v value, args arguments) (value, error) {
	slots := [2]value{missing, none}
	if err := args.bind(slots[:], "batch", 1, "linecount", "fill_with"); err != nil {
		return missing, err
	}
	size, fill := slots[0], slots[1]
	var it *iterator
	var pending value
	return newIterator("do_batch", func() (item value, ok bool, err error) {
		if it == nil {
			if it, err = r.iterate(v); err != nil {
				return missing, false, err
			}
			if pending, ok, err = it.next(); err != nil || !ok {
				pending = missing
				return missing, false, err
			}
			if empty, err := equal(intValue(0), size); err != nil || empty {
				return listValue(nil), err == nil, err
			}
		}
		if pending.kind == kindMissing {
			return missing, false, nil
		}
		batch := []value{pending}
		for {
			if pending, ok, err = it.next(); err != nil {
				return missing, false, err
			}
			if !ok {
				pending = missing
				batch, err = r.fill(batch, size, fill)
				return listValue(batch), err == nil, err
			}
			full, err := equal(intValue(int64(len(batch))), size)
			if err != nil {
				return missing, false, err
			}
			if full {
				return listValue(batch), true, nil
			}
			if err := r.checkItems(len(batch) + 1); err != nil {
				return missing, false, err
			}
			batch = append(batch, pending)
		}
	}), nil
}

// fill appends a value until the list has as many items as size says.
func (r *run) fill(items []value, size, fill value) ([]value, error) {
	if fill.kind == kindNone {
		return items, nil
	}
	n := intValue(int64(len(items)))
	short, err := ordered("<", n, size, 0)
	if err != nil || !short {
		return items, err
	}
	if size.kind == kindBig {
		size = intValue(int64(r.limits.Items) + 1)
	}
	want, err := integerArg(size)
	if err != nil {
		return nil, err
	}
	if err := r.checkItems(want); err != nil {
		return nil, err
	}
	return append(items, slices.Repeat([]value{fill}, want-len(items))...), nil
}

// filterSlice distributes the items to so many lists. Shorter lists are filled
// up with the second argument.
func filterSlice(r *run, v value, args arguments) (value, error) {
	slots := [2]value{missing, none}
	if err := args.bind(slots[:], "slice", 1, "slices", "fill_with"); err != nil {
		return missing, err
	}
	return lazyIterator("sync_do_slice", func() ([]value, error) { return r.slices(v, slots[0], slots[1]) }), nil
}

func (r *run) slices(v, number, fill value) ([]value, error) {
	items, err := r.items(v)
	if err != nil {
		return nil, err
	}
	if number.kind == kindBig && number.ref.(*big.Int).Sign() < 0 {
		return nil, nil
	}
	n, err := integerArg(number)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, fail(ZeroDivisionError, "integer division or modulo by zero")
	case n < 0:
		return nil, nil
	}
	if err := r.checkItems(n); err != nil {
		return nil, err
	}
	size, extra := len(items)/n, len(items)%n
	lists := make([]value, n)
	for i := range lists {
		length := size
		if i < extra {
			length++
		}
		part := slices.Clone(items[:length])
		items = items[length:]
		if fill.kind != kindNone && i >= extra {
			part = append(part, fill)
		}
		lists[i] = listValue(part)
	}
	return lists, nil
}

// lazyIterator returns an iterator over items that are made when the first is
// asked for.
func lazyIterator(name string, make func() ([]value, error)) value {
	var items []value
	made, i := false, 0
	return newIterator(name, func() (value, bool, error) {
		if !made {
			made = true
			var err error
			if items, err = make(); err != nil {
				return missing, false, err
			}
		}
		if i >= len(items) {
			return missing, false, nil
		}
		i++
		return items[i-1], true, nil
	})
}

// filterItems iterates over the keys and values of a mapping.
func filterItems(r *run, v value, args arguments) (value, error) {
	if err := args.none("items"); err != nil {
		return missing, err
	}
	return lazyIterator("do_items", func() ([]value, error) {
		if v.isUndefined() {
			return nil, nil
		}
		if mapping, err := testMapping(r, v, arguments{}); err != nil || !mapping {
			return nil, typeError("the filter items needs a mapping, not '%s'", typeName(v))
		}
		entries, err := r.entries(v)
		pairs := make([]value, len(entries))
		for i, e := range entries {
			pairs[i] = tupleValue(e.key, e.val)
		}
		return pairs, err
	}), nil
}
