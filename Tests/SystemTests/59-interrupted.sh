#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Roll-back, installation and removal cut off at any moment: riskd runs again where it ran, no
# lockout is lost, and the same command does the rest. (Deployments: see deployment, migration.)

operations=/opt/risk-manager/ops
make_release interrupted <"$machine_root/srv/install/bin/riskd"
inside "$operations/deploy" /srv/interrupted.tar >"$machine_memory/said" 2>&1 || true
check_equal "another release is deployed" "$(current_release)" releases/0.1.0-interrupted
first=$(release_state previous)
lose_a_day
check_within "the account is locked" 10 is_locked
is_enforced() {
  buy MNQ 1 >/dev/null
  within 20 is_flat
}
# cut_off_when COMMAND... -- OPERATION...: kills the operation, by the name of its script, as soon as
# the command succeeds.
cut_off_when() {
  local -a condition=() operation
  local script job
  while [[ "$1" != -- ]]; do condition+=("$1"); shift; done
  shift
  operation=("$@")
  : >"$machine_memory/said"
  inside "${operation[@]}" >"$machine_memory/said" 2>&1 &
  job=$!
  within 60 "${condition[@]}" || true
  inside pkill --signal KILL --full "^bash ${operation[0]}" || true
  wait "$job" 2>/dev/null || true
}
has_said() { grep -q "$1" "$machine_memory/said" || ! kill -0 "$job" 2>/dev/null; }

roll_back_to() { [[ "$(current_release)" == "releases/$first" ]] && echo 0.1.0-interrupted || echo "$first"; }
moments=("1\. stop" "2\. restore" "lockouts that stand in" "rollback.*wrote\|backup: wrote"
  "stand again" "restored the database" "3\. units" "4\. verify" "5\. collect")
for moment in "${moments[@]}"; do
  make_forgetful_backup
  cut_off_when has_said "$moment" -- "$operations/rollback" "$(roll_back_to)" \
    --restore-database "$forgetful"
  check_within "roll-back cut off after '$moment': riskd runs" 40 is_running
  check_within "the lockout holds" 10 is_locked
done
check "the lockout is enforced" is_enforced
make_forgetful_backup
wanted=$(roll_back_to)
inside "$operations/rollback" "$wanted" --restore-database "$forgetful" \
  >"$machine_memory/said" 2>&1 || true
check_equal "and the roll-back can be done" "$(current_release)" "releases/$wanted"
check_within "riskd runs" 20 is_running
check "the lockout holds, and is enforced" is_enforced
inside rm -f "/var/lib/risk-manager/backups/$forgetful"

# A stop while the gate takes a release back that has no start left: the stop wins, and the next start
# finishes what was begun, or begins it.
for pause in 0 0.05 0.1 0.2 0.4 0.8; do
  inside systemctl stop riskd-control.socket riskd-trader.socket riskd
  wanted=$(roll_back_to)
  for setting in state=trial tries=0 rolled_back=0 safe_mode=0 "previous=$wanted" \
    "activated=$(date +%s)"; do
    inside sed -i "s/^${setting%%=*}=.*/$setting/" /opt/risk-manager/release/state
  done
  inside sh -c ': >/opt/risk-manager/release/bad'
  inside systemctl start --no-block riskd
  sleep "$pause"
  before=$SECONDS
  check "a stop $pause s after the start of a roll-back succeeds" \
    inside systemctl stop riskd-control.socket riskd-trader.socket riskd
  check "within the grace period: $((SECONDS - before)) s" test $((SECONDS - before)) -le 35
  check_equal "nothing is left in the cgroup" "$(service_pids | xargs)" ""
  inside systemctl reset-failed riskd || true
  check "it starts again" inside systemctl start riskd
  check_within "and runs" 40 is_running
  check_equal "the release is taken back" "$(current_release)" "releases/$wanted"
  check_equal "once" "$(release_state rolled_back)" 1
  check "the lockout holds" is_locked
done
check "and is enforced" is_enforced

# The kernel's timer instead of a word: these say little.
install_again() { inside /srv/install/ops/install /srv/riskd.tar.gz >"$machine_memory/said" 2>&1; }
for moment in 0.1 0.3 0.6 1 1.5 2 3 5; do
  inside timeout --signal KILL "$moment" /srv/install/ops/uninstall >/dev/null 2>&1 || true
  check "removal cut off after $moment s: it can be done" inside /srv/install/ops/uninstall
  check_refused "nothing of it is left" inside test -e /opt/risk-manager
  inside timeout --signal KILL "$moment" /srv/install/ops/install /srv/riskd.tar.gz \
    >/dev/null 2>&1 || true
  check "installation cut off after $moment s: it can be done" install_again
  check_within "riskd runs" 40 is_running
  check "the lockout holds" is_locked
done
check "and is enforced" is_enforced
