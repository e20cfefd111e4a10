package celery

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

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
	Now          *float64
	Want         celeryWant
}

type celeryWant struct {
	Queue   string
	Message map[string]any
	Body    any
}

func TestMessagesOfCelery(t *testing.T) {
	vectors.Each(t, "celery", func(t *testing.T, c celeryCase) {
		if c.Op != "send" {
			t.Fatalf("unknown op %q", c.Op)
		}
		task := Task{Name: c.Task, Args: c.Args, Kwargs: c.Kwargs}
		now := c.moment(t)
		for name, value := range c.Options {
			setOption(t, &task, name, value, now)
		}
		queue, text, err := task.message(c.TaskID, "<uuid>", now)
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
		inUTC(t, c.Want.Message["headers"].(map[string]any))
		if diff := cmp.Diff(c.Want.Message, message); diff != "" {
			t.Error(diff)
		}
	})
}

// moment is when Celery sent the message. A case that does not name it shows it by
// the dates of the message.
func (c celeryCase) moment(t *testing.T) time.Time {
	t.Helper()
	if c.Now != nil {
		return time.UnixMicro(int64(*c.Now * 1e6))
	}
	headers, properties := c.Want.Message["headers"].(map[string]any), c.Want.Message["properties"].(map[string]any)
	if delay, ok := c.Options["countdown"].(float64); ok && delay != 0 {
		return date(t, headers["eta"], time.Time{}).Add(-durationOf(delay))
	}
	if delay, ok := c.Options["expires"].(float64); ok {
		return date(t, headers["expires"], time.Time{}).Add(-durationOf(delay))
	}
	if left, ok := properties["expiration"].(string); ok {
		milliseconds, err := strconv.ParseFloat(left, 64)
		if err != nil {
			t.Fatal(err)
		}
		return date(t, headers["expires"], time.Time{}).Add(-durationOf(milliseconds / 1000))
	}
	return time.Time{}
}

func durationOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// inUTC writes the dates of a message as the page does. Celery keeps their offsets,
// and a date without one is in UTC for a worker.
func inUTC(t *testing.T, headers map[string]any) {
	t.Helper()
	for _, name := range []string{"eta", "expires"} {
		if headers[name] != nil {
			headers[name] = moment(date(t, headers[name], time.Time{}))
		}
	}
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
		task.Priority = int(number(t, value))
	case "countdown":
		if delay := number(t, value); delay != 0 {
			task.ETA = now.Add(durationOf(delay))
		}
	case "eta":
		task.ETA = date(t, value, now)
	case "expires":
		task.Expires = date(t, value, now)
	case "time_limit":
		task.TimeLimit = durationOf(number(t, value))
	case "soft_time_limit":
		task.SoftTimeLimit = durationOf(number(t, value))
	case "serializer":
		if value != "json" {
			t.Errorf("the page writes JSON, and not %v", value)
		}
	case "shadow", "ignore_result", "reply_to", "retry": // see leaveOut; Redis is asked once
	default:
		t.Errorf("unknown option %s", name)
	}
}

// date reads a moment, or a number of seconds from now. A typed value has it as "v".
func date(t *testing.T, value any, now time.Time) time.Time {
	t.Helper()
	switch value := value.(type) {
	case float64:
		return now.Add(durationOf(value))
	case map[string]any:
		return date(t, value["v"], now)
	case string:
		if naive, err := time.Parse("2006-01-02T15:04:05", value); err == nil {
			return naive
		}
		moment, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	t.Fatalf("%v is no date", value)
	return time.Time{}
}

// number reads seconds, or the seconds of a typed timedelta.
func number(t *testing.T, value any) float64 {
	t.Helper()
	if typed, ok := value.(map[string]any); ok {
		value = typed["v"]
	}
	number, ok := value.(float64)
	if !ok {
		t.Fatalf("%v is no number", value)
	}
	return number
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

// Celery gives a message that expires the milliseconds that it has left.
func TestExpiration(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]any{1500 * time.Millisecond: "1500", 1999 * time.Microsecond: "1", -time.Hour: "0"} {
		_, text, err := Task{Name: "tasks.add", Expires: now.Add(left)}.message("id", "tag", now)
		if err != nil {
			t.Fatal(err)
		}
		var message struct{ Properties map[string]any }
		if err := json.Unmarshal(text, &message); err != nil || message.Properties["expiration"] != want {
			t.Errorf("%v before it expires, the properties are %v, %v, want %v", left, message.Properties, err, want)
		}
	}
}

func TestIDsAreUUIDs(t *testing.T) {
	first, second := newUUID(), newUUID()
	if len(first) != 36 || first[14] != '4' || first == second {
		t.Errorf("the ids are %s and %s", first, second)
	}
}

// broker is as much of a Redis as a queue needs: lists, and values.
type broker struct {
	mutex  sync.Mutex
	lists  map[string][]string
	values map[string]string
}

func startBroker(t *testing.T) (*broker, *redis.Client) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	b := &broker{lists: map[string][]string{}, values: map[string]string{}}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			go b.serve(connection)
		}
	}()
	client := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), Protocol: 2})
	t.Cleanup(func() { client.Close() })
	return b, client
}

func (b *broker) serve(connection net.Conn) {
	defer connection.Close()
	for commands := bufio.NewReader(connection); ; {
		command, err := readCommand(commands)
		if err != nil {
			return // the client has gone away
		}
		io.WriteString(connection, b.answer(command))
	}
}

func (b *broker) answer(command []string) string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch strings.ToUpper(command[0]) {
	case "LPUSH":
		b.lists[command[1]] = append([]string{command[2]}, b.lists[command[1]]...)
		return fmt.Sprintf(":%d\r\n", len(b.lists[command[1]]))
	case "GET":
		if value, found := b.values[command[1]]; found {
			return fmt.Sprintf("$%d\r\n%s\r\n", len(value), value)
		}
		return "$-1\r\n"
	case "CLIENT":
		return "+OK\r\n"
	}
	return "-ERR unknown command\r\n"
}

// readCommand reads a list of strings in the protocol of Redis.
func readCommand(from *bufio.Reader) (command []string, err error) {
	count, err := readNumber(from)
	for range count {
		size, err := readNumber(from)
		if err != nil {
			return nil, err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(from, word); err != nil {
			return nil, err
		}
		command = append(command, string(word[:size]))
	}
	return command, err
}

func readNumber(from *bufio.Reader) (int, error) {
	line, err := from.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

func TestSendAndResult(t *testing.T) {
	broker, client := startBroker(t)
	celery := &Celery{Redis: client}
	id, err := celery.Send(t.Context(), Task{Name: "tasks.add", Args: []any{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	var message struct{ Headers struct{ ID, Task string } }
	broker.mutex.Lock()
	queued := broker.lists["celery"][0]
	broker.mutex.Unlock()
	if err := json.Unmarshal([]byte(queued), &message); err != nil || message.Headers.ID != id || message.Headers.Task != "tasks.add" {
		t.Errorf("the queue has %q, %v", queued, err)
	}

	sum := 0
	if state, err := celery.Result(t.Context(), id, &sum); state != "PENDING" || err != nil {
		t.Errorf("before the worker the state is %s, %v", state, err)
	}
	for _, test := range []struct {
		stored, state string
		sum           int
	}{
		{`{"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["no"]}}`, "FAILURE", 0},
		{`{"status": "SUCCESS", "result": 3, "traceback": null, "children": []}`, "SUCCESS", 3},
	} {
		broker.mutex.Lock()
		broker.values["celery-task-meta-"+id] = test.stored
		broker.mutex.Unlock()
		if state, err := celery.Result(t.Context(), id, &sum); state != test.state || sum != test.sum || err != nil {
			t.Errorf("of %s the state is %s, the sum %d, %v", test.stored, state, sum, err)
		}
	}
}
