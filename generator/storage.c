/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage.h"

#include "emit-parts.h"
#include "unit-file.h"

/* A volume is a state directory, which systemd makes for the worker's user, shown at the place that
 * the manifest names. */

#define VOLUMES   "workers/volumes"
#define TEMPORARY "/var/dataos/temp_data"
#define RELATIVE  "/var/dataos/persistent_data/"

static void append_target(const Volume *v, StrBuf *b) {
        strbuf_printf(b, "%s%s", v->directory[0] == '/' ? "" : RELATIVE, v->directory);
        while (b->len > 1 && b->data[b->len - 1] == '/')
                b->data[--b->len] = '\0';
}

/* No place below a volume may be executed, neither where it is kept nor where it is shown. */
static void emit_no_exec(const char *path, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf word = { 0 };
        strbuf_printf(&word, "+%s", path);
        strbuf_inherit(b, &word);
        strbuf_append(b, "NoExecPaths=");
        unit_word(b, strbuf_string(&word));
        strbuf_append_char(b, '\n');
}

/* Why: exec/volume.h. With all privileges, but in the instance's file system. */
static void emit_claims(const Worker *w, StrBuf *b) {
        strbuf_append(b, "ExecStartPre=+");
        unit_command_word(b, launcher_path(w));
        for (const Volume *v = w->manifest->volumes; v; v = v->next) {
                CLEANUP(strbuf_done) StrBuf option = { 0 };
                if (v->read_only)
                        continue;
                strbuf_append(&option, "--claim=");
                append_target(v, &option);
                strbuf_inherit(b, &option);
                strbuf_append_char(b, ' ');
                unit_command_word(b, strbuf_string(&option));
        }
        strbuf_append_char(b, '\n');
}

static void emit_volume(const Manifest *m, const Volume *v, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf state = { 0 }, source = { 0 }, target = { 0 };
        const char *below = v->sub_path ? v->sub_path + strspn(v->sub_path, "/") : "";

        strbuf_printf(&state, VOLUMES "/%s/%s", m->workspace, v->name);
        if (*below) /* made with the volume, so that there is something to show */
                strbuf_printf(&state, "/%s", below);
        strbuf_append(b, "StateDirectory=");
        unit_word(b, strbuf_string(&state));
        strbuf_append_char(b, '\n');

        strbuf_printf(&source, "/var/lib/%s", strbuf_string(&state));
        append_target(v, &target);
        strbuf_inherit(b, &state);
        strbuf_inherit(b, &source);
        strbuf_inherit(b, &target);
        /* each side in quotes of its own: ':' does not separate inside of them */
        strbuf_printf(b, "%s=", v->read_only ? "BindReadOnlyPaths" : "BindPaths");
        unit_word(b, strbuf_string(&source));
        strbuf_append_char(b, ':');
        unit_word(b, strbuf_string(&target));
        strbuf_append_char(b, '\n');
        emit_no_exec(strbuf_string(&source), b);
        emit_no_exec(strbuf_string(&target), b);
}

void storage_emit(const Worker *w, StrBuf *b) {
        for (const Volume *v = w->manifest->volumes; v; v = v->next)
                emit_volume(w->manifest, v, b);
        if (w->claims)
                emit_claims(w, b);
        if (w->manifest->temp_volume)
                unit_set(b, "TemporaryFileSystem", TEMPORARY ":mode=1777,nosuid,nodev,noexec");
}
