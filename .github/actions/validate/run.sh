#!/usr/bin/env bash
# The steps of the action:
#
#   run.sh key     names the build in $GITHUB_OUTPUT: a hash of imcb's sources
#   run.sh build   builds imcb from the action's own checkout as $BIN
#   run.sh         validates in the working directory
#
# Flags come from the environment (IMCB_URL and so on), more arguments from ARGS.
set -euo pipefail
source=$(cd "$(dirname "$0")/../../.." && pwd)

# words splits a text as a shell does, into args: quotes and backslashes keep
# blanks together, patterns outside of quotes become the files that match.
# Nothing is run or filled in.
words() {
  local text=$1 word='' pattern='' quote='' started='' matches='' c i found
  args=()
  for ((i = 0; i <= ${#text}; i++)); do
    c=${text:i:1}
    if [ -n "$quote" ] && [ -z "$c" ]; then
      echo "args: a quote has no end: $text" >&2
      return 2
    elif [ -n "$quote" ] && [ "$c" = "$quote" ]; then
      quote=''
    elif [ -z "$quote" ] && { [ "$c" = "'" ] || [ "$c" = '"' ]; }; then
      quote=$c started=1
    elif [ -z "$quote" ] && { [ -z "$c" ] || [[ $c == [[:space:]] ]]; }; then
      [ -n "$started" ] || continue
      found=()
      if [ -n "$matches" ]; then
        shopt -s nullglob
        local IFS=''
        # shellcheck disable=SC2206
        found=($pattern)
        unset IFS
        shopt -u nullglob
      fi
      ((${#found[@]} > 0)) || found=("$word")
      args+=("${found[@]}")
      word='' pattern='' started='' matches=''
    else
      if [ "$c" = '\' ] && [ "$quote" != "'" ]; then
        i=$((i + 1)) c=${text:i:1}
        pattern+="\\$c"
      elif [ -n "$quote" ]; then
        pattern+="\\$c"
      else
        pattern+=$c
        case $c in [*?[]) matches=1 ;; esac
      fi
      word+=$c started=1
    fi
  done
}

key() {
  local files hash
  cd "$source"
  files=$(find cmd fixtures simulator validate go.mod go.sum -type f | LC_ALL=C sort)
  hash=$(while IFS= read -r file; do cksum "$file"; done <<<"$files" | git hash-object --stdin)
  echo "key=$hash" >>"$GITHUB_OUTPUT"
  if command -v go >/dev/null; then echo "go=yes" >>"$GITHUB_OUTPUT"; fi
}

# Go fetches the toolchain that go.mod names if it is an older one; the go that
# the job's other steps see stays what it is.
build() {
  mkdir -p "$(dirname "$BIN")"
  (cd "$source" && GOWORK=off GOFLAGS='' GOTOOLCHAIN=auto GOOS='' GOARCH='' CGO_ENABLED=0 go build -trimpath -o "$BIN" ./cmd/imcb)
}

validate() {
  local reports=${REPORTS:-imcb-reports}
  mkdir -p "$reports"
  words "${ARGS:-}"
  "$BIN" validate ${args[@]+"${args[@]}"} --format github \
    --report "junit=$reports/junit.xml" --report "sarif=$reports/imcb.sarif" \
    --report "html=$reports/imcb.html" --report "json=$reports/imcb.json"
}

case ${1:-validate} in
  key | build | validate) "${1:-validate}" ;;
  *)
    echo "run.sh: there is no step $1" >&2
    exit 2
    ;;
esac
