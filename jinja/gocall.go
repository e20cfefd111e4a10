package jinja

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime/debug"
	"strings"
)

// goFunc is a Go function or method.
type goFunc struct {
	fn     reflect.Value
	sig    *goSignature
	engine *engine
	name   string
}

func (g *goFunc) callName() string { return g.name }

// goSignature is what a Go function takes and returns. It is worked out once for
// each type.
type goSignature struct {
	typ          reflect.Type
	takesContext bool
	fixed        int // parameters behind the context and before the variadic one and the keywords
	keywords     keywordKind
	isVariadic   bool
	hasResult    bool
	hasError     bool
	problem      string // why templates cannot call the function, or ""
}

// keywordKind says how a function takes keyword arguments.
type keywordKind uint8

const (
	noKeywords     keywordKind = iota
	kwargsKeywords             // a Kwargs
	mapKeywords                // a map[string]any
	structKeywords             // a struct or a pointer to one
	pairKeywords               // pairs in ...any
)

func signatureOf(t reflect.Type) *goSignature {
	s := &goSignature{typ: t, isVariadic: t.IsVariadic()}
	in := t.NumIn()
	if in > 0 && t.In(0).Implements(contextType) {
		s.takesContext = true
		in--
	}
	s.fixed = in
	switch {
	case s.isVariadic:
		s.fixed--
		if t.In(t.NumIn()-1) == anysType {
			s.keywords = pairKeywords
		}
	case in > 0:
		if s.keywords = keywordsOf(t.In(t.NumIn() - 1)); s.keywords != noKeywords {
			s.fixed--
		}
	}
	switch out := t.NumOut(); {
	case out > 2 || out == 2 && t.Out(1) != errorType:
		s.problem = "it must return nothing, a value, an error, or a value and an error"
	case out == 2:
		s.hasResult, s.hasError = true, true
	case out == 1:
		s.hasError = t.Out(0) == errorType
		s.hasResult = !s.hasError
	}
	return s
}

func keywordsOf(t reflect.Type) keywordKind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		if t.Kind() != reflect.Struct {
			return noKeywords
		}
	}
	switch {
	case t == kwargsType:
		return kwargsKeywords
	case t == anyMapType:
		return mapKeywords
	case t.Kind() == reflect.Struct && t != timeType && !isSpecial(t):
		return structKeywords
	}
	return noKeywords
}

// call calls the function with the arguments of a template.
func (g *goFunc) call(r *run, args arguments) (value, error) {
	in, err := g.arguments(r, args)
	if err != nil {
		return missing, err
	}
	out, err := g.invoke(in)
	if err != nil {
		return missing, goError(err)
	}
	if g.sig.hasError {
		if err, _ := out[len(out)-1].Interface().(error); err != nil {
			return missing, goError(err)
		}
	}
	if !g.sig.hasResult {
		return none, nil
	}
	return r.engine.reflected(out[0]), nil
}

// raised is the value of a panic that stands for an error of the function, such as
// that of a disk, and not for a mistake in it.
type raised interface{ Raised() error }

// invoke calls the function, and returns its panic as an error.
func (g *goFunc) invoke(in []reflect.Value) (out []reflect.Value, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case raised:
			err = value.Raised()
		default:
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return g.fn.Call(in), nil
}

// goError is the error of a Go function. Its place is that of the call, also where it
// comes from a template that the function has rendered.
func goError(err error) error { return &Error{Message: err.Error(), cause: err} }

func (g *goFunc) arguments(r *run, args arguments) ([]reflect.Value, error) {
	s := g.sig
	if s.problem != "" {
		return nil, typeError("the Go function %s cannot be called: %s", g.label(), s.problem)
	}
	in := make([]reflect.Value, 0, s.typ.NumIn()+len(args.positional))
	if s.takesContext {
		ctx, err := g.contextArgument(r)
		if err != nil {
			return nil, err
		}
		in = append(in, ctx)
	}
	positional := args.positional
	if !s.isVariadic && s.keywords != noKeywords && len(positional) == s.fixed+1 && len(args.named) == 0 {
		return g.withLast(in, positional)
	}
	if len(positional) < s.fixed || len(positional) > s.fixed && !s.isVariadic {
		return nil, typeError("%s takes %s, but %d were given", g.label(), counted(s.fixed), len(positional))
	}
	for i, arg := range positional {
		x, err := g.argument(i, arg, s.paramType(i))
		if err != nil {
			return nil, err
		}
		in = append(in, x)
	}
	return g.withKeywords(in, args.named)
}

// withLast passes a value, not keywords, to the last parameter.
func (g *goFunc) withLast(in []reflect.Value, positional []value) ([]reflect.Value, error) {
	for i, arg := range positional {
		x, err := g.argument(i, arg, g.sig.paramType(i))
		if err != nil {
			return nil, err
		}
		in = append(in, x)
	}
	return in, nil
}

// paramType returns the type of a positional parameter.
func (s *goSignature) paramType(i int) reflect.Type {
	if s.takesContext {
		i++
	}
	if last := s.typ.NumIn() - 1; s.isVariadic && i >= last {
		return s.typ.In(last).Elem()
	}
	return s.typ.In(i)
}

func (g *goFunc) contextArgument(r *run) (reflect.Value, error) {
	ctx := reflect.ValueOf(r.context())
	if t := g.sig.typ.In(0); !ctx.Type().AssignableTo(t) {
		return reflect.Value{}, typeError("%s wants a %s as its context, and the render has a %s", g.label(), t, ctx.Type())
	}
	return ctx, nil
}

func (g *goFunc) argument(i int, arg value, t reflect.Type) (reflect.Value, error) {
	x, ok := goValueOf(arg, t)
	if !ok && arg.kind == kindUndefined {
		return x, undefinedOf(arg).err()
	}
	if !ok {
		return x, typeError("argument %d of %s must be a %s, not %s", i+1, g.label(), t, typeName(arg))
	}
	return x, nil
}

func (g *goFunc) withKeywords(in []reflect.Value, named []namedValue) ([]reflect.Value, error) {
	s := g.sig
	last := reflect.Type(nil)
	if n := s.typ.NumIn(); n > 0 {
		last = s.typ.In(n - 1)
	}
	switch s.keywords {
	case kwargsKeywords:
		var kwargs Kwargs
		for _, arg := range named {
			kwargs.names = append(kwargs.names, arg.name)
			kwargs.values = append(kwargs.values, toGo(arg.value))
		}
		return append(in, reflect.ValueOf(kwargs)), nil
	case mapKeywords:
		m := make(map[string]any, len(named))
		for _, arg := range named {
			m[arg.name] = toGo(arg.value)
		}
		return append(in, reflect.ValueOf(m)), nil
	case pairKeywords:
		for _, arg := range named {
			pair := [2]any{arg.name, toGo(arg.value)}
			in = append(in, reflect.ValueOf(&pair[0]).Elem(), reflect.ValueOf(&pair[1]).Elem())
		}
		return in, nil
	case structKeywords:
		options, err := g.options(last, named)
		return append(in, options), err
	}
	if len(named) > 0 {
		return nil, typeError("%s takes no keyword argument '%s'", g.label(), named[0].name)
	}
	return in, nil
}

// options fills the struct that takes the keyword arguments.
func (g *goFunc) options(t reflect.Type, named []namedValue) (reflect.Value, error) {
	structType := t
	if t.Kind() == reflect.Pointer {
		structType = t.Elem()
	}
	options := reflect.New(structType)
	b := bindingOf(structType)
	for _, arg := range named {
		index, ok := b.fields[arg.name]
		if !ok {
			return options, typeError("%s takes no keyword argument '%s'; it takes %s", g.label(), arg.name, strings.Join(b.names, ", "))
		}
		field := options.Elem().FieldByIndex(index)
		x, ok := goValueOf(arg.value, field.Type())
		if !ok {
			return options, typeError("the keyword argument '%s' of %s must be a %s, not %s", arg.name, g.label(), field.Type(), typeName(arg.value))
		}
		field.Set(x)
	}
	if t.Kind() == reflect.Pointer {
		return options, nil
	}
	return options.Elem(), nil
}

func (g *goFunc) label() string {
	if g.name != "" {
		return g.name + "()"
	}
	return "the function"
}

// goValueOf converts a value of a template to a Go type. It reports false if the
// type cannot hold the value.
func goValueOf(v value, t reflect.Type) (reflect.Value, bool) {
	if t == anyType {
		x := toGo(v)
		return reflect.ValueOf(&x).Elem(), true
	}
	if u := underlying(v); u.kind != kindMissing && reflect.TypeOf(v.ref) != t {
		v = u
	}
	if t.Kind() == reflect.Pointer && isScalar(t.Elem().Kind()) && v.kind != kindNone {
		return goPointer(v, t)
	}
	switch v.kind {
	case kindNone, kindUndefined, kindMissing:
		if x := toGo(v); x != nil && reflect.TypeOf(x) == t {
			return reflect.ValueOf(x), true
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Interface:
			return reflect.Zero(t), true
		}
		return reflect.Value{}, false
	case kindString, kindMarkup:
		return goText2(v, t)
	case kindBool:
		if t.Kind() == reflect.Bool {
			return reflect.ValueOf(v.bool()).Convert(t), true
		}
	case kindInt, kindFloat, kindBig:
		return goNumber(v, t)
	case kindList, kindTuple, kindRange:
		if t.Kind() == reflect.Slice && t != reflect.TypeFor[Tuple]() {
			return goSlice(v, t)
		}
	case kindDict:
		if t.Kind() == reflect.Map {
			return goMapOf(v, t)
		}
	}
	x := reflect.ValueOf(toGo(v))
	if x.Type().AssignableTo(t) {
		return x, true
	}
	if x.Kind() == reflect.Pointer && x.Type().Elem() == t {
		return x.Elem(), true
	}
	return reflect.Value{}, false
}

// goPointer converts to a pointer to a number, a string or a bool. A nil pointer tells
// a function that the argument was not given.
func goPointer(v value, t reflect.Type) (reflect.Value, bool) {
	x, ok := goValueOf(v, t.Elem())
	if !ok {
		return reflect.Value{}, false
	}
	p := reflect.New(t.Elem())
	p.Elem().Set(x)
	return p, true
}

func goText2(v value, t reflect.Type) (reflect.Value, bool) {
	switch {
	case t.Kind() == reflect.String:
		return reflect.ValueOf(v.text()).Convert(t), true
	case t.Kind() == reflect.Interface:
		if x := reflect.ValueOf(toGo(v)); x.Type().Implements(t) {
			return x, true
		}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return reflect.ValueOf([]byte(v.text())).Convert(t), true
	}
	return reflect.Value{}, false
}

func goNumber(v value, t reflect.Type) (reflect.Value, bool) {
	x := reflect.New(t).Elem()
	switch {
	case x.CanInt():
		if v.kind != kindInt || x.OverflowInt(v.int()) {
			return x, false
		}
		x.SetInt(v.int())
		return x, true
	case x.CanUint():
		if v.kind != kindInt || v.int() < 0 || x.OverflowUint(uint64(v.int())) {
			return x, false
		}
		x.SetUint(uint64(v.int()))
		return x, true
	case x.CanFloat():
		if f := floatOf(v); !math.IsInf(f, 0) || v.kind == kindFloat {
			x.SetFloat(f)
			return x, true
		}
		return x, false
	}
	number := reflect.ValueOf(toGo(v))
	if number.Type().AssignableTo(t) {
		return number, true
	}
	return x, false
}

func goSlice(v value, t reflect.Type) (reflect.Value, bool) {
	n, _ := lengthOf(v)
	out := reflect.MakeSlice(t, n, n)
	for i := range n {
		item, _ := sequenceItem(v, intValue(int64(i)))
		x, ok := goValueOf(item, t.Elem())
		if !ok {
			return out, false
		}
		out.Index(i).Set(x)
	}
	return out, true
}

func goMapOf(v value, t reflect.Type) (reflect.Value, bool) {
	out := reflect.MakeMap(t)
	fits := true
	eachEntry(v, func(key, val value) bool {
		k, ok := goValueOf(key, t.Key())
		x, ok2 := goValueOf(val, t.Elem())
		if fits = ok && ok2; fits {
			out.SetMapIndex(k, x)
		}
		return fits
	})
	return out, fits
}

// context returns the context of the render.
func (r *run) context() context.Context {
	if r.ctx == nil {
		return context.Background()
	}
	return r.ctx
}

// userFilter makes a filter of a Go function.
func (e *engine) userFilter(name string, fn any) (filterFunc, error) {
	g, err := e.userFunc("filter", name, fn)
	if err != nil {
		return nil, err
	}
	return func(r *run, v value, args arguments) (value, error) {
		return g.call(r, args.after(v))
	}, nil
}

// userTest makes a test of a Go function.
func (e *engine) userTest(name string, fn any) (testFunc, error) {
	g, err := e.userFunc("test", name, fn)
	if err != nil {
		return nil, err
	}
	return func(r *run, v value, args arguments) (bool, error) {
		result, err := g.call(r, args.after(v))
		if err != nil {
			return false, err
		}
		return isTrue(result)
	}, nil
}

// takesContext reports whether a filter of the application asks for the context of
// the render.
func (e *engine) takesContext(filter string) bool {
	fn := reflect.ValueOf(e.config.Filters[filter])
	return fn.IsValid() && signatureOf(fn.Type()).takesContext
}

// after returns the arguments behind another one.
func (a arguments) after(v value) arguments {
	a.positional = append([]value{v}, a.positional...)
	return a
}

func (e *engine) userFunc(what, name string, fn any) (*goFunc, error) {
	rv := reflect.ValueOf(fn)
	if rv.Kind() != reflect.Func || rv.IsNil() {
		return nil, fmt.Errorf("jinja: the %s %q is a %T; it must be a function", what, name, fn)
	}
	sig := signatureOf(rv.Type())
	if sig.problem != "" {
		return nil, fmt.Errorf("jinja: the %s %q cannot be used: %s", what, name, sig.problem)
	}
	if sig.fixed == 0 && !sig.isVariadic {
		return nil, fmt.Errorf("jinja: the %s %q takes no value; its first parameter receives it", what, name)
	}
	return &goFunc{fn: rv, sig: sig, engine: e, name: name}, nil
}
