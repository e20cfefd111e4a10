package jinja

// dictMethod returns one of the methods of Python's dict. A Go map is copied before a
// template changes it.
func dictMethod(name string) methodFunc {
	switch name {
	case "clear":
		return dictClear
	case "copy":
		return dictCopy
	case "fromkeys":
		return dictFromkeys
	case "get":
		return dictGet
	case "items":
		return dictPart("items")
	case "keys":
		return dictPart("keys")
	case "pop":
		return dictPop
	case "popitem":
		return dictPopitem
	case "setdefault":
		return dictSetdefault
	case "update":
		return dictUpdate
	case "values":
		return dictPart("values")
	}
	return nil
}

// ownDict returns a dict that may be changed.
func ownDict(r *run, v value) *Dict {
	d := r.own(v).ref.(*Dict)
	d.source = nil
	return d
}

// readDict returns the dict or the map as the template has changed it.
func readDict(r *run, v value) value {
	if v.kind == kindMap && r.owned != nil {
		return r.current(v)
	}
	return v
}

func dictPart(part string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		if err := args.none(part); err != nil {
			return missing, err
		}
		return value{kind: kindObject, ref: &dictView{of: readDict(r, self), part: part}}, nil
	}
}

func dictGet(r *run, self value, args arguments) (value, error) {
	slots := [2]value{missing, none}
	if err := args.bindPositional(slots[:], "get", 1); err != nil {
		return missing, err
	}
	val, ok, err := entryOf(readDict(r, self), slots[0])
	if err != nil || ok {
		return val, err
	}
	return slots[1], nil
}

func dictClear(r *run, self value, args arguments) (value, error) {
	if err := args.none("clear"); err != nil {
		return missing, err
	}
	ownDict(r, self).clear()
	return none, nil
}

func dictCopy(r *run, self value, args arguments) (value, error) {
	if err := args.none("copy"); err != nil {
		return missing, err
	}
	d := &Dict{engine: r.engine}
	eachEntry(readDict(r, self), func(key, val value) bool {
		_ = d.set(key, val)
		return true
	})
	return dictValue(d), nil
}

// dictFromkeys makes a dict of keys that all have the same value.
func dictFromkeys(r *run, self value, args arguments) (value, error) {
	slots := [2]value{missing, none}
	if err := args.bindPositional(slots[:], "fromkeys", 1); err != nil {
		return missing, err
	}
	keys, err := r.items(slots[0])
	if err != nil {
		return missing, err
	}
	d := &Dict{engine: r.engine}
	for _, key := range keys {
		if err := d.set(key, slots[1]); err != nil {
			return missing, err
		}
	}
	return dictValue(d), nil
}

func dictPop(r *run, self value, args arguments) (value, error) {
	var slots [2]value
	if err := args.bindPositional(slots[:], "pop", 1); err != nil {
		return missing, err
	}
	val, err := ownDict(r, self).remove(slots[0])
	switch {
	case err != nil:
		return missing, err
	case val.kind != kindMissing:
		return val, nil
	case slots[1].kind != kindMissing:
		return slots[1], nil
	}
	return missing, fail(KeyError, "%s", reprOf(slots[0]))
}

// dictPopitem removes the newest entry.
func dictPopitem(r *run, self value, args arguments) (value, error) {
	if err := args.none("popitem"); err != nil {
		return missing, err
	}
	d := ownDict(r, self)
	for i := len(d.entries) - 1; i >= 0; i-- {
		if key := d.entries[i].key; key.kind != kindMissing {
			val, err := d.remove(key)
			return tupleValue(key, val), err
		}
	}
	return missing, fail(KeyError, "'popitem(): dictionary is empty'")
}

func dictSetdefault(r *run, self value, args arguments) (value, error) {
	slots := [2]value{missing, none}
	if err := args.bindPositional(slots[:], "setdefault", 1); err != nil {
		return missing, err
	}
	d := ownDict(r, self)
	val, ok, err := d.get(slots[0])
	if err != nil || ok {
		return val, err
	}
	if err := d.set(slots[0], slots[1]); err != nil {
		return missing, err
	}
	return slots[1], r.checkItems(d.Len())
}

func dictUpdate(r *run, self value, args arguments) (value, error) {
	return none, r.update(ownDict(r, self), "update", args)
}
