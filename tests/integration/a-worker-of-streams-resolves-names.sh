#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "network: tcp" leaves no UDP socket, and names are resolved all the same: by the C library over TCP, out of
# /etc/hosts, by systemd-resolved over its Unix socket; by c-ares as far as its version can.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# An answer by TCP has the address 192.0.2.7, one by UDP 192.0.2.9: it tells who has asked how.
install -D /dev/stdin "$EXTRA_USR/lib/workers-test/name-server.py" <<'EOF'
import socket, struct, threading

def answer(query, last):
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    found = b"\xc0\x0c" + struct.pack("!HHIH4B", 1, 1, 60, 4, 192, 0, 2, last) if kind == 1 else b""
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1 if found else 0, 0, 0) + query[12:end] + found

def serve_datagrams():
    while True:
        query, sender = datagrams.recvfrom(4096)
        datagrams.sendto(answer(query, 9), sender)

def serve_stream(c):
    with c:
        while (size := c.recv(2, socket.MSG_WAITALL)):
            a = answer(c.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL), 7)
            c.sendall(struct.pack("!H", len(a)) + a)

datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 53))
threading.Thread(target=serve_datagrams, daemon=True).start()
s = socket.create_server(("127.0.0.1", 53))
while True:
    threading.Thread(target=serve_stream, args=[s.accept()[0]], daemon=True).start()
EOF

install -D /dev/stdin "$EXTRA_USR/lib/workers-test/resolve.py" <<'EOF'
import errno, os, socket, subprocess, time

def attempt(what, function):
    try:
        print(what, function(), flush=True)
    except OSError as e:
        print(what, errno.errorcode.get(e.errno, e), flush=True)

def c_ares(**options):
    import pycares
    channel, found = pycares.Channel(timeout=2, tries=1, **options), []
    try:
        channel.query("queue.test", pycares.QUERY_TYPE_A, callback=lambda *result: found.append(result))
    except pycares.AresError as e:
        return e.args[1]
    while not found:
        if hasattr(channel, "getsock"):  # pycares 5 has a thread instead
            look_at_sockets(channel, pycares.ARES_SOCKET_BAD)
        time.sleep(0.05)
    result, error = found[0]
    if error:
        return pycares.errno.strerror(error)
    return result.answer[0].data.addr if hasattr(result, "answer") else result[0].host

def look_at_sockets(channel, none):
    readable, writable = channel.getsock()
    for fd in readable or writable:
        channel.process_fd(fd if fd in readable else none, fd if fd in writable else none)
    channel.process_fd(none, none)

def node():
    script = """require('dns').resolve4('queue.test', (e, a) => console.log(e ? e.code : a[0]))"""
    return subprocess.run(["/usr/bin/node", "--jitless", "-e", script], capture_output=True, text=True).stdout.strip()

attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close())
attempt("dns", lambda: socket.getaddrinfo("queue.test", 80, type=socket.SOCK_STREAM)[0][4][0])
attempt("hosts", lambda: socket.getaddrinfo("listed.test", 80, type=socket.SOCK_STREAM)[0][4][0])
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", 53)).close())
attempt("unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close())
try:
    import pycares
    attempt("c-ares", c_ares)
    attempt("c-ares-streams", lambda: c_ares(flags=pycares.ARES_FLAG_USEVC))
except ImportError:
    pass
if os.path.exists("/usr/bin/node"):
    attempt("node", node)
print("END", flush=True)
time.sleep(100000)
EOF

# resolver NAME SANDBOX [LINE...]
resolver() {
        manifest "$1" <<EOF
name: $1
version: v1beta
type: worker
worker:
  stack: exec
  stackSpec: {command: [/usr/bin/python3, /usr/lib/workers-test/resolve.py]}
  sandbox: $2
$(printf '  %s\n' "${@:3}")
EOF
}

log() {
        in_container journalctl --unit "worker-$1@1.service" --boot --no-pager --output cat
}

is_over() {
        log "$1" | grep -qx END
}

serve_names() {
        in_container mkdir -p /etc/systemd/system
        cat >"$ROOT/etc/systemd/system/names.service" <<'EOF'
[Service]
ExecStart=/usr/bin/python3 /usr/lib/workers-test/name-server.py
EOF
        in_container rm -f /etc/resolv.conf # a link where systemd-resolved is installed
        echo "nameserver 127.0.0.1" >"$ROOT/etc/resolv.conf"
        echo "192.0.2.8 listed.test" >>"$ROOT/etc/hosts"
        in_container systemctl daemon-reload
        in_container systemctl start names.service
        wait_until 20 in_container bash -c ': </dev/tcp/127.0.0.1/53'
}

# serve_with_resolved: from now on nss-resolve is asked first. systemd-resolved asks nobody without a link.
serve_with_resolved() {
        in_container ip link add inside type veth peer name outside
        in_container ip link set outside up
        in_container ip link set inside up
        in_container ip address add 192.0.2.1/24 dev inside
        in_container mkdir -p /etc/systemd
        printf '[Resolve]\nDNS=127.0.0.1\nLLMNR=no\nMulticastDNS=no\n' >"$ROOT/etc/systemd/resolved.conf"
        echo "hosts: files resolve [!UNAVAIL=return] dns" >"$ROOT/etc/nsswitch.conf"
        in_container systemctl start systemd-resolved.service
}

run_resolver() {
        start_worker "$1"
        assert_soon "worker $1 has asked for all names" 60 is_over "$1"
}

is_tried() {
        log "$1" | grep -q "^$2 "
}

boot
serve_names
resolver datagrams '{}'
run_resolver datagrams
assert_match "by default names are resolved by UDP" '^dns 192\.0\.2\.9$' "$(log datagrams)"

resolver streams '{network: tcp}'
run_resolver streams
assert_match "one of streams gets no UDP socket" '^udp EPERM$' "$(log streams)"
assert_match "a name is resolved by TCP" '^dns 192\.0\.2\.7$' "$(log streams)"
assert_match "one of /etc/hosts without" '^hosts 192\.0\.2\.8$' "$(log streams)"
assert_match "it connects by TCP" '^tcp None$' "$(log streams)"
assert_match "and has its Unix sockets" '^unix None$' "$(log streams)"

if is_tried streams c-ares; then
        assert_match "c-ares in Python asks by TCP, or says that it could not ask" \
                '^c-ares (192\.0\.2\.7|Could not contact DNS servers|Timeout while contacting DNS servers)$' "$(log streams)"
        assert_match "and by TCP when the program tells it to" '^c-ares-streams 192\.0\.2\.7$' "$(log streams)"
        resolver variable '{network: tcp}' 'envs: {RES_OPTIONS: ""}'
        echo "options use-vc" >>"$ROOT/etc/resolv.conf"
        run_resolver variable
        assert_equal "the same with 'options use-vc' in resolv.conf" "$(log streams | grep '^c-ares ')" "$(log variable | grep '^c-ares ')"
        assert_match "which the C library reads as well" '^dns 192\.0\.2\.7$' "$(log variable)"
else
        echo "# skipped: names by c-ares: python3-pycares is not installed"
fi
if is_tried streams node; then
        assert_match "Node.js, which has a c-ares of its own, asks by TCP" '^node 192\.0\.2\.7$' "$(log streams)"
else
        echo "# skipped: names by Node.js: it is not installed"
fi
if in_container sh -c 'ls /usr/lib/*/libnss_resolve.so.2' >/dev/null 2>&1; then
        serve_with_resolved
        resolver resolved '{network: tcp}'
        run_resolver resolved
        assert_match "nss-resolve has it resolved outside of the worker" '^dns 192\.0\.2\.9$' "$(log resolved)"
else
        echo "# skipped: names by nss-resolve: libnss-resolve is not installed"
fi
finish
