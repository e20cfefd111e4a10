package serversession

import (
	"container/heap"
	"sync"
	"time"
)

// Memory is a [Store] in the memory of one process, whose end is the end of all
// sessions. It is for tests, for trying things out and for small applications.
// It needs no closing: what has expired is removed when something is written.
// Its methods may be called by several goroutines at once.
type Memory struct {
	mutex   sync.Mutex
	entries map[string]*entry
	queue   queue // of the same entries
}

type entry struct {
	token  string
	data   []byte
	expiry time.Time
	place  int // in the queue
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{entries: map[string]*entry{}} }

// Find returns what was committed, unless it has expired. The bytes must not be
// changed.
func (m *Memory) Find(token string) (data []byte, found bool, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	e := m.entries[token]
	if e == nil || !time.Now().Before(e.expiry) {
		return nil, false, nil
	}
	return e.data, true, nil
}

// Commit keeps data, which must not be changed afterwards, until the expiry.
func (m *Memory) Commit(token string, data []byte, expiry time.Time) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.removeExpired()
	m.remove(m.entries[token])
	e := &entry{token: token, data: data, expiry: expiry}
	m.entries[token] = e
	heap.Push(&m.queue, e)
	return nil
}

// Delete removes what was committed, if anything was.
func (m *Memory) Delete(token string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.remove(m.entries[token])
	return nil
}

func (m *Memory) removeExpired() {
	for now := time.Now(); len(m.queue) > 0 && !now.Before(m.queue[0].expiry); {
		m.remove(m.queue[0])
	}
}

func (m *Memory) remove(e *entry) {
	if e == nil {
		return
	}
	delete(m.entries, e.token)
	heap.Remove(&m.queue, e.place)
}

// queue is a heap of entries, the one that expires first on top.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].expiry.Before(q[j].expiry) }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *queue) Push(x any) {
	e := x.(*entry)
	e.place = len(*q)
	*q = append(*q, e)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return e
}
