#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# ops/install makes a running service of an archive, and does no harm when it is run again.

echo "# install"
install_release() { inside /srv/install/ops/install /srv/riskd.tar.gz 2>&1; }
installed=$(install_release) || true
said() {
  echo "$installed"
  grep -qF -- "$1" <<<"$installed"
}
for confirmation in "✅ Service installed: riskd" "✅ Auto-start: enabled" "✅ Account: riskd"; do
  check "ops/install says '$confirmation'" said "$confirmation"
done
check_within "the service is active" 30 is_active
check_within "riskd says it is running" 20 is_running

has_modes() {
  local wrong=0 place mode
  while read -r mode place; do
    [[ "$(inside stat -Lc %a "/opt/risk-manager/$place")" == "$mode" ]] && continue
    echo "$place: $(inside stat -Lc '%a %U %G' "/opt/risk-manager/$place"), expected $mode"
    wrong=1
  done <<'MODES'
700 config
700 data
700 backups
755 logs
755 release
600 .env
600 config/accounts.yaml
600 config/config.yaml
644 release/state
MODES
  return "$wrong"
}
check "directories and files have the modes of the specification" has_modes

runs_without_compiler() {
  local pid=$1 library
  inside cat "/proc/$pid/maps" | awk '$6 ~ /^\// { print $6 }' | sort -u >"$machine_memory/maps"
  library=$(grep -vE '^/(usr/)?lib|^/opt/risk-manager/releases/|^/var/lib/risk-manager/' \
    "$machine_memory/maps") && { echo "$library"; return 1; }
  grep -q '^/opt/risk-manager/releases/.*/lib/libswiftCore.so$' "$machine_memory/maps"
}
check "it uses libraries of Debian and of its own release only" runs_without_compiler "$(main_pid)"

has_completions() {
  local program place wrong=0
  for program in riskctl risktop riskd; do
    for place in "bash-completion/completions/$program" "zsh/vendor-completions/_$program" \
      "fish/vendor_completions.d/$program.fish"; do
      inside grep -qF -- "$program" "/usr/share/$place" || { echo "/usr/share/$place"; wrong=1; }
    done
    inside bash -c ". /usr/share/bash-completion/completions/$program && complete -p $program" ||
      wrong=1
  done
  return "$wrong"
}
check "bash, zsh and fish propose what can be typed of each program" has_completions
# shellcheck disable=SC2016 # for the shell inside
check "of riskd the options" inside bash -c '. /usr/share/bash-completion/completions/riskd
  COMP_WORDS=(riskd --v) COMP_CWORD=1; _riskd; [[ "${COMPREPLY[*]}" == --version ]]'

pids=$(service_pids | sort | xargs)
installed=$(install_release) || true
check "ops/install again keeps the configuration" said "kept /etc/risk-manager/accounts.yaml"
check "and the release" said "already"
check_equal "and the running service" "$(service_pids | sort | xargs)" "$pids"

exposure=$(inside systemd-analyze security --no-pager riskd.service | tail -n 1)
check "exposure is at most 1.5: ${exposure#* }" \
  awk -v "line=$exposure" 'BEGIN { match(line, /[0-9]+\.[0-9]+/);
    exit !(RSTART && substr(line, RSTART, RLENGTH) <= 1.5) }'
units=(riskd.service riskd-control.socket riskd-trader.socket riskd-restart@gateway.service
  riskd-escalate@test.service riskd-backup.service riskd-backup.timer)
check "systemd finds nothing wrong with the units" inside systemd-analyze verify "${units[@]}"
check "the firewall example is read" inside sh -c 'nft --check --file /opt/risk-manager/current/units/riskd.nft.example'
