package formdata

import "hash/maphash"

// Index finds fields by their names, so that reading each of many takes linear time.
// It is a hash table of positions: a map with the names themselves would be too large
// for the processor's cache when there are thousands. Goroutines may share it.
type Index struct {
	seed  maphash.Seed
	slots []slot // a power of two, a third of them empty or more
	// next is, for each field, the position plus one of the next one of its name, or
	// 0. It is nil if no name is repeated.
	next []int32
}

// slot holds the first position of a name.
type slot struct {
	hash  uint32 // a part of the name's
	after int32  // the position plus one; 0 is an empty slot
}

// few fields are searched in the time that it takes to ask an index.
const few = 24

// NewIndex returns the index of n fields, or nil if they are few. The name of a field
// is that at its position.
func NewIndex(n int, name func(i int) string) *Index {
	if n <= few {
		return nil
	}
	size := 1
	for size < n+n/2 {
		size *= 2
	}
	x := &Index{seed: maphash.MakeSeed(), slots: make([]slot, size)}
	for i := n - 1; i >= 0; i-- {
		found, hash := x.find(name(i), name)
		if found.after != 0 {
			x.chain(n, i, found.after)
		}
		*found = slot{hash, int32(i + 1)}
	}
	return x
}

func (x *Index) chain(n, position int, next int32) {
	if x.next == nil {
		x.next = make([]int32, n)
	}
	x.next[position] = next
}

// find returns the slot of a name, or the one in which it belongs.
func (x *Index) find(wanted string, name func(i int) string) (found *slot, hash uint32) {
	whole := maphash.String(x.seed, wanted)
	hash = uint32(whole >> 32)
	last := uint64(len(x.slots) - 1)
	for i := whole & last; ; i = (i + 1) & last {
		found = &x.slots[i]
		if found.after == 0 || found.hash == hash && name(int(found.after-1)) == wanted {
			return found, hash
		}
	}
}

// After returns the position of the first field of a name behind a position of this
// name, or of all fields if that is -1. It returns -1 if no other field has the name.
// It gets the same names as NewIndex.
func (x *Index) After(position int, wanted string, name func(i int) string) int {
	switch {
	case position < 0:
		found, _ := x.find(wanted, name)
		return int(found.after) - 1
	case x.next == nil:
		return -1
	}
	return int(x.next[position]) - 1
}
