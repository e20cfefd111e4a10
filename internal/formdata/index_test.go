package formdata

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIndexFindsEachField(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{few + 1, 100, 1 << 10, 5000} {
		for _, distinct := range []int{1, 3, n} {
			names, want := make([]string, n), map[string][]int{}
			for i := range names {
				names[i] = strconv.Itoa(random.IntN(distinct))
				want[names[i]] = append(want[names[i]], i)
			}
			at := func(i int) string { return names[i] }
			x := NewIndex(n, at)
			got := map[string][]int{}
			for name := range want {
				for i := x.After(-1, name, at); i >= 0; i = x.After(i, name, at) {
					got[name] = append(got[name], i)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d fields of %d names (-want +got):\n%s", n, distinct, diff)
			}
			if i := x.After(-1, "absent", at); i != -1 {
				t.Errorf("%d fields: an absent name is at %d", n, i)
			}
		}
	}
}

func TestIndexOfDifferentNames(t *testing.T) {
	t.Parallel()
	const n = 100
	x := NewIndex(n, strconv.Itoa)
	for i := range n {
		if first := x.After(-1, strconv.Itoa(i), strconv.Itoa); first != i || x.After(i, strconv.Itoa(i), strconv.Itoa) != -1 {
			t.Errorf("the only field %d is at %d, or there is another one", i, first)
		}
	}
}

func TestFewFieldsHaveNoIndex(t *testing.T) {
	t.Parallel()
	if x := NewIndex(few, func(int) string { return "" }); x != nil {
		t.Error(x)
	}
}
