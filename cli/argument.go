package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// argument is a name in the Args of a command.
type argument struct {
	name       string
	isOptional bool
	takesRest  bool
}

type arguments []argument

// argumentsOf reads the Args of a command.
func argumentsOf(c Command) (arguments, error) {
	var all arguments
	for _, word := range strings.Fields(c.Args) {
		name, isOptional := strings.CutPrefix(word, "[")
		name = strings.TrimSuffix(name, "]")
		name, takesRest := strings.CutSuffix(name, "...")
		if strings.ContainsAny(name, "[]<>.") || name == "" {
			return nil, fmt.Errorf("the command %q has the argument %q; write name, [name], name... or [name...]", c.Name, word)
		}
		if n := len(all); n > 0 && (all[n-1].takesRest || all[n-1].isOptional && !isOptional) {
			return nil, fmt.Errorf("the command %q has the argument %q behind %q, which would take its value", c.Name, name, all[n-1].name)
		}
		all = append(all, argument{name, isOptional, takesRest})
	}
	return all, nil
}

// usage is how help shows the arguments.
func (a arguments) usage() string {
	words := make([]string, len(a))
	for i, argument := range a {
		word := strings.ToUpper(argument.name)
		if argument.isOptional {
			word = "[" + word + "]"
		}
		if argument.takesRest {
			word += "..."
		}
		words[i] = word
	}
	return strings.Join(words, " ")
}

// check says which argument is missing, or which is one too many.
func (a arguments) check(given []string) error {
	for i, argument := range a {
		if i >= len(given) && !argument.isOptional {
			return Usage("Missing argument '%s'.", strings.ToUpper(argument.name))
		}
	}
	if n := len(a); len(given) > n && (n == 0 || !a[n-1].takesRest) {
		return Usage("Got unexpected extra argument (%s)", strings.Join(given[n:], " "))
	}
	return nil
}

// noArguments is the check of a command without arguments.
func noArguments(_ *cobra.Command, given []string) error { return arguments(nil).check(given) }

// noSuchCommand is the check of a group, which has commands and no arguments.
func noSuchCommand(group *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	const typos = 2
	group.SuggestionsMinimumDistance = typos
	advice := ""
	if near := group.SuggestionsFor(given[0]); len(near) > 0 {
		advice = fmt.Sprintf(" Did you mean '%s'?", strings.Join(near, "' or '"))
	}
	return Usage("No such command '%s'.%s", given[0], advice)
}

// flagError words a mistake in an option as click does.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	flag := invalid.GetFlag()
	name := "'--" + flag.Name + "'"
	if flag.Shorthand != "" {
		name += " / '-" + flag.Shorthand + "'"
	}
	return Usage("Invalid value for %s: %s", name, misfit(flag, invalid.GetValue(), invalid.Unwrap()))
}

// misfit says why an option refuses a value.
func misfit(flag *pflag.Flag, value string, reason error) string {
	switch kind := flag.Value.Type(); kind {
	case "int", "int64":
		return fmt.Sprintf("'%s' is not a valid integer.", value)
	case "float64":
		return fmt.Sprintf("'%s' is not a valid float.", value)
	case "bool":
		return fmt.Sprintf("'%s' is not a valid boolean.", value)
	case "duration":
		return fmt.Sprintf("'%s' is not a valid duration; write one such as 1m30s.", value)
	}
	return reason.Error()
}

func (a arguments) named(given []string) map[string][]string {
	values := make(map[string][]string, len(a))
	for i, argument := range a {
		switch {
		case i >= len(given):
			values[argument.name] = nil
		case argument.takesRest:
			values[argument.name] = given[i:]
		default:
			values[argument.name] = given[i : i+1]
		}
	}
	return values
}
