/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker-set.h"

#include <errno.h>

void worker_set_done(WorkerSet *s) {
        for (size_t i = 0; i < s->n; i++)
                worker_free(s->workers[i]);
        free(s->workers);
        *s = (WorkerSet){ 0 };
}

/* Where id is or belongs. */
static size_t position(const WorkerSet *s, const char *id) {
        size_t low = 0, high = s->n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(s->workers[middle]->id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

Worker *worker_set_find(const WorkerSet *s, const char *id) {
        size_t p = position(s, id);
        return p < s->n && STREQ(s->workers[p]->id, id) ? s->workers[p] : NULL;
}

int worker_set_add(WorkerSet *s, const WorkerContext *context, const char *id, Worker **ret) {
        if (s->n == s->allocated) {
                size_t allocated = s->allocated ? s->allocated * 2 : 16;
                Worker **more = reallocarray(s->workers, allocated, sizeof(Worker *));
                if (!more)
                        return -ENOMEM;
                s->workers = more;
                s->allocated = allocated;
        }

        Worker *w;
        int r = worker_new(context, id, &w);
        if (r < 0)
                return r;
        size_t p = position(s, id);
        memmove(s->workers + p + 1, s->workers + p, (s->n - p) * sizeof(Worker *));
        s->n++;
        *ret = s->workers[p] = w;
        return 0;
}

void worker_set_drop_idle(WorkerSet *s) {
        size_t kept = 0;
        for (size_t i = 0; i < s->n; i++) {
                if (worker_is_idle(s->workers[i]))
                        worker_free(s->workers[i]);
                else
                        s->workers[kept++] = s->workers[i];
        }
        s->n = kept;
}
