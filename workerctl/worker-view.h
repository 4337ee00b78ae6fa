/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sandbox-view.h"
#include "unit-texts.h"

/* The unit files of a worker, and what they say about its sandbox, with the groups of system calls
 * that this host's systemd has. Points into itself: not to be copied. */

typedef struct WorkerView {
        UnitTexts texts;
        SandboxView view;
        SyscallGroups groups;
        bool own_groups; /* those of this host's systemd, else the built-in ones */
        Arena arena;
} WorkerView;

void worker_view_done(WorkerView *v);

/* argument: as unit_texts_read() has it. Says what is wrong, if it fails: returns -ENOENT where
 * there is none, else negative errno. v is zeroed at first, and to be done in any case. */
int worker_view_read(const char *argument, WorkerView *v);
