/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker-view.h"

#include <stdio.h>

#include "capture.h"

enum { GROUPS_MAX = 1024 * 1024 };

void worker_view_done(WorkerView *v) {
        unit_texts_done(&v->texts);
        arena_done(&v->arena);
}

/* The groups as systemd here has them, else the built-in ones. */
static bool read_groups(Arena *arena, SyscallGroups *ret) {
        static const char *const argv[]
                        = { "systemd-analyze", "syscall-filter", "--no-pager", NULL };
        CLEANUP(freep) char *text = NULL;

        if (capture(argv, GROUPS_MAX, &text) == 0 && syscall_groups_parse(text, arena, ret) == 0)
                return true;
        *ret = builtin_syscall_groups;
        return false;
}

int worker_view_read(const char *argument, WorkerView *v) {
        int r = unit_texts_read(argument, &v->texts);
        if (r < 0)
                return r;
        v->own_groups = read_groups(&v->arena, &v->groups);
        v->view.arena = &v->arena;
        for (size_t i = 0; r == 0 && i < v->texts.n; i++)
                r = sandbox_view_add(
                                &v->view, v->texts.items[i].path, v->texts.items[i].text, i > 0);
        if (r < 0) {
                fprintf(stderr, "workerctl: %s: %s\n", argument, strerror(-r));
                return r;
        }
        sandbox_view_finish(&v->view, &v->groups);
        return 0;
}
