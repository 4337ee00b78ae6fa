#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/polkit.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, scaleDownAfter: 2s}'
boot
add_user keeper
add_user visitor
polkit_rules 50-keeper <<'EOR'
polkit.addRule(function (action, subject) {
    if (action.id == "org.systemd_workers.scaler1.manage-workers" && subject.user == "keeper")
        return polkit.Result.YES;
});
EOR
in_container systemctl reload-or-restart dbus.service
in_container systemctl start polkit.service

assert "polkitd runs" in_container systemctl is-active polkit.service
assert_soon "the scaler answers" 20 scaler_answers
assert "whom a rule allows may pause" as_user keeper workerctl pause mail
assert_equal "which is done" '"paused"' "$(told mail Mode)"
assert "and resume" as_user keeper workerctl resume mail
assert "and say how many" as_user keeper workerctl scale mail 3
assert_soon "which is done as well" 20 instances_are mail "1 2 3"
for order in "pause mail" "resume mail" "scale mail 1"; do
        # shellcheck disable=SC2086
        said=$(as_user visitor workerctl $order 2>&1) && not_ok "another one is refused to $order" "$said"
        assert_match "another one is refused to $order, and told why" 'only root may, and whom polkit allows' "$said"
done
assert_equal "and nothing came of it" '"fixed"' "$(told mail Mode)"
assert_equal "polkitd was not killed by that" active "$(in_container systemctl is-active polkit.service)"
finish
