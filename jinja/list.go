package jinja

import (
	"reflect"
)

// list is Python's list. A Go slice is converted when a template first asks
// for an item, and item by item where that is enough, so that what templates
// do to the list never reaches the application.
type list struct {
	items  []value
	engine *engine
	source reflect.Value // the Go slice that it comes from
	anys   []any         // likewise, of the commonest type
	lazy   bool          // whether source or anys holds the items
	isOwn  bool          // whether the template has made or changed the list
}

// tuple is Python's tuple. Names are those of a named tuple, or nil.
type tuple struct {
	items []value
	names []string
}

func listValue(items []value) value {
	return value{kind: kindList, ref: &list{items: items, isOwn: true}}
}

func tupleValue(items ...value) value {
	return value{kind: kindTuple, ref: &tuple{items: items}}
}

func (l *list) len() int {
	switch {
	case !l.lazy:
		return len(l.items)
	case l.anys != nil:
		return len(l.anys)
	}
	return l.source.Len()
}

// at returns an item. The index is within the list.
func (l *list) at(i int) value {
	switch {
	case !l.lazy:
		return l.items[i]
	case l.anys != nil:
		return l.engine.value(l.anys[i])
	}
	return l.engine.reflected(l.source.Index(i))
}

// all returns the items. The caller must not change them.
func (l *list) all() []value {
	if !l.lazy {
		return l.items
	}
	items := make([]value, l.len())
	for i := range items {
		items[i] = l.at(i)
	}
	return items
}

// rangeValue is Python's range.
type rangeValue struct {
	start, stop, step int64
}

func (r *rangeValue) len() int {
	var distance, step uint64
	switch {
	case r.step > 0 && r.start < r.stop:
		distance, step = uint64(r.stop)-uint64(r.start), uint64(r.step)
	case r.step < 0 && r.start > r.stop:
		distance, step = uint64(r.start)-uint64(r.stop), -uint64(r.step)
	default:
		return 0
	}
	return int((distance-1)/step + 1)
}

func (r *rangeValue) at(i int) value { return intValue(r.start + int64(i)*r.step) }

// slice returns the range that a slice of the range is.
func (r *rangeValue) slice(s sliceBounds) value {
	result := &rangeValue{
		start: r.start + int64(s.start)*r.step,
		stop:  r.start + int64(s.stop)*r.step,
		step:  r.step * int64(s.step),
	}
	return value{kind: kindRange, ref: result}
}

// contains reports whether an integer is in the range.
func (r *rangeValue) contains(n int64) bool {
	switch {
	case r.step > 0 && (n < r.start || n >= r.stop), r.step < 0 && (n > r.start || n <= r.stop):
		return false
	}
	return (n-r.start)%r.step == 0
}
