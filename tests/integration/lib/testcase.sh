# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What every test of this folder starts with:
#
#         . "${0%/*}/lib/testcase.sh"
#         …manifests…
#         boot
#         assert "what must hold" COMMAND...
#         finish
#
# GUEST=yes in the environment has the test run in a guest instead, GUEST=no a test in a container that
# takes a guest by itself, see guest.sh.
#
# Prints one "ok N name" or "not ok N name" for each assertion, the reason below it after a "#",
# and "N passed, N failed" at the end. However it ends, the container goes with it.

set -u
# shellcheck disable=SC2034 # for the test itself
HERE=$(cd "${0%/*}" && pwd)
LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
: "${DESTDIR:?is not set: run tools/check, or make install DESTDIR=… first}"

# shellcheck source=container.sh
. "$LIB/container.sh"
# shellcheck source=machine.sh
[ "${GUEST:-}" != inside ] || . "$LIB/machine.sh"

PASSED=0
FAILED=0
FINISHED=

# skip_test REASON: it can't be done here; for automake and tools/check that is status 77.
skip_test() {
        FINISHED=yes
        echo "skipped: $1"
        exit 77
}

if [ "${GUEST:-}" = yes ]; then
        # shellcheck source=guest.sh
        . "$LIB/guest.sh"
        run_in_guest
fi

on_exit() {
        local status=$?
        trap '' PIPE # who reads what is printed may have gone
        if [ -z "$FINISHED" ]; then
                not_ok "${0##*/} runs to its end" "it ended early, with status $status"
                totals
                status=1
        fi
        container_stop
        exit "$status"
}
trap on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

container_prepare || exit 1

# boot: boots the container, or ends the test.
boot() {
        container_boot >"$SCRATCH/boot.message" && return
        not_ok "a throwaway systemd boots" "$(cat "$SCRATCH/boot.message")"
        finish
}

ok() {
        PASSED=$((PASSED + 1))
        echo "ok $((PASSED + FAILED)) $1"
}

# not_ok NAME REASON
not_ok() {
        FAILED=$((FAILED + 1))
        echo "not ok $((PASSED + FAILED)) $1"
        # shellcheck disable=SC2001 # every line of it
        [ -n "${2:-}" ] && sed 's/^/#   /' <<<"$2"
        return 0
}

# assert NAME COMMAND...: holds when the command succeeds; the reason is what it printed.
assert() {
        local name=$1 output status
        shift
        output=$("$@" 2>&1) && ok "$name" && return
        status=$?
        not_ok "$name" "$* failed with status $status${output:+:
$output}"
}

# assert_not NAME COMMAND...: holds when the command fails.
assert_not() {
        local name=$1 output
        shift
        output=$("$@" 2>&1) || { ok "$name" && return; }
        not_ok "$name" "$* succeeded${output:+:
$output}"
}

# assert_equal NAME EXPECTED ACTUAL
assert_equal() {
        [ "$2" = "$3" ] && ok "$1" && return
        not_ok "$1" "expected: $2
got:      $3"
}

# assert_match NAME EXTENDED-REGULAR-EXPRESSION TEXT: holds when a line of the text matches.
assert_match() {
        grep -qE -- "$2" <<<"$3" && ok "$1" && return
        not_ok "$1" "no line matches $2 in:
$3"
}

# assert_soon NAME SECONDS COMMAND...: holds when the command succeeds within this time.
assert_soon() {
        local name=$1 seconds=$2
        shift 2
        wait_until "$seconds" "$@" && ok "$name" && return
        not_ok "$name" "not within $seconds s: $*
$("$@" 2>&1)"
}

# assert_for NAME SECONDS COMMAND...: holds when the command succeeds for all of this time.
assert_for() {
        local name=$1 seconds=$2
        shift 2
        wait_until "$seconds" fails "$@" || { ok "$name" && return; }
        not_ok "$name" "failed within $seconds s: $*
$("$@" 2>&1)"
}

fails() {
        ! "$@"
}

totals() {
        echo "1..$((PASSED + FAILED))"
        echo "$PASSED passed, $FAILED failed"
}

# finish: the last line of every test. When something failed, what the journal says comes with it.
finish() {
        FINISHED=yes
        [ $((PASSED + FAILED)) -gt 0 ] || not_ok "the test asserts something"
        if [ "$FAILED" -gt 0 ] && [ -n "$CONTAINER_PID" ]; then
                echo "# the last lines of the journal:"
                in_container journalctl --no-pager --boot --lines 60 --output short-precise 2>&1 |
                        sed 's/^/#   /'
        fi
        totals
        exit "$((FAILED > 0))"
}
