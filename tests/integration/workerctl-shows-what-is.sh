#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# listed ID JQ-LIKE-KEY: one value out of workerctl list --json
listed() {
        in_container workerctl list --json "$1" | python3 -c '
import json, sys
print(*(w[sys.argv[1]] for w in json.load(sys.stdin)))' "$2"
}

listed_is() {
        [ "$(listed "$1" "$2")" = "$3" ]
}

test_worker mail 'autoScaling: {minReplicas: 2, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 5s}'
test_worker other 'replicas: 1'
printf 'name: broken\ntype: worker\nreplikas: 1\n' >"$MANIFESTS/broken.yaml"
boot

table=$(in_container workerctl list)
assert_match "a worker that runs is listed as active" '^mail +active +2 +2 +4 ' "$table"
assert_equal "what is no terminal gets no colors" "" "$(grep -c $'\x1b' <<<"$table" | grep -v '^0$')"
assert_equal "a pattern picks workers" "other" "$(listed 'o*' id)"
assert_equal "a worker whose manifest is broken is refused" "refused" "$(listed broken state)"
assert_match "and its status says why" "broken.yaml:1:1: error" "$(in_container workerctl status broken)"
assert_equal "nothing is outdated after the boot" "0" "$(listed mail outdated)"

report_as mail 'items:1|c'
assert_soon "the scaler has made a step" 20 instances_are mail "1 2 3 4"
status=$(in_container workerctl status mail)
assert_match "the status names the policy" 'Policy: 2 to 4 instances, 5 items/s each' "$status"
assert_match "and the last step" 'Last step: from [0-9]+ to 4 instances' "$status"
assert_match "and why" '^ +(throughput: so many items arrive|backlog: items would wait|maximum: more would be needed)' "$status"
assert_match "and each instance" 'active worker-mail@3.service' "$status"

printf '0,20\n30,20\n' >"$MANIFESTS/load.csv"
load=/etc/workers/load.csv
assert_match "a manifest's policy is tried" ', 2 to 4 instances' "$(in_container workerctl simulate /etc/workers/mail.yaml $load)"
assert_match "and a worker's" ', 2 to 4 instances' "$(in_container workerctl simulate mail $load)"
drop_in worker-mail.target <<'EOF'
[X-Scaling]
MaxReplicas=3
EOF
in_container systemctl daemon-reload
assert_match "with its drop-ins" ', 2 to 3 instances' "$(in_container workerctl simulate worker-mail.target $load)"
assert_not "but not that of one that isn't there" in_container workerctl simulate worker-nobody.target $load

touch "$MANIFESTS/other.yaml"
assert_equal "an instance older than its manifest is outdated" "1" "$(listed other outdated)"
in_container systemctl daemon-reload
in_container systemctl restart worker-other@1.service
assert_equal "until it is restarted" "0" "$(listed other outdated)"
in_container install -D /dev/null /run/workers/changed/worker-other@.service
assert_equal "and so is one that is older than what an upgrade has changed in its template" "1" "$(listed other outdated)"
rm "$MANIFESTS/other.yaml"
in_container systemctl daemon-reload
assert_soon "an instance without a manifest is orphaned" 5 listed_is other orphaned 1
assert_equal "and goes on" "1" "$(listed other running)"

in_container workerctl status nobody
assert_equal "an unknown worker is told by the exit status" 4 $?
in_container workerctl verify /etc/workers/mail.yaml
assert_equal "a good manifest is verified" 0 $?
assert_not "a bad one is not" in_container workerctl verify /etc/workers/broken.yaml
finish
