package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// series is how a cost grows with a number.
type series struct {
	name, unit string // unit is what x counts
	xs         []int
	costs      []float64 // nanoseconds of the processor
}

// slope is by how much more the cost grows than the number, at the worst step: 1 or
// less is linear or better.
func (s series) slope() float64 {
	worst := 0.0
	for i := 1; i < len(s.xs); i++ {
		if s.xs[i-1] > 0 {
			worst = max(worst, s.costs[i]/s.costs[i-1]/(float64(s.xs[i])/float64(s.xs[i-1])))
		}
	}
	return worst
}

// growing is a series to measure: it makes an operation for each number.
type growing struct {
	name, unit string
	xs         []int
	make       func(tb testing.TB, n int) func()
}

func measureGrowth(b *testing.B, e effort) []series {
	var all []series
	for _, g := range []growing{
		{"one request among many rules", "rules", []int{10, 100, 1000, 10000}, amongRules},
		{"cookies, each read by its name", "cookies", []int{1, 3, 10, 30, 100}, byCookie},
		{"form fields, each read by its name", "fields", []int{1, 10, 100, 1000, 10000}, byField},
		{"a session read and written", "bytes", []int{100, 500, 1000, 1050, 2000, 2700, 2900, 4000}, ofSession},
		{"hooks", "hooks", []int{0, 1, 10, 100}, withHooks},
		{"headers of the answer", "headers", []int{1, 10, 100}, withHeaders},
		{"headers of the request, each read by its name", "headers", []int{1, 10, 100}, byHeader},
	} {
		if !isChosen(g.name) {
			continue
		}
		progress("growth: %s", g.name)
		all = append(all, g.measure(b, e))
	}
	return all
}

func (g growing) measure(tb testing.TB, e effort) series {
	var peers []peer
	for _, n := range g.xs {
		peers = append(peers, peer{fmt.Sprint(n), g.make(tb, n)})
	}
	r := measureByTurns(g.name, peers, e)
	s := series{g.name, g.unit, g.xs, nil}
	for _, costs := range r.costs {
		s.costs = append(s.costs, median(each(costs, nanoseconds)))
	}
	return s
}

func request(tb testing.TB, app *decant.App, m message, want string) func() {
	c := newClient(app)
	if got := c.ask(m); got.status != http.StatusOK || got.body != want {
		tb.Fatalf("status %d, %.100q instead of %.100q", got.status, got.body, want)
	}
	return func() { c.send(m) }
}

func amongRules(tb testing.TB, n int) func() {
	app := decant.New("rules")
	for i := range n {
		app.Get(fmt.Sprintf("/section%d/<name>/item%d", i/10, i), user, decant.Endpoint(fmt.Sprint("e", i)), decant.Decorate(func(v decant.View) decant.View { return v }))
	}
	return request(tb, app, get(fmt.Sprintf("/section%d/ann/item%d", (n-1)/10, n-1), ""), "ann")
}

func pairsOf(n int, separator string) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("n%d=v%d", i, i)
	}
	return strings.Join(pairs, separator)
}

func byCookie(tb testing.TB, n int) func() {
	app := decant.New("cookies")
	names := namesOf(n)
	app.Get("/", func(c *decant.Context) (any, error) {
		for _, name := range names {
			if !c.Request.Cookies.Has(name) {
				return "", fmt.Errorf("no cookie %s", name)
			}
		}
		return "all", nil
	}, decant.Endpoint("cookies"))
	return request(tb, app, get("/", pairsOf(n, "; ")), "all")
}

func namesOf(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("n", i)
	}
	return names
}

func byField(tb testing.TB, n int) func() {
	app := decant.New("fields")
	names := namesOf(n)
	app.Post("/", func(c *decant.Context) (any, error) {
		for _, name := range names {
			if !c.Request.Form.Has(name) {
				return "", fmt.Errorf("no field %s", name)
			}
		}
		return "all", nil
	}, decant.Endpoint("fields"))
	return request(tb, app, post("/", pairsOf(n, "&")), "all")
}

func ofSession(tb testing.TB, n int) func() {
	app := decant.New("sessions")
	app.Config.SecretKey = secretKey
	text := strings.Repeat("0123456789abcdef", n/16+1)[:n]
	app.Get("/", func(c *decant.Context) (any, error) {
		c.Session.Set("text", text)
		return fmt.Sprint(len(c.Session.String("text"))), nil
	}, decant.Endpoint("write"))
	c := newClient(app)
	c.send(get("/", ""))
	return request(tb, app, get("/", c.sessionCookie()), fmt.Sprint(n))
}

func withHooks(tb testing.TB, n int) func() {
	app := decant.New("hooks")
	app.Get("/hello", hello)
	for range n {
		app.BeforeRequest(func(*decant.Context) (any, error) { return nil, nil })
	}
	return request(tb, app, get("/hello", ""), greeting)
}

func withHeaders(tb testing.TB, n int) func() {
	app := decant.New("headers")
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("X-Name-%d", i)
	}
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.MakeResponse(greeting)
		for _, name := range names {
			r.Header().Set(name, "value")
		}
		return r, nil
	}, decant.Endpoint("headers"))
	return request(tb, app, get("/", ""), greeting)
}

func byHeader(tb testing.TB, n int) func() {
	app, names, m := decant.New("headers"), namesOf(n), get("/", "")
	for _, name := range names {
		m.request.Header.Set(name, "value")
	}
	app.Get("/", func(c *decant.Context) (any, error) {
		for _, name := range names {
			if c.Request.Header.Get(name) != "value" {
				return "", fmt.Errorf("no header %s", name)
			}
		}
		return "all", nil
	}, decant.Endpoint("headers"))
	return request(tb, app, m, "all")
}
