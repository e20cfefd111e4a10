package bench

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/decant-go/decant"
)

// serveVariable makes the test binary a server: a group of applications and a peer.
const serveVariable = "DECANT_BENCH_SERVE"

// folderVariable names the folder of static files for such a server.
const folderVariable = "DECANT_BENCH_FOLDER"

// One processor makes the garbage collector take its time from the request
// that caused it, instead of from a processor that happens to be idle.
func TestMain(m *testing.M) {
	if what := os.Getenv(serveVariable); what != "" {
		fmt.Fprintln(os.Stderr, serve(what))
		os.Exit(1)
	}
	runtime.GOMAXPROCS(1)
	os.Exit(m.Run())
}

// serve prints its address and answers until it is killed.
func serve(what string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	group, name, _ := strings.Cut(what, "/")
	if name == "fiber" {
		return fiberApps[group](os.Getenv(folderVariable)).Listener(listener)
	}
	for _, one := range groups[group](os.Getenv(folderVariable)) {
		if one.name == name {
			return http.Serve(listener, one.handler)
		}
	}
	return fmt.Errorf("there is no %s", what)
}

// groups make the applications of the servers.
var groups = map[string]func(folder string) []competitor{
	"small":    func(string) []competitor { return smallApps() },
	"sessions": func(string) []competitor { return allSessionApps() },
	"static":   socketFiles,
	"upload":   func(string) []competitor { return []competitor{{"decant", uploadApp()}} },
}

// socketFiles serves a folder with http.FileServerFS where static has one file.
func socketFiles(folder string) []competitor {
	peers := static(folder)
	for i := range peers {
		if peers[i].name == "nethttp" {
			peers[i].handler = http.StripPrefix("/static/", http.FileServerFS(os.DirFS(folder)))
		}
	}
	return peers
}

func uploadApp() *decant.App {
	app := decant.New("upload")
	app.Config.MaxContentLength = 0
	app.Post("/", func(c *decant.Context) (any, error) {
		file, err := c.Request.Files.Require("f")
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(file.Size), nil
	}, decant.Endpoint("upload"))
	return app
}

// server is a peer that runs in a process of its own.
type server struct {
	name, address string
	command       *exec.Cmd
}

func startServer(tb testing.TB, group, name, folder string) *server {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serveVariable+"="+group+"/"+name, folderVariable+"="+folder)
	return start(tb, name, command)
}

// start waits for the line with the address.
func start(tb testing.TB, name string, command *exec.Cmd) *server {
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	s := &server{name: name, command: command}
	tb.Cleanup(s.stop)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	s.address = strings.TrimSpace(address)
	return s
}

func (s *server) stop() {
	if s.command.ProcessState == nil {
		syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
		s.command.Wait()
	}
}

// startFlask runs flaskapp.py under gunicorn with a worker for each processor. It
// returns nil where gunicorn is not installed.
func startFlask(tb testing.TB) *server {
	python := cmp.Or(os.Getenv("DECANT_PYTHON"), "python3")
	if exec.Command(python, "-c", "import gunicorn, flask").Run() != nil {
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	workers := strconv.Itoa(runtime.NumCPU())
	command := exec.Command("sh", "-c", `echo "$2"; exec "$1" -B -m gunicorn -w "$3" -b "$2" --log-level error flaskapp:app`, "sh", python, address, workers)
	s := start(tb, "flask", command)
	for range 100 {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	tb.Fatal("gunicorn does not answer")
	return nil
}

// usage is the processor time and the largest memory of a server and its workers.
type usage struct {
	processor time.Duration
	memory    int64 // bytes
}

const ticksPerSecond = 100 // of /proc, on every architecture that Go runs on

func (s *server) usage() (total usage) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, _ := os.ReadFile(path)
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 || fields[2] != strconv.Itoa(s.command.Process.Pid) {
			continue
		}
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		total.processor += time.Duration(user+system) * time.Second / ticksPerSecond
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "status"))
		_, peak, _ := strings.Cut(string(status), "VmHWM:")
		peak, _, _ = strings.Cut(peak, "kB")
		kilobytes, _ := strconv.ParseInt(strings.TrimSpace(peak), 10, 64)
		total.memory += kilobytes << 10
	}
	return total
}

// load is what clients measured.
type load struct {
	rate     float64 // requests per second
	p50, p99 float64 // microseconds
	per100k  float64 // processor seconds of the server for 100,000 requests
	memory   float64 // bytes
}

// loadOf sends a request from many connections for a time.
func (s *server) loadOf(tb testing.TB, raw string, connections int, slice time.Duration) load {
	before, began := s.usage(), time.Now()
	var group sync.WaitGroup
	var mutex sync.Mutex
	var latencies []float64
	for range connections {
		group.Go(func() {
			own, err := s.client(raw, began.Add(slice))
			if err != nil {
				tb.Errorf("%s: %v", s.name, err)
			}
			mutex.Lock()
			latencies = append(latencies, own...)
			mutex.Unlock()
		})
	}
	group.Wait()
	took, after := time.Since(began), s.usage()
	count := float64(len(latencies))
	return load{count / took.Seconds(), quantile(latencies, 0.5), quantile(latencies, 0.99), (after.processor - before.processor).Seconds() / count * 1e5, float64(after.memory)}
}

// client sends a request on one connection until the end, and returns how many
// microseconds each took.
func (s *server) client(raw string, end time.Time) (latencies []float64, err error) {
	var c *conversation
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	for began := time.Now(); began.Before(end); {
		if c == nil { // gunicorn's workers close each connection
			if c, err = dial(s.address); err != nil {
				return latencies, err
			}
		}
		isLast, err := c.ask(raw)
		if err != nil {
			return latencies, err
		}
		now := time.Now()
		latencies = append(latencies, float64(now.Sub(began).Microseconds()))
		began = now
		if isLast {
			c.Close()
			c = nil
		}
	}
	return latencies, nil
}

// conversation is a connection to a server. The first answer is read as HTTP. The
// others have its size, because to read them all so would take the processor from the
// server.
type conversation struct {
	net.Conn
	answer []byte // the last one
}

func dial(address string) (*conversation, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &conversation{Conn: connection}, nil
}

func (c *conversation) ask(raw string) (isLast bool, err error) {
	if _, err := io.WriteString(c, raw); err != nil {
		return false, err
	}
	if c.answer == nil {
		return c.readFirst()
	}
	if _, err := io.ReadFull(c, c.answer); err != nil {
		return false, err
	}
	return false, c.check()
}

func (c *conversation) readFirst() (isLast bool, err error) {
	var read bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(c, &read)), nil)
	if err != nil {
		return false, err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return false, err
	}
	c.answer = read.Bytes()
	return response.Close, c.check()
}

func (c *conversation) check() error {
	if !bytes.HasPrefix(c.answer, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("the answer is %.100q", c.answer)
	}
	return nil
}

// socketRow is one workload over sockets.
type socketRow struct {
	name  string
	peers []string
	loads [][]load // by peer
}

type socketWorkload struct {
	name, group, target, want string
	needsSession              bool
	peers                     []string
}

const connections = 64

func measureSockets(b *testing.B, e effort) (rows []socketRow) {
	folder, content := staticFolder(b)
	small := []string{"decant", "nethttp", "httprouter", "chi", "echo", "gin", "fiber", "flask", "decant"}
	for _, w := range []socketWorkload{
		{"hello", "small", "/hello", greeting, false, small},
		{"one parameter", "small", "/user/ann", "ann", false, small},
		{"JSON of a struct", "small", "/json", orderJSON, false, small},
		{"session read", "sessions", "/", describe(userID, username, theme), true, []string{"decant", "gorilla", "scs", "gin", "fiber", "flask", "decant"}},
		{"file of 64 KiB", "static", staticTarget, content, false, []string{"decant", "nethttp", "httprouter", "chi", "echo", "gin", "fiber", "decant"}},
	} {
		if !isChosen(w.name) {
			continue
		}
		progress("over sockets: %s", w.name)
		rows = append(rows, w.measure(b, e, folder))
	}
	return rows
}

func (w socketWorkload) measure(b *testing.B, e effort, folder string) socketRow {
	r := socketRow{name: w.name}
	var servers []*server
	var requests []string
	for i, name := range w.peers {
		var s *server
		if name == "flask" {
			s = startFlask(b)
		} else {
			s = startServer(b, w.group, name, folder)
		}
		if s == nil {
			progress("gunicorn or Flask is missing: no row of Flask")
			continue
		}
		if i == len(w.peers)-1 {
			name += " again"
		}
		servers, r.peers = append(servers, s), append(r.peers, name)
		requests = append(requests, w.request(b, s))
	}
	r.loads = make([][]load, len(servers))
	for round := range e.socketRounds {
		for i := range servers {
			i = (i + round) % len(servers)
			r.loads[i] = append(r.loads[i], servers[i].loadOf(b, requests[i], connections, e.socketSlice))
		}
	}
	for _, s := range servers {
		s.stop()
	}
	return r
}

// request returns the request to a server, whose answer it has checked.
func (w socketWorkload) request(tb testing.TB, s *server) string {
	raw := "GET " + w.target + " HTTP/1.1\r\nHost: " + s.address + "\r\n"
	if w.needsSession {
		response, err := http.Get("http://" + s.address + "/write")
		if err != nil {
			tb.Fatal(err)
		}
		response.Body.Close()
		pair, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";")
		raw += "Cookie: " + pair + "\r\n"
	}
	raw += "\r\n"
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		tb.Fatal(err)
	}
	defer connection.Close()
	io.WriteString(connection, raw)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		tb.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK || string(body) != w.want {
		tb.Fatalf("%s answers %s with status %d: %.200q, want %.200q", s.name, w.target, response.StatusCode, body, w.want)
	}
	return raw
}

const clientsName = "concurrent clients"

// measureClients measures hello with 1 client and more. Its costs are processor
// time for each request.
func measureClients(b *testing.B, e effort) series {
	s := series{name: clientsName, unit: "clients"}
	decant := startServer(b, "small", "decant", "")
	defer decant.stop()
	w := socketWorkload{target: "/hello", want: greeting}
	raw := w.request(b, decant)
	for n := 1; n <= e.largest; n *= 4 {
		progress("over sockets: %d clients", n)
		var costs []float64
		for range e.socketRounds {
			costs = append(costs, decant.loadOf(b, raw, n, e.socketSlice).per100k*1e4)
		}
		s.xs, s.costs = append(s.xs, n), append(s.costs, median(costs))
	}
	return s
}

// memoryRow is the largest memory of a server after an upload.
type memoryRow struct{ size, memory int64 }

func measureUploads(b *testing.B, e effort) (rows []memoryRow) {
	b.Setenv("TMPDIR", b.TempDir())
	for size := int64(1 << 20); size <= e.upload; size *= 4 {
		progress("over sockets: upload of %d MiB", size>>20)
		s := startServer(b, "upload", "decant", "")
		body := io.MultiReader(
			strings.NewReader("--b\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\n"),
			io.LimitReader(zeros{}, size), strings.NewReader("\r\n--b--\r\n"))
		response, err := http.Post("http://"+s.address, "multipart/form-data; boundary=b", body)
		if err != nil {
			b.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(answer) != fmt.Sprint(size) {
			b.Fatalf("the server received %s of %d bytes", answer, size)
		}
		rows = append(rows, memoryRow{size, s.usage().memory})
		s.stop()
	}
	return rows
}

// processorTime is what this process has used, in nanoseconds.
func processorTime() int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

func TestServers(t *testing.T) {
	folder, content := staticFolder(t)
	for _, w := range []socketWorkload{
		{"", "small", "/json", orderJSON, false, []string{"decant", "nethttp", "httprouter", "chi", "echo", "gin", "fiber"}},
		{"", "sessions", "/", describe(userID, username, theme), true, []string{"decant", "gorilla", "scs", "gin", "fiber"}},
		{"", "static", staticTarget, content, false, []string{"decant", "nethttp", "httprouter", "chi", "echo", "gin", "fiber"}},
	} {
		for _, name := range w.peers {
			s := startServer(t, w.group, name, folder)
			raw := w.request(t, s)
			if got := s.loadOf(t, raw, 2, 50*time.Millisecond); got.rate == 0 || got.memory == 0 {
				t.Errorf("%s: %+v", name, got)
			}
			s.stop()
		}
	}
}
