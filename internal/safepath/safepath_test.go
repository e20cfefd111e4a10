package safepath

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant/internal/vectors"
)

func TestSecureFilenameVectors(t *testing.T) {
	t.Parallel()
	vectors.CheckSecureFilename(t, SecureFilename)
}

// One line for each advisory and each way around it.
func TestLocal(t *testing.T) {
	t.Parallel()
	accepted := []string{
		"a", "a.txt", "a/b/c.css", ".well-known/x", "..a", "a..", "...", "a b",
		"ünï/cödé", "console.txt", "con-1", "com", "com10", "lpt0", "nully/x", "aux1.txt",
		"%2e%2e/x", // already decoded once: these are plain characters now
	}
	for _, name := range accepted {
		if got, ok := Local(name); !ok || got != name {
			t.Errorf("Local(%q) = %q, %v; want it accepted", name, got, ok)
		}
	}
	refused := map[string][]string{
		"fs.ValidPath": {"", ".", "/", "a/", "a//b", "\xff", "a/\xc3"},
		"echo CVE-2020-36565 and fiber CVE-2026-25891": {
			"..", "../x", "a/..", "a/../b", "./a", "a/./b", "/etc/passwd", "//etc",
		},
		"Werkzeug GHSA-f9vj-2wh5-fj8j": {`\\host\share`, `..\x`, `a\..\..\b`, `C:\x`},
		"Werkzeug GHSA-hgf8-39gv-g3f2": {"CON", "nul", "Aux", "PRN", "com1", "LPT9", "conin$", "CONOUT$", "COM¹", "lpt³"},
		"Werkzeug GHSA-87hc-h4r5-73f7": {"NUL.txt", "con.tar.gz", "nul ", "nul .txt", " aux", "NUL:", "nul:stream"},
		"Werkzeug GHSA-29vq-49wr-vm6x": {"a/CON", "a/nul.txt/b", "static/com1.css"},
		"NUL byte":                     {"a\x00", "\x00", "a.txt\x00.png"},
	}
	for advisory, names := range refused {
		for _, name := range names {
			if got, ok := Local(name); ok || got != "" {
				t.Errorf("%s: Local(%q) = %q, %v; want a refusal", advisory, name, got, ok)
			}
		}
	}
}

func TestSecureFilename(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"CON":                 "_CON",
		"..nul":               "_nul",
		"com1.tar.gz":         "_com1.tar.gz",
		"COM¹":                "_COM1", // the superscript becomes a digit
		"conin$":              "conin", // the dollar goes, and the device with it
		"_con":                "_con",
		"concert.mp3":         "concert.mp3",
		"½ cup.txt":           "12_cup.txt",
		"ﬁne…print.txt":       "fine...print.txt",
		"ⓐ①㏂.txt":             "a1a.m..txt",
		"straße Ørsted.txt":   "strae_rsted.txt",
		"a\x1cb\u2028c":       "a_bc",
		"e\u0301.txt":         "e.txt",
		"\xff\xfea.txt":       "a.txt",
		"\ufffda":             "a",
		"한글.txt":              "txt",
		"..\\..\\windows.ini": "windows.ini",
	} {
		if got := SecureFilename(name); got != want {
			t.Errorf("SecureFilename(%q) = %q; want %q", name, got, want)
		}
	}
}

func FuzzSecureFilename(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string) {
		secured := SecureFilename(name)
		if strings.Trim(secured, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" {
			t.Fatalf("SecureFilename(%q) = %q has other characters", name, secured)
		}
		if again := SecureFilename(secured); again != secured {
			t.Fatalf("SecureFilename(%q) = %q is not stable: %q", name, secured, again)
		}
		if _, local := Local(secured); secured != "" && !local {
			t.Fatalf("SecureFilename(%q) = %q is not local", name, secured)
		}
	})
}

func FuzzLocal(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string) {
		got, ok := Local(name)
		if !ok {
			if got != "" {
				t.Fatalf("Local(%q) refused and returned %q", name, got)
			}
			return
		}
		if got != name || !fs.ValidPath(name) || strings.ContainsAny(name, "\x00\\") {
			t.Fatalf("Local(%q) = %q accepted", name, got)
		}
		if _, err := (fstest.MapFS{name: {Data: []byte("x")}}).ReadFile(name); err != nil {
			t.Fatalf("Local(%q) accepted what an fs.FS cannot open: %v", name, err)
		}
	})
}

func BenchmarkLocal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Local("static/css/site.css"); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkSecureFilename(b *testing.B) {
	for _, name := range []string{"My cool movie.mov", "i contain cool ümläuts.txt"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				SecureFilename(name)
			}
		})
	}
}
