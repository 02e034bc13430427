#!/usr/bin/env bash
# Writes reports in every format and reads them with readers that are not
# imcb's. Needs Go, Node and a network that reaches the npm registry.
set -euo pipefail
cd "$(dirname "$0")"

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

IMCB_REPORTS="$reports" go test -count=1 -run '^TestWriteReports$' ..

# The command's own reports of a run against the built-in receiver.
endings=(json=json junit=junit.xml sarif=sarif tap=tap html=html github=github.txt)
flags=()
for ending in "${endings[@]}"; do
  flags+=(--report "${ending%%=*}=$reports/command.${ending#*=}")
done
(cd ../../.. && GITHUB_STEP_SUMMARY="$reports/command.summary.md" go run ./cmd/imcb validate --mock -q "${flags[@]}")

npm ci --silent
node check.mjs "$reports"
