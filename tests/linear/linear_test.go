package linear

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/decant-go/decant/tests/linear/readers"
)

// growth is how much more work an input may be that is eight times as long.
const growth = 9

// result is what the program count writes about one input.
type result struct {
	Reader, Input string
	Short, Long   int
}

func (r result) isLinear() bool { return r.Long <= growth*r.Short }

func (r result) String() string {
	return fmt.Sprintf("%s: %s: 8 kB are %d units of work, 64 kB are %.1f times as many", r.Reader, r.Input, r.Short, float64(r.Long)/float64(r.Short))
}

// report is what the program count writes.
type report struct {
	Results, Quadratic []result
	Entered            []int
}

// TestReadersTakeLinearTime counts the work of every reader of what comes from
// outside. An input of 64 kB may be at most nine times the work of one of 8 kB. The
// work does not depend on the machine.
func TestReadersTakeLinearTime(t *testing.T) {
	folder := t.TempDir()
	source := writeCounted(t, folder)
	program := filepath.Join(folder, "count.exe") // Windows asks for the ending
	run(t, "go", "build", "-overlay", source.overlay, "-o", program, "./count")
	all := runParts(t, program, runtime.NumCPU())
	for _, r := range all.Results {
		if !r.isLinear() {
			t.Error(r)
		}
	}
	t.Run("quadratic readers are found", func(t *testing.T) { mustFind(t, all.Quadratic) })
	t.Run("all readers are called", func(t *testing.T) { mustCall(t, source.functions, all.Entered) })
}

// runParts shares the work among processes, because the counter is a global variable.
func runParts(t *testing.T, program string, parts int) (all report) {
	t.Helper()
	outs := make([][]byte, parts)
	var running sync.WaitGroup
	for i := range parts {
		running.Go(func() { outs[i] = run(t, program, strconv.Itoa(i), strconv.Itoa(parts)) })
	}
	running.Wait()
	for _, out := range outs {
		var r report
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatal(err)
		}
		all.Results = append(all.Results, r.Results...)
		all.Quadratic = append(all.Quadratic, r.Quadratic...)
		all.Entered = append(all.Entered, r.Entered...)
	}
	return all
}

// mustFind checks that each of the quadratic readers does too much work for one of its
// inputs.
func mustFind(t *testing.T, results []result) {
	found := map[string]bool{}
	for _, r := range results {
		found[r.Reader] = found[r.Reader] || !r.isLinear()
	}
	if len(found) == 0 {
		t.Error("there is no quadratic reader")
	}
	for reader, isFound := range found {
		if !isFound {
			t.Errorf("a reader that %s is not found", reader)
		}
	}
}

// mustCall checks that the list of readers is complete: it calls each function of the
// packages below that takes what a client may have sent, and each method of the types
// below.
func mustCall(t *testing.T, functions []function, entered []int) {
	for n, f := range functions {
		if isReader(f) && notReaders[f.name] == "" && !slices.Contains(entered, n) {
			t.Errorf("no reader calls %s: add one to the package readers, or say in notReaders why there is none", f.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(notReaders)) {
		if !slices.ContainsFunc(functions, func(f function) bool { return f.name == name }) {
			t.Errorf("notReaders names %s, which does not exist", name)
		}
	}
}

var (
	packagesOfReaders = strings.Fields("internal/header internal/formdata internal/wirecookie internal/httpdate internal/idna internal/pyjson internal/pytext internal/safepath internal/tagjson internal/uuid internal/signing internal/markup")
	typesOfReaders    = strings.Fields("Request Values Cookies Files File Accept ETags Signer TimestampSigner Serializer")
)

func isReader(f function) bool {
	of, _, _ := strings.Cut(f.name, ".")
	if of != "" {
		return f.takesRaw && slices.Contains(packagesOfReaders, of)
	}
	receiver, _, isMethod := strings.Cut(strings.TrimPrefix(f.name, "."), ".")
	return isMethod && slices.Contains(typesOfReaders, receiver)
}

// notReaders are functions that no reader needs to call, with the reason.
var notReaders = map[string]string{
	"internal/pytext.AppendFloat":          "it writes a number",
	"internal/pytext.AppendFloat32":        "it writes a number",
	"internal/httpdate.Append":             "it writes a date",
	"internal/uuid.UUID.AppendHex":         "it writes a UUID",
	"internal/header.CacheControl.Set":     "the program calls it",
	"internal/header.Challenge":            "it writes a header",
	"internal/header.CacheControl.SetFlag": "the program calls it",
	"internal/header.CacheControl.Delete":  "the program calls it",
	".Request.SetMaxContentLength":         "it takes a number",
	".Request.SetMaxFormMemorySize":        "it takes a number",
	".Request.SetMaxFormParts":             "it takes a number",
	".File.Save":                           "it copies what Open reads",
}

// BenchmarkReaders gives each reader some inputs of two lengths.
func BenchmarkReaders(b *testing.B) {
	for _, reader := range readers.All() {
		for _, size := range []int{8, 64} {
			b.Run(fmt.Sprintf("%s/%dkB", reader.Name, size), func(b *testing.B) {
				var inputs []string
				for _, input := range reader.Inputs(20) {
					inputs = append(inputs, input.Text(size<<10, 0))
				}
				b.SetBytes(int64(len(inputs) * size << 10))
				b.ReportAllocs()
				for b.Loop() {
					for _, input := range inputs {
						reader.Read(input)
					}
				}
			})
		}
	}
}
