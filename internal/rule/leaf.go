package rule

import (
	"cmp"
	"net/http"

	"github.com/julienschmidt/httprouter"
)

// leaf is where paths of a tree end, with the candidates for them.
type leaf struct {
	// candidates are looked at one by one.
	candidates []candidate
	free       bool // the first of them is
	// probes find the candidates among many that want literal text where a
	// path has it. They keep a look-up from growing with the number of rules.
	probes []probe
}

// probe leads to the candidates that want a certain text at a spot.
type probe struct {
	spot
	leaves map[string]*leaf
}

// few candidates are compared in the time that a probe takes.
const few = 4

// newLeaf sorts the candidates by the rarest literal text that each of them
// wants. Those that share it are at a leaf of their own, which may tell them
// apart by other text. Text with a variable on either side in one segment, or
// with a path on either side, does not count: nothing says where it stands.
func newLeaf(candidates []candidate) *leaf {
	if len(candidates) <= few {
		return &leaf{candidates: candidates, free: candidates[0].free}
	}
	rarest, users := rarestLiterals(candidates)
	l := &leaf{}
	groups := map[literal][]candidate{}
	for i, c := range candidates {
		if wanted := rarest[i]; wanted != nil && users[wanted.spot] > few {
			groups[*wanted] = append(groups[*wanted], c)
		} else {
			l.candidates = append(l.candidates, c)
		}
	}
	for wanted, group := range groups {
		l.probe(wanted.spot).leaves[wanted.text] = newLeaf(group)
	}
	return l
}

// rarestLiterals chooses a literal for each candidate, nil where it has none
// that fewer than all share, and counts for how many a spot was chosen.
func rarestLiterals(candidates []candidate) ([]*literal, map[spot]int) {
	literals := make([][]literal, len(candidates))
	count, popular := map[literal]int{}, map[spot]int{}
	for i := range candidates {
		literals[i] = candidates[i].literals()
		for _, l := range literals[i] {
			count[l]++
			popular[l.spot]++
		}
	}
	rarest, users := make([]*literal, len(candidates)), map[spot]int{}
	for i := range candidates {
		for j := range literals[i] {
			l, best := &literals[i][j], rarest[i]
			if count[*l] == len(candidates) {
				continue
			}
			if best == nil || cmp.Or(count[*l]-count[*best], popular[best.spot]-popular[l.spot]) < 0 {
				rarest[i] = l
			}
		}
		if rarest[i] != nil {
			users[rarest[i].spot]++
		}
	}
	return rarest, users
}

// probe returns the probe at the spot.
func (l *leaf) probe(at spot) *probe {
	for i := range l.probes {
		if l.probes[i].spot == at {
			return &l.probes[i]
		}
	}
	l.probes = append(l.probes, probe{at, map[string]*leaf{}})
	return &l.probes[len(l.probes)-1]
}

// first returns the first candidate that the parameters match.
func (l *leaf) first(params httprouter.Params) *candidate {
	if l.free {
		return &l.candidates[0]
	}
	var found *candidate
	for i := range l.candidates {
		if c := &l.candidates[i]; c.free || c.matches(params) {
			found = c
			break
		}
	}
	for i := range l.probes {
		p := &l.probes[i]
		next := p.leaves[p.read(params)]
		if next == nil {
			continue
		}
		if c := next.first(params); c != nil && (found == nil || c.number < found.number) {
			found = c
		}
	}
	return found
}

// all calls visit for every candidate that the parameters match.
func (l *leaf) all(params httprouter.Params, visit func(*entry)) {
	for i := range l.candidates {
		if c := &l.candidates[i]; c.matches(params) {
			visit(c.entry)
		}
	}
	for i := range l.probes {
		p := &l.probes[i]
		if next := p.leaves[p.read(params)]; next != nil {
			next.all(params, visit)
		}
	}
}

// finder receives the end of a lookup. It goes through httprouter's handle as the
// ResponseWriter, which saves a second search for what the handle means.
type finder struct{ *ending }

// ending is where a lookup ends: at a leaf, which all matches share, or in a match
// with texts that are no segments of the path, or with the values of an eager rule.
// One pointer for all of it keeps a Match small.
type ending struct {
	leaf   *leaf
	texts  httprouter.Params // nil if they are segments
	values []any             // nil if they are made when they are asked for
}

// withValues returns the ending of a match with room for values.
func (f finder) withValues(count int) *ending {
	e := &ending{values: make([]any, count)}
	if f.ending != nil {
		e.texts = f.texts
	}
	return e
}

func (*finder) Header() http.Header       { return nil }
func (*finder) Write([]byte) (int, error) { return 0, nil }
func (*finder) WriteHeader(int)           {}

func (e *ending) handle(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
	w.(*finder).ending = e
}
