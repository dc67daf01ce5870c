# shellcheck shell=bash
# shellcheck disable=SC2034 # constants of the scripts that source this file
# What the scripts of operations share. Sourced by bash scripts in the same folder.

root=/opt/risk-manager
configuration=/etc/risk-manager
# shellcheck source=release-state.sh
. "$(dirname "${BASH_SOURCE[0]}")/release-state.sh"
service=riskd.service
sockets=(riskd-control.socket riskd-trader.socket)
# Who owns .env: riskd gets its content from systemd, as a credential.
secrets_owner=root

trap 'echo "${0##*/}: failed in line $LINENO: $BASH_COMMAND" >&2' ERR

# A signal ends a script as a failure does: what it stopped has to start again.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

usage() {
  printf 'usage: %s\n' "$*" >&2
  exit 2
}

require_root() {
  ((EUID == 0)) || {
    echo "${0##*/}: needs root" >&2
    exit 2
  }
}

# Two deployments at a time would switch each other's releases. What an operation that was cut off
# has begun, such as a stop of riskd, holds the turn until it has ended.
turn=/run/lock/risk-manager-operations
take_turn() {
  mkdir -p "${turn%/*}"
  exec 9>"$turn"
  flock --nonblock 9 && return
  echo "${0##*/}: another operation is under way; waiting for it for up to a minute" >&2
  flock --timeout 60 9 || fail "another operation is still under way"
}

# Waits at most $1 seconds for a command to succeed.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# A copy that is there as a whole or not at all. What is there already stays: a deployment does this
# while nobody protects the account.
install_file() {
  if cmp -s "$1" "$2" && [[ "$(stat -c %a "$2")" == "$3" ]]; then return; fi
  install -D -m "$3" "$1" "$2.new"
  mv -f "$2.new" "$2"
}

# The lasting places behind the specification's names.
link_folders() {
  local name
  for name in config:$configuration data:/var/lib/risk-manager/data \
    backups:/var/lib/risk-manager/backups logs:/var/log/risk-manager run:/run/risk-manager \
    release:/var/lib/risk-manager/release .env:$configuration/.env; do
    local place="$root/${name%%:*}" target=${name#*:}
    [[ "$(readlink "$place" || true)" == "$target" ]] && continue
    [[ -e "$place" && ! -L "$place" ]] && fail "$place is in the way; move it to $target"
    ln -sfn "$target" "$place"
    say "linked $place to $target"
  done
}

# Units, users, directories, the polkit rule and the scripts of a release folder.
install_system_parts() {
  local from=$1 unit script
  install_file "$from/units/risk-manager.sysusers" /etc/sysusers.d/risk-manager.conf 644
  systemd-sysusers /etc/sysusers.d/risk-manager.conf
  install_file "$from/units/risk-manager.tmpfiles" /etc/tmpfiles.d/risk-manager.conf 644
  systemd-tmpfiles --create /etc/tmpfiles.d/risk-manager.conf
  mkdir -p "$root/ops"
  for script in "$from"/ops/*; do
    local mode=644
    [[ -x "$script" ]] && mode=755
    install_file "$script" "$root/ops/${script##*/}" "$mode"
  done
  install_file "$from/ops/riskctl" /usr/local/bin/riskctl 755
  install_file "$from/ops/risktop" /usr/local/bin/risktop 755
  # A release of before has none.
  if [[ -d "$from/completions" ]]; then
    local program
    for program in riskctl risktop riskd; do
      # Nor has one of before those of every program.
      [[ -f "$from/completions/$program.bash" ]] || continue
      install_file "$from/completions/$program.bash" \
        "/usr/share/bash-completion/completions/$program" 644
      install_file "$from/completions/_$program" \
        "/usr/share/zsh/vendor-completions/_$program" 644
      install_file "$from/completions/$program.fish" \
        "/usr/share/fish/vendor_completions.d/$program.fish" 644
    done
  fi
  for unit in "$from"/units/*.{service,socket,timer,path}; do
    install_file "$unit" "/etc/systemd/system/${unit##*/}" 644
  done
  if [[ -d /etc/polkit-1/rules.d ]]; then
    install_file "$from/units/riskd.rules" /etc/polkit-1/rules.d/50-riskd.rules 644
  else
    say "polkit is not installed: only root can restart a worker by systemctl"
  fi
  systemctl daemon-reload
  # Releases of before have none.
  if [[ -f "$from/units/riskd-alarm.path" &&
    ! -e /etc/systemd/system/multi-user.target.wants/riskd-alarm.path ]]; then
    systemctl enable --quiet --now riskd-alarm.path
  fi
}

# Unpacks an archive below releases/ and prints the id.
unpack_release() {
  local archive=$1 unpacked id
  mkdir -p "$root/releases"
  rm -rf "$root/releases/.unpacking"
  mkdir "$root/releases/.unpacking"
  tar --extract --file "$archive" --directory "$root/releases/.unpacking" --no-same-owner \
    --strip-components 1 || fail "$archive cannot be unpacked"
  unpacked=$root/releases/.unpacking
  id=$(value_of "$unpacked/release.env" id)
  is_release_id "$id" || fail "$archive is no release: it has no release.env with an id"
  (cd "$unpacked" && sha256sum --check --strict --quiet MANIFEST >&2) ||
    fail "$archive is damaged: files do not match its MANIFEST"
  chown -R root:root "$unpacked"
  chmod -R u=rwX,go=rX "$unpacked"
  # Its age is that of its arrival, not that of its build.
  touch "$unpacked"
  # One that is there and intact may be running: it is not touched.
  if cmp -s "$unpacked/MANIFEST" "$root/releases/$id/MANIFEST" && is_undamaged "$id"; then
    rm -rf "$unpacked"
    echo "$id"
    return
  fi
  if [[ -d "$root/releases/$id" ]]; then
    rm -rf "$root/releases/.replaced"
    mv "$root/releases/$id" "$root/releases/.replaced"
  fi
  mv "$unpacked" "$root/releases/$id"
  rm -rf "$root/releases/.replaced"
  sync "$root/releases"
  echo "$id"
}

# Removes the releases that were given up, and the oldest beyond five others; never the one that
# runs, nor the way back.
prune_releases() {
  local id others=0
  while read -r id; do
    if [[ "$id" == "$(linked_release)" || "$id" == "$(value_of "$state_file" previous)" ]]; then
      continue
    elif ! is_bad "$id" && ((others < 5)); then
      others=$((others + 1))
    else
      rm -rf "${root:?}/releases/$id"
      say "removed releases/$id"
    fi
  done < <(find "$root/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -rn |
    cut -d' ' -f2-)
}

# What the service has said since its start; with more arguments for journalctl.
service_log() {
  journalctl --quiet --no-pager --output cat "$@" \
    "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID "$service")"
}

riskctl() { "$root/current/bin/riskctl" "$@"; }

# Where the installed unit, with its drop-ins, has the secrets from, one line each:
# LoadCredential=riskd.env:/etc/risk-manager/.env, or LoadCredentialEncrypted=riskd.env:FILE.
# From the text of the unit: systemd does not print these settings.
credentials() {
  systemctl cat "$service" | awk '
    match($0, /^LoadCredential(Encrypted)?=/) {
      key = substr($0, 1, RLENGTH - 1); value = substr($0, RLENGTH + 1)
      if (value == "") { lines[key] = "" } else { lines[key] = lines[key] key "=" value "\n" }
    }
    END { for (key in lines) printf "%s", lines[key] }'
}

# Whether the secrets come from .env, as the unit has it without drop-ins.
keeps_plain_secrets() { [[ "$(credentials)" == *":$configuration/.env"* ]]; }

# Runs a program as the service's user, with the secrets that the service gets.
with_secrets() {
  local line
  local -a secrets=()
  while read -r line; do secrets+=("--property=$line"); done < <(credentials)
  systemd-run --quiet --pipe --wait --collect --property=User="$service_user" "${secrets[@]}" "$@"
}

# Checks the installed configuration with the riskctl of a release folder, as the service sees it.
validate_configuration() { with_secrets "$1/bin/riskctl" config validate --root "$root"; }

# Whether riskctl has a command, such as `db verify`.
knows_command() {
  local path=$1 word
  local -a words=()
  shift
  for word in "$@"; do
    "$path" "${words[@]}" --help 2>/dev/null | grep -E "^  $word( |$)" >/dev/null || return 1
    words+=("$word")
  done
}

# Ends the service and proves that nothing of it is left. The sockets go first: a program that
# asks for the state must not start it again.
stop_service() {
  systemctl stop "${sockets[@]}" "$service" 2>/dev/null || true
  within 60 is_inactive || fail "$service does not stop: $(systemctl is-active "$service")"
  # Not just any process of the user: systemd keeps one for a while after somebody's runuser.
  [[ -z "$(pgrep --uid "$service_user" --exact riskd || true)" ]] ||
    fail "processes of riskd are left: $(pgrep --uid "$service_user" --exact riskd | xargs)"
  say "stopped: $service is $(systemctl is-active "$service" || true), no process is left"
}

# The service starts as soon as the turn of this script ends, however it ends: the turn is a lock
# that the kernel gives back, also when the script is killed. What the script has begun keeps the
# turn until it is done with.
guard_start() {
  systemd-run --quiet --collect --unit "riskd-start-guard-$$" \
    flock "$turn" systemctl start --no-block "$service"
}

# For an EXIT trap: tells of the start that follows a failure.
tell_of_start() {
  local code=$?
  ((code == 0)) || say "$service starts again, with $(linked_release)"
  exit "$code"
}

# Whether the service is down, and stays so: one that waits for its next attempt is neither running
# nor down.
is_inactive() {
  case "$(systemctl is-active "$service" || true)" in inactive | failed) true ;; *) false ;; esac
}

# Another instance (ops/add-instance) goes; its configuration, data and logs stay.
remove_instance() {
  systemctl disable --now --quiet "riskd-control@$1.socket" "riskd-trader@$1.socket" \
    "riskd-alarm@$1.path" "riskd@$1.service" || fail "riskd@$1 does not stop"
  rm -rf "${root:?}/instances/$1" "/etc/sysusers.d/risk-manager-$1.conf" \
    "/etc/tmpfiles.d/risk-manager-$1.conf" "/run/risk-manager-$1"
  say "removed $1; kept /etc/risk-manager-$1, /var/lib/risk-manager-$1 and its logs"
}

# Starts the service; returns when it protects, or is up and says what is missing.
start_service() {
  systemctl reset-failed "$service" 2>/dev/null || true
  systemctl start "$service" || fail "$service does not start: journalctl -u $service -n 100"
  say "started: $(systemctl is-active "$service"), $(systemctl show -P StatusText "$service")"
}

stamp() { date -u +%Y%m%d_%H%M%S; }
