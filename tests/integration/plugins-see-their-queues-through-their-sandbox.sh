#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/redis.sh"

# backlog_worker NAME SETTINGS: a worker that runs only while something waits
backlog_worker() {
        test_worker "$1" "autoScaling: {minReplicas: 0, maxReplicas: 1, backlog: {$2}}"
}

backlog_worker files 'plugin: spool, directory: /srv/files'
backlog_worker lines 'plugin: exec, command: "wc -l /run/share/lines", interval: 200ms'
backlog_worker words 'plugin: exec, command: [sh, -c, "grep -c root /etc/passwd"], interval: 200ms'
backlog_worker keys 'plugin: redis, list: jobs, socket: /run/redis-test/socket'
boot

status() {
        property "worker-$1-backlog.service" StatusText
}

# status_is NAME TEXT
status_is() {
        [ "$(status "$1")" = "$2" ]
}

in_container mkdir -p /srv/files
in_container systemctl restart worker-files-backlog.service
drop_in worker-lines-backlog.service <<'EOT'
[Service]
BindReadOnlyPaths=/run/share
EOT
in_container systemctl daemon-reload
in_container systemctl restart worker-lines-backlog.service

assert_soon "spool sees an empty directory" 10 status_is files "0 files wait in '/srv/files'"
assert_equal "nothing that waits needs no instance" "" "$(instances files)"
in_container touch /srv/files/a
assert_soon "spool sees a file" 10 status_is files "1 files wait in '/srv/files'"
assert_soon "and its worker is started" 10 instances_are files "1"
in_container sh -c 'rm -r /srv/files; mkdir /srv/files; touch /srv/files/b /srv/files/c'
assert_soon "spool finds the directory that took its place" 40 \
        status_is files "2 files wait in '/srv/files'"

assert_soon "a command that fails is in the status with its reason" 10 status_is lines \
        "'wc' failed with exit code 1, its error message: 'wc: /run/share/lines: No such file or directory'"
echo one >"$SHARE/lines"
assert_soon "what it then prints is no number" 10 status_is lines \
        "'wc' printed neither a number nor StatsD lines but '1 /run/share/lines'"
assert_soon "a list of words is the command" 10 status_is words "Asking 'sh'"
assert_soon "and its number starts the worker" 10 instances_are words "1"

if has_redis; then
        in_container mkdir -p /run/redis-test
        in_container redis-server --port 0 --unixsocket /run/redis-test/socket \
                --unixsocketperm 777 --save '' --daemonize yes >/dev/null
        in_container systemctl restart worker-keys-backlog.service
        assert_soon "redis reaches its server" 10 status_is keys "Asking '/run/redis-test/socket'"
        assert_equal "an empty list needs no instance" "" "$(instances keys)"
        in_container redis-cli -s /run/redis-test/socket rpush jobs a b >/dev/null
        assert_soon "a list that fills up starts the worker" 10 instances_are keys "1"
else
        echo "# skipped: the redis plugin, as there is no redis-server"
fi
finish
