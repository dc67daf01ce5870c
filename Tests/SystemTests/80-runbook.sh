#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Every command of the runbook that needs no value of the reader's own.

is_measured() {
  inside runuser -u riskd -- sqlite3 -readonly /var/lib/risk-manager/data/metrics.db \
    "SELECT name FROM metrics WHERE name LIKE '%memory%' LIMIT 1" | grep .
}
check_within "the monitor has measured" 150 is_measured
commands=$(awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' ops/RUNBOOK.md)
while IFS= read -r command <&3; do
  check "runbook: ${command%%  *}" inside bash -c "$command"
  case $command in *"start riskd" | *restart*) within 20 is_running || true ;; esac
done 3<<<"$commands"
check_within "and riskd runs" 20 is_running
