// Chat shows what is said in one browser in all others, by server-sent events.
package main

import (
	"cmp"
	"iter"
	"log"
	"os"
	"sync"

	"github.com/decant-go/decant"
)

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}

func newApp() *decant.App {
	app := decant.New("chat")
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")
	room := &room{listeners: map[chan string]bool{}}
	app.Get("/", room.page)
	app.Post("/messages", room.say)
	app.Get("/messages", room.listen)
	return app
}

// room passes messages from those who speak to those who listen.
type room struct {
	mutex     sync.Mutex
	listeners map[chan string]bool
}

func (r *room) page(c *decant.Context) (any, error) { return c.Render("index.html") }

func (r *room) say(c *decant.Context) (any, error) {
	text, err := c.Request.Form.Require("text")
	if err != nil {
		return nil, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for listener := range r.listeners {
		select {
		case listener <- text:
		default: // whoever does not keep up misses a message
		}
	}
	return c.MakeResponse("", 204), nil
}

func (r *room) listen(c *decant.Context) (any, error) {
	messages := r.enter()
	c.Logger().Info("somebody came in")
	return iter.Seq[decant.Event](func(yield func(decant.Event) bool) {
		defer r.leave(messages)
		if !yield(decant.Event{}) { // sends the headers at once
			return
		}
		for {
			select {
			case text := <-messages:
				if !yield(decant.Event{Data: text}) {
					return
				}
			case <-c.Done(): // the browser has gone away
				return
			case <-c.Stopping(): // the program is about to end
				return
			}
		}
	}), nil
}

func (r *room) enter() chan string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	messages := make(chan string, 16)
	r.listeners[messages] = true
	return messages
}

func (r *room) leave(messages chan string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.listeners, messages)
}
