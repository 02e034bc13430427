package simulator

import (
	"net"
	"net/http"
	"sync"
)

// unusedConns are the connections whose first request has not come yet: a
// browser opens some in advance. A server that shuts down would wait for them.
type unusedConns struct {
	mu  sync.Mutex
	all map[net.Conn]struct{}
}

// note is an http.Server's ConnState.
func (u *unusedConns) note(c net.Conn, state http.ConnState) {
	if state == http.StateIdle {
		return // it was active before
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.all, c)
		return
	}
	if u.all == nil {
		u.all = make(map[net.Conn]struct{})
	}
	u.all[c] = struct{}{}
}

func (u *unusedConns) closeAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.all {
		go c.Close() // with TLS it waits for who holds the connection
	}
}
