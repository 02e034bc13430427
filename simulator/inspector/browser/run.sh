#!/usr/bin/env bash
# Uses the inspector page in a real browser. Needs Go, Node, Chromium (or Chrome)
# and a network that reaches the npm registry. $CHROMIUM names the browser.
set -euo pipefail
cd "$(dirname "$0")"

find_browser() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return
  done
}
CHROMIUM=${CHROMIUM:-$(find_browser || true)}
if [ -z "$CHROMIUM" ]; then
  echo "left out: no chromium on the path, and CHROMIUM is not set"
  exit 0
fi
export CHROMIUM

work=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT

go build -o "$work/imcb" ../../../cmd/imcb
npm ci --silent

# The test reads where it listens from the file, as soon as there is one. In its
# own directory no imcb.yaml can change what it does.
(cd "$work" && exec ./imcb serve -q --listen 127.0.0.1:0 --ready-file ready.json >serve.log 2>&1) &
server=$!
if ! READY="$work/ready.json" node --test --test-reporter=spec test.mjs; then
  echo "imcb serve said:"
  tail -n 20 "$work/serve.log"
  exit 1
fi
