package syntax

// Expr is an expression.
type Expr interface {
	// Line is the line of the template on which Jinja locates the expression.
	Line() int
}

// Stmt is a statement: a tag with what belongs to it, or a run of output.
type Stmt interface {
	Line() int
}

// Pos is the line of a node.
type Pos int

func (p Pos) Line() int { return int(p) }

// Template is a whole template.
type Template struct {
	Body []Stmt
}

// The expressions.
type (
	// Data is the text between tags.
	Data struct {
		Pos
		Text string
	}
	// Const is a literal: nil, a bool, an int64, a *big.Int, a float64 or a
	// string.
	Const struct {
		Pos
		Value any
	}
	// Name reads a variable, or is the target of an assignment.
	Name struct {
		Pos
		Name string
	}
	// NSRef is the target of an assignment to an attribute of a namespace.
	NSRef struct {
		Pos
		Name, Attr string
	}
	// List is a list literal.
	List struct {
		Pos
		Items []Expr
	}
	// Tuple is a tuple literal, or a target with several names.
	Tuple struct {
		Pos
		Items []Expr
	}
	// Dict is a dict literal.
	Dict struct {
		Pos
		Keys, Values []Expr
	}
	// Getattr is x.name.
	Getattr struct {
		Pos
		X    Expr
		Attr string
	}
	// Getitem is x[index], and x.0.
	Getitem struct {
		Pos
		X, Index Expr
	}
	// Slice is the start:stop:step of a Getitem. Absent parts are nil.
	Slice struct {
		Pos
		Start, Stop, Step Expr
	}
	// Args are the arguments of a call, a filter or a test.
	Args struct {
		Positional []Expr
		Names      []string // of the keyword arguments
		Values     []Expr
		Star       Expr // *args, or nil
		StarStar   Expr // **kwargs, or nil
	}
	// Call is x(args).
	Call struct {
		Pos
		X Expr
		Args
	}
	// Filter is x|name(args). X is nil in a filter block and in the filter of
	// a set block.
	Filter struct {
		Pos
		X    Expr
		Name string
		Args
	}
	// Test is x is name(args).
	Test struct {
		Pos
		X    Expr
		Name string
		Args
	}
	// Unary is -x or +x.
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Not is not x.
	Not struct {
		Pos
		X Expr
	}
	// Binary is x op y with an operator of arithmetic.
	Binary struct {
		Pos
		Op   string
		X, Y Expr
	}
	// And is x and y.
	And struct {
		Pos
		X, Y Expr
	}
	// Or is x or y.
	Or struct {
		Pos
		X, Y Expr
	}
	// Compare is a chain of comparisons.
	Compare struct {
		Pos
		X    Expr
		Ops  []string // == != < <= > >= in notin
		Args []Expr
	}
	// Concat is x ~ y ~ z.
	Concat struct {
		Pos
		Items []Expr
	}
	// Cond is x if test else y. Y is nil if there is no else.
	Cond struct {
		Pos
		Test, X, Y Expr
	}
)

// The statements.
type (
	// Output prints expressions, of which some are Data.
	Output struct {
		Pos
		Nodes []Expr
	}
	// If has one branch for each condition. Else may be empty.
	If struct {
		Pos
		Branches []Branch
		Else     []Stmt
	}
	// Branch is a condition and what is done if it holds.
	Branch struct {
		Pos
		Test Expr
		Body []Stmt
	}
	// For is a loop. Test may be nil, Else empty.
	For struct {
		Pos
		Target     Expr
		Iter, Test Expr
		Body, Else []Stmt
		Recursive  bool
	}
	// Block is a block that children override.
	Block struct {
		Pos
		Name             string
		Body             []Stmt
		Scoped, Required bool
	}
	// Extends names the parent.
	Extends struct {
		Pos
		Template Expr
	}
	// Include renders another template in place.
	Include struct {
		Pos
		Template      Expr
		IgnoreMissing bool
		WithContext   bool
	}
	// Import binds the module of a template to a name.
	Import struct {
		Pos
		Template    Expr
		Target      string
		WithContext bool
	}
	// FromImport binds names of a template's module.
	FromImport struct {
		Pos
		Template       Expr
		Names, Aliases []string
		WithContext    bool
	}
	// Signature is the parameters of a macro or a call block. The defaults
	// are those of the last parameters.
	Signature struct {
		Params   []string
		Defaults []Expr
	}
	// Macro defines a macro.
	Macro struct {
		Pos
		Name string
		Signature
		Body []Stmt
	}
	// CallBlock calls a macro with its body as caller.
	CallBlock struct {
		Pos
		Signature
		Call *Call
		Body []Stmt
	}
	// FilterBlock filters what its body prints.
	FilterBlock struct {
		Pos
		Filter *Filter
		Body   []Stmt
	}
	// With opens a scope with variables.
	With struct {
		Pos
		Targets, Values []Expr
		Body            []Stmt
	}
	// Set assigns a value.
	Set struct {
		Pos
		Target, Value Expr
	}
	// SetBlock assigns what its body prints. Filter may be nil.
	SetBlock struct {
		Pos
		Target Expr
		Filter *Filter
		Body   []Stmt
	}
	// Autoescape changes whether its body is escaped.
	Autoescape struct {
		Pos
		Value Expr
		Body  []Stmt
	}
	// Do evaluates an expression and prints nothing.
	Do struct {
		Pos
		Value Expr
	}
	// Break leaves a loop.
	Break struct{ Pos }
	// Continue goes on with the next item of a loop.
	Continue struct{ Pos }
)
