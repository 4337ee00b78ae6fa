/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "generator.h"

#include <errno.h>
#include <limits.h>

#include "emit.h"
#include "sandbox.h"
#include "search-path.h"
#include "unit-file.h"

void generator_done(Generator *g) {
        for (size_t i = 0; i < g->n_stack_sources; i++)
                source_done(&g->stack_sources[i]);
        free(g->stack_sources);
        arena_done(&g->stack_arena);
        registry_done(&g->ids);
        registry_done(&g->users);
        registry_done(&g->volumes);
        registry_done(&g->volume_users);
        topology_done(&g->topology);
        strbuf_done(&g->wants);
        strbuf_done(&g->unnamed);
}

static void tell(const Generator *g, Diagnostics *d) {
        diagnostics_sort(d);
        if (g->sink)
                g->sink(d, g->userdata);
}

/* --- one worker ------------------------------------------------------------------------------ */

static int take_names(Generator *g, Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        const char *where = NULL;

        /* refused, but it has a name, and so a target, of its own */
        if (worker_names_make(&w->names, m->workspace, m->name) < 0)
                diagnose_error(d, "E-NAME", m->name_mark,
                                "'%s' has too many '-' for the name of a slice: each takes four "
                                "characters "
                                "there; shorten it",
                                m->name);

        int r = registry_take(&g->ids, w->names.id, d->source->path, m->name_mark.line, &where);
        if (r == -EEXIST) {
                diagnose_error(d, "E-NAME-TAKEN", m->name_mark,
                                "worker '%s' exists already, in %s: rename one of them, or mask "
                                "one file by a "
                                "symlink to /dev/null",
                                m->name, where);
                return r;
        }
        if (r < 0)
                return r;

        r = registry_take(&g->users, w->names.user, d->source->path, m->name_mark.line, &where);
        if (r == -EEXIST) {
                diagnose_error(d, "E-USER", m->name_mark,
                                "the user of worker '%s' would be that of the worker in %s: rename "
                                "one of "
                                "them, or give it 'runAsUser'",
                                m->name, where);
                return 0;
        }
        return r;
}

/* All instances that share a volume must be of one user. */
static int take_volumes(Generator *g, const Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        const char *user = m->run_as_user ? m->run_as_user : w->names.user;

        for (const Volume *v = m->volumes; v; v = v->next) {
                CLEANUP(strbuf_done) StrBuf volume = { 0 }, with_user = { 0 };
                const char *where = NULL;

                strbuf_printf(&volume, "%s/%s", m->workspace, v->name);
                strbuf_printf(&with_user, "%s %s", strbuf_string(&volume), user);
                if (strbuf_error(&volume) < 0 || strbuf_error(&with_user) < 0)
                        return -ENOMEM;

                int r = registry_take(&g->volume_users, strbuf_string(&with_user), d->source->path,
                                v->mark.line, &where);
                if (r == -EEXIST)
                        continue;
                if (r == 0)
                        r = registry_take(&g->volumes, strbuf_string(&volume), d->source->path,
                                        v->mark.line, &where);
                if (r == -EEXIST)
                        diagnose_error(d, "E-VOLUMES", v->mark,
                                        "volume '%s' belongs to another user already, in %s: give "
                                        "both workers "
                                        "the same 'runAsUser'",
                                        v->name, where);
                else if (r < 0)
                        return r;
        }
        return 0;
}

static int find_stack(const Generator *g, Worker *w, Diagnostics *d) {
        const Manifest *m = w->manifest;
        Diagnostics missing = { .source = d->source };

        w->stack = stack_find(&g->stacks, m->stack, m->stack_mark, &missing);
        /* a linter may run on another host than the worker */
        if (g->lint && missing.n == 1 && missing.n_errors == 1
                        && STREQ(missing.items[0].code, "E-NO-SUCH-STACK"))
                diagnose_warning(d, "W-NO-SUCH-STACK", m->stack_mark, "%s",
                                missing.items[0].message);
        else
                diagnostics_move(d, &missing, 0, UINT_MAX);
        int r = missing.out_of_memory ? -ENOMEM : 0;
        diagnostics_done(&missing);
        return r;
}

static int append_unnamed(Generator *g, const Diagnostics *d) {
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        diagnostic_print(&d->items[i], d->source, 0, &g->unnamed);
        return strbuf_error(&g->unnamed);
}

static int refuse(Generator *g, const Worker *w, Diagnostics *d, bool has_target, UnitTree *tree) {
        diagnostics_sort(d);
        g->n_refused++;
        if (!has_target)
                return append_unnamed(g, d);

        strbuf_printf(&g->wants, "Wants=worker-%s.target\n", w->names.id);
        return emit_refused(w->names.id, d, tree);
}

static int judge_document(Generator *g, const Document *document, Arena *arena, Diagnostics *d,
                UnitTree *tree) {
        Manifest *m = NULL;

        int r = manifest_read(d->source, document, arena, d, &m);
        if (r < 0)
                return r;

        Worker w = { .manifest = m, .systemd_version = g->systemd_version };
        bool has_target = false;
        if (m->name && m->workspace) {
                r = take_names(g, &w, d);
                if (r < 0 && r != -EEXIST)
                        return r;
                has_target = r == 0;
        }
        if (d->n_errors == 0) {
                r = find_stack(g, &w, d);
                if (r < 0)
                        return r;
        }
        sandbox_check(m, d);
        if (d->n_errors == 0) {
                r = take_volumes(g, &w, d);
                if (r == 0 && w.stack)
                        r = worker_prepare(&w, &g->host, arena, d);
                if (r < 0)
                        return r;
        }
        if (d->out_of_memory)
                return -ENOMEM;

        if (d->n_errors > 0)
                return refuse(g, &w, d, has_target, tree);

        g->n_accepted++;
        if (!w.stack) /* a linter without the stack */
                return 0;
        if (!m->dry_run)
                strbuf_printf(&g->wants, "Wants=worker-%s.target\n", w.names.id);
        r = topology_add(&g->topology, &w);
        if (r < 0)
                return r;
        diagnostics_sort(d);
        return emit_worker(&w, d, tree);
}

/* --- one source ------------------------------------------------------------------------------ */

static int judge_documents(Generator *g, const Document *documents, Arena *arena, Diagnostics *all,
                UnitTree *tree) {
        for (const Document *i = documents; i; i = i->next) {
                CLEANUP(diagnostics_done) Diagnostics d = { .source = all->source };
                unsigned last = i->next ? i->next->line - 1 : UINT_MAX;
                diagnostics_move(&d, all, i == documents ? 0 : i->line, last);
                if (i->root && node_is_null(i->root) && !i->incomplete && d.n == 0)
                        continue; /* nothing between two separators, or behind the last */

                if (all->truncated) /* among those not told may be one of this document */
                        diagnose_error(&d, "E-LIMIT", ((Mark){ i->line, 1, 1 }),
                                        "too many problems in this file: correct those that are "
                                        "told first");
                int r = judge_document(g, i, arena, &d, tree);
                if (r < 0)
                        return r;
                diagnostics_move(all, &d, 0, UINT_MAX);
        }
        return 0;
}

int generator_add_source(Generator *g, const Source *source, UnitTree *tree) {
        CLEANUP(arena_done) Arena arena = { 0 };
        CLEANUP(diagnostics_done) Diagnostics d = { .source = source };
        Document *documents = NULL;

        int r = yaml_read(source, &arena, &d, &documents);
        if (r < 0)
                return r;

        if (documents)
                r = judge_documents(g, documents, &arena, &d, tree);
        else if (d.n_errors > 0) {
                g->n_refused++;
                r = append_unnamed(g, &d);
        }
        if (r < 0)
                return r;

        tell(g, &d);
        return d.out_of_memory ? -ENOMEM : 0;
}

static const char *explain_unreadable(int error) {
        switch (error) {
        case -EFBIG:
                return "larger than 1 MiB: a manifest is never that large; remove it or split it";
        case -EISDIR:
                return "a directory, not a file: rename or remove it";
        case -EBADFD:
                return "a FIFO, not a file: remove it";
        case -ENODEV:
                return "not a regular file: remove it";
        case -ENOENT:
                return "a symbolic link to a file that does not exist: mend or remove it";
        case -ELOOP:
                return "a symbolic link that leads to itself: mend or remove it";
        case -EACCES:
                return "can't be read: permission denied; check its mode";
        default:
                return NULL;
        }
}

int generator_add_unreadable(Generator *g, const char *path, int error, UnitTree *tree) {
        Source source = { .path = (char *) path, .text = (char *) "", .size = 0 };
        CLEANUP(diagnostics_done) Diagnostics d = { .source = &source };
        const char *why = explain_unreadable(error);

        (void) tree;
        if (error == -ENOMEM)
                return error;
        if (why)
                diagnose_error(&d, "E-FILE", (Mark){ 0 }, "%s", why);
        else
                diagnose_error(&d, "E-FILE", (Mark){ 0 }, "can't be read: %s", strerror(-error));
        g->n_refused++;
        int r = append_unnamed(g, &d);
        tell(g, &d);
        return r;
}

/* --- all workers ----------------------------------------------------------------------------- */

int generator_finish(Generator *g, UnitTree *tree) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        int r = topology_emit(&g->topology, &g->ids, g->sink, g->userdata, tree);
        if (r < 0)
                return r;
        if (g->unnamed.len > 0) {
                strbuf_append(&g->wants, "Wants=workers-refused.service\n");
                r = emit_unnamed(strbuf_string(&g->unnamed), tree);
                if (r < 0)
                        return r;
        }
        if (g->wants.len == 0)
                return strbuf_error(&g->wants);

        unit_comment(&b, "Generated by worker-generator: one line for each manifest");
        unit_section(&b, "Unit");
        strbuf_append(&b, strbuf_string(&g->wants));
        if (strbuf_error(&g->wants) < 0)
                return -ENOMEM;
        return unit_tree_add(tree, "workers.target.d/50-manifests.conf", 0644, &b);
}

static int add_file(Generator *g, int root_fd, const char *path, UnitTree *tree) {
        CLEANUP(source_done) Source source = { 0 };

        int r = source_read(&source, root_fd, path_below_root(path), path);
        return r < 0 ? generator_add_unreadable(g, path, r, tree)
                     : generator_add_source(g, &source, tree);
}

static int write_tree(const UnitTree *tree, int out_fd, int first, char **ret_path) {
        const char *path = NULL;

        int r = unit_tree_write(tree, out_fd, &path);
        if (r < 0 && first == 0 && path && ret_path)
                *ret_path = strdup(path);
        return first < 0 ? first : r;
}

int generator_run(Generator *g, int root_fd, int out_fd, char **ret_path) {
        CLEANUP(found_files_done) FoundFiles files = { 0 };
        CLEANUP(unit_tree_done) UnitTree last = { 0 };
        int first = 0;

        int r = search_manifests(root_fd, NULL, &files);
        if (r < 0)
                return r;

        for (size_t i = 0; i < files.n; i++) {
                /* written one by one, so that memory does not grow with the number of workers */
                CLEANUP(unit_tree_done) UnitTree tree = { 0 };
                r = add_file(g, root_fd, files.items[i].path, &tree);
                if (r < 0)
                        return r;
                first = write_tree(&tree, out_fd, first, ret_path);
        }

        r = generator_finish(g, &last);
        if (r < 0)
                return r;
        return write_tree(&last, out_fd, first, ret_path);
}
