#!/bin/sh
# Make sure that the browser tests find a Chromium: one that is there already, else
# Debian's package where we may install it, else playwright's own.
set -eu
for name in "${PATROLPLAN_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null
else
    "$1/playwright" install chromium
fi
