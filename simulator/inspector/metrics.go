package inspector

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// metrics answers in Prometheus' text format. Its labels come from the catalog
// and other fixed lists: requests can't make new ones.
func (i *Inspector) metrics(w http.ResponseWriter, _ *http.Request) {
	version := i.opts.About().Version
	var b bytes.Buffer
	i.mu.Lock()
	i.counts.write(&b)
	family(&b, "imcb_kept_requests", "gauge", "Requests in memory.")
	fmt.Fprintf(&b, "imcb_kept_requests %d\n", i.store.kept)
	family(&b, "imcb_kept_bytes", "gauge", "Memory that the requests take, about.")
	fmt.Fprintf(&b, "imcb_kept_bytes %d\n", i.store.bytes)
	family(&b, "imcb_dropped_requests_total", "counter", "Requests that were dropped from memory for newer ones.")
	fmt.Fprintf(&b, "imcb_dropped_requests_total %d\n", i.store.dropped)
	i.mu.Unlock()
	family(&b, "imcb_waiting_clients", "gauge", "Clients that wait or listen to events.")
	fmt.Fprintf(&b, "imcb_waiting_clients %d\n", len(i.waiting))
	family(&b, "imcb_info", "gauge", "What runs here; always 1.")
	fmt.Fprintf(&b, "imcb_info{version=\"%s\",server=\"%s\"} 1\n", label(version), label(i.opts.Server.String()))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func family(b *bytes.Buffer, name, kind, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// label escapes a label's value.
func label(s string) string { return labelEscapes.Replace(strings.ToValidUTF8(s, "\ufffd")) }

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// write writes what was counted since the start.
func (c *counts) write(b *bytes.Buffer) {
	family(b, "imcb_requests_total", "counter", "Requests by callback, and by what OpenIM does after the reply.")
	for _, key := range slices.Sorted(maps.Keys(c.tallies)) {
		for n, count := range c.tallies[key].byOutcome {
			if count > 0 {
				fmt.Fprintf(b, "imcb_requests_total{callback=\"%s\",outcome=\"%s\"} %d\n", label(key), outcomes[n], count)
			}
		}
	}
	family(b, "imcb_request_differences_total", "counter", "Findings about requests, which differ from what OpenIM sends.")
	writeSeverities(b, "imcb_request_differences_total", &c.differs)
	family(b, "imcb_findings_total", "counter", "Findings about replies.")
	writeSeverities(b, "imcb_findings_total", &c.findings)
	family(b, "imcb_reply_duration_seconds", "histogram", "Time from the request's arrival to the end of the reply.")
	total := uint64(0)
	for n, count := range c.buckets {
		total += count
		bound := "+Inf"
		if n < len(latencies) {
			bound = strconv.FormatFloat(latencies[n].Seconds(), 'g', -1, 64)
		}
		fmt.Fprintf(b, "imcb_reply_duration_seconds_bucket{le=\"%s\"} %d\n", bound, total)
	}
	fmt.Fprintf(b, "imcb_reply_duration_seconds_sum %g\nimcb_reply_duration_seconds_count %d\n", c.elapsed.Seconds(), total)
}

func writeSeverities(b *bytes.Buffer, name string, counts *[len(severities)]uint64) {
	for n, count := range counts {
		fmt.Fprintf(b, "%s{severity=\"%s\"} %d\n", name, severities[n], count)
	}
}
