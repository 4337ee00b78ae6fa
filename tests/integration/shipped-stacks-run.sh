#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# worker NAME STACK SPEC [MORE-YAML]
worker() {
        manifest "$1" <<EOF
name: $1
version: v1beta
type: worker
worker:
  stack: $2
  stackSpec: $3
  ${4:-}
EOF
}

# a root directory with one static program and nothing else
mkdir -p "$SCRATCH/image/app" "$SCRATCH/image/usr" "$SCRATCH/image/etc"
cat >"$SCRATCH/hello.c" <<'EOF'
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
        FILE *f = fopen("/etc/os-release", "r");
        printf("hello %s, os-release %s\n", argc > 1 ? argv[1] : "", f ? "there" : "missing");
        fflush(stdout);
        pause();
        return 0;
}
EOF
gcc -static -o "$SCRATCH/image/app/hello" "$SCRATCH/hello.c"
cp -r "$SCRATCH/image" "$SHARE/image"

printf 'import time\nprint("python script", flush=True)\ntime.sleep(1000)\n' >"$SHARE/script.py"
printf 'echo "shell script $1"\nexec sleep 1000\n' >"$SHARE/script.sh"
worker py python '{command: [/run/share/script.py]}'
worker sh shell '{command: [/run/share/script.sh], arguments: [argument]}'
worker shtext shell '{command: [-c, "echo \"text $1\"; exec sleep 1000", sh, of a shell]}'
worker boxed container '{image: /run/share/image, command: [/app/hello], arguments: [world]}'
worker missing nodejs '{command: [/run/share/x.js]}'
worker js node '{command: [-e], arguments: ["console.log(\"node runs\"); setTimeout(() => {}, 1e6)"]}'
boot

said() {
        in_container journalctl --no-pager --output cat --unit "worker-$1@1.service" | grep -qF "$2"
}
assert_soon "a Python script runs" 10 said py "python script"
assert_soon "a shell script gets its arguments" 10 said sh "shell script argument"
assert_soon "a shell text runs" 10 said shtext "text of a shell"
assert_soon "a program runs in a root directory of its own" 10 said boxed "hello world, os-release missing"
if [ -x /usr/bin/node ]; then
        assert_soon "Node runs, whose compiler needs writable and executable memory" 20 said js "node runs"
else
        echo "# skipped: no /usr/bin/node here"
fi
assert_match "the unit of a JIT stack says what is relaxed" "relaxed: the stack's runtime" \
        "$(in_container cat /run/systemd/generator/worker-js@.service)"
assert_match "a stack that is not there is told with those that are" "there are exec:1.0, bento:1.0" \
        "$(in_container systemctl show --property=Description worker-missing.target)"
finish
