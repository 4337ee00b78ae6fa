#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/attacks.sh"

# has_controller NAME: whether the kernel can bound this in the container
has_controller() {
        grep -qw "$1" "$ROOT/sys/fs/cgroup/cgroup.controllers"
}

# taken ID WHAT: the last that the hog has got
taken() {
        results "worker-$1@1.service" | sed -nE "s/^$2 ([0-9]+)\$/\1/p" | tail -n 1
}

has_taken() {
        [ -n "$(taken "$1" "$2")" ]
}

was_killed() {
        results "worker-$1@1.service" | grep -qE "oom-kill|OOM killer|status=9/KILL"
}

ARGUMENTS='--hog, memory' attack_worker eats 'resources: {limits: {memory: 64Mi}}'
test_worker neighbor
boot

assert_equal "a limit of the manifest is one of the unit" 67108864 "$(property worker-eats@1.service MemoryMax)"
if has_controller pids; then
        drop_in worker-forks@.service <<'EOF'
[Service]
TasksMax=50
EOF
        ARGUMENTS='--hog, processes' attack_worker forks
        in_container systemctl daemon-reload
        in_container systemctl start worker-forks@1.service
        assert_soon "a fork bomb ends" 20 has_taken forks processes
        assert_equal "with the tasks that the unit may have" 49 "$(taken forks processes)"
else
        echo "# not run: a fork bomb is bounded by TasksMax=: there is no cgroup controller 'pids' in here"
fi
if has_controller memory; then
        assert_soon "a memory hog is killed" 30 was_killed eats
        assert "before it has more than the unit may have" test "$(taken eats memory)" -le 64
else
        echo "# not run: a memory hog is bounded by MemoryMax=: there is no cgroup controller 'memory' in here"
fi
assert_equal "another worker runs on" "1" "$(instances neighbor)"
finish
