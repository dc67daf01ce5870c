#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# A deployment that works, a roll-back by hand, and taking riskd off the machine.

first=$(current_release)
backups() { inside find /var/lib/risk-manager/backups -maxdepth 1 -name "$1" -printf '%f\n' | sort; }
newest_backup() { backups "$1" | tail -n 1; }

# The same programs under another id.
make_release second <"$machine_root/srv/install/bin/riskd"
report=$(inside /opt/risk-manager/ops/deploy /srv/second.tar --logs 2>&1) || true
reported() {
  echo "$report"
  grep -qE -- "$1" <<<"$report"
}
for step in "1. validate" "2. back up" "3. stop" "4. switch" "5. database" "6. start" "7. verify"; do
  check "ops/deploy does step $step" reported "$step"
done
check "it says that the new release runs" reported "0.1.0-second runs: running"
check_equal "the new release is current" "$(current_release)" releases/0.1.0-second
check_equal "it is on trial" "$(release_state state)" trial
check_equal "the way back is known" "releases/$(release_state previous)" "$first"
check_within "riskd runs" 20 is_running
is_intact() {
  [[ "$(inside sqlite3 "/var/lib/risk-manager/backups/$1" 'PRAGMA integrity_check')" == ok ]]
}
check "the database was copied, intact" is_intact "$(newest_backup 'risk_manager_*_deploy.db')"
check "the configuration was copied" inside test -s \
  "/var/lib/risk-manager/backups/$(newest_backup 'config_*_deploy')/risk_config.yaml"
check_refused "without its secrets" inside test -e \
  "/var/lib/risk-manager/backups/$(newest_backup 'config_*_deploy')/.env"
check "the logs were copied" inside test -d \
  "/var/lib/risk-manager/backups/$(newest_backup 'logs_*_deploy')"
check_refused "the release that runs is not deployed again" \
  inside /opt/risk-manager/ops/deploy 0.1.0-second

check_refused "ops/install does not replace a release that runs" \
  inside /srv/install/ops/install /srv/riskd.tar.gz
check_equal "and says so before it changes anything" "$(current_release)" releases/0.1.0-second

echo 'rules: [' | inside tee -a /etc/risk-manager/risk_config.yaml >/dev/null
pids=$(service_pids | sort | xargs)
make_release third <"$machine_root/srv/install/bin/riskd"
check_refused "a deployment onto a wrong configuration is refused" \
  inside /opt/risk-manager/ops/deploy /srv/third.tar
check_equal "before anything was stopped" "$(service_pids | sort | xargs)" "$pids"

# After the backup the account is locked, and the database is restored to before that.
lose_a_day
check_within "the account is locked" 10 is_locked
report=$(inside /opt/risk-manager/ops/rollback --restore-database latest \
  --restore-configuration latest 2>&1) || true
for step in "1. stop" "2. restore" "3. units of" "4. verify" "5. collect"; do
  check "ops/rollback does step $step" reported "$step"
done
check "the database is that of before" reported "restored the database from backups/risk_manager_"
check "the lockout stands again" is_locked
buy MNQ 1 >/dev/null
check_within "and is enforced" 15 is_flat
check_equal "the release before is current" "$(current_release)" "$first"
check_refused "the configuration is that of before" \
  inside grep -q '^rules: \[$' /etc/risk-manager/risk_config.yaml
check "the failed release is bad" inside grep -qx 0.1.0-second /opt/risk-manager/release/bad
for file in daemon_failed.log errors_failed.log lockouts.sql history; do
  check "$file is kept for the investigation" inside sh -c \
    "test -e /var/lib/risk-manager/investigation/*_0.1.0-second/$file"
done
check_within "riskd runs" 20 is_running

# Cut off at any moment, a deployment can be run again, and riskd runs soon afterwards. Both
# releases lie unpacked, so that most of the time goes into stopping, switching and starting.
wanted_next() {
  wanted=0.1.0-third
  if [[ "$(current_release)" == releases/0.1.0-third ]]; then wanted=${first#releases/}; fi
}
for moment in 0.5 1.1 1.7 2.3 2.9 3.5; do
  wanted_next
  inside timeout --signal KILL "$moment" /opt/risk-manager/ops/deploy "$wanted" \
    >"$machine_memory/said" 2>&1 || true
  check_within "cut off after $moment s, in step $(grep -oE ' [1-7]\.' "$machine_memory/said" |
    tail -n 1 | tr -cd 1-7): riskd runs again" 30 is_running
  check "the lockout holds" is_locked
done
# And at the beginning of every step, however long this machine takes to get there.
has_begun() { grep -q "deploy: $1\. " "$machine_memory/said"; }
for step in 2 3 4 5 6; do
  wanted_next
  : >"$machine_memory/said"
  inside /opt/risk-manager/ops/deploy "$wanted" >"$machine_memory/said" 2>&1 &
  deployment=$!
  within 60 has_begun "$step" || true
  inside pkill --signal KILL --full '^bash /opt/risk-manager/ops/deploy' || true
  wait "$deployment" || true
  check_within "cut off in step $step: riskd runs again" 30 is_running
  check "the lockout holds" is_locked
done
if [[ "$(current_release)" != releases/0.1.0-third ]]; then
  check "and the deployment can be done" inside /opt/risk-manager/ops/deploy /srv/third.tar
fi
check_equal "with the release that was wanted" "$(current_release)" releases/0.1.0-third
check "the lockout holds" is_locked

# Over a release that crashes again and again, and waits for its next start most of the time, with
# nothing to go back to.
printf '#!/bin/sh\nexit 70\n' | make_release looping small
good=$(current_release)
inside systemctl stop riskd-control.socket riskd-trader.socket riskd
inside mkdir /opt/risk-manager/releases/0.1.0-looping
inside tar --extract --file /srv/looping.tar --directory /opt/risk-manager/releases/0.1.0-looping \
  --strip-components 1
inside ln -sfn releases/0.1.0-looping /opt/risk-manager/current
inside sed -i -e 's/^current=.*/current=0.1.0-looping/' -e 's/^state=.*/state=bad/' \
  -e 's/^previous=.*/previous=/' /opt/risk-manager/release/state
inside systemctl start --no-block riskd
waits_for_next_start() { [[ "$(service SubState)" == auto-restart ]]; }
check_within "a release crashes again and again" 20 waits_for_next_start
check_refused "ops/install does not switch it away without a look at the database" \
  inside /srv/install/ops/install /srv/riskd.tar.gz
check_equal "and changes nothing" "$(current_release)" releases/0.1.0-looping
within 20 waits_for_next_start || true
: >"$machine_memory/said"
inside /opt/risk-manager/ops/deploy "${good#releases/}" >"$machine_memory/said" 2>&1 &
deployment=$!
within 60 has_begun 4 || true
inside pkill --signal KILL --full '^bash /opt/risk-manager/ops/deploy' || true
wait "$deployment" || true
is_tried_again() { [[ "$(service ActiveState)" != inactive ]]; }
check_within "a deployment over it that is cut off leaves nothing stopped" 20 is_tried_again
if [[ "$(current_release)" != "$good" ]]; then
  check "and can be done" inside /opt/risk-manager/ops/deploy "${good#releases/}"
fi
check_within "riskd runs" 20 is_running
check "the lockout holds" is_locked

# A deployment's copy takes the place of a database that is damaged.
inside systemctl stop riskd-control.socket riskd
copy=$(newest_backup 'risk_manager_*_deploy.db')
inside find /var/lib/risk-manager/backups -name 'risk_manager_*.db' ! -name "${copy:?}" -delete
inside sh -c 'cd /var/lib/risk-manager/data && rm -f risk_manager.db-wal risk_manager.db-shm &&
  dd if=/dev/urandom of=risk_manager.db bs=4096 seek=1 count=4 conv=notrunc status=none'
mark=$(now_mark)
inside systemctl start riskd
check_within "a damaged database is replaced by the copy of a deployment" 20 \
  journal_since "$mark" '_deploy\.db'
check_within "riskd runs" 20 is_running
check "the lockout holds" is_locked

# A roll-back, with a backup that knows of no lockout, over a database that is damaged, and over none.
damage() {
  local data=/var/lib/risk-manager/data
  inside systemctl stop riskd-control.socket riskd-trader.socket riskd
  case $1 in
    damaged) inside sh -c "rm -f $data/risk_manager.db-* && dd if=/dev/urandom bs=4096 count=16 \
      of=$data/risk_manager.db conv=notrunc status=none" ;;
    gone) inside sh -c "rm -f $data/risk_manager.db*" ;;
  esac
}
make_release fourth <"$machine_root/srv/install/bin/riskd"
check "another release is deployed" inside /opt/risk-manager/ops/deploy /srv/fourth.tar
wanted=$(release_state previous)
for harm in damaged gone; do
  inside /opt/risk-manager/ops/backup >/dev/null
  make_forgetful_backup
  damage "$harm"
  report=$(inside /opt/risk-manager/ops/rollback "$wanted" --restore-database "$forgetful" 2>&1) ||
    true
  check "$harm: the lockouts come from the newest backup" reported \
    'lockouts that stand in .*/backups/risk_manager_2.*: [1-9]'
  check "$harm: the database is restored" reported "restored the database from backups/$forgetful"
  check_equal "$harm: the release that was wanted is current" "$(current_release)" "releases/$wanted"
  check_within "$harm: riskd runs" 20 is_running
  check "$harm: the lockout holds" is_locked
  buy MNQ 1 >/dev/null
  check_within "$harm: and is enforced" 15 is_flat
  wanted=0.1.0-fourth
done
inside rm -f "/var/lib/risk-manager/backups/$forgetful"

# What a release left is collected, also when the one before it does not protect.
ready_then "$stays_content" | make_release mute small
inside /opt/risk-manager/ops/deploy --patience 3 /srv/mute.tar >/dev/null 2>&1 || true
left=$(current_release)
roll_back_to_mute() { report=$(inside /opt/risk-manager/ops/rollback 0.1.0-mute 2>&1); }
check_refused "a roll-back to a release that does not protect fails" roll_back_to_mute
check_equal "it is current" "$(current_release)" releases/0.1.0-mute
for file in daemon_failed.log errors_failed.log lockouts.sql history; do
  check "$file is kept for the investigation all the same" inside sh -c \
    "ls -t /var/lib/risk-manager/investigation/*_${left#releases/}/$file | head -n 1 | grep ."
done
check "a deployment over it" inside /opt/risk-manager/ops/deploy "${left#releases/}"
check_within "riskd runs" 20 is_running
check "the lockout holds" is_locked

# While logs grow they are copied all the same.
inside sh -c 'timeout 20 sh -c "while :; do echo growing; done" >>/var/log/risk-manager/growing.log' &
growth=$!
check "ops/backup --logs in a busy market" inside /opt/risk-manager/ops/backup --logs
kill "$growth" 2>/dev/null || true
wait "$growth" 2>/dev/null || true
inside rm -f /var/log/risk-manager/growing.log

# Six releases more: five stay, the one that runs, and the one before it; what was given up goes.
releases() { inside find /opt/risk-manager/releases -mindepth 1 -maxdepth 1 -type d -printf '%f\n'; }
inside sh -c 'touch -d "-1 day" /opt/risk-manager/releases/*'
for number in 0 1 2 3 4 5 6; do
  inside cp -a /opt/risk-manager/releases/0.1.0-mute "/opt/risk-manager/releases/0.1.0-old$number"
  inside touch -d "-$((60 - number)) minutes" "/opt/risk-manager/releases/0.1.0-old$number"
done
echo 0.1.0-old6 | inside tee -a /opt/risk-manager/release/bad >/dev/null
make_release fifth <"$machine_root/srv/install/bin/riskd"
check "a deployment" inside /opt/risk-manager/ops/deploy /srv/fifth.tar
check_equal "leaves five releases, and the two that count" "$(releases | sort | xargs)" \
  "$(printf '%s\n' 0.1.0-old{1,2,3,4,5} "$(release_state current)" "$(release_state previous)" |
    sort | xargs)"

# A backup that fails pages somebody.
mark=$(now_mark)
inside mv /var/lib/risk-manager/backups /var/lib/risk-manager/kept
inside systemctl stop riskd-backup.timer
inside systemctl start riskd-backup.service 2>/dev/null || true
inside mv /var/lib/risk-manager/kept /var/lib/risk-manager/backups
check_within "a daily backup that fails raises an alarm" 10 journal_since "$mark" \
  "riskd: the daily backup failed"

copies=$(backups 'risk_manager_*.db')
configurations=$(backups 'config_*' | wc -l)
inside systemctl start riskd-backup.service
check_equal "the daily backup leaves a database alone that was copied today" \
  "$(backups 'risk_manager_*.db')" "$copies"
check "it copies the configuration" test "$(backups 'config_*' | wc -l)" -gt "$configurations" -o \
  "$configurations" -ge 7
inside find /var/lib/risk-manager/backups -name 'risk_manager_*.db' -exec touch -d '-21 hours' {} +
inside systemctl start riskd-backup.service
check_refused "a day later it copies the database" test "$(backups 'risk_manager_*.db')" == "$copies"
check "intact" is_intact "$(newest_backup 'risk_manager_*.db')"
for_purpose() { backups 'risk_manager_*_*_*.db'; }
kept=$(for_purpose)
for round in 1 2 3; do inside /opt/risk-manager/ops/backup --keep 2 >/dev/null; done
check_equal "ops/backup --keep 2 keeps two" \
  "$(comm -23 <(backups 'risk_manager_*.db') <(for_purpose) | wc -l)" 2
check_equal "and every copy that a deployment made" "$(for_purpose)" "$kept"
inside systemctl start riskd-backup.timer
check "the timer waits for the next day" inside systemctl is-active riskd-backup.timer

check_refused "ops/uninstall --purge wants it typed" sh -c \
  "echo yes | nsenter --target $leader --all -- /opt/risk-manager/ops/uninstall --purge"
check "and does nothing otherwise" is_active
check "ops/uninstall" inside /opt/risk-manager/ops/uninstall
check_refused "leaves no unit" inside systemctl cat riskd.service
check_equal "leaves no process" "$(inside pgrep --uid riskd --exact riskd | xargs)" ""
check "keeps the database" inside test -s /var/lib/risk-manager/data/risk_manager.db
check "ops/install again" inside /srv/install/ops/install /srv/riskd.tar.gz
check_within "riskd runs" 30 is_running
check "and the lockout still holds" is_locked
