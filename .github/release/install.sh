#!/bin/sh
# Installs ekslint @VERSION@.
#
#   curl -fsSL https://github.com/ekslint/ekslint/releases/latest/download/install.sh | sh
#   curl -fsSL https://github.com/ekslint/ekslint/releases/latest/download/install.sh | sh -s -- --to DIR
#
# It downloads the archive for this machine, which must have the SHA-256 checksum that is written below, and puts the
# program into DIR [default: ~/.local/bin]. It needs no root, and changes nothing else.
#
# EKSLINT_RELEASES    where releases are, for mirrors [default: the releases of ekslint on GitHub]
#
# The release fills in the version and the checksums: .github/release/installers.sh.
set -eu

version='@VERSION@'
releases="${EKSLINT_RELEASES:-https://github.com/ekslint/ekslint/releases/download}"
others="https://github.com/ekslint/ekslint/blob/main/docs/getting-started.md#install has other ways."

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

usage() {
  printf 'Installs ekslint %s.\n\nUsage: install.sh [--to DIR]\n\n  --to DIR    where to put it [default: ~/.local/bin]\n' "$version"
}

# The checksum of the archive for a target; nothing where the release has none.
sum_for() {
  case "$1" in
    x86_64-unknown-linux-musl) echo '@SHA256:x86_64-unknown-linux-musl@' ;;
    aarch64-unknown-linux-musl) echo '@SHA256:aarch64-unknown-linux-musl@' ;;
    x86_64-apple-darwin) echo '@SHA256:x86_64-apple-darwin@' ;;
    aarch64-apple-darwin) echo '@SHA256:aarch64-apple-darwin@' ;;
    *) ;;
  esac
}

# The target of this machine.
find_target() {
  system="$(uname -s)"
  machine="$(uname -m)"
  case "$machine" in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) cpu="$machine" ;;
  esac
  case "$system" in
    Linux) target="$cpu-unknown-linux-musl" ;;
    Darwin)
      # A shell that runs translated says x86_64.
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then cpu=aarch64; fi
      target="$cpu-apple-darwin"
      ;;
    MINGW* | MSYS* | CYGWIN* | Windows*)
      fail "on Windows, take ekslint-v$version-x86_64-pc-windows-msvc.zip from $releases/v$version, or run \`cargo binstall ekslint\`."
      ;;
    *) target="$cpu-$system" ;;
  esac
}

download() {
  if command -v curl >/dev/null 2>&1; then
    curl --silent --show-error --location --fail --retry 3 --proto '=https,file' --proto-redir '=https' --output "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget --quiet --https-only --output-document "$2" "$1"
  else
    fail "this needs curl or wget."
  fi
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1"
  else
    fail "this needs sha256sum or shasum, to check what was downloaded."
  fi | cut -d ' ' -f 1
}

main() {
  to="${HOME:-}/.local/bin"
  while [ "$#" -gt 0 ]; do
    case "$1" in
      --to)
        [ "$#" -ge 2 ] || fail "--to needs a directory."
        to="$2"
        shift 2
        ;;
      --to=*)
        to="${1#--to=}"
        shift
        ;;
      -h | --help)
        usage
        return 0
        ;;
      *) fail "there is no option $1; --help shows them." ;;
    esac
  done
  [ -n "$to" ] || fail "--to needs a directory."

  find_target
  wanted="$(sum_for "$target")"
  [ -n "$wanted" ] || fail "there is no ekslint for $system on $machine. $others"
  name="ekslint-v$version-$target"
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  download "$releases/v$version/$name.tar.gz" "$work/$name.tar.gz" ||
    fail "$releases/v$version/$name.tar.gz cannot be downloaded. $others"
  found="$(sha256 "$work/$name.tar.gz")"
  [ "$found" = "$wanted" ] ||
    fail "$name.tar.gz has the checksum $found, not $wanted. Nothing was installed."
  tar -xzf "$work/$name.tar.gz" -C "$work" "$name/ekslint" || fail "$name.tar.gz cannot be unpacked."

  mkdir -p "$to" || fail "$to cannot be made; name another directory with --to."
  # Beside its place first: a program that runs is replaced as a whole.
  cp "$work/$name/ekslint" "$to/.ekslint.new" || fail "$to cannot be written to; name another directory with --to."
  chmod 755 "$to/.ekslint.new"
  mv -f "$to/.ekslint.new" "$to/ekslint"
  printf 'installed ekslint %s as %s\n' "$version" "$to/ekslint"
  case ":${PATH:-}:" in
    *":$to:"*) ;;
    *) printf '%s is not on your PATH yet; add it in the start file of your shell\n' "$to" ;;
  esac
}

# At the end: half a script that was downloaded does nothing.
main "$@"
