#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

test_worker aaa 'replicas: 1'
test_worker zzz 'replicas: 2'
manifest broken <<'EOF'
name: broken
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/bin/true]}
  replcas: 3
EOF
manifest not-yaml <<'EOF'
name: not-yaml
	worker: [
EOF
head -c 4096 /dev/urandom >"$MANIFESTS/noise.yaml"
boot

assert_soon "a good worker before it runs" 5 instances_are aaa "1"
assert_soon "a good worker after it runs" 5 instances_are zzz "1 2"
assert "workers.target is active all the same" in_container systemctl is-active workers.target
assert_match "what failed at boot names it" worker-broken "$(in_container systemctl --failed --plain --no-legend)"
assert_not "starting it fails" in_container systemctl start worker-broken.target
said=$(in_container systemctl start worker-broken.target 2>&1)
assert_not "but not because there is no such unit" grep -i "not found" <<<"$said"
status=$(in_container systemctl status --full --lines 20 'worker-broken*' 2>&1)
assert_match "the status says where" 'broken\.yaml:7:3' "$status"
assert_match "what" 'replcas' "$status"
assert_match "and what was probably meant" 'replicas' "$status"
journal=$(in_container journalctl --boot --no-pager --output cat)
assert_match "the journal says what is wrong with a file that is no YAML" 'not-yaml\.yaml:2' "$journal"
assert_match "and with one that is no text" 'noise\.yaml' "$journal"

sed -i s/replcas/replicas/ "$MANIFESTS/broken.yaml"
in_container systemctl daemon-reload
assert "once it is mended and reloaded it starts" in_container systemctl start worker-broken.target
finish
