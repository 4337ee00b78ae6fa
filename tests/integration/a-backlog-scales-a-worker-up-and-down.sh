#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/thumbnails.sh"

boot
thumbnails_install
# what is 10 s in the manifest takes a test too long
drop_in worker-thumbnails.target <<'EOF'
[X-Scaling]
ScaleDownAfterSec=2s
EOF
in_container systemctl daemon-reload
in_container systemctl start worker-thumbnails.target

assert_soon "the minimum runs" 10 instances_are thumbnails "1"
thumbnails_produce 1000
assert_soon "work that waits brings more instances" 20 at_least thumbnails 5
assert_soon "all the work is done" 60 thumbnails_done 1000
assert_soon "when nothing waits only the minimum is left" 120 instances_are thumbnails "1"
assert_equal "nothing waits in the spool" 0 "$(thumbnails_count incoming)"
assert_equal "nothing is left half-done" 0 "$(thumbnails_count working)"
assert "the journal has no warning about workers" no_worker_warnings
finish
