package jinja

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// goMap is a Go map, with the engine that converts its values.
type goMap struct {
	engine *engine
	m      any
}

func (e *engine) mapValue(m any) value {
	return value{kind: kindMap, ref: &goMap{e, m}}
}

func (g *goMap) len() int {
	if m, ok := g.m.(map[string]any); ok {
		return len(m)
	}
	return reflect.ValueOf(g.m).Len()
}

// get returns the value of a key.
func (g *goMap) get(key value) (value, bool) {
	if m, ok := g.m.(map[string]any); ok {
		if !key.isText() {
			return missing, false
		}
		x, ok := m[key.text()]
		if !ok {
			return missing, false
		}
		return g.engine.value(x), true
	}
	m := reflect.ValueOf(g.m)
	k, ok := goValueOf(key, m.Type().Key())
	if !ok || !k.Comparable() {
		return missing, false
	}
	v := m.MapIndex(k)
	if !v.IsValid() {
		return missing, false
	}
	return g.engine.reflected(v), true
}

// each calls f for the entries, sorted by key, since a Go map has no order.
func (g *goMap) each(f func(key, val value) bool) {
	if m, ok := g.m.(map[string]any); ok {
		keys := make([]string, 0, len(m))
		for key := range m {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if !f(stringValue(key), g.engine.value(m[key])) {
				return
			}
		}
		return
	}
	m := reflect.ValueOf(g.m)
	members := make([][2]reflect.Value, 0, m.Len())
	for key, value := range m.Seq2() { // the value of a NaN cannot be looked up
		members = append(members, [2]reflect.Value{key, value})
	}
	slices.SortFunc(members, func(a, b [2]reflect.Value) int { return compareKeys(a[0], b[0]) })
	for _, member := range members {
		if !f(g.engine.reflected(member[0]), g.engine.reflected(member[1])) {
			return
		}
	}
}

// compareKeys orders the keys of a Go map: numbers by size, and then all else by text.
// Keys that are equal so differ by their types.
func compareKeys(a, b reflect.Value) int {
	a, b = concreteKey(a), concreteKey(b)
	var order int
	switch isA, isB := isNumeric(a), isNumeric(b); {
	case isA != isB && isA:
		return -1
	case isA != isB:
		return 1
	case isA:
		order = compareNumericKeys(a, b)
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		order = strings.Compare(a.String(), b.String())
	default:
		order = strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	if order != 0 || !a.IsValid() || !b.IsValid() {
		return order
	}
	return strings.Compare(a.Type().String(), b.Type().String())
}

func concreteKey(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func isNumeric(v reflect.Value) bool { return v.CanInt() || v.CanUint() || v.CanFloat() }

func compareNumericKeys(a, b reflect.Value) int {
	switch {
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint() && b.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	}
	return cmp.Compare(sizeOf(a), sizeOf(b))
}

func sizeOf(v reflect.Value) float64 { return v.Convert(reflect.TypeFor[float64]()).Float() }

// eachEntry calls f for the entries of a kindDict or a kindMap, until f reports
// false.
func eachEntry(v value, f func(key, val value) bool) {
	if v.kind == kindMap {
		v.ref.(*goMap).each(f)
		return
	}
	for _, e := range v.ref.(*Dict).entries {
		if e.key.kind != kindMissing && !f(e.key, e.val) {
			return
		}
	}
}

// entryOf returns the value of a key of a kindDict or a kindMap.
func entryOf(v, key value) (value, bool, error) {
	switch v.kind {
	case kindDict:
		return v.ref.(*Dict).get(key)
	case kindMap:
		if _, err := hashOf(key); err != nil {
			return missing, false, err
		}
		x, ok := v.ref.(*goMap).get(key)
		return x, ok, nil
	}
	return missing, false, nil
}
