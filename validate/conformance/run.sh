#!/usr/bin/env bash
# Holds imcb against the code of OpenIM versions:
#
#   run.sh                    those that imcb knows and the module proxy has
#                             with a checksum; the others are named
#   run.sh VERSION...         such as v3.8.3
#   run.sh VERSION=FOLDER...  sources in a folder, such as main=../open-im-server
#
# REPLACE="MODULE=FOLDER ..." takes further modules from folders, for versions
# whose own requirements the proxy has not. Versions before 3.7 have another
# client: their types and settings are compared, and no test runs.
set -euo pipefail
cd "$(dirname "$0")"

server=github.com/openimsdk/open-im-server/v3
known="v3.5.1 v3.6.0 v3.7.0 v3.8.0 v3.8.1 v3.8.2 v3.8.3
  v3.8.3-patch.1 v3.8.3-patch.3 v3.8.3-patch.5 v3.8.3-patch.16"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOFLAGS="${GOFLAGS:-} -modfile=$work/go.mod"

# module VERSION [FOLDER] makes the go.mod for a version, from this folder's.
module() {
  cp go.mod go.sum "$work"
  [ "$1" = v3.8.3 ] && [ -z "${2:-}" ] && return
  printf 'module github.com/imcb-dev/imcb/validate/conformance\n\ngo 1.26.0\n' >"$work/go.mod"
  go mod edit -replace=github.com/imcb-dev/imcb=../..
  if [ -n "${2:-}" ]; then
    go mod edit -require="$server@v3.0.0" -replace="$server=$(realpath "$2")" # of whatever version
  else
    go mod edit -require="$server@$1"
  fi
  local replaced
  for replaced in ${REPLACE:-}; do
    go mod edit -replace="${replaced%%=*}=$(realpath "${replaced#*=}")"
  done
  go mod tidy
}

# download VERSION LOG brings a version and prints its folder, nothing if there
# is none. It runs outside this module, whose requirements are not to choose.
download() {
  (cd / && GOFLAGS='' go mod download -json "$server@$1" >"$2" 2>&1) || true
  sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' "$2"
}

# check VERSION [FOLDER] runs what there is for a version.
check() {
  local folder=${2:-} log="$work/download"
  if [ -z "$folder" ]; then
    folder=$(download "$1" "$log")
    if [ -z "$folder" ]; then
      echo "$1: left out: $(sed -n 's/^\t"Error": "[^ ]* \([^"]*\).*/\1/p' "$log")"
      return
    fi
  fi
  echo "$1: $folder"
  cp go.mod go.sum "$work"
  go run ./compare "$folder" "$1"
  case "$1" in v3.[56]* | 3.[56]*) return ;; esac

  module "$1" "${2:-}"
  go run ./compare -calls "$folder" | gofmt >"$work/calls_table_test.go"
  local logger="$PWD/logger_test.go"
  grep -qs 'func InitLoggerFromConfig' "$(go list -m -f '{{.Dir}}' github.com/openimsdk/tools)"/log/*.go || logger=
  printf '{"Replace": {"%s/calls_table_test.go": "%s", "%s/logger_test.go": "%s"}}' \
    "$PWD" "$work/calls_table_test.go" "$PWD" "$logger" >"$work/overlay.json"
  OPENIM_VERSION=$1 go test -overlay "$work/overlay.json" .
}

[ $# -gt 0 ] || set -- $known
for version; do
  case "$version" in
    *=*) check "${version%%=*}" "${version#*=}" ;;
    *) check "$version" ;;
  esac
done
