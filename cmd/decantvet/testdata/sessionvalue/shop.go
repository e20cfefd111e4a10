// Package sessionvalue puts values into the session.
package sessionvalue

import (
	"math/big"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession/flasksession"
)

type user struct {
	ID     int
	Friend *user
}

type list []list

type wrapper struct{ *decant.Session }

func sets(c *decant.Context, u user, p *user, anything any) {
	c.Session.Set("a", u)                              // want `the session cannot hold a user, which would come back as a map; store an id, and load it in each request`
	c.Session.Set("b", p)                              // want `cannot hold a user`
	c.Session.Set("c", &user{})                        // want `cannot hold a user`
	c.Session.Set("d", []user{u})                      // want `cannot hold a user`
	c.Session.Set("e", map[string]*user{"ann": p})     // want `cannot hold a user`
	c.Session.Set("f", [2]user{})                      // want `cannot hold a user`
	c.Session.Set("g", decant.H{"user": u})            // want `cannot hold a user`
	c.Session.Set("h", []any{1, decant.H{"user": &u}}) // want `cannot hold a user`
	c.Session.Set("i", struct{ A int }{1})             // want `cannot hold a struct\{A int\}`
	c.Session.Set("j", decant.NewHTTPError(404))       // want `cannot hold a github.com/decant-go/decant.HTTPError`
	wrapper{c.Session}.Set("k", u)                     // want `cannot hold a user`

	c.Session.Set("l", u.ID)
	c.Session.Set("m", time.Now())
	c.Session.Set("n", big.NewInt(1))
	c.Session.Set("o", decant.UUID{})
	c.Session.Set("p", decant.Markup("<b>"))
	c.Session.Set("q", decant.Tuple{1, "a"})
	c.Session.Set("r", []string{"a"})
	c.Session.Set("s", decant.H{"n": 1, "at": time.Now()})
	c.Session.Set("t", anything)
	c.Session.Set("u", list{})
	c.Session.Set("v", flasksession.Date{Year: 2026})
	c.Session.Set("w", flasksession.Dict{{Key: 1, Value: "a"}})
	c.Session.Set("x", []any{flasksession.NaiveTime{}})
	c.App.Config.Set("USER", u)
}
