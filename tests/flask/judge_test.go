package flask

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"
)

// secretKey signs whatever the tests do not sign with another one on purpose.
const secretKey = "a secret key of sixteen bytes or more"

// judge is a running judge.py. It answers one question at a time.
type judge struct {
	t         testing.TB
	questions *json.Encoder
	answers   *bufio.Reader
}

// question is a command with its arguments; the empty ones are left out.
type question struct {
	Command   string   `json:"command"`
	Secret    string   `json:"secret,omitempty"`
	Fallbacks []string `json:"fallbacks,omitempty"`
	MaxAge    int      `json:"max_age,omitempty"` // in seconds
	At        int64    `json:"at,omitempty"`      // in Unix seconds
	Cookie    string   `json:"cookie,omitempty"`
	Salt      string   `json:"salt,omitempty"`
	Token     string   `json:"token,omitempty"`
	Name      string   `json:"name,omitempty"`
	Header    string   `json:"header,omitempty"`
	Seed      uint64   `json:"seed,omitempty"`
	Value     any      `json:"value,omitempty"`
}

// verdict is the answer; what the command does not give is empty.
type verdict struct {
	Session *typed          `json:"session"`
	Cookie  string          `json:"cookie"`
	Token   string          `json:"token"`
	Refused string          `json:"refused"` // the name of itsdangerous' exception
	Header  string          `json:"header"`
	Value   json.RawMessage `json:"value"`
	Error   string          `json:"error"` // the end of a traceback
}

func startJudge(t testing.TB) *judge {
	t.Helper()
	input, output := startPython(t, "judge.py")
	return &judge{t, json.NewEncoder(input), bufio.NewReader(output)}
}

// try asks and hands on whatever comes back, a Python exception too.
func (j *judge) try(q question) verdict {
	j.t.Helper()
	must(j.t, j.questions.Encode(q))
	line, err := j.answers.ReadBytes('\n')
	if err == io.EOF {
		j.t.Fatalf("judge.py ended at the question %+v", q)
	}
	must(j.t, err)
	var v verdict
	must(j.t, json.Unmarshal(line, &v))
	return v
}

// ask is try for questions that have an answer.
func (j *judge) ask(q question) verdict {
	j.t.Helper()
	v := j.try(q)
	if v.Error != "" {
		j.t.Fatalf("Python failed at %s:\n%s", q.Command, v.Error)
	}
	return v
}

// typedValue reads the value of an answer.
func (j *judge) typedValue(v verdict) typed {
	j.t.Helper()
	var value typed
	must(j.t, json.Unmarshal(v.Value, &value))
	return value
}

// text reads the value of an answer that is quoted text.
func (j *judge) text(v verdict) string {
	j.t.Helper()
	var value string
	must(j.t, json.Unmarshal(v.Value, &value))
	return unquoted(j.t, value)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
