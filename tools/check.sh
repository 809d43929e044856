#!/bin/sh
# The gate: every static check, in order of cost. Stops at the first that fails.
set -eu
bin=${VENV_BIN:-.venv/bin}
step() { echo "check: $*"; }

step ruff; "$bin/ruff" check --quiet .; "$bin/ruff" format --check --quiet .
step import-linter; "$bin/lint-imports" --no-cache >/tmp/backplane-imports.$$ 2>&1 || { cat /tmp/backplane-imports.$$; rm -f /tmp/backplane-imports.$$; exit 1; }
rm -f /tmp/backplane-imports.$$
step mypy; "$bin/mypy" --no-error-summary manage.py backplane tests benchmarks tools
step pyright; "$bin/pyright" --project firmware/pyrightconfig.json >/tmp/backplane-pyright.$$ 2>&1 || { cat /tmp/backplane-pyright.$$; rm -f /tmp/backplane-pyright.$$; exit 1; }
rm -f /tmp/backplane-pyright.$$
step tsc; node_modules/.bin/tsc --project static/js/tsconfig.json
step biome; node_modules/.bin/biome check --error-on-warnings static/js tests/js
step templates; "$bin/djade" --check --target-version 5.2 $(git ls-files 'templates/*.html')
"$bin/djlint" --quiet --lint templates
if git grep -nE '\|safe\b|mark_safe|autoescape off' -- templates backplane; then
    echo "No |safe and no mark_safe: everything on a page is escaped." >&2; exit 1
fi
if git grep -nE 'innerHTML|insertAdjacentHTML|outerHTML' -- static/js; then
    echo "No HTML from strings in JavaScript: build with templates and textContent." >&2; exit 1
fi
if git grep -nE '\.update\(.*\bstate=|\.state = ' -- backplane ':!backplane/slots/services*' ':!backplane/swaps/services*' ':!backplane/slots/models*' ':!backplane/firmware_link' ':!backplane/inventory/store.py' ':!backplane/inventory/sync.py'; then
    echo "States change only in slots.services and swaps.services." >&2; exit 1
fi
step django; DATA_DIR=$(mktemp -d) PUBLIC_URL=https://rack.example.org "$bin/python" manage.py check --deploy --fail-level WARNING
DATA_DIR=$(mktemp -d) "$bin/python" manage.py makemigrations --check --dry-run
step done
