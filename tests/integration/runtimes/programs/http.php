<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
if (file_get_contents('http://server.example/') !== 'hello' || gethostbyname('server.example') !== '127.0.0.1')
    exit(1);
if (dns_get_record('server.example', DNS_A)[0]['ip'] !== '127.0.0.1')
    exit(1);
echo "works\n";
