package jinja

import (
	"context"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
)

// The order of a Go map is another one each time, so each of these is tried often.
const often = 30

func TestKeysOfAnyTypeHaveAnOrder(t *testing.T) {
	t.Parallel()
	keys := map[any]any{1.5: "", 10: "", 2: "", 15.5: "", uint(3): "", "1": "", 1: "", "2x": "", int8(1): ""}
	engine, err := New(EngineConfig{FS: fstest.MapFS{"keys.txt": {Data: []byte("{{ keys|join(' ') }}")}}})
	if err != nil {
		t.Fatal(err)
	}
	for range often {
		var page strings.Builder
		err := engine.Render(context.Background(), &page, "keys.txt", Vars{"keys": keys})
		if want := "1 1 1.5 2 3 10 15.5 1 2x"; err != nil || page.String() != want {
			t.Fatalf("got %q, %v, want %q", page.String(), err, want)
		}
	}
}

// NaN is a key that is never found.
func TestAKeyThatIsNaN(t *testing.T) {
	t.Parallel()
	engine, err := New(EngineConfig{FS: fstest.MapFS{"keys.txt": {Data: []byte("{{ keys }} {% for key, value in keys|items %}{{ key }} is {{ value }}{% endfor %}")}}})
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	err = engine.Render(context.Background(), &page, "keys.txt", Vars{"keys": map[float64]int{math.NaN(): 1}})
	if want := "{nan: 1} nan is 1"; err != nil || page.String() != want {
		t.Errorf("got %q, %v, want %q", page.String(), err, want)
	}
}

func TestOfSeveralMistakesTheFirstIsNamed(t *testing.T) {
	t.Parallel()
	mistakes := map[string]any{"b": 1, "a": 1, "c": 1}
	for name, config := range map[string]EngineConfig{
		"filters": {Filters: mistakes},
		"tests":   {Tests: mistakes},
		"globals": {Globals: map[string]any{"b": twoResults, "a": twoResults, "c": twoResults}},
	} {
		config.FS = fs.FS(fstest.MapFS{})
		for range often {
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), `"a"`) {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

func twoResults() (a, b int) { return 0, 0 }
