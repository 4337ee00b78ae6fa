#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

is_gone() {
        [ -z "$(in_container systemctl list-units --plain --no-legend --state=active,activating \
                "worker-$1@*.service")" ]
}

stops_of() {
        in_container journalctl --boot --no-pager --output=cat _PID=1 "UNIT=worker-$1.service" |
                grep -c '^Stopping'
}

for name in full gone range masked; do
        test_worker "$name" 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
done
cat >"$EXTRA_USR/lib/workers-test/stubborn" <<'PROGRAM'
#!/bin/sh
trap '' TERM
while :; do sleep 1; done
PROGRAM
chmod 755 "$EXTRA_USR/lib/workers-test/stubborn"
manifest stubborn <<'YAML'
name: stubborn
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/lib/workers-test/stubborn]}
  autoScaling: {minReplicas: 1, maxReplicas: 3, scaleDownAfter: 1s}
YAML
boot

# --- an instance that ignores SIGTERM
drop_in worker-stubborn@.service <<'UNIT'
[Service]
TimeoutStopSec=5s
UNIT
in_container systemctl daemon-reload
in_container workerctl scale stubborn 3
assert_soon "three that ignore SIGTERM run" 10 instances_are stubborn "1 2 3"
in_container workerctl scale stubborn 1
assert_soon "those to be stopped are killed in the end" 20 instances_are stubborn "1"
assert_equal "and each was asked once" "1 1" "$(stops_of stubborn@2) $(stops_of stubborn@3)"

# --- a masked instance
in_container systemctl mask --runtime worker-masked@2.service
report_as masked 'items:1|c'
assert_soon "scaling goes on around a masked instance" 20 instances_are masked "1 3 4"
assert_for "and leaves it alone" 3 instances_are masked "1 3 4"
assert "with few words" [ "$(scaler_log | grep -c "worker-masked@2.service' is masked")" -le 2 ]

# --- min > max in a drop-in
report_as range 'items:1|c'
assert_soon "a worker is scaled up" 20 instances_are range "1 2 3 4"
drop_in worker-range.target <<'UNIT'
[X-Scaling]
MinReplicas=9
MaxReplicas=2
UNIT
in_container systemctl daemon-reload
assert_soon "a minimum above the maximum is told" 5 in_container sh -c \
        'journalctl --boot --no-pager -u worker-scaler.service | grep "is above MaxReplicas=2"'
assert_soon "and the maximum holds" 30 instances_are range "1 2"

# --- a worker that is deleted while it is scaled
report_as gone 'items:1|c'
assert_soon "a worker is being scaled" 20 at_least gone 2
rm "$MANIFESTS/gone.yaml"
in_container systemctl daemon-reload
in_container systemctl stop worker-gone.target
in_container systemctl stop 'worker-gone@*.service'
assert_soon "one that is deleted and stopped is gone" 15 is_gone gone
assert_for "and stays so" 3 is_gone gone

# --- no room in /run
scaler=$(scaler_pid)
in_container mount -t tmpfs -o size=4k tmpfs /run/worker-scaler
in_container sh -c 'yes | head -c 100000 >/run/worker-scaler/fill' 2>/dev/null
report_as full 'items:1|c'
assert_soon "without room in /run workers are scaled" 20 instances_are full "1 2 3 4"
assert "and can be ordered" in_container workerctl scale full 2
assert_soon "which is done" 15 instances_are full "1 2"
assert_equal "by the same process" "$scaler" "$(scaler_pid)"
in_container umount /run/worker-scaler

# The clock is not this container's own: a step would be one of the machine. worker-scaler has timers
# of CLOCK_MONOTONIC only.
echo "skipped: a clock that is stepped, as the clock is the machine's"
finish
