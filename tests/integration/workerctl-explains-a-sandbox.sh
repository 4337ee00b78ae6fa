#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# nspawn has a filter of its own, which knows no Landlock
CONTAINER_OPTIONS+=(--system-call-filter=@known)

security() {
        in_container workerctl security "$@"
}

# of_json KEY: one value of what is read
of_json() {
        python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

test_worker plain
test_worker counts
sed -i 's/^  sandbox:$/  sandbox:\n    network: tcp\n    SystemCallFilter: [setpriority]/' "$MANIFESTS/counts.yaml"
boot

text=$(security plain)
assert_match "a worker is explained by its ID" '^  be connected to: it can.t listen' "$text"
assert_match "with what it reads" '^  read .*/run/share' "$text"
assert_match "and where that comes from" 'sandbox.ReadOnlyPaths, /etc/workers/plain.yaml:10' "$text"
assert_match "and what systemd-analyze says" '^Exposure: 1\.0$' "$text"
assert_match "a manifest is explained as its worker is" 'sandbox.ReadOnlyPaths, /etc/workers/plain.yaml:10' \
        "$(security /etc/workers/plain.yaml)"
assert_equal "so is a unit file" "1.0" \
        "$(security --json /run/systemd/generator/worker-plain@.service | of_json exposure)"

drop_in worker-plain@.service <<'EOF2'
[Service]
ProtectKernelTunables=no
SystemCallFilter=mount
EOF2
in_container systemctl daemon-reload
text=$(security plain)
assert_match "a drop-in is named with its line" \
        'ProtectKernelTunables=no, /etc/systemd/system/worker-plain@.service.d/test.conf:2' "$text"
assert_match "and counts" '^  change settings of the kernel' "$text"
assert_match "the exposure is that with the drop-in" '^Exposure: (1\.[1-9]|[2-9])' "$text"

assert_equal "the filter is asked by running it" "listen: denied, EPERM" "$(security --check plain listen)"
assert_not "the status tells, too" security --check plain read listen
assert "whether all are allowed" security --check plain read mount setns
assert_match "the filter of arguments is asked as well" 'UDP denied' "$(security --check counts socket)"
assert "a relaxation of the manifest counts" security --check counts setpriority
security --check plain raed >/dev/null 2>&1
assert_equal "a name that is none is told by the status" 2 $?
assert_match "the filter is shown as libseccomp shows it" 'filter for syscall "read"' "$(security --filter plain)"

security nobody >/dev/null 2>&1
assert_equal "an unknown worker is told by the exit status" 4 $?
finish
