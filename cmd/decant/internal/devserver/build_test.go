package devserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadMistakes(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	for i := range 20 {
		lines = append(lines, strings.Repeat("x", i))
	}
	if err := os.WriteFile(filepath.Join(dir, "views.go"), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	got := readMistakes(dir, "# example.com/shop\n"+
		"./views.go:2:7: cannot use x as y:\n\tmissing method Z\n"+
		"./gone.go:3: no such thing\n"+
		"views.go:99999999999999999999:1: too far\n"+
		"note: module requires Go 1.99\n")
	want := []mistake{
		{File: "views.go", Line: 2, Column: 7, Message: "cannot use x as y:\nmissing method Z", Source: []sourceLine{
			{1, "", false}, {2, "x", true}, {3, "xx", false}, {4, "xxx", false}, {5, "xxxx", false}, {6, "xxxxx", false},
		}},
		{File: "gone.go", Line: 3, Message: "no such thing"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	many := strings.Repeat("a.go:1:1: no\n", 1000)
	if got := len(readMistakes(dir, many)); got != maxMistakes {
		t.Errorf("%d mistakes are shown", got)
	}
}

func TestBuildOutput(t *testing.T) {
	times := &times{}
	output := &buildOutput{times: times}
	for _, part := range []string{"go: downloading example.com/a v1.0.0\nin", "ternal/cpu\nexample.com/shop\n# example.com/", "shop\n./a.go:1:2: no\n"} {
		output.Write([]byte(part))
	}
	if got := times.downloads.Load(); got != 1 {
		t.Errorf("%d downloads", got)
	}
	if got := times.packages.Load(); got != 2 {
		t.Errorf("%d packages", got)
	}
	if got := output.messages.String(); got != "# example.com/shop\n./a.go:1:2: no\n" {
		t.Errorf("the messages are %q", got)
	}
}

func TestTaskOfChange(t *testing.T) {
	inputs := map[string]bool{"/app/main.go": true, "/app/embedded/page.html": true, "/app/go.mod": true}
	for _, c := range []struct {
		path   string
		inputs map[string]bool
		want   task
	}{
		{"/app/main.go", inputs, rebuild},
		{"/app/new.go", inputs, rebuild},
		{"/app/go.mod", inputs, rebuild},
		{"/app/embedded/page.html", inputs, rebuild},
		{"/app/embedded/another.html", inputs, rebuild},
		{"/app/embedded/notes.txt", inputs, reload},
		{"/app/templates/page.html", inputs, reload},
		{"/app/static/app.css", inputs, reload},
		{"/app/.env", inputs, restart},
		{"/app/.env", nil, restart},
		{"/app/static/app.css", nil, rebuild}, // it may be embedded
	} {
		b := &builder{inputs: c.inputs}
		if got := b.task([]string{c.path}); got != c.want {
			t.Errorf("%s: %v; want %v", c.path, got, c.want)
		}
	}
	for _, c := range []struct {
		changed []string
		inputs  map[string]bool
		want    bool
	}{
		{[]string{"/app/out.txt"}, nil, true},
		{[]string{"/app/out.txt", "/app/new.go"}, nil, false},
		{[]string{"/app/.env"}, nil, false},
		{[]string{"/app/out.txt"}, inputs, false},
	} {
		b := &builder{inputs: c.inputs}
		if got := b.doubts(c.changed); got != c.want {
			t.Errorf("doubts of %v: %v; want %v", c.changed, got, c.want)
		}
	}
	b := &builder{inputs: inputs}
	if got := b.task([]string{"/app/static/app.css", "/app/.env", "/app/main.go"}); got != rebuild {
		t.Errorf("several files ask for %v", got)
	}
}

func TestTail(t *testing.T) {
	var last tail
	for range 10 {
		last.Write([]byte(strings.Repeat("x", maxOutput/4)))
	}
	last.Write([]byte("end"))
	if len(last.data) != maxOutput || !strings.HasSuffix(string(last.data), "xend") {
		t.Errorf("%d bytes that end in %q", len(last.data), last.data[len(last.data)-4:])
	}
}
