#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The release gate alone, over releases that are made of a few files: what it decides, when it has
# nothing to go back to, and when it was cut off.

gate_root=/srv/gate
# gate_case: a new case with the releases A (good, schema 2) and B (on trial, current).
gate_case() {
  inside rm -rf "$gate_root"
  inside mkdir -p "$gate_root"/{releases,release,data}
  inside chown riskd "$gate_root/data"
  gate_release A 2
  gate_release B 2
  inside ln -s releases/B "$gate_root/current"
  gate_state current=B state=trial tries=3 "activated=$(date +%s)" previous=A rolled_back=0 safe_mode=0 reason=
}

gate_release() {
  local folder=$machine_root$gate_root/releases/$1
  mkdir -p "$folder/bin"
  echo "$1" >"$folder/bin/riskd"
  printf 'id=%s\nschema_min=1\nschema_max=%s\n' "$1" "$2" >"$folder/release.env"
  (cd "$folder" && sha256sum bin/riskd release.env >MANIFEST)
}

gate_state() { printf '%s\n' "$@" >"$machine_root$gate_root/release/state"; }
set_state() { sed -i "s/^$1=.*/$1=$2/" "$machine_root$gate_root/release/state"; }

gate_verdict() {
  printf '%s\n' "$1" >"$machine_root$gate_root/data/release.verdict"
  inside chown riskd "$gate_root/data/release.verdict"
}

# Runs the gate and prints what it leaves: link, state, tries, rolled_back and safe_mode.
gate() {
  inside env RISKD_ROOT="$gate_root" /opt/risk-manager/ops/release-gate >/dev/null 2>&1
  local key line
  line=$(inside readlink "$gate_root/current")
  for key in state tries rolled_back safe_mode; do
    line+=" $(sed -n "s/^$key=//p" "$machine_root$gate_root/release/state")"
  done
  echo "$line"
}

gate_case
check_equal "a start on trial costs one" "$(gate)" "releases/B trial 2 0 0"
gate >/dev/null
check_equal "and the next, and the next" "$(gate)" "releases/B trial 0 0 0"
check_equal "then the release before comes back" "$(gate)" "releases/A good 0 1 0"
check_equal "and stays" "$(gate)" "releases/A good 0 1 0"

gate_case
set_state tries 0
set_state activated $(($(date +%s) - 86500))
check_equal "starts that fail after a day are no matter of the release" "$(gate)" \
  "releases/B bad 0 0 1"
gate_case
set_state tries 0
set_state activated $(($(date +%s) - 86500))
echo damaged >"$machine_root$gate_root/releases/B/bin/riskd"
check_equal "damage is, at any time" "$(gate)" "releases/A good 0 1 0"
gate_case
for boot in 1 2 3 4; do
  gate >/dev/null
  set_state boot "boot-$boot"
done
check_equal "starts that ended with the machine cost nothing" "$(gate)" "releases/B trial 2 0 0"
gate >/dev/null
check_equal "those of one boot do" "$(gate)" "releases/B trial 0 0 0"

gate_case
set_state state good
set_state tries 0
check_equal "a good release is never taken back" "$(gate)" "releases/B good 0 0 0"
echo damaged >"$machine_root$gate_root/releases/B/bin/riskd"
check_equal "not even damaged" "$(gate)" "releases/B good 0 0 0"
gate_verdict "release=B verdict=bad time=2026-01-01T00:00:00Z reason=four deaths"
check_equal "nor by riskd's verdict" "$(gate)" "releases/B good 0 0 0"

gate_case
gate_verdict "release=B verdict=bad time=2026-01-01T00:00:00Z reason=four deaths"
check_equal "riskd's verdict takes a release on trial back" "$(gate)" "releases/A good 3 1 0"
check "with its reason" grep -q '^reason=.*four deaths' "$machine_root$gate_root/release/state"

gate_case
printf 'withdrawn=%s\n' "did not protect" >>"$machine_root$gate_root/release/state"
gate_verdict "release=B verdict=good time=2026-01-01T00:00:00Z reason=ten minutes"
check_equal "a release that ops/deploy withdraws is taken back" "$(gate)" "releases/A good 3 1 0"
check "with the reason" grep -q '^reason=.*ops/deploy: did not protect' \
  "$machine_root$gate_root/release/state"
check_equal "once" "$(gate)" "releases/A good 3 1 0"

gate_case
gate_verdict "release=B verdict=good time=2026-01-01T00:00:00Z reason=ten minutes"
check_equal "riskd's verdict makes a release good" "$(gate)" "releases/B good 3 0 0"
gate_case
inside sh -c "head -c 5000 /dev/zero | tr '\\0' x >$gate_root/data/release.verdict"
check_equal "a verdict that is too long counts for nothing" "$(gate)" "releases/B trial 2 0 0"
gate_case
inside mkfifo "$gate_root/data/release.verdict"
check_equal "nor does a pipe" "$(gate)" "releases/B trial 2 0 0"
gate_case
printf 'release=B verdict=good time=x reason=y\n' >"$machine_root$gate_root/secret"
inside chmod 600 "$gate_root/secret"
inside ln -s ../secret "$gate_root/data/release.verdict"
check_equal "nor does a link to a file of root" "$(gate)" "releases/B trial 2 0 0"

gate_case
echo damaged >"$machine_root$gate_root/releases/B/bin/riskd"
check_equal "a damaged release on trial is taken back at once" "$(gate)" "releases/A good 3 1 0"

while IFS='|' read -r text command; do
  gate_case
  set_state tries 0
  eval "$command"
  check_equal "safe mode, and a start: $text" "$(gate)" "releases/B bad 0 ${rolled:-0} 1"
done <<'CASES'
no release before|set_state previous ''
the one before is bad too|inside sh -c "echo A >$gate_root/release/bad"
the one before is damaged|echo x >"$machine_root$gate_root/releases/A/bin/riskd"
the one before is gone|inside rm -r "$gate_root/releases/A"
the one before cannot read the database|gate_release A 1; inside sqlite3 "$gate_root/data/risk_manager.db" "CREATE TABLE schema_version (version, success); INSERT INTO schema_version VALUES (2, 1)"
the database is unreadable, and the newer one has migrated it|gate_release A 1; inside sh -c "echo x >$gate_root/data/risk_manager.db"
CASES
# A database of version 1 under a release of version 2; "riskctl" is a script that does what is said.
old_database() {
  inside sqlite3 "$gate_root/data/risk_manager.db" "CREATE TABLE lockouts (account_id)"
  inside chown riskd "$gate_root/data/risk_manager.db"
  printf '#!/bin/sh\n%s\n' "$1" >"$machine_root$gate_root/releases/B/bin/riskctl"
  inside chmod 755 "$gate_root/releases/B/bin/riskctl"
  gate_release A 1
}
gate_case
old_database 'echo "$@" >'"$gate_root/data/said"
check_equal "a release on trial finds its database migrated" "$(gate)" "releases/B trial 2 0 0"
check "by its riskctl" grep -qx "db migrate --from-version 1 --to-version 2 --root $gate_root" \
  "$machine_root$gate_root/data/said"
gate_case
old_database 'exit 1'
check_equal "or is taken back" "$(gate)" "releases/A good 3 1 0"
gate_case
old_database "echo >$gate_root/data/said"
set_state state good
check_equal "so does a good one" "$(gate)" "releases/B good 3 0 0"
check "by its riskctl" test -e "$machine_root$gate_root/data/said"
gate_case
old_database 'exit 1'
set_state state good
check_equal "which starts in any case" "$(gate)" "releases/B good 3 0 0"
gate_case
old_database "exit 1"
gate_release A 2
printf '#!/bin/sh\necho >%s\n' "$gate_root/data/said" >"$machine_root$gate_root/releases/A/bin/riskctl"
inside chmod 755 "$gate_root/releases/A/bin/riskctl"
check_equal "what is gone back to finds it migrated too" "$(gate)" "releases/A good 3 1 0"
check "by its own riskctl" test -e "$machine_root$gate_root/data/said"
gate_case
old_database "echo >$gate_root/data/said"
inside sqlite3 "$gate_root/data/risk_manager.db" "CREATE TABLE schema_version (version, success);
  INSERT INTO schema_version VALUES (2, 0)"
check_equal "a migration that failed before is tried again" "$(gate)" "releases/B trial 2 0 0"
check "by riskctl" test -e "$machine_root$gate_root/data/said"

gate_case
set_state tries 0
set_state rolled_back 1
check_equal "safe mode, and a start: rolled back once already" "$(gate)" "releases/B bad 0 1 1"
gate_verdict "release=B verdict=good time=2026-01-01T00:00:00Z reason=ten minutes"
check_equal "until riskd finds itself good after all" "$(gate)" "releases/B good 0 1 0"

gate_case
inside sh -c "echo A >$gate_root/release/switching"
set_state current A
set_state state good
set_state rolled_back 1
check_equal "a roll-back that was cut off is finished" "$(gate)" "releases/A good 3 1 0"
gate_case
set_state current A
set_state state good
check_equal "a deployment that was cut off is a trial" "$(gate)" "releases/B trial 2 0 0"
check "with the way back" grep -qx previous=A "$machine_root$gate_root/release/state"
gate_case
rm "$machine_root$gate_root/release/state"
check_equal "without a state it is a trial" "$(gate)" "releases/B trial 2 0 0"
gate_case
printf '\0\377x' >"$machine_root$gate_root/release/state"
check_equal "with a state of nonsense too" "$(gate)" "releases/B trial 2 0 0"
inside rm -rf "$gate_root"
