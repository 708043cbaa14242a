#!/bin/sh
# Builds the oracle outside this folder and regenerates golden/ (or the folder given as $1) from cases/ and the data sets
# in the folder that DUALTEXT_DATA names.
# Needs the .NET 10 SDK and the NuGet package Microsoft.ML 5.0.1. Works from a read-only checkout when $1 is given.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
golden=${1:-$here/golden}
cases=${CASES:-$here/cases}
data=${DUALTEXT_DATA:?names no folder: the cases read data sets such as trec6/train.tsv.gz in it}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp "$here"/*.cs "$here"/oracle.csproj "$build"
(cd "$build" && dotnet build -c Release -o out -v quiet -nologo)
oracle() { "$build/out/oracle" "$@"; }

# One meaning of upper and lower case on every machine; README.md says what ICU changes.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
mkdir -p "$golden/zips"
for file in "$cases"/*.json; do
  name=$(basename "$file" .json)
  rm -f "$golden/$name.jsonl" "$golden/$name.jsonl.gz"
  oracle cases "$file" "$golden/$name.jsonl" --data "$data" --zips "$golden/zips"
  if [ "$(wc -c < "$golden/$name.jsonl")" -gt 100000 ]; then gzip -9n "$golden/$name.jsonl"; fi
done
rmdir "$golden/zips" 2>/dev/null || true   # no case saved a model
if [ "${UNICODE:-1}" = 1 ]; then
  oracle unicode "$golden/unicode-invariant.jsonl"
  # With ICU the result depends on the ICU version found; golden/ holds ICU 72. Left as it is where ICU is absent.
  if DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0 oracle unicode "$build/icu.jsonl" 2>/dev/null; then
    gzip -9n < "$build/icu.jsonl" > "$golden/unicode-icu.jsonl.gz"
  fi
  rm -f "$golden/unicode-invariant.jsonl.gz"
  gzip -9n "$golden/unicode-invariant.jsonl"
fi
du -sh "$golden"
