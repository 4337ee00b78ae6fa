#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# targetCPUUtilizationPercentage and targetMemoryUtilizationPercentage, with what the kernel counts, and starts
# that are held back by the kernel's own pressure. It takes cgroup controllers, and so a machine of its own.
: "${GUEST:=yes}"
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# uses NAME SCRIPT [LINE...]: a worker whose instances run that Python
uses() {
        exec_worker "$1" "{command: [/usr/bin/python3, -c, \"$2\"]}" "${@:3}"
}

# decided ID REASON: the scaler has said that it scales by it
decided() {
        in_container journalctl --boot --no-pager --output=cat "WORKER=$1" "REASON=$2" | grep .
}

held() {
        in_container journalctl --boot --no-pager --output=cat "WORKER=$1" REASON=cpu-pressure | grep 'held back'
}

# pressure_is PERCENT: at least so much of the time tasks wait for a CPU
pressure_is() {
        awk -F '[= ]' -v least="$1" '/^some/ { exit $3 < least }' "$ROOT/proc/pressure/cpu"
}

BURN='while True: pass'
SLEEP='import time; time.sleep(1000000)'
HOLD="held = b'x' * (48 << 20); $SLEEP"
scaled_by_cpu='autoScaling: {minReplicas: 1, maxReplicas: 2, targetCPUUtilizationPercentage: 80}'
scaled_by_memory='autoScaling: {minReplicas: 1, maxReplicas: 2, targetMemoryUtilizationPercentage: 80}'

boot
uses burns "$BURN" 'resources: {requests: {cpu: 100m}, limits: {cpu: 200m}}' "$scaled_by_cpu"
uses rests "$SLEEP" 'resources: {requests: {cpu: 100m}, limits: {cpu: 200m}}' "$scaled_by_cpu"
uses holds "$HOLD" 'resources: {requests: {memory: 32Mi}}' "$scaled_by_memory"
uses fits "$SLEEP" 'resources: {requests: {memory: 128Mi}}' "$scaled_by_memory"
for worker in burns rests holds fits; do
        start_worker "$worker"
done
assert_soon "one that burns more CPU than its target gets a second instance" 120 instances_are burns "1 2"
assert "for that reason" decided burns cpu
assert_soon "one that holds more memory than its target gets a second instance" 120 instances_are holds "1 2"
assert "for that reason" decided holds memory
assert_equal "one that burns none keeps its one" "1" "$(instances rests)"
assert_equal "one that holds little, too" "1" "$(instances fits)"
for worker in burns rests holds fits; do
        in_container systemctl stop "worker-$worker.target"
done

drop_in worker-scaler.service <<'EOF'
[Service]
Environment="OPTIONS=--cpu-pressure=50 --memory-pressure=100"
EOF
in_container systemctl daemon-reload
in_container systemctl restart worker-scaler.service
in_container systemd-run --quiet --unit=crowd /bin/sh -c 'for i in 1 2 3 4 5 6; do while :; do :; done & done; wait'
test_worker waits 'autoScaling: {minReplicas: 1, maxReplicas: 6, targetThroughput: 5}'
wait_until 60 pressure_is 60
start_worker waits
report_as waits 'items:1|c'
assert_soon "starts are held back when tasks wait for a CPU" 120 held waits
in_container systemctl stop crowd.service
assert_soon "and go on when they no longer do" 120 at_least waits 3
finish
