# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of packages share that boot a root, which they change: sourced by SCRIPT DIRECTORY PACKAGES.

# shellcheck disable=SC2034 # the scripts take them
DIRECTORY=$1 PACKAGES=$2
TOP=$(cd "${0%/*}/../.." && pwd)
DESTDIR=$TOP # nothing is laid over this root
# shellcheck source=tests/integration/lib/testcase.sh
. "$TOP/tests/integration/lib/testcase.sh"
# shellcheck source=tests/integration/lib/workers.sh
. "$TOP/tests/integration/lib/workers.sh"

# shellcheck disable=SC2034 # container.sh takes it
CONTAINER_ROOT=(--directory="$DIRECTORY")
MANIFESTS=$DIRECTORY/etc/workers

# Without those that only a link names: until the purge, workers.target is to be started at boot.
our_units() {
        in_container systemctl list-units --all --plain --no-legend 'worker*' |
                awk '$2 != "not-found" {print $1}' | sort
}

unit_is() {
        [ "$(property "$1" ActiveState)" = "$2" ]
}
