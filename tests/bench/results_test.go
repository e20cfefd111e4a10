package bench

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// report is all that the suite has measured.
type report struct {
	effort    effort
	began     time.Time
	inProcess []row
	sockets   []socketRow
	growth    []series
	uploads   []memoryRow
}

// write writes the page and the plots beside it, or prints the page if the path is
// empty.
func (r *report) write(path string) error {
	if path == "" {
		fmt.Print(r.page(func(string, string, string) {}))
		return nil
	}
	folder := filepath.Join(filepath.Dir(path), "plots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var failure error
	text := r.page(func(name, file, svg string) {
		failure = errors.Join(failure, os.WriteFile(filepath.Join(folder, file), []byte(svg), 0o644))
	})
	return errors.Join(failure, os.WriteFile(path, []byte(text), 0o644))
}

// page returns the text of the page, and passes its plots to keep.
func (r *report) page(keep plotter) string {
	var page strings.Builder
	plot := func(name, title, svg string) {
		file := strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace(name) + ".svg"
		keep(name, file, svg)
		fmt.Fprintf(&page, "![%s](plots/%s)\n\n", title, file)
	}
	r.writeHead(&page)
	r.writeInProcess(&page, plot)
	r.writeSockets(&page, plot)
	r.writeGrowth(&page, plot)
	r.writeVersions(&page)
	return page.String()
}

func (r *report) writeHead(page *strings.Builder) {
	fmt.Fprintf(page, "# Results\n\nWritten by `make bench`; see [README.md](README.md) for what is measured.\n\n")
	fmt.Fprintf(page, "%s, %s/%s, %d processors, GOGC %s. %d rounds in process and %d over sockets, peers by turns; medians, with quartiles in brackets. ", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), gogc(), r.effort.rounds, r.effort.socketRounds)
	fmt.Fprintf(page, "A ratio is a peer's processor time over Decant's: above 1, Decant is faster. \"decant again\" is Decant against itself, which is the noise.\n\n")
}

func gogc() string {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return fmt.Sprint(percent)
}

// plotter takes a plot.
type plotter func(name, title, svg string)

func (r *report) writeInProcess(page *strings.Builder, plot plotter) {
	fmt.Fprint(page, "## In process\n\nThe processor's time of one operation on one processor, the collector's included.\n\n")
	for _, row := range r.inProcess {
		fmt.Fprintf(page, "### %s\n\n| | ns | bytes | allocations | ratio |\n|---|---:|---:|---:|---:|\n", row.name)
		var labels []string
		var values []float64
		for i, name := range row.peers {
			costs := row.costs[i]
			ns := median(each(costs, nanoseconds))
			fmt.Fprintf(page, "| %s | %.0f | %.0f | %.1f | %s |\n", name, ns, median(each(costs, func(c cost) float64 { return c.bytes })), median(each(costs, func(c cost) float64 { return c.allocations })), spread(row.ratios(i)))
			labels, values = append(labels, name), append(values, ns)
		}
		fmt.Fprintln(page)
		fmt.Fprintf(page, "%s\n\n", commandLine(row.name))
		if row.profile != "" {
			fmt.Fprintf(page, "<details>\n<summary>Decant's profile, as a peer is faster</summary>\n\nThe time in the function itself, the sum of these so far, and with the functions that it calls:\n\n```\n%s```\n</details>\n\n", row.profile)
		}
		plot("process "+row.name, row.name, bars(row.name+", nanoseconds", labels, values))
	}
}

// commandLine measures one workload, or one row of the growth, again.
func commandLine(name string) string {
	return "`make bench ONLY='^" + name + "$'`"
}

func (r *report) writeSockets(page *strings.Builder, plot plotter) {
	fmt.Fprintf(page, "## Over sockets\n\n%d connections that are kept alive, each server in a process of its own, the client beside it on the same machine.\n\n", connections)
	for _, row := range r.sockets {
		fmt.Fprintf(page, "### %s\n\n| | requests/s | p50 µs | p99 µs | processor s per 100,000 | memory MiB | ratio |\n|---|---:|---:|---:|---:|---:|---:|\n", row.name)
		var labels []string
		var values []float64
		for i, name := range row.peers {
			column := func(of func(load) float64) (values []float64) {
				for _, l := range row.loads[i] {
					values = append(values, of(l))
				}
				return values
			}
			var ratios []float64
			for round, l := range row.loads[i] {
				ratios = append(ratios, l.per100k/row.loads[0][round].per100k)
			}
			seconds := median(column(func(l load) float64 { return l.per100k }))
			fmt.Fprintf(page, "| %s | %.0f | %.0f | %.0f | %.2f | %.1f | %s |\n", name,
				median(column(func(l load) float64 { return l.rate })), median(column(func(l load) float64 { return l.p50 })), median(column(func(l load) float64 { return l.p99 })),
				seconds, median(column(func(l load) float64 { return l.memory }))/(1<<20), spread(ratios))
			labels, values = append(labels, name), append(values, seconds)
		}
		fmt.Fprintln(page)
		fmt.Fprintf(page, "%s\n\n", commandLine(row.name))
		plot("sockets "+row.name, row.name, bars(row.name+", processor seconds per 100,000 requests", labels, values))
	}
}

func (r *report) writeGrowth(page *strings.Builder, plot plotter) {
	if len(r.growth) == 0 && len(r.uploads) == 0 {
		return
	}
	fmt.Fprint(page, "## Growth\n\nThe worst step is by how much more the cost grows than the number: 1 or less is linear or better.\n\n| | worst step | cost | command |\n|---|---:|---|---|\n")
	for _, s := range r.growth {
		var points []string
		for i, x := range s.xs {
			points = append(points, fmt.Sprintf("%d: %s", x, time.Duration(s.costs[i]).Round(10*time.Nanosecond)))
		}
		fmt.Fprintf(page, "| %s | %.2f | %s | %s |\n", s.name, s.slope(), strings.Join(points, ", "), commandLine(s.name))
	}
	fmt.Fprintln(page)
	for _, s := range r.growth {
		plot("growth "+s.name, s.name, lines(s))
	}
	if len(r.uploads) == 0 {
		return
	}
	fmt.Fprint(page, "| upload | largest memory of the server |\n|---:|---:|\n")
	for _, u := range r.uploads {
		fmt.Fprintf(page, "| %d MiB | %.1f MiB |\n", u.size>>20, float64(u.memory)/(1<<20))
	}
	fmt.Fprintf(page, "\n%s\n\n", commandLine("uploads"))
}

// writeVersions lists the peers as go.mod pins them.
func (r *report) writeVersions(page *strings.Builder) {
	fmt.Fprint(page, "## Versions\n\n| Peer | Version |\n|---|---|\n")
	fmt.Fprintf(page, "| net/http | %s |\n", runtime.Version())
	module, _ := os.ReadFile("go.mod")
	direct, _, _ := strings.Cut(string(module), ")")
	for line := range strings.Lines(direct) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), " v"); ok && !strings.Contains(name, "decant") {
			fmt.Fprintf(page, "| %s | v%s |\n", name, version)
		}
	}
	python := os.Getenv("DECANT_PYTHON")
	if python == "" {
		python = "python3"
	}
	script := `from importlib.metadata import version; import platform; print("Python", platform.python_version() + ", Flask", version("flask") + ", gunicorn", version("gunicorn"))`
	if out, err := exec.Command(python, "-c", script).Output(); err == nil {
		fmt.Fprintf(page, "| Flask under gunicorn, a worker for each processor | %s |\n", strings.TrimSpace(string(out)))
	}
}

const (
	plotWidth = 720
	labelRoom = 150
	barHeight = 24
)

// bars plots one value for each label.
func bars(title string, labels []string, values []float64) string {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, v)
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="13">`, plotWidth, (len(labels)+2)*barHeight)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="white"/><text x="8" y="18" font-weight="bold">%s</text>`, title)
	for i, label := range labels {
		y := (i + 1) * barHeight
		width := values[i] / largest * (plotWidth - labelRoom - 90)
		fill := "#9aa5b1"
		if strings.HasPrefix(label, "decant") {
			fill = "#2f6f9f"
		}
		fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.4g</text>`,
			labelRoom-8, y+16, label, labelRoom, y+2, width, barHeight-6, fill, labelRoom+width+6, y+16, values[i])
	}
	return svg.String() + "</svg>\n"
}

// lines plots a series on logarithmic axes, with a line of linear growth beside it.
func lines(s series) string {
	const width, height, room = 480, 320, 60
	at := func(v float64) float64 { return math.Log10(max(v, 0.5)) }
	left, right := at(float64(s.xs[0])), at(float64(s.xs[len(s.xs)-1]))
	low, high := math.Inf(1), math.Inf(-1)
	for _, c := range s.costs {
		low, high = min(low, at(c)), max(high, at(c))
	}
	low, high = math.Floor(low), max(math.Ceil(high), math.Floor(low)+1)
	x := func(v float64) float64 { return room + (at(v)-left)/(right-left)*(width-2*room) }
	y := func(v float64) float64 { return height - room - (at(v)-low)/(high-low)*(height-2*room) }
	var svg, points strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`, width, height)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="white"/><text x="8" y="18" font-weight="bold">%s</text><text x="%d" y="%d" text-anchor="middle">%s</text>`, s.name, width/2, height-14, s.unit)
	for power := low; power <= high; power++ {
		v := math.Pow(10, power)
		fmt.Fprintf(&svg, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`, room, width-room, y(v), y(v), room-6, y(v)+4, time.Duration(v))
	}
	for i, n := range s.xs {
		px, py := x(float64(n)), y(s.costs[i])
		fmt.Fprintf(&points, "%.1f,%.1f ", px, py)
		fmt.Fprintf(&svg, `<circle cx="%.1f" cy="%.1f" r="3" fill="#2f6f9f"/><text x="%.1f" y="%d" text-anchor="middle">%d</text>`, px, py, px, height-room+16, n)
	}
	fmt.Fprintf(&svg, `<polyline points="%s" fill="none" stroke="#2f6f9f" stroke-width="2"/>`, strings.TrimSpace(points.String()))
	return svg.String() + "</svg>\n"
}

func TestReport(t *testing.T) {
	s := series{"cookies", "cookies", []int{1, 10}, []float64{100, 900}}
	r := report{
		effort:    chosenEffort(),
		inProcess: []row{{"hello", []string{"decant", "chi"}, [][]cost{{{100, 208, 1}}, {{250, 400, 3}}}, "1s runtime.mallocgc\n"}},
		sockets:   []socketRow{{"hello", []string{"decant"}, [][]load{{{1, 2, 3, 4, 5 << 20}}}}},
		growth:    []series{s},
		uploads:   []memoryRow{{1 << 20, 2 << 20}},
	}
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	if err := r.write(path); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"| chi | 250 | 400 | 3.0 | 2.50 (2.50–2.50) |", "```\n1s runtime.mallocgc\n```", "| decant | 1 | 2 | 3 | 4.00 | 5.0 | 1.00", "| cookies | 0.90 | 1: 100ns, 10: 900ns | `make bench ONLY='^cookies$'` |", "| 1 MiB | 2.0 MiB |", "go-chi/chi", "plots/process-hello.svg"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	for _, name := range []string{"process-hello.svg", "sockets-hello.svg", "growth-cookies.svg"} {
		svg, err := os.ReadFile(filepath.Join(filepath.Dir(path), "plots", name))
		if err != nil || !strings.HasSuffix(string(svg), "</svg>\n") || strings.Contains(string(svg), "NaN") {
			t.Errorf("%s: %v, %s", name, err, svg)
		}
	}
}
