#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# riskd in a terminal, as a user of his own in a folder of his own; and secrets that lie encrypted.

inside systemctl stop riskd-control.socket riskd-trader.socket riskd
inside mkdir -p /srv/console/config
inside sh -c 'cp -L /etc/risk-manager/*.yaml /srv/console/config/ && cp /etc/risk-manager/.env \
  /srv/console/.env && chown -R olivia: /srv/console && chmod -R go= /srv/console'
mkfifo "$machine_memory/keys"
exec 7<>"$machine_memory/keys"
terminal_pid=

# A terminal whose keys are what is written to descriptor 7, and whose screen is kept. The shell in it
# outlives Ctrl-C, so that the code is riskd's own and not what the terminal program makes of it.
open_terminal() {
  rm -f "$machine_root/srv/screen" "$machine_root/srv/exit-code"
  inside script --quiet --flush --command \
    'trap : INT; setpriv --reuid=olivia --regid=olivia --clear-groups \
      /opt/risk-manager/current/bin/riskd --root /srv/console; echo $? >/srv/exit-code' \
    /srv/screen <&7 >/dev/null 2>&1 7>&- &
  terminal_pid=$!
}
screen_shows() {
  inside grep -aE "$1" /srv/screen && return
  inside tail -n 8 /srv/screen
  return 1
}
processes() { inside pgrep -u olivia -x riskd | wc -l; }
terminal_has_closed() { ! kill -0 "$terminal_pid" 2>/dev/null; }

open_terminal
check_within "riskd in a terminal protects" 20 screen_shows "all workers are ready"
check_within "for people to read" 5 screen_shows "^[0-9: .TZ-]+.*Risk Rules Engine: Monitoring started"
check_equal "as five processes" "$(processes)" 5
breach
check_within "a breach is put right" 15 is_flat
printf '\003' >&7
check_within "Ctrl-C ends it within the grace period" 30 terminal_has_closed
check_equal "with exit code 0" "$(inside cat /srv/exit-code)" 0
check_equal "no process is left" "$(processes)" 0

is_being_closed() {
  inside curl -fsS --max-time 10 "$venue_admin/requests?after=$last_request" |
    jq -e 'any(.requests[]; .path | test("lose"))' >/dev/null
}

# A stop while the enforcer waits for an answer that takes longer than any stop: with one key it
# gets its time, with a second one it does not. Sets `took`, in milliseconds.
stop_by_keys() {
  local keys=$1 begun
  open_terminal
  check_within "it starts again" 20 screen_shows "all workers are ready"
  venue latency '{"ms":40000}' >/dev/null
  last_request=$(inside curl -fsS "$venue_admin/requests?after=0" | jq .last)
  breach
  check_within "the enforcer waits for the venue" 10 is_being_closed
  begun=$(date +%s%3N)
  for _ in $(seq "$keys"); do
    printf '\003' >&7
    sleep 0.5
  done
  within 35 terminal_has_closed || true
  took=$(($(date +%s%3N) - begun))
  check "with $keys of Ctrl-C it ends, after $took ms" terminal_has_closed
  check_equal "no process is left" "$(processes)" 0
  wait "$terminal_pid" 2>/dev/null || true
  venue latency '{"ms":0}' >/dev/null
}
stop_by_keys 1
unhurried=$took
check "one key leaves a request that is under way its time" test "$unhurried" -ge 2500
stop_by_keys 2
check "a second one hurries" test "$took" -lt $((unhurried - 1000))
exec 7>&-
inside rm -rf /srv/console
inside systemctl start riskd-control.socket riskd-trader.socket riskd
check_within "the service runs again" 20 is_running
check_within "and puts right what was left open" 15 is_flat

# Secrets that lie encrypted on the disk, and no .env beside them.
inside mkdir -p /etc/systemd/system/riskd.service.d
if inside systemd-creds encrypt --with-key=host --name=riskd.env /etc/risk-manager/.env \
  /etc/risk-manager/riskd.env.encrypted >/dev/null 2>&1; then
  printf '%s\n' '[Service]' 'LoadCredential=' \
    'LoadCredentialEncrypted=riskd.env:/etc/risk-manager/riskd.env.encrypted' |
    inside tee /etc/systemd/system/riskd.service.d/encrypted.conf >/dev/null
  inside mv /etc/risk-manager/.env /srv/kept.env
  inside systemctl daemon-reload
  mark=$(now_mark)
  inside systemctl restart riskd
  check_within "riskd runs with encrypted secrets alone" 20 is_running
  check "ops/check-configuration reads them too" inside /opt/risk-manager/ops/check-configuration
  inside systemctl stop riskd-control.socket riskd
  check "ops/install does" inside /srv/install/ops/install /srv/riskd.tar.gz
  check_refused "and makes no .env" inside test -e /etc/risk-manager/.env
  make_release encrypted <"$machine_root/srv/install/bin/riskd"
  check "ops/deploy does" inside /opt/risk-manager/ops/deploy /srv/encrypted.tar
  check_equal "the new release is current" "$(current_release)" releases/0.1.0-encrypted
  check_within "and runs" 20 is_running
  check_refused "no backup has them" inside sh -c \
    'find /var/lib/risk-manager/backups -name "*.env*" | grep .'
  check "they cannot be read in the file" inside sh -c \
    '! grep -aq TOPSTEPX /etc/risk-manager/riskd.env.encrypted'
  inside mv /srv/kept.env /etc/risk-manager/.env
  inside rm -f /etc/risk-manager/riskd.env.encrypted
  inside rm -rf /etc/systemd/system/riskd.service.d
  inside systemctl daemon-reload
  inside systemctl restart riskd
  check_within "and with the plain ones again" 20 is_running
else
  not_ok "systemd-creds encrypts the secrets" "$(inside systemd-creds encrypt --with-key=host \
    --name=riskd.env /etc/risk-manager/.env - 2>&1 >/dev/null || true)"
fi
