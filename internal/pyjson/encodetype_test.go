package pyjson

import (
	"encoding/json"
	"sync"
	"testing"
)

// tree holds itself in every way that a type can.
type tree struct {
	Kids  []tree          `json:"kids"`
	Mark  byPointer       `json:"mark"`
	Named map[string]tree `json:"named"`
	Next  *tree           `json:"next"`
	Row   [1]any          `json:"row"`
}

type byPointer struct{ text string }

func (b *byPointer) MarshalText() ([]byte, error) { return []byte(b.text), nil }

// TestTypesOfThemselves shares one Encoder that knows no type yet. A value
// that has an address marshals itself by its pointer, as in encoding/json.
func TestTypesOfThemselves(t *testing.T) {
	leaf := func(text string) tree {
		return tree{Kids: []tree{}, Named: map[string]tree{}, Mark: byPointer{text}}
	}
	root := leaf("root")
	next := leaf("next")
	root.Kids, root.Next = []tree{leaf("kid"), leaf("kid")}, &next
	root.Row[0] = []*tree{&next, nil}
	want, err := json.Marshal(&root)
	if err != nil {
		t.Fatal(err)
	}
	e := &Encoder{SortKeys: true}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := e.Line(&root); err != nil || got != string(want)+"\n" {
				t.Errorf("%v\n got %s\nwant %s", err, got, want)
			}
		})
	}
	all.Wait()
}
