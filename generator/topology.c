/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "topology.h"

#include <errno.h>

#include "unit-file.h"

/* A worker that waits, and how many edges there are from it and to it. */
typedef struct Waiter {
        const char *id;
        size_t waits, is_awaited;
} Waiter;

struct Edge {
        char *after;  /* owned: the worker that waits */
        char *before; /* owned: the one that it waits for */
        char *path;   /* owned: the manifest that says so */
        bool used, alive;
        Waiter *waiter, *awaited; /* of both workers; NULL: it waits for nobody itself */
};

static void edge_done(Edge *e) {
        free(e->after);
        free(e->before);
        free(e->path);
}

void topology_done(Topology *t) {
        for (size_t i = 0; i < t->n; i++)
                edge_done(&t->edges[i]);
        free(t->edges);
        *t = (Topology){ 0 };
}

static int add_edge(Topology *t, const Worker *w, const char *dependency) {
        if (t->n == t->allocated) {
                size_t n = t->allocated ? t->allocated * 2 : 8;
                Edge *edges = reallocarray(t->edges, n, sizeof(Edge));
                if (!edges)
                        return -ENOMEM;
                t->edges = edges;
                t->allocated = n;
        }

        WorkerNames other;
        if (worker_names_make(&other, w->manifest->workspace, dependency) < 0)
                return 0;
        Edge e = {
                .after = strdup(w->names.id),
                .before = strdup(other.id),
                .path = strdup(w->manifest->source->path),
                .used = true,
        };
        if (!e.after || !e.before || !e.path) {
                edge_done(&e);
                return -ENOMEM;
        }
        t->edges[t->n++] = e;
        return 0;
}

int topology_add(Topology *t, const Worker *w) {
        for (const Step *s = w->manifest->topology; s; s = s->next)
                for (const Item *i = s->dependencies.first; i; i = i->next) {
                        if (!worker_name_is_valid(i->text) || STREQ(i->text, w->manifest->name))
                                continue; /* steps name each other, too: only workers order */
                        int r = add_edge(t, w, i->text);
                        if (r < 0)
                                return r;
                }
        return 0;
}

static int compare_waiters(const void *a, const void *b) {
        return strcmp(((const Waiter *) a)->id, ((const Waiter *) b)->id);
}

static Waiter *find_waiter(Waiter *waiters, size_t n, const char *id) {
        const Waiter key = { .id = id };
        return bsearch(&key, waiters, n, sizeof(Waiter), compare_waiters);
}

/* The edges of one worker come one after the other. */
static bool is_first_of_worker(const Topology *t, size_t i) {
        return i == 0 || !STREQ(t->edges[i].after, t->edges[i - 1].after);
}

/* Fills in waiters, which has room for as many as there are edges. */
static void count_edges(Topology *t, Waiter *waiters) {
        size_t n = 0;

        for (size_t i = 0; i < t->n; i++)
                if (is_first_of_worker(t, i))
                        waiters[n++].id = t->edges[i].after;
        qsort(waiters, n, sizeof(Waiter), compare_waiters);

        for (Edge *e = t->edges; e < t->edges + t->n; e++) {
                e->alive = e->used;
                e->waiter = find_waiter(waiters, n, e->after);
                e->awaited = find_waiter(waiters, n, e->before);
                if (e->alive && e->awaited) {
                        e->waiter->waits++;
                        e->awaited->is_awaited++;
                } else
                        e->alive = false; /* that one waits for nobody: no cycle */
        }
}

/* Takes away, again and again, the edges of workers that nothing waits for or that wait for
 * nothing. What is left lies on cycles, or between two of them. */
static int drop_cycles(Topology *t, const char **ret_path) {
        if (t->n == 0)
                return 0; /* and no array: not even 0 may be added to NULL */

        CLEANUP(freep) Waiter *waiters = calloc(t->n, sizeof(Waiter));
        if (!waiters)
                return -ENOMEM;

        count_edges(t, waiters);
        for (bool changed = true; changed;) {
                changed = false;
                for (Edge *e = t->edges; e < t->edges + t->n; e++) {
                        if (!e->alive || (e->awaited->waits > 0 && e->waiter->is_awaited > 0))
                                continue;
                        e->alive = false;
                        e->waiter->waits--;
                        e->awaited->is_awaited--;
                        changed = true;
                }
        }

        for (size_t i = 0; i < t->n; i++)
                if (t->edges[i].alive) {
                        t->edges[i].used = false;
                        *ret_path = t->edges[i].path;
                }
        return 0;
}

static int tell_cycle(const char *path, void (*sink)(const Diagnostics *d, void *userdata),
                void *userdata) {
        const Source source = { .path = (char *) path, .text = (char *) "" };
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &source };

        diagnose_warning(&d, "W-TOPOLOGY", (Mark){ 0 },
                        "workers depend on each other in a circle in 'topology': they are not "
                        "ordered");
        if (sink)
                sink(&d, userdata);
        return d.out_of_memory ? -ENOMEM : 0;
}

/* All edges of the worker whose first one that is; nothing when none of them is used. */
static int emit_drop_in(const Topology *t, size_t first, UnitTree *tree) {
        CLEANUP(strbuf_done) StrBuf b = { 0 }, path = { 0 };
        const char *id = t->edges[first].after;
        bool any = false;

        unit_section(&b, "Unit");
        for (size_t i = first; i < t->n && STREQ(t->edges[i].after, id); i++)
                if (t->edges[i].used) {
                        unit_set_all(&b, "After", "worker-", t->edges[i].before, ".target");
                        any = true;
                }
        if (!any)
                return 0;
        strbuf_printf(&path, "worker-%s@.service.d/50-topology.conf", id);
        return strbuf_error(&path) < 0 ? -ENOMEM
                                       : unit_tree_add(tree, strbuf_string(&path), 0644, &b);
}

int topology_emit(Topology *t, const Registry *ids,
                void (*sink)(const Diagnostics *d, void *userdata), void *userdata,
                UnitTree *tree) {
        const char *cycle = NULL;
        int r;

        for (size_t i = 0; i < t->n; i++)
                t->edges[i].used = registry_has(ids, t->edges[i].before);
        r = drop_cycles(t, &cycle);
        if (r == 0 && cycle)
                r = tell_cycle(cycle, sink, userdata);
        for (size_t i = 0; r == 0 && i < t->n; i++)
                if (is_first_of_worker(t, i))
                        r = emit_drop_in(t, i, tree);
        return r;
}
