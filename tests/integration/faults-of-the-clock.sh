#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The clock is the machine's, which a test must not set. So worker-scaler alone is told another time of
# the day, that jumps; for its instances and for systemd it goes on as ever.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

: "${BUILDDIR:?is not set: the directory in which make has built the clock that is shifted}"
STEPS=$(times 10 100)
DAY=86400

# shift_clock SECONDS: in place, as the process has this file mapped
shift_clock() {
        python3 -c 'import struct, sys; open(sys.argv[1], "r+b").write(struct.pack("q", int(sys.argv[2])))' \
                "$SHARE/clock" "$1"
}

times_asked() {
        od --address-radix=n --format=u8 --skip-bytes=8 --read-bytes=8 "$SHARE/clock" | tr -d ' '
}

has_asked_since() {
        [ "$(times_asked)" -gt "$1" ]
}

# The numbers of the clocks, timerfd_create(2), that its timers run by: 0 is CLOCK_REALTIME.
clocks_of_timers() {
        in_container sh -c "sed -n 's/^clockid: //p' /proc/$(scaler_pid)/fdinfo/*" | sort -u | xargs
}

test_worker steady 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 1s}'
test_worker wave 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 1s}'
install -D "$BUILDDIR/tests/integration/clock/clock-shift.so" "$EXTRA_USR/lib/workers-test/clock-shift.so"
cat >"$EXTRA_USR/lib/systemd/system/worker-scaler.service.d/60-clock.conf" <<'UNIT'
[Service]
Environment=LD_PRELOAD=/usr/lib/workers-test/clock-shift.so CLOCK_SHIFT=/run/share/clock
ReadWritePaths=/run/share
UNIT
head -c 16 /dev/zero >"$SHARE/clock"
boot
scaler=$(scaler_pid)

report_as steady 'items:1|c'
assert_soon "a worker has what it needs" 30 instances_are steady "1 2 3 4"
processes=$(main_pids steady)
assert_equal "all timers are of CLOCK_MONOTONIC" "1" "$(clocks_of_timers)"

for ((i = 0; i < STEPS; i++)); do
        asked=$(times_asked)
        shift_clock $(((i % 2 ? -1 : 1) * (RANDOM % 400 + 1) * DAY))
        wait_until 10 has_asked_since "$asked" || not_ok "step $i of the clock is seen"
        # something is scaled up and down meanwhile
        if ((i % 2)); then report_as wave; else report_as wave 'items:1|c'; fi
        sleep "0.$((RANDOM % 10))"
done
assert_equal "after $STEPS steps of the clock it is the same process" "$scaler" "$(scaler_pid)"
assert "and what needed no change had none" processes_are steady "$processes"

report_as wave 'items:1|c'
assert_soon "a worker is scaled up in another year" 30 instances_are wave "1 2 3 4"
in_container workerctl pause wave
in_container systemctl kill --signal=KILL worker-scaler.service
shift_clock $((-1000 * DAY))
assert_soon "a scaler that is killed comes back in yet another" 15 scaler_answers
assert_equal "and knows what was ordered" '"paused"' "$(told wave Mode)"
report_as wave
in_container workerctl resume wave
assert_soon "a worker is scaled down again" 60 instances_are wave "1"
assert "nothing else runs" nothing_but steady "1 2 3 4" wave "1"
assert "and what needed no change still had none" processes_are steady "$processes"
echo "# survived: $STEPS steps of the clock"
finish
