/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is seen from the outside, and what an instance leaves there to be found. */

/* Tries to keep a TCP and a Unix socket that listen and a UDP socket that has sent, and waits for
 * ever. Never returns. */
int hold_open(void);

/* Connects to every TCP port of an IPv4 address and prints those that answer, one a line,
 * and END. Returns 0 or negative errno. */
int scan(const char *address);

/* Prints each directory in which a file can be created, whether it is executed and mapped from
 * there, and END. Returns 0 or negative errno. */
int list_writable(void);
