// Sessionserver is what the tests with Redis start several times: a Decant
// application that keeps its sessions there.
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/redis/go-redis/v9"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

func main() {
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS"), ContextTimeoutEnabled: true})
	app := decant.New("sessionserver")
	app.Config.SecretKey = os.Getenv("SECRET_KEY")
	app.SessionInterface = serversession.New(goredisstore.New(client), serversession.Timeout(time.Second))
	app.Get("/", index)
	app.Get("/me", me)
	app.Get("/login/<user>", login)
	app.Get("/count", count)
	app.Get("/logout", logout)
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
}

func index(*decant.Context) (any, error) { return "no session is needed here", nil }

func me(c *decant.Context) (any, error) {
	return fmt.Sprintf("%s %d", c.Session.String("user"), c.Session.Int("count")), nil
}

func login(c *decant.Context) (any, error) {
	c.Session.Clear()
	c.Session.Set("user", c.Param("user"))
	return me(c)
}

func count(c *decant.Context) (any, error) {
	c.Session.Set("count", c.Session.Int("count")+1)
	return me(c)
}

func logout(c *decant.Context) (any, error) {
	c.Session.Clear()
	return me(c)
}
