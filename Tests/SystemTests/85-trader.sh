#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What a trader (group risktraders) sees, and that seeing is all. Olivia operates, Tom trades.

inside usermod --append --groups riskops olivia
inside usermod --append --groups risktraders tom
top=(/usr/local/bin/risktop)

check_equal "riskd serves the socket that systemd made for traders" \
  "$(inside stat -c '%U %G %a' /run/risk-manager/trader.sock)" "root risktraders 660"
inode=$(inside stat -c %i /run/risk-manager/trader.sock)

shows_accounts() {
  inside_as "$1" "${top[@]}" --once --json --timeout 20 >"$machine_memory/feed.json" &&
    jq --exit-status '.accounts | length > 0' "$machine_memory/feed.json" >/dev/null
}
check_within "tom sees the accounts: risktop --once --json" 30 shows_accounts tom
were_read() {
  shows_accounts tom && jq --exit-status '[.accounts[].doubt // empty] == []' \
    "$machine_memory/feed.json" >/dev/null
}
check_within "they were read from the venue" 30 were_read
check "every rule is told" jq --exit-status '.accounts[0].rules | length == 13' \
  "$machine_memory/feed.json"
check "tom sees them as text" inside_as tom "${top[@]}" --once
check_refused "olivia is no trader" inside_as olivia "${top[@]}" --once
check_refused "tom cannot take the socket's place" \
  inside_as tom rm -f /run/risk-manager/trader.sock
check_refused "tom cannot stop the socket" \
  inside_as tom systemctl --no-ask-password stop riskd-trader.socket
check_refused "tom cannot ask the supervisor" \
  inside_as tom /opt/risk-manager/current/bin/riskctl status --root /opt/risk-manager
check_refused "tom cannot read the time sheet's file" \
  inside_as tom cat /var/lib/risk-manager/data/metrics.db

check "a shell proposes risktop's options" inside bash -c \
  '. /usr/share/bash-completion/completions/risktop && complete -p risktop'
check "and riskctl's" inside bash -c \
  '. /usr/share/bash-completion/completions/riskctl && complete -p riskctl'

old=$(worker_pid monitor)
inside kill -KILL "$old"
check_within "a monitor that dies is followed by another" 20 has_new_pid monitor "$old"
check_within "and tom sees the accounts again" 30 shows_accounts tom
inside systemctl restart riskd
check_within "after a restart riskd runs" 20 is_running
check_equal "and serves the same socket" \
  "$(inside stat -c %i /run/risk-manager/trader.sock)" "$inode"
check_within "and tom sees the accounts" 30 shows_accounts tom
