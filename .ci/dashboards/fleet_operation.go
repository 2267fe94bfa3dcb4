package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// The limits of the alerts.
const (
	old     = 36 * 3600 // seconds since an answer
	unsaved = 1800      // seconds since the answers were saved
)

// platform is about the requests to the platform: what they cost, whether they
// are answered, and how old the answers are.
func platform(b *board) {
	perMinute := func(of, metric string) string {
		return fmt.Sprintf(`60 * sum%s (rate(%s[$__rate_interval]))`, of, metric)
	}
	quantile := func(q, name string) query {
		const rate = `rate(simcard_exporter_request_duration_seconds%s[$__rate_interval])`
		return query{
			// Prometheus has the histogram in one form or the other.
			expr: fmt.Sprintf(`histogram_quantile(%[1]s, sum by (live, le) (%[2]s)) or histogram_quantile(%[1]s, sum by (live) (%[3]s))`,
				q, fmt.Sprintf(rate, "_bucket"), fmt.Sprintf(rate, "")),
			name: name,
		}
	}
	b.line(8,
		panel{
			title: "Requests", width: 8, unit: units.RequestsPerMinute, empty: notScraped,
			about:   "Requests to the platform per minute, by group. Nothing is asked for that is younger than max_age.",
			view:    graph{},
			queries: []query{{expr: perMinute(" by (group)", `simcard_group_requests_total{group=~"$group"}`), name: "{{group}}"}},
		},
		panel{
			title: "Age of answers", width: 8, unit: units.Seconds, empty: "No group has an answer",
			about:   "How old the oldest answer of each group is. It climbs to max_age and falls. If it climbs on, the platform does not answer; old answers are served until max_age and stale_if_error together are over.",
			view:    graph{},
			queries: []query{{expr: `time() - min by (group) (simcard_group_oldest_answer_timestamp_seconds{group=~"$group"})`, name: "{{group}}"}},
		},
		panel{
			title: "Batches without an answer", width: 8, unit: units.NoUnit, empty: notScraped,
			about:   "Batches whose last request failed, or of which some card has no answer. 0 is normal; after a start it falls to 0.",
			view:    graph{},
			queries: []query{{expr: `sum by (group) (simcard_group_batches_failed{group=~"$group"})`, name: "{{group}}"}},
		})
	b.line(8,
		panel{
			title: "Failures by reason", width: 8, unit: units.CountsPerMinute, empty: notScraped,
			about: "Failed requests per minute. connect: no connection; timeout: no complete answer in time; http_5xx, http_4xx, throttled: the platform's status; rejected: it refused the batch; decode: not the JSON that it documents; too_large: more than 1 MiB.",
			view:  graph{},
			queries: []query{
				{expr: perMinute(" by (reason)", "simcard_exporter_request_failures_total"), name: "{{reason}}"},
				{expr: perMinute("", "simcard_exporter_request_retries_total"), name: "retries"},
				{expr: perMinute("", "simcard_exporter_batch_splits_total"), name: "batches split"},
			},
		},
		panel{
			title: "Time for a request", width: 8, unit: units.Seconds, empty: "No request in this time",
			about: "50 %, 95 % and 99 % of the requests were faster than this, by whether live data was asked for. Requests that take longer than a scrape may go on in the background, and the next scrape has their answers.",
			view:  graph{}, queries: []query{quantile("0.5", "50 %, live={{live}}"), quantile("0.95", "95 %, live={{live}}"), quantile("0.99", "99 %, live={{live}}")},
		},
		panel{
			title: "What could not be read", width: 8, unit: units.CountsPerMinute, empty: notScraped,
			about: "Fields of answers that were missing, empty or unreadable, per minute; they have no series instead of a wrong value. A card that was never activated has neither activation nor expiry.",
			view:  graph{},
			queries: []query{
				{expr: perMinute(" by (field)", "simcard_exporter_invalid_fields_total"), name: "{{field}}"},
				{expr: perMinute("", "simcard_exporter_unexpected_cards_total"), name: "cards that nobody asked for"},
			},
		})
}

// exporter is about the exporter's instances.
func exporter(b *board) {
	const job = `{job=~"simcard.*"}`
	tile := func(title, about, unit, expr string, n number) panel {
		return panel{
			title: title, about: about, unit: unit, width: 4, empty: "not known", view: n, queries: []query{{expr: expr}},
		}
	}
	alerts := tile("Alerts", "How many different alerts of the rules are firing now.",
		units.NoUnit, `count(count by (alertname) (ALERTS{alertname=~"Simcard.*", alertstate="firing"}))`, number{steps: from(green, at(1, orange))})
	alerts.empty = "none"
	saved := tile("Answers saved", "How long ago the answers were last saved, so that they survive a restart. Red from half an hour on, as in the alert SimcardPersistenceFailing.",
		units.Seconds, `time() - min(simcard_exporter_persistence_last_save_success_timestamp_seconds > 0)`, number{steps: from(plain, at(unsaved, red))})
	saved.empty = "Never: no --persistence.file"
	b.line(4,
		tile("Platform", "Whether the platform answers, live and otherwise. After 10 failures in a row and two control requests that fail as well, the exporter only probes it until it answers again.",
			units.NoUnit, `min(simcard_exporter_platform_available)`, number{values: []named{{"1", "answers", green}, {"0", "does not answer", red}}}),
		tile("Groups that are not whole", "Groups with simcard_up 0: the last request for some batch failed, or some card has no answer yet.",
			units.NoUnit, `sum(min by (group) (simcard_up{group=~"$group"}) == bool 0)`, number{steps: noneIsGood(orange)}),
		tile("Shards missing", "Shards that should be there less those that are. Nobody asks for the cards of a missing shard. One instance without shards is 1 of 1.",
			units.NoUnit, `max(simcard_exporter_shards) - count(count_values("shard", simcard_exporter_shard_index))`, number{steps: noneIsGood(red)}),
		tile("Configuration", "Of the worst instance. If the last reload found mistakes, the configuration before it is still in use; POST to /-/reload prints the mistakes.",
			units.NoUnit, `min(simcard_exporter_config_last_reload_successful)`, number{values: []named{{"1", "loaded", green}, {"0", "last reload failed", red}}}),
		saved, alerts)
	b.line(8,
		panel{
			title: "Instances", width: 16, unit: units.NoUnit, empty: "No job begins with simcard",
			about: "Every target of the jobs whose name begins with simcard. A job that scrapes one group only has no figures of the process.",
			view:  table{labels: []column{{label: "job", heading: "Job"}, {label: "instance", heading: "Instance"}}},
			queries: []query{
				{expr: `max by (job, instance) (up` + job + `)`, name: "target", cell: cell{values: []named{{"1", "up", green}, {"0", "down", red}}}},
				{expr: `max by (job, instance) (simcard_exporter_shard_index` + job + `)`, name: "shard"},
				{expr: `sum by (job, instance) (simcard_group_cards` + job + `)`, name: "cards"},
				{expr: `max by (job, instance) (time() - process_start_time_seconds` + job + `)`, name: "running for", cell: cell{unit: units.Seconds}},
				{expr: `max by (job, instance) (process_resident_memory_bytes` + job + `)`, name: "memory", cell: cell{unit: units.BytesIEC}},
				{expr: `max by (job, instance) (rate(process_cpu_seconds_total` + job + `[$__rate_interval]))`, name: "CPU cores", cell: cell{unit: units.Short}},
			},
		},
		panel{
			title: "Duration of scrapes", width: 8, unit: units.Seconds, empty: "No job begins with simcard",
			about:   "How long Prometheus waited. Near the scrape timeout, answers arrive one scrape late.",
			view:    graph{},
			queries: []query{{expr: `max by (job, instance) (scrape_duration_seconds` + job + `)`, name: "{{job}} {{instance}}"}},
		})
}
