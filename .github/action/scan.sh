#!/usr/bin/env bash
# Runs `ekslint scan` and prepares what the action does with the reports. Runs outside GitHub as well.
#
# Reads the environment; action.yml sets it.
#   EKSLINT_PATHS              what to scan, one path a line; empty: `paths` of ekslint.toml
#   EKSLINT_CONFIG             --config
#   EKSLINT_BASELINE           --baseline
#   EKSLINT_LEVEL              --level
#   EKSLINT_FAIL_ON            --fail-on
#   EKSLINT_FORMAT             what is printed [default: github]
#   EKSLINT_ARGS               more arguments, separated by spaces or line ends; quotes mean nothing
#   EKSLINT_MASK_ACCOUNT       true: --mask-account
#   EKSLINT_SUMMARY            false: no job summary
#   EKSLINT_SARIF_CATEGORY     --sarif-category
#   EKSLINT_UPLOAD_SARIF       true: the SARIF file will be uploaded, so say it when it must not be
#   RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY    as GitHub sets them; the last may be absent
#
# Writes to GITHUB_OUTPUT
#   exit-code      that of ekslint
#   complete       true if everything was read and evaluated
#   findings       how many there are, without waived and known ones; empty if there is no report
#   upload         true if the SARIF file is to be uploaded
#   sarif-file, json-file, markdown-file    the reports; empty if they were not written
#
# Exits with 0 also when there are findings: reports are uploaded before the job fails. With 2 if an input is wrong.
set -euo pipefail

# A job summary may have 1 MiB; a larger one is refused whole. The rest is for the note.
readonly summary_limit=$((1024 * 1024 - 1024))

reports="$(mktemp -d "${RUNNER_TEMP:?}/ekslint-reports.XXXXXX")"
readonly reports

annotate() { printf '::%s title=ekslint::%s\n' "$1" "$2"; }

output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:?}"; }

# Whether the input $1, which says $2, is on. Anything but true and false is a mistake that nobody should have to guess.
is_on() {
  case "$2" in
    true) return 0 ;;
    false) return 1 ;;
    *)
      annotate error "The input \`$1\` must be true or false."
      exit 2
      ;;
  esac
}

check_inputs() {
  is_on mask-account "${EKSLINT_MASK_ACCOUNT:-false}" || :
  is_on summary "${EKSLINT_SUMMARY:-true}" || :
  is_on upload-sarif "${EKSLINT_UPLOAD_SARIF:-false}" || :
  if ! command -v jq >/dev/null; then
    annotate error "This action reads its reports with jq: install it on the runner."
    exit 2
  fi
}

# Fills `arguments`. What is empty is left out, so that ekslint.toml and the defaults decide.
collect_arguments() {
  local word path
  arguments=(scan "--format=${EKSLINT_FORMAT:-github}" "--format=sarif=$reports/ekslint.sarif"
    "--format=markdown=$reports/ekslint.md" "--format=json=$reports/ekslint.json")
  [[ -z "${EKSLINT_CONFIG:-}" ]] || arguments+=("--config=$EKSLINT_CONFIG")
  [[ -z "${EKSLINT_BASELINE:-}" ]] || arguments+=("--baseline=$EKSLINT_BASELINE")
  [[ -z "${EKSLINT_LEVEL:-}" ]] || arguments+=("--level=$EKSLINT_LEVEL")
  [[ -z "${EKSLINT_SARIF_CATEGORY:-}" ]] || arguments+=("--sarif-category=$EKSLINT_SARIF_CATEGORY")
  [[ -z "${EKSLINT_FAIL_ON:-}" ]] || arguments+=("--fail-on=$EKSLINT_FAIL_ON")
  ! is_on mask-account "${EKSLINT_MASK_ACCOUNT:-false}" || arguments+=(--mask-account)
  while read -r word; do
    [[ -z "$word" ]] || arguments+=("$word")
  done < <(tr -s ' \t\r\n' '\n' <<<"${EKSLINT_ARGS:-}")
  arguments+=(--)
  while IFS= read -r path; do
    path="${path%$'\r'}"
    [[ -z "$path" ]] || arguments+=("$path")
  done <<<"${EKSLINT_PATHS:-}"
}

# Prints what ekslint wrote. GitHub takes any line for a command that begins with `::` or has `##[` in it, and names of
# clusters and files get into messages. So commands are switched off, until a word that nobody can know; only the
# annotations of the `github` format, which escapes what it writes, come after it.
show() {
  local word annotation='^::(error|warning|notice) '
  # No line matches this.
  [[ "${EKSLINT_FORMAT:-github}" == github ]] || annotation='$.'
  word="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  printf '::stop-commands::%s\n' "$word"
  cat "$reports/stderr"
  grep -aEv "$annotation" "$reports/stdout" || :
  # A last line without its end would swallow the command.
  printf '\n::%s::\n' "$word"
  # GitHub starts a line at a carriage return as well.
  grep -aE "$annotation" "$reports/stdout" | tr '\r' ' ' || :
}

summarize() {
  local size
  [[ -s "$reports/ekslint.md" ]] && [[ -n "${GITHUB_STEP_SUMMARY:-}" ]] || return 0
  size="$(wc -c <"$reports/ekslint.md")"
  if [[ "$size" -le "$summary_limit" ]]; then
    cat "$reports/ekslint.md" >>"$GITHUB_STEP_SUMMARY"
    return 0
  fi
  {
    printf '> **This summary is cut off.** GitHub shows 1 MiB; the whole report has %d KiB.\n\n' "$((size / 1024))"
    # Without the last line, which may be cut anywhere.
    head -c "$summary_limit" "$reports/ekslint.md" | sed '$d'
  } >>"$GITHUB_STEP_SUMMARY"
  annotate notice "The job summary is cut off at 1 MiB."
}

# Whether everything was read and evaluated: ekslint ran to its end, and both reports say so.
is_complete() {
  case "$1" in
    0 | 1) ;;
    *) return 1 ;;
  esac
  jq -e '.runs | length > 0 and all(.invocations[0].executionSuccessful == true)' \
    "$reports/ekslint.sarif" >/dev/null 2>&1 &&
    jq -e '.summary.complete == true' "$reports/ekslint.json" >/dev/null 2>&1
}

decide_upload() {
  is_on upload-sarif "${EKSLINT_UPLOAD_SARIF:-false}" || return 0
  if [[ ! -s "$reports/ekslint.sarif" ]]; then
    annotate warning "There is no SARIF report to upload."
  elif [[ "$1" == true ]]; then
    output upload true
  else
    annotate warning "The scan is incomplete, so its results were not uploaded: code scanning would close alerts that nobody has evaluated."
  fi
}

write_outputs() {
  local complete=false
  ! is_complete "$1" || complete=true
  output exit-code "$1"
  output complete "$complete"
  output findings "$(jq -r '[.summary.findings[]] | add // 0' "$reports/ekslint.json" 2>/dev/null || :)"
  [[ ! -s "$reports/ekslint.sarif" ]] || output sarif-file "$reports/ekslint.sarif"
  [[ ! -s "$reports/ekslint.json" ]] || output json-file "$reports/ekslint.json"
  [[ ! -s "$reports/ekslint.md" ]] || output markdown-file "$reports/ekslint.md"
  decide_upload "$complete"
}

main() {
  local code=0
  check_inputs
  collect_arguments
  ekslint "${arguments[@]}" </dev/null >"$reports/stdout" 2>"$reports/stderr" || code=$?
  show
  ! is_on summary "${EKSLINT_SUMMARY:-true}" || summarize
  write_outputs "$code"
}

main
