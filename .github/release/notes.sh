#!/usr/bin/env bash
# notes.sh TAG FILE: checks that the tag is the version everywhere and writes what the changelog says about it, and the line
# that pins the action to it. FILE is relative to the root of the project. GITHUB_SHA is the commit of the tag.
set -euo pipefail
cd "$(dirname "$0")/../.."

tag="$1"
version="${tag#v}"

fail() {
  printf '::error title=release::%s\n' "$1"
  exit 1
}

own="$(sed -n 's/^version = "\([^"]*\)"$/\1/p' Cargo.toml | head -n 1)"
[[ "$tag" == "v$own" ]] || fail "The tag is $tag, but Cargo.toml says $own."
grep -qF "ghcr.io/ekslint/ekslint:$version " .pre-commit-hooks.yaml ||
  fail "The image in .pre-commit-hooks.yaml is not that of $version."

awk -v heading="## [$version]" '
  index($0, "## ") == 1 { inside = index($0, heading) == 1; next }
  inside { print }
' CHANGELOG.md >"$2"
grep -q '[^[:space:]]' "$2" || fail "CHANGELOG.md has no section «## [$version]»."

# No file of a commit can hold its hash, so the notes are the first place that has it.
# shellcheck disable=SC2016 # Backticks of Markdown.
printf '\n### The action\n\n```yaml\n- uses: ekslint/ekslint@%s # %s\n```\n' "${GITHUB_SHA:?}" "$tag" >>"$2"
