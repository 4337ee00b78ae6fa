#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An instance searches its whole root for directories in which it can create a file, and tries to
# execute and to map what it has written there. The manifests give it all kinds of them.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/attacks.sh"

# Of the instance that runs now: one that was started before saw this test mount things.
results() {
        in_container journalctl "_SYSTEMD_INVOCATION_ID=$(property "$1" InvocationID)" --boot --no-pager --output cat
}

# found ID: DIRECTORY, then whether it executes and maps, one a line
found() {
        results "worker-$1@1.service" | grep "^/"
}

# is_writable ID DIRECTORY
is_writable() {
        found "$1" | cut -f1 | grep -qxF "$2"
}

# assert_nothing_runs ID: of what it has written anywhere
assert_nothing_runs() {
        assert_soon "$1: the search is over" 60 attacks_are_over "worker-$1@1.service"
        assert_equal "$1: nothing that was written executes" "" "$(found "$1" | cut -f1,2 | grep -w executes)"
        assert_equal "$1: nothing that was written maps as executable" "" "$(found "$1" | cut -f1,3 | grep -w maps)"
}

# assert_writable ID DIRECTORY...: otherwise the search would have found nothing to try
assert_writable() {
        local id=$1 directory
        shift
        for directory; do
                assert "$id: it can write to $directory" is_writable "$id" "$directory"
        done
}

ARGUMENTS=--writable
attack_worker plain
attack_worker full \
        'dataosVolumes: [{name: one, directory: /data/one}, {name: two, directory: relative, subPath: below/it}]' \
        'tempVolume: scratch' \
        'sandbox: {ReadWritePaths: [/srv/open, /run/open, /opt/open], ReadOnlyPaths: [/srv/closed], jit: true}'
attack_worker secret 'dataosSecrets: [{name: login, allKeys: true, consumptionType: propFile}]'
attack_worker programs 'sandbox: {ReadWritePaths: [/srv/open], ExecPaths: [/opt/programs]}'
attack_worker homes 'sandbox: {ReadWritePaths: [/home/a/open], ReadOnlyPaths: [/home/a/closed, /root/closed]}'
attack_worker usr 'sandbox: {ReadWritePaths: [/usr/local/open]}'
mkdir -p "$EXTRA_USR/local/open"
boot
in_container mount -t tmpfs -o mode=1777 tmpfs /usr/local/open
in_container install -d --mode=1777 /srv/open /run/open /opt/open /srv/closed \
        /home/a/open /home/a/closed /root/closed
in_container install -d --mode=755 /opt/programs
in_container install -D /bin/true /opt/programs/true
in_container mkdir -p /etc/credstore/workers/public/login
echo user >"$ROOT/etc/credstore/workers/public/login/name"
in_container systemctl daemon-reload
for id in plain full secret programs homes usr; do
        in_container systemctl restart "worker-$id@1.service"
done

for id in plain full secret programs homes usr; do
        assert_nothing_runs "$id"
        assert_writable "$id" /tmp /var/tmp /dev/shm
done
assert_writable full /data/one /var/dataos/persistent_data/relative /var/dataos/temp_data /srv/open /run/open /opt/open
assert_writable programs /srv/open
assert_writable homes /home/a/open
assert_equal "homes: it can write to nothing else there" /home/a/open "$(found homes | cut -f1 | grep -E '^/(home|root|run/user)')"
assert_writable usr /usr/local/open
assert_writable secret /run/worker-secrets
assert_not "what is bound to be read can not be written" is_writable full /srv/closed
assert_not "nor what is bound to be executed" is_writable programs /opt/programs
finish
