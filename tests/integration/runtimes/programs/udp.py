# SPDX-License-Identifier: LGPL-2.1-or-later
import socket

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("127.0.0.1", 0))
print("works")
