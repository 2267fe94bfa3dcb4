#!/bin/sh
# A new installation is neither enabled nor started: the cards in the sample
# configuration are not the user's. An upgrade restarts a service that runs.
# dpkg says "configure" and the version that was there before; rpm says how many
# versions there are.
set -e

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart simcard_exporter.service
fi
case "$1,$2" in
  configure, | 1,)
    echo "List your cards in /etc/simcard_exporter/simcard.yml, then: systemctl enable --now simcard_exporter"
    ;;
esac
