package main

import (
	"bufio"
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
	ignored        []string
	skip           string
	limit          int
	asJSON         bool
	client         *http.Client
	skipped        *regexp.Regexp
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
also one that logs out: leave it out with --skip.`,
		Example: "  decant shadow --old http://127.0.0.1:8000 --new http://127.0.0.1:5000 --crawl /\n  decant shadow --old ... --new ... --log access.log --header \"Cookie: session=...\"",
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
	flags.StringArrayVar(&r.ignored, "ignore-header", nil, "a header that is not compared")
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
	r.client = &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableCompression: true},
	}
	queue, err := r.requests()
	if err != nil {
		return err
	}
	if len(queue) == 0 {
		return errors.New("there is nothing to ask; name requests with --log, --har or --crawl")
	}
	if err := r.askAll(ctx, queue); err != nil {
		return err
	}
	return r.report()
}

// askAll asks each question once. In a crawl, the answers bring more.
func (r *replay) askAll(ctx context.Context, queue []request) error {
	seen := map[request]bool{}
	for i := 0; i < len(queue) && r.asked < r.limit; i++ {
		question := queue[i]
		isSkipped := r.skip != "" && r.skipped.MatchString(question.target)
		if seen[question] || isSkipped {
			continue
		}
		seen[question] = true
		old, err := r.ask(ctx, question)
		if err != nil {
			return err
		}
		if r.crawl != "" {
			queue = append(queue, r.links(question.target, old)...)
		}
		r.asked++
		fmt.Fprintf(r.progress, "\r%d asked, %d of %d to go, %d differ ", r.asked, len(queue)-i-1, len(queue), r.differs)
	}
	fmt.Fprintln(r.progress)
	return nil
}

// ask sends one request to both sides, and again to the old one if they differ.
func (r *replay) ask(ctx context.Context, question request) (old *shadow.Response, err error) {
	old, err = r.send(ctx, r.old, question)
	if err != nil {
		return nil, fmt.Errorf("the old application does not answer %s: %w", question.target, err)
	}
	new, err := r.send(ctx, r.new, question)
	if err != nil {
		return nil, fmt.Errorf("the new application does not answer %s: %w", question.target, err)
	}
	differences := shadow.Diff(old, new, nil, r.ignored...)
	isNoise := len(differences) > 0
	if isNoise {
		again, err := r.send(ctx, r.old, question)
		if err != nil {
			return nil, fmt.Errorf("the old application does not answer %s again: %w", question.target, err)
		}
		differences = shadow.Diff(old, new, again, r.ignored...)
	}
	if len(differences) > 0 {
		r.differs++
	}
	path, _, _ := strings.Cut(question.target, "?")
	r.tally.Add(question.method+" "+path, shadow.Curl(question.method, r.new+question.target), old.Took, new.Took, differences, isNoise)
	return old, nil
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

// links are the targets on the same host that a page, or a redirect, leads to.
func (r *replay) links(target string, response *shadow.Response) (found []request) {
	base, err := url.Parse(r.old + target)
	if err != nil {
		return nil
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
			found = append(found, request{http.MethodGet, link.RequestURI()})
		}
	}
	return found
}

// requests are those that the flags name.
func (r *replay) requests() ([]request, error) {
	var found []request
	if r.crawl != "" {
		found = append(found, request{http.MethodGet, "/" + strings.TrimLeft(r.crawl, "/")})
	}
	if r.log != "" {
		logged, err := readLog(r.log)
		if err != nil {
			return nil, err
		}
		found = append(found, logged...)
	}
	if r.har != "" {
		recorded, err := readHAR(r.har)
		if err != nil {
			return nil, err
		}
		found = append(found, recorded...)
	}
	return found, nil
}

var logPattern = regexp.MustCompile(`"(GET|HEAD) (/[^ "]*) HTTP/[0-9.]+"`)

// readLog finds the requests in an access log.
func readLog(path string) (found []request, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if match := logPattern.FindStringSubmatch(lines.Text()); match != nil {
			found = append(found, request{match[1], match[2]})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the log %s cannot be read: %w", path, err)
	}
	return found, nil
}

// readHAR finds the requests that a browser saved, for whichever host.
func readHAR(path string) (found []request, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var har struct {
		Log struct {
			Entries []struct{ Request struct{ Method, URL string } }
		}
	}
	if err := json.Unmarshal(text, &har); err != nil {
		return nil, fmt.Errorf("%s is no HAR file: %w", path, err)
	}
	for _, entry := range har.Log.Entries {
		address, err := url.Parse(entry.Request.URL)
		if err == nil && (entry.Request.Method == http.MethodGet || entry.Request.Method == http.MethodHead) {
			found = append(found, request{entry.Request.Method, address.RequestURI()})
		}
	}
	return found, nil
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
