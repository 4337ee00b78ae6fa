# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A throwaway machine with a kernel of its own, for what a container can't have: cgroup controllers that this
# machine lacks, another kernel. The whole test runs in there, with lib/machine.sh for lib/container.sh.
# Emulated, as there may be no KVM: slow, but the same everywhere.
#
# Takes  GUEST_DIRECTORY      what guest/make has made
#        DESTDIR, BUILDDIR, CONTAINER_DIRECTORY, as lib/container.sh does; for a guest of another architecture
#                             all three are of that one

GUEST_MEMORY=1G
GUEST_PID=
SHARING_PID=
GUEST_SCRATCH=
GUEST_QEMU=()
GUEST_CONSOLE=
TOP=$(cd "$LIB/../../.." && pwd)

# run_in_guest: runs this test in there, prints what it prints, and ends as it ended.
run_in_guest() {
        local status
        [ -n "${GUEST_DIRECTORY:-}" ] || skip_test "it takes a machine of its own: tools/check --matrix"
        find_virtiofsd || skip_test "virtiofsd is not installed"
        [ -e "$GUEST_DIRECTORY/initrd.img" ] || skip_test "there is no kernel in '$GUEST_DIRECTORY'"
        choose_machine
        command -v "${GUEST_QEMU[0]}" >/dev/null || skip_test "${GUEST_QEMU[0]} is not installed"

        trap stop_guest EXIT
        trap 'exit 129' HUP
        trap 'exit 130' INT
        trap 'exit 143' TERM
        GUEST_SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/workers-guest-$$.XXXXXX") || exit 1
        make_shared
        share_with_guest && start_guest || exit 1
        # in the background, as a trap waits for what is not
        tail --follow --lines=+1 --pid="$GUEST_PID" "$GUEST_SCRATCH/shared/output" &
        wait $!
        status=$(cat "$GUEST_SCRATCH/shared/status")
        [ -n "$status" ] || { echo "the guest ended before the test; its last words:" && tail -n 20 "$GUEST_SCRATCH/console"; }
        exit "${status:-1}"
}

choose_machine() {
        case $(cat "$GUEST_DIRECTORY/architecture") in
        arm64) GUEST_QEMU=(qemu-system-aarch64 -machine virt) GUEST_CONSOLE=ttyAMA0 ;;
        *) GUEST_QEMU=(qemu-system-x86_64) GUEST_CONSOLE=ttyS0 ;;
        esac
}

# What is mounted as /host in there. Only "shared" can be written.
make_shared() {
        mkdir -p "$GUEST_SCRATCH"/tree/{usr,destdir,layer,source,build,shared} \
                "$GUEST_SCRATCH"/layer/lib/systemd/{system,system-preset} "$GUEST_SCRATCH/shared"
        # what is /usr in there has no "usr" above it, but DESTDIR has
        mkdir "$GUEST_SCRATCH/tree/install" && ln -s ../destdir "$GUEST_SCRATCH/tree/install/usr"
        : >"$GUEST_SCRATCH/shared/output"
        : >"$GUEST_SCRATCH/shared/status"
        write_preset >"$GUEST_SCRATCH/layer/lib/systemd/system-preset/00-throwaway.preset"
        write_test_unit >"$GUEST_SCRATCH/layer/lib/systemd/system/integration-test.service"
}

# The guest goes when the test has ended, however.
write_test_unit() {
        cat <<UNIT
[Unit]
Description=The test
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Environment=GUEST=inside DESTDIR=/host/install SRCDIR=/host/source BUILDDIR=/host/build LC_ALL=C.UTF-8 HOME=/root
ExecStart=/bin/bash /host/source/tests/integration/${0##*/}
ExecStopPost=/bin/sh -c 'echo \$EXIT_STATUS >/host/shared/status'
StandardOutput=append:/host/shared/output
StandardError=append:/host/shared/output
UNIT
}

find_virtiofsd() {
        VIRTIOFSD=$(PATH=$PATH:/usr/libexec:/usr/lib/qemu command -v virtiofsd)
}

# The mounts are of a namespace of their own, and are gone with the daemon, which goes with the guest.
share_with_guest() {
        # shellcheck disable=SC2016 # for the inner shell
        unshare --mount bash -c '
                tree=$1/tree
                mount --bind -o ro "$2" "$tree/usr" && mount --bind -o ro "$3" "$tree/destdir" &&
                        mount --bind -o ro "$1/layer" "$tree/layer" && mount --bind -o ro "$4" "$tree/source" &&
                        mount --bind -o ro "$5" "$tree/build" && mount --bind "$1/shared" "$tree/shared" &&
                        exec "$6" --socket-path="$1/socket" -o "source=$tree,cache=always"
        ' share "$GUEST_SCRATCH" "${CONTAINER_DIRECTORY:-}/usr" "$DESTDIR/usr" "$TOP" "${BUILDDIR:-$TOP}" "$VIRTIOFSD" \
                </dev/null >"$GUEST_SCRATCH/virtiofsd.log" 2>&1 &
        SHARING_PID=$!
        wait_until 20 test -S "$GUEST_SCRATCH/socket" || ! cat "$GUEST_SCRATCH/virtiofsd.log"
}

start_guest() {
        local options=(
                -accel "tcg,thread=multi" -cpu max -smp 2 -m "$GUEST_MEMORY" -nodefaults -no-reboot -display none
                -kernel "$GUEST_DIRECTORY/vmlinuz" -initrd "$GUEST_DIRECTORY/initrd.img"
                -append "console=$GUEST_CONSOLE quiet panic=-1 systemd.show_status=yes systemd.wants=integration-test.service
                        systemd.mask=getty.target systemd.mask=serial-getty@$GUEST_CONSOLE.service systemd.mask=systemd-firstboot.service"
                -serial "file:$GUEST_SCRATCH/console"
                -object "memory-backend-memfd,id=memory,size=$GUEST_MEMORY,share=on" -numa "node,memdev=memory"
                -chardev "socket,id=host,path=$GUEST_SCRATCH/socket" -device "vhost-user-fs-pci,chardev=host,tag=host"
        )
        "${GUEST_QEMU[@]}" "${options[@]}" </dev/null >"$GUEST_SCRATCH/qemu.log" 2>&1 &
        GUEST_PID=$!
}

stop_guest() {
        local pid
        for pid in $GUEST_PID $SHARING_PID; do
                kill -KILL "$pid" && wait "$pid"
        done 2>/dev/null
        rm -rf -- "$GUEST_SCRATCH"
}
