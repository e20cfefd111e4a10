package login

import (
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

// base is embedded, as an ORM's model is.
type base struct{ CreatedAt string }

// extra is embedded, and not there.
type extra struct{ Note string }

type profile struct {
	base
	*extra
	ID       string
	Username string `json:"name"`
	Password string `jinja:"-" json:"-"`
	Secret   string `json:"-"`
	HTMLBio  string
	hidden   string
}

func (p *profile) GetID() string                    { return p.ID }
func (p *profile) IsFollowing(other string) bool    { return other == p.hidden }
func (p *profile) Unread(_ string) (n int, _ error) { return 3, nil }

func TestWhatTemplatesAskOfTheUser(t *testing.T) {
	t.Parallel()
	app := decant.New("attributes")
	app.Config.SecretKey = "a secret key of the tests"
	users := New(func(_ *decant.Context, id string) (*profile, error) { return nil, nil })
	users.Init(app)
	someone := &profile{base: base{"today"}, ID: "7", Username: "ann", Password: "x", Secret: "y", HTMLBio: "<b>", hidden: "bob"}
	app.Get("/", func(c *decant.Context) (any, error) {
		current := &Current[*profile]{users, c}
		for name, want := range map[string]any{
			"is_authenticated": false, "is_active": false, "is_anonymous": true, "username": nil, "is_following": nil, "id": nil,
		} {
			if got, ok := current.JinjaAttr(name); got != want || ok != (want != nil) {
				t.Errorf("nobody's %s is %v, %v", name, got, ok)
			}
		}
		users.LoginUser(c, someone)
		for name, want := range map[string]any{
			"is_authenticated": true, "is_active": true, "is_anonymous": false, "name": "ann", "id": "7", "html_bio": "<b>",
			"created_at": "today", "secret": "y", "password": nil, "hidden": nil, "username": nil,
		} {
			if got, ok := current.JinjaAttr(name); got != want || ok != (want != nil) {
				t.Errorf("the user's %s is %v, %v, want %v", name, got, ok, want)
			}
		}
		if got, ok := current.JinjaAttr("note"); got != nil || !ok {
			t.Errorf("a field behind nil is %v, %v", got, ok)
		}
		follows, _ := current.JinjaAttr("is_following")
		id, _ := current.JinjaAttr("get_id")
		if !follows.(func(string) bool)("bob") || id.(func() string)() != "7" {
			t.Error("the methods are not those of the user")
		}
		return "", nil
	}, decant.Endpoint("index"))
	app.Config.Testing = true
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ID": "id", "UserID": "user_id", "IsFollowing": "is_following", "HTMLName": "html_name", "A": "a", "Post2Name": "post2_name", "With_Line": "with_line",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
