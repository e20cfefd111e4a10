package tests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestParams(t *testing.T) {
	app, log := newTestApp()
	app.Get("/user/<name>", func(c *decant.Context) (any, error) { return c.Param("name"), nil }, decant.Endpoint("user"))
	app.Get("/post/<int:id>", func(c *decant.Context) (any, error) { return fmt.Sprint(c.ParamInt("id")+1, " ", c.Param("id")), nil }, decant.Endpoint("post"))
	app.Get("/price/<float:price>", func(c *decant.Context) (any, error) { return fmt.Sprint(c.ParamFloat("price") * 2), nil }, decant.Endpoint("price"))
	app.Get("/id/<uuid:id>", func(c *decant.Context) (any, error) { return c.ParamValue("id").(decant.UUID).String(), nil }, decant.Endpoint("id"))
	app.Get("/file/<path:name>", func(c *decant.Context) (any, error) { return c.Param("name"), nil }, decant.Endpoint("file"))
	for target, want := range map[string]string{
		"/user/ann":          "ann",
		"/user/%C3%A9%20%26": "é &",
		"/post/41":           "42 41",
		"/price/1.25":        "2.5",
		"/file/a/b.txt":      "a/b.txt",
		"/id/12345678-1234-5678-1234-567812345678": "12345678-1234-5678-1234-567812345678",
	} {
		mustAnswer(t, get(app, target), 200, want)
	}
	log.mustBeEmpty(t)
}

func TestMistakesWithParamsAre500sThatSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		read func(c *decant.Context)
		want []string
	}{
		"Param":      {func(c *decant.Context) { c.Param("nmae") }, []string{`no view argument "nmae"`, `"name"`}},
		"ParamValue": {func(c *decant.Context) { c.ParamValue("nmae") }, []string{`no view argument "nmae"`, `"name"`}},
		"ParamInt":   {func(c *decant.Context) { c.ParamInt("name") }, []string{`"name" is a string`, "<int:name>"}},
		"ParamFloat": {func(c *decant.Context) { c.ParamFloat("name") }, []string{`"name" is a string`, "<float:name>"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := newTestApp()
			app.Get("/<name>", func(context *decant.Context) (any, error) { c.read(context); return "", nil }, decant.Endpoint("view"))
			mustFail(t, get(app, "/x"))
			log.mustContain(t, c.want...)
		})
	}
	app, log := newTestApp()
	app.BeforeRequest(func(c *decant.Context) (any, error) { return c.Param("name"), nil })
	app.Get("/", hello)
	mustFail(t, get(app, "/nowhere"))
	log.mustContain(t, "no rule matches this request")
}

var (
	gUser  = decant.NewG[string]("user")
	gOther = decant.NewG[string]("user")
	gError = decant.NewG[error]("error")
)

func TestGLivesForOneRequest(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		if _, ok := gUser.Lookup(c); ok {
			t.Error("a value is left from another request")
		}
		gUser.Set(c, "ann")
		gUser.Set(c, "bob")
		_, other := gOther.Lookup(c)
		gError.Set(c, nil)
		err, set := gError.Lookup(c)
		return fmt.Sprint(gUser.Get(c), gOther.Get(c), other, err, set), nil
	})
	for range 2 {
		mustAnswer(t, get(app, "/"), 200, "bobfalse <nil> true")
	}
}

func TestAContextIsTheContextOfItsRequest(t *testing.T) {
	type key struct{}
	app, _ := appWith(func(c *decant.Context) (any, error) {
		if c.Err() != nil {
			t.Error("the request has ended already")
		}
		return c.Value(key{}), nil
	})
	r := httptest.NewRequest("GET", "/", nil)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "carried")))
	mustAnswer(t, w, 200, "carried")
}

func TestAContextThatIsKeptNeverShowsAnotherRequest(t *testing.T) {
	app, log := newTestApp()
	type kept struct {
		context *decant.Context
		name    string
	}
	var mutex sync.Mutex
	var all []kept
	app.Get("/<name>", func(c *decant.Context) (any, error) {
		name := c.Param("name")
		gUser.Set(c, name)
		c.Session.Set("user", name)
		c.Request.Args.Get("q")
		mutex.Lock()
		defer mutex.Unlock()
		all = append(all, kept{c, name})
		return name, nil
	}, decant.Endpoint("view"))
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("client-%d-%d", i, j)
				mustAnswer(t, get(app, "/"+name+"?q="+name), 200, name)
			}
		})
	}
	clients.Wait()
	for _, k := range all {
		c := k.context
		got := []string{c.Param("name"), gUser.Get(c), c.Session.String("user"), c.Request.Args.Get("q"), c.Request.Path()}
		if diff := cmp.Diff([]string{k.name, k.name, k.name, k.name, "/" + k.name}, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	log.mustBeEmpty(t)
}

func TestAContextEndsWithItsRequest(t *testing.T) {
	ended := make(chan error, 1)
	app, _ := appWith(func(c *decant.Context) (any, error) {
		go func() {
			<-c.Done()
			ended <- c.Err()
		}()
		return "", nil
	})
	server := httptest.NewServer(app)
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended with %v", err)
	}
}

func TestTheRequestOfHTTPIsThere(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		return strings.Join([]string{c.Request.Method, c.Request.URL.Path, c.Request.Host, c.Request.Header.Get("X-A")}, " "), nil
	})
	mustAnswer(t, get(app, "http://site.test/", "X-A", "1"), 200, "GET / site.test 1")
}

func TestViewArgumentsThatMayBeAbsent(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	show := func(c *decant.Context) (any, error) {
		page, hasPage := c.LookupParam("page")
		word, hasWord := c.LookupParam("word")
		return []any{page, hasPage, word, hasWord}, nil
	}
	app.Get("/", show, decant.Endpoint("show"), decant.Defaults("page", 1))
	app.Get("/<int:page>/<word>", show, decant.Endpoint("show"))
	app.ErrorHandler(404, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return show(c) })
	mustAnswer(t, get(app, "/"), 200, `["1",true,"",false]`+"\n")
	mustAnswer(t, get(app, "/007/a%20b"), 200, `["007",true,"a b",true]`+"\n")
	mustAnswer(t, get(app, "/x"), 404, `["",false,"",false]`+"\n")
	log.mustBeEmpty(t)
}

func TestGIsCompletelyReadable(t *testing.T) {
	t.Parallel()
	user, other := decant.NewG[string]("user"), decant.NewG[int]("user")
	app, log := appWith(func(c *decant.Context) (any, error) {
		before := []any{user.Get(c), user.Get(c, "nobody"), user.Has(c)}
		user.Delete(c) // nothing to delete
		user.Set(c, "ann")
		other.Set(c, 5)
		during := []any{user.Get(c, "nobody"), user.Has(c), other.Get(c, 7)}
		user.Delete(c)
		value, ok := user.Lookup(c)
		return []any{before, during, value, ok, user.Has(c), user.Get(c, "gone"), other.Get(c)}, nil
	})
	const want = `[["","nobody",false],["ann",true,5],"",false,false,"gone",5]` + "\n"
	mustAnswer(t, get(app, "/"), 200, want)
	mustAnswer(t, get(app, "/"), 200, want)
	log.mustBeEmpty(t)
}

type contextKey struct{}

// A Context reads deadline, end and values from the request as it is now, also
// after a hook has replaced it.
func TestAContextFollowsItsRequest(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(time.Hour)
	app, log := appWith(func(c *decant.Context) (any, error) {
		deadline, ok := c.Deadline()
		return []any{deadline.Equal(at), ok, c.Value(contextKey{}), c.Err() == nil, c.Done() == c.Request.Context().Done()}, nil
	})
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if _, ok := c.Deadline(); ok || c.Value(contextKey{}) != nil {
			t.Error("there is a deadline, or a value, before the hook has set it")
		}
		bounded, cancel := context.WithDeadline(c.Request.Context(), at)
		c.AfterThisRequest(func(*decant.Response) { cancel() })
		c.Request.Request = c.Request.WithContext(context.WithValue(bounded, contextKey{}, "value"))
		return nil, nil
	})
	mustAnswer(t, get(app, "/"), 200, `[true,true,"value",true,true]`+"\n")
	log.mustBeEmpty(t)
}

func TestInRequest(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	var steps []string
	app.BeforeRequest(func(*decant.Context) (any, error) { return nil, errors.New("a hook ran") })
	app.Signals.ContextPushed.Connect(func(*decant.Context) { steps = append(steps, "pushed") })
	app.TeardownRequest(func(_ *decant.Context, err error) {
		steps = append(steps, fmt.Sprint("teardown of the request: ", err))
	})
	app.TeardownAppContext(func(_ *decant.Context, err error) {
		steps = append(steps, fmt.Sprint("teardown of the context: ", err))
	})
	app.Get("/user/<name>", func(*decant.Context) (any, error) { return nil, errors.New("the view ran") }, decant.Endpoint("user"))

	failure := errors.New("the work failed")
	err := app.InRequest(httptest.NewRequest("GET", "/user/ann?q=1", nil), func(c *decant.Context) error {
		c.Session.Set("a", 1)
		steps = append(steps, fmt.Sprint(c.Request.Endpoint(), c.Param("name"), c.Request.Args.Get("q"), c.HasRequest(), c.Session.Get("a"), c.URLFor("user", "name", "b")))
		return failure
	})
	if err != failure {
		t.Errorf("the error is %v", err)
	}
	want := []string{"pushed", "userann1true 1/user/b", "teardown of the request: the work failed", "teardown of the context: the work failed"}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("the steps (-want +got):\n%s", diff)
	}
	err = app.InRequest(httptest.NewRequest("POST", "/user/ann", nil), func(c *decant.Context) error {
		if c.Request.RoutingError() == nil {
			t.Error("a POST matches")
		}
		return decant.Abort(418)
	})
	if page := new(decant.HTTPError); !errors.As(err, &page) || page.Code != 418 {
		t.Errorf("the error is %v", err)
	}
	mustPanic(t, func() {
		_ = app.InRequest(httptest.NewRequest("GET", "/", nil), func(*decant.Context) error { panic("at the disco") })
	}, "at the disco")
	log.mustBeEmpty(t)
}
