#!/usr/bin/env bash
# Builds imcb from the action's own checkout and validates. The flags come from
# the environment (IMCB_URL and so on), more arguments from ARGS.
set -euo pipefail
source=$(cd "$(dirname "$0")/../../.." && pwd)
reports=${REPORTS:-imcb-reports}
mkdir -p "$reports"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
(cd "$source" && CGO_ENABLED=0 go build -trimpath -o "$bin/imcb" ./cmd/imcb)
read -r -a args <<<"${ARGS:-}"
status=0
"$bin/imcb" validate ${args[@]+"${args[@]}"} --format github \
  --report "junit=$reports/junit.xml" --report "sarif=$reports/imcb.sarif" \
  --report "html=$reports/imcb.html" --report "json=$reports/imcb.json" || status=$?
exit "$status"
