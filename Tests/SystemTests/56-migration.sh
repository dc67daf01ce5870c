#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034,SC2317 # sourced by scripts/system-test, with what it sets
# A deployment over a database of version 1: wherever it is cut off, a release runs that can have
# the database, and the lockout of version 1 holds. A migration that does not work is undone.

alter_release() { sed -i 's/^schema_max=.*/schema_max=1/' "$1/release.env"; }
ready_then "$stays_content" | make_release version-1 small
unset -f alter_release
make_release migrating <"$machine_root/srv/install/bin/riskd"
# It migrates, and does not like what came of it.
alter_release() {
  cat >"$1/bin/riskctl" <<'RISKCTL'
#!/bin/sh
case "$1 $2" in "db verify") [ "$3" = --help ]; exit ;; esac
exec /srv/venue/bin/riskctl "$@"
RISKCTL
}
make_release discontent <"$machine_root/srv/install/bin/riskd"
unset -f alter_release

# By what is in it, not by what the scripts take it for.
schema() {
  database "SELECT 1 + (SELECT count(*) FROM sqlite_master WHERE name = 'journal')"
}
stop_riskd() { inside systemctl stop riskd-control.socket riskd-trader.socket riskd; }
# riskd of version 1 runs, over its database, in which the account is locked.
become_version_1() {
  stop_riskd
  inside sh -c 'cd /var/lib/risk-manager/data && rm -f risk_manager.db risk_manager.db-*'
  inside setpriv --reuid=riskd --regid=riskd --clear-groups \
    sqlite3 /var/lib/risk-manager/data/risk_manager.db <<SQL
CREATE TABLE lockouts (account_id INTEGER PRIMARY KEY, is_locked BOOLEAN DEFAULT 0,
  reason TEXT, locked_at TEXT, locked_until TEXT, rule_id TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE daily_pnl (account_id INTEGER, date TEXT, realized_pnl REAL DEFAULT 0,
  last_updated TEXT, PRIMARY KEY (account_id, date));
CREATE TABLE contract_cache (contract_id TEXT PRIMARY KEY, tick_size REAL, tick_value REAL,
  symbol_id TEXT, name TEXT, cached_at TEXT);
CREATE TABLE trade_history (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER,
  timestamp TEXT, contract_id TEXT, pnl REAL, created_at TEXT);
CREATE TABLE session_state (account_id INTEGER PRIMARY KEY, session_start TEXT, updated_at TEXT);
CREATE TABLE positions (id INTEGER PRIMARY KEY, account_id INTEGER, contract_id TEXT,
  type INTEGER, size INTEGER, average_price REAL, created_at TEXT, updated_at TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, account_id INTEGER, contract_id TEXT,
  type INTEGER, side INTEGER, size INTEGER, limit_price REAL, stop_price REAL, state INTEGER,
  created_at TEXT, updated_at TEXT);
CREATE TABLE enforcement_log (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT,
  account_id INTEGER, rule_id TEXT, action TEXT, reason TEXT, success BOOLEAN DEFAULT 1,
  details TEXT, execution_time_ms REAL);
CREATE TABLE reset_schedule (account_id INTEGER PRIMARY KEY, last_reset_date TEXT,
  next_reset_time TEXT, reset_time_config TEXT, timezone TEXT);
INSERT INTO lockouts (account_id, is_locked, reason) VALUES ($account, 1, 'by hand');
SQL
  inside chmod 600 /var/lib/risk-manager/data/risk_manager.db
  inside /srv/install/ops/install /srv/version-1.tar >"$machine_memory/said" 2>&1
  within 20 is_active
  [[ "$(current_release)" == releases/0.1.0-version-1 && "$(schema)" == 1 ]]
}
deploys() { inside /opt/risk-manager/ops/deploy "$@" >"$machine_memory/said" 2>&1; }
said() {
  cat "$machine_memory/said"
  grep -qF -- "$1" "$machine_memory/said"
}
holds_and_is_enforced() {
  check_within "$1: the lockout of version 1 holds" 10 is_locked
  buy MNQ 1 >/dev/null
  check_within "$1: and is enforced" 20 is_flat
}

check "riskd of version 1 runs over a database of version 1" become_version_1
deploys /srv/discontent.tar || true
check "a migration that does not work is told" said "does not get along with the database"
check_equal "it is undone" "$(schema)" 1
check_equal "with the release before it" "$(current_release)" releases/0.1.0-version-1
check_within "which runs again" 20 is_active
check "the lockout holds" is_locked
check "the release that cannot have it is bad" \
  inside grep -qx 0.1.0-discontent /opt/risk-manager/release/bad

check "a deployment migrates" deploys /srv/migrating.tar
check "and says so" said "migrated 1 rows, 1 lockouts stand"
check_equal "the database has version 2" "$(schema)" 2
check_within "riskd runs" 30 is_running
holds_and_is_enforced "migrated"

# Cut off at the beginning of the steps between the stop and the start.
cut_off_in() {
  local step=$1 deployment
  : >"$machine_memory/said"
  inside /opt/risk-manager/ops/deploy /srv/migrating.tar >"$machine_memory/said" 2>&1 &
  deployment=$!
  within 60 grep -q "deploy: $step\. " "$machine_memory/said" || true
  inside pkill --signal KILL --full '^bash /opt/risk-manager/ops/deploy' || true
  wait "$deployment" || true
}
# The old release over its database, or the new one over its own.
runs_what_fits() {
  if [[ "$(current_release)" == releases/0.1.0-version-1 ]]; then
    [[ "$(schema)" == 1 ]] && is_active
  else
    [[ "$(schema)" == 2 ]] && is_running
  fi
}
for step in 3 4 5 6; do
  check "riskd of version 1 runs over a database of version 1" become_version_1
  cut_off_in "$step"
  check_within "cut off in step $step: what runs can have the database" 40 runs_what_fits
  echo "# $(current_release) over version $(schema)"
  check "the lockout holds" is_locked
done
holds_and_is_enforced "cut off in step $step"

# Cut off before the migration, for certain: the release gate makes up for it.
check "riskd of version 1 runs over a database of version 1" become_version_1
stop_riskd
inside ln -sfn releases/0.1.0-migrating /opt/risk-manager/current
inside systemctl start riskd
check_within "switched and not migrated: the release gate does it, and riskd runs" 40 is_running
check_equal "over version 2" "$(schema)" 2
holds_and_is_enforced "by the release gate"

# The section's own database stays; its lockout is for no other section.
stop_riskd
inside sh -c 'cd /var/lib/risk-manager && rm -f data/risk_manager.db* backups/risk_manager_*.db'
check "the release of before is installed again" inside /srv/install/ops/install /srv/riskd.tar.gz
check_within "and runs" 30 is_running
check_equal "it is the one that it was made of" "$(current_release)" \
  "releases/$(sed -n 's/^id=//p' "$machine_root/srv/install/release.env")"
