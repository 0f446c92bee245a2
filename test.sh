#!/usr/bin/env bash
# Installs what the tests need, restores, checks the format, builds with warnings as errors, runs every test.
# Needs the .NET SDK; on Debian and Ubuntu (as root or with sudo) it fetches the rest by itself. Ubuntu has no Chromium among its packages: there
# a Chrome has to be installed beforehand.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH="$PATH:/usr/sbin:/sbin"

# Prints the packages whose programs are not there.
missing() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo chromium
  command -v curl >/dev/null || echo curl
  command -v ffmpeg >/dev/null || echo ffmpeg
  ldconfig -p | grep 'libvips\.so\.42 ' >/dev/null || echo libvips42
  compgen -G '/usr/share/fonts/truetype/wqy/wqy-zenhei*' >/dev/null || echo fonts-wqy-zenhei
  command -v nginx >/dev/null || echo nginx
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
}

# Nothing that is installed for the tests may start to serve: they start their own, on free ports.
install_packages() {
  local sudo='' policy=/usr/sbin/policy-rc.d
  [ "$(id -u)" = 0 ] || sudo=sudo
  if [ ! -e "$policy" ]; then
    # shellcheck disable=SC2064 # The path and sudo are those of now.
    trap "$sudo rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod +x "$policy"
  fi
  $sudo apt-get update -q
  $sudo env DEBIAN_FRONTEND="$DEBIAN_FRONTEND" apt-get install -q -y --no-install-recommends "$@" </dev/null
}

mapfile -t packages < <(missing)
if [ "${#packages[@]}" -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "The tests need these programs, and there is no apt-get to fetch them with: ${packages[*]}" >&2
    exit 1
  fi
  install_packages "${packages[@]}"
fi

dotnet restore OssProxy.sln
dotnet format OssProxy.sln --verify-no-changes --no-restore
dotnet build OssProxy.sln --no-restore -c Release -warnaserror

rm -rf TestResults
status=0
dotnet test OssProxy.sln --no-build -c Release --logger trx --results-directory TestResults || status=$?

# One line for the whole run, from the counters of every result file.
compgen -G 'TestResults/*.trx' >/dev/null || { echo "0 passed, 0 failed"; exit "$((status ? status : 1))"; }
cat TestResults/*.trx | awk '
  function counter(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
  /<Counters / { passed += counter("passed"); skipped += counter("total") - counter("executed")
                 failed += counter("executed") - counter("passed") }
  END { printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : "" }'
exit "$status"
