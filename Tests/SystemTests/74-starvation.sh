#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # sourced by scripts/system-test, with what it sets
# What the machine may withhold for a while: new processes, and time of its processors.

forget_deaths
# As riskd's user: root in a container may not.
allow_processes() {
  inside setpriv --reuid=riskd --regid=riskd --clear-groups \
    prlimit --pid "$supervisor" --nproc="$1:"
}

# The kernel allows riskd's user no new process: a worker that ended cannot be started again yet.
supervisor=$(main_pid)
old=$(worker_pid evaluator)
neighbours=$(neighbours_of evaluator)
mark=$(now_mark)
check "riskd's user gets no process any more" allow_processes 1
inside kill -s KILL "$old"
check_within "without new processes the supervisor says why it cannot start a worker" 15 \
  recorded_since "$mark" spawnFailed
check_equal "it stays" "$(main_pid)" "$supervisor"
breach
allow_processes 4096
check_within "with new processes again the evaluator is replaced" 30 has_new_pid evaluator "$old"
check_equal "its neighbours keep their pids" "$(neighbours_of evaluator)" "$neighbours"
check_within "a breach of that time is put right" 20 is_flat
check_within "riskd runs" 30 is_running

# Others take the processors: riskd gets only what is left of them, and is slow, not hung. What
# takes them ends by itself.
pids=$(service_pids | sort | xargs)
is_idle_class() {
  local pid task
  for pid in $(service_pids_outside); do
    chrt --idle --all-tasks --pid 0 "$pid"
    for task in /proc/"$pid"/task/*; do
      [[ ! -e "$task" ]] || chrt --pid "${task##*/}" | grep SCHED_IDLE || return 1
    done
  done
  [[ "$(service_pids_outside | wc -l)" == 5 ]]
}
check "the five processes of riskd get what others leave of the processors" is_idle_class
busy=()
for _ in $(seq $((2 * $(nproc)))); do
  timeout 20 sh -c 'while :; do :; done' &
  busy+=("$!")
done
for round in 1 2 3; do
  breach
  check_within "without processors of its own: breach $round is put right" 20 is_flat
done
kill "${busy[@]}" 2>/dev/null || true
wait "${busy[@]}" 2>/dev/null || true
check_equal "no process was taken for hung" "$(service_pids | sort | xargs)" "$pids"
for pid in $(service_pids_outside); do chrt --other --all-tasks --pid 0 "$pid" || true; done
check_within "riskd runs" 30 is_running
