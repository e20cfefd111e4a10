// Package jinja renders the templates of Jinja2, as Flask applications have them.
//
//	engine, err := jinja.New(jinja.EngineConfig{FS: os.DirFS("templates")})
//	if err != nil {
//		return err
//	}
//	err = engine.Render(ctx, w, "index.html", jinja.Vars{"name": "Ann"})
//
// An engine is safe for use by several goroutines. It compiles a template at its
// first use and keeps it. With [EngineConfig.Reload] it looks for changes.
//
// # Escaping
//
// The output of a template is escaped if its name ends in .html, .htm, .xml, .xhtml
// or .svg. Safe is what a template marks by the filter safe, what macros, blocks and
// set blocks print, a [Markup], an object with an HTML of its own, and what
// [EngineConfig.Safe] says. Everything else is escaped, whatever its type is. A
// fmt.Stringer is never taken for safe.
//
// # Values
//
// Templates see Go values as Python's:
//
//	Go                                   Python
//	string, numbers, bool                str, int and float, bool
//	nil, nil pointers                    None
//	slices, arrays                       list
//	maps, sorted by key                  dict
//	Dict                                 dict, in its order
//	Tuple                                tuple
//	Markup                               Markup
//	time.Time, time.Duration             datetime, timedelta
//	structs and pointers to structs      objects with attributes
//	functions                            functions
//	iter.Seq, iter.Seq2                  generators
//
// A field of a struct is named by its jinja tag, else by its json tag, else by its
// name in snake case. A method is called by its name in snake case:
// current_user.is_following(user) calls IsFollowing. Fields that are not exported do
// not exist. An object may answer for itself by the interfaces [Attributer],
// [Itemer], [Caller], [Iterable], [Lener], [Container], [HTMLer] and [Stringer].
//
// # Errors
//
// An error is an [*Error] with the template, the line, the source around it and the
// tags that led there. errors.Is tells its class by the name that it has in Jinja2.
//
// # Limits
//
// [Limits] bound the depth, the steps and the output of a render, so that a mistake
// in a template cannot end the process. They do not make the templates of strangers
// safe to run.
package jinja
