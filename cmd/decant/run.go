package main

import (
	"cmp"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant/cmd/decant/internal/devserver"
)

const runHelp = `Builds an application, starts it, and does both again when a file changes.

Visitors are served all the time: the program before goes on until the new one
listens. Browsers load their pages again by themselves, after a change of code
as after one of a template or a style sheet, and show mistakes that the compiler
finds.

The package is a program that serves with app.Run or cli.Main. Arguments after
"--" are for it.`

func newRunCommand() *cobra.Command {
	config := devserver.Config{Dir: "."}
	var tags string
	var race, noDebug bool
	command := &cobra.Command{
		Use:   "run [package] [-- arguments]",
		Short: "Run an application and show each change in the browser",
		Long:  runHelp,
		Example: `  decant run
  decant run ./cmd/shop --port 8000
  decant run ./cmd/shop -- run --extra`,
		RunE: func(command *cobra.Command, args []string) error {
			var err error
			if config.Package, config.Args, err = splitPackage(command, args); err != nil {
				return err
			}
			if tags != "" {
				config.BuildFlags = append(config.BuildFlags, "-tags="+tags)
			}
			if race {
				config.BuildFlags = append(config.BuildFlags, "-race")
			}
			config.Debug = !noDebug
			config.Output = command.ErrOrStderr()
			return devserver.Run(command.Context(), config)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&config.Host, "host", "H", cmp.Or(os.Getenv("DECANT_RUN_HOST"), "127.0.0.1"), "the address to listen on")
	flags.IntVarP(&config.Port, "port", "p", defaultPort(), "the port to listen on; 0 takes any free one")
	flags.BoolVar(&noDebug, "no-debug", false, "leave debug mode off")
	flags.BoolVar(&config.Poll, "poll", false, "look at the files twice a second, where the system does not tell of changes")
	flags.StringArrayVar(&config.Exclude, "exclude", nil, "a pattern of files or folders that are not watched; may be repeated")
	flags.StringVar(&tags, "tags", "", "build tags, separated by commas")
	flags.BoolVar(&race, "race", false, "build with the race detector")
	return command
}

func defaultPort() int {
	if port, err := strconv.Atoi(os.Getenv("DECANT_RUN_PORT")); err == nil {
		return port
	}
	return 5000
}

// splitPackage tells the package from the arguments behind "--".
func splitPackage(command *cobra.Command, args []string) (string, []string, error) {
	before, after := args, []string(nil)
	if dash := command.ArgsLenAtDash(); dash >= 0 {
		before, after = args[:dash], args[dash:]
	}
	switch len(before) {
	case 0:
		return ".", after, nil
	case 1:
		return before[0], after, nil
	}
	return "", nil, fmt.Errorf("one package, and not %q; arguments for the program follow \"--\"", before)
}
