#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What an administrator sets of an installed riskd with riskctl admin, and what systemd says of it.

# shellcheck disable=SC2016 # the inner shell expands them
admin() {
  inside sh -c 'word=$1; shift; printf "%s\n" "$word" | riskctl admin "$@" --password-fd 0' \
    admin demo-admin "$@"
}
says() {
  local pattern=$1
  shift
  "$@" 2>&1 | grep -E -- "$pattern"
}
configured=/etc/risk-manager/risk_config.yaml

check_refused "an operator is no administrator" \
  inside_as olivia sh -c 'echo demo-admin | riskctl admin rules --password-fd 0'
check_refused "a wrong password opens nothing" \
  inside sh -c 'echo demo-admim | riskctl admin rules --password-fd 0'
check "the service is shown with its unit and PID" says "PID +$(main_pid)" admin service
check "and its state by systemd" says 'State +active \(running\), riskd is running' admin service
check "venue, hubs, accounts, database and socket are tried" \
  says 'control socket +ok' admin test
check "nothing of it fails" admin test
check "the state has the accounts" says 'SIM-50K-1001' admin status

old=$(worker_pid evaluator)
mark=$(now_mark)
before=$(inside sha256sum "$configured")
check "a limit is changed while riskd runs" \
  says 'riskd runs with it; restarted: evaluator' admin rules set 3 loss_limit=450.00
check "another evaluator works by it" has_new_pid evaluator "$old"
check "the file says so" inside grep -E 'loss_limit: 450\.00 +#' "$configured"
check_equal "its mode and owner stayed" "$(inside stat -c '%a %U %G' "$configured")" \
  "600 riskd riskd"
copy=$(inside sh -c 'ls /var/lib/risk-manager/backups/risk_config_*.yaml | tail -n 1')
check_equal "the old file is kept as it was" "$(inside sha256sum "$copy" | cut -d' ' -f1)" \
  "${before%% *}"
check_equal "with its mode and owner" "$(inside stat -c '%a %U' "$copy")" "600 riskd"
check_within "the journal of the system knows" 5 journal_since "$mark" 'admin.rules.set by riskctl'
check "the audit log knows" inside grep -c 'admin.rules.set' /opt/risk-manager/data/audit.log
check "also who came in, and what for" \
  inside grep -E '"purpose":"see the service".*admin\.entered' /opt/risk-manager/data/audit.log
check "and is intact" inside runuser -u riskd -- riskctl audit verify
check_refused "a limit that is none is refused" admin rules set 3 loss_limit=none
check "and not written" inside grep -E 'loss_limit: 450\.00 +#' "$configured"
check "the rule is brought back" says 'riskd runs with it' admin rules set 3 loss_limit=500.00

# shellcheck disable=SC2016 # the inner shell expands it
authenticate() {
  inside sh -c 'printf "demo-admin\n%s\n" "$2" |
    riskctl admin auth --user "$1" --password-fd 0 --key-fd 0' auth "$@"
}
check_refused "a key that the venue refuses is not stored" authenticate demo no-such-key
check "one that it takes is, and counts after a restart" \
  says '\.env.* counts after a restart' authenticate Demo demo-key
check "it is in .env" inside grep -x 'TOPSTEPX_USERNAME=Demo' /etc/risk-manager/.env
check_equal "which stays root's" "$(inside stat -Lc '%a %U' /opt/risk-manager/.env)" "600 root"
check "behind its link" inside test -L /opt/risk-manager/.env
check "the name as before" says 'token valid until' authenticate demo demo-key
check_refused "no key is in the log" inside grep no-such-key /opt/risk-manager/data/audit.log

old=$(main_pid)
check "the service is restarted" says 'riskd is restarted' admin service restart
check_within "riskd protects again" 60 is_running
check "it is another one" test "$(main_pid)" != "$old"
check "the last lines of its log are shown" says 'riskd' admin service logs
check "the service is stopped" says 'Nobody watches' admin service stop
check_equal "and stays so" "$(inside systemctl is-active riskd riskd-control.socket | xargs)" \
  "inactive inactive"
check "the service is started" says 'riskd is started' admin service start
check_within "and protects" 60 is_running
inside systemctl start riskd-control.socket riskd-trader.socket
check_refused "to take it off the machine needs the word" admin service uninstall --confirm yes
check "it is still there" is_running
