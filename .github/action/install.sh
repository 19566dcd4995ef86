#!/usr/bin/env bash
# Puts ekslint on the path of the steps that follow.
#
# Reads the environment; action.yml sets it.
#   EKSLINT_VERSION       empty: the version of this action. X.Y.Z: that release. source: builds this action's own
#                         source. installed: takes the ekslint that is on PATH.
#   GITHUB_ACTION_PATH    where this action is checked out
#   RUNNER_TEMP, RUNNER_OS, RUNNER_ARCH, GITHUB_PATH, GITHUB_SERVER_URL    as GitHub sets them
#   GH_TOKEN              for verifying where a release was built; may be empty
#   EKSLINT_RELEASES      where releases are, for mirrors [default: the releases of ekslint on GitHub]
#
# A downloaded archive must have the checksum that the release says. Where the GitHub CLI can, it also verifies that
# the release workflow of ekslint built the archive. An archive that fails either is never run, nor built around.
set -euo pipefail

readonly repository="ekslint/ekslint"
readonly releases="${EKSLINT_RELEASES:-https://github.com/$repository/releases/download}"
readonly home="${RUNNER_TEMP:?}/ekslint"

say() { printf 'ekslint action: %s\n' "$1"; }

annotate() { printf '::%s title=ekslint::%s\n' "$1" "$2"; }

fail() {
  annotate error "$1"
  exit 2
}

# The version in Cargo.toml of the action itself: an action that is pinned by its hash gets the binary of that commit.
own_version() {
  sed -n 's/^version = "\([^"]*\)"$/\1/p' "${GITHUB_ACTION_PATH:?}/Cargo.toml" | head -n 1
}

# The target triple that releases have a binary for, or nothing.
target() {
  case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
  esac
}

# Downloads $1 to $2. Returns 4 if there is no such file; any other failure ends the action.
download() {
  local status=0 code
  code="$(curl --silent --show-error --location --fail --retry 3 --proto '=https,file' --proto-redir '=https' \
    --write-out '%{http_code}' --output "$2" "$1")" || status=$?
  [[ "$status" -eq 0 ]] && return 0
  # 37 is curl's «could not read file», for mirrors in a file system.
  if [[ "$code" == 404 ]] || [[ "$status" -eq 37 ]]; then
    return 4
  fi
  fail "$1 cannot be downloaded (curl $status, HTTP $code). Run the job again, or set \`version: source\`."
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# The checksum that SHA256SUMS ($1) has for the file name $2.
expected_sum() {
  awk -v name="$2" '{ file = $2; sub(/^\*/, "", file) } file == name { print $1 }' "$1"
}

# Whether the GitHub CLI can tell where a file was built: it knows the command, has a token, and the token is of the
# server that has the attestations.
can_verify() {
  [[ -n "${GH_TOKEN:-}" && "${GITHUB_SERVER_URL:-}" == "https://github.com" ]] &&
    [[ "$(gh attestation verify --help 2>/dev/null)" == *--source-ref* ]]
}

verify_origin() {
  if ! can_verify; then
    annotate notice "The checksum of the archive is right; where it was built was not verified: that takes the GitHub CLI and a token of github.com."
    return 0
  fi
  gh attestation verify "$1" --repo "$repository" --signer-workflow "$repository/.github/workflows/release.yml" \
    --source-ref "refs/tags/v$2" ||
    fail "$(basename "$1") was not built by the release workflow of ekslint. It was not run."
}

verify_sum() {
  local wanted
  wanted="$(expected_sum "$home/download/SHA256SUMS" "$(basename "$1")")"
  [[ "$wanted" =~ ^[0-9a-f]{64}$ && "$(sha256 "$1")" == "$wanted" ]] ||
    fail "$(basename "$1") has not the checksum that SHA256SUMS of v$2 says. It was not run."
}

unpack() {
  case "$1" in
    *.zip) unzip -q -o "$1" -d "$2" ;;
    *) tar -xzf "$1" -C "$2" ;;
  esac
}

# Installs the release $1. Returns 4 if there is none for this machine. Its callers look at what it returns, and then
# bash does not stop at commands that fail: each says so itself.
install_release() {
  local version="$1" target name archive binary=ekslint
  target="$(target)"
  [[ -n "$target" ]] || return 4
  name="ekslint-v$version-$target"
  archive="$home/download/$name.tar.gz"
  if [[ "$RUNNER_OS" == Windows ]]; then
    archive="$home/download/$name.zip"
    binary=ekslint.exe
  fi

  mkdir -p "$home/download" "$home/bin" || fail "$home is not writable."
  download "$releases/v$version/SHA256SUMS" "$home/download/SHA256SUMS" || return
  download "$releases/v$version/$(basename "$archive")" "$archive" || return
  verify_sum "$archive" "$version"
  verify_origin "$archive" "$version"
  unpack "$archive" "$home/download" || fail "$(basename "$archive") cannot be unpacked."
  mv "$home/download/$name/$binary" "$home/bin/" || fail "$(basename "$archive") has no $binary."
  say "installed v$version for $target"
}

install_source() {
  command -v cargo >/dev/null || fail "Building ekslint needs Rust: https://rustup.rs"
  say "building from source, which takes ten minutes and more"
  cargo install --path "${GITHUB_ACTION_PATH:?}" --locked --root "$home"
}

# The release of the action's own version, or else its source: both are the same code.
install_own() {
  local version status=0
  version="$(own_version)"
  [[ -n "$version" ]] || fail "Cargo.toml of the action has no version."
  install_release "$version" || status=$?
  case "$status" in
    0) ;;
    4)
      annotate warning "There is no release v$version for ${RUNNER_OS:-?} ${RUNNER_ARCH:-?}: building from source."
      install_source
      ;;
    *) exit "$status" ;;
  esac
}

install_given() {
  local status=0
  [[ "$1" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    fail "\`version\` is none: give X.Y.Z, \`source\` or \`installed\`, or leave it out."
  install_release "$1" || status=$?
  [[ "$status" -ne 4 ]] || fail "There is no release v$1 for ${RUNNER_OS:-?} ${RUNNER_ARCH:-?}."
  return "$status"
}

main() {
  local version="${EKSLINT_VERSION:-}"
  case "${version#v}" in
    installed)
      command -v ekslint >/dev/null || fail "\`version: installed\` needs an ekslint on PATH."
      return 0
      ;;
    source) install_source ;;
    "") install_own ;;
    *) install_given "${version#v}" ;;
  esac
  printf '%s\n' "$home/bin" >>"${GITHUB_PATH:?}"
}

main
