// Package cli is the command line of an application:
//
//	func main() {
//		cli.Main(newApp, initDB)
//	}
//
//	var initDB = cli.Command{
//		Name: "init-db",
//		Help: "Clear the data and create new tables.",
//		Run: func(c *cli.Context) error {
//			if err := createTables(c.Context); err != nil {
//				return err
//			}
//			fmt.Fprintln(c.Out, "Initialized the database.")
//			return nil
//		},
//	}
//
// The program then has the commands run, routes, config, secret-key, version and
// completion, besides its own. --help lists them.
//
// # The environment
//
// Before the application is made, the files .env and .decantenv set environment
// variables, as Flask reads .env and .flaskenv: each is looked for in the working
// directory and then in the folders above it. A variable that is set already stays
// as it is, and .env comes before .decantenv. --env-file names another file, which
// comes before both. DECANT_SKIP_DOTENV=1 leaves the two files unread. The format is
// that of python-dotenv.
//
// Every option may come from a variable: DECANT_RUN_PORT is --port of run, and
// DECANT_INIT_DB_FORCE is --force of init-db.
//
// # Debug mode
//
// Config.Debug is what --debug, --no-debug or DECANT_DEBUG say, and off otherwise,
// whatever the function that makes the application has set. So it is in Flask.
//
// # Exit codes
//
// The program ends with 0, with 1 if a command fails, with 2 if it is called in a
// wrong way, and with the code of [Exit].
//
// It mirrors flask.cli.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

// Main runs the command that the program was called with, and ends the program. The
// function newApp makes the application; it is called once, by the commands that
// need it, after .env was read. Without a command, Main prints the help; under the
// command decant run it serves.
//
// A command of your own must not have the name of a builtin one.
//
// It mirrors FlaskGroup(create_app=newApp).
func Main(newApp func() (*decant.App, error), commands ...Command) {
	p := &program{
		name: filepath.Base(os.Args[0]), newApp: newApp, commands: commands,
		in: os.Stdin, out: os.Stdout, err: os.Stderr, readsFiles: true,
	}
	args := os.Args[1:]
	if len(args) == 0 && os.Getenv("DECANT_OUTER_URL") != "" {
		args = []string{"run"}
	}
	os.Exit(p.execute(context.Background(), args))
}

// program is one call of the command line.
type program struct {
	name       string
	newApp     func() (*decant.App, error)
	commands   []Command
	in         io.Reader
	out, err   io.Writer
	readsFiles bool // .env and its kin
	isTest     bool // the application is used as it is

	app *decant.App // nil until a command asks for it
}

// exitError ends the program with a code.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// Exit is an error that ends the program with an exit code and prints nothing: the
// command prints what there is to say. It mirrors ctx.exit(code).
func Exit(code int) error { return &exitError{code} }

// usageError is a mistake of whoever has called the program.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// Usage returns an error for a command that was called in a wrong way. The program
// prints it with a hint at --help, and ends with 2. It mirrors click.UsageError.
func Usage(format string, values ...any) error {
	return &usageError{fmt.Sprintf(format, values...)}
}

// failure is the error of a command that ran.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// The exit codes of Flask's command line.
const (
	failed  = 1
	misused = 2
)

// execute runs a command line and returns the exit code.
func (p *program) execute(ctx context.Context, args []string) int {
	code, _ := p.try(ctx, args)
	return code
}

func (p *program) try(ctx context.Context, args []string) (code int, err error) {
	root, err := p.rootCommand()
	if err != nil {
		fmt.Fprintln(p.err, "Error:", err)
		return failed, err
	}
	root.SetArgs(args)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0, nil
	}
	var exit *exitError
	var ran *failure
	var misuse *usageError
	switch {
	case errors.As(err, &exit):
		return exit.code, err
	case errors.As(err, &misuse) || !errors.As(err, &ran):
		fmt.Fprintf(p.err, "Usage: %s\nTry %q for help.\n\nError: %v\n", called.UseLine(), called.CommandPath()+" --help", err)
		return misused, err
	}
	fmt.Fprintln(p.err, "Error:", err)
	return failed, ran.err
}

// rootCommand is the program with all its commands.
func (p *program) rootCommand() (*cobra.Command, error) {
	root := &cobra.Command{
		Use:               p.name,
		Short:             "Serve and look after this application",
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: p.prepare,
		Args:              noSuchCommand,
	}
	root.RunE = func(command *cobra.Command, _ []string) error {
		if showsVersion, err := command.Flags().GetBool("version"); err != nil || !showsVersion {
			return command.Help()
		}
		return p.showVersion()
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	// The Version of the library would bring text/template into the program, and with
	// it five megabytes.
	root.Flags().Bool("version", false, "show the versions of the program, Decant and Go")
	flags := root.PersistentFlags()
	flags.StringP("env-file", "e", "", "read environment variables from this file too")
	flags.Bool("debug", false, "switch debug mode on")
	flags.Bool("no-debug", false, "switch debug mode off")
	root.AddCommand(p.runCommand(), p.routesCommand(), p.configCommand(), p.factsCommand(), secretKeyCommand(), p.versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, command := range p.commands {
		made, err := p.commandOf(command)
		if err != nil {
			return nil, err
		}
		if taken, _, err := root.Find([]string{made.Name()}); err == nil && taken != root {
			return nil, fmt.Errorf("two commands have the name %q; give one of them another name", made.Name())
		}
		root.AddCommand(made)
	}
	return root, nil
}

// prepare reads the environment before a command runs.
func (p *program) prepare(command *cobra.Command, _ []string) error {
	if p.readsFiles {
		if err := p.readFiles(command); err != nil {
			return err
		}
	}
	if err := optionsFromEnvironment(command); err != nil {
		return err
	}
	return p.chooseDebug(command)
}

// chooseDebug sets the variable by which applications learn of debug mode.
func (p *program) chooseDebug(command *cobra.Command) error {
	debug, noDebug := command.Flags().Lookup("debug"), command.Flags().Lookup("no-debug")
	isOn, isOff := debug.Value.String() == "true", noDebug.Value.String() == "true"
	switch {
	case isOn && isOff:
		return Usage("--debug and --no-debug were both given; give one of them")
	case p.isTest:
		return nil
	case isOn:
		return os.Setenv("DECANT_DEBUG", "1")
	case isOff || debug.Changed:
		return os.Setenv("DECANT_DEBUG", "0")
	}
	return nil
}

// load makes the application, once.
func (p *program) load() (*decant.App, error) {
	if p.app != nil {
		return p.app, nil
	}
	app, err := p.newApp()
	switch {
	case err != nil:
		return nil, err
	case app == nil:
		return nil, errors.New("the function that makes the application returned nil and no error; return the application")
	}
	if !p.isTest {
		app.Config.Debug = isOn(os.Getenv("DECANT_DEBUG"))
	}
	p.app = app
	return app, nil
}

func isOn(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// untilSignal returns a context that ends when the program is told to end. A second
// signal ends the program at once.
func untilSignal(parent context.Context) (ctx context.Context, release func()) {
	ctx, release = signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, release)
	return ctx, release
}
