#!/bin/sh
# What the user put into /etc/simcard_exporter stays, and so does the user
# account, since other files may belong to it.
set -e

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
