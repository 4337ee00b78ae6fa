#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -e
file=$(mktemp)
exec 3<>/dev/tcp/server.example/80
printf 'GET / HTTP/1.0\r\nHost: server.example\r\n\r\n' >&3
cat <&3 >"$file"
grep -q hello <<<"$(sort "$file" | tail -n 5)"
echo works
