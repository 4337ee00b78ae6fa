#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "network: tcp" leaves no UDP socket, and names are resolved all the same: by the C library over TCP,
# and out of /etc/hosts. The name server of this test answers by TCP only.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# Each name has the address 192.0.2.7.
install -D /dev/stdin "$EXTRA_USR/lib/workers-test/name-server.py" <<'EOF2'
import socket, struct

def answer(query):
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    found = b"\xc0\x0c" + struct.pack("!HHIH4B", 1, 1, 60, 4, 192, 0, 2, 7) if kind == 1 else b""
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1 if found else 0, 0, 0) + query[12:end] + found

s = socket.create_server(("127.0.0.1", 53))
while True:
    c, _ = s.accept()
    with c:
        while (size := c.recv(2, socket.MSG_WAITALL)):
            a = answer(c.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL))
            c.sendall(struct.pack("!H", len(a)) + a)
EOF2

install -D /dev/stdin "$EXTRA_USR/lib/workers-test/resolve.py" <<'EOF2'
import errno, socket, time

def attempt(what, function):
    try:
        print(what, function(), flush=True)
    except OSError as e:
        print(what, errno.errorcode.get(e.errno, e), flush=True)

attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close())
attempt("dns", lambda: socket.getaddrinfo("queue.test", 80, type=socket.SOCK_STREAM)[0][4][0])
attempt("hosts", lambda: socket.getaddrinfo("listed.test", 80, type=socket.SOCK_STREAM)[0][4][0])
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", 53)).close())
attempt("unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close())
print("END", flush=True)
time.sleep(100000)
EOF2

# resolver NAME SANDBOX
resolver() {
        manifest "$1" <<EOF2
name: $1
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/bin/python3, /usr/lib/workers-test/resolve.py]}
  sandbox: $2
EOF2
}

log() {
        in_container journalctl --unit "worker-$1@1.service" --boot --no-pager --output cat
}

is_over() {
        log "$1" | grep -qx END
}

serve_names() {
        in_container mkdir -p /etc/systemd/system
        cat >"$ROOT/etc/systemd/system/names.service" <<'EOF2'
[Service]
ExecStart=/usr/bin/python3 /usr/lib/workers-test/name-server.py
EOF2
        echo "nameserver 127.0.0.1" >"$ROOT/etc/resolv.conf"
        echo "192.0.2.8 listed.test" >>"$ROOT/etc/hosts"
        in_container systemctl daemon-reload
        in_container systemctl start names.service
        wait_until 20 in_container bash -c ': </dev/tcp/127.0.0.1/53'
}

boot
serve_names
resolver streams '{network: tcp}'
in_container systemctl daemon-reload
in_container systemctl start worker-streams.target
assert_soon "the worker has asked for all names" 30 is_over streams
assert_match "it gets no UDP socket" '^udp EPERM$' "$(log streams)"
assert_match "a name is resolved by TCP" '^dns 192\.0\.2\.7$' "$(log streams)"
assert_match "one of /etc/hosts without" '^hosts 192\.0\.2\.8$' "$(log streams)"
assert_match "it connects by TCP" '^tcp None$' "$(log streams)"
assert_match "and has its Unix sockets" '^unix None$' "$(log streams)"
finish
