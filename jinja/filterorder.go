package jinja

import (
	"sort"
	"strings"

	"github.com/decant-go/decant/jinja/internal/text"
)

// caseless returns a key for comparisons that do not tell upper from lower
// case.
func caseless(v value) value {
	if v.isText() {
		return stringValue(text.Lower(v.text()))
	}
	return v
}

// keysOf returns the keys by which items are compared: an attribute, in lower
// case unless the case matters.
func (r *run) keysOf(items []value, attribute value, caseSensitive bool) ([]value, error) {
	path, err := pathOf(attribute)
	if err != nil {
		return nil, err
	}
	keys := make([]value, len(items))
	for i, item := range items {
		key, err := path.of(r, item, missing)
		if err != nil {
			return nil, err
		}
		if !caseSensitive {
			key = caseless(key)
		}
		keys[i] = key
	}
	return keys, nil
}

// sorter sorts items by their keys. It remembers the first error of a
// comparison, after which it compares no more.
type sorter struct {
	items, keys []value
	reverse     bool
	err         error
}

func (s *sorter) Len() int { return len(s.items) }

func (s *sorter) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
}

func (s *sorter) Less(i, j int) bool {
	if s.err != nil {
		return false
	}
	if s.reverse {
		i, j = j, i
	}
	less, err := ordered("<", s.keys[i], s.keys[j], 0)
	s.err = err
	return less
}

// sorted returns the items in the order of their keys. Items with equal keys
// keep their order. It changes both slices.
func sorted(items, keys []value, reverse bool) ([]value, error) {
	s := &sorter{items: items, keys: keys, reverse: reverse}
	sort.Stable(s)
	return s.items, s.err
}

// filterSort sorts items by themselves or by one or more attributes.
func filterSort(r *run, v value, args arguments) (value, error) {
	slots := [3]value{falseVal, falseVal, none}
	if err := args.bind(slots[:], "sort", 0, "reverse", "case_sensitive", "attribute"); err != nil {
		return missing, err
	}
	reverse, err := flag(slots[0])
	if err != nil {
		return missing, err
	}
	caseSensitive, err := flag(slots[1])
	if err != nil {
		return missing, err
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	keys, err := r.sortKeys(items, slots[2], caseSensitive)
	if err != nil {
		return missing, err
	}
	ordered, err := sorted(append([]value(nil), items...), keys, reverse)
	return listValue(ordered), err
}

// sortKeys returns keys that are lists of the attributes.
func (r *run) sortKeys(items []value, attribute value, caseSensitive bool) ([]value, error) {
	attributes := []value{attribute}
	if attribute.isText() {
		attributes = stringValues(strings.Split(attribute.text(), ","))
	}
	parts := make([][]value, len(items))
	for _, attribute := range attributes {
		keys, err := r.keysOf(items, attribute, caseSensitive)
		if err != nil {
			return nil, err
		}
		for i, key := range keys {
			parts[i] = append(parts[i], key)
		}
	}
	keys := make([]value, len(items))
	for i, part := range parts {
		keys[i] = listValue(part)
	}
	return keys, nil
}

// filterDictsort returns the keys and values of a mapping, in order of the keys
// or of the values.
func filterDictsort(r *run, v value, args arguments) (value, error) {
	slots := [3]value{falseVal, stringValue("key"), falseVal}
	if err := args.bind(slots[:], "dictsort", 0, "case_sensitive", "by", "reverse"); err != nil {
		return missing, err
	}
	by := ""
	if slots[1].isText() {
		by = slots[1].text()
	}
	if by != "key" && by != "value" {
		return missing, filterError(`dictsort sorts by "key" or by "value"`)
	}
	caseSensitive, err := flag(slots[0])
	if err != nil {
		return missing, err
	}
	reverse, err := flag(slots[2])
	if err != nil {
		return missing, err
	}
	entries, err := r.entries(v)
	if err != nil {
		return missing, err
	}
	pairs, keys := make([]value, len(entries)), make([]value, len(entries))
	for i, e := range entries {
		pairs[i], keys[i] = tupleValue(e.key, e.val), e.key
		if by == "value" {
			keys[i] = e.val
		}
		if !caseSensitive {
			keys[i] = caseless(keys[i])
		}
	}
	pairs, err = sorted(pairs, keys, reverse)
	return listValue(pairs), err
}

// filterGroupby returns the items in groups of those with the same attribute.
func filterGroupby(r *run, v value, args arguments) (value, error) {
	slots := [3]value{missing, none, falseVal}
	if err := args.bind(slots[:], "groupby", 1, "attribute", "default", "case_sensitive"); err != nil {
		return missing, err
	}
	caseSensitive, err := flag(slots[2])
	if err != nil {
		return missing, err
	}
	path, err := pathOf(slots[0])
	if err != nil {
		return missing, err
	}
	shared, err := r.items(v)
	if err != nil {
		return missing, err
	}
	items := append([]value(nil), shared...)
	keys := make([]value, len(items))
	for i, item := range items {
		if keys[i], err = path.of(r, item, slots[1]); err != nil {
			return missing, err
		}
		if !caseSensitive {
			keys[i] = caseless(keys[i])
		}
	}
	if items, err = sorted(items, keys, false); err != nil {
		return missing, err
	}
	var groups []value
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) {
			same, err := equal(keys[start], keys[end])
			if err != nil {
				return missing, err
			}
			if !same {
				break
			}
			end++
		}
		grouper := keys[start]
		if !caseSensitive {
			if grouper, err = path.of(r, items[start], slots[1]); err != nil {
				return missing, err
			}
		}
		groups = append(groups, groupValue(grouper, items[start:end:end]))
		start = end
	}
	return listValue(groups), nil
}

// groupNames are those of the tuple that groupby makes.
var groupNames = []string{"grouper", "list"}

func groupValue(grouper value, items []value) value {
	return value{kind: kindTuple, ref: &tuple{items: []value{grouper, listValue(items)}, names: groupNames}}
}

// filterUnique iterates over the items without those that came before.
func filterUnique(r *run, v value, args arguments) (value, error) {
	slots := [2]value{falseVal, none}
	if err := args.bind(slots[:], "unique", 0, "case_sensitive", "attribute"); err != nil {
		return missing, err
	}
	return lazyIterator("sync_do_unique", func() ([]value, error) {
		items, keys, err := r.keyed(v, slots[1], slots[0])
		if err != nil {
			return nil, err
		}
		seen := make(map[hashKey]bool, len(items))
		var unique []value
		for i, key := range keys {
			hash, err := hashOf(key)
			if err != nil {
				return nil, err
			}
			if !seen[hash] {
				seen[hash] = true
				unique = append(unique, items[i])
			}
		}
		return unique, nil
	}), nil
}

// keyed returns the items of a value and the keys by which they are compared.
func (r *run) keyed(v, attribute, caseSensitive value) (items, keys []value, err error) {
	sensitive, err := flag(caseSensitive)
	if err != nil {
		return nil, nil, err
	}
	if items, err = r.items(v); err != nil {
		return nil, nil, err
	}
	keys, err = r.keysOf(items, attribute, sensitive)
	return items, keys, err
}

func filterMin(r *run, v value, args arguments) (value, error) {
	return r.extreme("min", "<", v, args)
}

func filterMax(r *run, v value, args arguments) (value, error) {
	return r.extreme("max", ">", v, args)
}

// extreme returns the first item that comes before all others by an operator.
func (r *run) extreme(name, op string, v value, args arguments) (value, error) {
	slots := [2]value{falseVal, none}
	if err := args.bind(slots[:], name, 0, "case_sensitive", "attribute"); err != nil {
		return missing, err
	}
	items, keys, err := r.keyed(v, slots[1], slots[0])
	if err != nil {
		return missing, err
	}
	if len(items) == 0 {
		return r.engine.undefinedHint("No aggregated item, sequence was empty."), nil
	}
	best := 0
	for i := range keys {
		if i == 0 {
			continue
		}
		better, err := ordered(op, keys[i], keys[best], 0)
		if err != nil {
			return missing, err
		}
		if better {
			best = i
		}
	}
	return items[best], nil
}
