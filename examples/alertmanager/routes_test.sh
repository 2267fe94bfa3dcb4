#!/bin/sh
# Whether each alert of routes_test.txt goes where it says. Needs amtool.
set -eu
cd "$(dirname "$0")"
failed=0
while read -r line; do
	case $line in '' | '#'*) continue ;; esac
	labels=${line% => *}
	# shellcheck disable=SC2086 # each label is an argument
	amtool config routes test --config.file=alertmanager.yml --verify.receivers="${line##* => }" $labels >/dev/null || {
		echo "not so: $line" >&2
		failed=1
	}
done <routes_test.txt
exit "$failed"
