package decant

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/rule"
)

// methodHandlers are the methods of a method view, each found by an interface
// and so without reflection.
var methodHandlers = []struct {
	method, name string
	find         func(instance any) View
}{
	{http.MethodGet, "Get", func(v any) View {
		if h, ok := v.(interface{ Get(*Context) (any, error) }); ok {
			return h.Get
		}
		return nil
	}},
	{http.MethodPost, "Post", func(v any) View {
		if h, ok := v.(interface{ Post(*Context) (any, error) }); ok {
			return h.Post
		}
		return nil
	}},
	{http.MethodPut, "Put", func(v any) View {
		if h, ok := v.(interface{ Put(*Context) (any, error) }); ok {
			return h.Put
		}
		return nil
	}},
	{http.MethodPatch, "Patch", func(v any) View {
		if h, ok := v.(interface{ Patch(*Context) (any, error) }); ok {
			return h.Patch
		}
		return nil
	}},
	{http.MethodDelete, "Delete", func(v any) View {
		if h, ok := v.(interface{ Delete(*Context) (any, error) }); ok {
			return h.Delete
		}
		return nil
	}},
	{http.MethodHead, "Head", func(v any) View {
		if h, ok := v.(interface{ Head(*Context) (any, error) }); ok {
			return h.Head
		}
		return nil
	}},
	{http.MethodOptions, "Options", func(v any) View {
		if h, ok := v.(interface{ Options(*Context) (any, error) }); ok {
			return h.Options
		}
		return nil
	}},
	{http.MethodTrace, "Trace", func(v any) View {
		if h, ok := v.(interface{ Trace(*Context) (any, error) }); ok {
			return h.Trace
		}
		return nil
	}},
}

// MethodView registers a value whose methods Get, Post, Put, Patch, Delete,
// Head, Options and Trace are views for these HTTP methods: Flask's MethodView.
// HEAD falls back to Get. The value is shared by all requests; pass a
// func() any that makes one for a value of its own for each request:
//
//	app.MethodView("/things/<int:id>", func() any { return new(thing) })
//
// The endpoint is the name of the value's type unless [Endpoint] says
// otherwise. [Methods] may leave methods out. It panics for a value without
// such methods, or with one that is no [View].
func (s *scaffold) MethodView(rule string, view any, options ...RouteOption) {
	s.owner.mustBeOpen("MethodView")
	s.owner.add(newMethodRoute(rule, view, options, callerPlace(1)))
}

func newMethodRoute(text string, view any, options []RouteOption, place string) *route {
	r := &route{Rule: rule.Rule{Text: text, Place: place}}
	v := newMethodView(view, text)
	r.view, r.identity = v.answer, v.identity
	r.apply(options)
	if r.Rule.Methods == nil {
		r.Rule.Methods = v.methods()
	}
	v.mustAnswer(r.Rule.Methods, text)
	if r.Rule.Endpoint == "" {
		r.Rule.Endpoint = v.typeName(text)
	}
	return r
}

// methodView is a shared instance with its views, or what makes instances.
type methodView struct {
	instance    any // for a factory, one that only shows what there is
	views       map[string]View
	newInstance func() any // nil for a shared instance
	identity    any
}

func newMethodView(view any, text string) *methodView {
	v := &methodView{instance: view}
	if factory, ok := view.(func() any); ok && factory != nil {
		v.newInstance, v.instance = factory, factory()
		v.identity = reflect.ValueOf(factory).Pointer()
	} else if view != nil {
		v.identity = identityOf(view)
	}
	v.views = map[string]View{}
	for _, handler := range methodHandlers {
		if view := handler.find(v.instance); view != nil {
			v.views[handler.method] = view
		}
	}
	v.check(text)
	return v
}

// identityOf tells shared instances apart, where they can be compared.
func identityOf(instance any) any {
	if reflect.ValueOf(instance).Comparable() {
		return instance
	}
	return reflect.TypeOf(instance)
}

func (v *methodView) check(text string) {
	for _, handler := range methodHandlers {
		if v.views[handler.method] == nil && v.hasMethod(handler.name) {
			panic(fmt.Sprintf("decant: the method view %T of the rule %q has a method %s that is no view; its signature must be %s(c *decant.Context) (any, error)", v.instance, text, handler.name, handler.name))
		}
	}
	if len(v.views) == 0 {
		panic(fmt.Sprintf("decant: the method view %T of the rule %q has no method Get, Post or the like; add one, and pass a pointer if they have pointer receivers", v.instance, text))
	}
}

func (v *methodView) hasMethod(name string) bool {
	if v.instance == nil {
		return false
	}
	_, ok := reflect.TypeOf(v.instance).MethodByName(name)
	return ok
}

// methods lists what there is, in the order of methodHandlers.
func (v *methodView) methods() []string {
	var methods []string
	for _, handler := range methodHandlers {
		if v.views[handler.method] != nil {
			methods = append(methods, handler.method)
		}
	}
	return methods
}

func (v *methodView) mustAnswer(methods []string, text string) {
	known := v.methods()
	for _, method := range methods {
		method = strings.ToUpper(method)
		headByGet := method == http.MethodHead && slices.Contains(known, http.MethodGet)
		if !headByGet && !slices.Contains(known, method) {
			panic(fmt.Sprintf("decant: the rule %q lists %s, for which the method view %T has no method; add it, or leave %s out", text, method, v.instance, method))
		}
	}
}

func (v *methodView) typeName(text string) string {
	kind := reflect.TypeOf(v.instance)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind.Name() == "" {
		panic(fmt.Sprintf("decant: the method view of the rule %q has a type without a name to call its endpoint by; add Endpoint(\"...\")", text))
	}
	return kind.Name()
}

// answer dispatches to the view for the request's method.
func (v *methodView) answer(c *Context) (any, error) {
	method := c.Request.Method
	if v.views[method] == nil && method == http.MethodHead {
		method = http.MethodGet
	}
	if v.newInstance == nil {
		return v.views[method](c)
	}
	return freshView(v.newInstance(), method)(c)
}

func freshView(instance any, method string) View {
	for _, handler := range methodHandlers {
		if handler.method == method {
			return handler.find(instance)
		}
	}
	return nil
}
