# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests say about workers. The test worker is /usr/lib/workers-test/worker in the
# container, and reports what report_as NAME last said; see lib/worker.

install -D --mode=755 "$LIB/worker" "$EXTRA_USR/lib/workers-test/worker"

# manifest NAME: takes standard input as /etc/workers/NAME.yaml
manifest() {
        cat >"$MANIFESTS/$1.yaml"
}

# test_worker NAME [LINE...]: a manifest whose instances report what report_as NAME says. Each LINE
# is added below "worker:".
test_worker() {
        local name=$1
        shift
        : >"$SHARE/$name.report"
        manifest "$name" <<EOF
name: $name
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec:
    command: [/usr/lib/workers-test/worker]
    arguments: [/run/share/$name.report]
  sandbox:
    ReadOnlyPaths: [/run/share]
$(printf '  %s\n' "$@")
EOF
}

# exec_worker NAME STACK-SPEC [LINE...]: a manifest of the stack "exec"; each LINE is added below "worker:"
exec_worker() {
        local name=$1 spec=$2
        shift 2
        manifest "$name" <<EOF
name: $name
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: $spec
$(printf '  %s\n' "$@")
EOF
}

# report_as NAME [LINE...]: what each instance of this worker sends from now on, ten times a second
report_as() {
        local name=$1
        shift
        printf '%s\n' "$@" >"$SHARE/$name.new"
        [ $# -gt 0 ] || : >"$SHARE/$name.new"
        mv "$SHARE/$name.new" "$SHARE/$name.report"
}

# drop_in UNIT: takes standard input as a drop-in of the administrator
drop_in() {
        in_container mkdir -p "/etc/systemd/system/$1.d"
        cat >"$ROOT/etc/systemd/system/$1.d/test.conf"
}

property() {
        in_container systemctl show --value --property "$2" "$1"
}

# instances ID: the numbers of those that are active, in one line
instances() {
        in_container systemctl list-units --plain --no-legend --state=active "worker-$1@*.service" |
                sed -E 's/^worker-.*@([0-9]+)\.service.*/\1/' | sort -n | xargs
}

# instances_are ID NUMBERS
instances_are() {
        [ "$(instances "$1")" = "$2" ]
}

# at_least ID COUNT: so many instances are active
at_least() {
        [ "$(instances "$1" | wc -w)" -ge "$2" ]
}

# start_worker ID: whose manifest is new since the boot
start_worker() {
        in_container systemctl daemon-reload
        in_container systemctl start "worker-$1.target"
}

# count_of ID FILE [KEY]: what the kernel has counted for the first instance
count_of() {
        local file
        file=$ROOT/sys/fs/cgroup$(property "worker-$1@1.service" ControlGroup)/$2
        sed -n "s/^${3:+$3 }//p" "$file"
}

# main_pids ID: NUMBER:PID of each active instance, in one line
main_pids() {
        local number
        for number in $(instances "$1"); do
                echo "$number:$(property "worker-$1@$number.service" MainPID)"
        done | xargs
}

# no_worker_warnings: nothing of ours, and nothing that PID 1 says about our units. systemd 262 warns
# of each where the container has no controller for pids.
no_worker_warnings() {
        local lines
        lines=$(in_container journalctl --boot --no-pager --priority warning --output short |
                grep -iE 'worker-|workers\.' | grep -v ': Failed to read pids\.max for ')
        [ -z "$lines" ] || { echo "$lines" && return 1; }
}

# scaler_log: what worker-scaler has said since the boot
scaler_log() {
        in_container journalctl --boot --no-pager --output=cat --unit=worker-scaler.service
}
