#!/usr/bin/env bash
# granian 2.8.7: a worker that is stopped by SIGTERM runs no atexit handler. It serves in a process
# that multiprocessing has forked, which ends without the interpreter's exit functions; finalizers
# of multiprocessing itself do run. Whoever closes connections or writes a file in atexit, as under
# a server of one process, does it never.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q "granian==2.8.7"
cat > app.py <<'PY'
import atexit
from multiprocessing.util import Finalize
from pathlib import Path


def note(name):
    Path(name).write_text("ran\n")


atexit.register(note, "atexit.txt")
Finalize(None, note, args=("finalize.txt",), exitpriority=0)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
PY
port=$(python3 -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
venv/bin/granian --interface wsgi --host 127.0.0.1 --port "$port" --workers 1 app:application >server.txt 2>&1 &
server=$!
for _ in $(seq 100); do
  if python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/', timeout=1).read()" 2>/dev/null; then break; fi
  sleep 0.1
done
kill -TERM "$server"
wait "$server" || true
venv/bin/python -c "import granian; print('granian', granian.__version__)"
echo "atexit handler of the worker ran: $([ -e atexit.txt ] && echo yes || echo no)"
echo "multiprocessing finalizer ran:    $([ -e finalize.txt ] && echo yes || echo no)"
[ ! -e atexit.txt ] && [ -e finalize.txt ]
