#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# The time of day jumps by an hour, forth and back, while riskd runs: clock.c stands between it and
# libc, so that this machine's own clock stays. What measures waits is the clock since boot.

clock_library=/usr/lib/riskd-test-clock.so
clock_file=/usr/lib/riskd-test-clock
# In place: it is mapped. Bytes of a signed number, the lowest first.
step_clock() {
  local number=$1 byte bytes=
  for byte in 0 8 16 24 32 40 48 56; do
    bytes+=$(printf '\\x%02x' $(((number >> byte) & 255)))
  done
  printf '%b' "$bytes" |
    inside dd of="$clock_file" bs=8 count=1 conv=notrunc status=none iflag=fullblock
}

compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
if "$compiler" -shared -fPIC -O2 -Wall -Werror "-DOFFSET_FILE=\"$clock_file\"" \
  -o "$machine_root$clock_library" Tests/SystemTests/clock.c; then
  step_clock 0
  inside mkdir -p /etc/systemd/system/riskd.service.d
  printf '%s\n' '[Service]' "Environment=LD_PRELOAD=$clock_library" |
    inside tee /etc/systemd/system/riskd.service.d/clock.conf >/dev/null
  inside systemctl daemon-reload
  inside systemctl restart riskd || journal -n 40
  check_within "riskd runs with a clock that can be set" 20 is_running
  pids=$(service_pids | sort | xargs)
  lose_a_day
  check_within "the account is locked" 15 is_locked
  # Seconds that riskd's own time of day is before this machine's.
  lead() {
    local said
    said=$(status_json | jq -r .time)
    echo $(($(date -d "$said" +%s) - $(date +%s)))
  }
  leads_by() { local found; found=$(lead) && ((found >= $1 - 60 && found <= $1 + 60)); }
  for step in 3600 -3600 0; do
    step_clock "$step"
    check_within "for riskd the time of day is $step s off" 10 leads_by "$step"
    breach
    check_within "a breach is put right" 20 is_flat
    check "the lockout holds" is_locked
    check_equal "every process is the one it was" "$(service_pids | sort | xargs)" "$pids"
    check_within "riskd runs" 20 is_running
  done
  inside rm -rf /etc/systemd/system/riskd.service.d "$clock_file" "$clock_library"
  inside systemctl daemon-reload
  forget_deaths
else
  not_ok "the clock that can be set is compiled" "$compiler does not"
fi
