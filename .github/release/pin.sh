#!/usr/bin/env bash
# pin.sh TAG: writes the hash of a released tag into every page that shows the action. To be run on the main branch after a
# release: a commit cannot hold its own hash, so the pages of a release show the one before it.
set -euo pipefail
cd "$(dirname "$0")/../.."

tag="$1"
hash="$(git rev-parse --verify --quiet "refs/tags/$tag^{commit}")" || {
  printf 'There is no tag %s here: git fetch --tags\n' "$tag" >&2
  exit 1
}
sed -E -i.before "s|ekslint/ekslint@[0-9a-f]{40} # v[^[:space:]]+|ekslint/ekslint@$hash # $tag|" README.md docs/*.md
rm -- *.before docs/*.before
