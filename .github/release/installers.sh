#!/usr/bin/env bash
# installers.sh VERSION DIR: fills the version and the checksums into install.sh and into Homebrew's formula, and writes
# both into DIR, which has the archives' SHA256SUMS. Then SHA256SUMS has them as well.
set -euo pipefail
templates="$(cd "$(dirname "$0")" && pwd)"

version="$1"
cd "$2"

# The checksum of the archive for a target.
sum_of() {
  local name="ekslint-v$version-$1.tar.gz" sum
  sum="$(awk -v name="$name" '$2 == name { print $1 }' SHA256SUMS)"
  [[ "$sum" =~ ^[0-9a-f]{64}$ ]] || {
    echo "SHA256SUMS has no checksum of $name" >&2
    return 1
  }
  echo "$sum"
}

for file in install.sh ekslint.rb; do
  filled="$(sed "s/@VERSION@/$version/g" "$templates/$file")"
  mapfile -t places < <(grep -o '@SHA256:[a-z0-9_-]*@' "$templates/$file" | sort -u)
  for place in "${places[@]}"; do
    target="${place#@SHA256:}"
    sum="$(sum_of "${target%@}")"
    filled="${filled//"$place"/"$sum"}"
  done
  printf '%s\n' "$filled" >"$file"
done
sha256sum -- install.sh ekslint.rb >>SHA256SUMS
