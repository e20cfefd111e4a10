package flask

import (
	"hash/fnv"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// random makes sessions of everything that Flask's cookie can hold; generate.py
// is its Python twin.
type random struct{ *rand.Rand }

// newRandom starts from DECANT_INTEROP_SEED, a number or "clock". The default is
// always the same, so that a change fails by its own mistakes only; the hunt for
// old ones starts from the clock.
func newRandom(t testing.TB) (r random, seed uint64) {
	t.Helper()
	switch text := os.Getenv("DECANT_INTEROP_SEED"); text {
	case "":
		seed = 1
	case "clock":
		seed = uint64(time.Now().UnixNano())
	default:
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("seed: DECANT_INTEROP_SEED=%d", seed)
	name := fnv.New64a()
	name.Write([]byte(t.Name()))
	return random{rand.New(rand.NewPCG(seed, name.Sum64()))}, seed
}

// keysLikeTags are the tags of the format, and what it writes to tell a key
// from a tag.
var keysLikeTags = []string{" t", " b", " m", " u", " d", " di", " di__", " t__", "__", ""}

var texts = []string{"", "é☃", "𝄞😀", "\x00\x1f\x7f", `"\/`, "<b>&'", "\u2028\u2029", "\ufeff\uffff"}

var floats = []float64{0, math.Copysign(0, -1), 1e16, 1e15, 1e-5, 0.1, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}

var characters = []rune("abcXYZ 09_.-~<>&\"'\\\t\né☃ß\x00\x1f\u0080𝄞😀")

func pick[T any](r random, from []T) T { return from[r.IntN(len(from))] }

func (r random) text() string {
	if r.IntN(3) == 0 {
		return pick(r, texts)
	}
	text := make([]rune, r.IntN(12))
	for i := range text {
		text[i] = pick(r, characters)
	}
	return string(text)
}

func (r random) key() string {
	if r.IntN(4) == 0 {
		return pick(r, keysLikeTags)
	}
	return r.text()
}

func (r random) bytes() []byte {
	data := make([]byte, r.IntN(40))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// bigInt gives numbers that no int can hold.
func (r random) bigInt() *big.Int {
	n := new(big.Int).SetUint64(r.Uint64() | 1<<63)
	n.Lsh(n, uint(r.IntN(200)))
	if r.IntN(2) == 0 {
		n.Neg(n)
	}
	return n.Sub(n, big.NewInt(1))
}

func (r random) float() float64 {
	if r.IntN(2) == 0 {
		return pick(r, floats)
	}
	return r.NormFloat64() * math.Pow10(r.IntN(60)-30)
}

func (r random) uuid() decant.UUID {
	var id decant.UUID
	for i := range id {
		id[i] = byte(r.Uint32())
	}
	return id
}

// date gives a whole second of the years 1000 to 9999. Before that, Python
// takes a year for an abbreviated one.
func (r random) date() time.Time {
	first := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	return time.Unix(first+r.Int64N(last-first), 0).UTC()
}

const leaves = 10

func (r random) leaf(choice int) any {
	switch choice {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return int(r.Int64()>>r.IntN(64)) * (r.IntN(2)*2 - 1)
	case 3:
		return r.bigInt()
	case 4:
		return r.float()
	case 5:
		return r.bytes()
	case 6:
		return decant.Markup(r.text())
	case 7:
		return r.uuid()
	case 8:
		return r.date()
	}
	return r.text()
}

func (r random) value(depth int) any {
	choices := leaves
	if depth > 0 {
		choices += 6
	}
	switch choice := r.IntN(choices); choice {
	case leaves, leaves + 1:
		return r.items(depth - 1)
	case leaves + 2, leaves + 3:
		return decant.Tuple(r.items(depth - 1))
	case leaves + 4, leaves + 5:
		return r.mapping(r.IntN(4), depth-1)
	default:
		return r.leaf(choice)
	}
}

func (r random) items(depth int) []any {
	items := make([]any, r.IntN(4))
	for i := range items {
		items[i] = r.value(depth)
	}
	return items
}

func (r random) mapping(size, depth int) map[string]any {
	values := map[string]any{}
	for range size {
		values[r.key()] = r.value(depth)
	}
	return values
}

// session has at least one key: an empty one has no cookie.
func (r random) session() map[string]any { return r.mapping(1+r.IntN(4), 4) }

func diffTyped(want, got typed) string { return cmp.Diff(plain(want), plain(got)) }
