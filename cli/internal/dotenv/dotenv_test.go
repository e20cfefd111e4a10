package dotenv

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAsPythonDotenv reads the files whose values the real library has told.
func TestAsPythonDotenv(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Environment map[string]string
		Cases       []struct {
			Text       string
			Values     map[string]*string
			Unreadable int
		}
	}
	if err := json.Unmarshal(data, &told); err != nil || len(told.Cases) == 0 {
		t.Fatalf("%d cases, %v", len(told.Cases), err)
	}
	for _, c := range told.Cases {
		want := map[string]string{}
		for name, value := range c.Values {
			if value != nil {
				want[name] = *value
			}
		}
		file := Parse(c.Text)
		got := file.Resolve(func(name string) (string, bool) {
			value, ok := told.Environment[name]
			return value, ok
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.Text, diff)
		}
		if len(file.Unreadable) != c.Unreadable {
			t.Errorf("%q has %d unreadable lines, not %d", c.Text, c.Unreadable, len(file.Unreadable))
		}
	}
}

func TestUnreadableLines(t *testing.T) {
	t.Parallel()
	file := Parse("A=1\n\n=2\r\nB='open\n# done\n\"x")
	if diff := cmp.Diff([]int{3, 4}, file.Unreadable); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"A=1", "A='x\\'y' # z", "export A=\"${B:-c}\"", "'A", "A=\"\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := Parse(text)
		for _, line := range file.Unreadable {
			if most := 1 + strings.Count(text, "\n") + strings.Count(text, "\r"); line < 1 || line > most {
				t.Errorf("line %d of %d", line, most)
			}
		}
		file.Resolve(func(string) (string, bool) { return "", false })
	})
}
