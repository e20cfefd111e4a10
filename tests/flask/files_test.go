package flask

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/google/go-cmp/cmp"
)

// fileAnswer is what both sides say to a request for a file.
type fileAnswer struct {
	Status  int
	Headers map[string]string
	Body    string
}

// comparedHeaders are those of a file. Error pages have fewer.
var comparedHeaders = []string{
	"Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Length",
	"Content-Range", "Content-Type", "ETag", "Last-Modified",
}

// TestFilesAsFlaskSendsThem asks both for the same files in the same folder,
// under random conditions. Their entity tags are equal too, so that a copy that
// a browser has from one is good for the other.
func TestFilesAsFlaskSendsThem(t *testing.T) {
	folder := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(folder, "static", "sub"), 0o755))
	names := []string{"style.css", "ünï cödé.txt", "page.html", "x.svg", "no extension", "a.tar.gz", "empty.js", "sub/data.json", "unknown.xyzzy"}
	for _, name := range names {
		content := strings.Repeat("0123456789", len(name)%4)
		must(t, os.WriteFile(filepath.Join(folder, "static", name), []byte(content), 0o644))
	}
	app := decant.New("files", decant.RootPath(folder))
	input, output := startPython(t, "files_judge.py", folder)
	encoder, decoder := json.NewEncoder(input), json.NewDecoder(output)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		path := "/static/" + names[random.IntN(len(names))]
		tag := ask(app, "GET", path, nil).Headers["ETag"]
		method, headers := []string{"GET", "GET", "HEAD"}[random.IntN(3)], conditions(random, tag)
		must(t, encoder.Encode([]any{method, path, headers}))
		var judged fileAnswer
		must(t, decoder.Decode(&[]any{&judged.Status, &judged.Headers, &judged.Body}))
		judged.Headers = compared(judged.Headers)
		got := ask(app, method, path, headers)
		if got.Status >= 400 && got.Status != http.StatusPreconditionFailed {
			delete(judged.Headers, "Content-Length") // of the page, which net/http may add here
			delete(got.Headers, "Content-Length")
			got.Body, judged.Body = "", ""
		}
		if diff := cmp.Diff(judged, got); diff != "" {
			t.Errorf("%s %s %v (-flask +decant):\n%s", method, path, headers, diff)
		}
	}
}

// conditions are headers that make a request conditional, or not.
func conditions(random *rand.Rand, tag string) map[string]string {
	tags := []string{tag, "W/" + tag, `"other"`, "*", tag + `, "other"`, "malformed"}
	dates := []string{"Tue, 15 Nov 1994 08:12:31 GMT", "Fri, 15 Nov 2999 08:12:31 GMT", "no date"}
	ranges := []string{"bytes=0-3", "bytes=2-", "bytes=-4", "bytes=99-", "bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=0-999"}
	choices := map[string][]string{
		"If-None-Match": tags, "If-Match": tags, "If-Range": append(dates, tags...),
		"If-Modified-Since": dates, "If-Unmodified-Since": dates, "Range": ranges,
	}
	headers := map[string]string{}
	for _, name := range []string{"If-None-Match", "If-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since", "Range"} {
		if random.IntN(3) == 0 {
			headers[name] = choices[name][random.IntN(len(choices[name]))]
		}
	}
	return headers
}

func ask(app *decant.App, method, path string, headers map[string]string) fileAnswer {
	r := httptest.NewRequest(method, strings.ReplaceAll(path, " ", "%20"), nil)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	sent := map[string]string{}
	for name, lines := range w.Result().Header {
		sent[name] = strings.Join(lines, ", ")
	}
	if tag, tagged := sent["Etag"]; tagged {
		sent["ETag"] = tag
	}
	return fileAnswer{w.Code, compared(sent), w.Body.String()}
}

func compared(headers map[string]string) map[string]string {
	kept := map[string]string{}
	for _, name := range comparedHeaders {
		if value := headers[name]; value != "" {
			kept[name] = value
		}
	}
	return kept
}

// servedFolder tells the test below that it is the server which is watched.
const servedFolder = "DECANT_SERVED_FOLDER"

var sentByTheKernel = regexp.MustCompile(`sendfile\(\d+, \d+, [^)]*\) += (\d+)`)

// TestTheKernelSendsFiles watches the system calls of a server that sends a
// file and a part of it: the content never passes through the program, but for
// the first 512 bytes, which net/http sends along with the headers.
func TestTheKernelSendsFiles(t *testing.T) {
	if folder := os.Getenv(servedFolder); folder != "" {
		serveFile(t, folder)
		return
	}
	folder := t.TempDir()
	must(t, os.Mkdir(filepath.Join(folder, "static"), 0o755))
	must(t, os.WriteFile(filepath.Join(folder, "static", "a.bin"), make([]byte, 64<<10), 0o644))
	trace := filepath.Join(folder, "trace")
	program, err := os.Executable()
	must(t, err)
	command := exec.Command("strace", "-f", "-e", "trace=sendfile", "-o", trace, program, "-test.run=^TestTheKernelSendsFiles$")
	command.Env = append(os.Environ(), servedFolder+"="+folder)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	calls, err := os.ReadFile(trace)
	must(t, err)
	var sizes []string
	for _, call := range sentByTheKernel.FindAllStringSubmatch(string(calls), -1) {
		sizes = append(sizes, call[1])
	}
	want := []string{fmt.Sprint(64<<10 - 512), fmt.Sprint(50_000 - 512)}
	if diff := cmp.Diff(want, sizes); diff != "" {
		t.Errorf("bytes that the kernel sent (-want +got):\n%s\n%s", diff, calls)
	}
}

func serveFile(t *testing.T, folder string) {
	server := httptest.NewServer(decant.New("files", decant.RootPath(folder)))
	defer server.Close()
	for _, part := range []string{"", "bytes=1000-50999"} {
		r, err := http.NewRequest("GET", server.URL+"/static/a.bin", nil)
		must(t, err)
		if part != "" {
			r.Header.Set("Range", part)
		}
		response, err := http.DefaultClient.Do(r)
		must(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		must(t, err)
		must(t, response.Body.Close())
	}
}
