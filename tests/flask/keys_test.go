package flask

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/signing"
)

const oldKey = "the secret key of last year"

func TestFormerKeysOpenCookiesOfDecantInFlask(t *testing.T) {
	judge := startJudge(t)
	values := map[string]any{"username": "ann"}
	app := newApp(setAll(values))
	app.Config.SecretKey = oldKey
	cookie := sign(t, app)
	for _, test := range fallbackTests {
		got := judge.ask(question{Command: "load_cookie", Secret: secretKey, Fallbacks: test.fallbacks, Cookie: cookie}).Session
		if got.isEmpty() != !test.opens {
			t.Errorf("with the fallbacks %q Flask sees %v", test.fallbacks, *got)
		}
	}
}

func TestFormerKeysOpenCookiesOfFlaskInDecant(t *testing.T) {
	judge := startJudge(t)
	value := describe(map[string]any{"username": "ann"})
	cookie := judge.ask(question{Command: "sign_cookie", Secret: oldKey, Value: value}).Cookie
	for _, test := range fallbackTests {
		var seen typed
		app := newReader(&seen)
		app.Config.SecretKeyFallbacks = test.fallbacks
		got, status := load(app, &seen, cookie)
		if status != http.StatusOK || got.isEmpty() != !test.opens {
			t.Errorf("with the fallbacks %q Decant sees %v, status %d", test.fallbacks, got, status)
		}
	}
}

var fallbackTests = []struct {
	fallbacks []string
	opens     bool
}{
	{nil, false},
	{[]string{"some other key"}, false},
	{[]string{oldKey}, true},
	{[]string{"some other key", oldKey}, true},
	{[]string{oldKey, "some other key"}, true},
}

// TestNewCookiesNeverUseFormerKeys: a key that was retired for a reason must
// sign nothing any more, on either side.
func TestNewCookiesNeverUseFormerKeys(t *testing.T) {
	judge := startJudge(t)
	values := map[string]any{"username": "ann"}
	app := newApp(setAll(values))
	app.Config.SecretKeyFallbacks = []string{oldKey}
	cookies := map[string]string{
		"Decant": sign(t, app),
		"Flask":  judge.ask(question{Command: "sign_cookie", Secret: secretKey, Fallbacks: []string{oldKey}, Value: describe(values)}).Cookie,
	}
	var seen typed
	reader := newReader(&seen)
	reader.Config.SecretKey = oldKey
	for signer, cookie := range cookies {
		if got, _ := load(reader, &seen, cookie); !got.isEmpty() {
			t.Errorf("%s signed with the former key", signer)
		}
		if got := judge.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: cookie}).Session; got.isEmpty() {
			t.Errorf("%s did not sign with the current key", signer)
		}
	}
}

func TestAgeCountsAlike(t *testing.T) {
	judge := startJudge(t)
	const day = 24 * 60 * 60
	now := time.Now().Unix()
	for _, test := range []struct {
		name  string
		at    int64
		opens bool
	}{
		{"just now", now - 1, true},
		{"30 days ago", now - 30*day, true},
		{"a minute before the end", now - 31*day + 60, true},
		{"32 days ago", now - 32*day, false},
		{"in the future", now + 3600, false},
		{"in 1970", 1, false},
	} {
		cookie := judge.ask(question{Command: "sign_cookie", Secret: secretKey, At: test.at, Value: describe(map[string]any{"n": 1})}).Cookie
		checkAlike(t, judge, test.name, cookie, test.opens)
	}
}

func TestLifetimeIsTheSameSetting(t *testing.T) {
	judge := startJudge(t)
	cookie := judge.ask(question{Command: "sign_cookie", Secret: secretKey, At: time.Now().Unix() - 100, Value: describe(map[string]any{"n": 1})}).Cookie
	for seconds, opens := range map[int]bool{50: false, 200: true} {
		var seen typed
		app := newReader(&seen)
		app.Config.PermanentSessionLifetime = time.Duration(seconds) * time.Second
		decants, _ := load(app, &seen, cookie)
		flasks := judge.ask(question{Command: "load_cookie", Secret: secretKey, MaxAge: seconds, Cookie: cookie}).Session
		if decants.isEmpty() == opens || flasks.isEmpty() == opens {
			t.Errorf("lifetime %d seconds: Decant sees %v, Flask %v", seconds, decants, *flasks)
		}
	}
}

// checkAlike loads a cookie on both sides, which must see the same session, and
// one at all only if opens says so.
func checkAlike(t *testing.T, judge *judge, name, cookie string, opens bool) {
	t.Helper()
	if opened := checkAgreement(t, judge, name, cookie); opened != opens {
		t.Errorf("%s: %q opens: %v", name, cookie, opened)
	}
}

// checkAgreement is checkAlike where either will do.
func checkAgreement(t *testing.T, judge *judge, name, cookie string) (opened bool) {
	t.Helper()
	var seen typed
	decants, status := load(newReader(&seen), &seen, cookie)
	if status != http.StatusOK {
		t.Fatalf("%s: Decant answers with %d to %q", name, status, cookie)
	}
	flasks := judge.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: cookie}).Session
	if diff := diffTyped(*flasks, decants); diff != "" {
		t.Errorf("%s: %q (-Flask +Decant):\n%s", name, cookie, diff)
	}
	return !flasks.isEmpty()
}

func TestTamperedCookiesAreRefusedByBoth(t *testing.T) {
	judge := startJudge(t)
	random, _ := newRandom(t)
	small := map[string]any{"username": "ann", "admin": false}
	large := map[string]any{"text": strings.Repeat("compressed ", 300)}
	made := []string{
		sign(t, newApp(setAll(small))),
		sign(t, newApp(setAll(large))),
		judge.ask(question{Command: "sign_cookie", Secret: secretKey, Value: describe(small)}).Cookie,
		judge.ask(question{Command: "sign_cookie", Secret: secretKey, Value: describe(large)}).Cookie,
	}
	for _, cookie := range made {
		checkAlike(t, judge, "as it is", cookie, true)
		checkFlips(t, judge, random, cookie)
		for length := 1; length < len(cookie); length++ {
			checkAlike(t, judge, "truncated", cookie[:length], false)
		}
		for _, forged := range forgeries(cookie) {
			checkAlike(t, judge, "forged", forged, false)
		}
	}
}

// checkFlips changes one bit of each character. The signature covers
// text, where every bit matters; but the last character of the signature itself
// carries two bits that base64 ignores, so there only agreement counts.
func checkFlips(t *testing.T, judge *judge, random random, cookie string) {
	t.Helper()
	last := len(cookie) - 1
	for i := range last {
		bit := random.IntN(7)
		for !isCookieByte(cookie[i] ^ 1<<bit) {
			bit = random.IntN(7)
		}
		checkAlike(t, judge, "flipped", flip(cookie, i, bit), false)
	}
	for bit := range 7 {
		if isCookieByte(cookie[last] ^ 1<<bit) {
			checkAgreement(t, judge, "flipped at the end", flip(cookie, last, bit))
		}
	}
}

func flip(cookie string, i, bit int) string {
	flipped := []byte(cookie)
	flipped[i] ^= 1 << bit
	return string(flipped)
}

// isCookieByte excludes what a Cookie header cannot carry or gives a meaning,
// so that both sides see the same cookie.
func isCookieByte(char byte) bool {
	return char > ' ' && char < 0x7f && !strings.ContainsRune(`";,\`, rune(char))
}

// forgeries put parts of a good cookie together wrongly.
func forgeries(cookie string) []string {
	dot := strings.LastIndexByte(cookie, '.')
	signed, signature := cookie[:dot], cookie[dot+1:]
	dot = strings.LastIndexByte(signed, '.')
	payload, date := signed[:dot], signed[dot+1:]
	return []string{
		payload + "." + signature + "." + date,
		payload + "." + date + "." + strings.Repeat("A", len(signature)),
		payload + ".AAAAAA." + signature,
		payload + "." + nextDate(date) + "." + signature,
		payload + "." + signature,
		date + "." + payload + "." + signature,
		"." + cookie,
		cookie + ".",
		cookie + "." + signature,
		"e30." + date + "." + signature,
		strings.ToLower(cookie),
		"...",
		".",
	}
}

// nextDate is the date of a cookie made shortly after.
func nextDate(date string) string {
	last := date[len(date)-3]
	if last == 'A' {
		return date[:len(date)-3] + "B" + date[len(date)-2:]
	}
	return date[:len(date)-3] + "A" + date[len(date)-2:]
}

// TestDatesCannotBeSwapped takes the younger date of one good cookie to
// freshen another.
func TestDatesCannotBeSwapped(t *testing.T) {
	judge := startJudge(t)
	now := time.Now().Unix()
	sign := func(at int64) []string {
		value := describe(map[string]any{"username": "ann"})
		return strings.Split(judge.ask(question{Command: "sign_cookie", Secret: secretKey, At: at, Value: value}).Cookie, ".")
	}
	old, young := sign(now-1000), sign(now-1)
	checkAlike(t, judge, "young date on old signature", strings.Join([]string{old[0], young[1], old[2]}, "."), false)
	checkAlike(t, judge, "old date on young signature", strings.Join([]string{young[0], old[1], young[2]}, "."), false)
	checkAlike(t, judge, "young signature", strings.Join(young, "."), true)
}

// TestSessionsWithoutKeyAreRefusedByDecant: with no key at all nothing is
// believed, whatever it was signed with.
func TestSessionsWithoutKeyAreRefusedByDecant(t *testing.T) {
	judge := startJudge(t)
	cookie := judge.ask(question{Command: "sign_cookie", Secret: secretKey, Value: describe(map[string]any{"n": 1})}).Cookie
	var seen typed
	app := newReader(&seen)
	app.Config.SecretKey = ""
	if got, status := load(app, &seen, cookie); status != http.StatusOK || !got.isEmpty() {
		t.Errorf("status %d, session %v", status, got)
	}
	status, _ := visit(withoutKey(func(s *decant.Session) { s.Set("n", 1) }), "")
	if status != http.StatusInternalServerError {
		t.Errorf("writing without a key gives status %d", status)
	}
}

func withoutKey(view func(*decant.Session)) *decant.App {
	app := newApp(view)
	app.Config.SecretKey = ""
	return app
}

// TestTheCommandOfTheErrorMakesAKey runs what the error for a missing key says.
func TestTheCommandOfTheErrorMakesAKey(t *testing.T) {
	output, err := exec.Command("sh", "-c", signing.KeyCommand).Output()
	must(t, err)
	key := strings.TrimSpace(string(output))
	if len(key) != len(decant.NewSecretKey()) || signing.Weakness(key) != "" {
		t.Errorf("%s prints %q", signing.KeyCommand, output)
	}
}
