#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Releases that do not work are taken back once, by themselves, and lockouts survive it. Waits are
# shortened for this section: 0.2 s between starts, 10 s to become ready, a watchdog of 6 s.

inside mkdir -p /etc/systemd/system/riskd.service.d
printf '%s\n' '[Service]' 'RestartSec=200ms' 'TimeoutStartSec=10' 'WatchdogSec=6' 'TimeoutAbortSec=3' |
  inside tee /etc/systemd/system/riskd.service.d/short-waits.conf >/dev/null
inside systemctl daemon-reload

printf '#!/bin/sh\nexit 70\n' | make_release crashes-at-start small
ready_then 'sleep 1; kill SEGV => $$; sleep 10;' | make_release crashes-when-ready small
printf '#!/bin/sh\nexec sleep infinity\n' | make_release hangs-at-start small
ready_then 'sleep 1000;' | make_release hangs-when-ready small
printf '#!/bin/sh\nexit 0\n' | make_release ends-at-once small

lose_a_day
check_within "the account is locked" 10 is_locked

# Deploys a release that cannot work, and sees the one before it come back.
is_taken_back() {
  local name=$1 good mark begun=$SECONDS
  good=$(current_release)
  mark=$(now_mark)
  deployment_fails() {
    ! inside /opt/risk-manager/ops/deploy "/srv/$name.tar" >"$machine_memory/said" 2>&1
    cat "$machine_memory/said"
    grep -q 'does not work and was taken back' "$machine_memory/said"
  }
  check "$name: ops/deploy says that it does not work" deployment_fails
  check_equal "$name: the release before it is current again" "$(current_release)" "$good"
  check_within "$name: and runs, $((SECONDS - begun)) s after the deployment began" 20 is_running
  check_equal "$name: rolled back" "$(release_state rolled_back)" 1
  check_equal "$name: once" "$(inside grep -c "rolled-back 0.1.0-$name " \
    /opt/risk-manager/release/history)" 1
  check_equal "$name: after three starts" "$(inside grep -c " ended 0.1.0-$name:" \
    /opt/risk-manager/release/history)" 3
  check_equal "$name: riskctl history tells of it, once" "$(riskctl history --limit 500 --json |
    jq -s --arg name "$name" 'map(select(.event == "rolledBack" and
      (.text | contains("0.1.0-" + $name + " ")))) | length')" 1
  check_within "$name: the alarm says why" 5 journal_since "$mark" "release rolled-back: 0.1.0-$name"
  check "$name: the lockout holds" is_locked
  buy MNQ 1 >/dev/null
  check_within "$name: and is enforced" 15 is_flat
}

is_taken_back crashes-at-start
is_taken_back crashes-when-ready
is_taken_back hangs-at-start
is_taken_back hangs-when-ready
is_taken_back ends-at-once

# A release that is up and content, and never protects: ops/deploy takes it back.
ready_then "$stays_content" | make_release never-protects small
good=$(current_release)
never_protects() {
  ! inside /opt/risk-manager/ops/deploy --patience 6 /srv/never-protects.tar \
    >"$machine_memory/said" 2>&1
  cat "$machine_memory/said"
  grep -q 'never-protects did not protect within 6 s: taking it back' "$machine_memory/said"
}
check "never-protects: ops/deploy takes it back" never_protects
check_equal "never-protects: the release before it is current again" "$(current_release)" "$good"
check "never-protects: the history says why" inside grep -q \
  'rolled-back 0.1.0-never-protects .*ops/deploy: did not protect within 6 s' \
  /opt/risk-manager/release/history
check_within "never-protects: the release before it runs" 20 is_running
check "never-protects: the lockout holds" is_locked

# A release whose files were damaged after the deployment is never started. Looking through all of
# its files is part of the start, which now has as long as ever.
inside sed -i '/^TimeoutStartSec=/d' /etc/systemd/system/riskd.service.d/short-waits.conf
inside systemctl daemon-reload
good=$(current_release)
make_release damaged <"$machine_root/srv/install/bin/riskd"
check "a good release is deployed" inside /opt/risk-manager/ops/deploy /srv/damaged.tar
check_equal "it is current" "$(current_release)" releases/0.1.0-damaged
check_equal "it is on trial" "$(release_state state)" trial
inside systemctl stop riskd-control.socket riskd-trader.socket riskd
inside sh -c 'printf x | dd of=/opt/risk-manager/releases/0.1.0-damaged/bin/riskd bs=1 seek=100 \
  conv=notrunc status=none'
check "damaged: riskd starts all the same" inside systemctl start riskd
check_equal "damaged: with the release before it" "$(current_release)" "$good"
check_within "damaged: and runs" 20 is_running
check "damaged: the lockout holds" is_locked

# riskd's own verdict: the workers of a good program on trial die again and again.
good=$(current_release)
make_release dies <"$machine_root/srv/install/bin/riskd"
check "a good release is deployed" inside /opt/risk-manager/ops/deploy /srv/dies.tar
check_equal "dies: it is on trial" "$(release_state state)" trial
forget_deaths
check_within "dies: it runs" 20 is_running
mark=$(now_mark)
for round in 1 2 3 4; do
  old=$(within 20 worker_pid gateway >/dev/null && worker_pid gateway) || break
  inside kill -s KILL "$old" || break
  within 10 has_new_pid gateway "$old" || true
done
is_current() { [[ "$(current_release)" == "$1" ]]; }
check_within "dies: four deaths of a worker, and the release before it is current again" 30 \
  is_current "$good"
check_within "dies: and runs" 20 is_running
check "dies: riskd gave the verdict" inside grep -q 'rolled-back 0.1.0-dies .*: riskd: ' \
  /opt/risk-manager/release/history
check "dies: and ended with exit code 70" inside grep -q 'ended 0.1.0-dies: .* 70, asked for: no' \
  /opt/risk-manager/release/history
check_equal "dies: rolled back once" "$(release_state rolled_back) $(inside grep -c \
  'rolled-back 0.1.0-dies ' /opt/risk-manager/release/history)" "1 1"
check_within "dies: the alarm says why" 5 journal_since "$mark" "release rolled-back: 0.1.0-dies"
check "dies: the lockout holds" is_locked
buy MNQ 1 >/dev/null
check_within "dies: and is enforced" 15 is_flat
forget_deaths

# A verdict as riskd writes it: a release found good is not taken back any more.
verdict() {
  inside setpriv --reuid=riskd --regid=riskd --clear-groups sh -c \
    "echo '$1' >/var/lib/risk-manager/data/release.verdict"
}
id=${good#releases/}
inside rm -f /var/lib/risk-manager/data/release.verdict
inside sed -i -e 's/^state=.*/state=trial/' -e 's/^tries=.*/tries=3/' /opt/risk-manager/release/state
verdict "release=0.0.0-other verdict=good time=2026-01-01T00:00:00Z reason=another release"
inside /opt/risk-manager/ops/release-gate >/dev/null
check_equal "a verdict on another release counts for nothing" "$(release_state state)" trial
inside setpriv --reuid=riskd --regid=riskd --clear-groups sh -c \
  "cd /var/lib/risk-manager/data && mv release.verdict x && ln -s x release.verdict &&
   echo 'release=$id verdict=good time=2026-01-01T00:00:00Z reason=link' >x"
inside /opt/risk-manager/ops/release-gate >/dev/null
check_equal "a verdict behind a link counts for nothing" "$(release_state state)" trial
inside rm -f /var/lib/risk-manager/data/{release.verdict,x}
verdict "release=$id verdict=good time=2026-01-01T00:00:00Z reason=ten healthy minutes"
inside /opt/risk-manager/ops/release-gate >/dev/null
check_equal "riskd's verdict makes a release good" "$(release_state state)" good

# Four deaths of a good release: safe mode, and no roll-back.
forget_deaths
mark=$(now_mark)
for round in 1 2 3 4; do
  old=$(within 20 worker_pid gateway >/dev/null && worker_pid gateway)
  inside kill -s KILL "$old"
  within 20 has_new_pid gateway "$old" || true
done
in_safe_mode() { status_json | jq -e '.state == "safeMode"'; }
check_within "four deaths (round $round) of a good release: safe mode" 20 in_safe_mode
check_within "and calls a person" 10 journal_since "$mark" 'riskd: it says .* SAFE MODE: '
check "enforcement goes on" is_locked
restarts=$(service NRestarts)
buy MNQ 1 >/dev/null
check_within "what the lockout forbids is closed" 20 is_flat
check "systemd is content" is_active
check_equal "and restarts nothing" "$(service NRestarts)" "$restarts"
check_equal "nothing is rolled back" "$(current_release)" "$good"
forget_deaths

inside rm -rf /etc/systemd/system/riskd.service.d
inside systemctl daemon-reload
check_within "riskd runs" 20 is_running
