// Flaskr runs the blog, or makes its database:
//
//	flaskr init-db
//	flaskr run
package main

import (
	"fmt"

	"flaskr"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

func main() {
	var blog *flaskr.Blog
	newApp := func() (app *decant.App, err error) {
		if blog, err = flaskr.New(nil); err != nil {
			return nil, err
		}
		return blog.App, nil
	}
	cli.Main(newApp, cli.Command{
		Name: "init-db",
		Help: "Clear the existing data and create new tables.",
		Run: func(c *cli.Context) error {
			if err := blog.InitDB(); err != nil {
				return err
			}
			fmt.Fprintln(c.Out, "Initialized the database.")
			return nil
		},
	})
}
