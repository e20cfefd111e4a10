package rule

import (
	"slices"
	"strconv"

	"github.com/julienschmidt/httprouter"
)

// plant makes a tree of the placements.
func (s *stack) plant(placed []placement) {
	if len(placed) == 0 {
		return
	}
	g := gardener{httprouter.New()}
	g.grow(placed, bed{})
	s.trees = append(s.trees, g.tree)
}

// anyMethod is the one method under which trees hold their leaves.
const anyMethod = "GET"

// gardener plants one tree.
type gardener struct{ tree *httprouter.Router }

// bed is a place in the tree: its path and the positions of the segments that
// became wildcards, the last of them a catch-all if it is open.
type bed struct {
	path  string
	depth int
	wild  []int
	open  bool
}

func (b bed) static(token string) bed {
	return bed{b.path + "/" + token, b.depth + 1, b.wild, false}
}

// wildcard names the parameter by its position, so that names never differ.
func (b bed) wildcard(kind string) bed {
	path := b.path + "/" + kind + strconv.Itoa(len(b.wild))
	return bed{path, b.depth + 1, append(slices.Clip(b.wild), b.depth), kind == catchAll}
}

// grow plants what begins alike up to the bed. Where wildcards stand beside
// literal text, all become wildcards; where a catch-all stands, everything
// becomes one, and so it does where httprouter could count no further.
func (g *gardener) grow(placed []placement, at bed) {
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
	g.leaf(ends, at)
	if tokens[catchAll] || len(at.wild) > maxVariables-2 {
		g.leaf(goesOn, at.wildcard(catchAll))
		return
	}
	g.leaf(closed, at.static(""))
	if tokens[wildcard] {
		g.grow(deeper, at.wildcard(wildcard))
		return
	}
	g.branch(deeper, at)
}

// closes reports whether nothing but a last slash follows at the depth.
func (p placement) closes(depth int) bool {
	return p.shape[depth] == "" && len(p.shape) == depth+1
}

func (g *gardener) branch(placed []placement, at bed) {
	groups := map[string][]placement{}
	for _, p := range placed {
		token := p.shape[at.depth]
		groups[token] = append(groups[token], p)
	}
	for token, group := range groups {
		g.grow(group, at.static(token))
	}
}

// leaf makes the placements the candidates at the bed.
func (g *gardener) leaf(placed []placement, at bed) {
	if len(placed) == 0 {
		return
	}
	candidates := make([]candidate, len(placed))
	for i, p := range placed {
		candidates[i] = newCandidate(p.entry, at)
	}
	g.tree.Handle(anyMethod, at.path, newLeaf(candidates).handle)
}
