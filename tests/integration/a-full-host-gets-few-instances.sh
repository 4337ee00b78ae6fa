#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# host_is PERCENT: so much of the time tasks wait for a CPU
host_is() {
        mkdir -p "$SHARE/pressure"
        echo "some avg10=$1 avg60=0.00 avg300=0.00 total=0" >"$SHARE/pressure/new"
        mv "$SHARE/pressure/new" "$SHARE/pressure/cpu.pressure"
}

held() {
        in_container journalctl --boot --no-pager --output=cat "WORKER=$1" REASON=cpu-pressure |
                grep 'held back'
}

told_that() {
        scaler_log | grep -q "$1"
}

metric() {
        grep -F "$1" "$ROOT/var/lib/prometheus/node-exporter/worker-scaler.prom"
}

mkdir -p "$EXTRA_USR/lib/tmpfiles.d"
cat >"$EXTRA_USR/lib/systemd/system/worker-scaler.service.d/60-test.conf" <<'UNIT'
[Service]
Environment="OPTIONS=--cpu-pressure=80 --pressure-directory=/run/share/pressure"
UNIT
echo 'd /var/lib/prometheus/node-exporter' >"$EXTRA_USR/lib/tmpfiles.d/test.conf"
host_is 95.00
for name in one two; do
        test_worker "$name" 'autoScaling: {minReplicas: 2, maxReplicas: 6, targetThroughput: 5, scaleDownAfter: 2s}'
done
boot

assert_soon "the minimum runs on a full host" 10 instances_are one "1 2"
report_as one 'items:1|c'
report_as two 'items:1|c'
assert_soon "starts are held back, and the journal says why" 20 held one
assert_soon "for every worker" 20 held two
assert_soon "each gets an instance now and then" 30 at_least one 3
assert_soon "the other as well" 15 at_least two 3
assert_not "but not all that it wants" at_least one 4
assert "an administrator's order is not held back" in_container workerctl scale two 6
assert_soon "and carried out at once" 8 at_least two 6
host_is 5.00
assert_soon "when the host has room, starts go on" 10 at_least one 4
assert_match "the catalog explains the entry" 'the host is full' \
        "$(in_container sh -c 'journalctl --update-catalog && journalctl -x --boot --no-pager WORKER=one')"

assert_soon "figures for Prometheus are written" 30 metric 'workers_instances{worker="two",state="running"} 6'
assert "they can be read by everybody" [ "$(stat -c %a "$ROOT/var/lib/prometheus/node-exporter/worker-scaler.prom")" = 644 ]
assert "and have help and type of each" metric '# TYPE workers_items_total counter'

figures=/var/lib/prometheus/node-exporter/worker-scaler.prom
in_container mkdir "$figures.tmp"
in_container sh -c 'printf "[Unit]\n" >"/run/systemd/system/worker-odd\\x2dname.target"'
in_container systemctl start 'worker-odd\x2dname.target'
assert_soon "that they can't be written is told" 30 told_that "can't be written"
in_container rmdir "$figures.tmp"
assert_soon "and once they can they are, with names as the format wants them" 30 metric 'worker="odd\\x2dname"'
assert_soon "which is told, too" 10 told_that 'is written again'
finish
