#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

told() {
        in_container busctl get-property org.systemd_workers.Scaler1 \
                "/org/systemd_workers/Scaler1/worker/$1" org.systemd_workers.Scaler1.Worker "$2" |
                cut -d' ' -f2-
}

told_is() {
        [ "$(told "$1" "$2")" = "$3" ]
}

kill_scaler() {
        in_container systemctl kill --signal=KILL worker-scaler.service
}

scaler_is_ready() {
        [ "$(property worker-scaler.service MainPID)" != "$1" ] && [ -n "$(told mail Mode)" ]
}

# restart_with COMMAND...: a new scaler by that way
restart_with() {
        local pid
        pid=$(property worker-scaler.service MainPID)
        "$@"
        assert_soon "the scaler is back after: $*" 10 scaler_is_ready "$pid"
}

STATE=/run/worker-scaler/state
test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
test_worker held 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
boot

in_container workerctl pause mail
in_container workerctl scale held 3
assert_soon "an order is carried out" 10 instances_are held "1 2 3"
report_as mail 'items:1|c'
for way in kill_scaler "in_container systemctl restart worker-scaler.service"; do
        # shellcheck disable=SC2086 # words
        restart_with $way
        assert "the paused worker is paused" told_is mail Mode '"paused"'
        assert "the fixed one is fixed" told_is held Mode '"fixed"'
        assert_for "and nothing is started or stopped" 4 instances_are held "1 2 3"
        assert "of neither" instances_are mail "1"
done

for count in 2 1 3; do
        in_container workerctl scale held "$count"
        restart_with kill_scaler
        assert_soon "what was answered is kept, however soon the end comes" 10 instances_are held \
                "$(seq -s ' ' "$count")"
done

in_container systemctl daemon-reexec
assert_for "daemon-reexec changes nothing" 3 instances_are held "1 2 3"
in_container systemctl restart dbus.service
assert_soon "a restart of dbus is survived" 15 told_is mail Mode '"paused"'
assert "and changes nothing" instances_are held "1 2 3"

in_container workerctl resume mail held
assert_soon "capacity is learned" 30 instances_are mail "1 2 3 4"
in_container systemctl stop worker-scaler.service
printf 'worker-scaler state 1\nworker mail mode=1\n' >"$ROOT$STATE"
in_container systemctl start worker-scaler.service
assert "a damaged state is ignored" told_is mail Mode '"auto"'
assert_match "and told" 'is damaged, ignoring it' "$(in_container journalctl -b -u worker-scaler --no-pager)"
printf 'worker-scaler state 99\nend 0\n' >"$SCRATCH/state"
in_container systemctl stop worker-scaler.service
cp "$SCRATCH/state" "$ROOT$STATE"
in_container systemctl start worker-scaler.service
assert_match "that of another version too" 'is of another version, ignoring it' \
        "$(in_container journalctl -b -u worker-scaler --no-pager)"
assert_for "the instances go on through all of it" 2 instances_are mail "1 2 3 4"
finish
