/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emit-parts.h"

#include <inttypes.h>

#include "quantity.h"
#include "sandbox.h"
#include "unit-file.h"

bool is_documentation(const char *s) {
        static const char *const schemes[] = { "http://", "https://", "file:/", "info:", "man:" };

        for (const char *p = s; *p; p++)
                if (*p <= ' ' || *p > '~' || strchr("\"'\\", *p))
                        return false;
        for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
                if (startswith(s, schemes[i]))
                        return s[strlen(schemes[i])] != '\0';
        return false;
}

/* Names of instances leave room for "_4096". */
enum { INSTANCE_SUFFIX_MAX = 5 };

void append_user(const Worker *w, StrBuf *b) {
        char stem[USER_NAME_MAX + 1];

        if (!has_user_per_instance(w->manifest)) {
                strbuf_append(b, w->manifest->run_as_user ?: w->names.user);
                return;
        }
        worker_user_name(w->names.id, USER_NAME_MAX - INSTANCE_SUFFIX_MAX, stem);
        /* '_', which no id holds: "worker-x-1" would be the user of the worker "x-1", too */
        strbuf_append_all(b, stem, "_%i", NULL);
}

/* --- environment ----------------------------------------------------------------------------- */

static void join_list(const List *l, StrBuf *b) {
        const size_t begin = b->len;

        for (const Item *i = l->first; i; i = i->next)
                strbuf_append_all(b, b->len > begin ? "," : "", i->text, NULL);
}

static void emit_list(const List *l, StrBuf *b) {
        for (const Item *i = l->first; i; i = i->next)
                unit_environment(b, i->name, i->text);
}

void emit_environment(const Worker *w, StrBuf *b) {
        const Manifest *m = w->manifest;
        CLEANUP(strbuf_done) StrBuf tags = { 0 }, resource = { 0 };

        join_list(&m->tags, &tags);
        strbuf_append_all(&resource, "worker:", m->version, ":", m->name, ":", m->workspace, NULL);

        strbuf_inherit(b, &tags);
        strbuf_inherit(b, &resource);

        if (sandbox_is_streams_only(m)) /* resolv.conf(5): names are asked for by TCP, too */
                unit_environment(b, "RES_OPTIONS", "use-vc");
        emit_list(&w->stack->environment, b);
        unit_environment(b, "WORKERS_REPORT_SOCKET", REPORT_SOCKET);
        unit_environment(b, "RUNNABLE_TYPE", "worker");
        unit_environment(b, "DATAOS_TYPE", "worker");
        unit_environment(b, "DATAOS_NAME", m->name);
        unit_environment(b, "DATAOS_WORKSPACE", m->workspace);
        unit_environment(b, "DATAOS_RESOURCE_ID", strbuf_string(&resource));
        unit_environment(b, "DATAOS_TAGS", strbuf_string(&tags));
        unit_environment(b, "DATAOS_DESCRIPTION", m->description ?: m->name);
        unit_environment(b, "DATAOS_LOG_LEVEL", m->log_level);
        unit_environment(b, "LOG_LEVEL", m->log_level);
        unit_environment(b, "DATAOS_IS_DRY_RUN", m->dry_run ? "true" : "false");
        strbuf_append(b, "Environment=DATAOS_RUN_AS_USER=");
        append_user(w, b);
        strbuf_append_char(b, '\n');
        /* specifiers, so not through unit_environment(): systemd.unit(5) */
        unit_set(b, "Environment", "DATAOS_STAMP=-%i DATAOS_CONFIG_DIR=%d DATAOS_SECRET_DIR=%d");
        unit_environment(b, "DATAOS_TEMP_DIR", "/var/dataos/temp_data");
        emit_list(&m->envs, b);
}

/* --- resources ------------------------------------------------------------------------------- */

void unit_percentage(StrBuf *b, const char *key, uint64_t millicores) {
        strbuf_append_all(b, key, "=", NULL);
        strbuf_append_u64(b, millicores / 10);
        if (millicores % 10 != 0) {
                strbuf_append_char(b, '.');
                strbuf_append_u64(b, millicores % 10);
        }
        strbuf_append(b, "%\n");
}

void emit_resources(const Worker *w, StrBuf *b) {
        const Resources *r = &w->manifest->resources;

        if (w->systemd_version <= 257) /* is always on with cgroup v2; 262 warns of the setting */
                unit_set(b, "CPUAccounting", "yes");
        unit_set(b, "MemoryAccounting", "yes");
        if (r->cpu_request.given)
                unit_set_number(b, "CPUWeight", cpu_weight(r->cpu_request.value));
        if (r->cpu_limit.given)
                unit_percentage(b, "CPUQuota", r->cpu_limit.value);
        if (r->memory_request.given)
                unit_set_number(b, "MemoryLow", r->memory_request.value);
        if (r->memory_limit.given) {
                unit_set_number(b, "MemoryMax", r->memory_limit.value);
                unit_set(b, "OOMPolicy", "stop");
        }
}

/* --- log, informational ---------------------------------------------------------------------- */

/* The least severe message that is kept. Lines without a <N> prefix count as info: a stricter
 * filter would drop all of them. systemd.exec(5), LogLevelMax= */
static const char *log_level_max(const Worker *w) {
        const char *level = w->manifest->log_level;

        if (STREQ(level, "DEBUG"))
                return "debug";
        if (w->stack->log_prefix && STREQ(level, "WARNING"))
                return "warning";
        if (w->stack->log_prefix && STREQ(level, "ERROR"))
                return "err";
        return "info";
}

void emit_log_fields(const Worker *w, StrBuf *b) {
        const Manifest *m = w->manifest;
        CLEANUP(strbuf_done) StrBuf field = { 0 };

        unit_set(b, "LogLevelMax", log_level_max(w));
        strbuf_append_all(&field, "WORKER=", w->names.id, NULL);
        strbuf_append(b, "LogExtraFields=");
        unit_word(b, strbuf_string(&field));
        if (m->tags.n > 0) {
                strbuf_clear(&field);
                strbuf_append(&field, "WORKER_TAGS=");
                join_list(&m->tags, &field);
                strbuf_append_char(b, ' ');
                unit_word(b, strbuf_string(&field));
        }
        strbuf_inherit(b, &field);
        strbuf_append_char(b, '\n');
}

/* The container image that the stack has elsewhere, as container tools write its name. */
static void emit_image(const List *parts, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf image = { 0 };

        for (const Item *i = parts->first; i; i = i->next)
                strbuf_append_all(&image,
                                i == parts->first       ? ""
                                : STREQ(i->name, "tag") ? ":"
                                                        : "/",
                                i->text, NULL);
        strbuf_inherit(b, &image);
        if (image.len > 0)
                unit_text(b, "Image", strbuf_string(&image));
}

/* A step of the data flow in one line, as nothing on a host depends on it. */
static void emit_step(const Step *s, StrBuf *b) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        strbuf_append(&text, s->name ? s->name : "-");
        if (s->type)
                strbuf_append_all(&text, " type=", s->type, NULL);
        if (s->dependencies.n > 0) {
                strbuf_append(&text, " dependencies=");
                join_list(&s->dependencies, &text);
        }
        for (const Item *i = s->properties.first; i; i = i->next)
                strbuf_append_all(&text, " ", i->name, "=", i->text, NULL);
        strbuf_inherit(b, &text);
        unit_text(b, "Topology", strbuf_string(&text));
}

void emit_worker_section(const Worker *w, StrBuf *b) {
        const Manifest *m = w->manifest;

        unit_section(b, "X-Worker");
        unit_set(b, "Version", m->version);
        unit_setf(b, "Digest", "%016" PRIx64, w->digest);
        unit_set_all(b, "Stack", w->stack->name, w->stack->flavor ? "+" : "",
                        w->stack->flavor ? w->stack->flavor : "", ":", w->stack->version);
        emit_image(&w->stack->image, b);
        unit_set(b, "Layer", m->layer);
        if (m->owner)
                unit_text(b, "Owner", m->owner);
        if (m->tags.n > 0) {
                CLEANUP(strbuf_done) StrBuf tags = { 0 };
                join_list(&m->tags, &tags);
                strbuf_inherit(b, &tags);
                unit_text(b, "Tags", strbuf_string(&tags));
        }
        if (m->ha.given)
                unit_set_all(b, "HighAvailability", m->ha.level ? m->ha.level : "hostname", " ",
                                m->ha.mode ? m->ha.mode : "preferred");
        if (m->execution_mode)
                unit_text(b, "ExecutionMode", m->execution_mode);
        if (m->temp_volume)
                unit_text(b, "TempVolume", m->temp_volume);
        for (const Step *s = m->topology; s; s = s->next)
                emit_step(s, b);
}
