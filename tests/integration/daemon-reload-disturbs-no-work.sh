#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/thumbnails.sh"

boot
thumbnails_install
assert "a manifest that is dropped in is known after a reload" in_container systemctl daemon-reload
assert "and can be started" in_container systemctl start worker-thumbnails.target
thumbnails_produce 1000
assert_soon "the worker has been scaled up" 20 at_least thumbnails 3
first=$(property worker-thumbnails@1.service MainPID)

for round in 1 2 3 4 5 6 7 8 9 10; do
        test_worker "new-$round" 'replicas: 1'
        assert "reload $round under load succeeds" in_container systemctl daemon-reload
done
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
