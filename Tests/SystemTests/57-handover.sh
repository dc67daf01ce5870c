#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Under a steady feed every worker is restarted, the rules change and the whole release is replaced,
# while the trader breaks a limit again and again: no event is lost, nothing is done twice, and how
# long enforcement paused is measured at the venue.

busy=1002
# What enforcement may be without for the restart of one worker, in milliseconds. After a start of its
# own the enforcer looks twice before it reduces, and on a machine that has other things to do that
# takes longer: what this test allows for it, and for the whole release.
budget=2000
bound=6000
bound_of_all=15000

# The feed costs the account a tick with every trade: no reason to lock it here.
inside cp -p /etc/risk-manager/accounts.yaml /srv/accounts.yaml
inside cp -p /etc/risk-manager/risk_config.yaml /srv/risk_config.yaml
inside tee /etc/risk-manager/accounts.yaml >/dev/null <<'ACCOUNTS'
accounts:
  - account_id: 1001
    name: "SIM-50K-1001"
  - account_id: 1002
    name: "SIM-50K-1002"
    rules:
      daily_realized_loss:
        loss_limit: 100000.00
ACCOUNTS
check "the busy account gets a limit of its own" riskctl reload --wait
check_within "riskd runs" 20 is_running

# held ACCOUNT ROOT: contracts at the venue.
held() {
  inside curl -fsS --max-time 5 "$venue_admin/state" | jq --argjson account "$1" --arg root "$2" \
    '[.positions[] | select(.accountId == $account and (.contractId | contains("." + $root + ".")))
      | .size] | add // 0'
}
holds() { [[ "$(held "$1" "$2")" == "$3" ]]; }
requests_since() { inside curl -fsS --max-time 10 "$venue_admin/requests?after=$1"; }
events_since() { inside curl -fsS --max-time 10 "$venue_admin/events?after=$1&limit=50000"; }
last_request=$(requests_since 0 | jq .last)
last_event=$(events_since 0 | jq .last)
first_request=$last_request
# With `leaving` set to the pid of a process it waits until that process is gone.
leaving=
trade() {
  local order="{\"account\":$1,\"contract\":\"$2\",\"side\":\"$3\",\"size\":$4}"
  # shellcheck disable=SC2016 # for the shell inside
  inside timeout 60 sh -c 'while [ -n "$1" ] && kill -0 "$1" 2>/dev/null; do :; done
    exec curl -sS --max-time 5 -X POST --data "$2" "$3"' sh "$leaving" "$order" \
    "$venue_admin/order" >/dev/null
  leaving=
}

# buys_too_many ACCOUNT ROOT SIZE ALLOWED: the trader buys, riskd takes off what is too many. Sets
# `pause`, the milliseconds from the purchase to the request that does it, at the venue, and
# `begun`, the monotonic nanoseconds of the purchase.
buys_too_many() {
  trade "$1" "$2" buy "$3"
  within 60 holds "$1" "$2" "$4" || return 1
  begun=$(events_since "$last_event" | jq "[.events[] | select(.kind == \"trader\" and
    .account == $1) | .monotonicNanos] | first")
  pause=$(requests_since "$last_request" | jq --argjson begun "$begun" "[.requests[] |
    select(.account == $1 and .applied and (.path | test(\"lose\")) and
      .receivedMonotonicNanos > \$begun) | .receivedMonotonicNanos] | (first - \$begun) / 1000000 |
    floor")
  # What was not measured is not short.
  [[ "$pause" =~ ^[0-9]+$ ]] || return 1
  if (($4)); then
    trade "$1" "$2" sell "$4"
    within 20 holds "$1" "$2" 0 || return 1
  fi
  last_request=$(requests_since "$last_request" | jq .last)
  last_event=$(events_since "$last_event" | jq .last)
}

# One that the evaluator decides and that says how many are to go: after a start of its own the
# enforcer looks twice before it says so, two seconds apart, lest it takes off what its predecessor
# takes off. One that the enforcer finds by itself, and that closes everything: nothing to wait for.
reductions=0
closings=0
reduce() {
  buys_too_many "$busy" MNQ 3 2 || return 1
  reductions=$((reductions + 1))
  if ((pause > slowest_reduction)); then slowest_reduction=$pause; fi
}
close() {
  buys_too_many "$account" RTY 1 0 || return 1
  closings=$((closings + 1))
  if ((pause > slowest_closing)); then slowest_closing=$pause; fi
}

# Whether a worker became ready after the purchase, so that nobody but its neighbours saw it.
met_a_start() {
  inside journalctl --no-pager --quiet --output json --since "$(time_of "$1")" \
    MESSAGE_ID="$(sed -nE 's/^ *case workerReady = "([0-9a-f]{32})"$/\1/p' \
      Sources/RiskModel/MessageID.swift)" |
    jq -se --argjson bought "$2" 'any(.[]; (.__MONOTONIC_TIMESTAMP | tonumber) * 1000 > $bought)'
}

# hand_over TEXT BOUND PID COMMAND...: breaks limits for as long as the command takes, and twice
# each, beginning with `begin_with` as soon as the process PID is gone, which the command replaces.
# Where that is too late, because the next one is ready at once, it is done again.
begin_with=reduce
hand_over() {
  local try
  for try in 1 2 3 4 5; do
    met=1
    hand_over_once "$@"
    ((met == 0)) || break
    echo "# $1: the purchase came when all was over, try $try"
  done
  check "$1: a purchase met it" test "$met" -eq 1
}
hand_over_once() {
  local text=$1 limit=$2 rounds=0 action since=$SECONDS slowest_reduction=-1 slowest_closing=-1
  local next=$begin_with begun mark
  mark=$(now_mark)
  leaving=$3
  if [[ "$leaving" == worker:* ]]; then leaving=$(worker_pid "${leaving#worker:}"); fi
  local process=$leaving
  shift 3
  "$@" >"$machine_memory/said" 2>&1 &
  action=$!
  while kill -0 "$action" 2>/dev/null || ((rounds < 4)); do
    "$next" || {
      not_ok "$text: breaches are put right, and measured" "pause: $pause; held: $(held "$busy" MNQ) MNQ, \
$(held "$account" RTY) RTY; $(journal -n 20)"
      break
    }
    rounds=$((rounds + 1))
    if ((rounds == 1)) && [[ -n "$process" ]]; then
      met_a_start "$mark" "$begun" >/dev/null || met=0
    fi
    if [[ "$next" == reduce ]]; then next=close; else next=reduce; fi
  done
  if wait "$action"; then ok "$text"; else not_ok "$text" "$(cat "$machine_memory/said")"; fi
  echo "# $text: $rounds breaches in $((SECONDS - since)) s; from the purchase to the request" \
    "at most $slowest_reduction ms for a reduction, $slowest_closing ms for a closing"
  check "$text: both kinds of breach were measured" \
    test "$slowest_reduction" -ge 0 -a "$slowest_closing" -ge 0
  local most=$limit
  if ((limit == bound)); then most=$budget; fi
  check "$text: enforcement paused for at most $most ms, $limit ms for a reduction" \
    test "$slowest_reduction" -le "$limit" -a "$slowest_closing" -le "$most"
}

# In slices, so that it ends when it is told to.
feed() {
  while [[ -e "$machine_memory/feed" ]]; do
    venue traffic "{\"account\":$busy,\"contract\":\"MES\",\"ordersPerSecond\":6,\
\"quotesPerSecond\":150,\"during\":2000}" >/dev/null || true
    sleep 2
  done
}
: >"$machine_memory/feed"
feed &
feed_process=$!
hand_over "nothing is handed over" "$bound" "" true
echo "# the budget of one worker's restart is $budget ms"
for worker in gateway evaluator enforcer; do
  hand_over "riskctl restart $worker" "$bound" "worker:$worker" riskctl restart "$worker" --wait
done
inside sed -i 's/limit: 5  /limit: 4  /' /etc/risk-manager/risk_config.yaml
check "a rule is changed" inside grep -q 'limit: 4  ' /etc/risk-manager/risk_config.yaml
hand_over "riskctl reload with another rule" "$bound" "" riskctl reload --wait
begin_with=close
for worker in gateway evaluator enforcer; do
  hand_over "systemctl start riskd-restart@$worker" "$bound" "worker:$worker" \
    inside systemctl start "riskd-restart@$worker"
done
make_release handover <"$machine_root/srv/install/bin/riskd"
hand_over "ops/deploy replaces the whole release" "$bound_of_all" "$(main_pid)" \
  inside /opt/risk-manager/ops/deploy /srv/handover.tar
check_equal "the new release is current" "$(current_release)" releases/0.1.0-handover
check "all of it under the feed" kill -0 "$feed_process"
rm -f "$machine_memory/feed"
wait "$feed_process" || true

# What riskd did: one contract closed for each breach, and no order of its own. What the venue refused
# is no effect: a worker that takes over a closing whose reply it never saw asks for it again, and
# hears that there is no position any more.
closed() {
  requests_since "$first_request" | jq --arg root "$1" '[.requests[] |
    select(.errorCode == 0 and (.path | test("lose")) and
      (.contract | contains("." + $root + "."))) |
    .body.size // 1] | add // 0'
}
check_equal "as many contracts were taken off as were too many" "$(closed MNQ)" "$reductions"
check_equal "as many were closed as are not allowed at all" "$(closed RTY)" "$closings"
check_equal "riskd placed no order" \
  "$(requests_since "$first_request" | jq '[.requests[] | select(.path | test("Order/place"))] | length')" 0

# What riskd knows: every execution, and what is held.
venue_rest() {
  inside curl -fsS --max-time 20 -X POST -H 'Content-Type: application/json' \
    ${token:+-H "Authorization: Bearer $token"} --data "$2" "http://127.0.0.1:8080/api/$1"
}
token=
token=$(venue_rest Auth/loginKey '{"userName":"demo","apiKey":"demo-key"}' | jq -r .token)
venue_trades() {
  venue_rest Trade/search "{\"accountId\":$busy,\"startTimestamp\":\"2000-01-01T00:00:00Z\"}" |
    jq -r '[.trades[].id] | sort | .[]'
}
recorded_trades() {
  database "SELECT trade_id FROM trade_history WHERE account_id = $busy AND trade_id IS NOT NULL
    ORDER BY trade_id"
}
has_every_trade() {
  venue_trades >"$machine_memory/venue-trades"
  recorded_trades >"$machine_memory/recorded-trades"
  diff "$machine_memory/venue-trades" "$machine_memory/recorded-trades"
}
feed_has_ended() { [[ "$(venue_trades | wc -l)" == "$(sleep 1; venue_trades | wc -l)" ]]; }
check_within "the feed comes to its end" 20 feed_has_ended
check_within "riskd has recorded every execution of the account, and each once" 60 has_every_trade
echo "# executions: $(wc -l <"$machine_memory/venue-trades"), breaches: $((reductions + closings))"
knows_what_is_held() {
  local recorded venue_holds
  recorded=$(database "SELECT contract_id, size FROM positions WHERE account_id = $busy AND size != 0
    ORDER BY contract_id")
  venue_holds=$(inside curl -fsS --max-time 5 "$venue_admin/state" | jq -r "[.positions[] |
    select(.accountId == $busy) | \"\(.contractId)|\(.size)\"] | sort | .[]")
  echo "recorded: $recorded, at the venue: $venue_holds"
  [[ "$recorded" == "$venue_holds" ]]
}
check_within "and what is held" 30 knows_what_is_held
check "the journal gives the same decisions again" inside setpriv --reuid=riskd --regid=riskd \
  --clear-groups /opt/risk-manager/current/bin/riskctl replay verify --root /opt/risk-manager
# Without the feed there are no prices, and what is held without a price is for no other section.
if ! holds "$busy" MES 0; then venue close "{\"account\":$busy,\"contract\":\"MES\"}" >/dev/null; fi
check_within "nothing is held any more" 20 holds "$busy" MES 0
inside cp -p /srv/accounts.yaml /srv/risk_config.yaml /etc/risk-manager/
check "the configuration is what it was" riskctl reload --wait
check_within "riskd runs" 20 is_running
