// Package debugpage makes the page that a developer sees when a request fails:
// the error, the source code around it, and the request. The page has no scripts
// and loads nothing. [IsForDeveloper] and [Lock] say which requests may get it.
package debugpage

// Page is what there is to show. Empty parts are left out. All of it is text,
// and is escaped.
type Page struct {
	// Status tells the request and its answer: "GET /: 500 Internal Server Error".
	Status string
	// Kind is the type of the error, and Message its text.
	Kind, Message string
	// Advice says what to make of it.
	Advice string
	// Stack is where the error was raised, innermost frame first.
	Stack []Frame
	// View is the source of the view, for an error without a stack.
	View *Frame
	// Chain lists the types and texts of the error and of those that it wraps,
	// outermost first.
	Chain []Row
	// Rules are those that the request may have meant. Their title is "The nearest
	// rules" unless RulesTitle says otherwise.
	Rules      []Rule
	RulesTitle string
	// Facts are about the request.
	Facts []Table
}

// Rule is one rule of the application.
type Rule struct{ Text, Methods, Endpoint, Place string }

// Table is a list of names and values below a heading.
type Table struct {
	Title string
	Rows  []Row
}

// Row is one line of a [Table].
type Row struct{ Name, Value string }

// sections groups the stack: frames of the application one by one, and what
// lies between them together.
func (p *Page) sections() []section {
	var sections []section
	for _, frame := range p.Stack {
		last := len(sections) - 1
		if frame.IsOwn || last < 0 || sections[last].isOwn {
			sections = append(sections, section{isOwn: frame.IsOwn})
			last++
		}
		sections[last].frames = append(sections[last].frames, frame)
	}
	return sections
}

// section is one frame of the application, or a run of others.
type section struct {
	isOwn  bool
	frames []Frame
}
