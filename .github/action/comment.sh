#!/usr/bin/env bash
# Writes the report as a comment on the pull request, or updates the comment that an earlier run wrote.
#
# Reads the environment; action.yml sets it.
#   REPORT                     a page of Markdown
#   EKSLINT_SARIF_CATEGORY     each category has a comment of its own
#   GH_TOKEN                   may write comments: `pull-requests: write`
#   RUNNER_TEMP, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_GRAPHQL_URL
#                              as GitHub sets them
#
# A comment is the one to update if its first line is the marker, and if whoever the token belongs to wrote it: anybody
# may write the marker.
#
# Exits with 0: a comment that cannot be written is a warning, and the report is in the job summary all the same.
set -euo pipefail

# GitHub takes 65,536 characters. The rest is for the marker and the note.
readonly limit=65000
# How many comments are looked through, a hundred a page.
readonly pages=30

work="$(mktemp -d "${RUNNER_TEMP:?}/ekslint-comment.XXXXXX")"
readonly work

annotate() { printf '::%s title=ekslint::%s\n' "$1" "$2"; }

# Says why there is no comment, and ends.
without() {
  annotate "$1" "$2 The report is in the job summary."
  exit 0
}

# Reads JSON. On Windows, jq ends lines with a carriage return as well.
json() { jq -r "$@" | tr -d '\r'; }

event() { json "$1 // empty" "${GITHUB_EVENT_PATH:?}"; }

# Ends unless this run is for a pull request of the repository itself.
check_event() {
  case "${GITHUB_EVENT_NAME:-}" in
    pull_request) ;;
    pull_request_target)
      without warning "No comment is written for \`pull_request_target\`, which runs with your secrets on what strangers have sent: use \`pull_request\`."
      ;;
    *) without notice "There is no pull request to comment on." ;;
  esac
  if [[ "$(event .pull_request.head.repo.full_name)" != "${GITHUB_REPOSITORY:?}" ]]; then
    without notice "No comment is written on a fork's pull request, whose token may not write."
  fi
}

# Sends a request $1 to $2, with the file $3 as its body if there is one, and writes the answer to $work/answer. The token
# is no argument, which other processes could see. Only what changes nothing is tried again. Gives the status, 000 if there
# is none.
request() {
  local arguments=(--silent --show-error --proto '=https' --config - --request "$1"
    --header "Accept: application/vnd.github+json" --write-out '%{http_code}' --output "$work/answer")
  [[ "$1" != GET ]] || arguments+=(--retry 3)
  [[ -z "${3:-}" ]] || arguments+=(--header "Content-Type: application/json" --data-binary "@$3")
  curl "${arguments[@]}" "$2" <<<"header = \"Authorization: Bearer ${GH_TOKEN:-}\"" || printf '000'
}

# Ends with a warning unless the status $2 of the step $1 is one of success.
succeeds() {
  case "$2" in
    2??) ;;
    401 | 403 | 404)
      without warning "The comment cannot be $1 (HTTP $2): the job needs the permission \`pull-requests: write\`."
      ;;
    *) without warning "The comment cannot be $1 (HTTP ${2:(-3)})." ;;
  esac
}

# Who the token belongs to, as authors of comments are called.
own_name() {
  local status
  printf '{"query": "{ viewer { login } }"}' >"$work/query"
  status="$(request POST "${GITHUB_GRAPHQL_URL:-https://api.github.com/graphql}" "$work/query")"
  succeeds "written" "$status"
  me="$(json '.data.viewer.login // empty' "$work/answer")"
  [[ -n "$me" ]] || without warning "The comment cannot be written: GitHub does not say who the token belongs to."
}

# Looks for the comment; its id is in `id`, empty if there is none.
find_comment() {
  local page status
  id=""
  for ((page = 1; page <= pages; page++)); do
    status="$(request GET "$comments?per_page=100&page=$page")"
    succeeds "looked for" "$status"
    # shellcheck disable=SC2016 # Variables of jq.
    id="$(json --arg me "$me" --arg marker "$marker" '
      map(select((.user.login == $me or (.user.type == "Bot" and .user.login == $me + "[bot]"))
        and (.body | split("\n")[0] | rtrimstr("\r")) == $marker) | .id) | .[0] // empty' "$work/answer")"
    [[ -z "$id" && "$(json length "$work/answer")" -eq 100 ]] || return 0
  done
}

# The marker and the report, cut at a line: jq counts characters, so none is cut in two.
write_body() {
  jq -Rs --arg marker "$marker" --argjson limit "$limit" '
    if length > $limit
    then "> **This comment is cut off.** The whole report is in the job summary.\n\n"
      + (.[0:$limit - 100] | split("\n") | if length > 1 then .[0:-1] else . end | join("\n"))
    else . end
    | {body: ($marker + "\n" + .)}' "${REPORT:?}" >"$work/body"
}

main() {
  local marker number comments me id status
  check_event
  number="$(event .pull_request.number)"
  comments="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues/$number/comments"
  # Two dashes would end the comment of HTML.
  marker="<!-- ekslint $(printf '%s' "${EKSLINT_SARIF_CATEGORY:-}" | tr -c 'A-Za-z0-9._/' '_') -->"
  own_name
  find_comment
  write_body
  if [[ -n "$id" ]]; then
    status="$(request PATCH "${comments%/*/comments}/comments/$id" "$work/body")"
    succeeds "updated" "$status"
  else
    status="$(request POST "$comments" "$work/body")"
    succeeds "written" "$status"
  fi
}

main
