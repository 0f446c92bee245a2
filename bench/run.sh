#!/usr/bin/env bash
# Uploads through OssProxy and through nginx, which only passes them on, to a sink that plays OSS and throws bodies away; prints what
# each of the two costs. Needs Linux, the .NET SDK, nginx, curl and awk (bench/README.md).
#   bench/run.sh            two rounds, some minutes
#   bench/run.sh --quick    one short round, to see that it works
# Settings of OssProxy in the environment are passed on: Uploads__Transfer=temp bench/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH="$PATH:/usr/sbin:/sbin"

case "${1-}" in
  '') rounds=2 warm_small=6000 warm_medium=300 loads=('large 268435456 8 4' 'medium 1048576 1500 16' 'small 102400 10000 32') ;;
  --quick) rounds=1 warm_small=2000 warm_medium=50 loads=('large 268435456 4 4' 'medium 1048576 300 16' 'small 102400 3000 32') ;;
  *) echo "usage: bench/run.sh [--quick]" >&2; exit 2 ;;
esac

[ -r /proc/self/stat ] || { echo "CPU time is read from /proc, so this needs Linux." >&2; exit 1; }
for program in dotnet:dotnet-sdk-10.0 nginx:nginx curl:curl awk:mawk; do
  command -v "${program%:*}" >/dev/null || { echo "${program%:*} is missing. On Debian and Ubuntu: apt-get install ${program#*:}" >&2; exit 1; }
done
curl --parallel --no-progress-meter --version >/dev/null 2>&1 || { echo "curl 7.67 or later is needed, for --parallel." >&2; exit 1; }

# shellcheck source=bench/common.sh
. bench/common.sh

# The highest resident memory of a family since forget_peak, in KiB; pages that its processes share count in each.
peak() {
  local pid
  for pid in $(family "$1"); do
    cat "/proc/$pid/status" 2>/dev/null || true
  done | awk '/^VmHWM:/ { sum += $2 } END { print sum + 0 }'
}

forget_peak() {
  local pid
  for pid in $(family "$1"); do
    { echo 5 >"/proc/$pid/clear_refs"; } 2>/dev/null || true
  done
}

# make_form FILE BYTES: a form whose file begins as a JPEG does, up to the scan, because OssProxy looks, and goes on at random.
make_form() {
  {
    printf -- '--%s\r\nContent-Disposition: form-data; name="image_class_id"\r\n\r\n0\r\n' "$boundary"
    printf -- '--%s\r\nContent-Disposition: form-data; name="img"; filename="bench.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' "$boundary"
    printf '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00'
    head -c "$(($2 - 30))" /dev/urandom
    printf '\r\n--%s--\r\n' "$boundary"
  } >"$1"
}

taken() { curl -sS -f "http://127.0.0.1:$sink_port/-/taken"; }

# send PORT FORM COUNT AT_ONCE: every answer must be 200, and the sink must have got as many objects of the right length.
# The number after # is never sent; it makes curl repeat the request on the connections that it has.
send() {
  local before after bytes_each answers got due
  # nginx passes the whole form on, OssProxy the file in it.
  bytes_each=${2#form-}
  [ "$1" != "$nginx_port" ] || bytes_each=$(stat -c %s "$work/$2")
  read -r -a before <<<"$(taken)"
  answers=$(curl -sS --no-progress-meter --parallel --parallel-max "$4" -X POST -T "$work/$2" -H 'Expect:' \
    -H "Content-Type: multipart/form-data; boundary=$boundary" -o /dev/null -w '%{http_code}\n' \
    "http://127.0.0.1:$1/api/chat/uploadAliyun#[1-$3]" | sort | uniq -c | awk '{ printf "%s%s x %s", sep, $1, $2; sep = ", " }') || true
  [ "$answers" = "$3 x 200" ] || fail "Not every upload succeeded: $answers" "$work/ossproxy.log"
  read -r -a after <<<"$(taken)"
  got="$((after[0] - before[0])) objects with $((after[1] - before[1])) bytes" due="$3 objects with $(($3 * bytes_each)) bytes"
  [ "$got" = "$due" ] || fail "The sink got $got instead of $due."
}

build_and_start_sink
SECONDS=0

# nginx moves the bytes and reads nothing: what a form costs above that is OssProxy's. As root its workers would be nobody, and shut out.
nginx_port=$(free_port)
cat >"$work/nginx.conf" <<CONF
worker_processes auto;
$([ "$(id -u)" != 0 ] || echo "user root;")
daemon off;
pid $work/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    keepalive_requests 1000000;
    upstream oss { server 127.0.0.1:$sink_port; keepalive 512; keepalive_requests 1000000; }
    server {
        listen 127.0.0.1:$nginx_port backlog=4096;
        client_max_body_size 0;
        client_body_buffer_size 256k;
        location = /healthz { return 200; }
        location / {
            proxy_pass http://oss/bench/object;
            proxy_method PUT;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }
    }
}
CONF
nginx -p "$work" -c "$work/nginx.conf" >"$work/nginx.log" 2>&1 &
nginx_pid=$!
pids+=("$nginx_pid")

ossproxy_port=$(free_port)
mkdir "$work/run"
(
  cd "$work/run"
  exec env ASPNETCORE_ENVIRONMENT=Production URLS="http://127.0.0.1:$ossproxy_port" Data__Folder="$work/run/data" \
    Oss__Endpoint="http://127.0.0.1:$sink_port" Oss__Region=cn-hangzhou Oss__Bucket=bench \
    Oss__AccessKeyId=bench-id Oss__AccessKeySecret=bench-secret Uploads__MaxFileBytes=1073741824 Guests__Allowed=true \
    dotnet "$work/OssProxy.Api/OssProxy.Api.dll"
) >"$work/ossproxy.log" 2>&1 &
ossproxy_pid=$!
pids+=("$ossproxy_pid")

boundary=----bench7YzA0b1C2d3E4f5
for load in "${loads[@]}"; do
  read -r _ size _ <<<"$load"
  make_form "$work/form-$size" "$size"
done
await_answer nginx "http://127.0.0.1:$nginx_port/healthz" "$work/nginx.log"
await_answer OssProxy "http://127.0.0.1:$ossproxy_port/healthz" "$work/ossproxy.log"

# .NET compiles what is hot while it runs: without a warm-up that would be measured too.
echo "Warming up ..." >&2
for port in "$nginx_port" "$ossproxy_port"; do
  send "$port" form-102400 "$warm_small" 32
  send "$port" form-1048576 "$warm_medium" 16
done

# measure NAME PID PORT LOAD: one line of figures.
measure() {
  local name size count at_once used started ended
  read -r name size count at_once <<<"$4"
  forget_peak "$2"
  used=$(ticks "$2") started=$EPOCHREALTIME
  send "$3" "form-$size" "$count" "$at_once"
  ended=$EPOCHREALTIME used=$(($(ticks "$2") - used))
  echo "$1 $name $size $count $at_once $used $(peak "$2") $started $ended" >>"$work/figures"
}

for ((round = 1; round <= rounds; round++)); do
  echo "Round $round of $rounds ..." >&2
  for load in "${loads[@]}"; do
    measure nginx "$nginx_pid" "$nginx_port" "$load"
    measure OssProxy "$ossproxy_pid" "$ossproxy_port" "$load"
  done
done

awk -v hz="$(getconf CLK_TCK)" -v rounds="$rounds" -v seconds="$SECONDS" '
  function row(server, load, key) {
    key = server SUBSEP load
    each = size[load] < 1048576 ? size[load] / 1024 " KiB" : size[load] / 1048576 " MiB"
    files = n[load] " x " each ", " c[load] " at once"
    printf "| %-6s | %-28s | %-8s | %5.2f | %7.3f | %5.2f | %5.0f | %5.0f |\n", load, files, server,
      cpu[key] / gib[key], 1000 * cpu[key] / uploads[key], cpu[key] / cpu["nginx" SUBSEP load], gib[key] * 1024 / time[key], rss[key] / 1024
  }
  {
    key = $1 SUBSEP $2
    if (!($2 in n)) order[++loads] = $2
    size[$2] = $3; n[$2] = $4; c[$2] = $5
    uploads[key] += $4; gib[key] += $3 * $4 / 1073741824; cpu[key] += $6 / hz; time[key] += $9 - $8
    if ($7 > rss[key]) rss[key] = $7
  }
  END {
    print "| load   | files                        | server   | s/GiB | ms each | ratio | MiB/s |   RSS |"
    print "| ------ | ---------------------------- | -------- | ----- | ------- | ----- | ----- | ----- |"
    for (i = 1; i <= loads; i++) { row("nginx", order[i]); row("OssProxy", order[i]) }
    print "s/GiB, ms each: CPU of the server, user and kernel. ratio: to nginx. RSS: MiB at the highest."
    print "Rounds: " rounds "; " seconds " s since the build."
  }' "$work/figures"
