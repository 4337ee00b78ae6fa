#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/polkit.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

EXAMPLE=$DESTDIR/usr/share/doc/systemd-workers/examples/unprivileged-scaler

# install_example FILE PATH
install_example() {
        in_container install -d --mode=755 "${2%/*}"
        cat "$EXAMPLE/$1" >"$ROOT$2"
        chmod 644 "$ROOT$2"
}

as_scaler() {
        in_container setpriv --reuid=worker-scaler --regid=0 --clear-groups "$@"
}

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
boot
install_example sysusers.conf /etc/sysusers.d/worker-scaler.conf
in_container systemd-sysusers
install_example dbus.conf /etc/dbus-1/system.d/worker-scaler.conf
polkit_rules 50-worker-scaler <"$EXAMPLE/polkit.rules"
install_example service.conf /etc/systemd/system/worker-scaler.service.d/unprivileged.conf
in_container systemctl restart dbus.service
in_container systemctl daemon-reload
in_container systemctl restart worker-scaler.service

assert_soon "it answers" 20 scaler_answers
assert_equal "as a user of its own" worker-scaler "$(in_container ps -o user:20= -p "$(scaler_pid)" | xargs)"
assert_match "its exposure is at most 0.1" 'exposure level for worker-scaler.service: 0\.[01]' \
        "$(in_container systemd-analyze security worker-scaler.service)"
report_as mail 'items:1|c'
assert_soon "it hears reports and starts instances" 30 instances_are mail "1 2 3 4"
report_as mail
assert_soon "and stops them" 60 instances_are mail "1"
assert "root gives it orders" in_container workerctl scale mail 2
assert_soon "which it follows" 20 instances_are mail "1 2"
assert_match "the step is known as its own" '^Last step: from 1 to 2 instances' "$(in_container workerctl status mail)"

host=worker-scaler.socket
assert_not "it may not stop another unit" as_scaler systemctl --no-ask-password stop $host
assert_not "nor a target of a worker" as_scaler systemctl --no-ask-password stop worker-mail.target
assert_not "nor kill an instance" as_scaler systemctl --no-ask-password kill worker-mail@1.service
assert_not "nor make a unit" as_scaler systemd-run --no-ask-password --unit=worker-mail@9 /bin/true
assert_not "nor reload systemd" as_scaler systemctl --no-ask-password daemon-reload
assert "for all of which the target still runs" in_container systemctl is-active worker-mail.target $host
finish
