// Package unreturned has views that make answers and forget to return them.
package unreturned

import "github.com/decant-go/decant"

func redirects(c *decant.Context) (any, error) {
	if c.Session.Has("user") {
		c.Redirect(c.URLFor("index")) // want `the answer of c.Redirect is not returned, so nobody gets it; write return c.Redirect\(…\)$`
	}
	(c.JSON(decant.H{"id": 1})) // want `the answer of c.JSON is not returned`
	c.MakeResponse("Meh", 400)  // want `the answer of c.MakeResponse is not returned, so nobody gets it; write return c.MakeResponse\(…\), nil`
	c.SendFile("report.pdf")    // want `the answer of c.SendFile is not returned`
	c.SendStaticFile("a.css")   // want `the answer of c.SendStaticFile is not returned`
	c.Render("index.html")      // want `the page of c.Render is not returned, so nobody gets it; write return c.Render\(…\)$`
	c.RenderString("hello")     // want `the page of c.RenderString is not returned`
	return "hello", nil
}

func fails(c *decant.Context) (any, error) {
	decant.NewHTTPError(403) // want `the error of decant.NewHTTPError is not returned, so nobody gets it; write return decant.NewHTTPError\(…\) as the error`
	decant.Abort(403)
	return nil, decant.NewHTTPError(403)
}

func chains(c *decant.Context) (any, error) {
	c.MakeResponse("Meh").With("X-Foo", "a") // want `the answer of c.MakeResponse\("Meh"\).With is not returned, so nobody gets it; write return c.MakeResponse\("Meh"\).With\(…\), nil`
	answer := c.MakeResponse("Meh")
	answer.With("X-Foo", "a")
	answer.With("X-Foo", "a").With("X-Bar", "b")
	return answer, nil
}

func inFunctions(c *decant.Context) (any, error) {
	defer c.Redirect("/") // want `the answer of c.Redirect is not returned`
	go c.JSON(1)          // want `the answer of c.JSON is not returned`
	c.AfterThisRequest(func(r *decant.Response) {
		c.Redirect("/") // want `the answer of c.Redirect is not returned`
	})
	later := func() (any, error) {
		c.Redirect("/") // want `the answer of c.Redirect is not returned`
		return nil, nil
	}
	return later()
}

func good(c *decant.Context) (any, error) {
	answer, err := c.Redirect("/")
	if err != nil {
		return nil, err
	}
	_, _ = c.JSON(1)
	c.SetCookie("a", "b")
	c.Flash("hello")
	answer.SetText("moved")
	return answer, nil
}

// context is a type of another package with a method of the same name.
type context struct{}

func (context) Redirect(string) (any, error) { return nil, nil }

func others(c context) { c.Redirect("/") }
