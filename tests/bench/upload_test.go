package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// zeros is a file of any size that costs no memory.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// BenchmarkUpload1GiB sends a file of 1 GiB through a real server, which has
// to put it on disk: the memory taken is what all of client and server take.
func BenchmarkUpload1GiB(b *testing.B) {
	const size = 1 << 30
	b.Setenv("TMPDIR", b.TempDir())
	app := decant.New("upload")
	app.Config.MaxContentLength = 0
	app.Post("/", func(c *decant.Context) (any, error) {
		file, err := c.Request.Files.Require("f")
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(file.Size), nil
	}, decant.Endpoint("upload"))
	server := httptest.NewServer(app)
	defer server.Close()
	b.ReportAllocs()
	b.SetBytes(size)
	for b.Loop() {
		body := io.MultiReader(
			strings.NewReader("--b\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\n"),
			io.LimitReader(zeros{}, size),
			strings.NewReader("\r\n--b--\r\n"))
		response, err := http.Post(server.URL, "multipart/form-data; boundary=b", body)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(answer) != fmt.Sprint(size) {
			b.Fatalf("status %d: %s, %v", response.StatusCode, answer, err)
		}
	}
}
