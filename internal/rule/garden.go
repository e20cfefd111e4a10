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
	g := gardener{stack: s}
	g.grow(placed, bed{})
	if g.tree != nil {
		s.trees = append(s.trees, g.tree)
	}
}

// anyMethod is the one method under which trees hold their leaves.
const anyMethod = "GET"

// gardener plants one tree.
type gardener struct {
	stack *stack
	tree  *httprouter.Router
}

// bed is a place in the tree: its path and the positions of the segments that
// became wildcards.
type bed struct {
	path  string
	depth int
	wild  []int
}

func (b bed) static(token string) bed {
	return bed{b.path + "/" + token, b.depth + 1, b.wild}
}

// wildcard names the parameter by its position, so that names never differ.
func (b bed) wildcard(kind string) bed {
	path := b.path + "/" + kind + strconv.Itoa(len(b.wild))
	return bed{path, b.depth + 1, append(slices.Clip(b.wild), b.depth)}
}

// grow plants what begins alike up to the bed. Where wildcards stand beside
// literal text, all become wildcards; where a catch-all stands, everything
// becomes one, and so it does where httprouter could count no further.
func (g *gardener) grow(placed []placement, at bed) {
	var ends, closed, deeper []placement
	var catches, wilds, statics bool
	for _, p := range placed {
		switch {
		case len(p.shape) == at.depth:
			ends = append(ends, p)
			continue
		case p.shape[at.depth] == "" && len(p.shape) == at.depth+1:
			closed = append(closed, p)
			continue
		}
		deeper = append(deeper, p)
		token := p.shape[at.depth]
		catches = catches || token == catchAll
		wilds = wilds || token == wildcard
		statics = statics || token != catchAll && token != wildcard
	}
	g.leaf(ends, at, nil)
	switch {
	case catches || len(at.wild) > maxVariables-2:
		g.catchAll(placed, at)
		return
	case wilds && len(deeper) > 0:
		g.grow(deeper, at.wildcard(wildcard))
	case statics:
		g.branch(deeper, at)
	}
	g.leaf(closed, at.static(""), nil)
}

func (g *gardener) branch(placed []placement, at bed) {
	groups := map[string][]placement{}
	var tokens []string
	for _, p := range placed {
		token := p.shape[at.depth]
		if groups[token] == nil {
			tokens = append(tokens, token)
		}
		groups[token] = append(groups[token], p)
	}
	for _, token := range tokens {
		g.grow(groups[token], at.static(token))
	}
}

// catchAll plants everything that goes on behind the bed in one leaf.
func (g *gardener) catchAll(placed []placement, at bed) {
	behind := slices.DeleteFunc(slices.Clone(placed), func(p placement) bool {
		return len(p.shape) == at.depth
	})
	g.leaf(behind, at.wildcard(catchAll), &at.depth)
}

// leaf makes the placements the candidates at the bed. With a catch-all, rest
// is the segment at which it begins.
func (g *gardener) leaf(placed []placement, at bed, rest *int) {
	if len(placed) == 0 {
		return
	}
	candidates := make([]candidate, len(placed))
	for i, p := range placed {
		candidates[i] = newCandidate(p.entry, at.wild, rest)
	}
	if at.path == "" {
		g.stack.root = append(g.stack.root, candidates...)
		return
	}
	if g.tree == nil {
		g.tree = httprouter.New()
	}
	g.tree.Handle(anyMethod, at.path, (&leaf{candidates}).handle)
}
