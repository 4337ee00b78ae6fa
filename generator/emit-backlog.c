/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emit-parts.h"
#include "sandbox.h"
#include "text.h"
#include "unit-file.h"

/* worker-ID-backlog.service: the plugin that sees the queue of a worker. */

enum { PATHS_MAX = 16 };

/* Settings that name what is made anew now and then: it is bound by its parent, as a bind would go
 * on showing the old one. */
static const char *const renewed_settings[] = { "directory", "socket" };

/* Plugins that come with this project. */
static const char *const own_plugins[] = { "exec", "redis", "spool" };

/* Plugins that look at the host's files only. */
static const char *const local_plugins[] = { "spool" };

static bool is_one_of(const char *s, const char *const *list, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (STREQ(list[i], s))
                        return true;
        return false;
}

static bool is_renewed(const Item *i) {
        return is_one_of(i->name, renewed_settings, ARRAY_SIZE(renewed_settings));
}

/* The directory that path is in; path itself where that is "/". */
static size_t parent_length(const char *path, size_t n) {
        while (n > 1 && path[n - 1] == '/')
                n--;
        size_t slash = n;
        while (slash > 0 && path[slash - 1] != '/')
                slash--;
        return slash > 1 ? slash - 1 : n;
}

/* How much of a setting is a path of the host to bind: 0 when it is none, or there already. */
static size_t bound_length(const Item *i) {
        if (i->text[0] != '/' || !path_is_plain(i->text) || strchr(i->text, ' ')
                        || startswith(i->text, "/usr/"))
                return 0;
        return is_renewed(i) ? parent_length(i->text, strlen(i->text)) : strlen(i->text);
}

static void emit_mounts(const Scaling *s, StrBuf *b) {
        for (const Item *i = s->backlog_settings.first; i; i = i->next)
                if (is_renewed(i) && bound_length(i) > 0) {
                        strbuf_append(b, "RequiresMountsFor=");
                        unit_word(b, i->text);
                        strbuf_append_char(b, '\n');
                }
}

/* What a plugin is told to look at, it must see. */
static void emit_sandbox(const Worker *w, StrBuf *b) {
        const Scaling *s = &w->manifest->scaling;
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        size_t offsets[PATHS_MAX], n = 0;
        const char *paths[PATHS_MAX];

        for (const Item *i = s->backlog_settings.first; i && n < PATHS_MAX; i = i->next) {
                size_t length = bound_length(i);
                if (length == 0)
                        continue;
                offsets[n++] = text.len;
                strbuf_append_n(&text, i->text, length);
                strbuf_append_n(&text, "", 1);
        }
        for (size_t i = 0; i < n; i++)
                paths[i] = strbuf_string(&text) + (strbuf_error(&text) < 0 ? 0 : offsets[i]);
        strbuf_inherit(b, &text);
        sandbox_emit_plugin(w,
                        !is_one_of(s->backlog_plugin, local_plugins, ARRAY_SIZE(local_plugins)),
                        paths, n, b);
}

static void emit_command_line(const Scaling *s, StrBuf *b) {
        strbuf_append(b, "ExecStart=");
        CLEANUP(strbuf_done) StrBuf word = { 0 };
        strbuf_append_all(&word, WORKERSDIR "/plugins/", s->backlog_plugin, NULL);
        unit_command_word(b, strbuf_string(&word));
        for (const Item *i = s->backlog_settings.first; i; i = i->next) {
                strbuf_clear(&word);
                strbuf_append_all(&word, "--", i->name, "=", i->text, NULL);
                strbuf_append_char(b, ' ');
                unit_command_word(b, strbuf_string(&word));
        }
        strbuf_inherit(b, &word);
        strbuf_append_char(b, '\n');
}

int emit_backlog(const Worker *w, UnitTree *tree) {
        CLEANUP(strbuf_done) StrBuf b = { 0 }, path = { 0 }, description = { 0 };
        const Manifest *m = w->manifest;
        const Scaling *s = &m->scaling;

        if (!s->given || !s->backlog_plugin)
                return 0;

        emit_header(m, &b);
        unit_section(&b, "Unit");
        strbuf_append_all(&description, "Backlog of worker ", w->names.id, " (", s->backlog_plugin,
                        ")", NULL);
        unit_text(&b, "Description", strbuf_string(&description));
        unit_source_path(&b, m->source->path);
        unit_set_all(&b, "PartOf", "worker-", w->names.id, ".target");
        unit_set(&b, "After", "network.target worker-scaler.socket");
        emit_mounts(s, &b);
        unit_set(&b, "StartLimitIntervalSec", "0");
        unit_section(&b, "Service");
        unit_set(&b, "Type", "notify");
        if (!is_one_of(s->backlog_plugin, own_plugins, ARRAY_SIZE(own_plugins)))
                unit_set(&b, "NotifyAccess", "all"); /* it may be a script, and notify by a child */
        emit_command_line(s, &b);
        emit_restart(w, &b);
        unit_set(&b, "Slice", "workers.slice");
        unit_set(&b, "DynamicUser", "yes");
        if (m->run_as_user) /* the account that the queue belongs to */
                unit_set(&b, "User", m->run_as_user);
        unit_environment(&b, "WORKERS_REPORT_SOCKET", REPORT_SOCKET);
        emit_sandbox(w, &b);

        strbuf_append_all(&path, "worker-", w->names.id, "-backlog.service", NULL);
        strbuf_inherit(&b, &path);
        strbuf_inherit(&b, &description);
        return unit_tree_add(tree, strbuf_string(&path), 0644, &b);
}
