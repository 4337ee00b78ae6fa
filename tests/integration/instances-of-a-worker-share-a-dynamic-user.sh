#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# uid ID NUMBER: of the running process, as the kernel has it
uid() {
        in_container stat --format %u "/proc/$(property "worker-$1@$2.service" MainPID)"
}

# the first 31 characters, all that a user name can have, are the same
long=a-name-that-is-much-longer-than-a-user-name
test_worker mail 'replicas: 2'
test_worker orders 'replicas: 1'
test_worker "$long-1" 'replicas: 1'
test_worker "$long-2" 'replicas: 1'
boot

assert_soon "all instances run" 10 in_container systemctl is-active --quiet worker-mail@{1,2}.service \
        worker-orders@1.service "worker-$long-1@1.service" "worker-$long-2@1.service"
mail=$(uid mail 1)
# the range of dynamic users: systemd.exec(5), DynamicUser=
assert "the user is a dynamic one" test "$mail" -ge 61184 -a "$mail" -le 65519
assert_equal "instances of one worker share one user" "$mail" "$(uid mail 2)"
assert "another worker has another user" test "$mail" -ne "$(uid orders 1)"
assert "workers with long names do not share one" test "$(uid "$long-1" 1)" -ne "$(uid "$long-2" 1)"
finish
