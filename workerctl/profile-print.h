/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "observation.h"
#include "proposal.h"
#include "timespan.h"

/* What a watch has found, as it is told. */
typedef struct ProfileReport {
        const char *id;
        usec_t watched;
        const Observation *observation;
        const Proposal *proposal;
        const SyscallGroups *groups;
} ProfileReport;

/* In words; the drop-in is among them. Return 0 or -ENOMEM. */
int profile_print_words(const ProfileReport *r);
int profile_print_json(const ProfileReport *r);
