package jinja

import (
	"iter"
	"reflect"
	"unicode/utf8"
)

// iterator goes once through values.
type iterator struct {
	name string // of its type in Python
	size int    // the number of values, -1 if it is not known
	pull func() (value, bool, error)
	stop func() // ends the sequence behind it; may be nil
	list *list  // the list that it goes through, without pull
	at   int    // the index of the next item of list
}

// next asks a list for its length anew each time, since the body of a loop may change
// the list.
func (it *iterator) next() (value, bool, error) {
	if it.list == nil {
		return it.pull()
	}
	if it.at >= it.list.len() {
		return missing, false, nil
	}
	it.at++
	return it.list.at(it.at - 1), true, nil
}

func (it *iterator) close() {
	if it.stop != nil {
		it.stop()
	}
}

// iterableObject is an object of the engine that can be gone through.
type iterableObject interface {
	iterate(r *run) (*iterator, error)
}

// newIterator returns the value of an iterator.
func newIterator(name string, next func() (value, bool, error)) value {
	return value{kind: kindIter, ref: &iterator{name: name, size: -1, pull: next}}
}

// indexed returns an iterator over n values.
func indexed(n int, at func(i int) value) *iterator {
	i := 0
	return &iterator{size: n, pull: func() (value, bool, error) {
		if i >= n {
			return missing, false, nil
		}
		i++
		return at(i - 1), true, nil
	}}
}

// iterate returns an iterator over a value.
func (r *run) iterate(v value) (*iterator, error) {
	switch v.kind {
	case kindUndefined, kindMissing:
		if u := undefinedOf(v); u.mode == Strict {
			return nil, u.err()
		}
		return indexed(0, nil), nil
	case kindString, kindMarkup:
		return characters(v), nil
	case kindList:
		l := v.ref.(*list)
		return &iterator{size: l.len(), list: l}, nil
	case kindTuple:
		items := v.ref.(*tuple).items
		return indexed(len(items), func(i int) value { return items[i] }), nil
	case kindRange:
		x := v.ref.(*rangeValue)
		return indexed(x.len(), x.at), nil
	case kindDict:
		keys := v.ref.(*Dict).keys()
		return indexed(len(keys), func(i int) value { return keys[i] }), nil
	case kindMap:
		return r.mapIterator(v)
	case kindIter:
		return v.ref.(*iterator), nil
	case kindObject:
		if o, ok := v.ref.(iterableObject); ok {
			return o.iterate(r)
		}
	case kindGo:
		if it := r.goIterator(v.ref); it != nil {
			return it, nil
		}
	}
	return nil, typeError("'%s' object is not iterable", typeName(v))
}

// characters returns an iterator over the characters of a string. They are not safe,
// also those of a safe string.
func characters(v value) *iterator {
	rest := v.text()
	n, _ := lengthOf(v)
	return &iterator{size: n, pull: func() (value, bool, error) {
		if rest == "" {
			return missing, false, nil
		}
		_, size := utf8.DecodeRuneInString(rest)
		c := rest[:size]
		rest = rest[size:]
		return stringValue(c), true, nil
	}}
}

func (r *run) mapIterator(v value) (*iterator, error) {
	v = r.current(v)
	keys := make([]value, 0, 8)
	eachEntry(v, func(key, _ value) bool {
		keys = append(keys, key)
		return true
	})
	return indexed(len(keys), func(i int) value { return keys[i] }), nil
}

// goIterator returns an iterator over a Go value, or nil.
func (r *run) goIterator(x any) *iterator {
	switch x := x.(type) {
	case Iterable:
		return r.pulled(x)
	case []byte:
		return indexed(len(x), func(i int) value { return intValue(int64(x[i])) })
	case iter.Seq[any]:
		return r.pulledSeq(x)
	}
	rv := reflect.ValueOf(x)
	switch b := bindingOf(rv.Type()); {
	case b.isSeq || b.isSeq2:
		next, stop := r.engine.pulled(rv, b.isSeq2)
		return r.stopping(next, stop)
	case b.isObject:
		return nil
	}
	switch rv.Kind() {
	case reflect.Slice, reflect.Array:
		return indexed(rv.Len(), func(i int) value { return r.engine.reflected(rv.Index(i)) })
	case reflect.String:
		if !bindingOf(rv.Type()).isObject {
			return characters(stringValue(rv.String()))
		}
	}
	return nil
}

func (r *run) pulled(x Iterable) *iterator {
	it := r.pulledSeq(x.JinjaIter())
	if l, ok := x.(Lener); ok {
		it.size = l.JinjaLen()
	}
	return it
}

func (r *run) pulledSeq(seq iter.Seq[any]) *iterator {
	next, stop := iter.Pull(seq)
	return r.stopping(func() (value, bool) {
		x, ok := next()
		if !ok {
			return missing, false
		}
		return r.engine.value(x), true
	}, stop)
}

// stopping returns an iterator that is ended with the render at the latest. The next
// element may be long in coming, so a stream first sends what it has collected.
func (r *run) stopping(next func() (value, bool), stop func()) *iterator {
	r.stops = append(r.stops, stop)
	return &iterator{name: "generator", size: -1, stop: stop, pull: func() (value, bool, error) {
		if err := r.sendWaiting(); err != nil {
			return missing, false, err
		}
		v, ok := next()
		return v, ok, nil
	}}
}

// collect returns the values of an iterable.
func (r *run) collect(v value) ([]value, error) {
	switch v.kind {
	case kindTuple:
		return v.ref.(*tuple).items, nil
	case kindList:
		if l := v.ref.(*list); !l.lazy {
			return l.items, nil
		}
	}
	it, err := r.iterate(v)
	if err != nil {
		return nil, err
	}
	defer it.close()
	items := make([]value, 0, max(it.size, 0))
	for {
		item, ok, err := it.next()
		if err != nil || !ok {
			return items, err
		}
		items = append(items, item)
		if err := r.checkItems(len(items)); err != nil {
			return nil, err
		}
	}
}
