/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "attacks.h"

/* Compares the results of the same attacks without a sandbox (the control), with the default
 * template, with "network: tcp" and with "network: none". */

typedef struct AttackTable {
        const Attack *attacks;
        const size_t *size;
} AttackTable;

/* Ends with a row of NULL. */
extern const AttackTable all_attacks[];

/* Where it was tried. */
typedef enum Place { CONTROL, NETWORK, STREAMS, NONE, N_PLACES } Place;

/* Prints a line for each attack: VERDICT|NAME|NETWORK|STREAMS|NONE|CONTROL|LAYER. Verdicts:
 *   held      stopped where it must be, and it works where there is no sandbox, or gets to a kernel
 *             that does not have the call
 *   possible  it works, as the table says
 *   unproven  stopped, but here the control did not work either
 *   open      it works, as this kernel lacks what would stop it
 *   BROKEN    not what the table says
 * The paths are files that attack_all() wrote. Returns 0 or negative errno. */
int print_verdicts(char *const paths[static N_PLACES]);
