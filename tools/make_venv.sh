#!/bin/sh
# Makes the virtual environment, or says what is missing. Usage: make_venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Backplane needs Python 3.11 or newer; '$python' is not. Say which with: make PYTHON=python3.12 ..." >&2
    exit 1
fi
[ -x "$folder/bin/python" ] && exit 0
if ! "$python" -m venv "$folder" 2>/dev/null; then
    rm -rf "$folder"
    echo "'$python -m venv' failed. On Debian and Raspberry Pi OS: sudo apt install python3-venv" >&2
    exit 1
fi
