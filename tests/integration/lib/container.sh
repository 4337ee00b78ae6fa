# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A throwaway systemd: the machine's own /usr with our files laid over it, everything else in
# memory. To be sourced; one container at a time in one process. What it gives is for its callers:
# shellcheck disable=SC2034
#
# Takes  DESTDIR    what "make install DESTDIR=" made, prefix /usr
#        CONTAINER_DIRECTORY  the root directory of another system, whose /usr is taken instead of the
#                  machine's own
# Gives  SCRATCH    a directory for the caller's files, removed at the end
#        MANIFESTS  a directory, writable here, that is /etc/workers in there
#        EXTRA_USR  a directory that is laid over /usr in there as well
#        SHARE      a directory, writable on both sides, that is /run/share in there
#        ROOT       the root directory of the container as seen from here
#        CONTAINER_OPTIONS  further options of systemd-nspawn(1), empty at first
#        BOOT_LOG   what systemd-nspawn and PID 1 printed
#        CONTAINER_ROOT  options of systemd-nspawn: what is booted; may be changed before the boot
#        BOOT_LIMIT  seconds that a boot may take; may be changed before it
#        LOOK_EACH  seconds between two looks of wait_until; may be changed

MACHINE=workers-$$
NSPAWN_PID=
CONTAINER_PID=
CONTAINER_OPTIONS=()
BOOT_LIMIT=90
LOOK_EACH=0.05
ROOT=

# container_prepare: makes the directories. Call it once, before anything else.
container_prepare() {
        SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/$MACHINE.XXXXXX") || return 1
        chmod 755 "$SCRATCH"
        MANIFESTS=$SCRATCH/manifests
        EXTRA_USR=$SCRATCH/usr
        SHARE=$SCRATCH/share
        BOOT_LOG=$SCRATCH/boot.log
        mkdir "$MANIFESTS" "$EXTRA_USR" "$SHARE"
        write_preset >"$SCRATCH/preset"
        ignore_pressure
        # "+" is relative to the directory: systemd-nspawn(1), --overlay-ro=
        CONTAINER_ROOT=(
                --directory="${CONTAINER_DIRECTORY:-/}" --volatile=yes
                --overlay-ro="+/usr:$DESTDIR/usr:$EXTRA_USR:/usr"
                --bind-ro="$SCRATCH/preset:/etc/systemd/system-preset/00-throwaway.preset"
                --bind="$MANIFESTS:/etc/workers"
        )
}

# Whether instances are started must not depend on what else this machine does meanwhile.
ignore_pressure() {
        local directory=$EXTRA_USR/lib/systemd/system/worker-scaler.service.d
        mkdir -p "$directory"
        printf '[Service]\nEnvironment="OPTIONS=--cpu-pressure=100 --memory-pressure=100"\n' \
                >"$directory/50-ignore-pressure.conf"
}

# The first boot of a system without /etc enables what the presets say, systemd.preset(5), and
# Debian's say everything. So that nothing of this machine's packages is started in there: only
# what our own package enables.
write_preset() {
        cat "$DESTDIR"/usr/lib/systemd/system-preset/*.preset 2>/dev/null
        echo "enable dbus-broker.service"
        echo "disable *"
}

# container_boot: starts the container and returns when its systemd has started everything.
container_boot() {
        local options=(
                "${CONTAINER_ROOT[@]}" --quiet --machine="$MACHINE" --register=no --private-network --console=pipe
                --bind="$SHARE:/run/share"
        )

        options+=("${CONTAINER_OPTIONS[@]}")

        # Where systemd runs it hands nspawn a scope with a delegated cgroup. Elsewhere nspawn keeps
        # the cgroup it is started in.
        systemd_runs_here || options+=(--keep-unit)

        (
                systemd_runs_here || enter_own_cgroup
                export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
                exec systemd-nspawn "${options[@]}" --boot \
                        systemd.mask=getty.target systemd.mask=systemd-firstboot.service
        ) </dev/null >"$BOOT_LOG" 2>&1 &
        NSPAWN_PID=$!

        wait_until "$BOOT_LIMIT" container_is_up_or_gone && ! nspawn_has_ended && return 0
        echo "the container did not boot; its last words:"
        tail -n 20 "$BOOT_LOG"
        return 1
}

# container_stop: ends the container at once and removes every trace of it. Safe to call always.
container_stop() {
        if [ -n "$NSPAWN_PID" ]; then
                wait_until 5 container_kill || kill -KILL "$NSPAWN_PID" 2>/dev/null
                wait "$NSPAWN_PID" 2>/dev/null
        fi
        NSPAWN_PID='' CONTAINER_PID='' ROOT=''

        rmdir "/run/systemd/nspawn/propagate/$MACHINE" 2>/dev/null
        systemd_runs_here || leave_own_cgroup
        [ -n "${SCRATCH:-}" ] && rm -rf -- "$SCRATCH"
        return 0
}

# in_container COMMAND...: runs it as root in the booted system, for a minute at most.
in_container() {
        enter_container timeout --foreground --kill-after=5 60 "$@"
}

# enter_container COMMAND...: the same for as long as it takes, a shell for example.
enter_container() {
        nsenter --target "$CONTAINER_PID" --all --root --wd -- /usr/bin/env -i \
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LC_ALL=C.UTF-8 \
                TERM="${TERM:-dumb}" SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 "$@"
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds; fails when time is over.
wait_until() {
        local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
        shift
        until "$@"; do
                [ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
                sleep "$LOOK_EACH"
        done >/dev/null 2>&1
}

# sd_booted(3)
systemd_runs_here() {
        [ -d /run/systemd/system ]
}

# PID 1 of the container is that child of nspawn which has become systemd: before, its root is
# still ours.
container_find_pid1() {
        local pid
        for pid in $(pgrep --parent "$NSPAWN_PID" --exact systemd); do
                CONTAINER_PID=$pid ROOT=/proc/$pid/root
                return 0
        done
        return 1
}

nspawn_has_ended() {
        [ ! -d "/proc/$NSPAWN_PID" ] || grep -q '^State:.Z' "/proc/$NSPAWN_PID/status"
}

# Not nspawn itself, as its child would live on: the child is PID 1 in there, or about to be, and when
# it dies so does all below it, and nspawn ends.
container_kill() {
        pkill -KILL --parent "$NSPAWN_PID"
        nspawn_has_ended
}

container_is_up_or_gone() {
        nspawn_has_ended && return 0
        [ -n "$CONTAINER_PID" ] || container_find_pid1 || return 1
        [[ $(in_container systemctl is-system-running) =~ ^(running|degraded)$ ]]
}

# Two containers in one cgroup would be one tree for both their systemds. So each gets its own, in
# each hierarchy that nspawn uses: cgroup2, and beside it systemd's named one.
own_cgroups() {
        findmnt --raw --noheadings --output TARGET --types cgroup2 | head -n 1
        findmnt --raw --noheadings --output TARGET --types cgroup --options name=systemd | head -n 1
}

enter_own_cgroup() {
        local mount
        for mount in $(own_cgroups); do
                mkdir "$mount/$MACHINE" && echo "$BASHPID" >"$mount/$MACHINE/cgroup.procs"
        done
}

leave_own_cgroup() {
        local mount
        for mount in $(own_cgroups); do
                [ -d "$mount/$MACHINE" ] || continue
                # the kernel lets go of a cgroup a moment after its last process
                wait_until 5 remove_cgroup "$mount/$MACHINE"
        done
}

remove_cgroup() {
        find "$1" -depth -type d -exec rmdir {} + || [ ! -d "$1" ]
}
