#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# rpm.sh DIRECTORY PACKAGES: boots DIRECTORY, a root of Debian with rpm that it changes, and installs, upgrades
# and removes there the packages of rpm that are in PACKAGES, so that their scriptlets run with a systemd. What
# they depend on has other names there, and counts as installed.

# shellcheck source=tests/packages/root.sh
. "${0%/*}/root.sh"

# in_rpm OPTION...: silent, as a scriptlet that fails is a warning only
in_rpm() {
        local output
        output=$(in_container sh -c 'cd /run/share && exec rpm --force-debian --dbpath=/var/lib/rpm "$@" 2>&1' sh "$@")
        local status=$?
        [ "$status" -eq 0 ] && ! grep -E 'warning|error|fail' <<<"$output" && return
        echo "$output"
        return 1
}

# What is there, without what changes by itself, and without what another package has where rpm is at home
snapshot() {
        (cd "$DIRECTORY" && find . -xdev \( -path ./run -o -path ./tmp -o -path ./proc -o -path ./sys -o -path ./dev \
                -o -path ./var/log -o -path ./var/tmp -o -path ./var/lib/rpm -o -path ./var/lib/systemd \
                -o -path ./usr/share/licenses \) -prune -o \
                -printf '%M %U:%G %p %l\n' | sort)
        find "$ROOT/run" -maxdepth 1 -name '*worker*'
}

write_manifest() {
        mkdir -p "$MANIFESTS"
        manifest calm <<'EOF'
name: calm
version: v1beta
type: worker
worker: {stack: exec, stackSpec: {command: [/usr/bin/sleep, infinity]}, replicas: 2}
EOF
        in_container systemctl daemon-reload
}

find "$PACKAGES" -name 'systemd-workers-*.rpm' ! -name '*.src.rpm' ! -name '*-debug*' -exec cp {} "$SHARE" \;
packages=("$SHARE"/*.rpm)
packages=("${packages[@]##*/}")

boot
in_container mkdir -p /var/lib/rpm
snapshot >"$SCRATCH/before"

assert "the packages can be installed, and no scriptlet fails" in_rpm --install --nodeps "${packages[@]}"
assert_equal "workers.target is enabled, as the preset says" enabled "$(in_container systemctl is-enabled workers.target)"
assert "all files are what the packages say" in_rpm --verify --nodeps --all
assert "the directory of tmpfiles.d is there" [ -d "$ROOT/run/workers" ]
assert "the plugin that has a package of its own, too" [ -x "$DIRECTORY/usr/lib/workers/plugins/redis" ]
write_manifest
in_container systemctl start workers.target
assert_soon "workers run" 60 instances_are calm "1 2"
assert_soon "the scaler runs" 60 unit_is worker-scaler.service active

running=$(main_pids calm)
scaler=$(property worker-scaler.service MainPID)
assert "the packages can be upgraded" in_rpm --upgrade --replacepkgs --nodeps "${packages[@]}"
assert_equal "no instance is interrupted" "$running" "$(main_pids calm)"
assert_soon "the scaler runs" 60 unit_is worker-scaler.service active
assert_not "and is the new one" [ "$scaler" = "$(property worker-scaler.service MainPID)" ]

# without dependencies rpm would not know the order
assert "the packages can be removed" in_rpm --erase --nodeps systemd-workers-redis
assert "while workers run" in_rpm --erase --nodeps systemd-workers
assert "manifests stay" [ -f "$MANIFESTS/calm.yaml" ]
rm -r "$MANIFESTS"
in_container systemctl daemon-reload
in_container systemctl reset-failed 2>/dev/null
assert_equal "systemd knows no unit of ours" "" "$(our_units)"
assert_not "no process is left in our slice" [ -e "$ROOT/sys/fs/cgroup/workers.slice" ]
snapshot >"$SCRATCH/after"
assert_equal "the file system is what it was before" "" "$(diff "$SCRATCH/before" "$SCRATCH/after")"
finish
