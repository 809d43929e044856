#!/bin/sh
# Runs a command beside a PostgreSQL of its own, in a temporary folder and on a free port, named in DATABASE_URL.
# Usage: with_postgresql.sh COMMAND ...
set -eu
find_bin() { find /usr/lib/postgresql -name initdb -path '*/bin/*' 2>/dev/null | sort -V | tail -n 1; }
initdb=$(command -v initdb || find_bin)
if [ -z "$initdb" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing postgresql ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    initdb=$(find_bin)
fi
if [ -z "$initdb" ]; then
    echo "PostgreSQL is not there. Install it with: sudo apt install postgresql" >&2
    exit 1
fi
bin=$(dirname "$(readlink -f "$initdb")")
folder=$(mktemp -d /tmp/backplane-postgresql.XXXXXX)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as=
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL does not run as root
    chown postgres "$folder"
    as="runuser -u postgres --"
fi
stop() {
    # shellcheck disable=SC2086 # a list of words
    $as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2086 # a list of words
(cd "$folder" && $as "$bin/initdb" -D data -U backplane -A trust -E UTF8 --no-sync >log &&
    $as "$bin/pg_ctl" -D data -w -l server.log \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off" start >/dev/null) ||
    { cat "$folder"/*log >&2; exit 1; }
"$bin/createdb" -h 127.0.0.1 -p "$port" -U backplane backplane
DATABASE_URL="postgres://backplane@127.0.0.1:$port/backplane" "$@"
