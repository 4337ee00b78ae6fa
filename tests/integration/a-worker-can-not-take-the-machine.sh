#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A memory hog, a fork bomb and a CPU hog, each a worker, beside one that must not notice. It takes cgroup
# controllers, and so a machine of its own.
: "${GUEST:=yes}"
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/attacks.sh"

TASKS=50

# counts ID FILE KEY: more than zero
counts() {
        [ "$(count_of "$@")" -gt 0 ]
}

count_is() {
        [ "$(count_of "$1" "$2")" = "$3" ]
}

has_restarted() {
        [ "$(property "worker-$1@1.service" NRestarts)" -ge "$2" ]
}

# The most that any of its processes has got, MiB
taken() {
        results "worker-$1@1.service" | sed -nE 's/^memory ([0-9]+)$/\1/p' | sort -n | tail -n 1
}

# Every process that the kernel killed for want of memory, but those of a worker
killed_beside() {
        in_container journalctl --dmesg --boot --no-pager --output cat | grep '^oom-kill:' |
                grep -v "constraint=CONSTRAINT_MEMCG.*,oom_memcg=[^,]*/worker-$1@1.service,"
}

is_within() {
        [ "$(count_of "$1" pids.current)" -le "$TASKS" ]
}

# share ID: of one CPU that it uses, in percent, over some seconds
share() {
        local used start
        used=$(count_of "$1" cpu.stat usage_usec)
        start=${EPOCHREALTIME/[.,]/}
        sleep 5
        echo $((($(count_of "$1" cpu.stat usage_usec) - used) * 100 / (${EPOCHREALTIME/[.,]/} - start)))
}

test_worker neighbor
boot
assert_soon "the neighbor runs" 60 instances_are neighbor "1"
neighbor=$(main_pids neighbor)

ARGUMENTS='--hog, memory' attack_worker eats 'resources: {requests: {memory: 16Mi}, limits: {memory: 64Mi}}'
start_worker eats
assert_soon "a limit of memory is the kernel's" 60 count_is eats memory.max 67108864
assert_soon "a request, too" 60 count_is eats memory.low 16777216
assert_soon "a memory hog is killed and started again, more than once" 120 has_restarted eats 2
assert_match "the journal says why" "Failed with result 'oom-kill'" "$(results worker-eats@1.service)"
assert "it never had more than the unit may have" test "$(taken eats)" -le 64
assert_equal "no other process was killed" "" "$(killed_beside eats)"
in_container systemctl stop worker-eats.target

drop_in worker-bomb@.service <<EOF
[Service]
TasksMax=$TASKS
EOF
# its CPU is limited, as an emulated kernel takes a millisecond to refuse a fork
ARGUMENTS='--hog, bomb' attack_worker bomb 'resources: {limits: {cpu: 100m}}'
start_worker bomb
assert_soon "a fork bomb has the tasks that the unit may have" 60 count_is bomb pids.current "$TASKS"
assert_for "and never more" 3 is_within bomb
assert "the kernel counts what it refused" counts bomb pids.events max
assert "and the journal says so" in_container sh -c 'journalctl --dmesg --boot | grep "fork rejected by pids controller in .*/worker-bomb@1.service"'
assert "the system goes on starting what it is told to" in_container systemd-run --quiet --wait --collect /bin/true
in_container systemctl stop worker-bomb.target
assert_soon "the bomb ends with its unit" 60 fails in_container pgrep --exact attacks

ARGUMENTS='--hog, cpu' attack_worker burns 'resources: {limits: {cpu: 400m}}'
start_worker burns
assert_soon "a worker that burns CPU is throttled" 60 counts burns cpu.stat nr_throttled
used=$(share burns)
assert "to about its 40 % of one CPU ($used %)" test "$used" -ge 20 -a "$used" -le 50
in_container systemctl stop worker-burns.target

assert_equal "the neighbor has run all the time" "$neighbor" "$(main_pids neighbor)"
finish
