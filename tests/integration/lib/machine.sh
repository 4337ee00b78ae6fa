# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lib/container.sh gives, for a test that runs in a guest: there the whole machine is the container. To be
# sourced after it.
# shellcheck disable=SC2034

# What is booted already has what make install made; a test adds to the machine itself.
container_prepare() {
        SCRATCH=/run/scratch
        MANIFESTS=/etc/workers
        EXTRA_USR=/usr
        SHARE=/run/share
        BOOT_LOG=/dev/null
        mkdir -p "$SCRATCH" "$MANIFESTS" "$SHARE"
        ignore_pressure
        forget_files &
}

# The host has a file open for each inode that is remembered in here, and may not be allowed many. The attacks walk
# through all of /usr.
forget_files() {
        local inodes
        while sleep 0.5; do
                read -r inodes _ </proc/sys/fs/inode-nr
                [ "$inodes" -lt 10000 ] || echo 2 >/proc/sys/vm/drop_caches
        done </dev/null >/dev/null 2>&1
}

# container_boot: returns when systemd has started everything, with the manifests that came after its boot
container_boot() {
        CONTAINER_PID=1
        ROOT=/proc/1/root
        wait_until 90 container_is_up_or_gone || return
        systemctl daemon-reload
        systemctl restart worker-scaler.service
        systemctl start workers.target
}

container_stop() {
        return 0
}

nspawn_has_ended() {
        return 1
}
