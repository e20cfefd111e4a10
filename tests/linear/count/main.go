// The program count writes the work that each reader does for inputs of two lengths,
// as JSON. "count 0 2" takes every second reader, "count 1 2" the others, so that two
// processes share the work. It counts only if it is built from the copy of the source that the tests
// of package linear make.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/decant-go/decant/tests/linear/quadratic"
	"github.com/decant-go/decant/tests/linear/readers"
	"github.com/decant-go/decant/tests/linear/work"
)

// inputs is how many inputs each reader gets.
const inputs = 40

// result is the work for one input.
type result struct {
	Reader, Input string
	Short, Long   int // the second input is eight times as long
}

// report is what the program writes.
type report struct {
	Results   []result
	Quadratic []result // of readers that must be found
	Entered   []int    // the numbers of the functions that were called
}

func main() {
	var part, parts int
	if _, err := fmt.Sscan(strings.Join(os.Args[1:], " "), &part, &parts); err != nil {
		log.Fatal("usage: count part parts: ", err)
	}
	var r report
	for i, reader := range readers.All() {
		if i%parts != part {
			continue
		}
		for _, input := range reader.Inputs(inputs) {
			r.Results = append(r.Results, measure(reader, input, 8<<10))
		}
	}
	for n, entered := range work.Entered {
		if entered {
			r.Entered = append(r.Entered, n)
		}
	}
	for i, name := range slices.Sorted(maps.Keys(quadratic.Readers)) {
		if i%parts != part {
			continue
		}
		for _, unit := range []string{`"a,`, "#,"} {
			reader := readers.Reader{Name: name, Read: quadratic.Readers[name]}
			r.Quadratic = append(r.Quadratic, measure(reader, readers.Input{Unit: unit}, 2<<10))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		log.Fatal(err)
	}
}

// enough is how much more work the longer input may be before its reader is stopped: a
// quadratic one takes minutes.
const enough = 12

// measure reads an input of the size and one of eight times the size. If the second is
// too much work, it also reads inputs that are a little shorter than the first, of which
// the one that is the most work counts: an input may be refused at once for its number
// of quotes, or for its length in groups of four.
func measure(reader readers.Reader, input readers.Input, size int) result {
	r := result{Reader: reader.Name, Input: input.String()}
	defer func() {
		if problem := recover(); problem != nil {
			panic(fmt.Sprintf("%s reads %s: %v", r.Reader, r.Input, problem))
		}
	}()
	short, long := input.Text(size, 0), input.Text(8*size, 0)
	r.Short = work.Measure(0, func() { reader.Read(short) })
	r.Long = work.Measure(enough*r.Short, func() { reader.Read(long) })
	if r.Long <= 8*r.Short {
		return r
	}
	for fewer := 1; fewer < 4; fewer++ {
		short := input.Text(size, fewer)
		r.Short = max(r.Short, work.Measure(0, func() { reader.Read(short) }))
	}
	r.Long = work.Measure(enough*r.Short, func() { reader.Read(long) })
	return r
}
