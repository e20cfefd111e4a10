package decant

// Signals are the moments of a request that other code may want to hear of:
// Flask's signals. A package that measures or records connects to them; what
// is to change the answer belongs into hooks such as [App.BeforeRequest].
//
//	app.Signals.GotRequestException.Connect(func(c *decant.Context, err error) {
//		report(err)
//	})
//
// Subscribers run in the order in which they were connected. One that panics
// fails the request like the step it listens to.
type Signals struct {
	// ContextPushed is sent when a request, or the work of [App.InContext],
	// begins: appcontext_pushed.
	ContextPushed Signal[func(c *Context)]
	// RequestStarted is sent before any hook, with the rule known:
	// request_started.
	RequestStarted Signal[func(c *Context)]
	// BeforeRenderTemplate is sent before a template is rendered, and may
	// change its variables: before_render_template.
	BeforeRenderTemplate Signal[func(c *Context, template string, variables H)]
	// TemplateRendered is sent when a template was rendered: template_rendered.
	TemplateRendered Signal[func(c *Context, template string, variables H)]
	// MessageFlashed is sent by [Context.Flash]: message_flashed.
	MessageFlashed Signal[func(c *Context, message any, category string)]
	// GotRequestException is sent for an error that becomes a 500, with that
	// error, before it is logged: got_request_exception.
	GotRequestException Signal[func(c *Context, err error)]
	// RequestFinished is sent when the response is final, with the session
	// saved: request_finished.
	RequestFinished Signal[func(c *Context, r *Response)]
	// RequestTearingDown is sent after the teardown functions of the request,
	// with the error that became a 500, or nil: request_tearing_down.
	RequestTearingDown Signal[func(c *Context, err error)]
	// ContextTearingDown is sent after the functions of
	// [App.TeardownAppContext], as above: appcontext_tearing_down.
	ContextTearingDown Signal[func(c *Context, err error)]
	// ContextPopped is sent last of all: appcontext_popped.
	ContextPopped Signal[func(c *Context)]
}

// Signal is one moment that functions of type F can subscribe to.
type Signal[F any] struct {
	app         *App
	subscribers []F
}

// Connect subscribes a function for the life of the application.
func (s *Signal[F]) Connect(subscriber F) {
	s.app.mustBeOpen("Signal.Connect")
	s.subscribers = append(s.subscribers, subscriber)
}

// signalsOf returns the signals of an application.
func signalsOf(a *App) Signals {
	return Signals{
		ContextPushed:        Signal[func(*Context)]{app: a},
		RequestStarted:       Signal[func(*Context)]{app: a},
		BeforeRenderTemplate: Signal[func(*Context, string, H)]{app: a},
		TemplateRendered:     Signal[func(*Context, string, H)]{app: a},
		MessageFlashed:       Signal[func(*Context, any, string)]{app: a},
		GotRequestException:  Signal[func(*Context, error)]{app: a},
		RequestFinished:      Signal[func(*Context, *Response)]{app: a},
		RequestTearingDown:   Signal[func(*Context, error)]{app: a},
		ContextTearingDown:   Signal[func(*Context, error)]{app: a},
		ContextPopped:        Signal[func(*Context)]{app: a},
	}
}

// notify calls the subscribers of a signal that says nothing but that it is
// time.
func (c *Context) notify(signal *Signal[func(*Context)]) {
	for _, subscriber := range signal.subscribers {
		subscriber(c)
	}
}

// notifyEach is notify for what happens when nothing may fail any more.
func (c *Context) notifyEach(signal *Signal[func(*Context, error)], err error) {
	for _, subscriber := range signal.subscribers {
		c.runLate("A subscriber", func() { subscriber(c, err) })
	}
}

// beforeRender tells the subscribers that a template is about to be rendered.
func (c *Context) beforeRender(template string, variables H) {
	for _, subscriber := range c.App.Signals.BeforeRenderTemplate.subscribers {
		subscriber(c, template, variables)
	}
}

// rendered tells the subscribers that a template was rendered.
func (c *Context) rendered(template string, variables H) {
	for _, subscriber := range c.App.Signals.TemplateRendered.subscribers {
		subscriber(c, template, variables)
	}
}
