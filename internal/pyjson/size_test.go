package pyjson

import (
	"fmt"
	"strings"
	"testing"
)

func TestHasMoreElements(t *testing.T) {
	for document, elements := range map[string]int{
		`1`:                     1,
		`"a,[{"`:                1,
		`"a\",[{"`:              1,
		`"\\",1`:                2,
		`[]`:                    2,
		`[1]`:                   2,
		`[1,2]`:                 3,
		`{"a":1,"b":[{},[]]}`:   7,
		`[ "a,b" , {"c,d": 1}]`: 4,
	} {
		t.Run(fmt.Sprint(document), func(t *testing.T) {
			if HasMoreElements([]byte(document), elements) {
				t.Errorf("it has more than %d elements", elements)
			}
			if !HasMoreElements([]byte(document), elements-1) {
				t.Errorf("it has at most %d elements", elements-1)
			}
		})
	}
}

// No document that is parsed has more values than were counted.
func FuzzHasMoreElements(f *testing.F) {
	f.Add(`[{"":0},{"":0}]`)
	f.Add(`{"a\\":[1,"\"",NaN]}`)
	f.Fuzz(func(t *testing.T, document string) {
		value, err := Parse([]byte(document))
		if err != nil {
			return
		}
		if n := elementsOf(value); n > 0 && !HasMoreElements([]byte(document), n-1) {
			t.Errorf("%q holds %d elements, and fewer were counted", document, n)
		}
	})
}

func elementsOf(value any) int {
	n := 1
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			n += elementsOf(item)
		}
	case map[string]any:
		for _, item := range value {
			n += elementsOf(item)
		}
	}
	return n
}

func BenchmarkHasMoreElements(b *testing.B) {
	document := []byte("[" + strings.Repeat(`{"name":"value"},`, 60_000) + "0]")
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		HasMoreElements(document, 1_000_000)
	}
}
