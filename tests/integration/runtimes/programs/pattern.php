<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
set_error_handler(function ($level, $message) { echo "$message\n"; exit(1); });
preg_match('/w(o+)rks?/', 'works', $match);
echo "$match[0]\n";
