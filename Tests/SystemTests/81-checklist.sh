#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The deployment checklist judges an installed riskd, and says what is wrong with it.

# says PHASE ID VERDICT [OPTION]: what the checklist says of one line, which is printed.
says() {
  local line
  line=$(riskctl checklist "$1" --json ${4:+"$4"} | jq -c ".checks[] | select(.id == \"$2\")")
  echo "$line"
  [[ "$(jq -r .verdict <<<"$line")" == "$3" ]]
}

for id in 1 2 3 6; do
  check_within "checklist immediate: $id" 30 says immediate "$id" pass
done
for id in pre.service pre.modes pre.folders; do
  check_within "checklist pre: $id" 10 says pre "$id" pass
done

inside systemctl disable --quiet riskd
check "a service that starts not by itself is seen" says pre pre.service fail
check_refused "and the exit code says so" riskctl checklist pre
inside systemctl enable --quiet riskd
check "and seen again when it is enabled" says pre pre.service pass

inside chmod 755 /var/lib/risk-manager/backups
check "a folder that others may read is seen" says pre pre.modes fail
inside chmod 700 /var/lib/risk-manager/backups
check "and seen again when it is closed" says pre pre.modes pass

check "the venue takes the credentials" says pre pre.venue pass --online
check "who does not ask it is told to" says pre pre.venue person
check_within "the journal has what the venue lists" 30 says rollback rollback.data pass --online

check "a machine without rules for riskd is open" says pre pre.firewall fail
sed -E 's/^( *)# (elements = .*)$/\1\2/' "$machine_root/srv/install/units/riskd.nft.example" \
  >"$machine_root/srv/firewall"
inside nft --file /srv/firewall
check "the rules of the example are seen" says pre pre.firewall pass
inside nft flush set inet riskd venue4
inside nft flush set inet riskd venue6
check "and seen to be empty" says pre pre.firewall fail
inside nft delete table inet riskd

inside systemctl stop riskd-control.socket riskd-trader.socket riskd
check "a riskd that does not run is seen" says immediate 1 fail
check "and that no screen shows anything" says immediate 6 fail
inside systemctl start riskd-control.socket riskd-trader.socket riskd
check_within "and seen again when it runs" 30 says immediate 1 pass
check_within "with the screen" 30 says immediate 6 pass
