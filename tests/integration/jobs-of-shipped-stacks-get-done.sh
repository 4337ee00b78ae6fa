#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The stacks whose programs take jobs from a broker: a job goes through a broker of this container, on
# its loopback, and the answer names the worker that did it. What the program itself needs to run in
# the sandbox has to come from its stack.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/redis.sh"

has_redis || skip_test "there is no broker here (Debian packages redis-server or redis-tools)"

# has_module NAME PACKAGE: or says that it is missing
has_module() {
        /usr/bin/python3 -c "import $1" 2>/dev/null && return
        echo "# skipped: the stack '$1' (no Debian package $2 here)"
        return 1
}

# worker NAME STACK SPEC [LINE...]: each LINE is added below "worker:"
worker() {
        local name=$1 stack=$2 spec=$3
        shift 3
        manifest "$name" <<EOT
name: $name
version: v1beta
type: worker
worker:
  stack: $stack
  stackSpec: $spec
  sandbox: {ReadOnlyPaths: [/run/share]}
$(printf '  %s\n' "$@")
EOT
}

cat >"$SHARE/tasks.py" <<'EOT'
import os


def work(number):
    return "%d by %s" % (2 * number, os.environ["DATAOS_NAME"])
EOT
cat >"$SHARE/shop.py" <<'EOT'
from celery import Celery

import tasks

app = Celery("shop", backend="redis://127.0.0.1")
work = app.task(tasks.work)
EOT
cat >"$SHARE/Work.java" <<'EOT'
import java.io.*;
import java.net.Socket;

/* Redis' own protocol: one number after the other out of a list, its double into another. */
public class Work {
        public static void main(String[] arguments) throws IOException {
                try (Socket socket = new Socket("127.0.0.1", 6379)) {
                        var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                        var out = new PrintWriter(socket.getOutputStream(), true);
                        for (;;) {
                                out.print("BLPOP " + arguments[0] + " 0\r\n");
                                out.flush();
                                for (int i = 0; i < 4; i++)
                                        in.readLine();
                                int number = Integer.parseInt(in.readLine());
                                String answer = 2 * number + " by " + System.getenv("DATAOS_NAME");
                                out.print("RPUSH " + arguments[1] + " \"" + answer + "\"\r\n");
                                out.flush();
                                in.readLine();
                        }
                }
        }
}
EOT

# Bento is in no Debian package. This one knows as much of its configuration as the worker below has.
install -D --mode=755 /dev/stdin "$EXTRA_USR/bin/bento" <<'EOT'
#!/usr/bin/python3
import os
import socket
import sys

import yaml

option, path, *rest = sys.argv[1:]
assert option == "-c" and rest == ["--set", "http.enabled=false"], sys.argv
with open(path) as file:
    config = yaml.safe_load(file)
broker = socket.create_connection(("127.0.0.1", 6379))
answers = broker.makefile()
while True:
    broker.sendall(b"BLPOP %s 0\r\n" % config["input"]["redis_list"]["key"].encode())
    number = int([answers.readline() for _ in range(5)][-1])
    answer = "%d by %s" % (2 * number, os.environ["DATAOS_NAME"])
    broker.sendall(b"RPUSH %s \"%s\"\r\n" % (config["output"]["redis_list"]["key"].encode(), answer.encode()))
    answers.readline()
EOT

stacks=()
has_module rq python3-rq && stacks+=(rq)
has_module celery python3-celery && stacks+=(celery)
/usr/bin/python3 -c 'import yaml' 2>/dev/null && stacks+=(bento)
if [ -x /usr/bin/java ] && [ -x /usr/bin/javac ]; then
        javac -d "$SHARE" "$SHARE/Work.java" && stacks+=(java)
else
        echo "# skipped: the stack 'java' (no Debian package default-jdk-headless here)"
fi

worker by-rq rq '{arguments: [--url, "redis://127.0.0.1", numbers]}' 'envs: {PYTHONPATH: /run/share}'
worker by-celery celery '{arguments: [--queues=celery]}' \
        'envs: {PYTHONPATH: /run/share, CELERY_APP: shop, CELERY_BROKER_URL: "redis://127.0.0.1"}'
worker by-bento bento '{input: {redis_list: {key: bento-in}}, output: {redis_list: {key: bento-out}}}'
worker by-java java '{command: [-cp, /run/share, Work], arguments: [java-in, java-out]}'
boot

# /etc in there is new; the Java of Debian keeps its settings in the real one
cp -a /etc/alternatives /etc/java* "$ROOT/etc/" 2>/dev/null
in_container ip link set lo up
in_container systemd-run --quiet --unit=broker redis-server --bind 127.0.0.1 --save '' --dir /tmp
broker() {
        in_container redis-cli "$@"
}
wait_until 20 broker ping
in_container systemctl restart workers.target

# python TEXT: as root, outside of all sandboxes
python() {
        in_container env PYTHONPATH=/run/share CELERY_BROKER_URL=redis://127.0.0.1 /usr/bin/python3 -c "$1"
}

ask_rq() {
        python '
import time
from redis import Redis
from rq import Queue
job = Queue("numbers", connection=Redis("127.0.0.1")).enqueue("tasks.work", 21)
while job.result is None:
    time.sleep(0.05)
print(job.result)'
}

ask_celery() {
        python 'import shop; print(shop.work.delay(21).get(timeout=30))'
}

ask_bento() {
        broker rpush bento-in 21 >/dev/null
        broker blpop bento-out 50 | tail -n 1
}

ask_java() {
        broker rpush java-in 21 >/dev/null
        broker blpop java-out 50 | tail -n 1
}

for stack in "${stacks[@]}"; do
        answer=$("ask_$stack" 2>&1)
        assert_equal "a job of $stack gets done" "42 by by-$stack" "$answer"
        [ "$answer" = "42 by by-$stack" ] ||
                in_container journalctl --no-pager --output cat -n 20 --unit "worker-by-$stack@1.service" | sed 's/^/# /'
        assert_equal "$stack needs no restart" 0 "$(property "worker-by-$stack@1.service" NRestarts)"
done
finish
