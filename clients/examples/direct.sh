#!/bin/sh
# A file of a command line: sh direct.sh photo.jpg
set -eu
# >>> curl
server=https://upload.example.com
file=$1
grant=$(curl -fsS -H "token: ${TOKEN:-}" "$server/oss/policy?version=1&via=${VIA:-auto}")
value() { printf '%s' "$grant" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

key=$(value dir)$(date +%s)-$(basename "$file")
curl -fsS "$(value host)" -F key="$key" -F policy="$(value policy)" -F OSSAccessKeyId="$(value OSSAccessKeyId)" \
  -F signature="$(value signature)" -F file=@"$file"
curl -fsS -H "token: ${TOKEN:-}" "$server/oss/confirm" -d grant="$(value grant)" -d key="$key"
# <<< curl
