#!/usr/bin/env bash
# package.sh VERSION TARGET DIR OUT: makes the archive of a release from the binary in DIR, with what belongs to it. It
# asks the binary for the man pages and completions, so it runs on a machine of that target.
set -euo pipefail
cd "$(dirname "$0")/../.."

version="$1" target="$2" directory="$3" out="$4"
name="ekslint-v$version-$target"
binary=ekslint
[[ "$target" != *windows* ]] || binary=ekslint.exe

stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
mkdir -p "$out" "$stage/$name/completions" "$stage/$name/man"
out="$(cd "$out" && pwd)"

cp "$directory/$binary" "$stage/$name/"
cp LICENSE README.md CHANGELOG.md "$stage/$name/"
# Whose modules are built in.
cp src/source/iac/terraform/registry/NOTICE.md "$stage/$name/"

ekslint="$stage/$name/$binary"
said="$("$ekslint" --version)"
[[ "$said" == "ekslint $version" ]] || {
  echo "the binary says «$said», not «ekslint $version»" >&2
  exit 1
}
"$ekslint" completions bash >"$stage/$name/completions/ekslint.bash"
"$ekslint" completions zsh >"$stage/$name/completions/_ekslint"
"$ekslint" completions fish >"$stage/$name/completions/ekslint.fish"
"$ekslint" completions powershell >"$stage/$name/completions/_ekslint.ps1"
"$ekslint" man -o "$stage/$name/man"

cd "$stage"
case "$target" in
  *windows*) 7z a -bso0 -tzip "$out/$name.zip" "$name" ;;
  *) tar -czf "$out/$name.tar.gz" "$name" ;;
esac
