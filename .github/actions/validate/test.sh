#!/usr/bin/env bash
# Runs the action's script as a runner would, in somebody else's repository: with
# a receiver in a folder of its own, another Go module, files with blanks in their
# names. Needs python3 for the receiver.
set -euo pipefail
action=$(cd "$(dirname "$0")" && pwd)
command -v python3 >/dev/null || { echo "left out: python3 is not on this machine" && exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=$work/foreign/callbacks
mkdir -p "$repository/suites"
cd "$repository"
git init -q "$work/foreign"
printf 'module example.com/foreign\n\ngo 1.20\n' >go.mod
cat >receiver.py <<'PY'
import http.server, sys

class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        reply = b'{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
PY
for name in "suites/a friend.yaml" "suites/another.yaml"; do
  printf 'cases: [{name: "a friend, %s", send: beforeAddFriend, expect: proceed}]\n' "$name" >"$name"
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

export GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary.md REPORTS="the reports"
bash "$action/run.sh" key
BIN=$work/imcb-$(sed -n 's/^key=//p' "$work/output")/imcb
export BIN
bash "$action/run.sh" build
export IMCB_EXEC="exec python3 receiver.py $port" IMCB_URL=http://127.0.0.1:$port/callback

check() { # TITLE WANTED-CODE ARGS TEXT
  local code=0
  rm -f "$GITHUB_STEP_SUMMARY"
  ARGS=$3 bash "$action/run.sh" >"$work/log" 2>&1 || code=$?
  if [ "$code" != "$2" ] || ! { cat "$work/log" "$GITHUB_STEP_SUMMARY" 2>/dev/null || true; } | grep -qF "$4"; then
    echo "$1: exit $code, want $2 and $4" >&2
    cat "$work/log" >&2
    exit 1
  fi
  echo "$1: ok"
}
check "callbacks" 0 "beforeAddFriend" "keeps the contract"
check "the job's summary" 0 "beforeAddFriend" "## imcb: 1 callback"
check "a pattern" 0 "suites/*.yaml" "2 checks keep the contract"
check "quotes" 0 "'suites/a friend.yaml' --only \"a friend, suites\"" "1 check keeps the contract"
check "a pattern in quotes stays" 2 "'suites/*.yaml'" "suites/*.yaml"
check "nothing is run" 2 '$(touch ran)' 'imcb:'
check "a quote without an end" 2 "'suites" "a quote has no end"
for file in junit.xml imcb.sarif imcb.html imcb.json; do [ -s "the reports/$file" ]; done
[ ! -e ran ]
