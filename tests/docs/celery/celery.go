// Package celery starts tasks of Celery: workers in Python take them from Redis.
package celery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/decant-go/decant"
	"github.com/redis/go-redis/v9"
)

// Celery puts tasks into the queues of workers whose broker is a Redis.
type Celery struct{ Redis redis.UniversalClient }

// Task is a call of a task: Celery's send_task(name, args, kwargs, …).
type Task struct {
	Name     string // such as "tasks.add"
	Args     []any
	Kwargs   map[string]any
	Queue    string    // "" is "celery"
	Priority int       // 0 to 9, 0 is the first
	ETA      time.Time // not before this moment; zero is at once
	Expires  time.Time // not after this moment; zero is never

	TimeLimit, SoftTimeLimit time.Duration // zero is the worker's
}

// Send puts a task into its queue and returns its id.
func (c *Celery) Send(ctx context.Context, task Task) (id string, err error) {
	id = newUUID()
	queue, message, err := task.message(id, newUUID(), time.Now())
	if err != nil {
		return "", err
	}
	return id, c.Redis.LPush(ctx, queue, message).Err()
}

// Result returns the state of a task, and reads what it returned if that is
// "SUCCESS". The state is "PENDING" until a worker has stored a result.
func (c *Celery) Result(ctx context.Context, id string, into any) (state string, err error) {
	text, err := c.Redis.Get(ctx, "celery-task-meta-"+id).Bytes()
	if errors.Is(err, redis.Nil) {
		return "PENDING", nil
	}
	if err != nil {
		return "", err
	}
	var stored struct {
		Status string          `json:"status"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(text, &stored); err != nil || stored.Status != "SUCCESS" {
		return stored.Status, err
	}
	return stored.Status, json.Unmarshal(stored.Result, into)
}

// message makes the list of Redis that a worker reads, and what stands in it.
func (t Task) message(id, tag string, now time.Time) (queue string, message []byte, err error) {
	queue = t.Queue
	if queue == "" {
		queue = "celery"
	}
	body, err := json.Marshal([]any{notNil(t.Args), notNilMap(t.Kwargs), decant.H{"callbacks": nil, "errbacks": nil, "chain": nil, "chord": nil}})
	if err != nil {
		return "", nil, fmt.Errorf("celery: the arguments of %s: %w", t.Name, err)
	}
	properties := decant.H{
		"correlation_id": id, "delivery_mode": 2, "delivery_tag": tag, "body_encoding": "base64",
		"priority": t.Priority, "delivery_info": decant.H{"exchange": "", "routing_key": queue},
	}
	if !t.Expires.IsZero() {
		properties["expiration"] = strconv.FormatInt(max(t.Expires.Sub(now).Milliseconds(), 0), 10)
	}
	message, err = json.Marshal(decant.H{
		"body":             body, // []byte is base64
		"content-encoding": "utf-8",
		"content-type":     "application/json",
		"headers": decant.H{
			"lang": "py", "task": t.Name, "id": id, "root_id": id, "parent_id": nil, "group": nil, "group_index": nil,
			"retries": 0, "eta": moment(t.ETA), "expires": moment(t.Expires), "timelimit": []any{seconds(t.TimeLimit), seconds(t.SoftTimeLimit)},
		},
		"properties": properties,
	})
	return listOf(queue, t.Priority), message, err
}

// listOf is the list of Redis for a priority. There are four of them: 0, 3, 6, 9.
func listOf(queue string, priority int) string {
	if step := min(priority, 9) / 3 * 3; step > 0 {
		return fmt.Sprintf("%s\x06\x16%d", queue, step)
	}
	return queue
}

// moment is a date as Python's isoformat writes it.
func moment(date time.Time) any {
	switch {
	case date.IsZero():
		return nil
	case date.Nanosecond() >= 1000:
		return date.UTC().Format("2006-01-02T15:04:05.000000-07:00")
	}
	return date.UTC().Format("2006-01-02T15:04:05-07:00")
}

func seconds(limit time.Duration) any {
	if limit == 0 {
		return nil
	}
	return limit.Seconds()
}

// notNil and notNilMap keep null out of the JSON: a worker wants [] and {}.
func notNil(args []any) []any { return append([]any{}, args...) }

func notNilMap(kwargs map[string]any) map[string]any {
	if kwargs == nil {
		return map[string]any{}
	}
	return kwargs
}

func newUUID() string {
	var id decant.UUID
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}
