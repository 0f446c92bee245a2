#!/usr/bin/env bash
# What it costs to know who is asking: small uploads as a guest and with each sort of token, in turn, to a sink that plays OSS; prints the
# server's CPU time for each request, the median of the rounds. Needs Linux, the .NET SDK, curl, openssl and awk (bench/README.md).
#   bench/tokens.sh            seven rounds, some minutes
#   bench/tokens.sh --quick    one short round, to see that it works
# Settings of OssProxy in the environment are passed on: Records__Provider=postgres Records__ConnectionString=... bench/tokens.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case "${1-}" in
  '') rounds=7 warm=6000 count=4000 ;;
  --quick) rounds=1 warm=500 count=300 ;;
  *) echo "usage: bench/tokens.sh [--quick]" >&2; exit 2 ;;
esac
readonly at_once=8 size=10240 admin_key=an-admin-key-for-the-bench jwt_secret=a-jwt-secret-for-the-bench boundary=----bench7YzA0b1C2d3E4f5

[ -r /proc/self/stat ] || { echo "CPU time is read from /proc, so this needs Linux." >&2; exit 1; }
for program in dotnet curl openssl awk; do
  command -v "$program" >/dev/null || { echo "$program is missing." >&2; exit 1; }
done

# shellcheck source=bench/common.sh
. bench/common.sh

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# jwt ALGORITHM SIGN...: a token whose signature is what the command makes of its input.
jwt() {
  local signed
  signed=$(printf '{"alg":"%s","typ":"JWT"}' "$1" | base64url).$(printf '{"id":7,"username":"bench","role":"user","status":1}' | base64url)
  printf '%s.%s' "$signed" "$(printf '%s' "$signed" | "${@:2}" | base64url)"
}

# send COUNT TOKEN: uploads, every one of which must succeed; no token for a guest. The number after # is never sent.
send() {
  local header=() answers
  [ -z "$2" ] || header=(-H "token: $2")
  answers=$(curl -sS --no-progress-meter --parallel --parallel-max "$at_once" -X POST -T "$work/form" -H 'Expect:' "${header[@]}" \
    -H "Content-Type: multipart/form-data; boundary=$boundary" -o /dev/null -w '%{http_code}\n' \
    "$url/api/chat/uploadAliyun#[1-$1]" | sort | uniq -c | awk '{ printf "%s%s x %s", sep, $1, $2; sep = ", " }') || true
  [ "$answers" = "$1 x 200" ] || fail "Not every upload succeeded: $answers" "$work/ossproxy.log"
}

build_and_start_sink
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
url=http://127.0.0.1:$(free_port)
export ASPNETCORE_ENVIRONMENT=Production URLS=$url Data__Folder=$work/data Oss__Endpoint=http://127.0.0.1:$sink_port Oss__Region=cn-hangzhou \
  Oss__Bucket=bench Oss__AccessKeyId=bench-id Oss__AccessKeySecret=bench-secret Guests__Allowed=true Auth__AdminKey=$admin_key \
  Auth__Jwt__Keys__0__Secret=$jwt_secret Auth__Jwt__Keys__1__Algorithm=RS256
Auth__Jwt__Keys__1__PublicKey=$(openssl pkey -in "$work/rsa.pem" -pubout)
export Auth__Jwt__Keys__1__PublicKey
mkdir "$work/run"
cd "$work/run"
dotnet "$work/OssProxy.Api/OssProxy.Api.dll" >"$work/ossproxy.log" 2>&1 &
server=$!
pids+=("$server")
await_answer OssProxy "$url/healthz" "$work/ossproxy.log"

{
  printf -- '--%s\r\nContent-Disposition: form-data; name="img"; filename="bench.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' "$boundary"
  printf '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00'
  head -c "$((size - 30))" /dev/urandom
  printf '\r\n--%s--\r\n' "$boundary"
} >"$work/form"

declare -A tokens=(
  [guest]=''
  [admin-key]=$admin_key
  [session]=$(curl -sS -f "$url/api/guest/session" -d deviceId=bench | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
  [api-key]=$(dotnet "$work/OssProxy.Api/OssProxy.Api.dll" keys create bench --rights upload 2>/dev/null)
  [jwt-hs256]=$(jwt HS256 openssl dgst -sha256 -hmac "$jwt_secret" -binary)
  [jwt-rs256]=$(jwt RS256 openssl dgst -sha256 -sign "$work/rsa.pem" -binary)
)
kinds=(guest admin-key session api-key jwt-hs256 jwt-rs256)

echo "Warming up ..." >&2
for kind in "${kinds[@]}"; do
  send "$((warm / ${#kinds[@]}))" "${tokens[$kind]}"
done
for ((round = 1; round <= rounds; round++)); do
  echo "Round $round of $rounds ..." >&2
  for kind in "${kinds[@]}"; do
    before=$(ticks "$server")
    send "$count" "${tokens[$kind]}"
    echo "$kind $(($(ticks "$server") - before))" >>"$work/figures"
  done
done

echo "| Token | CPU ms for each upload of 10 KiB | beside a guest, µs |"
echo "| --- | --- | --- |"
for kind in "${kinds[@]}"; do
  sed -n "s/^$kind //p" "$work/figures" | sort -n | sed -n "$(((rounds + 1) / 2))p"
done | awk -v hz="$(getconf CLK_TCK)" -v count="$count" -v kinds="${kinds[*]}" '
  BEGIN { split(kinds, names, " ") }
  { ms = $1 / hz / count * 1000; if (NR == 1) guest = ms; printf "| %s | %.3f | %+.0f |\n", names[NR], ms, (ms - guest) * 1000 }'
