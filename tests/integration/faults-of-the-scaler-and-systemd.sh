#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# With FAULTS=full it takes some minutes: 100 kills, 200 reloads.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

KILLS=$(times 20 100)
RELOADS=$(times 40 200)
BUS_RESTARTS=$(times 3 20)
EXECUTIONS=$(times 1 20) # of systemd, with calls unread

# in the container, so that the pauses are what they say
repeat() {
        enter_container /bin/bash -c "
                for ((i = 0; i < $1; i++)); do
                        $2
                        sleep 0.\$((RANDOM % 5 + 1))
                done" >/dev/null 2>&1
}

# wave SECONDS: another worker has load that comes and goes, so that something is being scaled
wave() {
        local end=$((SECONDS + $1))
        while [ $SECONDS -lt $end ]; do
                report_as wave 'items:1|c' && sleep 2
                report_as wave && sleep 2
        done
}

# under_load COMMAND...: with that wave all the time
under_load() {
        wave 600 &
        local wave=$!
        "$@"
        kill "$wave" && wait "$wave" 2>/dev/null
        report_as wave
}

scalings() {
        scaler_log | grep -c "worker 'wave' is scaled"
}

# scaled_more_than COUNT
scaled_more_than() {
        [ "$(scalings)" -gt "$1" ]
}

# scale_unheard COUNT: systemd is executed anew before it has read what the scaler asks for
scale_unheard() {
        local before
        before=$(scalings)
        kill -STOP "$CONTAINER_PID"
        in_container workerctl scale wave "$1"
        wait_until 20 scaled_more_than "$before"
        kill -TERM "$CONTAINER_PID" # PID 1 takes signals before calls
        kill -CONT "$CONTAINER_PID"
}

for name in steady wave; do
        test_worker "$name" 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 1s}'
done
boot

report_as steady 'items:1|c'
assert_soon "the steady worker has what it needs" 30 instances_are steady "1 2 3 4"
processes=$(main_pids steady)

under_load repeat "$KILLS" 'systemctl kill --signal=KILL worker-scaler.service'
assert_soon "the scaler answers after $KILLS kills" 15 scaler_answers
assert "and what needed no change had none" processes_are steady "$processes"
assert_soon "and the other ends with what it needs" 120 instances_are wave "1"

under_load repeat "$RELOADS" 'systemctl daemon-reload'
assert "after $RELOADS reloads what needed no change had none" processes_are steady "$processes"
assert_soon "and the other ends with what it needs after reloads" 120 instances_are wave "1"
scaler=$(scaler_pid)

under_load repeat "$BUS_RESTARTS" 'systemctl restart dbus.service; sleep 1'
assert_soon "the scaler answers after $BUS_RESTARTS restarts of dbus" 15 scaler_answers
assert_equal "it is the same process" "$scaler" "$(scaler_pid)"
assert "what needed no change had none" processes_are steady "$processes"
assert_soon "and the other ends with what it needs after restarts of dbus" 120 instances_are wave "1"

for ((i = 1; i <= EXECUTIONS; i++)); do
        scale_unheard 3
        assert_soon "what systemd has not heard is asked for again" 20 instances_are wave "1 2 3"
        scale_unheard 1
        assert_soon "and so is the other way" 20 instances_are wave "1"
done
in_container workerctl resume wave
assert_not "nothing of that counts as a failure" grep -q "can't be" <<<"$(scaler_log)"
assert "what needed no change had none" processes_are steady "$processes"
assert "the wanted instances run, nothing else" nothing_but steady "1 2 3 4" wave "1"
assert_equal "no unit has failed" "" "$(in_container systemctl --failed --plain --no-legend)"
echo "# survived: $KILLS kills, $RELOADS reloads, $BUS_RESTARTS restarts of dbus, $((2 * EXECUTIONS)) executions of systemd"
finish
