#!/usr/bin/env bash
# What a picture costs: 12 megapixels made 800 pixels wide, as JPEG and as WebP, through the server (the emulator as its store), by the same library
# in one process without HTTP, by a vipsthumbnail for each, and by sharp in Node; then results that are there already, beside nginx with the same
# file; then uploads beside a queue of pictures that is full. Needs Linux, the .NET SDK and, on Debian and Ubuntu,
#   apt-get install libvips-tools nginx wrk nodejs npm curl mawk
#   bench/images.sh            three rounds, some minutes after the build
#   bench/images.sh --quick    one short round, to see that it works
# BENCH_LIBRARY is the path of libvips; without it the server finds one.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH="$PATH:/usr/sbin:/sbin"

case "${1-}" in
  '') rounds=3 count=60 seconds=6 uploads=2000 ;;
  --quick) rounds=1 count=10 seconds=3 uploads=1000 ;;
  *) echo "usage: bench/images.sh [--quick]" >&2; exit 2 ;;
esac

[ -r /proc/self/stat ] || { echo "CPU time is read from /proc, so this needs Linux." >&2; exit 1; }
for program in dotnet curl awk vips vipsthumbnail nginx wrk node npm; do
  command -v "$program" >/dev/null || { echo "$program is missing." >&2; exit 1; }
done

# shellcheck source=bench/common.sh
. bench/common.sh
cores=$(nproc)
hz=$(getconf CLK_TCK)
bench() { dotnet "$work/OssProxy.Benchmarks/OssProxy.Benchmarks.dll" "$@" 2>"$work/load.log" || fail "$1 failed." "$work/load.log"; }

build_and_start_sink
dotnet publish OssProxy.Emulator -c Release -o "$work/emulator" -v q >"$work/build.log" 2>&1 || fail "The emulator does not build." "$work/build.log"

# A photo: noise that has been blurred, and a little noise upon it, as a sensor makes it.
echo "Making the picture ..." >&2
vips gaussnoise "$work/n1.v" 504 378 --sigma 60 --mean 128
vips bandjoin "$work/n1.v $work/n1.v $work/n1.v" "$work/n3.v"
vips resize "$work/n3.v" "$work/large.v" 8
vips gaussnoise "$work/grain.v" 4032 3024 --sigma 4 --mean 0
vips add "$work/large.v" "$work/grain.v" "$work/sum.v"
vips cast "$work/sum.v" "$work/photo.v" uchar
vips jpegsave "$work/photo.v" "$work/photo.jpg" --Q 90
rm "$work"/*.v

store=http://127.0.0.1:$(free_port)
(cd "$work" && exec env Emulator__Urls="$store" Emulator__Folder="$work/oss" Emulator__Buckets__0__Name=bench Emulator__Buckets__0__Acl=public-read-write \
  Emulator__Buckets__1__Name=made Emulator__Credentials__0__AccessKeyId=bench-id Emulator__Credentials__0__AccessKeySecret=bench-secret \
  dotnet emulator/OssProxy.Emulator.dll >"$work/emulator.log" 2>&1) &
pids+=($!)
url=http://127.0.0.1:$(free_port)
for ((style = 0; style < 40; style++)); do export "Images__Styles__s$style=image/resize,w_$((300 + style))"; done
mkdir "$work/run"
(cd "$work/run" && exec env ASPNETCORE_ENVIRONMENT=Production URLS="$url" Data__Folder="$work/data" Oss__Endpoint="$store" Oss__Region=cn-hangzhou \
  Oss__Bucket=bench Oss__AccessKeyId=bench-id Oss__AccessKeySecret=bench-secret Guests__Allowed=true Images__Bucket=made Images__PerClient=1000 \
  Images__Library="${BENCH_LIBRARY-}" Images__Styles__jpg=image/resize,w_800/quality,Q_80 Images__Styles__webp=image/resize,w_800/format,webp/quality,Q_80 \
  dotnet "$work/OssProxy.Api/OssProxy.Api.dll" >"$work/ossproxy.log" 2>&1) &
server=$!
pids+=("$server")
await_answer OssProxy "$url/readyz" "$work/ossproxy.log"
for ((number = 0; number < (rounds + 1) * count + 200; number++)); do
  echo "url = $store/bench/p/$number.jpg"
  echo "upload-file = $work/photo.jpg"
  echo "output = /dev/null"
done >"$work/fill"
curl -sS -f -K "$work/fill" || fail "The store does not take the pictures." "$work/emulator.log"

mkdir "$work/sharp" && (cd "$work/sharp" && npm init -y >/dev/null && npm install --no-audit --no-fund sharp >/dev/null 2>"$work/npm.log") || fail "sharp cannot be installed." "$work/npm.log"
cat >"$work/sharp/run.js" <<'JS'
const sharp = require('sharp');
const [, , file, format, count, atOnce] = process.argv;
sharp.cache(false);
sharp.concurrency(1);
const bytes = require('fs').readFileSync(file);
const make = () => sharp(bytes).resize({ width: 800 })[format === 'jpg' ? 'jpeg' : 'webp']({ quality: 80 }).toBuffer();
const run = async total => {
  let left = total;
  await Promise.all(Array.from({ length: +atOnce }, async () => { while (left-- > 0) await make(); }));
};
(async () => {
  await run(10);
  const cpu = process.cpuUsage(), clock = process.hrtime.bigint();
  await run(+count);
  const used = process.cpuUsage(cpu), seconds = Number(process.hrtime.bigint() - clock) / 1e9;
  console.log(((used.user + used.system) / 1000 / count).toFixed(1), (count / seconds).toFixed(1));
})();
JS

# measure NAME COMMAND...: the command prints CPU milliseconds of one picture and pictures in a second.
measure() { local name=$1; shift; echo "$name $("$@")" >>"$work/figures"; }
first=0
by_server() { # format
  local before rate
  before=$(ticks "$server")
  rate=$(bench images "$url/img/p/" "$first" "$count" "$cores" ".jpg!$1" | cut -d' ' -f1)
  awk -v t="$(($(ticks "$server") - before))" -v hz="$hz" -v n="$count" -v r="$rate" 'BEGIN { printf "%.1f %s\n", t * 1000 / hz / n, r }'
}
by_vipsthumbnail() { # format
  local TIMEFORMAT='%U %S %R'
  { time seq "$count" | xargs -P "$cores" -I{} vipsthumbnail "$work/photo.jpg" -s 800x -o "$work/out-{}.$1[Q=80]" >/dev/null 2>&1; } 2>&1 |
    awk -v n="$count" '{ printf "%.1f %.1f\n", ($1 + $2) * 1000 / n, n / $3 }'
  rm -f "$work"/out-*
}

echo "Warming up ..." >&2
bench images "$url/img/p/" 0 "$count" "$cores" '.jpg!jpg' >/dev/null
bench images "$url/img/p/" 0 "$count" "$cores" '.jpg!webp' >/dev/null
for ((round = 1; round <= rounds; round++)); do
  echo "Round $round of $rounds ..." >&2
  first=$((round * count))
  for format in jpg webp; do
    process=image/resize,w_800/quality,Q_80
    [ "$format" = jpg ] || process=image/resize,w_800/format,webp/quality,Q_80
    measure "OssProxy,$format" by_server "$format"
    measure "in-process,$format" bench render "${BENCH_LIBRARY:--}" "$work/photo.jpg" "$process" "$count"
    measure "vipsthumbnail,$format" by_vipsthumbnail "$format"
    measure "sharp,$format" node "$work/sharp/run.js" "$work/photo.jpg" "$format" "$count" "$cores"
  done
done

echo "| how | format | CPU ms each | pictures in a second |"
echo "| --- | --- | --- | --- |"
for format in jpg webp; do
  for name in OssProxy in-process vipsthumbnail sharp; do
    sed -n "s/^$name,$format //p" "$work/figures" | sort -n | sed -n "$(((rounds + 1) / 2))s/ / | /p" | sed "s/^/| $name | $format | /; s/$/ |/"
  done
done

echo "Results that are there ..." >&2
mkdir "$work/nginx" && curl -sS -f -o "$work/nginx/0.jpg" "$url/img/p/0.jpg!jpg"
web=$(free_port)
cat >"$work/nginx.conf" <<CONF
$([ "$(id -u)" != 0 ] || echo 'user root;') daemon off; worker_processes $cores; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path $work/nb; proxy_temp_path $work/np; fastcgi_temp_path $work/nf; uwsgi_temp_path $work/nu; scgi_temp_path $work/ns;
  server { listen 127.0.0.1:$web; root $work/nginx; add_header Cache-Control "public, max-age=31536000"; } }
CONF
nginx -c "$work/nginx.conf" 2>"$work/nginx.log" &
pids+=($!)
await_answer nginx "http://127.0.0.1:$web/0.jpg" "$work/nginx.log"
served() { wrk -t1 -c16 -d"${seconds}s" "$1" | sed -n 's/^Requests\/sec: *//p'; }
wrk -t1 -c16 -d3s "$url/img/p/0.jpg!jpg" >/dev/null
echo
echo "| a result of $(wc -c <"$work/nginx/0.jpg") bytes | answers in a second |"
echo "| --- | --- |"
for ((round = 1; round <= rounds; round++)); do
  echo "OssProxy $(served "$url/img/p/0.jpg!jpg")"
  echo "nginx $(served "http://127.0.0.1:$web/0.jpg")"
done >"$work/served"
for name in OssProxy nginx; do
  sed -n "s/^$name //p" "$work/served" | sort -n | sed -n "$(((rounds + 1) / 2))s/^/| $name | /p" | sed 's/$/ |/'
done

echo "Uploads beside pictures ..." >&2
bench load "$url" chat-100 "$uploads" 200 >/dev/null
alone=$(bench load "$url" chat-100 "$uploads" 200)
fastest=$(bench load "$url" chat-100 "$uploads")
# More at once than the queue holds, each for a result that nobody has asked for yet.
(for ((style = 0; style < 40; style++)); do
  dotnet "$work/OssProxy.Benchmarks/OssProxy.Benchmarks.dll" images "$url/img/p/" 0 "$((rounds * count))" 90 ".jpg!s$style" >>"$work/crowd" 2>&1
done) &
pids+=($!)
sleep 3
beside=$(bench load "$url" chat-100 "$uploads" 200)
echo
echo "| uploads of 100 KiB, 200 begun in a second | answered in a second |"
echo "| --- | --- |"
echo "| alone | $alone |"
echo "| beside pictures without end | $beside |"
echo "| alone, as fast as they go | $fastest |"
