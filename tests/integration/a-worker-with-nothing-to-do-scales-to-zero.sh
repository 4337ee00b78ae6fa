#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/thumbnails.sh"

boot
thumbnails_install
sed -i 's/minReplicas: 1/minReplicas: 0/; s/scaleDownAfter: 10s/scaleDownAfter: 1s/' "$MANIFESTS/thumbnails.yaml"
in_container systemctl daemon-reload
in_container systemctl start worker-thumbnails.target

assert_for "no instance runs while nothing waits" 3 instances_are thumbnails ""
assert "the target is active nevertheless" in_container systemctl is-active worker-thumbnails.target
thumbnails_produce 1
assert_soon "one job brings one instance, which does it" 10 thumbnails_done 1
assert_soon "and goes" 60 instances_are thumbnails ""
thumbnails_produce 100
assert_soon "the next jobs are done as well" 20 thumbnails_done 101
assert "the journal has no warning about workers" no_worker_warnings
finish
