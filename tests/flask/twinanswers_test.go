package flask

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

func addAnswers(app *decant.App) {
	addBodies(app)
	addMade(app)
	addHandlers(app)
	addMistakes(app)
	addStreams(app)
	addRedirects(app)
}

func addBodies(app *decant.App) {
	get(app, "/", "index", always("Hello é☃ <b>"))
	get(app, "/empty", "empty", always(""))
	get(app, "/bytes", "binary", always([]byte("\x00\xff")))
	get(app, "/markup", "markup", always("<em>"+decant.Escape("<é>")+"</em>"))
	get(app, "/dict", "dictionary", always(decant.H{
		"b": 1, "a": "é<☃>\u2028", "none": nil, "float": 1e16, "list": []any{true, decant.H{}},
	}))
	get(app, "/list", "sequence", always([]any{1, "two", []any{3.5}}))
	get(app, "/empty-dict", "empty_dict", always(decant.H{}))
	get(app, "/empty-list", "empty_list", always([]any{}))
	get(app, "/large", "large", always(strings.Repeat("0123456789", 10_000)))
}

func addMade(app *decant.App) {
	get(app, "/made", "made", makes("made", func(r *decant.Response) {
		r.Status = http.StatusCreated
		r.Header().Set("X-Made", "by hand")
	}))
	get(app, "/no-content", "no_content", withStatus("", http.StatusNoContent))
	get(app, "/status/<int:code>", "status", func(c *decant.Context) (any, error) {
		return c.MakeResponse("with a status", c.ParamInt("code")), nil
	})
	get(app, "/json-status/<int:code>", "json_status", func(c *decant.Context) (any, error) {
		return c.MakeResponse(decant.H{"code": c.ParamInt("code")}, c.ParamInt("code")), nil
	})
	get(app, "/headers-tuple", "headers_tuple", makes("with headers", func(r *decant.Response) {
		r.Header().Set("X-Made", "a tuple")
		r.Header().Set("Content-Type", "text/plain")
	}))
	get(app, "/three-tuple", "three_tuple", makes("three", func(r *decant.Response) {
		r.Status = http.StatusAccepted
		r.Header()["X-Made"] = []string{"one", "two"}
	}))
	get(app, "/json-headers", "json_headers", makes(decant.H{"a": 1}, func(r *decant.Response) {
		r.Header().Set("Content-Type", "application/problem+json")
	}))
	get(app, "/response-tuple", "response_tuple", func(c *decant.Context) (any, error) {
		return c.MakeResponse(c.MakeResponse("inner", http.StatusCreated), http.StatusNonAuthoritativeInfo).With("X-Made", "outer"), nil
	})
	get(app, "/made/nothing", "made_nothing", withStatus("", http.StatusOK))
	get(app, "/made/json", "made_json", withStatus(decant.H{"made": []int{1, 2}}, http.StatusTeapot))
	get(app, "/made/mimetype", "made_mimetype", makes("a,b\n1,é\n", func(r *decant.Response) {
		r.SetMIMEType("text/csv")
	}))
	get(app, "/made/data", "made_data", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("first", http.StatusAccepted)
		response.Append(" and second")
		return response, nil
	})
	get(app, "/made/removed-type", "removed_type", makes("typeless", func(r *decant.Response) {
		r.Header().Del("Content-Type")
	}))
	get(app, "/made/repeated", "repeated", makes("repeated", func(r *decant.Response) {
		r.Header().Add("X-Made", "one")
		r.Header().Add("X-Made", "two, three")
	}))
	get(app, "/made/line-break", "line_break", func(c *decant.Context) (any, error) {
		value, there := c.Request.Args.Lookup("value")
		if !there {
			value = "a\r\nb"
		}
		return c.MakeResponse("never seen").With("X-Made", value), nil
	})
	get(app, "/made/not-modified", "not_modified", withStatus("left out", http.StatusNotModified))
	get(app, "/later", "several_later", func(c *decant.Context) (any, error) {
		for number := range 3 {
			c.AfterThisRequest(func(r *decant.Response) {
				r.Header().Set("X-Made", r.Header().Get("X-Made")+fmt.Sprint(number+1))
			})
		}
		return "later", nil
	})
}

func withStatus(answer any, status int) decant.View {
	return func(c *decant.Context) (any, error) { return c.MakeResponse(answer, status), nil }
}

func addHandlers(app *decant.App) {
	get(app, "/callable", "a_callable", decant.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/x-own")
		w.Header().Set("X-Made", r.Method)
		w.WriteHeader(http.StatusNonAuthoritativeInfo)
		io.WriteString(w, "by an application")
	})))
	get(app, "/foreign", "foreign", decant.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "foreign")
	})))
}

func addMistakes(app *decant.App) {
	get(app, "/mistake/none", "answer_none", always(nil))
	get(app, "/mistake/int", "answer_int", always(7))
	get(app, "/mistake/bool", "answer_bool", always(true))
	get(app, "/mistake/float", "answer_float", always(1.5))
	get(app, "/mistake/none-status", "answer_none_status", withStatus(nil, http.StatusNoContent))
	get(app, "/mistake/unserialisable", "answer_unserialisable", always(decant.H{"a": make(chan int)}))
}

func addStreams(app *decant.App) {
	get(app, "/stream/text", "stream_text", always(pieces(5, func(i int) string { return fmt.Sprintf("%d é\n", i) })))
	get(app, "/stream/bytes", "stream_bytes", always(slices.Values([][]byte{{0}, {}, {0xff, 0xfe}})))
	get(app, "/stream/empty", "stream_empty", always(slices.Values([]string{})))
	get(app, "/stream/context", "stream_context", func(c *decant.Context) (any, error) {
		return iter.Seq[string](func(yield func(string) bool) {
			word, there := c.Request.Args.Lookup("word")
			if !there {
				word = "nothing"
			}
			_ = yield(c.Request.Path()) && yield(" ") && yield(word)
		}), nil
	})
	get(app, "/stream/made", "stream_made", makes(slices.Values([]string{"a", "b"}), func(r *decant.Response) {
		r.Status = http.StatusAccepted
		r.Header().Set("X-Made", map[bool]string{true: "True", false: "False"}[r.IsStreamed()])
		r.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}))
	get(app, "/stream/length", "stream_length", makes(slices.Values([]string{"abc", "def"}), func(r *decant.Response) {
		r.Header().Set("Content-Length", "6")
	}))
	get(app, "/stream/csv", "stream_csv", makes(func(w io.Writer) error {
		for row := range 100 {
			fmt.Fprintf(w, "%d,%d\n", row, row*row)
		}
		return nil
	}, func(r *decant.Response) { r.Header().Set("Content-Type", "text/csv") }))
	get(app, "/stream/reader", "stream_reader", func(c *decant.Context) (any, error) {
		return bytes.NewBufferString("read from a file"), nil
	})
}

// pieces are what a function gives for each number.
func pieces(count int, piece func(int) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range count {
			if !yield(piece(i)) {
				return
			}
		}
	}
}

func addRedirects(app *decant.App) {
	get(app, "/redirect", "elsewhere", func(c *decant.Context) (any, error) {
		return c.Redirect("/user/é☃?a=b c&d=<e>")
	})
	get(app, "/redirect/<int:code>", "redirect_with", func(c *decant.Context) (any, error) {
		return c.Redirect(c.URLFor("index"), c.ParamInt("code"))
	})
	getAndPost(app, "/redirect-to", "redirect_to", func(c *decant.Context) (any, error) {
		to, err := c.Request.Args.Require("to")
		if err != nil {
			return nil, err
		}
		return c.Redirect(to, c.Request.Args.Int("code", http.StatusFound))
	})
	get(app, "/redirect-cookie", "redirect_cookie", func(c *decant.Context) (any, error) {
		c.SetCookie("seen", "yes")
		return c.Redirect("/")
	})
}
