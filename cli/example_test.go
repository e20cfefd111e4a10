package cli_test

import (
	"fmt"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

func ExampleInvoke() {
	greet := cli.Command{
		Name: "greet",
		Args: "name",
		Help: "Greet somebody.",
		Flags: func(f *cli.FlagSet) {
			f.Bool("loud", false, "with an exclamation mark")
		},
		Run: func(c *cli.Context) error {
			end := "."
			if c.Bool("loud") {
				end = "!"
			}
			_, err := fmt.Fprintf(c.Out, "Hello, %s%s\n", c.Arg("name"), end)
			return err
		},
	}
	app := decant.New("hello")
	result := cli.Invoke(app, []cli.Command{greet}, "greet", "Ann", "--loud")
	fmt.Print(result.Output)

	result = cli.Invoke(app, []cli.Command{greet}, "greet")
	fmt.Println(result.ExitCode, result.Err)
	// Output:
	// Hello, Ann!
	// 2 Missing argument 'NAME'.
}
