#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

another_pid_than() {
        local pid
        pid=$(property worker-mail@1.service MainPID)
        [ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ]
}

is_told() {
        in_container journalctl --boot --no-pager --catalog WORKER=crash | grep -q "$1"
}

test_worker mail 'replicas: 2'
manifest crash <<'YAML'
name: crash
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/bin/false]}
  autoScaling: {minReplicas: 1, maxReplicas: 4, targetWait: 10s}
YAML
boot

assert_soon "two instances run" 5 instances_are mail "1 2"
sibling=$(property worker-mail@2.service MainPID)
for round in 1 2 3 4 5 6; do
        pid=$(property worker-mail@1.service MainPID)
        in_container systemctl kill --signal=KILL worker-mail@1.service
        assert_soon "it is back after kill $round" 30 another_pid_than "$pid"
done
assert_soon "it is active" 10 in_container systemctl is-active worker-mail@1.service
assert_equal "the other instance never noticed" "$sibling" "$(property worker-mail@2.service MainPID)"
assert_equal "the target is active" active "$(property worker-mail.target ActiveState)"

in_container journalctl --update-catalog
assert_soon "a worker whose instance ends again and again is told of" 30 is_told "'worker-crash@1.service' fails, not scaling"
assert_soon "with what to do" 10 is_told 'journalctl --unit=worker-crash@1.service'
finish
