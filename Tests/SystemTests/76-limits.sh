#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What runs out: descriptors and memory. And what many restarts leave behind: nothing.

forget_deaths
# As riskd's user: root in a container may not.
allow_descriptors() {
  inside setpriv --reuid=riskd --regid=riskd --clear-groups prlimit --pid "$1" --nofile="$2:"
}

# A supervisor that cannot open anything more cannot start a worker; it stays and tries again.
supervisor=$(main_pid)
old=$(worker_pid gateway)
neighbours=$(neighbours_of gateway)
mark=$(now_mark)
check "the supervisor gets no descriptors any more" \
  allow_descriptors "$supervisor" "$(descriptors)"
inside kill -s KILL "$old"
check_within "without descriptors the supervisor says why it cannot start a worker" 15 \
  recorded_since "$mark" spawnFailed
check_equal "it stays" "$(main_pid)" "$supervisor"
breach
allow_descriptors "$supervisor" 4096
check_within "with descriptors again the gateway is replaced" 30 has_new_pid gateway "$old"
check_equal "its neighbours keep their pids" "$(neighbours_of gateway)" "$neighbours"
check_within "a breach of that time is put right" 20 is_flat
check_within "riskd runs" 30 is_running

# A worker that cannot open anything more works on with what it has.
for worker in gateway evaluator enforcer; do
  pid=$(worker_pid "$worker")
  check "the $worker gets no descriptors any more" \
    allow_descriptors "$pid" "$(inside ls "/proc/$pid/fd" | wc -l)"
  breach
  check_within "without descriptors in the $worker: a breach is put right" 20 is_flat
  check "it is still the same one, with descriptors again" allow_descriptors "$pid" 4096
  check_within "riskd runs" 40 is_running
done
forget_deaths

# Memory: riskd in a memory group of its own that is full. The kernel ends a worker, never the
# supervisor, and the cause is known.
memory_group=$(sed -n 's/^[0-9]*:memory://p' "/proc/$leader/cgroup")
memory_group=/sys/fs/cgroup/memory$memory_group/$machine
# What fills the group up; the kernel ends it too, after the gateway.
fill_memory() {
  sh -c "echo \$\$ >$memory_group/cgroup.procs && echo 300 >/proc/self/oom_score_adj &&
    head -c $1 /dev/zero | tail -c $1 >/dev/null" 2>/dev/null || true
}
service_group=/sys/fs/cgroup/system.slice/riskd.service
shows_death_of_memory() {
  check_within "the history knows a worker's death for want of memory" 10 \
    journal_since "$mark" 'stopped: out of memory'
  check_within "riskd runs again" 30 is_running
  check_equal "the supervisor is the one it was" "$(main_pid)" "$supervisor"
  breach
  check_within "a breach is put right" 15 is_flat
}
if mkdir "$memory_group" 2>/dev/null && [[ -e "$memory_group/memory.oom_control" ]]; then
  inside mkdir -p /etc/systemd/system/riskd.service.d
  printf '%s\n' '[Service]' 'ExecStart=' "ExecStart=/bin/sh -c 'until grep -q :memory:/$machine \
/proc/self/cgroup; do sleep 0.05; done; exec /opt/risk-manager/current/bin/riskd --root \
/opt/risk-manager'" | inside tee /etc/systemd/system/riskd.service.d/memory.conf >/dev/null
  inside systemctl daemon-reload
  inside systemctl restart --no-block riskd
  joins_memory_group() {
    local pid
    for pid in $(service_pids_outside); do
      echo "$pid" >"$memory_group/cgroup.procs" 2>/dev/null || true
    done
    is_running && [[ "$(wc -l <"$memory_group/cgroup.procs")" == 5 ]]
  }
  check_within "riskd runs in a memory group of its own" 30 joins_memory_group
  supervisor=$(main_pid)
  mark=$(now_mark)
  # Nobody in a container may make the supervisor the last choice: the gateway is made the first.
  inside sh -c "echo 900 >/proc/$(worker_pid gateway)/oom_score_adj"
  used=$(sed -n 's/^total_rss //p' "$memory_group/memory.stat")
  echo $((used + 40 * 1024 * 1024)) >"$memory_group/memory.limit_in_bytes"
  fill_memory 80M
  echo -1 >"$memory_group/memory.limit_in_bytes"
  shows_death_of_memory
  inside rm -rf /etc/systemd/system/riskd.service.d
  inside systemctl daemon-reload
  forget_deaths
  rmdir "$memory_group"
elif inside test -e "$service_group/memory.max"; then
  # Version 2: the service's own group is bounded for a moment. What fills it up joins it.
  supervisor=$(main_pid)
  mark=$(now_mark)
  inside sh -c "echo 900 >/proc/$(worker_pid gateway)/oom_score_adj"
  used=$(inside sed -n 's/^anon //p' "$service_group/memory.stat")
  inside sh -c "echo 0 >$service_group/memory.swap.max" 2>/dev/null || true
  inside sh -c "echo $((used + 40 * 1024 * 1024)) >$service_group/memory.max"
  inside sh -c "echo \$\$ >$service_group/cgroup.procs && echo 300 >/proc/self/oom_score_adj &&
    head -c 80M /dev/zero | tail -c 80M >/dev/null" 2>/dev/null || true
  inside sh -c "echo max >$service_group/memory.max"
  inside sh -c "echo max >$service_group/memory.swap.max" 2>/dev/null || true
  shows_death_of_memory
  forget_deaths
else
  rmdir "$memory_group" 2>/dev/null || true
  skipped="death for want of memory: no memory group can be bounded here"
  if [[ "${CI:-}" == true ]]; then
    not_ok "$skipped" "neither $memory_group (version 1) nor $service_group (version 2)"
  else
    echo "# skipped: $skipped"
  fi
fi
# The mark above which the service is slowed, where the machine has groups of version 2.
check_equal "memory above 384 MiB is slowed, not refused" \
  "$(service MemoryHigh) $(service MemoryMax)" "$((384 * 1024 * 1024)) infinity"
high=$service_group/memory.high
if inside test -e "$high"; then
  check_equal "the kernel knows the mark" "$(inside cat "$high")" $((384 * 1024 * 1024))
else
  echo "# skipped: the kernel's own mark: no groups of version 2 with memory here"
fi

# A sample of a thousand restarts; RISKD_RESTARTS=1000 makes all of them.
restarts=${RISKD_RESTARTS:-60}
supervisor=$(main_pid)
# The first ones bring the allocator to its size.
restarts_of_all() {
  local round worker
  for round in $(seq $((($1 + 2) / 3))); do
    for worker in gateway evaluator enforcer; do
      riskctl restart "$worker" --wait || return 1
    done
  done
  [[ "$(status_json | jq .deathsInWindow)" == 0 ]]
}
check "the first restarts of workers are no deaths" restarts_of_all 30
# A connection that was asked for the state may take a moment to close.
sleep 2
open_before=$(descriptors)
memory_before=$(supervisor_memory)
first_restart=$SECONDS
check "$restarts more are none either" restarts_of_all "$restarts"
echo "# $restarts restarts took $((SECONDS - first_restart)) s"
check_equal "the supervisor is the one it was" "$(main_pid)" "$supervisor"
has_as_many_open() {
  local open
  open=$(descriptors)
  echo "$open, were $open_before"
  ((open <= open_before))
}
check_within "it has no more descriptors open than before" 10 has_as_many_open
grown=$(($(supervisor_memory) - memory_before))
check "and its memory has grown by less than 2 MiB: $grown KiB" test "$grown" -lt 2048
check_within "riskd runs" 20 is_running
