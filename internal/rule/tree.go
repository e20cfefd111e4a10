package rule

import (
	"slices"
	"strconv"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// tree finds the leaf in which a path ends.
type tree struct {
	router *httprouter.Router
	// tails are the leaves of paths that are literal text up to one variable at
	// their end, by that text. Looking there takes no memory for parameters.
	tails map[string]*leaf
}

// find returns the first candidate of the tree that matches the path. A candidate
// of a tail has no parameters: its only value is the last segment.
func (t *tree) find(f *finder, path string) (*candidate, httprouter.Params) {
	last := strings.LastIndexByte(path, '/') + 1
	if l := t.tails[path[:last]]; l != nil && last < len(path) {
		return l.first(httprouter.Params{{Value: path[last:]}}), nil
	}
	l, params := t.leaf(f, path)
	if l == nil {
		return nil, nil
	}
	return l.first(params), params
}

// leaf returns the leaf in which the path ends, or nil, and what its wildcards
// took.
func (t *tree) leaf(f *finder, path string) (*leaf, httprouter.Params) {
	handle, params, _ := t.router.Lookup(anyMethod, path)
	if handle == nil {
		return nil, nil
	}
	handle(f, nil, nil)
	return f.leaf, params
}

// addTree makes a tree of the placements.
func (s *stack) addTree(placed []placement) {
	if len(placed) == 0 {
		return
	}
	t := treeBuilder{tree{httprouter.New(), map[string]*leaf{}}}
	t.build(placed, node{})
	s.trees = append(s.trees, t.tree)
}

// anyMethod is the one method under which trees hold their leaves.
const anyMethod = "GET"

// treeBuilder builds one tree.
type treeBuilder struct{ tree }

// node is a place in the tree: its path, and the positions of the segments that
// became wildcards. If it is open, the last of them is a catch-all.
type node struct {
	path  string
	depth int
	wild  []int
	open  bool
}

// isTail reports whether the only wildcard is the last segment.
func (n node) isTail() bool { return len(n.wild) == 1 && n.wild[0] == n.depth-1 && !n.open }

func (n node) static(token string) node {
	return node{n.path + "/" + token, n.depth + 1, n.wild, false}
}

// wildcard names the parameter by its position, so names never conflict.
func (n node) wildcard(kind string) node {
	path := n.path + "/" + kind + strconv.Itoa(len(n.wild))
	return node{path, n.depth + 1, append(slices.Clip(n.wild), n.depth), kind == catchAll}
}

// build adds the placements that have the path of the node in common. If a
// wildcard stands beside literal text, all of them become wildcards. If there is a
// catch-all, or httprouter could not count more parameters, all become one
// catch-all.
func (t *treeBuilder) build(placed []placement, at node) {
	var ends, goesOn, closed, deeper []placement
	tokens := map[string]bool{}
	for _, p := range placed {
		if len(p.shape) == at.depth {
			ends = append(ends, p)
			continue
		}
		goesOn = append(goesOn, p)
		if p.closes(at.depth) {
			closed = append(closed, p)
			continue
		}
		deeper = append(deeper, p)
		tokens[p.shape[at.depth]] = true
	}
	t.leaf(ends, at)
	if tokens[catchAll] || len(at.wild) > maxVariables-2 {
		t.leaf(goesOn, at.wildcard(catchAll))
		return
	}
	t.leaf(closed, at.static(""))
	if tokens[wildcard] {
		t.build(deeper, at.wildcard(wildcard))
		return
	}
	t.branch(deeper, at)
}

// closes reports whether only a last slash follows at the depth.
func (p placement) closes(depth int) bool {
	return p.shape[depth] == "" && len(p.shape) == depth+1
}

func (t *treeBuilder) branch(placed []placement, at node) {
	groups := map[string][]placement{}
	for _, p := range placed {
		token := p.shape[at.depth]
		groups[token] = append(groups[token], p)
	}
	for token, group := range groups {
		t.build(group, at.static(token))
	}
}

// leaf makes the placements the candidates of the node.
func (t *treeBuilder) leaf(placed []placement, at node) {
	if len(placed) == 0 {
		return
	}
	candidates := make([]candidate, len(placed))
	for i, p := range placed {
		candidates[i] = newCandidate(p.entry, at)
	}
	l := newLeaf(candidates)
	t.router.Handle(anyMethod, at.path, (&ending{leaf: l}).handle)
	if at.isTail() && allWhole(candidates) {
		t.tails[at.path[:strings.LastIndexByte(at.path, '/')+1]] = l
	}
}

func allWhole(candidates []candidate) bool {
	return !slices.ContainsFunc(candidates, func(c candidate) bool { return !c.whole })
}
