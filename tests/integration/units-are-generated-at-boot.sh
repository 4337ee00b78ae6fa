#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

test_worker mail 'replicas: 1'
test_worker orders 'replicas: 2'
sed -i '1i workspace: shop' "$MANIFESTS/orders.yaml"
boot

for unit in worker-mail@.service worker-mail.target worker-shop.orders@.service worker-shop.orders.target; do
        assert "$unit is generated" in_container test -f "/run/systemd/generator/$unit"
done
assert_equal "a unit names its manifest" /etc/workers/mail.yaml "$(property worker-mail@1.service SourcePath)"
assert_soon "one instance runs where one is asked for" 5 instances_are mail "1"
assert_soon "two instances run where two are asked for" 5 instances_are shop.orders "1 2"
assert_equal "a worker has its slice" workers-public-mail.slice "$(property worker-mail@1.service Slice)"
assert_equal "a worker of a workspace has its slice there" workers-shop-orders.slice \
        "$(property worker-shop.orders@1.service Slice)"
assert "workers.target is active" in_container systemctl is-active workers.target
assert "the scaler is active" in_container systemctl is-active worker-scaler.service
assert_equal "no unit has failed" "" "$(in_container systemctl --failed --plain --no-legend)"
# what systemd-analyze says about units that are not ours, as the machine has them, is not of interest
systemd_finds_nothing() {
        local lines
        lines=$(in_container sh -c 'systemd-analyze verify --man=no /run/systemd/generator/worker-*.service \
                /run/systemd/generator/worker-*.target 2>&1; echo worker verify ended' | grep worker)
        [ "$lines" = "worker verify ended" ] || { echo "$lines" && return 1; }
}
assert "systemd finds nothing wrong with the units" systemd_finds_nothing
assert "the journal has no warning about workers" no_worker_warnings
finish
