package bench

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"
)

// The flags of the suite, which make bench passes.
var (
	resultsFile = flag.String("results", "", "write the results of the suite to this file, and its plots beside it")
	only        = flag.String("only", "", "take the workloads whose names match this regular expression")
	isQuick     = flag.Bool("quick", false, "take two minutes instead of half an hour")
)

// effort is how much of everything the suite does.
type effort struct {
	rounds       int
	slice        time.Duration // of one peer in one round, in process
	socketRounds int
	socketSlice  time.Duration
	largest      int // clients
	upload       int64
}

func chosenEffort() effort {
	if *isQuick {
		return effort{9, 15 * time.Millisecond, 4, 400 * time.Millisecond, 1024, 64 << 20}
	}
	return effort{31, 60 * time.Millisecond, 21, time.Second, 4096, 1 << 30}
}

// BenchmarkSuite runs the workloads on all peers by turns. It writes the results to
// the file that -results names, or prints those that -only chooses. See README.md.
func BenchmarkSuite(b *testing.B) {
	if *resultsFile == "" && *only == "" {
		b.Fatal("say where the results go, or what to measure and print: make bench, or make bench ONLY=hello")
	}
	e := chosenEffort()
	r := report{effort: e, began: time.Now()}
	chosen := slices.DeleteFunc(workloads(b), func(w workload) bool { return !isChosen(w.name) })
	for _, w := range chosen {
		w.peers() // checks their answers
	}
	for _, w := range chosen {
		progress("in process: %s", w.name)
		r.inProcess = append(r.inProcess, w.measure(b, e))
	}
	r.growth = measureGrowth(b, e)
	r.sockets = measureSockets(b, e)
	if isChosen(clientsName) {
		r.growth = append(r.growth, measureClients(b, e))
	}
	if isChosen("uploads") {
		r.uploads = measureUploads(b, e)
	}
	if err := r.write(*resultsFile); err != nil {
		b.Fatal(err)
	}
}

// isChosen reports whether a workload of that name is to be measured.
func isChosen(name string) bool { return regexp.MustCompile(*only).MatchString(name) }

func progress(format string, values ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", values...)
}

// workload is what all peers do. Each operation of a peer may be several requests. The
// peers are made when they are measured, because the collector's work grows with all
// that is alive.
type workload struct {
	name  string
	peers func() []peer
}

type peer struct {
	name string
	run  func() // one operation
}

// sending is an operation that sends a message. The answer was checked.
func sending(tb testing.TB, m message, want answer, competitors []competitor) []peer {
	peers := make([]peer, len(competitors))
	for i, one := range competitors {
		c, m := newClient(one.handler), m.own()
		check(tb, c, m, want)
		peers[i] = peer{one.name, func() { c.send(m) }}
	}
	return peers
}

// workloads lists what is measured. Making the peers of a workload checks that their
// answers are equal.
func workloads(b *testing.B) []workload {
	diskOf(b)
	folder, content := staticFolder(b)
	send := func(m message, want answer, make func() []competitor) func() []peer {
		return func() []peer { return sending(b, m, want, make()) }
	}
	with := func(make func() []competitor, more competitor) func() []competitor {
		return func() []competitor { return append(make(), more) }
	}
	files := func() []competitor { return static(folder) }
	templates := func() []competitor { peers, _ := templatePeers(b); return peers }
	_, templatePage := templatePeers(b)
	cookieMessage, cookieAnswer := cookieRequest()
	formMessage, formAnswer := form()
	uploadMessage, uploadAnswer := upload(b)
	return []workload{
		{"hello", send(get("/hello", ""), page(greeting), with(smallApps, bare(bareHello)))},
		{"one parameter", send(get("/user/ann", ""), page("ann"), with(smallApps, bare(bareParameter)))},
		{"252 rules, six requests", func() []peer { return journeys(b, apiJourney(), routingApps(apiTable())) }},
		{"five hooks", send(get("/hello", ""), page(greeting), with(func() []competitor { return hooked(new(int)) }, bare(bareHooks)))},
		{"JSON of a struct", send(get("/json", ""), jsonAnswer(), with(smallApps, bare(bareJSON())))},
		{"JSON of a map", send(get("/", ""), jsonAnswer(), func() []competitor { return jsonApps(orderMap()) })},
		{"a cookie read, one set", send(cookieMessage, cookieAnswer, with(cookieApps, bare(bareCookies)))},
		{"session read", func() []peer { return sessionPeers(b, "/", describe(userID, username, theme)) }},
		{"session written", func() []peer { return sessionPeers(b, "/write", greeting) }},
		{"login flow, four requests", func() []peer { return flows(b) }},
		{"form of ten fields", send(formMessage, formAnswer, inputs)},
		{"upload of 1 MiB", send(uploadMessage, uploadAnswer, inputs)},
		{"file of 64 KiB", send(get(staticTarget, ""), wholeFile(content), files)},
		{"file not modified", send(unmodified(b, static(folder)[0].handler), answer{status: http.StatusNotModified}, files)},
		{"page of html/template", send(get("/", ""), templatePage, templates)},
	}
}

func journeys(tb testing.TB, j *journey, competitors []competitor) []peer {
	var peers []peer
	for _, one := range competitors {
		c, messages := newClient(one.handler), slices.Clone(j.messages)
		for i := range messages {
			messages[i] = messages[i].own()
		}
		j.check(tb, c)
		peers = append(peers, peer{one.name, func() {
			for _, m := range messages {
				c.send(m)
			}
		}})
	}
	return peers
}

func sessionPeers(tb testing.TB, target, want string) []peer {
	var peers []peer
	for _, one := range allSessionApps() {
		cookie, c := loggedIn(tb, one.handler), newClient(one.handler)
		m := checkSession(tb, c, target, cookie, want)
		peers = append(peers, peer{one.name, func() { c.send(m) }})
	}
	return peers
}

func flows(tb testing.TB) []peer {
	var peers []peer
	for _, one := range allSessionApps() {
		v := newVisitor(one.handler)
		v.check(tb)
		peers = append(peers, peer{one.name, v.flow})
	}
	return peers
}

// cost is what one operation takes.
type cost struct {
	nanoseconds        float64 // of the processor, the collector's included
	bytes, allocations float64
}

// row is a workload with the costs of each peer, one for each round.
type row struct {
	name    string
	peers   []string
	costs   [][]cost // by peer
	profile string   // of Decant, if a peer is faster
}

// againName is Decant against itself.
const againName = "decant again"

// measure runs the peers by turns, and the first of them a second time, which shows
// the noise. Each round begins with another one.
func (w workload) measure(tb testing.TB, e effort) row {
	peers := w.peers()
	r := measureByTurns(w.name, append(peers, peer{againName, peers[0].run}), e)
	if r.isBehind() {
		r.profile = profileOf(tb, peers[0].run, time.Duration(e.rounds)*e.slice)
	}
	return r
}

// isBehind reports whether a peer with the same work to do is faster than Decant.
func (r row) isBehind() bool {
	for i, name := range r.peers {
		if name != r.peers[0] && name != bareName && name != againName && median(r.ratios(i)) < 1 {
			return true
		}
	}
	return false
}

// profileOf runs an operation for a while and lists the functions that take the most
// time by themselves.
func profileOf(tb testing.TB, run func(), length time.Duration) string {
	path := filepath.Join(tb.TempDir(), "profile")
	file, err := os.Create(path)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for range operationsIn(length, run) {
		run()
	}
	pprof.StopCPUProfile()
	file.Close()
	out, err := exec.Command("go", "tool", "pprof", "-top", "-nodecount", "16", path).Output()
	if err != nil {
		tb.Fatal(err)
	}
	_, list, _ := strings.Cut(string(out), "flat%")
	_, list, _ = strings.Cut(list, "\n")
	return list
}

func measureByTurns(name string, peers []peer, e effort) row {
	r := row{name: name, costs: make([][]cost, len(peers))}
	counts := make([]int, len(peers))
	for i, p := range peers {
		r.peers = append(r.peers, p.name)
		counts[i] = operationsIn(e.slice, p.run)
	}
	for round := range e.rounds {
		for i := range peers {
			i = (i + round) % len(peers)
			r.costs[i] = append(r.costs[i], costOf(counts[i], peers[i].run))
		}
	}
	return r
}

// operationsIn returns how many operations take that long.
func operationsIn(slice time.Duration, run func()) int {
	for n := 1; ; n *= 2 {
		began := time.Now()
		for range n {
			run()
		}
		if took := time.Since(began); took >= slice/4 {
			return max(1, int(float64(n)*float64(slice)/float64(took)))
		}
	}
}

func costOf(n int, run func()) cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := processorTime()
	for range n {
		run()
	}
	took := processorTime() - began
	runtime.ReadMemStats(&after)
	count := float64(n)
	return cost{float64(took) / count, float64(after.TotalAlloc-before.TotalAlloc) / count, float64(after.Mallocs-before.Mallocs) / count}
}

// median sorts a copy.
func median(values []float64) float64 { return quantile(values, 0.5) }

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

func each(costs []cost, of func(cost) float64) []float64 {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	return values
}

func nanoseconds(c cost) float64 { return c.nanoseconds }

// ratios are a peer's time over that of the first peer, round by round.
func (r row) ratios(peer int) []float64 {
	values := make([]float64, len(r.costs[peer]))
	for i := range values {
		values[i] = r.costs[peer][i].nanoseconds / r.costs[0][i].nanoseconds
	}
	return values
}

// spread writes a median with its quartiles.
func spread(values []float64) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(values), quantile(values, 0.25), quantile(values, 0.75))
}

func TestQuantiles(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	if got := fmt.Sprint(median(values), quantile(values, 0.25), quantile(values, 0.75), median(nil)); got != "3 2 4 0" {
		t.Errorf("got %s", got)
	}
	if got := spread(values); !strings.HasPrefix(got, "3.00 (2.00") {
		t.Errorf("got %s", got)
	}
}

func TestPeersAgree(t *testing.T) {
	for _, m := range []struct {
		message message
		want    answer
	}{
		{get("/hello", ""), page(greeting)}, {get("/user/ann", ""), page("ann")}, {get("/json", ""), jsonAnswer()},
	} {
		agree(t, m.message, m.want, smallApps())
	}
	for _, one := range allSessionApps() {
		newVisitor(one.handler).check(t)
	}
	peers, want := templatePeers(t)
	agree(t, get("/", ""), want, peers)
}
