// Flaskr runs the blog, or makes its database:
//
//	flaskr init-db
//	flaskr
package main

import (
	"fmt"
	"os"

	"flaskr"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flaskr:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	blog, err := flaskr.New(nil)
	if err != nil {
		return err
	}
	defer blog.DB.Close()
	switch {
	case len(arguments) == 0:
		return blog.Run()
	case len(arguments) == 1 && arguments[0] == "init-db":
		if err := blog.InitDB(); err != nil {
			return err
		}
		fmt.Println("Initialized the database.")
		return nil
	}
	return fmt.Errorf("unknown command %q; the only one is init-db", arguments)
}
