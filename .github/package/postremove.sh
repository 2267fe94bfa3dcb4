#!/bin/sh
# dpkg's purge removes the saved answers. What the user put into
# /etc/simcard_exporter stays, and so does the user account, since other files may
# belong to it.
set -e

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
if [ "$1" = purge ]; then
  # With DynamicUser, systemd keeps them in "private", behind a symbolic link.
  rm -rf /var/lib/simcard_exporter /var/lib/private/simcard_exporter
fi
