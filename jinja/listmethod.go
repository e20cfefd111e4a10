package jinja

import "slices"

// listMethod returns one of the methods of Python's list. A list that comes from a Go
// slice is copied before it changes.
func listMethod(name string) methodFunc {
	switch name {
	case "append":
		return listAppend
	case "clear":
		return listClear
	case "copy":
		return listCopy
	case "count":
		return sequenceCount
	case "extend":
		return listExtend
	case "index":
		return sequenceIndex
	case "insert":
		return listInsert
	case "pop":
		return listPop
	case "remove":
		return listRemove
	case "reverse":
		return listReverse
	case "sort":
		return listSort
	}
	return nil
}

// sequenceMethod returns one of the methods of Python's tuple and range.
func sequenceMethod(name string) methodFunc {
	switch name {
	case "count":
		return sequenceCount
	case "index":
		return sequenceIndex
	}
	return nil
}

// ownList returns a list that may be changed.
func ownList(r *run, v value) *list {
	l := r.own(v).ref.(*list)
	l.isOwn = true
	return l
}

func listAppend(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "append", 1); err != nil {
		return missing, err
	}
	l := ownList(r, self)
	l.items = append(l.items, slots[0])
	return none, r.checkItems(len(l.items))
}

func listExtend(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "extend", 1); err != nil {
		return missing, err
	}
	items, err := r.items(slots[0])
	if err != nil {
		return missing, err
	}
	l := ownList(r, self)
	if err := r.checkItems(len(l.items) + len(items)); err != nil {
		return missing, err
	}
	l.items = append(l.items, items...)
	return none, nil
}

func listInsert(r *run, self value, args arguments) (value, error) {
	var slots [2]value
	if err := args.bindPositional(slots[:], "insert", 2); err != nil {
		return missing, err
	}
	i, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	l := ownList(r, self)
	if i < 0 {
		i += len(l.items)
	}
	l.items = slices.Insert(l.items, min(max(i, 0), len(l.items)), slots[1])
	return none, r.checkItems(len(l.items))
}

func listPop(r *run, self value, args arguments) (value, error) {
	slots := [1]value{intValue(-1)}
	if err := args.bindPositional(slots[:], "pop", 0); err != nil {
		return missing, err
	}
	i, err := integerArg(slots[0])
	if err != nil {
		return missing, err
	}
	l := ownList(r, self)
	if i < 0 {
		i += len(l.items)
	}
	switch {
	case len(l.items) == 0:
		return missing, fail(IndexError, "pop from empty list")
	case i < 0 || i >= len(l.items):
		return missing, fail(IndexError, "pop index out of range")
	}
	item := l.items[i]
	l.items = slices.Delete(l.items, i, i+1)
	return item, nil
}

func listRemove(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "remove", 1); err != nil {
		return missing, err
	}
	l := ownList(r, self)
	for i, item := range l.items {
		same, err := equal(item, slots[0])
		if err != nil {
			return missing, err
		}
		if same {
			l.items = slices.Delete(l.items, i, i+1)
			return none, nil
		}
	}
	return missing, valueError("list.remove(x): x not in list")
}

func listClear(r *run, self value, args arguments) (value, error) {
	if err := args.none("clear"); err != nil {
		return missing, err
	}
	ownList(r, self).items = nil
	return none, nil
}

func listCopy(r *run, self value, args arguments) (value, error) {
	if err := args.none("copy"); err != nil {
		return missing, err
	}
	return listValue(slices.Clone(self.ref.(*list).all())), nil
}

func listReverse(r *run, self value, args arguments) (value, error) {
	if err := args.none("reverse"); err != nil {
		return missing, err
	}
	slices.Reverse(ownList(r, self).items)
	return none, nil
}

// listSort sorts a list in place, by the results of a function if there is one.
func listSort(r *run, self value, args arguments) (value, error) {
	if len(args.positional) > 0 {
		return missing, typeError("sort() takes no positional arguments")
	}
	slots := [2]value{none, falseVal}
	if err := args.bind(slots[:], "sort", 0, "key", "reverse"); err != nil {
		return missing, err
	}
	reverse, err := flag(slots[1])
	if err != nil {
		return missing, err
	}
	l := ownList(r, self)
	items := slices.Clone(l.items)
	keys := slices.Clone(items)
	if slots[0].kind != kindNone {
		for i, item := range items {
			if keys[i], err = r.call(slots[0], arguments{positional: []value{item}}); err != nil {
				return missing, err
			}
		}
	}
	if items, err = sorted(items, keys, reverse); err != nil {
		return missing, err
	}
	l.items = items
	return none, nil
}

// sequenceCount counts the items that are equal to the argument.
func sequenceCount(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "count", 1); err != nil {
		return missing, err
	}
	items, err := r.items(self)
	if err != nil {
		return missing, err
	}
	n := int64(0)
	for _, item := range items {
		same, err := equal(item, slots[0])
		if err != nil {
			return missing, err
		}
		if same {
			n++
		}
	}
	return intValue(n), nil
}

// sequenceIndex returns the position of the first item that is equal to the
// argument.
func sequenceIndex(r *run, self value, args arguments) (value, error) {
	slots := [3]value{}
	if err := args.bindPositional(slots[:], "index", 1); err != nil {
		return missing, err
	}
	start, end, err := section(slots[1], slots[2])
	if err != nil {
		return missing, err
	}
	items, err := r.items(self)
	if err != nil {
		return missing, err
	}
	if start < 0 {
		start = max(start+len(items), 0)
	}
	if end < 0 {
		end += len(items)
	}
	for i := start; i < min(end, len(items)); i++ {
		same, err := equal(items[i], slots[0])
		if err != nil {
			return missing, err
		}
		if same {
			return intValue(int64(i)), nil
		}
	}
	return missing, valueError("%s is not in %s", reprOf(slots[0]), typeName(self))
}
