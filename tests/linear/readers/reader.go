// Package readers lists the readers of what comes from outside, each with the
// characters that mean something to it, and makes long inputs for them.
package readers

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reader reads what a client may have sent.
type Reader struct {
	Name string
	// Marks are the characters that mean something to it.
	Marks string
	// Units are longer pieces that mean something to it, to be repeated. A "#"
	// stands for a number that is another one in each repetition.
	Units []string
	// Heads and Tails stand before and after what is repeated.
	Heads, Tails []string
	// Most is how many inputs it gets at most; 0 is no bound.
	Most int
	// Read reads the text.
	Read func(text string)
}

// Input is a text that can be made in any length.
type Input struct {
	Head, Unit, Then, Tail string
}

func (i Input) String() string {
	name := "many " + strconv.Quote(i.Unit)
	if i.Then != "" {
		name += " and as many " + strconv.Quote(i.Then)
	}
	if i.Head != "" {
		name += " after " + strconv.Quote(shortened(i.Head))
	}
	if i.Tail != "" {
		name += " before " + strconv.Quote(shortened(i.Tail))
	}
	return name
}

func shortened(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}

// Text returns about size bytes, with as many repetitions less as fewer says.
func (i Input) Text(size, fewer int) string {
	var b strings.Builder
	b.WriteString(i.Head)
	room := size - len(i.Head) - len(i.Tail)
	if i.Then != "" {
		room /= 2
	}
	repeat(&b, i.Unit, room, fewer)
	repeat(&b, i.Then, room, fewer/2)
	b.WriteString(i.Tail)
	return b.String()
}

// repeat writes the unit as often as it fits. All numbers have five digits, so that
// the last repetitions are no other work than the first.
func repeat(b *strings.Builder, unit string, room, fewer int) {
	if unit == "" {
		return
	}
	length := len(unit) + 4*strings.Count(unit, "#")
	for n := range room/length - fewer {
		b.WriteString(strings.ReplaceAll(unit, "#", fmt.Sprintf("%05d", n)))
	}
}

// Inputs returns up to n inputs for the reader, always the same ones: first the
// repetitions of each mark and of each of its units, then of random strings of them.
func (r Reader) Inputs(n int) []Input {
	if r.Most > 0 {
		n = min(n, r.Most)
	}
	sum := fnv.New64()
	sum.Write([]byte(r.Name))
	random := rand.New(rand.NewPCG(sum.Sum64(), 1))
	heads, tails := append([]string{""}, r.Heads...), append([]string{""}, r.Tails...)
	letters := []string{"a", "#"}
	for marks := r.Marks; marks != ""; {
		_, size := utf8.DecodeRuneInString(marks) // 1 for a byte that is not UTF-8
		letters = append(letters, marks[:size])
		marks = marks[size:]
	}
	atoms := append(slices.Clone(letters), r.Units...)
	var inputs []Input
	add := func(i Input) {
		if !slices.Contains(inputs, i) && len(inputs) < n {
			inputs = append(inputs, i)
		}
	}
	for _, unit := range atoms {
		for _, head := range heads {
			for _, tail := range tails {
				add(Input{head, unit, "", tail})
			}
		}
	}
	for tries := 0; len(inputs) < n && tries < 4*n; tries++ {
		of := atoms
		if tries%2 == 0 {
			of = letters
		}
		i := Input{Head: pick(random, heads), Unit: join(random, of), Tail: pick(random, tails)}
		if tries%4 == 3 {
			i.Then = join(random, of)
		}
		add(i)
	}
	return inputs
}

func pick(random *rand.Rand, of []string) string { return of[random.IntN(len(of))] }

// join joins two to five of the strings.
func join(random *rand.Rand, of []string) string {
	var b strings.Builder
	for range 2 + random.IntN(4) {
		b.WriteString(pick(random, of))
	}
	return b.String()
}
