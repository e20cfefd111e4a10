package jinja

import "reflect"

// owned are the lists and dicts that stand for the slices and maps of the application
// once a template has changed one of them. The application's own values stay as they are.
// The sources are kept, so that their addresses are not used again.
type owned struct {
	dicts map[uintptr]ownedDict
	lists map[sliceID]ownedList
}

type ownedDict struct {
	dict   *Dict
	source any
}

type ownedList struct {
	list   *list
	source any
}

// sliceID tells slices apart that have items. A list in a Dict has its own address and
// the length -1.
type sliceID struct {
	address uintptr
	len     int
}

// sliceOf returns the Go slice that a list comes from.
func (l *list) sliceOf() (source any, id sliceID, ok bool) {
	rv := l.source
	if l.anys != nil {
		rv = reflect.ValueOf(l.anys)
	}
	if !rv.IsValid() || rv.Kind() != reflect.Slice || rv.Len() == 0 {
		return nil, id, false
	}
	return rv.Interface(), sliceID{rv.Pointer(), rv.Len()}, true
}

// own returns a list or a dict that may be changed for a list, a map or a Dict of the
// application.
func (r *run) own(v value) value {
	if !isForeign(v) {
		return v
	}
	if r.owned == nil {
		r.owned = &owned{dicts: map[uintptr]ownedDict{}, lists: map[sliceID]ownedList{}}
	}
	switch v.kind {
	case kindMap:
		return dictValue(r.ownMap(v))
	case kindList:
		return value{kind: kindList, ref: r.ownList(v.ref.(*list))}
	case kindDict:
		return dictValue(r.ownDict(v.ref.(*Dict)))
	}
	return v
}

// isForeign reports whether a list or a dict belongs to the application.
func isForeign(v value) bool {
	switch v.kind {
	case kindMap:
		return true
	case kindList:
		l := v.ref.(*list)
		return l.lazy || l.engine == plainEngine
	case kindDict:
		return v.ref.(*Dict).engine == nil
	}
	return false
}

// ownDict copies a Dict of the application.
func (r *run) ownDict(d *Dict) *Dict {
	id := reflect.ValueOf(d).Pointer()
	if o, ok := r.owned.dicts[id]; ok {
		return o.dict
	}
	copied := &Dict{engine: r.engine, source: d}
	r.owned.dicts[id] = ownedDict{copied, d}
	eachEntry(dictValue(d), func(key, val value) bool { return copied.set(key, r.fresh(val)) == nil })
	return copied
}

func (r *run) ownMap(v value) *Dict {
	m := v.ref.(*goMap).m
	id := reflect.ValueOf(m).Pointer()
	if o, ok := r.owned.dicts[id]; ok {
		return o.dict
	}
	d := &Dict{engine: r.engine, source: m}
	r.owned.dicts[id] = ownedDict{d, m}
	eachEntry(v, func(key, val value) bool { return d.set(key, r.fresh(val)) == nil })
	return d
}

func (r *run) ownList(l *list) *list {
	if l.engine == plainEngine {
		l = r.ownPart(l)
	}
	if !l.lazy {
		return l
	}
	source, id, ok := l.sliceOf()
	if o, known := r.owned.lists[id]; known && ok {
		return o.list
	}
	if ok {
		r.owned.lists[id] = ownedList{l, source}
	}
	l.items, l.lazy = l.all(), false
	for i, item := range l.items {
		l.items[i] = r.fresh(item)
	}
	return l
}

// ownPart copies a list in a Dict of the application, which all renders share.
func (r *run) ownPart(l *list) *list {
	id := sliceID{reflect.ValueOf(l).Pointer(), -1}
	if o, ok := r.owned.lists[id]; ok {
		return o.list
	}
	copied := *l
	copied.engine = r.engine
	r.owned.lists[id] = ownedList{&copied, l}
	return &copied
}

// fresh returns a value as the template has left it. Once it has changed something of
// the application, what it reads is converted as a whole, because a part of it may
// have changed.
func (r *run) fresh(v value) value {
	if r.owned == nil {
		return v
	}
	return r.own(v)
}

// current returns the dict that stands for a Go map. A map without one is returned as
// it is.
func (r *run) current(v value) value {
	if r.owned == nil {
		return v
	}
	if o, ok := r.owned.dicts[reflect.ValueOf(v.ref.(*goMap).m).Pointer()]; ok {
		return dictValue(o.dict)
	}
	return v
}

// changes reports whether a method changes a list or a dict.
func changes(method string) bool {
	switch method {
	case "append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update":
		return true
	}
	return false
}
