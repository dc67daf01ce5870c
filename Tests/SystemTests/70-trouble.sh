#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What the machine around riskd may lack: the journal, room on the disk, a configuration.

tries=$(release_state tries)

# The journal goes away and comes back while riskd works: a feed of some hundred events a second,
# breaches, and more to say than is held for the journal.
pids=$(service_pids | sort | xargs)
mark=$(now_mark)
inside cp -p /etc/risk-manager/risk_config.yaml /srv/rules.yaml
inside systemctl stop systemd-journald.socket systemd-journald-dev-log.socket \
  systemd-journald-audit.socket systemd-journald.service 2>/dev/null || true
venue traffic '{"account":1002,"contract":"MES","ordersPerSecond":4,"quotesPerSecond":400,
  "during":15000}' >/dev/null
# Every key is a line of its own, at every reload.
seq -f 'unknown_key_%g: 1' 500 | inside tee -a /etc/risk-manager/risk_config.yaml >/dev/null
slowest_answer() { status_json | jq '[.workers[].answerMilliseconds // 0] | max'; }
slowest=0
for round in 1 2 3; do
  check_refused "without the journal: an unusable configuration is refused" riskctl reload --wait
  breach
  check_within "without the journal, in a busy market: breach $round is put right" 15 is_flat
  answer=$(slowest_answer)
  if ((answer > slowest)); then slowest=$answer; fi
done
check "no worker is held up: the slowest answered the supervisor after $slowest ms" \
  test "$slowest" -lt 5000
inside cp -p /srv/rules.yaml /etc/risk-manager/risk_config.yaml
inside systemctl start systemd-journald.socket systemd-journald-dev-log.socket \
  systemd-journald.service
check_within "with the journal again: it is told that records were dropped" 15 \
  recorded_since "$mark" logDropped
echo "# dropped: $(inside journalctl --no-pager --quiet --output json \
  MESSAGE_ID=6d07f970357b40bfa78b6b233ac4bfab | jq -rs '[.[].LOG_DROPPED | tonumber] | add // 0')"
breach
check_within "with the journal again: a breach is put right" 15 is_flat
check_equal "every process is the one it was" "$(service_pids | sort | xargs)" "$pids"
check_within "riskd runs" 20 is_running

# The disk of the database fills up.
inside systemctl stop riskd-control.socket riskd-trader.socket riskd
room=$(($(inside du --summarize --block-size 1M /var/lib/risk-manager/data | cut -f 1) + 16))
inside sh -c 'cp -a /var/lib/risk-manager/data /srv/data &&
  mount -t tmpfs -o size='"$room"'m,mode=700,uid=riskd,gid=riskd tmpfs /var/lib/risk-manager/data &&
  cp -a /srv/data/. /var/lib/risk-manager/data/'
inside systemctl start riskd
check_within "on a small disk riskd runs" 20 is_running
# What of the feed above is not closed any more is for nobody else.
feed_has_ended() { [[ "$(venue_events)" == "$(sleep 1; venue_events)" ]]; }
venue_events() { inside curl -fsS --max-time 10 "$venue_admin/events?after=0&limit=1" | jq .last; }
check_within "the feed comes to its end" 30 feed_has_ended
venue close '{"account":1002,"contract":"MES"}' >/dev/null || true
# An account that may hold two contracts of MNQ; the feed has others.
other=1002
other_holds() {
  [[ "$(inside curl -fsS --max-time 5 "$venue_admin/state" |
    jq "[.positions[] | select(.accountId == $other and (.contractId | contains(\".MNQ.\"))) |
      .size] | add // 0")" == "$1" ]]
}
other_trades() {
  venue order "{\"account\":$other,\"contract\":\"MNQ\",\"side\":\"$1\",\"size\":1}" >/dev/null
}
check_within "another account holds nothing" 10 other_holds 0
other_trades buy
sleep 3
check "with room on the disk it may hold one contract, of the two that are allowed" other_holds 1
mark=$(now_mark)
# Again and again: riskd gives its own ballast away when it finds no room.
fills_the_disk() {
  inside setpriv --reuid=riskd --regid=riskd --clear-groups sh -c \
    'cat /dev/zero >>/var/lib/risk-manager/data/filler' 2>/dev/null || true
  [[ "$(inside df --output=avail /var/lib/risk-manager/data | tail -n 1 | xargs)" == 0 ]]
}
check_within "the disk is full" 20 fills_the_disk
for round in 1 2 3; do
  breach
  check_within "on a full disk: breach $round is put right" 20 is_flat
done
check "the alarm is raised" inside sh -c "journalctl --quiet --unit riskd --priority crit \
  --output cat --since $(time_of "$mark") | grep 'The journal cannot be written'"
# As the venue saw it: the account may hold it for some milliseconds only.
was_bought() {
  inside curl -fsS --max-time 10 "$venue_admin/events?after=$last_event&limit=50000" |
    jq -e "[.events[] | select(.kind == \"trader\" and .account == $other)] != []" >/dev/null
}
last_event=$(inside curl -fsS --max-time 10 "$venue_admin/events?after=0&limit=50000" | jq .last)
is_degraded_for() { status_json | jq -r .state | grep -qx degraded && service StatusText | grep -F "$1"; }
check_within "and the status says why" 10 is_degraded_for "the journal cannot be written"
other_trades buy
check_within "the second one is bought" 5 was_bought
check_within "it is new exposure, and taken off" 20 other_holds 1
check "riskd stays up" is_active
inside rm -f /var/lib/risk-manager/data/filler
check_within "with room again riskd runs" 40 is_running
breach
check_within "and puts a breach right" 15 is_flat
other_trades buy
sleep 3
check "the second contract may be held again" other_holds 2
venue close "{\"account\":$other,\"contract\":\"MNQ\"}" >/dev/null
check_within "and both sold" 10 other_holds 0
inside systemctl stop riskd-control.socket riskd-trader.socket riskd
inside sh -c 'cp -a /var/lib/risk-manager/data/. /srv/data/ && umount /var/lib/risk-manager/data &&
  rm -rf /var/lib/risk-manager/data && cp -a /srv/data /var/lib/risk-manager/data'

# A start with a configuration that cannot be used costs a release on trial nothing.
inside cp -p /etc/risk-manager/risk_config.yaml /srv/rules.yaml
mark=$(now_mark)
echo 'rules: [' | inside tee -a /etc/risk-manager/risk_config.yaml >/dev/null
inside systemctl start riskd 2>/dev/null || true
check_within "an unusable configuration is named in the journal" 10 \
  journal_since "$mark" "config/risk_config.yaml:[0-9]+"
inside cp -p /srv/rules.yaml /etc/risk-manager/risk_config.yaml
inside systemctl restart riskd
check_within "with the right one riskd runs" 30 is_running
check_equal "no start of the trial was used up" "$(release_state tries)" "$tries"
check_equal "nothing was rolled back" "$(release_state rolled_back)" 0
