package jinja

import (
	"encoding/json"
	"iter"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Dict is Python's dict: a map that keeps the order of its entries. Give one
// to a template where the order matters, since Go maps are iterated by sorted
// key. A Go function receives the dicts that templates make as *Dict. A Dict
// must not be changed while a template uses it.
type Dict struct {
	entries []dictEntry // deleted ones have a missing key
	index   map[hashKey]int
	live    int
	engine  *engine // converts what Set was given; nil outside of templates
	source  any     // the map or the Dict of the application that it is a copy of, or nil
}

type dictEntry struct {
	hash hashKey
	key  value
	val  value
}

// hashKey is equal for keys that are equal in Python.
type hashKey struct {
	kind kind
	n    uint64
	text string
	ref  any
}

// smallDict is how many entries are searched one by one.
const smallDict = 8

// NewDict returns a dict of pairs of a key and a value. It panics if a key has
// no value, or is not a string, a number, a bool or nil.
func NewDict(pairs ...any) *Dict {
	if len(pairs)%2 != 0 {
		panic("jinja: NewDict got a key without a value")
	}
	d := &Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i], pairs[i+1])
	}
	return d
}

// Len returns the number of entries.
func (d *Dict) Len() int { return d.live }

// Set adds an entry or replaces its value. It panics if the key is not a
// string, a number, a bool, a [Tuple] of such keys, or nil.
func (d *Dict) Set(key, val any) {
	k := plainEngine.value(key)
	if err := d.set(k, plainEngine.value(val)); err != nil {
		panic("jinja: Dict.Set got a key that is not hashable: " + typeName(k))
	}
}

// Get returns the value of a key, or nil.
func (d *Dict) Get(key any) any {
	v, _ := d.Lookup(key)
	return v
}

// Lookup returns the value of a key and reports whether there is one.
func (d *Dict) Lookup(key any) (any, bool) {
	v, ok, err := d.get(plainEngine.value(key))
	if err != nil || !ok {
		return nil, false
	}
	return toGo(v), true
}

// Delete removes an entry.
func (d *Dict) Delete(key any) {
	d.remove(plainEngine.value(key))
}

// All iterates over keys and values in their order.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, entry := range d.entries {
			if entry.key.kind != kindMissing && !yield(toGo(entry.key), toGo(entry.val)) {
				return
			}
		}
	}
}

// MarshalJSON writes the dict as an object, in its order.
func (d *Dict) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	first := true
	for key, val := range d.All() {
		if !first {
			b.WriteByte(',')
		}
		first = false
		name, err := jsonKey(plainEngine.value(key))
		if err != nil {
			return nil, err
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		content, err := json.Marshal(val)
		if err != nil {
			return nil, err
		}
		b.Write(quoted)
		b.WriteByte(':')
		b.Write(content)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func dictValue(d *Dict) value { return value{kind: kindDict, ref: d} }

// find returns the position of a key, or -1.
func (d *Dict) find(hash hashKey) int {
	if d.index != nil {
		if i, ok := d.index[hash]; ok {
			return i
		}
		return -1
	}
	for i := range d.entries {
		if d.entries[i].hash == hash && d.entries[i].key.kind != kindMissing {
			return i
		}
	}
	return -1
}

// get returns the value of a key. A key that is not hashable is an error.
func (d *Dict) get(key value) (value, bool, error) {
	hash, err := hashOf(key)
	if err != nil {
		return missing, false, err
	}
	if i := d.find(hash); i >= 0 {
		return d.entries[i].val, true, nil
	}
	return missing, false, nil
}

// getText returns the value of a key that is a string, or missing.
func (d *Dict) getText(key string) value {
	if i := d.find(hashKey{kind: kindString, text: key}); i >= 0 {
		return d.entries[i].val
	}
	return missing
}

func (d *Dict) set(key, val value) error {
	hash, err := hashOf(key)
	if err != nil {
		return err
	}
	if i := d.find(hash); i >= 0 {
		d.entries[i].val = val
		return nil
	}
	d.entries = append(d.entries, dictEntry{hash, key, val})
	d.live++
	switch {
	case d.index != nil:
		d.index[hash] = len(d.entries) - 1
	case len(d.entries) > smallDict:
		d.reindex()
	}
	return nil
}

func (d *Dict) setText(key string, val value) { _ = d.set(stringValue(key), val) }

// reindex drops the deleted entries and builds the index of the others.
func (d *Dict) reindex() {
	kept := make([]dictEntry, 0, max(d.live, 2*smallDict))
	d.index = make(map[hashKey]int, 2*d.live)
	for _, entry := range d.entries {
		if entry.key.kind != kindMissing {
			d.index[entry.hash] = len(kept)
			kept = append(kept, entry)
		}
	}
	d.entries = kept
}

// remove deletes an entry and returns its value, or missing.
func (d *Dict) remove(key value) (value, error) {
	hash, err := hashOf(key)
	if err != nil {
		return missing, err
	}
	i := d.find(hash)
	if i < 0 {
		return missing, nil
	}
	val := d.entries[i].val
	d.entries[i] = dictEntry{}
	d.live--
	if d.index != nil {
		delete(d.index, hash)
	}
	if len(d.entries) > 2*d.live+smallDict {
		d.reindex()
	}
	return val, nil
}

func (d *Dict) clear() { d.entries, d.index, d.live = nil, nil, 0 }

// keys returns the keys in their order.
func (d *Dict) keys() []value {
	keys := make([]value, 0, d.live)
	for _, entry := range d.entries {
		if entry.key.kind != kindMissing {
			keys = append(keys, entry.key)
		}
	}
	return keys
}

// hashOf returns what is equal for equal keys. A value that can change is not
// hashable, as in Python.
func hashOf(v value) (hashKey, error) {
	switch v.kind {
	case kindString, kindMarkup:
		return hashKey{kind: kindString, text: v.text()}, nil
	case kindNone:
		return hashKey{kind: kindNone}, nil
	case kindBool, kindInt:
		return hashKey{kind: kindInt, n: v.n}, nil
	case kindFloat:
		return hashFloat(v.float()), nil
	case kindBig:
		return hashKey{kind: kindBig, text: v.ref.(*big.Int).String()}, nil
	case kindTuple:
		return hashTuple(v.ref.(*tuple).items)
	case kindMissing, kindUndefined:
		u := undefinedOf(v)
		if u.mode == Strict {
			return hashKey{}, u.err()
		}
		return hashKey{kind: kindUndefined}, nil
	case kindList, kindDict, kindMap:
		return hashKey{}, typeError("unhashable type: '%s'", typeName(v))
	case kindRange:
		return hashKey{kind: kindRange, text: reprOf(v)}, nil
	}
	return hashGo(v)
}

// hashFloat makes a float that is a whole number equal to that number.
func hashFloat(f float64) hashKey {
	if f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		return hashKey{kind: kindInt, n: uint64(int64(f))}
	}
	if !math.IsInf(f, 0) && f == math.Trunc(f) {
		n, _ := big.NewFloat(f).Int(nil)
		return hashKey{kind: kindBig, text: n.String()}
	}
	return hashKey{kind: kindFloat, n: math.Float64bits(f)}
}

func hashTuple(items []value) (hashKey, error) {
	var b strings.Builder
	var refs any
	for _, item := range items {
		hash, err := hashOf(item)
		if err != nil {
			return hashKey{}, err
		}
		b.WriteByte(byte(hash.kind))
		b.WriteString(strconv.FormatUint(hash.n, 36))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(len(hash.text)))
		b.WriteByte(':')
		b.WriteString(hash.text)
		if hash.ref != nil {
			refs = [2]any{refs, hash.ref}
		}
	}
	return hashKey{kind: kindTuple, n: uint64(len(items)), text: b.String(), ref: refs}, nil
}
