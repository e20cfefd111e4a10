package login

import (
	"fmt"
	"net/http"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/internal/configkey"
)

// Required lets only users through to a view; others get what
// [Manager.Unauthorized] answers. It is for [decant.Decorate]:
//
//	app.Get("/account", account, decant.Decorate(users.Required))
//
// OPTIONS requests are let through. It mirrors login_required.
func (m *Manager[U]) Required(view decant.View) decant.View { return before(m.CheckLogin, view) }

// FreshRequired lets only users through whose login is fresh; others get what
// [Manager.Unauthorized] or [Manager.NeedsRefresh] answers. It mirrors
// fresh_login_required.
func (m *Manager[U]) FreshRequired(view decant.View) decant.View {
	return before(m.CheckFreshLogin, view)
}

func before(check, view decant.View) decant.View {
	return func(c *decant.Context) (any, error) {
		if answer, err := check(c); answer != nil || err != nil {
			return answer, err
		}
		return view(c)
	}
}

// CheckLogin is [Manager.Required] for all views of a blueprint:
//
//	account.BeforeRequest(users.CheckLogin)
func (m *Manager[U]) CheckLogin(c *decant.Context) (any, error) {
	if m.isExempt(c) || m.IsAuthenticated(c) {
		return nil, nil
	}
	return m.Unauthorized(c)
}

// CheckFreshLogin is [Manager.FreshRequired] for all views of a blueprint, as
// [Manager.CheckLogin] is Required.
func (m *Manager[U]) CheckFreshLogin(c *decant.Context) (any, error) {
	switch {
	case m.isExempt(c):
		return nil, nil
	case !m.IsAuthenticated(c):
		return m.Unauthorized(c)
	case !m.IsFresh(c):
		return m.NeedsRefresh(c)
	}
	return nil, nil
}

// isExempt lets preflight requests of browsers through, which carry no cookies.
func (m *Manager[U]) isExempt(c *decant.Context) bool {
	return c.Request.Method == http.MethodOptions ||
		m.site(c.App).Version == V06 && configkey.Bool(c.App.Config, "LOGIN_DISABLED", false)
}

// Unauthorized answers a request of somebody who has to log in: it flashes the
// LoginMessage and redirects to the login view, which is told where to go
// afterwards; or it is a 401. It mirrors LoginManager.unauthorized.
func (m *Manager[U]) Unauthorized(c *decant.Context) (any, error) {
	s := m.site(c.App)
	if s.UnauthorizedHandler != nil {
		return answerOf(c, "UnauthorizedHandler", s.UnauthorizedHandler)
	}
	view, ok := s.BlueprintLoginViews[c.Request.Blueprint()]
	if !ok {
		view = s.LoginView
	}
	return s.redirect(c, view, s.LoginMessage, s.LoginMessageCategory)
}

// NeedsRefresh answers a request of a user whose login is not fresh, as
// [Manager.Unauthorized] does, with the RefreshView. It mirrors
// LoginManager.needs_refresh.
func (m *Manager[U]) NeedsRefresh(c *decant.Context) (any, error) {
	s := m.site(c.App)
	if s.NeedsRefreshHandler != nil {
		return answerOf(c, "NeedsRefreshHandler", s.NeedsRefreshHandler)
	}
	return s.redirect(c, s.RefreshView, s.NeedsRefreshMessage, s.NeedsRefreshMessageCategory)
}

// answerOf runs a handler. No answer would let the visitor through to the view.
func answerOf(c *decant.Context, name string, handler decant.View) (any, error) {
	answer, err := handler(c)
	response, isResponse := answer.(*decant.Response)
	if err == nil && (answer == nil || isResponse && response == nil) {
		return nil, fmt.Errorf("login: the %s returned nil instead of an answer, so the view was not called; return an answer, or an error", name)
	}
	return answer, err
}

func (s *Settings) redirect(c *decant.Context, view, message, category string) (any, error) {
	if view == "" {
		return nil, decant.NewHTTPError(http.StatusUnauthorized)
	}
	if message != "" {
		if s.Localize != nil {
			message = s.Localize(c, message)
		}
		c.Flash(message, category)
	}
	wanted := c.Request.FullURL()
	if usesSessionForNext(c.App.Config) {
		c.Session.Set(identifierKey, Identifier(c, s.Version))
		c.Session.Set(nextKey, NextParam(expand(c, view), wanted))
		wanted = ""
	}
	return c.Redirect(LoginURL(c, view, wanted))
}
