/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "emit.h"

void worker_check(const Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        const Stack *s = w->stack;

        if (s->needs_kubernetes)
                diagnose_error(d, "E-STACK", m->stack_mark,
                                "stack '%s' describes Kubernetes objects: its definition needs a "
                                "'host' form "
                                "with a command",
                                s->name);
        if (s->not_for_workers)
                diagnose_warning(d, "W-STACK", m->stack_mark, "stack '%s' is not meant for workers",
                                s->name);
        command_check(w, d);
}
