# What the scripts of the bench have in common; to be sourced, from the root of the repository.

work=$(mktemp -d)
pids=()
finish() {
  if [ "${#pids[@]}" -gt 0 ]; then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "$1" >&2
  [ -z "${2-}" ] || tail -n 20 "$2" >&2
  exit 1
}

# A port that nobody answers on now.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); do
    (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null || break
  done
  echo "$port"
}

# await_answer NAME URL LOG: until it is answered with 200, at most half a minute.
await_answer() {
  curl -sS -f -o /dev/null --retry 60 --retry-delay 1 --retry-max-time 30 --retry-connrefused "$2" 2>/dev/null || fail "$1 does not answer." "$3"
}

# The process and all that descend from it.
family() {
  local members=("$1") stat pid parent rest
  for ((i = 0; i < ${#members[@]}; i++)); do
    for stat in /proc/[0-9]*/stat; do
      { read -r pid rest <"$stat"; } 2>/dev/null || continue
      read -r _ parent _ <<<"${rest##*) }"
      [ "$parent" != "${members[i]}" ] || members+=("$pid")
    done
  done
  echo "${members[@]}"
}

# Clock ticks that a family has used, in user and kernel mode, ended children included.
ticks() {
  local sum=0 pid line fields
  for pid in $(family "$1"); do
    line=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
    read -r -a fields <<<"${line##*) }"
    sum=$((sum + fields[11] + fields[12] + fields[13] + fields[14]))
  done
  echo "$sum"
}

# Publishes the server and the sink into the work folder, and starts the sink; sets sink_port.
build_and_start_sink() {
  echo "Building ..." >&2
  for project in OssProxy.Api OssProxy.Benchmarks; do
    dotnet publish "$project" -c Release -o "$work/$project" -v q >"$work/build.log" 2>&1 || fail "$project does not build." "$work/build.log"
  done

  dotnet "$work/OssProxy.Benchmarks/OssProxy.Benchmarks.dll" sink >"$work/sink.log" 2>&1 &
  pids+=($!)
  for ((i = 0; i < 300; i++)); do
    grep -q '^Listening on' "$work/sink.log" && break
    sleep 0.1
  done
  sink_port=$(sed -n 's/^Listening on .*:\([0-9]*\).*/\1/p' "$work/sink.log")
  [ -n "$sink_port" ] || fail "The sink did not start." "$work/sink.log"
}
