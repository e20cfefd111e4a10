package funcname_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/funcname"
)

// found is what the package says of a function value.
type found struct {
	Name, Maker string
	IsWritten   bool
}

type view = func(int) int

// register looks at a view as the registration of a rule does.
//
//go:noinline
func register(f view) found { return registerWithin(f) }

func registerWithin(f view) found {
	function := funcname.Of(f)
	return found{function.Name(), function.Maker(), function.IsWrittenIn(funcname.CallerOf(1))}
}

// small ones are inlined into their callers.
func smallRegister(f view) found { return register(f) }
func inSmall() found             { return register(func(int) int { return 1 }) }
func inSmaller() found           { return inSmall() }

func index(int) int { return 1 }
func func1(int) int { return 1 }

func decorate(f view) view { return func(i int) int { return f(i) } }

//go:noinline
func decorateApart(f view) view { return func(i int) int { return f(i) } }

func decorateAny[T any](_ T, f view) view { return func(i int) int { return f(i) } }

type pages struct{ n int }

func (p *pages) index(int) int        { return p.n }
func (p pages) home(int) int          { return p.n }
func (p *pages) func1(int) int        { return p.n }
func (p *pages) register() found      { return register(func(int) int { return p.n }) }
func (p *pages) decorate(f view) view { return func(i int) int { return f(i) + p.n } }

func registerAny[T any](T) found { return register(func(int) int { return 1 }) }

func once(yield func(int) bool) { yield(1) }

var (
	packageLiteral   = func(int) int { return 1 }
	packageDecorated = decorate(index)
)

func TestNamesOfFunctions(t *testing.T) {
	p := &pages{1}
	decorateHere := func(f view) view { return func(i int) int { return f(i) } }
	literal := func(int) int { return p.n }
	var inCallback, inNested, inRange, inRangeDecorated, inDefer, inGoroutine found
	func() { inNested = register(func(int) int { return p.n }) }()
	call(func() { inCallback = register(func(int) int { return p.n }) })
	for i := range once {
		inRange = register(func(int) int { return i })
		inRangeDecorated = register(decorate(index))
	}
	func() {
		defer func() { inDefer = register(func(int) int { return p.n }) }()
	}()
	done := make(chan struct{})
	go func() {
		inGoroutine = register(func(int) int { return p.n })
		close(done)
	}()
	<-done

	written := found{IsWritten: true}
	for name, test := range map[string]struct{ got, want found }{
		"function":                      {register(index), found{Name: "index"}},
		"function that is called func1": {register(func1), found{Name: "func1"}},
		"method":                        {register(p.index), found{Name: "index"}},
		"method of a value":             {register(p.home), found{Name: "home"}},
		"method that is called func1":   {register(p.func1), found{Name: "func1"}},
		"literal":                       {register(func(int) int { return 1 }), written},
		"literal that captures":         {register(func(int) int { return p.n }), written},
		"literal in a variable":         {register(literal), written},
		"literal in an inlined call":    {inSmall(), written},
		"literal in two of them":        {inSmaller(), written},
		"literal in a method":           {p.register(), written},
		"literal in a generic function": {registerAny("x"), written},
		"literal in a nested literal":   {inNested, written},
		"literal in a callback":         {inCallback, written},
		"literal in a loop":             {inRange, written},
		"literal in a deferred call":    {inDefer, written},
		"literal in a goroutine":        {inGoroutine, written},
		"decorated":                     {register(decorate(index)), found{}},
		"decorated literal":             {register(decorate(func(int) int { return p.n })), found{}},
		"decorated, not inlined":        {register(decorateApart(index)), found{}},
		"decorated by a method":         {register(p.decorate(index)), found{}},
		"decorated by a generic one":    {register(decorateAny(1, index)), found{}},
		"decorated by a literal":        {register(decorateHere(index)), found{}},
		"decorated in a loop":           {inRangeDecorated, found{}},
		"literal of a package variable": {register(packageLiteral), found{}},
		"decorated package variable":    {register(packageDecorated), found{}},
		"literal handed to a helper":    {smallRegister(func(int) int { return p.n }), found{}},
	} {
		test.got.Maker = "" // see below
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, test := range map[string]struct{ got, want string }{
		"function":               {register(index).Maker, ""},
		"literal":                {register(literal).Maker, "TestNamesOfFunctions"},
		"package variable":       {register(packageLiteral).Maker, ""},
		"decorator":              {register(decorate(index)).Maker, "decorate"},
		"decorator, not inlined": {register(decorateApart(index)).Maker, "decorateApart"},
		"generic decorator":      {register(decorateAny(1, index)).Maker, "decorateAny"},
		"method":                 {register(p.decorate(index)).Maker, "decorate"},
	} {
		if test.got != test.want {
			t.Errorf("%s: the maker is %q, want %q", name, test.got, test.want)
		}
	}
}

//go:noinline
func call(f func()) { f() }

func TestCaller(t *testing.T) {
	here := func() funcname.Caller { return funcname.CallerOf(0) }
	caller := here()
	if caller.Function != "TestCaller" || filepath.Base(caller.File) != "funcname_test.go" || caller.Line == 0 {
		t.Errorf("the caller is %+v", caller)
	}
	if place := caller.Place(); !strings.Contains(place, "funcname_test.go:") {
		t.Errorf("the place is %q", place)
	}
	if (funcname.Of(index)).IsWrittenIn(funcname.Caller{}) {
		t.Error("a function is written in an unknown caller")
	}
}

func TestOrigin(t *testing.T) {
	here := func() funcname.Caller { return funcname.CallerOf(0) }
	caller := here()
	for name, test := range map[string]struct {
		view view
		want string
	}{
		"decorated":        {decorate(index), "a function literal of decorate and not of TestOrigin"},
		"package variable": {packageLiteral, "a function literal that is not written in the call that registers it"},
		"same function":    {func(int) int { return 1 }, "a function literal that is not written in the call that registers it"},
	} {
		if got := funcname.Of(test.view).Origin(caller); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestNamesWithoutInlining runs the tests as the compiler makes them with
// -gcflags=-l, which is how debuggers want them.
func TestNamesWithoutInlining(t *testing.T) {
	if os.Getenv("DECANT_WITHOUT_INLINING") != "" {
		return
	}
	command := exec.Command("go", "test", "-count=1", "-gcflags=-l", "-run", "TestNamesOfFunctions|TestCaller|TestOrigin", ".")
	command.Env = append(os.Environ(), "DECANT_WITHOUT_INLINING=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
