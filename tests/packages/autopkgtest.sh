#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# autopkgtest.sh DIRECTORY PACKAGES: boots DIRECTORY, a root that has autopkgtest and what debian/tests
# depends on, and runs autopkgtest there, with itself as the testbed, autopkgtest-virt-null(1). It is a
# container, which the newer ones do not take its word for.

DIRECTORY=$1 PACKAGES=$2
TOP=$(cd "${0%/*}/../.." && pwd)
DESTDIR=$TOP # nothing is laid over this root
# shellcheck source=tests/integration/lib/testcase.sh
. "$TOP/tests/integration/lib/testcase.sh"

# shellcheck disable=SC2034 # container.sh takes it
CONTAINER_ROOT=(--directory="$DIRECTORY")

run_autopkgtest() {
        enter_container timeout --foreground --kill-after=5 900 sh -c \
                'exec autopkgtest --no-built-binaries --ignore-restrictions=isolation-container --output-dir=/run/share/results /run/share/packages/*.deb \
                        /run/share/packages/*.dsc -- null' </dev/null
}

cp -r "$PACKAGES" "$SHARE/packages"
boot
run_autopkgtest 2>&1
STATUS=$?
echo "= $(grep -c ' PASS' "$SHARE/results/summary") tests passed"
assert_equal "autopkgtest passes" 0 "$STATUS"
assert_not "it skips no test" grep ' SKIP' "$SHARE/results/summary"
finish
