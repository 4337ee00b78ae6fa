# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The program attacks/attacks in the container: as an instance of a worker, without a sandbox, and as
# the accomplice outside. To be sourced after workers.sh.

: "${BUILDDIR:?is not set: the directory in which make has built the attacks}"
ATTACKS=/usr/lib/workers-test/attacks
install -D --mode=755 "$BUILDDIR/tests/integration/attacks/attacks" "$EXTRA_USR/lib/workers-test/attacks"

# nspawn has filters of its own. They would stop what the sandbox has to stop.
CONTAINER_OPTIONS+=(--system-call-filter=@known --capability=all)

# attack_worker NAME [LINE...]: a manifest; each LINE is added below "worker:", and what is in
# ARGUMENTS are those of the program
attack_worker() {
        exec_worker "$1" "{command: [$ATTACKS]${ARGUMENTS:+, arguments: [$ARGUMENTS]}}" "${@:2}"
}

# host_unit NAME: takes standard input as a unit of the administrator
host_unit() {
        in_container mkdir -p /etc/systemd/system
        cat >"$ROOT/etc/systemd/system/$1"
}

# results UNIT: what the attacks printed
results() {
        in_container journalctl --unit "$1" --boot --no-pager --output cat
}

attacks_are_over() {
        results "$1" | grep -qx END
}

# listening PID: every socket that waits for others in the network namespace of a process. Unix
# sockets of a stream that are not connected wait for nobody.
listening() {
        in_container nsenter --target "$1" --net ss --no-header --listening --tcp --udp --unix --raw --packet \
                --processes --numeric | grep -v '^u_str *UNCONN'
}
