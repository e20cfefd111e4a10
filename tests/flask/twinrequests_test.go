package flask

import (
	"encoding/hex"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

func addRequests(app *decant.App) {
	addAbout(app)
	addArgs(app)
	addHeaders(app)
	addConditions(app)
	addForms(app)
	addUploads(app)
	addData(app)
	addLimits(app)
}

// grouped are the values of each name, in order.
func grouped(pairs iter.Seq2[string, string]) map[string][]string {
	groups := map[string][]string{}
	for name, value := range pairs {
		groups[name] = append(groups[name], value)
	}
	return groups
}

func addAbout(app *decant.App) {
	getAndPost(app, "/about/urls", "about_urls", aboutURLs)
	getAndPost(app, "/about/urls/<path:rest>", "about_urls", aboutURLs)
	getAndPost(app, "/about/match/<int:number>/<text>", "about_match", func(c *decant.Context) (any, error) {
		return decant.H{
			"endpoint":   c.Request.Endpoint(),
			"blueprint":  c.Request.Blueprint(),
			"blueprints": append([]string{}, c.Request.Blueprints()...),
			"rule":       c.Request.URLRule(),
			"view_args":  c.Request.ViewArgs(),
		}, nil
	})
	routing := decant.NewG[string]("routing")
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		routing.Set(c, routingName(c.Request.RoutingError()))
		return nil, nil
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if name, ok := routing.Lookup(c); ok && c.Request.Args.Has("routing") && name != "Redirect" {
			r.Header().Set("X-Routing", name+" "+c.Request.Endpoint())
		}
		return nil
	})
}

func aboutURLs(c *decant.Context) (any, error) {
	r := c.Request
	return decant.H{
		"url":          r.FullURL(),
		"base_url":     r.BaseURL(),
		"root_url":     r.RootURL(),
		"host_url":     r.HostURL(),
		"full_path":    r.FullPath(),
		"path":         r.Path(),
		"query_string": r.URL.RawQuery,
		"host":         r.Host,
		"scheme":       r.Scheme(),
		"script_root":  r.ScriptRoot(),
		"is_secure":    r.IsSecure(),
		"method":       r.Method,
	}, nil
}

// routingName is the name of Werkzeug's exception.
func routingName(err error) string {
	if err == nil {
		return ""
	}
	switch httpError(err).Code {
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusMethodNotAllowed:
		return "MethodNotAllowed"
	}
	return "Redirect"
}

func addArgs(app *decant.App) {
	get(app, "/args", "args", func(c *decant.Context) (any, error) {
		return required(c.Request.Args, "q")
	})
	get(app, "/args/all", "all_args", func(c *decant.Context) (any, error) {
		return grouped(c.Request.Args.All()), nil
	})
	get(app, "/args/typed", "typed_args", func(c *decant.Context) (any, error) {
		return decant.H{
			"int":   c.Request.Args.Int("int", -1),
			"float": c.Request.Args.Float("float", -1.5),
			"text":  textOrNil(c.Request.Args.Lookup("text")),
			"has":   c.Request.Args.Has("text"),
		}, nil
	})
}

// required answers with a value that must be there, and all of its name.
func required(values decant.Values, name string) (any, error) {
	first, err := values.Require(name)
	if err != nil {
		return nil, err
	}
	return decant.H{name: first, "all": values.List(name)}, nil
}

func addHeaders(app *decant.App) {
	get(app, "/about/accept", "about_accept", aboutAccept)
	get(app, "/about/authorization", "about_authorization", aboutAuthorization)
	get(app, "/about/headers", "about_headers", func(c *decant.Context) (any, error) {
		header := c.Request.Header
		return decant.H{
			"user_agent": c.Request.UserAgent(),
			"referrer":   c.Request.Referer(),
			"origin":     header.Get("Origin"),
			"own":        header.Get("X-Own"),
			"own_list":   append([]string{}, header.Values("X-Own")...),
			"date":       date(c.Request.Date()),
		}, nil
	})
	getAndPost(app, "/about/type", "about_type", func(c *decant.Context) (any, error) {
		return decant.H{
			"content_type":   c.Request.Header.Get("Content-Type"),
			"mimetype":       c.Request.MIMEType(),
			"params":         c.Request.MIMETypeParameters(),
			"is_json":        c.Request.IsJSON(),
			"content_length": max(c.Request.ContentLength, 0),
		}, nil
	})
	get(app, "/about/cookies", "about_cookies", func(c *decant.Context) (any, error) {
		return grouped(c.Request.Cookies.All()), nil
	})
}

func aboutAccept(c *decant.Context) (any, error) {
	accepted := c.Request.AcceptMIMETypes()
	all := [][]any{}
	for value, quality := range accepted.All() {
		all = append(all, []any{value, quality})
	}
	return decant.H{
		"best":     bestOrNil(c.Request.BestMatch("text/html", "application/json", "text/plain")),
		"json":     accepted.Quality("application/json"),
		"html":     accepted.Quality("text/html"),
		"all":      all,
		"language": bestOrNil(c.Request.AcceptLanguages().BestMatch("en", "de", "fr-CH")),
		"encoding": bestOrNil(c.Request.AcceptEncodings().BestMatch("gzip", "br")),
		"charset":  bestOrNil(c.Request.AcceptCharsets().BestMatch("utf-8", "latin-1")),
	}, nil
}

func bestOrNil(best string) any { return textOrNil(best, best != "") }

func aboutAuthorization(c *decant.Context) (any, error) {
	auth, there := c.Request.Authorization()
	if !there {
		return decant.H{"there": false}, nil
	}
	parameters := auth.Parameters
	if parameters == nil {
		parameters = map[string]string{}
	}
	return decant.H{
		"there":      true,
		"type":       auth.Scheme,
		"username":   auth.Username,
		"password":   auth.Password,
		"token":      auth.Token,
		"parameters": parameters,
	}, nil
}

func date(value time.Time) any {
	return textOrNil(value.UTC().Format(time.DateTime), !value.IsZero())
}

func addConditions(app *decant.App) {
	get(app, "/about/conditions", "about_conditions", func(c *decant.Context) (any, error) {
		var piece any
		if start, end, ok := c.Request.Range(100); ok {
			piece = []int64{start, end}
		}
		return decant.H{
			"range":           piece,
			"none_match":      c.Request.IfNoneMatch().Contains("a"),
			"none_match_weak": c.Request.IfNoneMatch().ContainsWeak("a"),
			"match":           c.Request.IfMatch().Contains("a"),
			"modified":        date(c.Request.IfModifiedSince()),
			"unmodified":      date(c.Request.IfUnmodifiedSince()),
		}, nil
	})
	get(app, "/about/cache", "about_cache", func(c *decant.Context) (any, error) {
		control := c.Request.CacheControl()
		_, noCache := control["no-cache"]
		_, noStore := control["no-store"]
		return decant.H{"no_cache": noCache, "no_store": noStore, "max_age": control["max-age"]}, nil
	})
}

func addForms(app *decant.App) {
	post(app, "/form", "form", func(c *decant.Context) (any, error) {
		return required(c.Request.Form, "name")
	})
	methods := decant.Methods("GET", "POST", "PUT")
	app.Route("/form/all", func(c *decant.Context) (any, error) {
		return grouped(c.Request.Form.All()), nil
	}, decant.Endpoint("all_form"), methods)
	app.Route("/form/values", func(c *decant.Context) (any, error) {
		return decant.H{"first": c.Request.Values.Get("name"), "all": append([]string{}, c.Request.Values.List("name")...)}, nil
	}, decant.Endpoint("values"), methods)
	post(app, "/form/typed", "typed_form", func(c *decant.Context) (any, error) {
		return decant.H{"int": c.Request.Form.Int("int", 0), "float": c.Request.Form.Float("float", 0.5)}, nil
	})
}

func addUploads(app *decant.App) {
	post(app, "/upload", "upload", func(c *decant.Context) (any, error) {
		files := [][]string{}
		for name, file := range c.Request.Files.All() {
			described, err := describeFile(file)
			if err != nil {
				return nil, err
			}
			files = append(files, append([]string{name}, described...))
		}
		slices.SortStableFunc(files, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		return decant.H{"files": files, "form": grouped(c.Request.Form.All())}, nil
	})
	post(app, "/upload/one", "upload_one", func(c *decant.Context) (any, error) {
		file, err := c.Request.Files.Require("file")
		if err != nil {
			return nil, err
		}
		return describeFile(file)
	})
	post(app, "/upload/header", "upload_header", func(c *decant.Context) (any, error) {
		if file := c.Request.Files.Get("file"); file != nil {
			return decant.H{"header": file.Header("X-Own")}, nil
		}
		return decant.H{"header": nil}, nil
	})
}

func describeFile(file *decant.File) ([]string, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	data, err := io.ReadAll(content)
	return []string{decant.SecureFilename(file.Filename), file.Filename, file.ContentType(), hex.EncodeToString(data)}, err
}

func addData(app *decant.App) {
	app.Route("/data", func(c *decant.Context) (any, error) {
		data, err := c.Request.Data()
		if err != nil {
			return nil, err
		}
		response := c.MakeResponse(data)
		response.Header().Set("Content-Type", "application/octet-stream")
		return response, nil
	}, decant.Endpoint("data"), decant.Methods("GET", "POST", "PUT", "DELETE"))
	post(app, "/data/then-form", "data_then_form", formAndData(true))
	post(app, "/data/after-form", "data_after_form", formAndData(false))
	post(app, "/data/twice", "data_twice", func(c *decant.Context) (any, error) {
		first, err := c.Request.Data()
		if err != nil {
			return nil, err
		}
		second, err := c.Request.Data()
		return []string{hex.EncodeToString(first), hex.EncodeToString(second)}, err
	})
}

// formAndData looks at the one and then at the other.
func formAndData(dataFirst bool) decant.View {
	return func(c *decant.Context) (any, error) {
		if !dataFirst {
			c.Request.Form.Has("")
		}
		data, err := c.Request.Data()
		if err != nil {
			return nil, err
		}
		return decant.H{"data": len(data), "form": grouped(c.Request.Form.All())}, nil
	}
}

func addLimits(app *decant.App) {
	post(app, "/limit/<int:limit>", "limited", func(c *decant.Context) (any, error) {
		c.Request.SetMaxContentLength(int64(c.ParamInt("limit")))
		return formAndData(false)(c)
	})
	post(app, "/limit/memory/<int:limit>", "limited_memory", func(c *decant.Context) (any, error) {
		c.Request.SetMaxFormMemorySize(int64(c.ParamInt("limit")))
		return grouped(c.Request.Form.All()), nil
	})
	post(app, "/limit/parts/<int:limit>", "limited_parts", func(c *decant.Context) (any, error) {
		c.Request.SetMaxFormParts(c.ParamInt("limit"))
		return decant.H{"form": count(c.Request.Form.All()), "files": count(c.Request.Files.All())}, nil
	})
}

func count[K, V any](pairs iter.Seq2[K, V]) (n int) {
	for range pairs {
		n++
	}
	return n
}
