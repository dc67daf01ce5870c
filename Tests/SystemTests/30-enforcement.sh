#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Whatever dies or hangs in the middle of it, a breach is put right and a lockout holds.

requests_since() { inside curl -fsS --max-time 10 "$venue_admin/requests?after=$1"; }
is_being_closed() {
  requests_since "$last_request" | jq -e 'any(.requests[]; .path | test("lose"))' >/dev/null
}
closings_with_effect() {
  requests_since "$last_request" |
    jq '[.requests[] | select(.errorCode == 0 and (.path | test("lose")))] | length'
}

# Signals a worker while the venue has not answered the request that closes a position that must not
# be.
disturb() {
  local signal=$1 worker=$2 old neighbours mark last_request
  local cause=signal
  if [[ "$signal" == STOP ]]; then cause=hang; fi
  old=$(worker_pid "$worker")
  neighbours=$(neighbours_of "$worker")
  mark=$(now_mark)
  last_request=$(requests_since 0 | jq .last)
  breach
  check_within "the $worker gets $signal when the venue was asked to close" 10 is_being_closed
  inside kill -s "$signal" "$old"
  check_within "$signal to the $worker during a breach: the position is closed" 20 is_flat
  check_within "the $worker is replaced" 20 has_new_pid "$worker" "$old"
  check_refused "the old $worker is gone: nobody hears SIGCONT" inside kill -s CONT "$old"
  check_within "its death is in the journal, with its cause: $cause" 5 \
    tells_death "$mark" "$worker" "$cause"
  check_equal "its neighbours keep their pids" "$(neighbours_of "$worker")" "$neighbours"
  check_within "and riskd runs" 20 is_running
  check_equal "one request closed it" "$(closings_with_effect)" 1
}

# Six deaths within ten minutes are as many as may be.
forget_deaths
since=$(date --utc +%FT%T.%3NZ)
venue latency '{"ms":500}' >/dev/null
for worker in gateway evaluator enforcer; do
  for signal in KILL STOP; do disturb "$signal" "$worker"; done
done
check_equal "the history has each of these deaths, and no other" "$(riskctl history --limit 500 \
  --json | jq -cs --arg since "$since" 'map(select(.event == "death" and .time > $since)) |
    [length, (map(select(.isCounted)) | length), (map(.worker) | unique | length)]')" "[6,6,3]"
forget_deaths
venue latency '{"ms":150}' >/dev/null

# An enforcer that was away for a moment, shorter than what is taken for a hang, goes on with its
# breach: the same process, and nothing is done twice.
last_request=$(requests_since 0 | jq .last)
old=$(worker_pid enforcer)
# shellcheck disable=SC2016 # for the shell inside
inside sh -c 'kill -s STOP "$1"; sleep 1; kill -s CONT "$1"' sh "$old" &
pause=$!
breach
wait "$pause"
check_within "STOP and CONT of the enforcer during a breach: the position is closed" 20 is_flat
check_equal "by the same enforcer" "$(worker_pid enforcer)" "$old"
sleep 3
check_equal "with one request that counted" "$(closings_with_effect)" 1
check_equal "and no order" "$(requests_since "$last_request" |
  jq '[.requests[] | select(.path | test("Order/place"))] | length')" 0
check "and nothing is open" is_flat

lose_a_day
check_within "a day's loss locks the account" 10 is_locked
check_within "and it is flat" 10 is_flat

mark=$(now_mark)
old=$(main_pid)
last_request=$(requests_since 0 | jq .last)
inside kill -s STOP "$old"
breach
check_within "STOP to the supervisor: its workers close what was bought" 8 is_flat
check_equal "before systemd starts another one" "$(main_pid)" "$old"
check_refused "and before its watchdog fires" journal_since "$mark" "Watchdog timeout"
check_within "then its watchdog fires" 25 journal_since "$mark" "Watchdog timeout"
watchdog_restarted() { local pid; pid=$(main_pid) && [[ "$pid" != 0 && "$pid" != "$old" ]]; }
check_within "systemd starts riskd again" 30 watchdog_restarted
check_within "it runs again" 30 is_running
check "and nothing is open" is_flat
check_equal "one request closed it" "$(closings_with_effect)" 1
check "the lockout holds" is_locked
check_within "the alarm is raised" 5 journal_since "$mark" "riskd hung and was ended"
buy MNQ 1 >/dev/null
check_within "a new position is closed at once" 10 is_flat

mark=$(now_mark)
inside kill -s KILL "$(main_pid)"
check_within "KILL to the supervisor: systemd starts riskd again" 20 journal_since "$mark" \
  "all workers are ready"
check_within "it runs again" 20 is_running
check "the lockout holds" is_locked
buy MNQ 1 >/dev/null
check_within "a new position is closed at once" 10 is_flat
venue latency '{"ms":0}' >/dev/null
