package templates

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func folderOf(names ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for _, name := range names {
		folder[name] = &fstest.MapFile{Data: []byte("the content of " + name)}
	}
	return folder
}

func TestFoldersAreSearchedInOrder(t *testing.T) {
	t.Parallel()
	folders := Folders{{folderOf("a.html", "b.html/inside.html"), "the application"}, {folderOf("b.html", "c/d.html"), "the blueprint"}}
	for name, want := range map[string]bool{
		"a.html": true, "b.html": true, "b.html/inside.html": true, "c/d.html": true,
		"": false, ".": false, "c": false, "../a.html": false, "none.html": false,
	} {
		content, err := fs.ReadFile(folders, name)
		if folders.Has(name) != want || (err == nil) != want || want && string(content) != "the content of "+name {
			t.Errorf("%q: has %v, content %q, %v", name, folders.Has(name), content, err)
		}
		var missing *MissingError
		if !want && (!errors.Is(err, fs.ErrNotExist) || !errors.As(err, &missing) || missing.Name != name) {
			t.Errorf("%q: the error is %v", name, err)
		}
	}
}

func TestTheErrorForAMissingTemplateHelps(t *testing.T) {
	t.Parallel()
	folders := Folders{{folderOf("login.html", "auth/register.html"), "the application"}, {os.DirFS("nowhere"), "the blueprint \"x\""}}
	for name, want := range map[string]string{
		"logn.html":     `did you mean "login.html"?`,
		"register.html": `did you mean "auth/register.html"?`,
		"wholly-other":  "put the file there",
		"../login.html": "cannot be the name of a template",
		"xyz.html":      `in the fstest.MapFS (the application) or nowhere (the blueprint "x")`,
	} {
		if _, err := folders.Open(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	type check func(any) error
	for name, c := range map[string]struct {
		check    check
		function any
		want     string
	}{
		"filter":                {CheckFilter, strings.ToUpper, ""},
		"filter with a context": {CheckFilter, func(context.Context, int) (int, error) { return 0, nil }, ""},
		"test":                  {CheckTest, func(int) bool { return true }, ""},
		"global":                {CheckFunction, func() int { return 0 }, ""},
		"string":                {CheckFunction, "x", "it is a string"},
		"nil":                   {CheckFunction, nil, "it is a <nil>"},
		"nil function":          {CheckFunction, (func() int)(nil), "it is nil"},
		"no result":             {CheckFunction, func() {}, "it returns nothing"},
		"two results":           {CheckFunction, func() (int, int) { return 0, 0 }, "more than a result and an error"},
		"three results":         {CheckFunction, func() (a, b int, err error) { return }, "more than a result and an error"},
		"no value":              {CheckFilter, func() int { return 0 }, "it takes no value"},
		"only a context":        {CheckFilter, func(context.Context) int { return 0 }, "it takes no value"},
		"no bool":               {CheckTest, func(int) int { return 0 }, "its result is no bool"},
		"test of a string":      {CheckTest, "x", "it is a string"},
	} {
		err := c.check(c.function)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
