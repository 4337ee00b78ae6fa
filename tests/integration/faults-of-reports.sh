#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"

LINES=$(times 200000 5000000)
TIMES=$(times 1 20) # each fault of the backlog plugin

# plugin TEXT: the script that is the command of the exec plugin of worker "queue". In place, as the
# sandbox has this file and no other.
plugin() {
        printf '#!/bin/sh\n%s\n' "$1" >"$SHARE/queue"
        chmod 755 "$SHARE/queue"
}

impostor_says() {
        in_container journalctl --boot --no-pager --output=cat --unit=worker-impostor@1.service | grep -qx "$1"
}

# items_are ID COUNT
items_are() {
        [ "$(told "$1" Items)" = "$2" ]
}

backlog_is() {
        [ "$(told queue Backlog)" = "$1" ]
}

test_worker good 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
test_worker evil 'autoScaling: {minReplicas: 1, maxReplicas: 1}'
install -D --mode=755 "$LIB/impostor" "$EXTRA_USR/lib/workers-test/impostor"
manifest impostor <<'YAML'
name: impostor
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/lib/workers-test/impostor], arguments: [/run/share/victim]}
  sandbox: {ReadOnlyPaths: [/run/share]}
YAML
plugin 'echo 0'
test_worker queue \
        'autoScaling:' '  minReplicas: 1' '  maxReplicas: 3' '  targetThroughput: 5' '  targetWait: 10s' \
        '  backlog: {plugin: exec, command: /run/share/queue, interval: 200ms, timeout: 1s, keep: 2s}'
touch "$SHARE/victim"
boot
scaler=$(scaler_pid)

# A process of a unit that only looks like a worker's, and one that says it is another's.
assert "a stranger can send" send_as stranger 'for i in range(100): send("backlog:100000|g\nitems:1000|c")'
assert "so can one whose name is nearly right" send_as worker-good-x \
        'for i in range(100): send("backlog:100000|g\nitems:1000|c\nitems:5|c|#worker:good")'
assert_for "and nothing comes of it" 3 instances_are good "1"
assert_equal "nothing at all" "0" "$(told good Items)"

# An instance that sends the credentials of another's process, and one that only says it is another.
property worker-good@1.service MainPID >"$SHARE/victim"
assert_soon "an instance can't send with the pid of another" 20 impostor_says 'refused: Operation not permitted'
assert_soon "it can send for itself, whatever it says" 20 impostor_says 'sent'
assert_soon "which counts for itself" 20 items_are impostor 1000
assert_equal "and for nobody else" "0" "$(told good Items)"

# What a unit of a worker sends counts for that worker alone, whatever it is.
send_as worker-evil-backlog "
for i in range($LINES // 100): send('items:1|c|#worker:good\n' * 100)" &
flood=$!
report_as good 'items:1|c'
assert_soon "a flood keeps no other worker from being scaled" 30 at_least good 3
wait $flood
assert "garbage can be sent" send_as worker-evil-backlog '
send(b"\0\xff\n:::|||\nbacklog:|g\nbacklog:nan|g\nbacklog:1e999|g\nbacklog:-5|g\n" * 200)
send("backlog:" + "9" * 60000 + "|g")
send("x" * 65536)
send("items:1|c\n" * 6000)
for i in range(1000): send(os.urandom(1000))'
assert_soon "the scaler answers" 10 scaler_answers
assert_equal "it is the same process" "$scaler" "$(scaler_pid)"
assert "the worker that was not attacked still runs" at_least good 3
assert "the one that attacked has no more than its maximum" instances_are evil "1"

for ((i = 1; i <= TIMES; i++)); do
        plugin 'echo 0'
        assert_soon "a backlog plugin is heard" 20 backlog_is 0
        plugin 'echo 500'
        assert_soon "and acted on" 20 instances_are queue "1 2 3"
        plugin 'sleep 1000'
        assert_for "one that hangs stops nothing" 4 instances_are queue "1 2 3"
        plugin 'echo nonsense; echo -7; exit 1'
        assert_for "one that reports nonsense neither" 4 instances_are queue "1 2 3"
        in_container systemctl kill --signal=KILL worker-queue-backlog.service
        assert_for "nor one that dies" 4 instances_are queue "1 2 3"
        plugin 'echo 999999999999'
        assert_soon "one that exaggerates is bounded" 15 backlog_is 1e+12
        assert_for "by the maximum" 2 instances_are queue "1 2 3"
done
assert "after all that the wanted instances run, nothing else" nothing_but \
        evil "1" good "1 2 3 4" impostor "1" queue "1 2 3"
echo "# survived: $LINES lines of a flood, $TIMES times each fault of a backlog plugin"
finish
