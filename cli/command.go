package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/decant-go/decant"
)

// FlagSet declares the options of a command.
type FlagSet = pflag.FlagSet

// Command is a command of an application. It mirrors app.cli.command.
type Command struct {
	// Name is what is typed, such as "init-db".
	Name string
	// Args names the arguments: "name" must be given, "[email]" may be, and "file..."
	// or "[file...]" take the rest of the line:
	//
	//	Args: "name [email]"
	Args string
	// Help says what the command does. The list of commands shows its first line.
	Help string
	// Flags declares options:
	//
	//	Flags: func(f *cli.FlagSet) { f.BoolP("force", "f", false, "replace what is there") },
	Flags func(f *FlagSet)
	// Required are the options that must be given.
	Required []string
	// Run does the work, in a context of the application: [decant.App.InContext]. An
	// error is printed, and the program ends with 1.
	Run func(c *Context) error
	// NoApp is for a command that works without the application, which is then not
	// made: the context is that of an empty one. It mirrors with_appcontext=False.
	NoApp bool
	// Commands are those of a group, such as "create" in "shop user create". A group
	// has no Run. It mirrors AppGroup.
	Commands []Command
}

// Blueprint returns the commands of a blueprint as a group of its name:
//
//	cli.Main(newApp, cli.Blueprint(auth.Blueprint, auth.CreateUser, auth.DeleteUser))
//
// It mirrors bp.cli.command.
func Blueprint(bp *decant.Blueprint, commands ...Command) Command {
	return Command{Name: bp.Name(), Help: "Commands of " + bp.Name() + ".", Commands: commands}
}

// Context is a command that runs. The embedded context is the application's: pass
// c.Context to code that views call too. It ends when the program is interrupted.
type Context struct {
	*decant.Context
	// In, Out and Err are the standard streams, or those of a test.
	In       io.Reader
	Out, Err io.Writer

	name  string
	args  map[string][]string
	flags *pflag.FlagSet
}

// Arg returns an argument, or "" for one that may be left out and was. It panics if
// Command.Args does not name it.
func (c *Context) Arg(name string) string {
	if values := c.Args(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Args returns the values of an argument such as "file...". It panics if
// Command.Args does not name it.
func (c *Context) Args(name string) []string {
	values, ok := c.args[name]
	if !ok {
		panic(fmt.Sprintf("cli: the command %q has no argument %q; name it in its Args", c.name, name))
	}
	return values
}

// String returns an option. It and its kin panic if Command.Flags does not declare
// the option, or declares it with another type.
func (c *Context) String(flag string) string { return option(c, flag, c.flags.GetString) }

// Bool returns an option. See [Context.String].
func (c *Context) Bool(flag string) bool { return option(c, flag, c.flags.GetBool) }

// Int returns an option. See [Context.String].
func (c *Context) Int(flag string) int { return option(c, flag, c.flags.GetInt) }

// Float returns an option. See [Context.String].
func (c *Context) Float(flag string) float64 { return option(c, flag, c.flags.GetFloat64) }

// Duration returns an option. See [Context.String].
func (c *Context) Duration(flag string) time.Duration { return option(c, flag, c.flags.GetDuration) }

// Strings returns an option that may be given several times, declared with
// StringArray or StringSlice. See [Context.String].
func (c *Context) Strings(flag string) []string {
	if f := c.flags.Lookup(flag); f != nil && f.Value.Type() == "stringArray" {
		return option(c, flag, c.flags.GetStringArray)
	}
	return option(c, flag, c.flags.GetStringSlice)
}

func option[T any](c *Context, flag string, get func(string) (T, error)) T {
	value, err := get(flag)
	if err != nil {
		panic(fmt.Sprintf("cli: the command %q: %v; declare the option in its Flags", c.name, err))
	}
	return value
}

// commandOf returns a command as the library has it.
func (p *program) commandOf(c Command) (*cobra.Command, error) {
	if c.Name == "" || strings.ContainsAny(c.Name, " \t\n") {
		return nil, fmt.Errorf("a command has the name %q; give it one without blanks", c.Name)
	}
	if (c.Run == nil) == (len(c.Commands) == 0) {
		return nil, fmt.Errorf("the command %q should have either Run or Commands", c.Name)
	}
	arguments, err := argumentsOf(c)
	if err != nil {
		return nil, err
	}
	short, _, _ := strings.Cut(strings.TrimSpace(c.Help), "\n")
	command := &cobra.Command{
		Use:   strings.TrimSpace(c.Name + " " + arguments.usage()),
		Short: short,
		Long:  strings.TrimSpace(c.Help),
		Args:  func(_ *cobra.Command, args []string) error { return arguments.check(args) },
	}
	if c.Flags != nil {
		c.Flags(command.Flags())
	}
	for _, name := range c.Required {
		if err := command.MarkFlagRequired(name); err != nil {
			return nil, fmt.Errorf("the command %q requires the option %q, which its Flags do not declare", c.Name, name)
		}
	}
	for _, inner := range c.Commands {
		made, err := p.commandOf(inner)
		if err != nil {
			return nil, err
		}
		command.AddCommand(made)
	}
	if c.Run == nil {
		command.Args = noSuchCommand
		command.RunE = func(command *cobra.Command, _ []string) error { return command.Help() }
		return command, nil
	}
	command.RunE = func(command *cobra.Command, args []string) error {
		if err := p.runOwn(c, command, arguments.named(args)); err != nil {
			return &failure{err}
		}
		return nil
	}
	return command, nil
}

// runOwn runs a command of the application.
func (p *program) runOwn(c Command, command *cobra.Command, args map[string][]string) error {
	app := decant.New(p.name)
	if !c.NoApp {
		var err error
		if app, err = p.load(); err != nil {
			return err
		}
	}
	ctx, release := untilSignal(command.Context())
	defer release()
	return app.InContext(ctx, func(inner *decant.Context) error {
		return c.Run(&Context{
			Context: inner, In: p.in, Out: p.out, Err: p.err,
			name: c.Name, args: args, flags: command.Flags(),
		})
	})
}
