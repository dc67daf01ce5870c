#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The monitor writes its files, shows its page to a real Prometheus, and is missed by nobody.

logs=/opt/risk-manager/logs
in_log() { inside grep -qE -- "$2" "$logs/$1.log"; }
check_within "daemon.log has the token" 20 in_log daemon 'Token valid'
check_within "and the connection" 20 in_log daemon 'SignalR.*Connected'
check_within "and the health checks" 40 in_log daemon 'Health check passed'
mark=$(now_mark)
breach
check_within "a breach is closed" 20 is_flat
check_within "enforcement.log has it" 10 in_log enforcement 'Enforcement close'

printf '\nmonitoring:\n  endpoint: {enabled: true, port: 9464}\n  metrics: {interval: 1000}\n' \
  >"$machine_root/etc/risk-manager/monitoring.yaml"
chmod 600 "$machine_root/etc/risk-manager/monitoring.yaml"
inside chown riskd:riskd /etc/risk-manager/monitoring.yaml
check "the new configuration is accepted" riskctl reload --wait
page() { inside curl -fsS --max-time 2 http://127.0.0.1:9464/metrics; }
page_says() { page | grep -qE -- "$1"; }
check_within "the page for Prometheus is there" 20 page_says '^riskd_memory_usage_mb [0-9]'
check "it says that both hubs deliver" page_says '^riskd_signalr_connection_state 1$'
rows() {
  [[ $(inside sqlite3 -readonly /opt/risk-manager/data/metrics.db 'SELECT count(*) FROM metrics') -gt 0 ]]
}
check_within "metrics are kept" 20 rows

if inside test -x /usr/bin/prometheus; then
  check "promtool finds the rules in order" inside promtool check rules \
    /opt/risk-manager/ops/prometheus-alerts.yaml
  check "and each of them fires at its cause" inside promtool test rules \
    /opt/risk-manager/ops/prometheus-alerts.test.yaml
  inside mkdir -p /srv/prometheus
  cat >"$machine_root/srv/prometheus/prometheus.yml" <<'YAML'
global: {scrape_interval: 1s}
rule_files: [/opt/risk-manager/ops/prometheus-alerts.yaml]
scrape_configs:
  - job_name: riskd
    static_configs: [{targets: ["127.0.0.1:9464"]}]
YAML
  inside systemd-run --quiet --unit prometheus-test prometheus --config.file /srv/prometheus/prometheus.yml \
    --storage.tsdb.path /srv/prometheus/data --web.listen-address 127.0.0.1:9090
  query() { inside curl -fsS --max-time 2 -G http://127.0.0.1:9090/api/v1/query --data-urlencode "query=$1"; }
  scraped() { query 'up{job="riskd"}' | grep -q '"1"'; }
  check_within "a real Prometheus reads it" 30 scraped
  has_memory() { query 'riskd_memory_usage_mb > 0' | grep -q '"value"'; }
  check_within "and has the memory in use" 20 has_memory
  inside systemctl stop prometheus-test
elif [[ "${CI:-}" == true ]]; then
  not_ok "a real Prometheus reads it" "it is not installed: scripts/setup --operations"
else
  echo "# prometheus is not installed in this machine: its scrape is not shown"
fi

# A mail server that is not of this project takes nothing without encryption and sign-in.
mail=/srv/mail
mails() { inside cat $mail/mails 2>/dev/null; }
has_mail() { mails | grep -qE -- "$1"; }
if inside /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
  inside mkdir -p $mail
  inside openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext 'subjectAltName = DNS:localhost, IP:127.0.0.1' -keyout $mail/key.pem \
    -out /etc/risk-manager/mail-ca.pem 2>/dev/null
  inside chown riskd:riskd /etc/risk-manager/mail-ca.pem
  cp Tests/SystemTests/mail-server.py "$machine_root$mail/server.py"
  inside systemd-run --quiet --unit mail-test /usr/bin/python3 $mail/server.py \
    /etc/risk-manager/mail-ca.pem $mail/key.pem $mail/mails
  cp "$machine_root/etc/risk-manager/config.yaml" "$machine_memory/config.yaml"
  cp "$machine_root/etc/risk-manager/.env" "$machine_memory/env"
  sed -i 's,^api:$,api:\n  caFile: "/etc/risk-manager/mail-ca.pem",' \
    "$machine_root/etc/risk-manager/config.yaml"
  printf 'SMTP_USERNAME=riskd\nSMTP_PASSWORD=%s\n' wrong-password >>"$machine_root/etc/risk-manager/.env"
  cat >"$machine_root/etc/risk-manager/monitoring.yaml" <<'YAML'
monitoring:
  alerts:
    channels:
      - {type: email, enabled: true, smtp_host: localhost, smtp_port: 2525, starttls: true,
         from_email: riskd@example.com, to_emails: [admin@example.com]}
    rules:
      - {name: "Memory In Use", condition: "memory_usage_mb > 1", severity: warning, message: "some"}
YAML
  # The secrets are systemd's to read, at each start of the service.
  inside systemctl restart riskd
  check_within "the server refuses a wrong password" 30 has_mail '^refused: riskd$'
  check "and gets no mail then" bash -c '! grep -q subject' <<<"$(mails)"
  sed -i 's/^SMTP_PASSWORD=.*/SMTP_PASSWORD=s3cret-of-mail/' "$machine_root/etc/risk-manager/.env"
  inside systemctl restart riskd
  check_within "an alert comes by mail" 40 has_mail '^subject: \[riskd\] WARNING Memory In Use: some$'
  check "with the same words inside" has_mail '^says: WARNING Memory In Use: some$'
  check "signed in, over TLS" has_mail '^taken: riskd, TLSv1\.[23]$'
  cp "$machine_memory/config.yaml" "$machine_root/etc/risk-manager/config.yaml"
  cp "$machine_memory/env" "$machine_root/etc/risk-manager/.env"
  inside systemctl stop mail-test
  inside systemctl restart riskd
  check_within "and riskd runs" 30 is_running
elif [[ "${CI:-}" == true ]]; then
  not_ok "an alert comes by mail" "python3-aiosmtpd is missing: scripts/setup --operations"
else
  echo "# python3-aiosmtpd is not installed in this machine: no mail is shown"
fi

old=$(worker_pid monitor)
inside kill -s KILL "$old"
check_within "a killed monitor is replaced" 20 has_new_pid monitor "$old"
check_within "and riskd runs" 20 is_running
inside rm -f /etc/risk-manager/monitoring.yaml
check "the old configuration is back" riskctl reload --wait
