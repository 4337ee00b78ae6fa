# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests say: each line of their output is something that held. The first that does not ends
# the test, with what the system knows about it.

set -eu
exec 2>&1

# holds WHAT COMMAND...: within a minute
holds() {
        what=$1
        shift
        for _ in $(seq 300); do
                ! "$@" >/dev/null 2>&1 || { echo "ok: $what" && return; }
                sleep 0.2
        done
        echo "FAILED: $what: $*"
        workerctl list || true
        journalctl --no-pager --boot --lines=60 || true
        exit 1
}

# listed ID PYTHON-EXPRESSION: which is true of what workerctl says about this worker, w
listed() {
        workerctl list --json "$1" | python3 -c "import json, sys; w = json.load(sys.stdin)[0]; sys.exit(not ($2))"
}

is_active() {
        systemctl --quiet is-active "$1"
}

is_unknown() {
        [ "$(systemctl show --property=LoadState --value "$1")" = not-found ]
}
