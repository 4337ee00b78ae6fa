#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# By systemd's own measure, systemd-analyze(1), "security": 0 is nothing exposed, 10 everything.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# exposure FILE: in tenths
exposure() {
        in_container systemd-analyze security --offline=yes --no-pager "$1" |
                sed -nE 's/.*Overall exposure level for .*: ([0-9]+)\.([0-9]) .*/\1\2/p' | sed -E 's/^0+(.)/\1/'
}

# assert_exposure TENTHS FILE NAME
assert_exposure() {
        local is
        is=$(exposure "$2")
        if [ -z "$is" ]; then
                not_ok "$3" "systemd-analyze has no result for $2"
        elif [ "$is" -le "$1" ]; then
                ok "$3 ($((is / 10)).$((is % 10)))"
        else
                not_ok "$3" "it is $((is / 10)).$((is % 10)):
$(in_container systemd-analyze security --offline=yes --no-pager "$2" | grep '✗')"
        fi
}

# sleeper NAME [LINE...]: each LINE is added below "worker:"
sleeper() {
        exec_worker "$1" '{command: [/bin/sleep, infinity]}' "${@:2}"
}

# scaled_by NAME PLUGIN: a worker with a backlog
scaled_by() {
        sleeper "$1" "autoScaling: {minReplicas: 1, maxReplicas: 2, backlog: $2}"
}

sleeper default
sleeper some 'sandbox: {IPAddressAllow: [192.0.2.0/24]}'
sleeper without 'sandbox: {network: none}'
sleeper jit 'sandbox: {jit: true}'
sleeper volume 'persistentVolume: {name: data, directory: /data}' 'configs: {file: text}'
scaled_by spooled '{plugin: spool, directory: /var/spool}'
scaled_by counted '{plugin: exec, command: /bin/true}'
boot

units=/run/systemd/generator
assert_exposure 10 $units/worker-default@.service "a worker is exposed by at most 1.0"
assert_exposure 9 $units/worker-some@.service "one that names its addresses by at most 0.9"
assert_exposure 1 $units/worker-without@.service "one without network by at most 0.1"
assert_exposure 10 $units/worker-jit@.service "one with a JIT compiler by at most 1.0"
assert_exposure 10 $units/worker-volume@.service "one with a volume and a configuration by at most 1.0"
assert_exposure 1 $units/worker-spooled-backlog.service "the spool plugin by at most 0.1"
assert_exposure 10 $units/worker-counted-backlog.service "another backlog plugin by at most 1.0"
assert_exposure 5 /usr/lib/systemd/system/worker-scaler.service "worker-scaler by at most 0.5"
finish
