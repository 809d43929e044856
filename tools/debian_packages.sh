#!/bin/sh
# Sees that what the tests take from Debian is there, and installs it where it may:
# a real Chromium, umockdev (USB adapters that come and go), udev (reads the rules of deploy/),
# ser2net (a serial line behind TCP).
set -eu
PATH=$PATH:/usr/sbin # where Debian keeps ser2net
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need chromium "chromium fonts-dejavu-core"
need umockdev-wrapper umockdev
need udevadm udev
need ser2net ser2net
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the tests ..."
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    # Debian starts ser2net as a service; here it is a program that tests start themselves.
    if command -v systemctl >/dev/null 2>&1; then systemctl disable --now ser2net >/dev/null 2>&1 || true; fi
    exit 0
fi
echo "The tests need some programs. Install them with: sudo apt install$missing" >&2
exit 1
