package rule

import (
	"net/http"
	"slices"

	"github.com/julienschmidt/httprouter"
)

// stack finds the first of its entries that matches a path. It is a list of
// httprouter trees, looked up one after the other.
//
// An entry goes into the highest tree in which it conflicts with nothing and
// that is not above the tree of an earlier entry with which it may match the
// same path. A path ends in one leaf of a tree, and the candidates of a leaf
// are in order, so the first match is the first in the order of all entries.
// At most three trees are free of conflicts; the entries for which they do not
// suffice share a last one, in which conflicting segments are wildcards whose
// text the candidates check.
type stack struct {
	entries []*entry
	trees   []*httprouter.Router
	// root are the candidates for the empty path, which no tree can hold.
	root []candidate
}

const conflictFree = 3

// placement is an entry and a shape in which it is to be found. An entry whose
// last segment may be empty has two, since no wildcard of httprouter matches
// the nothing behind a path's last slash.
type placement struct {
	*entry
	shape shape
}

func placements(e *entry) []placement {
	placed := []placement{{e, shapeOf(e.segments)}}
	last := len(e.segments) - 1
	if last >= 0 && placed[0].shape[last] == wildcard && e.segments[last].accepts("") {
		closed := slices.Clone(placed[0].shape)
		closed[last] = ""
		placed = append(placed, placement{e, closed})
	}
	return placed
}

func newStack(entries []*entry) *stack {
	s := &stack{entries: entries}
	var forests [conflictFree + 1]forest
	var layers [conflictFree + 1][]placement
	for _, e := range entries {
		for _, p := range placements(e) {
			layer := layerFor(&forests, p.shape)
			forests[layer].add(p.shape)
			layers[layer] = append(layers[layer], p)
		}
	}
	for _, layer := range layers {
		s.plant(layer)
	}
	return s
}

func layerFor(forests *[conflictFree + 1]forest, s shape) int {
	layer := conflictFree
	for layer > 0 && !forests[layer].overlaps(s) {
		layer--
	}
	for layer < conflictFree && forests[layer].conflicts(s) {
		layer++
	}
	return layer
}

// leaf is where a path of a tree ends.
type leaf struct {
	candidates []candidate
}

// finder receives the leaf of a lookup. It goes through httprouter's handle as
// the ResponseWriter, which saves a second search for what the handle means.
type finder struct{ leaf *leaf }

func (*finder) Header() http.Header       { return nil }
func (*finder) Write([]byte) (int, error) { return 0, nil }
func (*finder) WriteHeader(int)           {}

func (l *leaf) handle(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
	w.(*finder).leaf = l
}

// find returns the first candidate that matches the path.
func (s *stack) find(f *finder, path string) (*candidate, httprouter.Params) {
	if path == "" {
		return first(s.root, nil), nil
	}
	for _, tree := range s.trees {
		handle, params, _ := tree.Lookup(anyMethod, path)
		if handle == nil {
			continue
		}
		handle(f, nil, nil)
		if c := first(f.leaf.candidates, params); c != nil {
			return c, params
		}
	}
	return nil, nil
}

func first(candidates []candidate, params httprouter.Params) *candidate {
	for i := range candidates {
		if c := &candidates[i]; c.free || c.matches(params) {
			return c
		}
	}
	return nil
}

// all calls visit for every candidate that matches the path.
func (s *stack) all(f *finder, path string, visit func(*entry)) {
	if path == "" {
		visitMatches(s.root, nil, visit)
		return
	}
	for _, tree := range s.trees {
		if handle, params, _ := tree.Lookup(anyMethod, path); handle != nil {
			handle(f, nil, nil)
			visitMatches(f.leaf.candidates, params, visit)
		}
	}
}

func visitMatches(candidates []candidate, params httprouter.Params, visit func(*entry)) {
	for i := range candidates {
		if c := &candidates[i]; c.matches(params) {
			visit(c.entry)
		}
	}
}
