#!/bin/sh
# Prints a PrometheusRule with the groups of a file of rules. After a change:
#
#   ./prometheusrule.sh ../../prometheus/rules/simcard.rules.yml >prometheusrule.yaml
set -eu

cat <<'HEADER'
# Made by prometheusrule.sh. Prometheus must select this namespace and these labels
# (ruleNamespaceSelector, ruleSelector).
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: simcard-exporter
  labels:
    app.kubernetes.io/name: simcard-exporter
spec:
HEADER
sed 's/^./  &/' "$1"
