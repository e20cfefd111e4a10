package tests

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// The types and flags of HTTP/2 frames.
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	framePriority     = 0x2
	frameReset        = 0x3
	frameSettings     = 0x4
	framePush         = 0x5
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindow       = 0x8
	frameContinuation = 0x9

	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
	flagPadded     = 0x8
)

func frameOf(kind, flags byte, stream uint32, payload string) string {
	size := len(payload)
	head := []byte{byte(size >> 16), byte(size >> 8), byte(size), kind, flags}
	return string(binary.BigEndian.AppendUint32(head, stream)) + payload
}

// headerBlock writes a header block without compression; names and values in turn.
func headerBlock(pairs ...string) string {
	var block strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		block.WriteByte(0)
		for _, text := range pairs[i : i+2] {
			block.WriteByte(byte(len(text)))
			block.WriteString(text)
		}
	}
	return block.String()
}

// requestOf is a header block of a request; more fields come after the usual ones.
func requestOf(method string, more ...string) string {
	return headerBlock(append([]string{":method", method, ":scheme", "https", ":path", "/", ":authority", "a.example"}, more...)...)
}

func setting(id uint16, value uint32) string {
	return string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(nil, id), value))
}

func number(value uint32) string { return string(binary.BigEndian.AppendUint32(nil, value)) }

const (
	preface   = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	whole     = flagEndStream | flagEndHeaders
	lastPing  = "the end."
	smallPing = "12345678"
)

// exchanges are what clients send after the preface and their settings, good and
// bad.
var exchanges = map[string]string{
	"a request":                       frameOf(frameHeaders, whole, 1, requestOf("GET")),
	"a body":                          frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST")) + frameOf(frameData, flagEndStream, 1, "body"),
	"a padded body":                   frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST")) + frameOf(frameData, flagEndStream|flagPadded, 1, "\x02body\x00\x00"),
	"a HEAD":                          frameOf(frameHeaders, whole, 1, requestOf("HEAD")),
	"trailers":                        frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST", "te", "trailers", "trailer", "sum")) + frameOf(frameData, 0, 1, "body") + frameOf(frameHeaders, whole, 1, headerBlock("sum", "4")),
	"a continuation":                  frameOf(frameHeaders, flagEndStream, 1, requestOf("GET")) + frameOf(frameContinuation, flagEndHeaders, 1, headerBlock("a", "b")),
	"an answer of length zero":        frameOf(frameHeaders, whole, 1, requestOf("OPTIONS")),
	"a ping":                          frameOf(framePing, 0, 0, smallPing),
	"an answer to no ping":            frameOf(framePing, flagAck, 0, smallPing),
	"an unknown frame":                frameOf(0x42, 0, 0, "anything"),
	"unknown settings":                frameOf(frameSettings, 0, 0, setting(0x42, 1)),
	"a priority":                      frameOf(framePriority, 0, 3, number(0)+"\x10"),
	"data on the connection":          frameOf(frameData, 0, 0, "body"),
	"data of no request":              frameOf(frameData, 0, 1, "body"),
	"data after the end":              frameOf(frameHeaders, whole, 1, requestOf("GET")) + frameOf(frameData, flagEndStream, 1, "body"),
	"data longer than announced":      frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST", "content-length", "2")) + frameOf(frameData, flagEndStream, 1, "body"),
	"data shorter than announced":     frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST", "content-length", "9")) + frameOf(frameData, flagEndStream, 1, "body"),
	"padding longer than the frame":   frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST")) + frameOf(frameData, flagEndStream|flagPadded, 1, "\x20body"),
	"headers on the connection":       frameOf(frameHeaders, whole, 0, requestOf("GET")),
	"headers of an even stream":       frameOf(frameHeaders, whole, 2, requestOf("GET")),
	"headers of an earlier stream":    frameOf(frameHeaders, whole, 5, requestOf("GET")) + frameOf(frameHeaders, whole, 3, requestOf("GET")),
	"headers without an end":          frameOf(frameHeaders, flagEndStream, 1, requestOf("GET")) + frameOf(framePing, 0, 0, smallPing),
	"headers that cannot be read":     frameOf(frameHeaders, whole, 1, "\xff\xff\xff\xff\xff\xff"),
	"a name in upper case":            frameOf(frameHeaders, whole, 1, requestOf("GET", "X-Upper", "a")),
	"a connection header":             frameOf(frameHeaders, whole, 1, requestOf("GET", "connection", "keep-alive")),
	"another te":                      frameOf(frameHeaders, whole, 1, requestOf("GET", "te", "gzip")),
	"no path":                         frameOf(frameHeaders, whole, 1, headerBlock(":method", "GET", ":scheme", "https")),
	"an empty path":                   frameOf(frameHeaders, whole, 1, headerBlock(":method", "GET", ":scheme", "https", ":path", "")),
	"two paths":                       frameOf(frameHeaders, whole, 1, requestOf("GET", ":path", "/b")),
	"a pseudo header at the end":      frameOf(frameHeaders, whole, 1, headerBlock("a", "b")+requestOf("GET")),
	"an unknown pseudo header":        frameOf(frameHeaders, whole, 1, requestOf("GET", ":what", "a")),
	"a status in a request":           frameOf(frameHeaders, whole, 1, requestOf("GET", ":status", "200")),
	"a line break in a value":         frameOf(frameHeaders, whole, 1, requestOf("GET", "a", "b\r\nc: d")),
	"a continuation of nothing":       frameOf(frameContinuation, flagEndHeaders, 1, headerBlock("a", "b")),
	"a promise":                       frameOf(framePush, flagEndHeaders, 1, number(2)+requestOf("GET")),
	"a reset of no request":           frameOf(frameReset, 0, 1, number(8)),
	"a reset on the connection":       frameOf(frameReset, 0, 0, number(8)),
	"a reset of another length":       frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST")) + frameOf(frameReset, 0, 1, "abc"),
	"settings of a stream":            frameOf(frameSettings, 0, 1, ""),
	"settings of another length":      frameOf(frameSettings, 0, 0, "abc"),
	"an answer to settings with more": frameOf(frameSettings, flagAck, 0, setting(1, 1)),
	"settings that push oddly":        frameOf(frameSettings, 0, 0, setting(2, 2)),
	"settings with a huge window":     frameOf(frameSettings, 0, 0, setting(4, 1<<31)),
	"settings with tiny frames":       frameOf(frameSettings, 0, 0, setting(5, 1)),
	"a ping of a stream":              frameOf(framePing, 0, 1, smallPing),
	"a ping of another length":        frameOf(framePing, 0, 0, "1234"),
	"a farewell of a stream":          frameOf(frameGoAway, 0, 1, number(0)+number(0)),
	"a window of zero":                frameOf(frameWindow, 0, 0, number(0)),
	"a window of another length":      frameOf(frameWindow, 0, 0, "abc"),
	"a window that is too large":      frameOf(frameWindow, 0, 0, number(1<<31-1)) + frameOf(frameWindow, 0, 0, number(1<<31-1)),
	"a window of no request":          frameOf(frameWindow, 0, 1, number(1)),
	"a priority on the connection":    frameOf(framePriority, 0, 0, number(0)+"\x10"),
	"a priority of another length":    frameOf(framePriority, 0, 3, "abc"),
	"a stream that waits for itself":  frameOf(framePriority, 0, 3, number(3)+"\x10"),
	"a frame that is too large":       frameOf(frameHeaders, flagEndHeaders, 1, requestOf("POST")) + frameOf(frameData, flagEndStream, 1, strings.Repeat("a", 1<<20+1)),
}

// TestHTTP2 compares the frames of an application on Run with those of net/http,
// for good and bad clients.
func TestHTTP2(t *testing.T) {
	certFile, keyFile, trusting := certificate(t)
	app, _ := appWith(func(c *decant.Context) (any, error) {
		data, err := c.Request.Data()
		return "Hello " + string(data), err
	})
	ours := serve(t, app, decant.TLS(certFile, keyFile), decant.StopWithin(time.Second))
	theirs := bare(t, certFile, keyFile, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "Hello %s", body)
	}))
	trusting.NextProtos = []string{"h2"}
	var clients sync.WaitGroup
	for name, sent := range exchanges {
		clients.Go(func() {
			sent = preface + frameOf(frameSettings, 0, 0, "") + sent + frameOf(framePing, 0, 0, lastPing) + frameOf(frameGoAway, 0, 0, number(0)+number(0))
			want, got := comparable(framesFrom(t, theirs, trusting, sent)), comparable(framesFrom(t, ours, trusting, sent))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-net/http +Run):\n%s", name, diff)
			}
		})
	}
	clients.Wait()
}

// comparable leaves out what depends on who is faster: acknowledgements, and how much
// of an answer is sent before its stream or the connection is cut.
func comparable(frames []string) []string {
	frames = withoutAcks(frames)
	isCut := func(frame string) bool {
		return strings.HasPrefix(frame, "reset,") || strings.HasPrefix(frame, "farewell") && !strings.Contains(frame, "error [0 0 0 0]")
	}
	if !slices.ContainsFunc(frames, isCut) {
		return frames
	}
	return slices.DeleteFunc(frames, func(frame string) bool {
		return strings.HasPrefix(frame, "headers,") || strings.HasPrefix(frame, "data,")
	})
}

// withoutAcks drops the acknowledgements of settings. A server that is told to end
// may or may not have sent the last one.
func withoutAcks(frames []string) []string {
	return slices.DeleteFunc(frames, func(frame string) bool { return strings.HasPrefix(frame, "frame 4, flags 1,") })
}

// bare is net/http's own server.
func bare(t *testing.T, certFile, keyFile string, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	go server.ServeTLS(listener, certFile, keyFile)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// framesFrom sends frames and returns what comes back until the server closes the
// connection, as sorted lines: the frames of different streams may overtake each
// other.
func framesFrom(t *testing.T, address string, config *tls.Config, sent string) []string {
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer connection.Close()
	go io.WriteString(connection, sent)
	var lines []string
	for {
		line, err := readFrame(connection)
		if err != nil {
			break
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// readFrame returns a line that describes a frame, and "" for frames that the
// server sends when it likes.
func readFrame(r io.Reader) (string, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(r, payload); err != nil {
		return "", err
	}
	stream := binary.BigEndian.Uint32(head[5:])
	switch kind := head[3]; kind {
	case frameWindow:
		return "", nil
	case frameHeaders: // their values are the application's
		return fmt.Sprintf("headers, flags %d, stream %d", head[4], stream), nil
	case frameData:
		if !strings.HasPrefix(string(payload), "Hello") {
			payload = []byte("an error page")
		}
		return fmt.Sprintf("data, flags %d, stream %d, %q", head[4], stream, payload), nil
	case frameGoAway:
		return fmt.Sprintf("farewell after %d, error %d %s", payload[:4], payload[4:8], payload[8:]), nil
	case frameReset:
		return fmt.Sprintf("reset, stream %d, error %d", stream, payload), nil
	default:
		return fmt.Sprintf("frame %d, flags %d, stream %d, %q", kind, head[4], stream, payload), nil
	}
}
