#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What a start says, what a stop leaves, and that the machine's own start is enough.

mark=$(now_mark)
before=$SECONDS
check "a stop that is asked for succeeds" inside systemctl stop riskd-control.socket riskd-trader.socket riskd
check "within the grace period: $((SECONDS - before)) s" test $((SECONDS - before)) -le 30
check_equal "the result is success" "$(service Result)" success
check_equal "nothing is left in the cgroup" "$(service_pids | xargs)" ""
check_equal "no process of riskd's user is left" "$(inside pgrep --uid riskd --exact riskd | xargs)" ""
stopped_in_order() {
  local said
  said=$(inside journalctl --no-pager --quiet --output cat --after-cursor "$mark" |
    grep -oE '(gateway|evaluator|enforcer) stopped:|all workers have stopped' | xargs)
  echo "$said"
  [[ "$said" == "gateway stopped: evaluator stopped: enforcer stopped: all workers have stopped" ]]
}
check "gateway, evaluator and enforcer stopped, in this order" stopped_in_order

mark=$(now_mark)
check "the release keeps its start: the stop was asked for" \
  inside sh -c 'tail -n 1 /opt/risk-manager/release/history | grep -q "asked for: yes$"'
check "it starts again" inside systemctl start riskd
check_within "and runs" 20 is_running
status_says() { service StatusText | grep -E "$1"; }
for word in '^running: ' 'gateway ready' 'evaluator ready' 'enforcer ready'; do
  check_within "STATUS says '$word'" 5 status_says "$word"
done
while read -r phrase; do
  check "the start says '$phrase'" journal_since "$mark" "$phrase"
done <<'PHRASES'
Token Manager: Token valid until
Token refresh scheduled
SignalR Manager: Connected to User Hub
SignalR Manager: Connected to Market Hub
Subscribed to positions, orders, trades
State Reconciler: Initial reconciliation complete
Risk Rules Engine: Monitoring started
Application initialized successfully
PHRASES
for worker in gateway evaluator enforcer; do
  restricts_itself() {
    journal --output cat --after-cursor "$mark" "WORKER=$worker" |
      grep -E 'restrictions active: landlock [0-9]+, seccomp, no-new-privs'
  }
  check "journalctl WORKER=$worker: it runs under landlock and seccomp" restricts_itself
done

restarts_without_trial_cost() {
  local round before after
  before=$(release_state tries)
  for round in 1 2 3 4 5; do inside systemctl restart riskd || return 1; done
  after=$(release_state tries)
  echo "tries $before, after five restarts $after, $(release_state state)"
  [[ "$before" == "$after" && "$(release_state rolled_back)" == 0 ]]
}
check "five restarts by an administrator use up no start of the trial" restarts_without_trial_cost
check_within "and it runs" 20 is_running
