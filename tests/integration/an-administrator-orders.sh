#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

NAME=org.systemd_workers.Scaler1
OBJECT=/org/systemd_workers/Scaler1/worker/mail

# told PROPERTY: what worker-scaler says of mail
told() {
        in_container busctl get-property "$NAME" "$OBJECT" "$NAME.Worker" "$1" | cut -d' ' -f2-
}

as_nobody() {
        in_container setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
boot

assert_match "everybody can introspect" 'ListWorkers +method' \
        "$(as_nobody busctl introspect "$NAME" "/org/systemd_workers/Scaler1")"
assert_match "and read" '^u 4$' \
        "$(as_nobody busctl get-property "$NAME" "$OBJECT" "$NAME.Worker" MaxReplicas)"
assert_match "and see the workers as objects" "$OBJECT" "$(as_nobody busctl tree "$NAME")"
assert_not "not everybody can order" as_nobody workerctl pause mail
assert_equal "and nothing came of trying" '"auto"' "$(told Mode)"

assert "root can pause" in_container workerctl pause mail
report_as mail 'items:1|c'
assert_for "nothing is started while paused" 5 instances_are mail "1"
assert_match "the list says so" 'paused' "$(in_container workerctl list)"
assert "root can resume" in_container workerctl resume mail
assert_soon "and then scaling goes on" 20 instances_are mail "1 2 3 4"

assert "root can say how many" in_container workerctl scale mail 2
assert_soon "and so many run" 10 instances_are mail "1 2"
assert_for "whatever is reported" 3 instances_are mail "1 2"
assert_equal "with that reason" '"administrator"' "$(told Reason)"
assert_not "but no more than the maximum" in_container workerctl scale mail 5
assert "below the minimum is allowed" in_container workerctl scale mail 0
assert_soon "and done" 10 instances_are mail ""
assert "and resumed" in_container workerctl resume mail
assert_soon "up to what is needed" 20 at_least mail 1

refused=
for _ in $(seq 10); do
        in_container systemctl daemon-reload
        in_container workerctl scale mail 2 || refused=yes
done
assert_equal "an order while systemd reloads waits instead of being refused" '' "$refused"
in_container workerctl resume mail

assert_not "an unknown worker is refused" in_container workerctl pause nobody
assert_match "orders are in the journal" 'user 0' \
        "$(in_container journalctl --no-pager WORKER=mail MODE=paused)"
table=$(in_container workerctl top --iterations=2)
assert_match "the live table shows the worker" '^mail +auto +[0-9]+ +[0-9]+' "$table"
assert_equal "without escapes where there is no terminal" 0 "$(grep -c $'\x1b' <<<"$table")"
assert_match "the sandbox is as tight as before" 'exposure level for worker-scaler.service: 0\.[0-5]' \
        "$(in_container systemd-analyze security worker-scaler.service)"
finish
