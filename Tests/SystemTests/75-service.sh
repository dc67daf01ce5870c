#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What riskd takes of systemd and tells it.

check_equal "riskd serves the socket that systemd made" \
  "$(inside stat -c '%U %G %a' /run/risk-manager/control.sock)" "root riskops 660"
inode=$(inside stat -c %i /run/risk-manager/control.sock)
inside systemctl restart riskd
check_within "after a restart riskd runs" 20 is_running
check_equal "and serves the same socket" \
  "$(inside stat -c %i /run/risk-manager/control.sock)" "$inode"
inside systemctl stop riskd
check "asking for the state starts a riskd that was stopped alone" riskctl history
check_within "and it runs" 20 is_running

check_equal "the secrets belong to root" "$(inside stat -Lc '%U %a' /opt/risk-manager/.env)" \
  "root 600"
check_refused "riskd's user cannot read them" \
  inside setpriv --reuid=riskd --regid=riskd --clear-groups cat /etc/risk-manager/.env
check "riskd runs with them" is_running
for worker in gateway evaluator enforcer; do
  pid=$(worker_pid "$worker")
  check "the $worker is there to be looked at" inside test -e "/proc/${pid:-0}/environ"
  check_refused "the $worker does not carry them in its environment" \
    inside grep -q TOPSTEPX "/proc/$pid/environ"
done

pids=$(service_pids | sort | xargs)
check "systemctl reload takes a valid configuration" inside systemctl reload riskd
inside cp -p /etc/risk-manager/risk_config.yaml /srv/rules.yaml
echo 'rules: [' | inside tee -a /etc/risk-manager/risk_config.yaml >/dev/null
mark=$(now_mark)
check_refused "systemctl reload refuses an invalid one" inside systemctl reload riskd
check_within "it says where the problem is" 5 journal_since "$mark" 'risk_config\.yaml:[0-9]+'
check "and riskd goes on" is_running
check_equal "in the same processes" "$(service_pids | sort | xargs)" "$pids"
inside cp -p /srv/rules.yaml /etc/risk-manager/risk_config.yaml
inside usermod --append --groups riskops olivia
check_refused "an operator may not have the configuration read anew" inside_as olivia \
  /opt/risk-manager/current/bin/riskctl reload --root /opt/risk-manager
told_in() {
  echo "$1"
  grep -E "$2" <<<"$1" >/dev/null
}
audit=$(inside cat /var/lib/risk-manager/data/audit.log)
history=$(riskctl history)
for what in "accepted uid 0 .root." "refused uid 0 .root." "refused uid [0-9]+ .olivia."; do
  check "the history tells of a reload, ${what%% *}, and by whom: ${what#* }" told_in "$history" \
    "is ${what%% *}, asked for by ${what#* }|asked for by ${what#* }, pid [0-9]+, is ${what%% *}"
  check "so does the audit log" told_in "$audit" \
    "\"what\":\"configuration.reload.${what%% *}\",\"who\":\"${what#* }"
done
check "the audit log is whole" inside setpriv --reuid=riskd --regid=riskd --clear-groups \
  /opt/risk-manager/current/bin/riskctl audit verify --root /opt/risk-manager
inside touch /etc/risk-manager/.env
check "a reload after a change of .env names it" told_in "$(riskctl reload --wait)" \
  '^\.env \(systemctl restart riskd\) counts after a restart of riskd'
inside systemctl restart riskd
said=$(riskctl reload --wait) || said="refused, and .env is not the reason"
check_refused "after a restart it does not" told_in "$said" '\.env'
check_within "riskd runs" 20 is_running

# A worker reads what was there when it confined itself: a changed network starts it anew.
deaths=$(status_json | jq .deathsInWindow)
evaluator=$(worker_pid evaluator)
gateway=$(worker_pid gateway)
enforcer=$(worker_pid enforcer)
inside sh -c 'cp -p /etc/hosts /etc/hosts.new && mv /etc/hosts.new /etc/hosts'
check_within "/etc/hosts is replaced: the gateway starts anew" 20 has_new_pid gateway "$gateway"
check_within "and the enforcer" 20 has_new_pid enforcer "$enforcer"
check_equal "the evaluator, which asks nobody, does not" "$(worker_pid evaluator)" "$evaluator"
check_within "riskd runs" 20 is_running
history=$(riskctl history | tail -n 40)
for worker in gateway enforcer; do
  check "the $worker's leaving is told with its cause" told_in "$history" \
    "death .* $worker stopped: exit 76"
done
if [[ "$(status_json | jq .deathsInWindow)" != "$deaths" ]]; then
  printf '# other deaths were counted meanwhile, before: %s\n%s\n' "$deaths" "$history" | sed 's/^/# /'
fi

mark=$(now_mark)
breach
check_within "a breach is put right" 15 is_flat
tells() {
  inside journalctl --no-pager --quiet --output json --unit riskd --after-cursor "$mark" "$@" |
    grep . >/dev/null
}
for worker in gateway evaluator enforcer; do
  inside kill -s KILL "$(worker_pid "$worker")"
  within 20 is_running
  check_within "the journal has records of WORKER=$worker" 10 tells "WORKER=$worker"
done
decision=$(inside journalctl --no-pager --quiet --output json --after-cursor "$mark" \
  --unit riskd | jq -r 'select(.DECISION_ID) | .DECISION_ID' | head -n 1) || true
check "a decision has an id" test -n "$decision"
check "by which the enforcer's records are found too" tells "DECISION_ID=$decision" \
  WORKER=enforcer
# One limit is broken: everything about it is found by the number of its target.
mark=$(now_mark)
venue order '{"account":1002,"contract":"MNQ","side":"buy","size":3}' >/dev/null
# found KIND FIELD: of the records of one kind since then, one field.
found() {
  local id
  id=$(sed -nE "s/^ *case $1 = \"([0-9a-f]{32})\"$/\1/p" Sources/RiskModel/MessageID.swift)
  inside journalctl --no-pager --quiet --output json --unit riskd --after-cursor "$mark" |
    jq -r "select(.MESSAGE_ID == \"$id\") | .$2"
}
is_proven() { [[ -n "$(found targetProven DECISION_ID)" ]]; }
check_within "a limit is broken, and proven to be kept again" 20 is_proven
decision=$(found breach DECISION_ID | head -n 1)
check "the breach has a DECISION_ID" test -n "$decision"
for kind in breach targetAdopted enforcementStep targetProven; do
  check "$kind is found by it, from the $(found "$kind" WORKER | sort -u | xargs)" \
    grep -qxF "${decision:-none}" <(found "$kind" DECISION_ID)
done
venue order '{"account":1002,"contract":"MNQ","side":"sell","size":2}' >/dev/null
forget_deaths

inside cp -p /etc/risk-manager/config.yaml /srv/demo.yaml
printf 'supervision:\n  markGoodAfterSeconds: 2\n' |
  inside tee -a /etc/risk-manager/config.yaml >/dev/null
inside sed -i -e 's/^state=.*/state=trial/' -e 's/^tries=.*/tries=3/' \
  -e 's/^rolled_back=.*/rolled_back=0/' /opt/risk-manager/release/state
inside rm -f /opt/risk-manager/data/release.verdict
inside systemctl restart riskd
check_within "after its time riskd finds the release good" 40 \
  inside grep -q ' verdict=good ' /opt/risk-manager/data/release.verdict
inside systemctl restart riskd
check_equal "and the release gate takes its word" "$(release_state state)" good
inside cp -p /srv/demo.yaml /etc/risk-manager/config.yaml
inside systemctl restart riskd

inside cp -p /etc/risk-manager/risk_config.yaml /srv/rules.yaml
echo 'rules: [' | inside tee -a /etc/risk-manager/risk_config.yaml >/dev/null
reboot_machine
check_within "with an invalid configuration at boot the accepted one is used" 60 is_active
names_configuration() {
  status_json
  status_json | jq -e '.state == "degraded"' >/dev/null &&
    service StatusText | grep -E 'config/risk_config.yaml'
}
check_within "and riskd says what is wrong" 30 names_configuration
breach
check_within "a breach is put right" 15 is_flat
inside cp -p /srv/rules.yaml /etc/risk-manager/risk_config.yaml
inside systemctl restart riskd

check_within "riskd runs" 20 is_running
