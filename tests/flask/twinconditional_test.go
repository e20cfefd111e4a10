package flask

import (
	"net/http"
	"time"

	"github.com/decant-go/decant"
)

var leapDay = time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC)

func addConditional(app *decant.App) {
	conditional := func(path, endpoint string, prepare func(*decant.Response)) {
		get(app, "/conditional/"+path, endpoint, makes("0123456789", func(r *decant.Response) {
			prepare(r)
			r.MakeConditional()
		}))
	}
	dated := func(r *decant.Response) { r.Header().Set("Last-Modified", decant.HTTPDate(leapDay)) }
	tagged := func(r *decant.Response) { r.SetETag("a") }
	conditional("etag", "conditional_etag", (*decant.Response).AddETag)
	conditional("own", "conditional_own", tagged)
	conditional("weak", "conditional_weak", func(r *decant.Response) { r.Header().Set("ETag", `W/"a"`) })
	conditional("modified", "conditional_modified", dated)
	conditional("both", "conditional_both", func(r *decant.Response) {
		dated(r)
		tagged(r)
		r.Header().Set("X-Made", "kept")
		r.AddCacheControl("max-age=60")
	})
	conditional("whole", "conditional_whole", tagged)
	conditional("created", "conditional_created", func(r *decant.Response) {
		r.Status = http.StatusCreated
		tagged(r)
	})
	get(app, "/conditional/only-etag", "only_etag", makes("é", (*decant.Response).AddETag))
	addCaching(app)
}

func addCaching(app *decant.App) {
	get(app, "/cache/control", "cache_control", makes("cached", func(r *decant.Response) {
		r.AddCacheControl("public", "max-age=300", "no-transform")
	}))
	get(app, "/cache/no-store", "no_store", makes("not cached", func(r *decant.Response) {
		r.AddCacheControl("no-store", "private")
	}))
	get(app, "/cache/expires", "expires", makes("expires", func(r *decant.Response) {
		r.Header().Set("Expires", decant.HTTPDate(time.Now().Add(time.Hour)))
	}))
	get(app, "/cache/vary", "vary", makes("varies", func(r *decant.Response) {
		r.AddVary("Accept")
		r.AddVary("Cookie")
		r.AddVary("accept")
	}))
	get(app, "/challenge", "challenge", makes("who are you?", func(r *decant.Response) {
		r.Status = http.StatusUnauthorized
		r.Header().Set("WWW-Authenticate", `Basic realm="twin"`)
	}))
}
