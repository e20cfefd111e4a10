package celery

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/tests/docs/vectors"
)

// celeryCase is a case of extensions-celery.json.
type celeryCase struct {
	ID, Op, Name string
	Task         string
	TaskID       string `json:"task_id"`
	Args         []any
	Kwargs       map[string]any
	Options      map[string]any
	Now          int64
	Want         struct {
		Queue   string
		Message map[string]any
		Body    any
	}
}

func TestMessagesOfCelery(t *testing.T) {
	vectors.Each(t, "celery", func(t *testing.T, c celeryCase) {
		if c.Op != "send" {
			t.Fatalf("unknown op %q", c.Op)
		}
		task := Task{Name: c.Task, Args: c.Args, Kwargs: c.Kwargs}
		for name, value := range c.Options {
			setOption(t, &task, name, value, time.Unix(c.Now, 0))
		}
		queue, text, err := task.message(c.TaskID, "<uuid>")
		if err != nil {
			t.Fatal(err)
		}
		var message map[string]any
		if err := json.Unmarshal(text, &message); err != nil {
			t.Fatal(err)
		}
		if queue != c.Want.Queue {
			t.Errorf("the list is %q, want %q", queue, c.Want.Queue)
		}
		if diff := cmp.Diff(c.Want.Body, bodyOf(t, message["body"])); diff != "" {
			t.Error(diff)
		}
		delete(message, "body")
		delete(c.Want.Message, "body")
		leaveOut(c.Want.Message)
		if diff := cmp.Diff(c.Want.Message, message); diff != "" {
			t.Error(diff)
		}
	})
}

// leaveOut removes what a worker does not need, and the page does not send.
func leaveOut(message map[string]any) {
	headers := message["headers"].(map[string]any)
	for _, name := range []string{"argsrepr", "kwargsrepr", "shadow", "ignore_result"} {
		delete(headers, name)
	}
	delete(message["properties"].(map[string]any), "reply_to")
}

func setOption(t *testing.T, task *Task, name string, value any, now time.Time) {
	t.Helper()
	switch name {
	case "queue":
		task.Queue = value.(string)
	case "priority":
		task.Priority = int(value.(float64))
	case "countdown":
		task.ETA = now.Add(time.Duration(value.(float64) * float64(time.Second)))
	case "eta":
		task.ETA = date(t, value, now)
	case "expires":
		task.Expires = date(t, value, now)
	case "time_limit":
		task.TimeLimit = time.Duration(value.(float64) * float64(time.Second))
	case "soft_time_limit":
		task.SoftTimeLimit = time.Duration(value.(float64) * float64(time.Second))
	default:
		t.Errorf("unknown option %s", name)
	}
}

// date reads a moment, or a number of seconds from now.
func date(t *testing.T, value any, now time.Time) time.Time {
	t.Helper()
	if number, ok := value.(float64); ok {
		return now.Add(time.Duration(number * float64(time.Second)))
	}
	moment, err := time.Parse(time.RFC3339Nano, value.(string))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func bodyOf(t *testing.T, value any) (body any) {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(value.(string))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestIDsAreUUIDs(t *testing.T) {
	first, second := newUUID(), newUUID()
	if len(first) != 36 || first[14] != '4' || first == second {
		t.Errorf("the ids are %s and %s", first, second)
	}
}
