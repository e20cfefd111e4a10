// Package arrival has readers that give the same bytes in the ways that io.Reader
// allows, for tests that nothing depends on how bytes arrive.
package arrival

import "io"

// Ways returns readers by what is special about them. Each gives the data and then
// the error, which is io.EOF at an ordinary end, and the error again when it is read
// once more.
func Ways(data string, end error) map[string]io.Reader {
	return map[string]io.Reader{
		"all at once":                         &reader{data: data, end: end},
		"all at once, with the end":           &reader{data: data, end: end, endsEarly: true},
		"byte by byte":                        &reader{data: data, end: end, most: 1},
		"byte by byte, with the end":          &reader{data: data, end: end, most: 1, endsEarly: true},
		"in pieces":                           &reader{data: data, end: end, most: 1021},
		"in pieces, with the end":             &reader{data: data, end: end, most: 1021, endsEarly: true},
		"in pieces after reads without bytes": &reader{data: data, end: end, most: 7, hesitates: true},
	}
}

// reader gives data in one of the ways.
type reader struct {
	data      string
	end       error
	most      int  // bytes of one read; zero means no limit
	endsEarly bool // the error comes together with the last bytes
	hesitates bool // each read with bytes comes after one without
	isReady   bool // the next read has bytes
}

func (r *reader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, r.end
	}
	r.isReady = !r.isReady
	if r.hesitates && r.isReady {
		return 0, nil
	}
	if r.most > 0 && len(p) > r.most {
		p = p[:r.most]
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	if r.endsEarly && len(r.data) == 0 {
		return n, r.end
	}
	return n, nil
}
