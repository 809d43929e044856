#!/bin/sh
# Installs the JavaScript checkers (development only; nothing that ships is built with them).
set -eu
if ! command -v npm >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    else
        echo "The checks of JavaScript need Node. Install it with: sudo apt install nodejs npm" >&2
        exit 1
    fi
fi
# Not `npm ci`: it refuses a lock file in which optional platform builds are missing. Versions are exact.
npm install --no-save --silent --no-audit --no-fund
