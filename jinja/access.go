package jinja

import (
	"github.com/decant-go/decant/jinja/internal/text"
)

// attribute returns an attribute of a value: a method or a part that the type has
// in Python, an attribute of an object, or a field or a method of a Go value.
func (r *run) attribute(v value, name string) (value, bool, error) {
	switch v.kind {
	case kindUndefined, kindMissing:
		return missing, false, undefinedOf(v).err()
	case kindObject:
		x, err := v.ref.(object).attr(r, name)
		return x, x.kind != kindMissing, err
	case kindGo:
		if a, ok := v.ref.(Attributer); ok {
			if x, ok := a.JinjaAttr(name); ok {
				return r.engine.value(x), true, nil
			}
		}
		if x, ok := method(r, v, name); ok {
			return x, true, nil
		}
		x := r.engine.goAttr(v.ref, name)
		return x, x.kind != kindMissing, nil
	}
	x, ok := method(r, v, name)
	return x, ok, nil
}

// getattr returns x.name: an attribute, or else an item.
func (r *run) getattr(v value, name string) (value, error) {
	if v.kind == kindMap && r.owned == nil && methodOf(v, name) == nil {
		if x, ok := v.ref.(*goMap).get(stringValue(name)); ok {
			return x, nil
		}
		return r.noSuch(v, stringValue(name)), nil
	}
	if v.kind == kindUndefined && undefinedOf(v).mode == Chainable {
		return v, nil
	}
	x, ok, err := r.attribute(v, name)
	if err != nil || ok {
		return r.fresh(x), err
	}
	x, ok, err = r.item(v, stringValue(name))
	if err != nil || ok {
		return r.fresh(x), err
	}
	return r.noSuch(v, stringValue(name)), nil
}

// getitem returns x[key]: an item, or else an attribute.
func (r *run) getitem(v, key value) (value, error) {
	if v.kind == kindUndefined {
		if undefinedOf(v).mode == Chainable {
			return v, nil
		}
		return missing, undefinedOf(v).err()
	}
	x, ok, err := r.item(v, key)
	if err != nil || ok {
		return r.fresh(x), err
	}
	if key.isText() {
		x, ok, err := r.attribute(v, key.text())
		if err != nil || ok {
			return x, err
		}
	}
	return r.noSuch(v, key), nil
}

// noSuch returns the undefined value of an attribute or item that does not exist.
func (r *run) noSuch(v, key value) value {
	return value{kind: kindUndefined, ref: &undefined{mode: r.engine.config.Undefined, name: key, owner: v}}
}

// item returns an item of a value.
func (r *run) item(v, key value) (value, bool, error) {
	switch v.kind {
	case kindDict:
		x, ok, err := v.ref.(*Dict).get(key)
		return x, ok && err == nil, nil
	case kindMap:
		x, ok, err := entryOf(r.current(v), key)
		return x, ok && err == nil, nil
	case kindList, kindTuple, kindString, kindMarkup, kindRange:
		x, ok := sequenceItem(v, key)
		return x, ok, nil
	case kindObject:
		if o, ok := v.ref.(interface {
			item(r *run, key value) (value, error)
		}); ok {
			x, err := o.item(r, key)
			return x, x.kind != kindMissing, err
		}
	case kindGo:
		return r.goItem(v, key)
	}
	return missing, false, nil
}

func (r *run) goItem(v, key value) (value, bool, error) {
	if i, ok := v.ref.(Itemer); ok {
		x, ok := i.JinjaItem(toGo(key))
		if !ok {
			return missing, false, nil
		}
		return r.engine.value(x), true, nil
	}
	if data, ok := v.ref.([]byte); ok {
		if i, ok := position(key, len(data)); ok {
			return intValue(int64(data[i])), true, nil
		}
		return missing, false, nil
	}
	if u := underlying(v); u.isText() {
		x, ok := sequenceItem(u, key)
		return x, ok, nil
	}
	return missing, false, nil
}

// sequenceItem returns an item by its position.
func sequenceItem(v, key value) (value, bool) {
	if v.kind == kindTuple && key.isText() {
		return missing, false
	}
	n, _ := lengthOf(v)
	i, ok := position(key, n)
	if !ok {
		return missing, false
	}
	switch v.kind {
	case kindList:
		return v.ref.(*list).at(i), true
	case kindTuple:
		return v.ref.(*tuple).items[i], true
	case kindRange:
		return v.ref.(*rangeValue).at(i), true
	}
	return textValue(text.Cut(v.text(), i, i+1), v.kind == kindMarkup), true
}

// position returns the position that an index means in a sequence of length n.
func position(key value, n int) (int, bool) {
	if key.kind != kindInt && key.kind != kindBool {
		return 0, false
	}
	i := key.int()
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
}

// sliceBounds are the positions of a slice: count of them from start to stop, step
// apart.
type sliceBounds struct{ start, stop, step, count int }

// slice returns x[start:stop:step].
func (r *run) slice(v, start, stop, step value) (value, error) {
	switch v.kind {
	case kindUndefined:
		if undefinedOf(v).mode == Chainable {
			return v, nil
		}
		return missing, undefinedOf(v).err()
	case kindString, kindMarkup, kindList, kindTuple, kindRange:
	default:
		return missing, typeError("'%s' object is not subscriptable", typeName(v))
	}
	n, _ := lengthOf(v)
	bounds, err := boundsOf(n, start, stop, step)
	if err != nil {
		return missing, err
	}
	switch v.kind {
	case kindString, kindMarkup:
		return textValue(sliceText(v.text(), bounds), v.kind == kindMarkup), nil
	case kindRange:
		return v.ref.(*rangeValue).slice(bounds), nil
	}
	items := make([]value, bounds.count)
	for i := range items {
		at := bounds.start + i*bounds.step
		if v.kind == kindList {
			items[i] = v.ref.(*list).at(at)
		} else {
			items[i] = v.ref.(*tuple).items[at]
		}
	}
	if v.kind == kindList {
		return listValue(items), nil
	}
	return tupleValue(items...), nil
}

// boundsOf works out a slice of a sequence of length n, as Python does.
func boundsOf(n int, start, stop, step value) (sliceBounds, error) {
	by, err := positionOr(step, 1)
	if err != nil {
		return sliceBounds{}, err
	}
	if by == 0 {
		return sliceBounds{}, valueError("slice step cannot be zero")
	}
	first, last := 0, n
	if by < 0 {
		first, last = n-1, -1
	}
	from, err := boundOr(start, n, by, first)
	if err != nil {
		return sliceBounds{}, err
	}
	to, err := boundOr(stop, n, by, last)
	if err != nil {
		return sliceBounds{}, err
	}
	count := 0
	switch {
	case by > 0 && from < to:
		count = (to-from-1)/by + 1
	case by < 0 && from > to:
		count = (from-to-1)/-max(by, -n-1) + 1
	}
	return sliceBounds{start: from, stop: to, step: by, count: count}, nil
}

// boundOr returns one end of a slice, within the sequence.
func boundOr(v value, n, step, otherwise int) (int, error) {
	if v.kind == kindNone {
		return otherwise, nil
	}
	i, err := positionOr(v, otherwise)
	if err != nil {
		return 0, err
	}
	if i < 0 {
		i = max(i, -n-1) + n
	}
	if step > 0 {
		return min(max(i, 0), n), nil
	}
	return min(max(i, -1), n-1), nil
}

func sliceText(s string, bounds sliceBounds) string {
	if bounds.step == 1 {
		return text.Cut(s, bounds.start, bounds.start+bounds.count)
	}
	runes := []rune(s)
	cut := make([]rune, bounds.count)
	for i := range cut {
		cut[i] = runes[bounds.start+i*bounds.step]
	}
	return string(cut)
}

// isSafe reports whether a value is HTML that is printed as it is.
func isSafe(v value) bool {
	switch v.kind {
	case kindMarkup:
		return true
	case kindGo:
		_, ok := v.ref.(HTMLer)
		return ok
	case kindObject:
		_, ok := v.ref.(interface{ html() string })
		return ok
	}
	return false
}

// htmlOf returns the HTML of a value: its own, or its text escaped.
func htmlOf(v value) string {
	switch x := v.ref.(type) {
	case HTMLer:
		if v.kind == kindGo {
			return x.JinjaHTML()
		}
	case interface{ html() string }:
		return x.html()
	}
	if v.kind == kindMarkup {
		return v.text()
	}
	return text.Escape(textOf(v))
}

// call calls a value.
func (r *run) call(fn value, args arguments) (value, error) {
	switch x := fn.ref.(type) {
	case callable:
		return x.call(r, args)
	case interface {
		call(r *run, args arguments) (value, error)
	}:
		return x.call(r, args)
	}
	switch fn.kind {
	case kindUndefined, kindMissing:
		return missing, undefinedOf(fn).err()
	case kindGo:
		if c, ok := fn.ref.(Caller); ok {
			return r.callObject(c, args)
		}
	}
	return missing, typeError("'%s' object is not callable", typeName(fn))
}

func (r *run) callObject(c Caller, args arguments) (value, error) {
	var kwargs Kwargs
	for _, arg := range args.named {
		kwargs.names = append(kwargs.names, arg.name)
		kwargs.values = append(kwargs.values, toGo(arg.value))
	}
	x, err := c.JinjaCall(r.context(), toGoAll(args.positional), kwargs)
	if err != nil {
		return missing, goError(err)
	}
	return r.engine.value(x), nil
}
