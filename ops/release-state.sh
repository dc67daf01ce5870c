# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables are shared with those who source this file
# What is known of the installed releases; sourced by POSIX shells, which set `root` before.
#
# $root/release belongs to root; everybody may read it.
#   state      key=value lines, replaced as a whole:
#                current=ID        the release that `current` points to
#                state=trial|good|bad
#                tries=N           starts that a release on trial has left
#                activated=SECONDS since 1970-01-01T00:00:00Z
#                previous=ID       where a roll-back leads to, or empty
#                rolled_back=0|1   whether that has happened since the last deployment
#                safe_mode=0|1     1: bad, and there is nothing to roll back to
#                boot=ID           the boot of the machine in which it was last started, or empty
#                withdrawn=TEXT    why ops/deploy takes the release back at the next start, or empty
#                reason=TEXT
#   switching  the ID that `current` is about to point to, while a roll-back is under way
#   bad        the IDs of releases that were given up, one a line
#   history    TIME EVENT TEXT, oldest first, the latest 500
# The service writes $root/data/release.verdict, one line, at most 4 KiB; it is not trusted:
#   release=ID verdict=good|bad time=RFC3339 reason=TEXT

release_folder=$root/release
state_file=$release_folder/state
verdict_file=$root/data/release.verdict
service_user=riskd
tries_of_a_trial=3
# After this many seconds what fails is no matter of the release being new (riskd's rule too).
probation=86400
kept_history=500

load_state() {
  current=$(value_of "$state_file" current)
  state=$(value_of "$state_file" state)
  tries=$(value_of "$state_file" tries)
  activated=$(value_of "$state_file" activated)
  previous=$(value_of "$state_file" previous)
  rolled_back=$(value_of "$state_file" rolled_back)
  safe_mode=$(value_of "$state_file" safe_mode)
  boot=$(value_of "$state_file" boot)
  withdrawn=$(value_of "$state_file" withdrawn)
  reason=$(value_of "$state_file" reason)
  case $tries in '' | *[!0-9]*) tries=0 ;; esac
  case $activated in '' | *[!0-9]*) activated=0 ;; esac
  [ "$rolled_back" = 1 ] || rolled_back=0
  [ "$safe_mode" = 1 ] || safe_mode=0
}

save_state() {
  printf '%s\n' "current=$current" "state=$state" "tries=$tries" "activated=$activated" \
    "previous=$previous" "rolled_back=$rolled_back" "safe_mode=$safe_mode" "boot=$boot" \
    "withdrawn=$withdrawn" "reason=$reason" |
    replace_file "$state_file"
}

# A new release is on trial; the caller has set `current` and `previous`.
begin_trial() {
  state=trial
  tries=$tries_of_a_trial
  activated=$(date +%s)
  rolled_back=0
  safe_mode=0
  boot=
  withdrawn=
  reason=$1
  save_state
}

# Replaces a file with what comes in, so that a reader finds the old content or the new one.
replace_file() {
  cat >"$1.new" && chmod 644 "$1.new" && sync "$1.new" && mv -f "$1.new" "$1" &&
    sync "$(dirname "$1")"
}

value_of() {
  [ -f "$1" ] || return 0
  sed -n "s/^$2=//p" "$1" | head -n 1
}

note() {
  {
    tail -n "$((kept_history - 1))" "$release_folder/history" 2>/dev/null || true
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
  } | replace_file "$release_folder/history"
}

is_release_id() {
  case $1 in '' | .* | *[!A-Za-z0-9._+-]*) return 1 ;; esac
  [ "${#1}" -le 64 ]
}

# The ID that `current` points to, or nothing.
linked_release() {
  target=$(readlink "$root/current") || return 0
  is_release_id "${target#releases/}" && echo "${target#releases/}"
}

switch_link() {
  rm -f "$root/current.new"
  ln -s "releases/$1" "$root/current.new" && mv -fT "$root/current.new" "$root/current" &&
    sync "$root"
}

is_bad() {
  grep -qxF "$1" "$release_folder/bad" 2>/dev/null
}

mark_bad() {
  is_bad "$1" && return 0
  { cat "$release_folder/bad" 2>/dev/null || true; echo "$1"; } | replace_file "$release_folder/bad"
}

unmark_bad() {
  is_bad "$1" || return 0
  { grep -vxF "$1" "$release_folder/bad" || true; } | replace_file "$release_folder/bad"
}

# Whether programs and libraries of a release are those that were built.
is_undamaged() {
  (
    cd "$root/releases/$1" 2>/dev/null || exit 1
    [ -f release.env ] && grep -q '  bin/riskd$' MANIFEST || exit 1
    grep -E '^[0-9a-f]{64}  (bin|lib)/' MANIFEST | sha256sum --check --strict --status 2>/dev/null
  )
}

# Runs a command as the service, so that nothing the service left can make root read or write.
as_service() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid="$service_user" --regid="$service_user" --clear-groups --no-new-privs \
      env -i PATH="$PATH" "$@"
  else
    "$@"
  fi
}

# The schema version of the database; that of a release's newest where it cannot be asked.
database_schema() {
  database=$root/data/risk_manager.db
  as_service test -e "$database" || { echo 0; return; }
  # Version 1 has no such table, or one that knows only of migrations that failed.
  for question in "SELECT coalesce(max(version), 1) FROM schema_version WHERE success" \
    "SELECT 1 FROM sqlite_master WHERE name = 'lockouts' AND NOT EXISTS
       (SELECT 1 FROM sqlite_master WHERE name IN ('journal', 'schema_version'))"; do
    found=$(as_service timeout 10 sqlite3 "file:$database?mode=ro" "$question" 2>/dev/null) ||
      found=
    [ -z "$found" ] || break
  done
  case $found in
    '' | *[!0-9]*) value_of "$root/releases/$1/release.env" schema_max ;;
    *) echo "$found" ;;
  esac
}

# Brings the database to the schema of a release that is about to start on it. riskctl keeps a copy,
# and changes everything or nothing. Bounded: nobody protects the account meanwhile.
migrate_database() {
  newest=$(value_of "$root/releases/$1/release.env" schema_max)
  found=$(database_schema "$1")
  [ "${found:-0}" -gt 0 ] && [ "$found" -lt "${newest:-0}" ] || return 0
  as_service timeout 45 "$root/releases/$1/bin/riskctl" db migrate \
    --from-version "$found" --to-version "$newest" --root "$root"
}

# Whether a release can read the database as it is; $2 is the release that wrote it last.
reads_database() {
  newest=$(value_of "$root/releases/$1/release.env" schema_max)
  needed=$(database_schema "$2")
  [ -n "$newest" ] && [ "$newest" -ge "${needed:-0}" ]
}
