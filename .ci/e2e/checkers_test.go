//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

const (
	prometheusFile   = examples + "prometheus/prometheus.yml"
	rulesFile        = examples + "prometheus/rules/simcard.rules.yml"
	chineseRulesFile = examples + "prometheus/rules/zh-CN/simcard.rules.yml"
	watchdogFile     = examples + "prometheus/rules/watchdog.rules.yml"
	alertmanagerFile = examples + "alertmanager/alertmanager.yml"
	robotsFile       = examples + "alertmanager/robots.tmpl"
)

// TestCheckers runs promtool and amtool on the examples as they are.
func TestCheckers(t *testing.T) {
	runWith(t, "", "promtool", "check", "config", prometheusFile)
	runWith(t, "", "promtool", "check", "rules", "--lint=all", "--lint-fatal", rulesFile, chineseRulesFile, watchdogFile)
	tests, err := filepath.Glob(examples + "prometheus/rules/tests/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no rule tests: %v", err)
	}
	tests = append(tests, examples+"prometheus/rules/zh-CN/tests/texts.test.yml")
	runWith(t, "", "promtool", append([]string{"test", "rules"}, tests...)...)
	runWith(t, "", "amtool", "check-config", alertmanagerFile)
	for _, robot := range robotNames {
		runWith(t, "", "amtool", "template", "render", "--template.glob="+robotsFile,
			`--template.text={{ template "simcard.`+robot+`" . }}`)
	}
}

// TestRoutes checks that Alertmanager routes each alert to the right receiver.
func TestRoutes(t *testing.T) {
	for _, test := range []struct{ labels, receiver string }{
		{labels: "alertname=SimcardSuspended severity=critical group=terminals", receiver: "pager"},
		{labels: "alertname=SimcardExpired severity=critical group=terminals", receiver: "pager"},
		{labels: "alertname=SimcardGone severity=critical group=terminals", receiver: "pager"},
		{labels: "alertname=SimcardExpiresInThreeDays severity=critical group=terminals problem=expiring", receiver: "pager"},
		{labels: "alertname=SimcardExpiresSoon severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardOutOfData severity=critical group=live", receiver: "pager"},
		{labels: "alertname=SimcardDataLow severity=warning group=live", receiver: "tickets"},
		{labels: "alertname=SimcardDataRunsOut severity=warning group=live", receiver: "tickets"},
		{labels: "alertname=SimcardUnknown severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardMoved severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardRefused severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardTerminalSilent severity=warning group=terminals problem=silent", receiver: "tickets"},
		{labels: "alertname=SimcardManyCards severity=critical group=terminals problem=suspended", receiver: "pager"},
		{labels: "alertname=SimcardManyCards severity=warning group=terminals problem=expiring", receiver: "tickets"},
		{labels: "alertname=SimcardPlatformDown severity=critical group=terminals", receiver: "pager"},
		{labels: "alertname=SimcardPlatformIncomplete severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardDataTooOld severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardDataFrozen severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardLabelCollision severity=critical job=simcard", receiver: "pager"},
		{labels: "alertname=SimcardExporterDown severity=critical job=simcard", receiver: "pager"},
		{labels: "alertname=SimcardNoMetrics severity=critical job=simcard", receiver: "pager"},
		{labels: "alertname=SimcardCardsVanished severity=critical group=terminals", receiver: "pager"},
		{labels: "alertname=SimcardRowsInvalid severity=warning group=terminals", receiver: "tickets"},
		{labels: "alertname=SimcardConfigReloadFailed severity=warning job=simcard", receiver: "tickets"},
		{labels: "alertname=SimcardPersistenceFailing severity=warning job=simcard", receiver: "tickets"},
		{labels: "alertname=SimcardShardMissing severity=critical job=simcard", receiver: "pager"},
		{labels: "alertname=Watchdog severity=none", receiver: "heartbeat,tickets"},
		{labels: "alertname=SomethingElse", receiver: "tickets"},
	} {
		args := []string{"config", "routes", "test", "--config.file=" + alertmanagerFile, "--verify.receivers=" + test.receiver}
		runWith(t, "", "amtool", append(args, strings.Fields(test.labels)...)...)
	}
}
