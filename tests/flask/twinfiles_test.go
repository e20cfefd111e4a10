package flask

import (
	"strings"
	"time"

	"github.com/decant-go/decant"
)

func addFiles(app *decant.App) {
	sends := func(path, endpoint string, options ...decant.FileOption) {
		get(app, "/send/"+path, endpoint, func(c *decant.Context) (any, error) {
			return c.SendFile("uploads/a.txt", options...)
		})
	}
	sends("plain", "send_plain")
	sends("attachment", "send_attachment", decant.AsAttachment())
	sends("inline", "send_inline", decant.DownloadName("other.html"))
	sends("tag", "send_tag", decant.ETag("own-tag"), decant.LastModified(leapDay))
	sends("untagged", "send_untagged", decant.ETag(""))
	sends("age", "send_age", decant.FileMaxAge(time.Hour))
	sends("age-zero", "send_age_zero", decant.FileMaxAge(0))
	sends("unconditional", "send_unconditional", decant.Unconditional())
	get(app, "/send/named", "send_named", func(c *decant.Context) (any, error) {
		name, there := c.Request.Args.Lookup("name")
		if !there {
			name = "ünï cödé ☃.txt"
		}
		return c.SendFile("uploads/a.txt", decant.AsAttachment(), decant.DownloadName(name))
	})
	get(app, "/send/typed", "send_typed", func(c *decant.Context) (any, error) {
		return c.SendFile("uploads/data.bin", decant.MIMEType("text/csv"))
	})
	get(app, "/send/missing", "send_missing", func(c *decant.Context) (any, error) {
		return c.SendFile("uploads/missing.txt")
	})
	get(app, "/send/after", "send_after", func(c *decant.Context) (any, error) {
		answer, err := c.SendFile("uploads/a.txt")
		if err != nil {
			return nil, err
		}
		return answer.With("X-Made", "a file"), nil
	})
	addContent(app)
	addFolders(app)
}

func addContent(app *decant.App) {
	sends := func(path, endpoint string, options ...decant.FileOption) {
		get(app, "/send/"+path, endpoint, func(c *decant.Context) (any, error) {
			return c.SendContent(strings.NewReader("0123456789"), options...)
		})
	}
	sends("content", "send_content", decant.MIMEType("text/plain"))
	get(app, "/send/content-named", "send_content_named", func(c *decant.Context) (any, error) {
		name, there := c.Request.Args.Lookup("name")
		if !there {
			name = "x.json"
		}
		return c.SendContent(strings.NewReader("0123456789"), decant.DownloadName(name), decant.AsAttachment(), decant.ETag("c"), decant.LastModified(leapDay))
	})
	sends("nameless", "send_nameless")
	sends("untitled", "send_untitled", decant.MIMEType("text/plain"), decant.AsAttachment())
}

func addFolders(app *decant.App) {
	get(app, "/uploads/<path:name>", "uploads", func(c *decant.Context) (any, error) {
		var options []decant.FileOption
		if c.Request.Args.Has("attachment") {
			options = append(options, decant.AsAttachment())
		}
		return c.SendFromDirectory(c.App.Folder("uploads"), c.Param("name"), options...)
	})
	get(app, "/favicon.ico", "favicon", func(c *decant.Context) (any, error) {
		return app.SendStaticFile(c, "icon.ico")
	})
}
