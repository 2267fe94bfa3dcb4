#!/bin/sh
# The user exists before the files do: its group may read the configuration.
set -e

if ! getent passwd simcard_exporter >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin simcard_exporter
fi
