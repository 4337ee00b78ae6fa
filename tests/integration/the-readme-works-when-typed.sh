#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

README=$HERE/../../README.md

# blocks LANGUAGE: the lines of all code blocks of this language
blocks() {
        awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$README"
}

# an administrator does not type so fast that systemd is still at it
settled() {
        [ -z "$(in_container systemctl list-units --plain --no-legend \
                --state=activating,deactivating 'worker-*')" ]
}

boot
blocks yaml >"$SHARE/readme.yaml"
assert "its manifest is the one of examples/" \
        diff "$SHARE/readme.yaml" <(grep -v '^#' "$HERE/../../examples/thumbnails.yaml")
assert "worker-generator finds nothing wrong with it" \
        in_container /usr/lib/systemd/system-generators/worker-generator --verify /run/share/readme.yaml

sed -i s/minReplicas/minReplica/ "$SHARE/readme.yaml"
assert_not "and would, if there were something" \
        in_container /usr/lib/systemd/system-generators/worker-generator --verify /run/share/readme.yaml

blocks console | sed -n 's/^# //p' >"$SHARE/commands"
directory=/
while IFS= read -r command; do
        wait_until 20 settled </dev/null
        case $command in
        "cd "*) directory=${command#cd } ;;
        # fails while an instance is only starting, which may begin at any moment
        "systemctl status "*) assert_soon "$command" 10 in_container sh -c "$command" </dev/null ;;
        *) assert "$command" in_container sh -c "cd $directory && { $command
                }" </dev/null ;;
        esac
done <"$SHARE/commands"
assert "there were commands in it" test -s "$SHARE/commands"
assert_soon "the example runs in the end" 10 at_least thumbnails 1
assert_soon "with no more instances than the drop-in lets it have" 30 fails at_least thumbnails 6
finish
