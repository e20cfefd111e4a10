package serversession

import (
	"fmt"
	"maps"
	"time"

	"github.com/decant-go/decant"
)

const (
	// refreshPart is the part of its lifetime after which a permanent session
	// is prolonged by being read.
	refreshPart = 20

	// graveTime is for how long the end of a session is remembered: longer than
	// a request takes.
	graveTime = time.Hour
)

// saving is one call of Save.
type saving struct {
	*sessions
	*visit
	context  *decant.Context
	session  *decant.Session
	response *decant.Response
	lifetime time.Duration
}

// Save mirrors what Flask does with its cookie. It is called again, for the
// error page, when the request fails after it.
func (s *sessions) Save(c *decant.Context, session *decant.Session, r *decant.Response) error {
	r.AddVary("Cookie")
	v := s.visitOf(c)
	if !v.adopted && !session.ShouldSetCookie() {
		return nil
	}
	return saving{s, v, c, session, r, c.App.Config.PermanentSessionLifetime}.save()
}

func (s saving) save() error {
	switch {
	case s.session.Len() == 0:
		s.response.DeleteSessionCookie(s.session)
		return s.end(s.leave())
	case !s.session.Modified() && !s.adopted:
		return s.refresh()
	}
	payload, err := decant.MarshalSession(maps.Collect(s.session.All()))
	switch {
	case err != nil:
		return err
	case s.id == "" || s.session.Renewed():
		return s.begin(payload)
	}
	return s.commit(payload)
}

// begin keeps the session under a new id, and ends what was under the old one.
func (s saving) begin(payload []byte) error {
	old := s.leave()
	s.id, s.adopted = newID(), false
	if err := s.write(payload); err != nil {
		return err
	}
	if err := s.end(old); err != nil {
		return err
	}
	return s.setCookie()
}

// refresh prolongs a permanent session that was only read. It writes what is in
// the store by now, which a request beside this one may have changed.
func (s saving) refresh() error {
	if time.Since(s.signedAt) < s.lifetime/refreshPart {
		return nil
	}
	payload, found, err := s.store.find(s.context, entryOf(s.id))
	if err != nil || !found {
		return err
	}
	return s.commit(payload)
}

// commit writes a session that others know of. Whoever ends it digs its grave
// before deleting it, and commit writes before looking for the grave: in
// whatever order these four happen, the session is gone in the end.
func (s saving) commit(payload []byte) error {
	if err := s.write(payload); err != nil {
		return err
	}
	_, ended, err := s.store.find(s.context, graveOf(s.id))
	switch {
	case err != nil:
		return err
	case ended:
		return s.store.delete(s.context, entryOf(s.id))
	}
	return s.setCookie()
}

// write refuses what would have ended by now: to some stores, that means never.
func (s saving) write(payload []byte) error {
	if s.lifetime < time.Second {
		return fmt.Errorf("decant: no session can be kept for %v; set Config.PermanentSessionLifetime to a second or more", s.lifetime)
	}
	return s.store.commit(s.context, entryOf(s.id), payload, time.Now().Add(s.lifetime))
}

func (s saving) end(id string) error {
	if id == "" {
		return nil
	}
	if err := s.store.commit(s.context, graveOf(id), []byte("{}"), time.Now().Add(graveTime)); err != nil {
		return err
	}
	return s.store.delete(s.context, entryOf(id))
}

func (s saving) setCookie() error {
	signed, err := s.signer(s.context.App).Sign(s.id)
	if err != nil {
		return err
	}
	s.response.SetSessionCookie(s.session, signed)
	return nil
}
