package vectors

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Body is the body of a request of multipart.json, and what its headers say of it.
type Body struct {
	ContentLength    json.RawMessage `json:"content_length"`
	TransferEncoding string          `json:"transfer_encoding"`
	InputTerminated  bool            `json:"input_terminated"`
	Bytes            []byte          `json:"body_b64"`
	Generated        struct {
		Prefix []byte `json:"prefix_b64"`
		Unit   []byte `json:"unit_b64"`
		Count  int    `json:"count"`
		Suffix []byte `json:"suffix_b64"`
	} `json:"body_gen"`
}

// Content is the body as it was sent.
func (b *Body) Content() []byte {
	if g := b.Generated; g.Count > 0 {
		return slices.Concat(g.Prefix, bytes.Repeat(g.Unit, g.Count), g.Suffix)
	}
	return b.Bytes
}

// Length is the length that a server knows: -1 for a terminated body that is chunked or
// has no length, and no bytes where the headers say neither.
func (b *Body) Length() int64 {
	declared := strings.TrimSpace(strings.Trim(string(b.ContentLength), `"`))
	if isChunked(b.TransferEncoding) {
		declared = "null"
	}
	switch {
	case b.ContentLength == nil && declared == "":
		return int64(len(b.Content()))
	case declared == "null" && b.InputTerminated:
		return -1
	case strings.HasPrefix(declared, "+"):
		return 0
	}
	length, _ := strconv.ParseInt(declared, 10, 64)
	return max(0, length)
}

// isChunked reports whether a Transfer-Encoding header says that the body comes in
// chunks, so that its length is not known.
func isChunked(transferEncoding string) bool {
	for coding := range strings.SplitSeq(transferEncoding, ",") {
		if strings.EqualFold(strings.TrimSpace(coding), "chunked") {
			return true
		}
	}
	return false
}
