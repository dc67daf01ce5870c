#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# Another instance protects another user of the venue beside the first one, and neither minds the other.

second_admin=http://127.0.0.1:8091
second_root=/opt/risk-manager/instances/second
cat >"$machine_root/etc/systemd/system/risksim-second.service" <<'UNIT'
[Unit]
Description=Simulated venue of the second user
[Service]
ExecStart=/srv/venue/bin/risksim serve --port 8090 --admin-port 8091 --request-limit 0 --user second --key second-key
UNIT
inside systemctl daemon-reload
inside systemctl start risksim-second
second_venue() { inside curl -fsS --max-time 5 -X POST --data "$2" "$second_admin/$1" >/dev/null; }
second_state() { inside curl -fsS --max-time 2 "$second_admin/state"; }
second_is_flat() { second_state | jq -e "[.positions[] | select(.accountId == $account)] == []"; }
second_status() { inside /usr/local/bin/riskctl status --json --root "$second_root" 2>/dev/null || true; }
second_runs() { second_status | jq -e '.state == "running"'; }
second_breach() { second_venue order "{\"account\":$account,\"contract\":\"RTY\",\"side\":\"buy\",\"size\":1}"; }

check_refused "a name that is none is refused" inside /opt/risk-manager/ops/add-instance ../etc
check "ops/add-instance makes another instance" inside /opt/risk-manager/ops/add-instance second
check_refused "which does not run yet" inside systemctl is-active riskd@second
for file in config.yaml risk_config.yaml accounts.yaml; do
  sed 's/127\.0\.0\.1:8080/127.0.0.1:8090/' "config/demo/$file" |
    inside tee "/etc/risk-manager-second/$file" >/dev/null
done
printf '\nerrorHandling:\n  rateLimit:\n    enabled: false\n' |
  inside tee -a /etc/risk-manager-second/config.yaml >/dev/null
printf 'monitoring:\n  endpoint: {enabled: true, port: 9465}\n  metrics: {interval: 1000}\n' |
  inside tee /etc/risk-manager-second/monitoring.yaml >/dev/null
sed 's/demo-key/second-key/; s/USERNAME=demo/USERNAME=second/' config/demo/env.example |
  inside tee /etc/risk-manager-second/.env >/dev/null
check "made again, it keeps what is configured" inside /opt/risk-manager/ops/add-instance second
check "the configuration is still there" inside grep -q 8090 /etc/risk-manager-second/config.yaml
pids=$(service_pids | sort | xargs)
check "systemctl starts it" inside systemctl start riskd@second
check_within "and it runs" 30 second_runs
first_user=$(inside stat -c %U "/proc/$(main_pid)")
second_pid=$(inside systemctl show -P MainPID riskd@second)
check_equal "as a user of its own, beside $first_user" \
  "$(inside stat -c %U "/proc/$second_pid")" riskd-second
check_equal "operators reach its socket" \
  "$(inside stat -c '%U %G %a' /run/risk-manager-second/control.sock)" "root riskops 660"
check_equal "traders theirs" \
  "$(inside stat -c '%U %G %a' /run/risk-manager-second/trader.sock)" "root risktraders 660"
for place in /etc/risk-manager /var/lib/risk-manager/data; do
  check_refused "it cannot look into $place" inside setpriv --reuid=riskd-second \
    --regid=riskd-second --clear-groups ls "$place"
done
exposure=$(inside systemd-analyze security --no-pager riskd@second.service | tail -n 1)
check "exposure is at most 1.5: ${exposure#* }" \
  awk -v "line=$exposure" 'BEGIN { match(line, /[0-9]+\.[0-9]+/);
    exit !(RSTART && substr(line, RSTART, RLENGTH) <= 1.5) }'
check "systemd finds nothing wrong with the units" inside systemd-analyze verify \
  riskd@second.service riskd-control@second.socket riskd-trader@second.socket riskd-alarm@second.path

before=$(positions)
second_breach
check_within "a breach of the second user is put right" 15 second_is_flat
check_equal "the first user's account was left alone" "$(positions)" "$before"
breach
check_within "one of the first user too" 15 is_flat
metrics() { inside curl -fsS --max-time 2 "http://127.0.0.1:9465/metrics" | grep -q '^riskd_'; }
check_within "Prometheus reads it at a port of its own" 20 metrics
worker=$(second_status | jq -er '.workers[] | select(.name == "evaluator") | .pid') || worker=none
check "a worker of the second instance is killed" inside kill -KILL "$worker"
check_within "a worker that dies comes back" 20 second_runs
second_breach
check_within "and goes on" 15 second_is_flat
check_equal "nobody of the first instance died of that" "$(service_pids | sort | xargs)" "$pids"

check "it stops" inside systemctl stop riskd-control@second.socket riskd-trader@second.socket riskd@second
check_equal "no process is left" "$(inside pgrep -u riskd-second -x riskd | xargs)" ""
check "the first one runs" is_running
inside systemctl start riskd@second
check_within "started again, it runs" 30 second_runs
check "ops/add-instance --remove takes it away" inside /opt/risk-manager/ops/add-instance second --remove
check_equal "no process is left" "$(inside pgrep -u riskd-second -x riskd | xargs)" ""
check "its journal stays" inside test -s /var/lib/risk-manager-second/data/risk_manager.db
check "and the first one runs" is_running
inside systemctl stop risksim-second
inside rm -f /etc/systemd/system/risksim-second.service
