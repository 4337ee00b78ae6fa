#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# nspawn has a filter of its own, which knows no Landlock
CONTAINER_OPTIONS+=(--system-call-filter=@known)
install -D --mode=755 "$LIB/profiled" "$EXTRA_USR/lib/workers-test/profiled"
chmod 1777 "$SHARE"

# profiled_worker NAME [LINE...]: each LINE is added below "sandbox:"
profiled_worker() {
        local name=$1
        shift
        manifest "$name" <<EOF2
name: $name
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/lib/workers-test/profiled], arguments: [$name, /run/share]}
  sandbox:
    ReadWritePaths: [/run/share]
$(printf '    %s\n' "$@")
EOF2
}

# rounds NAME: PID and number of the last round, when there was one
rounds() {
        cat "$SHARE/$1.rounds" 2>/dev/null
}

# has_worked NAME SINCE: it has done three rounds since then, or is another process and has done them
has_worked() {
        local pid count then_pid then_count
        read -r pid count < <(rounds "$1")
        read -r then_pid then_count <<<"$2"
        [ -n "$count" ] || return 1
        [ "$pid" = "${then_pid:-}" ] || then_count=0
        [ "$count" -ge $((then_count + 3)) ]
}

works_on() {
        local since
        since=$(rounds "$1")
        wait_until 30 has_worked "$1" "$since"
}

# restarted NAME: and it works again; what was there before does not count
restarted() {
        local before
        before=$(rounds "$1")
        in_container systemctl restart "worker-$1@1.service" &&
                wait_until 30 is_another_process "$1" "$before" && works_on "$1"
}

is_another_process() {
        local pid rest
        read -r pid rest < <(rounds "$1")
        [ -n "$pid" ] && [ "$pid" != "${2%% *}" ]
}

watch_has_begun() {
        local pid
        pid=$(in_container pgrep --exact workerctl) || return 1
        in_container ls -l "/proc/$pid/fd" | grep -q perf_event
}

watch_has_ended() {
        ! in_container pgrep --exact workerctl
}

# watch NAME FILE COMMAND...: what workerctl says in JSON of a watch during which a command runs
watch() {
        local name=$1 file=$2 status
        shift 2
        in_container workerctl profile --for=50 --json "$name" >"$file" 2>"$file.errors" &
        wait_until 20 watch_has_begun || {
                cat "$file.errors"
                return 1
        }
        "$@"
        status=$?
        in_container pkill -INT --exact workerctl
        wait_until 20 watch_has_ended
        wait $!
        return "$status"
}

# of_json FILE EXPRESSION: d is what is in the file; called(NAME) whether the call was seen, or the one that newer
# architectures have in its place
of_json() {
        python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
called = lambda name: any(name + end in d["seen"] for end in ("", "at", "at2"))
print(eval(sys.argv[2]))' "$@"
}

# may_make_fifo NAME NUMBER: what the worker says of it
may_make_fifo() {
        : >"$SHARE/$1.try-$2"
        wait_until 30 test -e "$SHARE/$1.tried-$2"
        cat "$SHARE/$1.tried-$2"
}

profiled_worker alpha
profiled_worker beta "network: tcp"
boot
wait_until 30 has_worked alpha "" && wait_until 30 has_worked beta ""

if ! in_container workerctl profile --for=0.1 alpha >"$SCRATCH/first" 2>&1 &&
        grep 'let its system calls be watched' "$SCRATCH/first" >"$SCRATCH/reason"; then
        skip_test "$(cat "$SCRATCH/reason")"
fi

seen=$SCRATCH/seen.json
assert "a worker is watched while it works" watch alpha "$seen" works_on alpha
assert_equal "calls of it are seen, of its threads and children, too" "['flock', 'rename', 'umask', 'utimensat']" \
        "$(of_json "$seen" "[c for c in ('flock', 'rename', 'symlink', 'umask', 'utimensat') if called(c)]")"
assert_equal "but not what it did when it started" 0 "$(of_json "$seen" "d['starts']")"

assert "a worker is watched while it is restarted" watch alpha "$seen" restarted alpha
assert_equal "its start is seen" "True True" "$(of_json "$seen" "d['starts'] >= 1, called('symlink')" | tr -d '(),')"
assert_equal "and what systemd did to start it is not taken for its own" "[]" \
        "$(of_json "$seen" "[c for c in ('mount', 'mkdir', 'setns', 'unshare') if called(c)]")"
assert_equal "nothing was lost" "0 0" "$(of_json "$seen" "d['losses'], d['foreign']" | tr -d '(),')"
assert_equal "much is not needed" "True" "$(of_json "$seen" "d['allowedCalls'] < 0.6 * d['allowedCallsWithout']")"

assert_equal "without a profile it may do more than it does" "works" "$(may_make_fifo alpha 1)"
assert "one command applies what was proposed" in_container workerctl profile --apply alpha
text=$(in_container workerctl security alpha)
assert_match "where the filter comes from is told" \
        '^  tightened: a profile, [1-9][0-9]+ .*/etc/systemd/system/worker-alpha@.service.d/50-profile.conf$' "$text"
assert_match "and how many calls are left" \
        "^System calls: $(of_json "$seen" "d['allowedCalls']") of" "$text"
assert_equal "what runs goes on as it was" "works" "$(may_make_fifo alpha 2)"
assert "a restarted instance works under its profile" restarted alpha
assert_equal "and may not do what it was not seen to do" "Operation not permitted" "$(may_make_fifo alpha 3)"
assert_equal "--check says so" "mknodat: denied, EPERM" "$(in_container workerctl security --check alpha mknodat)"
assert_match "it is not watched under its profile, which would show nothing new" 'profile --remove alpha' \
        "$(in_container workerctl profile --for=1 alpha 2>&1)"
assert "one command removes it" in_container workerctl profile --remove alpha
assert "a restarted instance works without it" restarted alpha
assert_equal "and may do what it could before" "works" "$(may_make_fifo alpha 4)"
assert_not "nothing is left of it" test -e "$ROOT/etc/systemd/system/worker-alpha@.service.d"
assert_not "what is not there can't be removed" in_container workerctl profile --remove alpha

assert "a worker of streams is watched as well" watch beta "$seen" restarted beta
assert "its profile is applied" in_container workerctl profile --apply beta
assert "and it works under it" restarted beta
assert_match "the filter of arguments is there still" 'UDP denied' \
        "$(in_container workerctl security --check beta socket)"

in_container mkdir -p /etc/systemd/system/worker-alpha@.service.d
printf '[Service]\nSystemCallFilter=~flock\n' >"$ROOT/etc/systemd/system/worker-alpha@.service.d/less.conf"
in_container systemctl daemon-reload
assert "a profile goes with drop-ins of others" in_container workerctl profile --apply alpha
assert_match "and one that comes after it has the last word" '^flock: denied' \
        "$(in_container workerctl security --check alpha flock)"
in_container rm /etc/systemd/system/worker-alpha@.service.d/50-profile.conf
mv "$ROOT/etc/systemd/system/worker-alpha@.service.d/less.conf" "$ROOT/etc/systemd/system/worker-alpha@.service.d/10-less.conf"
in_container systemctl daemon-reload
assert_match "a profile that would give back what was taken meanwhile is refused" 'watch it again' \
        "$(in_container workerctl profile --apply alpha 2>&1)"

in_container systemctl stop worker-alpha.target worker-alpha@1.service
assert_match "when nothing runs, it is said what to do" 'systemctl start worker-alpha@1.service' \
        "$(in_container workerctl profile alpha 2>&1)"
in_container workerctl profile nobody >/dev/null 2>&1
assert_equal "an unknown worker is told by the exit status" 4 $?
assert_match "only root may" 'only root' \
        "$(in_container setpriv --reuid=65534 workerctl profile alpha 2>&1)"
finish
