#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The machine's own start is enough, after an orderly end and after a loss of power; rebooting is
# no way out of a lockout.

lose_a_day
check_within "the account is locked" 10 is_locked
for ending in orderly "loss of power"; do
  reboot_machine "$ending"
  check_within "$ending: riskd starts with the machine" 60 is_active
  check_within "$ending: and runs" 30 is_running
  check "$ending: the lockout holds" is_locked
  buy MNQ 1 >/dev/null
  check_within "$ending: and is enforced" 15 is_flat
  check_equal "$ending: the release stays" "$(release_state rolled_back)" 0
done
