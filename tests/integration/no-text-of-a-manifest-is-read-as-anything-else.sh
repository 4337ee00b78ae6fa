#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# hostile/hostile.py puts hostile texts into each attribute of a manifest and asks PID 1 of the
# container what it has read of the units made of them. None of them is started.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

MADE=$SHARE/hostile
GENERATOR=$DESTDIR/usr/lib/systemd/system-generators/worker-generator
mkdir -p "$MADE/single/etc/workers" "$MADE/together/etc/workers" "$MADE/single.units" "$MADE/units"
cp "$HERE/hostile/hostile.py" "$MADE"
hostile() {
        python3 "$MADE/hostile.py" "$@"
}

assert "an attribute of the schema and a text make a manifest" \
        hostile single "$DESTDIR/usr/share/systemd-workers/worker.schema.json" "$MADE/single/etc/workers"
assert "refused ones stop no others" "$GENERATOR" --root="$MADE/single" "$MADE/single.units"
assert "each attribute takes a harmless text, and many take hostile ones" \
        hostile together "$MADE/single/etc/workers" "$MADE/single.units" "$MADE/together/etc/workers"
mv "$MADE/together/etc/workers/index.json" "$MADE"
assert "one text can stand in many attributes" "$GENERATOR" --root="$MADE/together" "$MADE/units"
boot

in_container sh -c 'cp /run/share/hostile/units/worker-*.service /run/systemd/system'
in_container systemctl daemon-reload
judge() {
        enter_container timeout 200 python3 /run/share/hostile/hostile.py judge /run/share/hostile /run/systemd/system
}
assert "PID 1 reads each as its harmless twin, but for its text, which comes back" judge
assert "and finds nothing to complain of" no_worker_warnings
finish
