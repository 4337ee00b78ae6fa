#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/thumbnails.sh"

# so early that systemd reloads while it starts them
instances_are_starting() {
        [ -n "$(in_container systemctl list-units --plain --no-legend --state=activating 'worker-thumbnails@*')" ]
}

stopped_instances() {
        in_container journalctl --boot --no-pager --output cat _PID=1 |
                sed -n 's/^Stopping \(worker-thumbnails@[0-9]*\).*/\1/p' | xargs
}

boot
thumbnails_install
# where reloads take long the work is done before the last of them, and what is not needed is stopped
drop_in worker-thumbnails.target <<'EOT'
[X-Scaling]
ScaleDownAfterSec=1h
EOT
assert "a manifest that is dropped in is known after a reload" in_container systemctl daemon-reload
assert "and can be started" in_container systemctl start worker-thumbnails.target
thumbnails_produce 1000
assert_soon "more instances are on their way" 20 instances_are_starting
first=$(property worker-thumbnails@1.service MainPID)

for round in 1 2 3 4 5 6 7 8 9 10; do
        test_worker "new-$round" 'replicas: 1'
        assert "reload $round under load succeeds" in_container systemctl daemon-reload
done
assert_soon "those that were on their way have come" 10 at_least thumbnails 3
assert_equal "no instance was stopped by a reload" "" "$(stopped_instances)"
assert "a worker that came by reload can be started" in_container systemctl start worker-new-10.target
assert_soon "all the work is done" 60 thumbnails_done 1000
assert_equal "by the same process as before" "$first" "$(property worker-thumbnails@1.service MainPID)"
assert_equal "which was never restarted" 0 "$(property worker-thumbnails@1.service NRestarts)"

rm "$MANIFESTS/thumbnails.yaml"
assert "a reload succeeds when a manifest is gone" in_container systemctl daemon-reload
assert_equal "what ran goes on, as for each unit file that goes" "$first" \
        "$(property worker-thumbnails@1.service MainPID)"
assert "the journal has no warning about workers" no_worker_warnings
finish
