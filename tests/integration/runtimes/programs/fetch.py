# SPDX-License-Identifier: LGPL-2.1-or-later
import urllib.request

assert urllib.request.urlopen("http://server.example/").read() == b"hello"
print("works")
