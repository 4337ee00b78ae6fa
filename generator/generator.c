/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "generator.h"

#include <errno.h>
#include <limits.h>

#include "command.h"
#include "digest.h"
#include "emit.h"
#include "sandbox.h"
#include "unit-file.h"
#include "yaml-merge.h"

void generator_done(Generator *g) {
        for (size_t i = 0; i < g->n_stack_sources; i++)
                source_done(&g->stack_sources[i]);
        free(g->stack_sources);
        arena_done(&g->arena);
        arena_done(&g->stack_arena);
        registry_done(&g->ids);
        registry_done(&g->users);
        registry_done(&g->volumes);
        registry_done(&g->volume_users);
        topology_done(&g->topology);
        profiles_done(&g->profiles);
        filter_text_done(&g->filters);
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
        Place first;

        /* refused, but it has a name, and so a target, of its own */
        if (worker_names_make(&w->names, m->workspace, m->name) < 0)
                diagnose_error(d, "E-NAME", m->name_mark,
                                "'%s' has too many '-' for the name of a slice: each takes four "
                                "characters there; shorten it",
                                m->name);

        int r = registry_take(&g->ids, w->names.id, d->source->path, m->name_mark.line, &first);
        if (r == -EEXIST) {
                diagnose_error(d, "E-NAME-TAKEN", m->name_mark,
                                "worker '%s' exists already, in %s:%u: rename one of them, or mask "
                                "one file by a symlink to /dev/null",
                                m->name, first.path, first.line);
                return r;
        }
        if (r < 0)
                return r;

        /* without a digest a user's name is its worker's */
        if (!strchr(w->names.user, '_'))
                return 0;
        r = registry_take(&g->users, w->names.user, d->source->path, m->name_mark.line, &first);
        if (r == -EEXIST) {
                diagnose_error(d, "E-USER", m->name_mark,
                                "the user of worker '%s' would be that of the worker in %s:%u: "
                                "rename one of them, or give it 'runAsUser'",
                                m->name, first.path, first.line);
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
                Place first;

                strbuf_printf(&volume, "%s/%s", m->workspace, v->name);
                strbuf_printf(&with_user, "%s %s", strbuf_string(&volume), user);
                if (strbuf_error(&volume) < 0 || strbuf_error(&with_user) < 0)
                        return -ENOMEM;

                int r = registry_take(&g->volume_users, strbuf_string(&with_user), d->source->path,
                                v->mark.line, &first);
                if (r == -EEXIST)
                        continue;
                if (r == 0)
                        r = registry_take(&g->volumes, strbuf_string(&volume), d->source->path,
                                        v->mark.line, &first);
                if (r == -EEXIST)
                        diagnose_error(d, "E-VOLUMES", v->mark,
                                        "volume '%s' belongs to another user already, in %s:%u: "
                                        "give both workers the same 'runAsUser'",
                                        v->name, first.path, first.line);
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

/* All problems of a file are told in one run: those of the command, too, which need the stack, when
 * others have been found before. */
static int check_command(const Generator *g, const Manifest *m, Diagnostics *d) {
        Diagnostics missing = { .source = d->source };
        Worker w = { .manifest = m };

        if (!m->stack || !m->stack_spec || m->stack_spec_alias)
                return 0;
        w.stack = stack_find(&g->stacks, m->stack, m->stack_mark, &missing);
        if (w.stack)
                command_check(&w, d);
        int r = missing.out_of_memory ? -ENOMEM : 0;
        diagnostics_done(&missing);
        return r;
}

static int append_unnamed(Generator *g, const Diagnostics *d) {
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].severity == SEVERITY_ERROR)
                        diagnostic_print(d, &d->items[i], 0, &g->unnamed);
        return strbuf_error(&g->unnamed);
}

static int refuse(Generator *g, const Worker *w, Diagnostics *d, bool has_target, UnitTree *tree) {
        diagnostics_sort(d);
        g->n_refused++;
        if (!has_target)
                return append_unnamed(g, d);

        strbuf_append_all(&g->wants, "Wants=worker-", w->names.id, ".target\n", NULL);
        return emit_refused(w->names.id, d, tree);
}

static int judge_document(Generator *g, const Document *document, Arena *arena, Diagnostics *d,
                UnitTree *tree) {
        Manifest *m = NULL;

        int r = manifest_read(d->source, document, arena, d, &m);
        if (r < 0)
                return r;

        Worker w = { .manifest = m,
                .systemd_version = g->systemd_version,
                .filters = &g->filters,
                .digest = g->digest };
        bool has_target = false;
        if (m->name && m->workspace) {
                r = take_names(g, &w, d);
                if (r < 0 && r != -EEXIST)
                        return r;
                has_target = r == 0;
        }
        r = d->n_errors == 0 ? find_stack(g, &w, d) : check_command(g, m, d);
        if (r < 0)
                return r;
        sandbox_check(m, g->systemd_version, d);
        if (d->n_errors == 0) {
                r = take_volumes(g, &w, d);
                if (r == 0 && w.stack)
                        r = worker_prepare(&w, &g->profiles, &g->host, arena, d);
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
                strbuf_append_all(&g->wants, "Wants=worker-", w.names.id, ".target\n", NULL);
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

/* What is not a mapping has nothing to merge. */
static bool can_merge(const Document *i) {
        return i && i->root && i->root->kind == NODE_MAPPING && !i->incomplete;
}

static int merge_drop_in(const Source *drop_in, Document *base, Arena *arena, Diagnostics *d) {
        Document *documents = NULL;

        int r = yaml_read(drop_in, arena, d, &documents);
        if (r < 0)
                return r;
        if (!documents || documents->incomplete || node_is_null(documents->root))
                return 0; /* told already, or empty */
        if (documents->next || !can_merge(documents))
                diagnose_error(d, "E-DROP-IN",
                                (Mark){ .source = drop_in, .line = 1, .column = 1, .length = 1 },
                                "a drop-in is one mapping of the attributes that it changes");
        else if (base->next || !can_merge(base))
                diagnose_error(d, "E-DROP-IN",
                                (Mark){ .source = drop_in, .line = 1, .column = 1, .length = 1 },
                                "a drop-in changes a file with one manifest, and '%s' has several "
                                "or none: split that file",
                                d->source->path);
        else
                yaml_merge(base->root, documents->root);
        return 0;
}

/* The NUL behind each text keeps them apart. */
static uint64_t digest_of(const Source *source, const Source *drop_ins, size_t n_drop_ins) {
        uint64_t digest = digest_add(DIGEST_OF_NOTHING, source->text, source->size + 1);

        for (size_t i = 0; i < n_drop_ins; i++)
                digest = digest_add(digest, drop_ins[i].text, drop_ins[i].size + 1);
        return digest;
}

int generator_add_source(Generator *g, const Source *source, const Source *drop_ins,
                size_t n_drop_ins, UnitTree *tree) {
        CLEANUP(diagnostics_done) Diagnostics d = { .source = source };
        Document *documents = NULL;

        arena_reset(&g->arena);
        g->digest = digest_of(source, drop_ins, n_drop_ins);
        int r = yaml_read(source, &g->arena, &d, &documents);
        for (size_t i = 0; r == 0 && documents && i < n_drop_ins; i++)
                r = merge_drop_in(&drop_ins[i], documents, &g->arena, &d);
        if (r < 0)
                return r;

        if (documents)
                r = judge_documents(g, documents, &g->arena, &d, tree);
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
        return d.out_of_memory ? -ENOMEM : r;
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

        unit_comment(&b, "Generated by worker-generator: one line for each manifest", NULL);
        unit_section(&b, "Unit");
        strbuf_append(&b, strbuf_string(&g->wants));
        if (strbuf_error(&g->wants) < 0)
                return -ENOMEM;
        return unit_tree_add(tree, "workers.target.d/50-manifests.conf", 0644, &b);
}

void sources_done(Source **sources) {
        for (Source *s = *sources; s && s->path; s++)
                source_done(s);
        free(*sources);
}

int generator_read_drop_ins(Generator *g, int root_fd, const FoundFiles *manifests,
                const char *name, Source **ret, size_t *ret_n, UnitTree *tree) {
        CLEANUP(found_files_done) FoundFiles files = { 0 };
        CLEANUP(sources_done) Source *sources = NULL;
        size_t n = 0;

        int r = search_drop_ins(root_fd, manifests, name, &files);
        if (r < 0 || files.n == 0)
                return r;

        sources = calloc(files.n + 1, sizeof(Source));
        if (!sources)
                return -ENOMEM;
        for (size_t i = 0; i < files.n; i++) {
                const char *path = files.items[i].path;
                r = source_read(&sources[n], root_fd, path_below_root(path), path);
                if (r < 0)
                        r = generator_add_unreadable(g, path, r, tree);
                else
                        n++;
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(sources);
        *ret_n = n;
        return 0;
}

static int add_file(Generator *g, int root_fd, const FoundFiles *files, const FoundFile *file,
                UnitTree *tree) {
        CLEANUP(source_done) Source source = { 0 };
        CLEANUP(sources_done) Source *drop_ins = NULL;
        size_t n = 0;

        int r = source_read(&source, root_fd, path_below_root(file->path), file->path);
        if (r < 0)
                return generator_add_unreadable(g, file->path, r, tree);
        if (source.size == 0)
                return 0; /* an empty file masks */

        if (files->n_drop_ins > 0)
                r = generator_read_drop_ins(g, root_fd, files, file->name, &drop_ins, &n, tree);
        return r < 0 ? r : generator_add_source(g, &source, drop_ins, n, tree);
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
                r = add_file(g, root_fd, &files, &files.items[i], &tree);
                if (r < 0)
                        return r;
                first = write_tree(&tree, out_fd, first, ret_path);
        }

        r = generator_finish(g, &last);
        if (r < 0)
                return r;
        return write_tree(&last, out_fd, first, ret_path);
}
