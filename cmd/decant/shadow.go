package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant/shadow"
)

// replay asks two applications the same questions.
type replay struct {
	old, new       string
	log, har       string
	crawl          string
	host           string
	headers        []string
	keyVariable    string
	comparison     shadow.Comparison
	skip           string
	limit          int
	asJSON         bool
	client         *http.Client
	skipped        *regexp.Regexp
	queue          []request
	seen           map[request]bool
	tally          shadow.Tally
	out, progress  io.Writer
	asked, differs int
}

// request is a question: a method, and a path with its query.
type request struct{ method, target string }

func newShadowCommand() *cobra.Command {
	r := new(replay)
	command := &cobra.Command{
		Use:   "shadow",
		Short: "Compare the answers of an old application with those of a new one",
		Long: `Sends the same GET and HEAD requests to both applications, and reports how the
answers differ: in status, headers, cookies and what they say, JSON by value, HTML by
tags and texts. Where the old application differs from itself, nothing is reported.
The command fails if there are differences.

The requests come from an access log in the common format, from a HAR file that a
browser saved, or from a crawl of the old application. A crawl follows every link,
also one that logs out: leave it out with --skip.

With --key-from, a session, a remember cookie or a token whose signature is wrong is a
difference, even if it says the same. The report shows no secrets: what looks random is
replaced by its length and a fingerprint.`,
		Example: "  decant shadow --old http://127.0.0.1:8000 --new http://127.0.0.1:5000 --crawl /\n  decant shadow --old ... --new ... --log access.log --header \"Cookie: session=...\" --key-from SECRET_KEY",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			r.out, r.progress = command.OutOrStdout(), command.ErrOrStderr()
			return r.run(command.Context())
		},
	}
	flags := command.Flags()
	flags.StringVar(&r.old, "old", "", "the address of the old application")
	flags.StringVar(&r.new, "new", "", "the address of the new application")
	flags.StringVar(&r.log, "log", "", "an access log whose requests are sent")
	flags.StringVar(&r.har, "har", "", "a HAR file whose requests are sent")
	flags.StringVar(&r.crawl, "crawl", "", "a path from which links are followed")
	flags.StringVar(&r.host, "host", "", "the Host of the requests (that of --old)")
	flags.StringArrayVar(&r.headers, "header", nil, "a header of the requests, such as \"Cookie: session=...\"")
	flags.StringVar(&r.keyVariable, "key-from", "", "the environment variable that has the secret key, with which signatures are checked")
	flags.StringVar(&r.comparison.SessionCookie, "session-cookie", "session", "the name of the session cookie")
	flags.StringVar(&r.comparison.RememberCookie, "remember-cookie", "remember_token", "the name of the cookie that remembers users")
	flags.StringArrayVar(&r.comparison.Salts, "salt", nil, "a salt with which the applications sign tokens of their own")
	flags.StringArrayVar(&r.comparison.IgnoredHeaders, "ignore-header", nil, "a header that is not compared")
	flags.StringVar(&r.skip, "skip", "", "a regular expression: paths that it matches are left out")
	flags.IntVar(&r.limit, "limit", 1000, "how many different requests are sent at most")
	flags.BoolVar(&r.asJSON, "json", false, "print a line of JSON for each path")
	command.MarkFlagRequired("old")
	command.MarkFlagRequired("new")
	return command
}

func (r *replay) run(ctx context.Context) error {
	for _, address := range []string{r.old, r.new} {
		if parsed, err := url.Parse(address); err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
			return fmt.Errorf("the address %q should be like http://127.0.0.1:8000", address)
		}
	}
	r.old, r.new = strings.TrimRight(r.old, "/"), strings.TrimRight(r.new, "/")
	var err error
	if r.skipped, err = regexp.Compile(r.skip); err != nil {
		return fmt.Errorf("--skip is no regular expression: %w", err)
	}
	if r.keyVariable != "" {
		if r.comparison.SecretKey = os.Getenv(r.keyVariable); r.comparison.SecretKey == "" {
			return fmt.Errorf("the environment variable %s, which --key-from names, has no secret key", r.keyVariable)
		}
	}
	r.client = &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableCompression: true},
	}
	if err := r.readRequests(); err != nil {
		return err
	}
	if len(r.queue) == 0 {
		return errors.New("there is nothing to ask; name requests with --log, --har or --crawl")
	}
	if err := r.askAll(ctx); err != nil {
		return err
	}
	return r.report()
}

// add puts a request into the queue, unless it is there already, or one too many.
func (r *replay) add(question request) {
	isSkipped := r.skip != "" && r.skipped.MatchString(question.target)
	if isSkipped || r.seen[question] || len(r.queue) >= r.limit {
		return
	}
	if _, err := url.ParseRequestURI(question.target); err != nil {
		return // a scanner's, for which there is no answer to compare
	}
	r.seen[question] = true
	r.queue = append(r.queue, question)
}

// askAll asks each question once. In a crawl, the answers bring more.
func (r *replay) askAll(ctx context.Context) error {
	for i := 0; i < len(r.queue); i++ {
		question := r.queue[i]
		old, err := r.ask(ctx, question)
		if err != nil {
			return err
		}
		if r.crawl != "" && old != nil {
			r.addLinks(question.target, old)
		}
		fmt.Fprintf(r.progress, "\r%d asked, %d to go, %d differ ", r.asked, len(r.queue)-i-1, r.differs)
	}
	fmt.Fprintln(r.progress)
	return nil
}

// ask sends one request to both sides, and again to the old one if they differ. A side
// that gives no answer differs; the error is for one that has never given any.
func (r *replay) ask(ctx context.Context, question request) (old *shadow.Response, err error) {
	old, oldErr := r.send(ctx, r.old, question)
	new, newErr := r.send(ctx, r.new, question)
	if err := cmp.Or(oldErr, newErr); err != nil && (r.asked == 0 || ctx.Err() != nil) {
		address := r.old
		if oldErr == nil {
			address = r.new
		}
		return nil, fmt.Errorf("the application at %s does not answer %s: %w", address, question.target, err)
	}
	var differences []shadow.Difference
	var isNoise bool
	switch {
	case oldErr != nil && newErr != nil:
		return nil, nil // there is nothing to compare
	case oldErr != nil || newErr != nil:
		differences = []shadow.Difference{{Where: "answer", Old: answerText(old, oldErr), New: answerText(new, newErr)}}
		old, new = cmp.Or(old, new), cmp.Or(new, old)
	default:
		differences = r.comparison.Diff(old, new, nil)
	}
	if isNoise = len(differences) > 0 && oldErr == nil && newErr == nil; isNoise {
		if again, err := r.send(ctx, r.old, question); err == nil {
			differences = r.comparison.Diff(old, new, again)
		}
	}
	r.asked++
	if len(differences) > 0 {
		r.differs++
	}
	path, _, _ := strings.Cut(question.target, "?")
	r.tally.Add(question.method+" "+path, shadow.Curl(question.method, r.new+question.target), old.Took, new.Took, differences, isNoise)
	return old, nil
}

func answerText(response *shadow.Response, err error) string {
	if err != nil {
		return "none: " + err.Error()
	}
	return fmt.Sprint(response.Status)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 10 << 20

func (r *replay) send(ctx context.Context, address string, question request) (*shadow.Response, error) {
	req, err := http.NewRequestWithContext(ctx, question.method, address+question.target, nil)
	if err != nil {
		return nil, err
	}
	for _, header := range r.headers {
		name, value, _ := strings.Cut(header, ":")
		req.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	req.Host = r.host
	if r.host == "" {
		req.Host = strings.TrimPrefix(strings.TrimPrefix(r.old, "http://"), "https://")
	}
	began := time.Now()
	response, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return &shadow.Response{Status: response.StatusCode, Header: response.Header, Body: body, Took: time.Since(began)}, nil
}

var linkPattern = regexp.MustCompile(`(?i)\s(?:href|src)\s*=\s*["']([^"'<>]+)["']`)

// addLinks adds the targets on the same host that a page, or a redirect, leads to.
func (r *replay) addLinks(target string, response *shadow.Response) {
	base, err := url.Parse(r.old + target)
	if err != nil {
		return
	}
	texts := []string{response.Header.Get("Location")}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		for _, match := range linkPattern.FindAllStringSubmatch(string(response.Body), -1) {
			texts = append(texts, html.UnescapeString(match[1]))
		}
	}
	for _, text := range texts {
		link, err := base.Parse(text)
		if text != "" && err == nil && link.Host == base.Host && link.Scheme == base.Scheme {
			r.add(request{http.MethodGet, link.RequestURI()})
		}
	}
}

// readRequests finds those that the flags name.
func (r *replay) readRequests() error {
	r.seen = map[request]bool{}
	if r.crawl != "" {
		r.add(request{http.MethodGet, "/" + strings.TrimLeft(r.crawl, "/")})
	}
	if r.log != "" {
		if err := r.readLog(); err != nil {
			return err
		}
	}
	if r.har != "" {
		return r.readHAR()
	}
	return nil
}

var logPattern = regexp.MustCompile(`"(GET|HEAD) (/[^ "]*) HTTP/[0-9.]+"`)

// readLog finds the requests in an access log.
func (r *replay) readLog() error {
	file, err := os.Open(r.log)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if match := logPattern.FindStringSubmatch(lines.Text()); match != nil {
			r.add(request{match[1], match[2]})
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the log %s cannot be read: %w", r.log, err)
	}
	return nil
}

// readHAR finds the requests that a browser saved, for whichever host.
func (r *replay) readHAR() error {
	text, err := os.ReadFile(r.har)
	if err != nil {
		return err
	}
	var har struct {
		Log struct {
			Entries []struct{ Request struct{ Method, URL string } }
		}
	}
	if err := json.Unmarshal(text, &har); err != nil {
		return fmt.Errorf("%s is no HAR file: %w", r.har, err)
	}
	for _, entry := range har.Log.Entries {
		address, err := url.Parse(entry.Request.URL)
		if err == nil && (entry.Request.Method == http.MethodGet || entry.Request.Method == http.MethodHead) {
			r.add(request{entry.Request.Method, address.RequestURI()})
		}
	}
	return nil
}

func (r *replay) report() error {
	if r.asJSON {
		if err := r.tally.WriteJSON(r.out); err != nil {
			return err
		}
	} else {
		r.print()
	}
	if r.differs > 0 {
		return fmt.Errorf("%d of %d answers differ", r.differs, r.asked)
	}
	return nil
}

func (r *replay) print() {
	noise := 0
	for _, report := range r.tally.Report() {
		noise += report.Noise
		for _, example := range report.Examples {
			fmt.Fprintln(r.out, example.Curl)
			for _, d := range example.Differences {
				fmt.Fprintf(r.out, "  %s\n  - %s\n  + %s\n", d.Where, d.Old, d.New)
			}
		}
	}
	fmt.Fprintf(r.out, "%d answers were compared: %d are equal, %d differ only where the old application differs from itself, %d differ.\n", r.asked, r.asked-noise-r.differs, noise, r.differs)
}
