/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Takes from a test's child what a generator must never do (systemd.generator(7)): writing outside
 * of one directory (Landlock), sockets and children (a system call filter that kills). */

typedef enum Confinement {
        CONFINED,       /* whole */
        CONFINED_PARTLY /* the kernel has no Landlock: sockets and children only */
} Confinement;

/* What the kernel gives; prints the reason once when that is not all. */
Confinement confinement_available(void);

/* For the child, before exec: directory is the only one it may write to.
 * Returns 0 or negative errno. */
int confine(Confinement c, const char *directory);
