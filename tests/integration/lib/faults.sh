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

# told ID PROPERTY: over D-Bus
told() {
        in_container busctl get-property org.systemd_workers.Scaler1 \
                "/org/systemd_workers/Scaler1/worker/$1" org.systemd_workers.Scaler1.Worker "$2" |
                cut -d' ' -f2-
}

# fill DIRECTORY, empty DIRECTORY: in between that file system of the container, a tmpfs, has no room for
# one byte more
fill() {
        in_container sh -c "
                used=\$(df --block-size=1K --output=used '$1' | tail -n 1)
                mount -o remount,size=\$((used + 64))k '$1'
                cat /dev/zero >'$1/fill' 2>/dev/null
                ! echo x >'$1/more' 2>/dev/null"
}

empty() {
        in_container sh -c "rm -f '$1/fill' '$1/more'; mount -o remount,size=20% '$1'"
}

# all_instances: every instance of a worker that systemd says is there, UNIT STATE a line, and every one
# that has processes, whatever systemd says
all_instances() {
        {
                in_container systemctl list-units --all --plain --no-legend 'worker-*@*.service' |
                        awk '$3 != "inactive" && $3 != "failed" { print $1, $3 }'
                in_container sh -c '
                        cd "/sys/fs/cgroup$(systemctl show --value --property ControlGroup workers.slice)" || exit
                        grep -lr --include=cgroup.events "^populated 1" .' |
                        sed -nE 's#.*/(worker-[^/]*@[0-9]+\.service)/cgroup\.events#\1 active#p'
        } | sort -u
}

# nothing_but ID NUMBERS [ID NUMBERS]...: these instances run, and nothing else does
nothing_but() {
        local wanted='' found number
        while [ $# -gt 0 ]; do
                for number in $2; do
                        wanted+="worker-$1@$number.service active"$'\n'
                done
                shift 2
        done
        wanted=$(sort <<<"${wanted%$'\n'}")
        found=$(all_instances)
        [ "$found" = "$wanted" ] || { printf 'wanted:\n%s\nfound:\n%s\n' "$wanted" "$found" && return 1; }
}
