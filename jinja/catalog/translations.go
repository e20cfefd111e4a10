package catalog

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Translations holds the catalogs of all languages of an application. It is
// safe for use by many goroutines.
type Translations struct {
	languages []string
	catalogs  map[string]*Catalog
}

// Load reads LANGUAGE/LC_MESSAGES/DOMAIN.mo for every folder of fsys. Flask-Babel's
// domain is "messages" and its folder "translations": give
// os.DirFS("translations"). A folder without the file is passed over; a file
// that cannot be read is an error.
func Load(fsys fs.FS, domain string) (*Translations, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	t := &Translations{catalogs: map[string]*Catalog{}}
	for _, entry := range entries {
		language := entry.Name()
		c, err := Open(fsys, path.Join(language, "LC_MESSAGES", domain+".mo"))
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.languages = append(t.languages, language)
		t.catalogs[language] = c
	}
	return t, nil
}

// isMissing also covers a plain file beside the languages' folders.
func isMissing(err error) bool {
	var pathError *fs.PathError
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &pathError) && pathError.Op == "open"
}

// Languages returns the names of the folders that have a catalog, sorted, such
// as "de" and "pt_BR".
func (t *Translations) Languages() []string { return slices.Clone(t.languages) }

// Catalog returns the catalog of a language, or nil, which translates nothing,
// if there is none. "pt-br" finds the folder "pt_BR", and "de_AT" finds "de" when
// it has no folder of its own.
func (t *Translations) Catalog(language string) *Catalog {
	for _, wanted := range []string{language, primary(language)} {
		for _, name := range t.languages {
			if sameTag(name, wanted) {
				return t.catalogs[name]
			}
		}
	}
	return nil
}

// Match chooses the language for an Accept-Language header: the one that the
// client prefers, given the languages of the catalogs and those that also name,
// usually the language of the messages in the source ("en"). Without an exact
// match, "de-AT" accepts "de", and then "de" accepts "de_AT". It returns the empty
// string if nothing matches. It is best_match of Werkzeug's LanguageAccept.
func (t *Translations) Match(acceptLanguage string, also ...string) string {
	offered := slices.Concat(t.languages, also)
	wishes := parseAccept(acceptLanguage)
	if i := bestMatch(offered, wishes, sameTag); i >= 0 {
		return offered[i]
	}
	general := make([]wish, len(wishes))
	for i, w := range wishes {
		general[i] = wish{tag: primary(w.tag), quality: w.quality}
	}
	if i := bestMatch(offered, general, strings.EqualFold); i >= 0 {
		return offered[i]
	}
	primaries := make([]string, len(offered))
	for i, name := range offered {
		primaries[i] = primary(name)
	}
	if i := bestMatch(primaries, wishes, sameTag); i >= 0 {
		return offered[i]
	}
	return ""
}

// maxWishes bounds the languages of a header that are looked at.
const maxWishes = 100

// wish is one language of an Accept-Language header.
type wish struct {
	tag     string
	quality float64
}

// parseAccept reads "de-AT, de;q=0.9, *;q=0.1". A quality that is no number
// between 0 and 1 leaves the entry out.
func parseAccept(header string) []wish {
	var wishes []wish
	for entry := range strings.SplitSeq(header, ",") {
		if len(wishes) == maxWishes {
			break
		}
		tag, params, _ := strings.Cut(entry, ";")
		tag = strings.TrimSpace(tag)
		quality, ok := parseQuality(params)
		if tag != "" && ok {
			wishes = append(wishes, wish{tag: tag, quality: quality})
		}
	}
	return wishes
}

func parseQuality(params string) (float64, bool) {
	name, value, found := strings.Cut(strings.TrimSpace(params), "=")
	if !found || strings.TrimSpace(name) != "q" {
		return 1, true
	}
	quality, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return quality, err == nil && quality >= 0 && quality <= 1
}

// bestMatch returns the position of the offered language that the client likes
// best, or -1. Among equals the one that the client names goes before those that
// only its "*" allows, and then the first.
func bestMatch(offered []string, wishes []wish, same func(a, b string) bool) int {
	best, bestWish := -1, wish{}
	for i, name := range offered {
		w, ok := wishFor(name, wishes, same)
		if !ok || w.quality == 0 {
			continue
		}
		better := w.quality > bestWish.quality ||
			w.quality == bestWish.quality && w.tag != "*" && bestWish.tag == "*"
		if better {
			best, bestWish = i, w
		}
	}
	return best
}

// wishFor finds the client's wish for a language: the best one that names it,
// else its "*". A quality of zero excludes a language that "*" would allow.
func wishFor(name string, wishes []wish, same func(a, b string) bool) (found wish, ok bool) {
	for _, w := range wishes {
		named := w.tag != "*"
		if named && !same(name, w.tag) {
			continue
		}
		foundNamed := ok && found.tag != "*"
		if !ok || named && !foundNamed || named == foundNamed && w.quality > found.quality {
			found, ok = w, true
		}
	}
	return found, ok
}

// sameTag compares language tags: case does not count, and "-" is "_".
func sameTag(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "-", "_"), strings.ReplaceAll(b, "-", "_"))
}

// primary is the language without region and script.
func primary(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		return tag[:i]
	}
	return tag
}
