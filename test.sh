#!/usr/bin/env bash
# Restores, checks the format, builds with warnings as errors, runs every test.
set -euo pipefail
cd "$(dirname "$0")"
dotnet restore OssProxy.sln
dotnet format OssProxy.sln --verify-no-changes --no-restore
dotnet build OssProxy.sln --no-restore -warnaserror
dotnet test OssProxy.sln --no-build
