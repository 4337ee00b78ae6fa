#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/faults.sh"
: "${BUILDDIR:?is not set: the directory in which make has built bus-flood}"

# flood WHAT SECONDS: as somebody who has no rights
flood() {
        in_container setpriv --reuid=65534 --regid=65534 --clear-groups \
                /usr/lib/workers-test/bus-flood "$1" "$2"
}

floods() {
        in_container pgrep --count --exact bus-flood
}

workers() {
        scaler_answers | tr ' ' '\n' | grep -c '^"/'
}

# The most memory that the scaler ever had, in KiB. Not by its unit, as systemd may not answer.
most_memory() {
        in_container sed -nE 's/^VmHWM:[[:space:]]*([0-9]+) kB/\1/p' "/proc/$scaler/status"
}

install -D --mode=755 "$BUILDDIR/tests/integration/bus/bus-flood" "$EXTRA_USR/lib/workers-test/bus-flood"
for ((i = 1; i <= 60; i++)); do
        exec_worker "other$i" '{command: [/usr/bin/sleep, infinity]}'
done
test_worker good 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 2s}'
boot
scaler=$(scaler_pid)

# --- those who ask for all that is known, without end
for ((i = 1; i <= 5; i++)); do
        flood ask 55 >"$SCRATCH/ask.$i" 2>&1 &
done
sleep 1
report_as good 'items:1|c'
assert_soon "everybody may ask, and that keeps no worker from being scaled" 40 at_least good 2
assert_equal "as long as they do" 5 "$(floods)"
in_container pkill --exact bus-flood
report_as good

# --- those who have systemd look for workers that there are not
assert "everybody may have units loaded" flood load 5
assert_equal "and makes no workers of them" 61 "$(workers)"

# --- questions that have to wait, as systemd reloads, and are long
in_container mkdir -p /run/systemd/system-generators
in_container sh -c 'printf "#!/bin/sh\ntouch /run/share/generating\nwhile [ ! -e /run/share/go ]; do sleep 0.1; done\n" \
        >/run/systemd/system-generators/slow; chmod 755 /run/systemd/system-generators/slow'
in_container systemctl daemon-reload >"$SCRATCH/reload" 2>&1 &
reload=$!
assert_soon "systemd reloads" 20 [ -e "$SHARE/generating" ]
before=$(most_memory)
assert "everybody may ask for a worker meanwhile" flood name 5
after=$(most_memory)
touch "$SHARE/go"
wait "$reload"
assert_equal "and the reload ends" 0 $?
assert "what waits takes no memory of others' choice" [ "$((after - before))" -lt 32768 ]
in_container rm /run/systemd/system-generators/slow

assert_soon "the scaler answers" 10 scaler_answers
assert_equal "it is the same process" "$scaler" "$(scaler_pid)"
echo "# memory during the reload: $before KiB to $after KiB"
finish
