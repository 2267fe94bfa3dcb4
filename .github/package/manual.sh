#!/usr/bin/env bash
# Writes into a folder what the program itself says of its flags: a manual page, and the
# completions of bash and zsh.
set -euo pipefail
folder=$1
mkdir -p "$folder"
program=$(mktemp)
trap 'rm "$program"' EXIT
go build -o "$program" .

# The heading that kingpin writes has the whole text of --version in it, and the name no
# explanation, without which "man -k" does not find the page. -n: no time, the same bytes
# each time.
"$program" --help-man |
  sed -e '1,/ ""$/c .TH SIMCARD_EXPORTER 1' \
    -e 's/^simcard_exporter$/& \\- Prometheus exporter for the SIM cards of payment terminals/' |
  gzip -n9 >"$folder/simcard_exporter.1.gz"
"$program" --completion-script-bash >"$folder/simcard_exporter.bash"
"$program" --completion-script-zsh >"$folder/_simcard_exporter"
