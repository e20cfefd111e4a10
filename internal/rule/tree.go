package rule

import (
	"slices"
	"strconv"

	"github.com/julienschmidt/httprouter"
)

// addTree makes a tree of the placements.
func (s *stack) addTree(placed []placement) {
	if len(placed) == 0 {
		return
	}
	t := treeBuilder{httprouter.New()}
	t.build(placed, node{})
	s.trees = append(s.trees, t.tree)
}

// anyMethod is the one method under which trees hold their leaves.
const anyMethod = "GET"

// treeBuilder builds one tree.
type treeBuilder struct{ tree *httprouter.Router }

// node is a place in the tree: its path, and the positions of the segments that
// became wildcards. If it is open, the last of them is a catch-all.
type node struct {
	path  string
	depth int
	wild  []int
	open  bool
}

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
	t.tree.Handle(anyMethod, at.path, (&ending{leaf: newLeaf(candidates)}).handle)
}
