# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# /usr/bin/redis-server in the container, which is redis-check-rdb by another name: Debian's redis-tools has the
# latter only. To be sourced after testcase.sh, before the boot.

has_redis() {
        [ -e "${CONTAINER_DIRECTORY:-}/usr/bin/redis-check-rdb" ]
}

if has_redis && [ ! -e "${CONTAINER_DIRECTORY:-}/usr/bin/redis-server" ]; then
        mkdir -p "$EXTRA_USR/bin"
        ln -s redis-check-rdb "$EXTRA_USR/bin/redis-server"
fi
