#!/usr/bin/env bash
# Runs `ekslint scan` and prepares what the action does with the reports. Runs outside GitHub as well.
#
# Reads the environment; action.yml sets it.
#   EKSLINT_PATHS              what to scan, one path a line; empty: `paths` of ekslint.toml
#   EKSLINT_REGION             --region, by commas or line ends
#   EKSLINT_CONFIG             --config
#   EKSLINT_BASELINE           --baseline
#   EKSLINT_LEVEL              --level
#   EKSLINT_SELECT             --select, by commas or line ends
#   EKSLINT_RULES              --rules, one directory a line
#   EKSLINT_SEVERITY           --severity
#   EKSLINT_FAIL_ON            --fail-on
#   EKSLINT_STRICT             true: --strict
#   EKSLINT_DIFF_BASE          a Git revision: only findings that are new since then count for the exit code
#   EKSLINT_FORMAT             what is printed [default: github]
#   EKSLINT_ARGS               more arguments, separated by spaces or line ends; quotes mean nothing
#   EKSLINT_MASK_ACCOUNT       true: --mask-account
#   EKSLINT_SUMMARY            false: no job summary
#   EKSLINT_COMMENT            true: name the page for the comment
#   EKSLINT_HTML               true: write the page of HTML as well
#   EKSLINT_SARIF_CATEGORY     --sarif-category
#   EKSLINT_UPLOAD_SARIF       true: the SARIF file will be uploaded, so say it when it must not be
#   RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY    as GitHub sets them; the last may be absent
#
# Writes to GITHUB_OUTPUT
#   exit-code      that of ekslint; with a diff base, 0 or 1 are those of `ekslint diff`
#   complete       true if everything was read and evaluated
#   findings       how many there are, without waived and known ones; empty if there is no report
#   new-findings   how many of them are new since the diff base; empty without one
#   upload         true if the SARIF file is to be uploaded
#   comment-file   the page for the comment, if one is wanted
#   sarif-file, json-file, markdown-file, html-file    the reports of the scan; empty if they were not written
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
  is_on strict "${EKSLINT_STRICT:-false}" || :
  is_on comment "${EKSLINT_COMMENT:-false}" || :
  is_on upload-sarif "${EKSLINT_UPLOAD_SARIF:-false}" || :
  is_on html "${EKSLINT_HTML:-false}" || :
  if [[ -n "${EKSLINT_DIFF_BASE:-}" && -n "${EKSLINT_REGION:-}" ]]; then
    annotate error "The inputs \`diff-base\` and \`region\` exclude each other: Git has no live clusters. With \`baseline\`, known findings do not fail the job."
    exit 2
  fi
  if ! command -v jq >/dev/null; then
    annotate error "This action reads its reports with jq: install it on the runner."
    exit 2
  fi
}

# Adds an option for each line of $2 that is not empty, without the blanks around it.
each_line() {
  local line
  while IFS= read -r line; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    [[ -z "$line" ]] || arguments+=("$1=$line")
  done <<<"$2"
}

# Fills `arguments` with the options that `ekslint scan` and `ekslint diff` share. What is empty is left out, so that
# ekslint.toml and the defaults decide.
collect_options() {
  local word
  [[ -z "${EKSLINT_CONFIG:-}" ]] || arguments+=("--config=$EKSLINT_CONFIG")
  [[ -z "${EKSLINT_BASELINE:-}" ]] || arguments+=("--baseline=$EKSLINT_BASELINE")
  [[ -z "${EKSLINT_LEVEL:-}" ]] || arguments+=("--level=$EKSLINT_LEVEL")
  each_line --select "${EKSLINT_SELECT:-}"
  each_line --rules "${EKSLINT_RULES:-}"
  [[ -z "${EKSLINT_SEVERITY:-}" ]] || arguments+=("--severity=$EKSLINT_SEVERITY")
  [[ -z "${EKSLINT_FAIL_ON:-}" ]] || arguments+=("--fail-on=$EKSLINT_FAIL_ON")
  ! is_on strict "${EKSLINT_STRICT:-false}" || arguments+=(--strict)
  ! is_on mask-account "${EKSLINT_MASK_ACCOUNT:-false}" || arguments+=(--mask-account)
  while read -r word; do
    [[ -z "$word" ]] || arguments+=("$word")
  done < <(tr -s ' \t\r\n' '\n' <<<"${EKSLINT_ARGS:-}")
}

collect_paths() {
  local path
  arguments+=(--)
  while IFS= read -r path; do
    path="${path%$'\r'}"
    [[ -z "$path" ]] || arguments+=("$path")
  done <<<"${EKSLINT_PATHS:-}"
}

collect_scan() {
  arguments=(scan "--format=${EKSLINT_FORMAT:-github}" "--format=sarif=$reports/ekslint.sarif"
    "--format=markdown=$reports/ekslint.md" "--format=json=$reports/ekslint.json")
  ! is_on html "${EKSLINT_HTML:-false}" || arguments+=("--format=html=$reports/ekslint.html")
  each_line --region "${EKSLINT_REGION:-}"
  [[ -z "${EKSLINT_SARIF_CATEGORY:-}" ]] || arguments+=("--sarif-category=$EKSLINT_SARIF_CATEGORY")
  collect_options
  collect_paths
}

collect_diff() {
  arguments=(diff "--git=$EKSLINT_DIFF_BASE" --format=text "--format=markdown=$reports/diff.md"
    "--format=json=$reports/diff.json")
  collect_options
  collect_paths
}

# Prints what ekslint wrote to $1.stdout and $1.stderr. GitHub takes any line for a command that begins with `::` or has
# `##[` in it, and names of clusters and files get into messages. So commands are switched off, until a word that nobody
# can know; only the annotations of the `github` format ($2), which escapes what it writes, come after it.
show() {
  local word annotation='^::(error|warning|notice) '
  # No line matches this.
  [[ "$2" == github ]] || annotation='$.'
  word="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  printf '::stop-commands::%s\n' "$word"
  cat "$1.stderr"
  grep -aEv "$annotation" "$1.stdout" || :
  # A last line without its end would swallow the command.
  printf '\n::%s::\n' "$word"
  # GitHub starts a line at a carriage return as well.
  grep -aE "$annotation" "$1.stdout" | tr '\r' ' ' || :
}

# How many findings the counts by severity $2 of the report $1 are; nothing if there is no report. On Windows, jq ends lines
# with a carriage return as well.
count() { jq -r "[$2[]] | add // 0" "$reports/$1" 2>/dev/null | tr -d '\r' || :; }

# Runs ekslint with `arguments`, and prints what it wrote as the format $2. Its exit code is in `code`.
run() {
  code=0
  ekslint "${arguments[@]}" </dev/null >"$reports/$1.stdout" 2>"$reports/$1.stderr" || code=$?
  show "$reports/$1" "$2"
}

# What the scan says of alerts ($1: alerts-must-stay or alerts-close-unseen), as text; nothing if it does not say it.
# In SARIF a backslash escapes brackets.
alerts() {
  jq -r --arg id "$1" '
    [.runs[]?.invocations[]?.toolExecutionNotifications[]? | select(.descriptor.id == $id) | .message.text]
    | .[0] // "" | gsub("\\\\(?<c>.)"; .c)' "$reports/ekslint.sarif" 2>/dev/null || :
}

# Whether earlier findings that are no longer found may count as gone. ekslint decides that; here is only read what it
# says, after it ran to its end, in both reports: one of them may be cut off.
is_successful() {
  case "$1" in
    0 | 1 | 3) ;;
    *) return 1 ;;
  esac
  jq -e '.runs | length > 0 and all(.invocations[0].executionSuccessful == true)' \
    "$reports/ekslint.sarif" >/dev/null 2>&1 &&
    jq -e '.summary.executionSuccessful == true' "$reports/ekslint.json" >/dev/null 2>&1
}

# Whether everything was read and evaluated.
is_complete() {
  [[ "$1" == [01] ]] && is_successful "$1" && jq -e '.summary.complete == true' "$reports/ekslint.json" >/dev/null 2>&1
}

# Text of others as the data of a command. The whole of it is in the job summary.
escaped() {
  jq -Rrs 'sub("\\s+$"; "") | if length > 500 then .[0:500] + "…" else . end
    | gsub("[\r\n]"; " ") | gsub("%"; "%25")' <<<"$1"
}

# Text of others as Markdown: as code, since in any other text GitHub makes links of mentions and addresses.
# shellcheck disable=SC2016 # Backticks of Markdown.
as_code() { printf '`%s`' "$(tr '`\r\n' "'  " <<<"$1" | sed 's/ *$//')"; }

# The exit code of ekslint is $1.
decide_upload() {
  local why unseen
  is_on upload-sarif "${EKSLINT_UPLOAD_SARIF:-false}" || return 0
  if [[ ! -s "$reports/ekslint.sarif" ]]; then
    annotate warning "There is no SARIF report to upload."
  elif is_successful "$1"; then
    output upload true
    unseen="$(alerts alerts-close-unseen)"
    [[ -n "$unseen" ]] || return 0
    annotate notice "$(escaped "$unseen")"
    printf '<details>\n<summary>%s</summary>\n\n%s\n\n</details>\n\n' \
      "Code scanning closes the alerts of rules that were not evaluated" "$(as_code "$unseen")" >"$reports/note.md"
  else
    why="$(alerts alerts-must-stay)"
    why="${why:-"ekslint did not run to its end, and code scanning would close alerts that nobody has evaluated."}"
    annotate warning "The results were not uploaded. $(escaped "$why")"
    printf '> [!WARNING]\n> **The results were not uploaded to code scanning.** %s\n\n' "$(as_code "$why")" >"$reports/note.md"
  fi
}

# What becomes of alerts comes first, then the difference, then the scan.
summarize() {
  local size page="$reports/summary.md"
  [[ -n "${GITHUB_STEP_SUMMARY:-}" ]] || return 0
  cat "$reports/note.md" "$reports/diff.md" "$reports/ekslint.md" >"$page" 2>/dev/null || :
  [[ -s "$page" ]] || return 0
  size="$(wc -c <"$page")"
  if [[ "$size" -le "$summary_limit" ]]; then
    cat "$page" >>"$GITHUB_STEP_SUMMARY"
    return 0
  fi
  {
    printf '> **This summary is cut off.** GitHub shows 1 MiB; the whole report has %d KiB.\n\n' "$((size / 1024))"
    # Without the last line, which may be cut anywhere.
    head -c "$summary_limit" "$page" | sed '$d'
  } >>"$GITHUB_STEP_SUMMARY"
  annotate notice "The job summary is cut off at 1 MiB."
}

# The reports, and how many findings there are.
write_reports() {
  local page="$reports/ekslint.md"
  output findings "$(count ekslint.json .summary.findings)"
  [[ ! -s "$reports/ekslint.sarif" ]] || output sarif-file "$reports/ekslint.sarif"
  [[ ! -s "$reports/ekslint.json" ]] || output json-file "$reports/ekslint.json"
  [[ ! -s "$reports/ekslint.md" ]] || output markdown-file "$reports/ekslint.md"
  [[ ! -s "$reports/ekslint.html" ]] || output html-file "$reports/ekslint.html"
  [[ -z "${EKSLINT_DIFF_BASE:-}" ]] || page="$reports/diff.md"
  is_on comment "${EKSLINT_COMMENT:-false}" || return 0
  # The comment of an earlier run must not go on saying what nobody has found out now.
  if [[ ! -s "$page" ]]; then
    page="$reports/none.md"
    printf '## ekslint\n\n> [!WARNING]\n> There is no report: ekslint did not run to its end. The log of the job says why.\n' >"$page"
  fi
  output comment-file "$page"
}

# Compares with the diff base. The exit code of the scan is $1; that of the job is in `code` afterwards: what is wrong or
# incomplete stays so, and of the findings only new ones count.
compare() {
  collect_diff
  run diff text
  output new-findings "$(count diff.json .summary.new)"
  case "$1" in
    0 | 1) ;;
    *) code="$1" ;;
  esac
}

main() {
  local code arguments complete=false
  check_inputs
  collect_scan
  run scan "${EKSLINT_FORMAT:-github}"
  ! is_complete "$code" || complete=true
  output complete "$complete"
  decide_upload "$code"
  [[ -z "${EKSLINT_DIFF_BASE:-}" ]] || compare "$code"
  output exit-code "$code"
  write_reports
  ! is_on summary "${EKSLINT_SUMMARY:-true}" || summarize
}

main
