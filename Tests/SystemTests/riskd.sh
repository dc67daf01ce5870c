#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The simulated venue and the risk manager inside the machine, as the checks see them.

venue_admin=http://127.0.0.1:8081
account=1001

# The simulator is a service of its own, so that it is there after a reboot too.
install_venue() {
  mkdir -p "$machine_root/srv/venue"
  tar --extract --file "$1" --directory "$machine_root/srv/venue" --strip-components 1
  cat >"$machine_root/etc/systemd/system/risksim.service" <<'UNIT'
[Unit]
Description=Simulated venue
Before=riskd.service
[Service]
ExecStart=/srv/venue/bin/risksim serve --port 8080 --admin-port 8081 --request-limit 0
[Install]
WantedBy=multi-user.target
UNIT
}

# The configuration that the simulator fits, in the place of the skeleton. It sets no limit to
# requests, so riskd is not to keep one: it is started more often here than a venue would allow.
configure_for_venue() {
  install -d -m 700 "$machine_root/etc/risk-manager"
  local name
  for name in config.yaml risk_config.yaml accounts.yaml; do
    install -m 600 "config/demo/$name" "$machine_root/etc/risk-manager/$name"
  done
  # No daily reset in the middle of a test: it would end the lockouts that are looked at.
  cat >>"$machine_root/etc/risk-manager/config.yaml" <<CONFIG

errorHandling:
  rateLimit:
    enabled: false
system:
  dailyReset:
    time: "$(date --utc --date '12 hours' +%H:%M)"
    timezone: UTC
CONFIG
  install -m 600 config/holidays.yaml "$machine_root/etc/risk-manager/holidays.yaml"
  install -m 600 config/demo/env.example "$machine_root/etc/risk-manager/.env"
}

# The simulator runs, its configuration is in place, and the archive lies in /srv, unpacked for its
# ops/install.
prepare_venue_and_archive() {
  install_venue "$1"
  configure_for_venue
  mkdir -p "$machine_root/srv/install"
  cp "$1" "$machine_root/srv/riskd.tar.gz"
  tar --extract --file "$1" --directory "$machine_root/srv/install" --strip-components 1 \
    --exclude '*/risksim'
  inside systemctl daemon-reload
  inside systemctl enable --now --quiet risksim.service
  within 20 venue_answers || machine_trouble "the venue does not answer"
}

venue_answers() { inside curl -fsS --max-time 2 "$venue_admin/state" >/dev/null 2>&1; }

# venue WORD JSON: a command of the simulator's admin interface.
venue() { inside curl -sS --max-time 5 -X POST --data "$2" "$venue_admin/$1"; }

buy() { venue order "{\"account\":$account,\"contract\":\"$1\",\"side\":\"buy\",\"size\":$2}"; }

sell() { venue order "{\"account\":$account,\"contract\":\"$1\",\"side\":\"sell\",\"size\":$2}"; }

positions() {
  inside curl -fsS --max-time 2 "$venue_admin/state" |
    jq -c "[.positions[] | select(.accountId == $account)]"
}

is_flat() { [[ "$(positions)" == "[]" ]]; }

riskctl() { inside /opt/risk-manager/current/bin/riskctl "$@" --root /opt/risk-manager; }

service() { inside systemctl show --property "$1" --value riskd.service; }

main_pid() { service MainPID; }

# Of riskd, as JSON; riskctl itself fails when something is missing.
status_json() { riskctl status --json 2>/dev/null || true; }

# Of a worker that is ready; an answer that a busy machine keeps back is asked for again.
worker_pid() {
  for _ in 1 2 3; do
    status_json | jq -er ".workers[] | select(.name == \"$1\" and .state == \"ready\") | .pid" &&
      return
    sleep 1
  done
  return 1
}

is_running() { status_json | jq -e '.state == "running"' >/dev/null; }

is_active() { [[ "$(service ActiveState)/$(service SubState)" == active/running ]]; }

database() { inside sqlite3 -readonly /var/lib/risk-manager/data/risk_manager.db "$1"; }

is_locked() {
  [[ "$(database "SELECT count(*) FROM lockouts WHERE account_id = $account AND is_locked")" -ge 1 ]]
}

# A blocked symbol: what riskd has to close, however often it is done.
breach() { buy RTY 1 >/dev/null; }

# The trader loses 600 dollars, more than the day's limit of 500.
lose_a_day() {
  venue price '{"contract":"MNQ","last":21000}' >/dev/null
  buy MNQ 2 >/dev/null
  venue price '{"contract":"MNQ","last":20850}' >/dev/null
  sell MNQ 2 >/dev/null
  venue price '{"contract":"MNQ","last":21000}' >/dev/null
}

# A backup in which nothing is locked, as of long ago.
forgetful=risk_manager_20200101_000000.db
make_forgetful_backup() {
  inside setpriv --reuid=riskd --regid=riskd --clear-groups sh -c "rm -rf /tmp/forgetful &&
    mkdir -p /tmp/forgetful/data && /opt/risk-manager/current/bin/riskctl db init \
      --root /tmp/forgetful && sqlite3 /tmp/forgetful/data/risk_manager.db \
      'PRAGMA journal_mode=DELETE' && cp /tmp/forgetful/data/risk_manager.db \
      /var/lib/risk-manager/backups/$forgetful" >/dev/null
}

release_state() { inside sed -n "s/^$1=//p" /opt/risk-manager/release/state; }

current_release() { inside readlink /opt/risk-manager/current; }

# The processes of the service, all of its cgroup (of version 1 or 2).
service_pids() {
  inside bash -c 'cat /sys/fs/cgroup/{systemd/,}system.slice/riskd.service/cgroup.procs' 2>/dev/null ||
    true
}

# The same, as this machine numbers them.
service_pids_outside() {
  local hierarchy group
  if [[ -d /sys/fs/cgroup/systemd ]]; then
    hierarchy=/sys/fs/cgroup/systemd
    group=$(sed -n 's/^[0-9]*:name=systemd://p' "/proc/$leader/cgroup")
  else
    hierarchy=/sys/fs/cgroup
    group=$(sed -n 's/^0:://p' "/proc/$leader/cgroup")
  fi
  cat "$hierarchy${group%/init.scope}/system.slice/riskd.service/cgroup.procs" 2>/dev/null || true
}

descriptors() { inside ls "/proc/$(main_pid)/fd" | wc -l; }

# In KiB.
supervisor_memory() { inside sed -nE 's/^VmRSS:\s+([0-9]+) kB/\1/p' "/proc/$(main_pid)/status"; }

# The time of a mark for journalctl --since: after a cursor that a search does not find itself
# journalctl leaves out one record.
time_of() {
  local time=${1##*;t=}
  time=$((16#${time%%;*}))
  printf '@%d.%06d' $((time / 1000000)) $((time % 1000000))
}

# recorded_since MARK KIND: whether there is a record of this kind, found by its MESSAGE_ID.
recorded_since() {
  local id
  id=$(sed -nE "s/^ *case $2 = \"([0-9a-f]{32})\"$/\1/p" Sources/RiskModel/MessageID.swift)
  inside journalctl --no-pager --quiet --output cat "MESSAGE_ID=${id:?}" \
    --since "$(time_of "$1")" | grep . >/dev/null
}

# tells_death MARK WORKER CAUSES: whether there is the record of a death of this worker whose cause
# begins with one of these words, separated by "|".
tells_death() {
  local id
  id=$(sed -nE 's/^ *case death = "([0-9a-f]{32})"$/\1/p' Sources/RiskModel/MessageID.swift)
  # Of two fields WORKER the second is the one that the record is about.
  inside journalctl --no-pager --quiet --output json "MESSAGE_ID=${id:?}" \
    --since "$(time_of "$1")" |
    jq -e "select(([.WORKER] | flatten | last) == \"$2\" and (.CAUSE | test(\"^($3)\")))" \
      >/dev/null
}

# The window of deaths starts anew, so that one section's deaths are not the next one's crash loop.
forget_deaths() {
  inside systemctl stop riskd-control.socket riskd-trader.socket riskd
  inside rm -f /var/lib/risk-manager/data/supervision.json
  inside systemctl start riskd || true
  check_within "started without its past, riskd runs" 20 is_running
}

neighbours_of() {
  local worker
  for worker in gateway evaluator enforcer; do
    [[ "$worker" == "$1" ]] || echo "$worker $(worker_pid "$worker")"
  done
}

has_new_pid() {
  local pid
  pid=$(worker_pid "$1") && [[ "$pid" != "$2" ]]
}

# Packs the good release anew under another id, with the riskd from standard input; a `small` one
# has neither libraries nor a riskctl of its own. Before it is packed, `alter_release FOLDER` may
# change it.
make_release() {
  local name=$1 tree=$machine_root/srv/$1
  cp -a "$machine_root/srv/install" "$tree"
  if [[ "${2:-}" == small ]]; then
    rm -rf "${tree:?}"/lib
    printf '#!/bin/sh\nexec /srv/venue/bin/riskctl "$@"\n' >"$tree/bin/riskctl"
  fi
  cat >"$tree/bin/riskd"
  if declare -F alter_release >/dev/null; then alter_release "$tree"; fi
  sed -i "s/^id=.*/id=0.1.0-$name/" "$tree/release.env"
  (cd "$tree" && find . -type f ! -name MANIFEST -printf '%P\0' | sort -z | xargs -0 sha256sum) \
    >"$machine_memory/MANIFEST"
  cp "$machine_memory/MANIFEST" "$tree/MANIFEST"
  tar --create --file "$machine_root/srv/$name.tar" --directory "$machine_root/srv" "$name"
  rm -rf "$tree"
}

# The program of a stand-in for riskd: it tells systemd that it is ready, and does what is said. The
# main process speaks to systemd by itself; nothing but Debian's perl is needed for it.
ready_then() {
  cat <<PERL
#!/usr/bin/perl
use Socket;
socket(my \$s, AF_UNIX, SOCK_DGRAM, 0) or die;
connect(\$s, pack_sockaddr_un(\$ENV{NOTIFY_SOCKET})) or die;
send(\$s, "READY=1", 0) or die;
$1
PERL
}
# What it is asked for it does: a stop is no failure.
stays_content="\$SIG{TERM} = sub { exit 0 }; while (1) { send(\$s, 'WATCHDOG=1', 0); select(undef, undef, undef, 0.5); }"
