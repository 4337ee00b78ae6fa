#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs talk to: a DNS server that knows one name, server.example, and an HTTP server
that says hello. Both on 127.0.0.1."""

import http.server
import socket
import struct
import threading

NAME = b"\x06server\x07example\x00"


def answer(query):
    """RFC 1035, 4.1: the question again, and for an A record of that name the address."""
    question = query[12:]
    name, kind = question[: len(NAME)].lower(), question[len(NAME) : len(NAME) + 4]
    if name != NAME:
        return query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + question
    if kind != b"\x00\x01\x00\x01":
        return query[:2] + b"\x81\x80\x00\x01" + bytes(6) + name + kind
    record = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 60, 4) + bytes([127, 0, 0, 1])
    return query[:2] + b"\x81\x80\x00\x01\x00\x01" + bytes(4) + name + kind + record


def serve_names():
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    while True:
        query, client = names.recvfrom(512)
        names.sendto(answer(query), client)


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


threading.Thread(target=serve_names, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", 80), Hello).serve_forever()
