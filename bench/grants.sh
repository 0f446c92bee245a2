#!/usr/bin/env bash
# What a grant costs, and an upload through the gateway beside the main door: each in turn, with a sink that plays OSS; prints the server's CPU
# time for each request, the median of the rounds, and how many were answered in a second. Needs Linux, the .NET SDK, curl and awk.
#   bench/grants.sh            seven rounds, a minute and a half after the build
#   bench/grants.sh --quick    one short round, to see that it works
# Settings of OssProxy in the environment are passed on: Records__Provider=postgres Records__ConnectionString=... bench/grants.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case "${1-}" in
  '') rounds=7 warm=3000 count=2500 ;;
  --quick) rounds=1 warm=200 count=200 ;;
  *) echo "usage: bench/grants.sh [--quick]" >&2; exit 2 ;;
esac

[ -r /proc/self/stat ] || { echo "CPU time is read from /proc, so this needs Linux." >&2; exit 1; }
for program in dotnet curl awk; do
  command -v "$program" >/dev/null || { echo "$program is missing." >&2; exit 1; }
done

# shellcheck source=bench/common.sh
. bench/common.sh

load() { dotnet "$work/OssProxy.Benchmarks/OssProxy.Benchmarks.dll" load "$url" "$1" "$2" 2>"$work/load.log" || fail "The load $1 failed." "$work/load.log"; }

build_and_start_sink
url=http://127.0.0.1:$(free_port)
export ASPNETCORE_ENVIRONMENT=Production URLS=$url Data__Folder=$work/data Oss__Endpoint=http://127.0.0.1:$sink_port Oss__Region=cn-hangzhou \
  Oss__Bucket=bench Oss__AccessKeyId=bench-id Oss__AccessKeySecret=bench-secret Guests__Allowed=true \
  Grants__Lifetime=01:00:00 Grants__CallbackUrl=http://127.0.0.1/oss/callback
mkdir "$work/run"
cd "$work/run"
dotnet "$work/OssProxy.Api/OssProxy.Api.dll" >"$work/ossproxy.log" 2>&1 &
server=$!
pids+=("$server")
await_answer OssProxy "$url/healthz" "$work/ossproxy.log"

kinds=(health policy-v1 policy-v4 file-v4 put chat gateway)
echo "Warming up ..." >&2
for kind in "${kinds[@]}"; do
  load "$kind" "$warm" >/dev/null
done
for ((round = 1; round <= rounds; round++)); do
  echo "Round $round of $rounds ..." >&2
  for kind in "${kinds[@]}"; do
    before=$(ticks "$server")
    rate=$(load "$kind" "$count")
    echo "$kind $(($(ticks "$server") - before)) $rate" >>"$work/figures"
  done
done

echo "| request | CPU ms each | answered in a second |"
echo "| --- | --- | --- |"
for kind in "${kinds[@]}"; do
  sed -n "s/^$kind //p" "$work/figures" | sort -n | sed -n "$(((rounds + 1) / 2))s/^/$kind /p"
done | awk -v hz="$(getconf CLK_TCK)" -v count="$count" '{ printf "| %s | %.3f | %d |\n", $1, $2 * 1000 / hz / count, $3 }'
