package header

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestCacheControlVectors(t *testing.T) {
	t.Parallel()
	type wanted struct {
		Items   json.RawMessage
		MaxAge  *json.Number `json:"max_age"`
		NoCache any          `json:"no_cache"`
		Public  bool
		Header  string
	}
	type testCase struct {
		ID, Op, Text string
		Want         wanted
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "cache_control") {
		cache := ParseCacheControl(c.Text)
		items, err := json.Marshal(pairs(cache.Directives()))
		if err != nil {
			t.Fatal(err)
		}
		got := wanted{Items: items, Public: cache.Has("public"), Header: cache.String()}
		if seconds, ok := cache.Seconds("max-age"); ok {
			number := json.Number(strconv.Itoa(seconds))
			got.MaxAge = &number
		}
		if value, ok := cache.Value("no-cache"); ok && value == "" {
			got.NoCache = true
		} else if ok {
			got.NoCache = value
		}
		if c.Want.MaxAge != nil { // a number that is too large is the largest one
			largest, _ := strconv.Atoi(c.Want.MaxAge.String())
			*c.Want.MaxAge = json.Number(strconv.Itoa(largest))
		}
		if diff := cmp.Diff(decoded(t, c.Want), decoded(t, got)); diff != "" {
			t.Errorf("%s %q: (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

func TestCacheControlChanges(t *testing.T) {
	t.Parallel()
	var cache CacheControl
	cache.SetFlag("no-cache")
	cache.Set("max-age", "60")
	cache.Set("private", "set-cookie, vary")
	cache.Set("max-age", "0")
	cache.Delete("no-cache")
	cache.SetFlag("no-store")
	const want = `max-age=0, private="set-cookie, vary", no-store`
	if got := cache.String(); got != want {
		t.Errorf("String = %s; want %s", got, want)
	}
}

func TestFileCacheControlVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op string
		MaxAge *int `json:"max_age"`
		Want   struct {
			CacheControl string `json:"cache_control"`
			HasExpires   bool   `json:"has_expires"`
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "send_file_max_age") {
		maxAge, limited := 0, c.MaxAge != nil
		if limited {
			maxAge = *c.MaxAge
		}
		if got := FileCacheControl(maxAge, limited); got != c.Want.CacheControl || limited != c.Want.HasExpires {
			t.Errorf("%s: FileCacheControl(%d, %v) = %q; want %+v", c.ID, maxAge, limited, got, c.Want)
		}
	}
}

// The answers are Python's, except that its numbers have no largest one.
func TestCacheControlSeconds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{`max-age=" 8 "`: 8, "max-age=1_0": 10, "max-age=99999999999999999999": math.MaxInt, "max-age=60\x1f": 60} {
		cache := ParseCacheControl(text)
		if got, ok := cache.Seconds("max-age"); got != want || !ok {
			t.Errorf("%q: %d, %v; want %d", text, got, ok, want)
		}
	}
}
