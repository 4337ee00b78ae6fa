# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of faults share. To be sourced after workers.sh.

# times SHORT FULL: how often a fault is repeated; the full number with FAULTS=full in the environment
times() {
        if [ "${FAULTS:-}" = full ]; then echo "$2"; else echo "$1"; fi
}

# send_as UNIT SCRIPT: runs a Python program as a process of that transient service, with "send(TEXT)"
# for the report socket
send_as() {
        in_container systemd-run --quiet --wait --collect --unit="$1" /usr/bin/python3 -c "
import os, socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def send(text):
    s.sendto(text if isinstance(text, bytes) else text.encode(), '/run/workers/report')
$2"
}

scaler_answers() {
        in_container busctl call org.systemd_workers.Scaler1 /org/systemd_workers/Scaler1 \
                org.systemd_workers.Scaler1.Manager ListWorkers
}

scaler_pid() {
        property worker-scaler.service MainPID
}

processes_are() {
        [ "$(main_pids "$1")" = "$2" ]
}

scaler_log() {
        in_container journalctl --boot --no-pager --output=cat --unit=worker-scaler.service
}

# told ID PROPERTY: over D-Bus
told() {
        in_container busctl get-property org.systemd_workers.Scaler1 \
                "/org/systemd_workers/Scaler1/worker/$1" org.systemd_workers.Scaler1.Worker "$2" |
                cut -d' ' -f2-
}
