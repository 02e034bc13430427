package inspector

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// metrics answers in Prometheus' text format. Its labels come from the catalog
// and other fixed lists: requests can't make new ones.
func (i *Inspector) metrics(w http.ResponseWriter, _ *http.Request) {
	version := i.opts.About.Version
	var b bytes.Buffer
	i.mu.Lock()
	i.counts.write(&b)
	family(&b, "imcb_kept_requests", "gauge", "Requests in memory.")
	sample(&b, "imcb_kept_requests", "", len(i.store.entries))
	family(&b, "imcb_kept_bytes", "gauge", "Memory that the requests take, about.")
	sample(&b, "imcb_kept_bytes", "", i.store.bytes)
	family(&b, "imcb_dropped_requests_total", "counter", "Requests that were dropped from memory for newer ones.")
	sample(&b, "imcb_dropped_requests_total", "", i.store.dropped)
	i.mu.Unlock()
	family(&b, "imcb_waiting_clients", "gauge", "Clients that wait or listen to events.")
	sample(&b, "imcb_waiting_clients", "", len(i.waiting))
	family(&b, "imcb_info", "gauge", "What runs here; always 1.")
	sample(&b, "imcb_info", label("version", version)+","+label("server", i.opts.Server), 1)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func family(b *bytes.Buffer, name, kind, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample writes one value; labels may be empty.
func sample(b *bytes.Buffer, name, labels string, value any) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(b, "%s%s %v\n", name, labels, value)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func label(name string, value any) string {
	return name + `="` + labelEscapes.Replace(strings.ToValidUTF8(fmt.Sprint(value), "\ufffd")) + `"`
}

// write writes what was counted since the start.
func (c *counts) write(b *bytes.Buffer) {
	family(b, "imcb_requests_total", "counter", "Requests by callback, and by what OpenIM does after the reply.")
	for _, key := range slices.Sorted(maps.Keys(c.tallies)) {
		for _, outcome := range outcomes {
			if n := c.tallies[key].byOutcome[outcome]; n > 0 {
				sample(b, "imcb_requests_total", label("callback", key)+","+label("outcome", outcome), n)
			}
		}
	}
	writeSeverities(b, "imcb_request_differences_total", "Findings about requests, which differ from what OpenIM sends.", c.differs)
	writeSeverities(b, "imcb_findings_total", "Findings about replies.", c.findings)
	family(b, "imcb_reply_duration_seconds", "histogram", "Time from the request's arrival to the end of the reply.")
	total := 0
	for n, count := range c.buckets {
		total += count
		bound := "+Inf"
		if n < len(latencies) {
			bound = strconv.FormatFloat(latencies[n].Seconds(), 'g', -1, 64)
		}
		sample(b, "imcb_reply_duration_seconds_bucket", label("le", bound), total)
	}
	sample(b, "imcb_reply_duration_seconds_sum", "", c.elapsed.Seconds())
	sample(b, "imcb_reply_duration_seconds_count", "", total)
}

func writeSeverities(b *bytes.Buffer, name, help string, counts map[validate.Severity]int) {
	family(b, name, "counter", help)
	for _, s := range severities {
		sample(b, name, label("severity", s), counts[s])
	}
}
