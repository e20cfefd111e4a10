package form

import (
	"iter"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

// Source is where submitted values come from, in the order in which they were
// sent: [decant.Values] is one, such as c.Request.Form and c.Request.Args.
type Source interface {
	All() iter.Seq2[string, string]
}

// submitted is what the client sent, sorted by name, so that the values of a
// name and the names that begin with a prefix are found without a scan: a form
// with many fields and a body with many values cost their sum, not their
// product.
type submitted struct {
	names  []string
	values []string // of names, in the order in which they were sent
	files  []*decant.File

	// zeros are the names whose first value is the number 0 of JSON. To a checkbox
	// it is false, as in Python, where the text "0" is not.
	zeros map[string]bool
}

// newSubmitted sorts what was sent. It returns nil if nothing was.
func newSubmitted(source Source, files []*decant.File) *submitted {
	var names, values []string
	if source != nil {
		for name, value := range source.All() {
			names = append(names, name)
			values = append(values, value)
		}
	}
	if len(names) == 0 && len(files) == 0 {
		return nil
	}
	s := &submitted{names: names, values: values, files: files}
	s.sort()
	return s
}

// sort orders the pairs by name and keeps the order among equal names.
func (s *submitted) sort() {
	order := make([]int, len(s.names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(s.names[a], s.names[b]) })
	names, values := make([]string, len(order)), make([]string, len(order))
	for to, from := range order {
		names[to], values[to] = s.names[from], s.values[from]
	}
	s.names, s.values = names, values
	slices.SortStableFunc(s.files, func(a, b *decant.File) int { return strings.Compare(a.Field, b.Field) })
}

// list returns all values of a name, in the order in which they were sent. The
// slice is shared: it is not written to.
func (s *submitted) list(name string) []string {
	start, found := slices.BinarySearch(s.names, name)
	if !found {
		return nil
	}
	end := start + 1
	for end < len(s.names) && s.names[end] == name {
		end++
	}
	return s.values[start:end:end]
}

// fileList returns all files of a name, those that the user left empty
// excepted.
func (s *submitted) fileList(name string) []*decant.File {
	start, found := slices.BinarySearchFunc(s.files, name, func(file *decant.File, name string) int {
		return strings.Compare(file.Field, name)
	})
	if !found {
		return nil
	}
	var files []*decant.File
	for _, file := range s.files[start:] {
		if file.Field != name {
			break
		}
		if file.Filename != "" {
			files = append(files, file)
		}
	}
	return files
}

// rests yields, for each name that begins with the prefix, what follows it.
func (s *submitted) rests(prefix string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, _ := slices.BinarySearch(s.names, prefix)
		for _, name := range s.names[start:] {
			rest, ok := strings.CutPrefix(name, prefix)
			if !ok || !yield(rest) {
				break
			}
		}
		start, _ = slices.BinarySearchFunc(s.files, prefix, func(file *decant.File, prefix string) int {
			return strings.Compare(file.Field, prefix)
		})
		for _, file := range s.files[start:] {
			rest, ok := strings.CutPrefix(file.Field, prefix)
			if !ok || !yield(rest) {
				return
			}
		}
	}
}
