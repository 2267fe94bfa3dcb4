#!/bin/sh
# dpkg says "remove", or "upgrade" with the new version; rpm says how many
# versions remain.
set -e

case "$1" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now simcard_exporter.service
    fi
    ;;
esac
