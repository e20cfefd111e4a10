package cli_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

// TestMain is the program itself where a test runs it as one.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_PROGRAM") != "" {
		cli.Main(newShop, commands...)
	}
	os.Exit(m.Run())
}

var auth = decant.NewBlueprint("auth", decant.URLPrefix("/auth"))

func newShop() (*decant.App, error) {
	if os.Getenv("BROKEN") != "" {
		return nil, errors.New("the shop has no shelves")
	}
	app := decant.New("shop")
	app.Config.SecretKey = os.Getenv("SECRET_KEY")
	app.Config.Debug = true
	app.Config.Set("PAGE_SIZE", 20)
	app.Get("/", func(c *decant.Context) (any, error) { return "Hello over " + c.Request.Scheme(), nil })
	return app, nil
}

var greeting = decant.NewG[string]("greeting")

var errSoldOut = errors.New("sold out")

var commands = []cli.Command{
	{
		Name: "greet", Args: "name [title]", Help: "Greet somebody.\n\nWith a title, if one is given.",
		Flags: func(f *cli.FlagSet) {
			f.BoolP("loud", "l", false, "in capitals")
			f.Int("times", 1, "how often")
			f.Float64("pitch", 1, "how high")
			f.Duration("pause", 0, "how long to wait")
			f.StringArray("with", nil, "a companion")
			f.StringSlice("and", nil, "more companions")
			f.String("word", "Hello", "the first word")
		},
		Run: greet,
	},
	{Name: "cat", Args: "file...", Run: func(c *cli.Context) error {
		_, err := fmt.Fprint(c.Out, strings.Join(c.Args("file"), "+"))
		return err
	}},
	{Name: "read", Run: func(c *cli.Context) error {
		_, err := io.Copy(c.Out, c.In)
		return err
	}},
	{Name: "fail", Run: func(c *cli.Context) error { return errSoldOut }},
	{Name: "abort", Run: func(c *cli.Context) error { return decant.Abort(404) }},
	{Name: "exit", Run: func(c *cli.Context) error {
		fmt.Fprintln(c.Err, "nothing to do")
		return cli.Exit(3)
	}},
	{Name: "misuse", Run: func(*cli.Context) error { return cli.Usage("%s is no fruit", "a potato") }},
	{Name: "alone", NoApp: true, Run: func(c *cli.Context) error {
		_, err := fmt.Fprint(c.Out, c.App.Config.Has("PAGE_SIZE"))
		return err
	}},
	{Name: "show", Run: func(c *cli.Context) error {
		_, err := fmt.Fprintln(c.Out, os.Getenv("GREETING"), os.Getenv("ONLY_LOCAL"), c.App.Config.SecretKey, c.App.Config.Debug)
		return err
	}},
	{Name: "wait", Run: func(c *cli.Context) error {
		fmt.Fprintln(c.Out, "waiting")
		<-c.Done()
		fmt.Fprintln(c.Out, "interrupted")
		return nil
	}},
	{Name: "must", Flags: func(f *cli.FlagSet) { f.String("color", "", "the color") }, Required: []string{"color"}, Run: func(c *cli.Context) error {
		fmt.Fprint(c.Out, c.String("color"))
		return nil
	}},
	cli.Blueprint(auth, cli.Command{Name: "create-user", Args: "name", Help: "Create a user.", Run: func(c *cli.Context) error {
		fmt.Fprint(c.Out, "created "+c.Arg("name"))
		return nil
	}}),
}

func greet(c *cli.Context) error {
	greeting.Set(c.Context, c.String("word")+", "+strings.TrimSpace(c.Arg("title")+" "+c.Arg("name")))
	text := greeting.Get(c.Context)
	if c.Bool("loud") {
		text = strings.ToUpper(text)
	}
	for range c.Int("times") {
		fmt.Fprintln(c.Out, text, c.Float("pitch"), c.Duration("pause"), c.Strings("with"), c.Strings("and"))
	}
	return nil
}

func app(t *testing.T) *decant.App {
	t.Helper()
	made, err := newShop()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func mustBe[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestOwnCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"greet ann", "Hello, ann 1 0s [] []\n"},
		{"greet ann Dr. --loud --times 2", "HELLO, DR. ANN 1 0s [] []\nHELLO, DR. ANN 1 0s [] []\n"},
		{"greet -l ann --pitch=0.5 --pause 2s --with a,b --with c --and d,e", "HELLO, ANN 0.5 2s [a,b c] [d e]\n"},
		{"greet -- --ann", "Hello, --ann 1 0s [] []\n"},
		{"cat a b", "a+b"},
		{"alone", "false"},
		{"must --color red", "red"},
		{"auth create-user ann", "created ann"},
	} {
		result := cli.Invoke(app(t), commands, strings.Fields(test.line)...)
		mustBe(t, test.line, result, cli.Result{Output: test.want})
	}
	result := cli.Runner{App: app(t), Commands: commands, Input: "from a test"}.Invoke("read")
	mustBe(t, "the input", result.Output, "from a test")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line string
		code int
		want string
	}{
		{"fail", 1, "Error: sold out\n"},
		{"abort", 1, "404 Not Found"},
		{"exit", 3, "nothing to do\n"},
		{"misuse", 2, "Usage: app misuse"},
		{"greet", 2, "Error: Missing argument 'NAME'."},
		{"greet a b c d", 2, "Got unexpected extra argument (c d)"},
		{"greet a --nothing", 2, "unknown flag: --nothing"},
		{"greet a --times x", 2, "Invalid value for '--times': 'x' is not a valid integer."},
		{"greet a --loud=x", 2, "Invalid value for '--loud' / '-l': 'x' is not a valid boolean."},
		{"greet a --pitch x", 2, "'x' is not a valid float."},
		{"greet a --pause x", 2, "'x' is not a valid duration; write one such as 1m30s."},
		{"cat", 2, "Missing argument 'FILE'."},
		{"must", 2, `required flag(s) "color" not set`},
		{"nothing", 2, "Error: No such command 'nothing'."},
		{"shell", 2, "Error: No such command 'shell'."},
		{"routes --sort color", 2, "'color' is not one of 'endpoint', 'methods', 'domain', 'rule', 'match'."},
		{"rutes", 2, "No such command 'rutes'. Did you mean 'routes'?"},
		{"auth creat-user ann", 2, "No such command 'creat-user'. Did you mean 'create-user'?"},
		{"routes extra", 2, "Got unexpected extra argument (extra)"},
		{"run --debug --no-debug", 2, "were both given"},
		{"run --key a", 2, `"--cert" must also be specified.`},
		{"run --cert adhoc --key a", 2, `"--key" is not used.`},
		{"run --cert cli.go", 2, `Required when using "--cert".`},
		{"run --cert nowhere.pem", 2, "File 'nowhere.pem' does not exist."},
		{"run --cert cli.go --key nowhere.pem", 2, "File 'nowhere.pem' does not exist."},
	} {
		result := cli.Invoke(app(t), commands, strings.Fields(test.line)...)
		if result.ExitCode != test.code || result.Err == nil || result.Output != "" {
			t.Errorf("%s: %+v", test.line, result)
		}
		mustContain(t, result.Errors, test.want)
	}
	if result := cli.Invoke(app(t), commands, "fail"); !errors.Is(result.Err, errSoldOut) {
		t.Errorf("the error is %v", result.Err)
	}
}

func TestMistakesInCommands(t *testing.T) {
	t.Parallel()
	run := func(*cli.Context) error { return nil }
	for _, test := range []struct {
		command cli.Command
		want    string
	}{
		{cli.Command{Name: "run", Run: run}, `two commands have the name "run"`},
		{cli.Command{Name: "help", Run: run}, `two commands have the name "help"`},
		{cli.Command{Name: "a b", Run: run}, "without blanks"},
		{cli.Command{Name: "a"}, "either Run or Commands"},
		{cli.Command{Name: "a", Args: "[b] c", Run: run}, `"c" behind "b"`},
		{cli.Command{Name: "a", Args: "<b>", Run: run}, "write name, [name]"},
		{cli.Command{Name: "a", Required: []string{"b"}, Run: run}, `requires the option "b"`},
	} {
		result := cli.Invoke(app(t), []cli.Command{test.command}, "routes")
		mustBe(t, "the exit code", result.ExitCode, 1)
		mustContain(t, result.Errors, test.want)
	}
	for what, read := range map[string]func(c *cli.Context){
		`no argument "b"`: func(c *cli.Context) { c.Arg("b") },
		"declare":         func(c *cli.Context) { c.Bool("b") },
	} {
		func() {
			defer func() { mustContain(t, fmt.Sprint(recover()), what) }()
			cli.Invoke(app(t), []cli.Command{{Name: "a", Run: func(c *cli.Context) error { read(c); return nil }}}, "a")
		}()
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	broken := cli.Runner{NewApp: func() (*decant.App, error) { return nil, errSoldOut }, Commands: commands}
	for _, args := range [][]string{nil, {"--help"}, {"help"}} {
		result := broken.Invoke(args...)
		mustBe(t, "the exit code", result.ExitCode, 0)
		mustContain(t, result.Output, "greet", "Greet somebody.", "auth", "Commands of auth.", "routes", "completion", "--env-file")
	}
	mustContain(t, broken.Invoke("greet", "--help").Output, "Greet somebody.\n\nWith a title", "greet NAME [TITLE]", "--times int")
	mustContain(t, broken.Invoke("auth").Output, "create-user")
	mustContain(t, broken.Invoke("run", "--help").Output, "-h, --host string", "-p, --port int")
	for _, command := range []string{"routes", "config", "run", "greet"} {
		result := broken.Invoke(command, "x")
		if command != "greet" {
			result = broken.Invoke(command)
		}
		mustBe(t, command+" of a broken application", result.ExitCode, 1)
		mustContain(t, result.Errors, "Error: sold out")
	}
	nothing := cli.Runner{NewApp: func() (*decant.App, error) { return nil, nil }}
	mustContain(t, nothing.Invoke("routes").Errors, "return the application")
}

// The tables are those of Flask for the same rules.
func TestRoutes(t *testing.T) {
	t.Parallel()
	view := func(*decant.Context) (any, error) { return "", nil }
	simple := decant.New("test")
	simple.Route("/yyy_get_post", view, decant.Methods("GET", "POST"), decant.Endpoint("yyy_get_post"))
	simple.Get("/zzz_get", view, decant.Endpoint("zzz_get"))
	simple.Post("/aaa_post", view, decant.Endpoint("aaa_post"))
	crossed := decant.New("test")
	crossed.Get("/<path:page>", view, decant.Endpoint("page"))
	crossed.Get("/user/<name>", view, decant.Endpoint("user"))
	crossed.Get("/user/me", view, decant.Endpoint("me"))
	domains := decant.New("test", decant.SubdomainMatching())
	domains.Config.ServerName = "example.com"
	domains.Get("/", view, decant.Subdomain("a"), decant.Endpoint("a"))
	domains.Get("/b", view, decant.Endpoint("b"))
	hosts := decant.New("test", decant.HostMatching())
	hosts.Get("/", view, decant.RuleHost("a.example"), decant.Endpoint("a"))
	for _, test := range []struct {
		app  *decant.App
		line string
		want []string
	}{
		{simple, "routes", []string{
			"Endpoint      Methods    Rule                   ",
			"------------  ---------  -----------------------",
			"aaa_post      POST       /aaa_post              ",
			"static        GET        /static/<path:filename>",
			"yyy_get_post  GET, POST  /yyy_get_post          ",
			"zzz_get       GET        /zzz_get               ",
		}},
		{simple, "routes --sort methods --all-methods", []string{
			"Endpoint      Methods                   Rule                   ",
			"------------  ------------------------  -----------------------",
			"static        GET, HEAD, OPTIONS        /static/<path:filename>",
			"zzz_get       GET, HEAD, OPTIONS        /zzz_get               ",
			"yyy_get_post  GET, HEAD, OPTIONS, POST  /yyy_get_post          ",
			"aaa_post      OPTIONS, POST             /aaa_post              ",
		}},
		{crossed, "routes -s match", []string{
			"Endpoint  Methods  Rule                   ",
			"--------  -------  -----------------------",
			"static    GET      /static/<path:filename>",
			"me        GET      /user/me               ",
			"user      GET      /user/<name>           ",
			"page      GET      /<path:page>           ",
		}},
		{domains, "routes -s domain", []string{
			"Endpoint  Methods  Subdomain  Rule                   ",
			"--------  -------  ---------  -----------------------",
			"static    GET                 /static/<path:filename>",
			"b         GET                 /b                     ",
			"a         GET      a          /                      ",
		}},
		{hosts, "routes -s rule", []string{
			"Endpoint  Methods  Host       Rule",
			"--------  -------  ---------  ----",
			"a         GET      a.example  /   ",
		}},
	} {
		result := cli.Invoke(test.app, nil, strings.Fields(test.line)...)
		mustBe(t, test.line, strings.Split(strings.TrimSuffix(result.Output, "\n"), "\n"), test.want)
	}
}

func TestConfigHidesSecrets(t *testing.T) {
	t.Parallel()
	shop := app(t)
	shop.Config.SecretKey = "hush"
	result := cli.Invoke(shop, nil, "config")
	mustContain(t, result.Output, "SESSION_COOKIE_NAME", "session", "SECRET_KEY", "(hidden)", "PAGE_SIZE")
	if strings.Contains(result.Output, "hush") {
		t.Error(result.Output)
	}
}

func TestSecretKeyAndVersion(t *testing.T) {
	t.Parallel()
	first, second := cli.Invoke(app(t), nil, "secret-key").Output, cli.Invoke(app(t), nil, "secret-key").Output
	if !regexp.MustCompile(`^[0-9a-f]{64}\n$`).MatchString(first) || first == second {
		t.Errorf("%q, %q", first, second)
	}
	for _, line := range []string{"version", "--version"} {
		mustContain(t, cli.Invoke(app(t), nil, line).Output, "Decant ", "Go go1.")
	}
	mustContain(t, cli.Invoke(app(t), commands, "completion", "bash").Output, "bash completion")
}

// TestPortFacts checks what decant port is told, and that no key is.
func TestPortFacts(t *testing.T) {
	t.Parallel()
	app := decant.New("shop")
	app.Config.SecretKey = "dev"
	app.Config.SecretKeyFallbacks = []string{"older"}
	app.Config.Set("WTF_CSRF_METHODS", []string{"PUT", "POST"})
	app.Config.Set("WTF_CSRF_SECRET_KEY", "very secret")
	app.Get("/", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("index"))
	app.Get("/old", nil, decant.Endpoint("old"), decant.BuildOnly())
	got := cli.Invoke(app, nil, "port-facts", "--", "WTF_CSRF_METHODS", "WTF_CSRF_SECRET_KEY", "SESSION_COOKIE_NAME", "REMEMBER_COOKIE_NAME").Output
	want := `{"endpoints":["static","index"],"settings":{"SESSION_COOKIE_NAME":"session","WTF_CSRF_METHODS":"POST, PUT"},"key":"FIRST","fallback_keys":["SECOND"]}` + "\n"
	fingerprints := regexp.MustCompile(`"([0-9a-f]{8})"`).FindAllStringSubmatch(got, -1)
	if len(fingerprints) != 2 || fingerprints[0][1] == fingerprints[1][1] {
		t.Fatalf("the fingerprints are %q", fingerprints)
	}
	got = strings.NewReplacer(fingerprints[0][1], "FIRST", fingerprints[1][1], "SECOND").Replace(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the facts (-want +got):\n%s", diff)
	}
}

// program runs the test's own binary as a program, in a folder.
func program(t *testing.T, folder string, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Dir = folder
	command.Env = append([]string{"CLI_TEST_PROGRAM=1", "HOME=" + folder, "PATH=" + os.Getenv("PATH")}, environment...)
	return command
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEnvironmentFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, ".decantenv"), "GREETING=from .decantenv\nSECRET_KEY=public\n")
	write(t, filepath.Join(folder, ".env"), "SECRET_KEY='pa$$word # 1'\nnot a line = 1\n")
	write(t, filepath.Join(folder, "more.env"), "GREETING=from more.env\nDECANT_DEBUG=1\n")
	below := filepath.Join(folder, "a", "b")
	write(t, filepath.Join(below, "x"), "")
	for _, test := range []struct {
		environment []string
		args        []string
		want        string
	}{
		{nil, []string{"show"}, "from .decantenv  pa$$word # 1 false\n"},
		{[]string{"GREETING=from outside"}, []string{"show"}, "from outside  pa$$word # 1 false\n"},
		{nil, []string{"show", "--env-file", "../../more.env"}, "from more.env  pa$$word # 1 true\n"},
		{nil, []string{"-e", "../../more.env", "--no-debug", "show"}, "from more.env  pa$$word # 1 false\n"},
		{[]string{"DECANT_SKIP_DOTENV=1", "DECANT_DEBUG=no"}, []string{"show", "--debug"}, "   true\n"},
	} {
		command := program(t, below, test.environment, test.args...)
		var warnings strings.Builder
		command.Stderr = &warnings
		output, err := command.Output()
		if err != nil || string(output) != test.want {
			t.Errorf("%q %q: %q, %v, %s", test.environment, test.args, output, err, &warnings)
		}
		if len(test.environment) < 2 {
			mustContain(t, warnings.String(), ".env:2: the line sets no variable")
		}
	}
	output, err := program(t, below, nil, "show", "--env-file", "nowhere").CombinedOutput()
	mustBe(t, "the exit code", exitCode(err), 2)
	mustContain(t, string(output), "File 'nowhere' does not exist.")
}

func TestOptionsFromVariables(t *testing.T) {
	t.Parallel()
	environment := []string{"DECANT_GREET_TIMES=2", "DECANT_GREET_WORD=Ahoy"}
	output, err := program(t, t.TempDir(), environment, "greet", "ann", "--word", "Hi").Output()
	if err != nil || string(output) != "Hi, ann 1 0s [] []\nHi, ann 1 0s [] []\n" {
		t.Errorf("%q, %v", output, err)
	}
	output, err = program(t, t.TempDir(), []string{"DECANT_MUST_COLOR=red"}, "must").Output()
	if err != nil || string(output) != "red" {
		t.Errorf("%q, %v", output, err)
	}
	output, err = program(t, t.TempDir(), []string{"DECANT_GREET_TIMES=x"}, "greet", "ann").CombinedOutput()
	mustBe(t, "the exit code", exitCode(err), 2)
	mustContain(t, string(output), "'--times' (env var: 'DECANT_GREET_TIMES')")
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func TestExitCodesOfAProgram(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{"fail": 1, "exit": 3, "misuse": 2, "nothing": 2, "version": 0, "": 0} {
		_, err := program(t, t.TempDir(), nil, strings.Fields(line)...).Output()
		mustBe(t, line, exitCode(err), want)
	}
}

// started is a program that serves.
func started(t *testing.T, environment []string, args ...string) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	for i := range environment {
		environment[i] = strings.ReplaceAll(environment[i], "PORT?", port)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "PORT?", port)
	}
	command := program(t, t.TempDir(), environment, args...)
	command.Stderr = t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command.Process.Kill() })
	return address, func() {
		t.Helper()
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("it ends with %v", err)
		}
	}
}

// page asks until somebody answers.
func page(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for {
		response, err := client.Get(url)
		if err != nil {
			select {
			case <-t.Context().Done():
				t.Fatal(err)
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name              string
		environment, args []string
		scheme            string
	}{
		{"options", nil, []string{"run", "-h", "127.0.0.1", "-p", "PORT?", "--debug"}, "http"},
		{"variables", []string{"DECANT_RUN_PORT=PORT?", "DECANT_DEBUG=1"}, []string{"run"}, "http"},
		{"an adhoc certificate", nil, []string{"run", "--port", "PORT?", "--cert", "adhoc", "--debug"}, "https"},
		{"under decant run", []string{"DECANT_OUTER_URL=http://127.0.0.1:1", "DECANT_OUTER_TOKEN=x", "DECANT_RUN_HOST=127.0.0.1", "DECANT_RUN_PORT=PORT?"}, nil, "http"},
		{"under decant run with options", []string{"DECANT_OUTER_URL=http://127.0.0.1:1", "DECANT_OUTER_TOKEN=x", "DECANT_RUN_HOST=127.0.0.1", "DECANT_RUN_PORT=PORT?"}, []string{"run", "--port", "1", "--cert", "nowhere"}, "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			address, stop := started(t, test.environment, test.args...)
			mustBe(t, "the page", page(t, test.scheme+"://"+address+"/"), "Hello over "+test.scheme)
			stop()
		})
	}
}

func TestRunSaysWhyItDoesNot(t *testing.T) {
	t.Parallel()
	output, err := program(t, t.TempDir(), []string{"BROKEN=1"}, "run").CombinedOutput()
	mustBe(t, "the exit code", exitCode(err), 1)
	mustContain(t, string(output), "Error: the shop has no shelves")
}

func TestACommandEndsWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result := cli.Runner{App: app(t), Commands: commands, Context: ctx}.Invoke("wait")
	mustBe(t, "the output", result.Output, "waiting\ninterrupted\n")

	command := program(t, t.TempDir(), nil, "wait")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	lines.Scan()
	mustBe(t, "the first line", lines.Text(), "waiting")
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	lines.Scan()
	mustBe(t, "the second line", lines.Text(), "interrupted")
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}
