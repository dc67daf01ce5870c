#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What operators (group riskops) may do, and what nobody else may. Olivia operates, Tom trades.

inside usermod --append --groups riskops olivia
inside usermod --append --groups risktraders tom
ctl=(/opt/risk-manager/current/bin/riskctl)
at=(--root /opt/risk-manager)

old=$(worker_pid gateway)
check "an operator restarts a worker: systemctl start riskd-restart@gateway" \
  inside_as olivia systemctl start riskd-restart@gateway
check "when it returns, the gateway is another one and ready" has_new_pid gateway "$old"
check_equal "it is no death" "$(status_json | jq .deathsInWindow)" 0
check "an operator reads the state" inside_as olivia "${ctl[@]}" status "${at[@]}"
old=$(worker_pid evaluator)
check "an operator restarts a worker: riskctl restart evaluator --wait" \
  inside_as olivia "${ctl[@]}" restart evaluator --wait "${at[@]}"
check "when it returns, the evaluator is another one and ready" has_new_pid evaluator "$old"
check "root restarts a worker: systemctl start riskd-restart@enforcer" \
  inside systemctl start riskd-restart@enforcer
old=$(worker_pid monitor)
check "an operator restarts the monitor: systemctl start riskd-restart@monitor" \
  inside_as olivia systemctl start riskd-restart@monitor
check "when it returns, the monitor is another one and ready" has_new_pid monitor "$old"
check_refused "there is no other worker to restart" inside systemctl start riskd-restart@supervisor

# traces USER PID: whether the user may take hold of a process. The call is perl's own, by its number.
traces() {
  local call=101
  if [[ "$(uname -m)" == aarch64 ]]; then call=117; fi
  # shellcheck disable=SC2016 # perl's variables
  inside_as "$1" perl -e 'my ($call, $pid) = @ARGV;
    $pid ||= fork() || exec("sleep", "2");
    exit(syscall($call, 0x4206, $pid, 0, 0) == 0 ? 0 : print("errno ", $! + 0, "\n"))' \
    "$call" "${2:-0}"
}
reads_memory() {
  # shellcheck disable=SC2016 # perl's variables
  inside_as "$1" perl -e 'open(my $memory, "<", "/proc/$ARGV[0]/mem") or exit(1); exit(0)' "$2"
}
check "anybody may trace a process of his own" traces tom

for user in olivia tom; do
  for worker in supervisor gateway evaluator enforcer; do
    if [[ "$worker" == supervisor ]]; then pid=$(main_pid); else pid=$(worker_pid "$worker"); fi
    check "the $worker is there to be looked at" inside test -e "/proc/${pid:-0}/maps"
    check_refused "$user: ptrace of the $worker" traces "$user" "$pid"
    check_refused "$user: memory of the $worker" reads_memory "$user" "$pid"
  done
  for act in "stop riskd" "restart riskd" "kill riskd" "stop riskd-control.socket" \
    "stop riskd-restart@gateway" "start riskd-restart@supervisor" "mask riskd" \
    "set-property riskd CPUQuota=1%" "start riskd-escalate@test"; do
    # shellcheck disable=SC2086 # words of a command
    check_refused "$user: systemctl $act" inside_as "$user" systemctl --no-ask-password $act
  done
  for signal in KILL STOP TERM; do
    check_refused "$user: kill -$signal" inside_as "$user" kill -s "$signal" "$(main_pid)"
  done
  check_refused "$user: looks into the process" inside_as "$user" cat "/proc/$(main_pid)/environ"
  check_refused "$user: traces the process" inside_as "$user" readlink "/proc/$(main_pid)/cwd"
  for place in .env config/config.yaml config/accounts.yaml data/risk_manager.db backups/; do
    check_refused "$user: reads $place" inside_as "$user" find -L "/opt/risk-manager/$place" \
      -mindepth 0 -maxdepth 1 -exec cat {} +
  done
  check_refused "$user: writes logs/" inside_as "$user" touch /opt/risk-manager/logs/x
  check_refused "$user: switches the release" inside_as "$user" ln -sfn x /opt/risk-manager/current
done
check_refused "tom: systemctl start riskd-restart@gateway" \
  inside_as tom systemctl --no-ask-password start riskd-restart@gateway
check_refused "tom: riskctl status" inside_as tom "${ctl[@]}" status "${at[@]}"
check_refused "tom: riskctl restart" inside_as tom "${ctl[@]}" restart gateway "${at[@]}"
check "tom may look into logs/" inside_as tom ls /opt/risk-manager/logs/
check "and see whether riskd runs" inside_as tom systemctl is-active riskd
check "riskd's user cannot log in" inside sh -c '! su riskd -c true'

# On trial, with a release to go back to: a roll-back could happen.
make_release restarted <"$machine_root/srv/install/bin/riskd"
check "another release is deployed" inside /opt/risk-manager/ops/deploy /srv/restarted.tar
check_equal "it is on trial" "$(release_state state)" trial
check "there is one to go back to" test -n "$(release_state previous)"
restarts_often() {
  local worker=$1 round before=$SECONDS
  for round in $(seq 20); do riskctl restart "$worker" --wait || return 1; done
  echo "20 restarts in $((SECONDS - before)) s"
  ((SECONDS - before < 60)) && [[ "$(status_json | jq .deathsInWindow)" == 0 ]]
}
for worker in gateway evaluator enforcer; do
  check "20 deliberate restarts of the $worker within a minute are no deaths" restarts_often "$worker"
done
# A breach at the moment of a restart, each time a little later: how long until the venue is asked to
# close, of which riskd's usual way from the breach is a part, and the trader's own order.
requests_since() { inside curl -fsS --max-time 10 "$venue_admin/requests?after=$1"; }
close_asked() {
  requests_since "$last_request" |
    jq -e 'first(.requests[] | select(.path | test("lose")) | .receivedMonotonicNanos)'
}
restarts_in_breach() {
  local worker=$1 pause job begun asked delay slowest=0 last_request
  for pause in 0 0.02 0.05 0.1 0.2 0.4; do
    last_request=$(requests_since 0 | jq .last)
    riskctl restart "$worker" --wait &
    job=$!
    sleep "$pause"
    begun=$(sed 's/ .*//; s/\.//' /proc/uptime)
    breach
    within 20 close_asked || return 1
    wait "$job" || return 1
    within 20 is_flat || return 1
    asked=$(close_asked)
    delay=$((asked / 1000000 - begun * 10))
    if ((delay > slowest)); then slowest=$delay; fi
  done
  echo "# restarts of the $worker in a breach: the venue is asked to close after $slowest ms at most" |
    tee "$machine_memory/figure"
  ((slowest < 10000)) && [[ "$(status_json | jq .deathsInWindow)" == 0 ]]
}
for worker in evaluator enforcer; do
  check "a breach at the moment of a restart of the $worker is put right, and it is no death" \
    restarts_in_breach "$worker"
  cat "$machine_memory/figure" 2>/dev/null || true
done
check_equal "there was no roll-back" "$(release_state rolled_back)" 0
check_equal "the new release is current" "$(current_release)" releases/0.1.0-restarted
check_equal "and has all its starts" "$(release_state tries)" 2
check_within "riskd runs" 10 is_running
