#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# One line per check: ok N TEXT, or not ok N TEXT with the evidence below it.

check_count=0
failed_checks=()

ok() {
  check_count=$((check_count + 1))
  printf 'ok %d %s\n' "$check_count" "$1"
}

not_ok() {
  check_count=$((check_count + 1))
  failed_checks+=("$check_count $1")
  printf 'not ok %d %s\n' "$check_count" "$1"
  printf '%s\n' "${2:-no evidence}" | tail -n 25 | sed 's/^/    /'
}

# check TEXT COMMAND...: succeeds when the command does; what it printed is the evidence.
check() {
  local text=$1 evidence
  shift
  if evidence=$("$@" 2>&1); then ok "$text"; else not_ok "$text" "$* said: $evidence"; fi
}

# check_within TEXT SECONDS COMMAND...
check_within() {
  local text=$1 seconds=$2
  shift 2
  if within "$seconds" "$@" >/dev/null 2>&1; then
    ok "$text"
  else
    not_ok "$text" "not within $seconds s: $*
$("$@" 2>&1 || true)
$(journal -n 15)"
  fi
}

# check_refused TEXT COMMAND...: succeeds when the command fails.
check_refused() {
  local text=$1 evidence
  shift
  if evidence=$("$@" 2>&1); then not_ok "$text" "it was done: $evidence"; else ok "$text"; fi
}

check_equal() {
  if [[ "$2" == "$3" ]]; then ok "$1"; else not_ok "$1" "is '$2', expected '$3'"; fi
}

journal() { inside journalctl --no-pager --quiet --unit riskd.service "$@"; }

# A place in the journal, for journal_since.
now_mark() {
  inside journalctl --no-pager --quiet --lines 0 --show-cursor | sed -n 's/^-- cursor: //p'
}

# journal_since MARK PATTERN: whether the journal tells it after the mark, whoever said it.
journal_since() {
  inside journalctl --no-pager --quiet --output cat --after-cursor "$1" |
    grep -E "$2" >/dev/null
}

finish_checks() {
  echo "1..$check_count"
  if ((${#failed_checks[@]})); then
    printf 'system-test: failed: %s\n' "${failed_checks[@]}" >&2
    return 1
  fi
  ((check_count > 0))
}
