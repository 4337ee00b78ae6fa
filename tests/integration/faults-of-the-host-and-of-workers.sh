#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

TIMES=$(times 1 20) # each of these faults
STOPS=$(times 2 20) # of instances that ignore it

is_gone() {
        [ -z "$(in_container systemctl list-units --plain --no-legend --state=active,activating \
                "worker-$1@*.service")" ]
}

stops_of() {
        in_container journalctl --boot --no-pager --output=cat _PID=1 "UNIT=worker-$1.service" |
                grep -c '^Stopping'
}

scaled_worker() {
        test_worker "$1" 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
}

# told_in_log TEXT TIMES
told_in_log() {
        [ "$(scaler_log | grep -c -- "$1")" -ge "$2" ]
}

# Nothing of it starts or stops.
is_at_rest() {
        wait_until 10 fails has_jobs "$1"
}

has_jobs() {
        jobs "$1" | grep -q .
}

jobs() {
        in_container systemctl list-jobs --no-legend "worker-$1@*.service"
}

# With its file systemd forgets what type a service is of. One that it has just forked then stays "activating",
# although its program runs, until TimeoutStartSec= is over: of systemd's own making.
only_forgotten() {
        local unit
        for unit in $(jobs "$1" | awk '{ print $2 }'); do
                [ "$(property "$unit" LoadState) $(property "$unit" SubState)" = "not-found start" ] || return
                [ "$(property "$unit" MainPID)" -gt 0 ] || return
        done
}

for name in full gone range masked; do
        scaled_worker "$name"
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
TimeoutStopSec=3s
UNIT
in_container systemctl daemon-reload
for ((i = 1; i <= STOPS; i++)); do
        in_container workerctl scale stubborn 3
        assert_soon "three that ignore SIGTERM run" 10 instances_are stubborn "1 2 3"
        in_container workerctl scale stubborn 1
        assert_soon "those to be stopped are killed in the end" 20 instances_are stubborn "1"
        assert_equal "and each was asked once" "$i $i" "$(stops_of stubborn@2) $(stops_of stubborn@3)"
done

# --- a masked instance
in_container systemctl mask --runtime worker-masked@2.service
report_as masked 'items:1|c'
assert_soon "scaling goes on around a masked instance" 20 instances_are masked "1 3 4"
assert_for "and leaves it alone" 3 instances_are masked "1 3 4"
assert "with few words" [ "$(scaler_log | grep -c "worker-masked@2.service' is masked")" -le 2 ]

# --- min > max in a drop-in
report_as range 'items:1|c'
for ((i = 1; i <= TIMES; i++)); do
        assert_soon "a worker is scaled up" 20 instances_are range "1 2 3 4"
        drop_in worker-range.target <<'UNIT'
[X-Scaling]
MinReplicas=9
MaxReplicas=2
UNIT
        in_container systemctl daemon-reload
        assert_soon "a minimum above the maximum is told" 5 told_in_log "is above MaxReplicas=2" "$i"
        assert_soon "and the maximum holds" 30 instances_are range "1 2"
        in_container rm /etc/systemd/system/worker-range.target.d/test.conf
        in_container systemctl daemon-reload
done
assert_soon "once it is gone the worker has what it needs" 20 instances_are range "1 2 3 4"

# --- a worker that is deleted while it is scaled
report_as gone 'items:1|c'
for ((i = 1; i <= TIMES; i++)); do
        assert_soon "a worker is being scaled" 20 at_least gone 2
        sleep "0.$((RANDOM % 10))"
        rm "$MANIFESTS/gone.yaml"
        in_container systemctl daemon-reload
        is_at_rest gone || only_forgotten gone || not_ok "what was being started comes up" "$(jobs gone; all_instances)"
        running=$(instances gone)
        assert_for "one that is deleted is scaled no longer" 2 instances_are gone "$running"
        in_container systemctl stop worker-gone.target
        in_container systemctl stop 'worker-gone@*.service'
        assert_soon "one that is deleted and stopped is gone" 15 is_gone gone
        assert_for "and stays so" 2 is_gone gone
        [ "$i" -lt "$TIMES" ] || break
        scaled_worker gone
        report_as gone 'items:1|c'
        in_container systemctl daemon-reload
        in_container systemctl start worker-gone.target
done

# --- no room in /run
scaler=$(scaler_pid)
report_as full 'items:1|c'
assert_soon "a worker has what it needs" 20 instances_are full "1 2 3 4"
for ((i = 1; i <= TIMES; i++)); do
        assert "/run is full" fill /run
        assert "without room in /run a worker can be ordered" in_container workerctl scale full 2
        assert_soon "which is done" 15 instances_are full "1 2"
        assert "and let go" in_container workerctl resume full
        assert_soon "and it is scaled up" 20 instances_are full "1 2 3 4"
        assert_equal "by the same process" "$scaler" "$(scaler_pid)"
        empty /run
done
assert "that nothing could be saved was told" told_in_log "can't be saved" 1
assert "an order is taken with room again" in_container workerctl scale full 3
assert_soon "and done" 15 instances_are full "1 2 3"
in_container systemctl kill --signal=KILL worker-scaler.service
assert_soon "a new process" 15 scaler_answers
assert_equal "knows of it" '"fixed"' "$(told full Mode)"

assert "after all that the wanted instances run, nothing else" nothing_but \
        full "1 2 3" masked "1 3 4" range "1 2 3 4" stubborn "1"
echo "# survived: $STOPS stops of instances that ignore SIGTERM; each $TIMES times: a minimum above the maximum, a worker that is deleted while it is scaled, a full /run"
finish
