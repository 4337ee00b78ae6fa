/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox-view.h"

#include <errno.h>
#include <strings.h>

#include "sandbox-tables.h"
#include "unit-section.h"

typedef struct Adding {
        SandboxView *view;
        const char *path;
        bool drop_in;
} Adding;

static int add_setting(const char *key, const char *value, unsigned line, void *userdata) {
        const Adding *a = userdata;
        SandboxView *v = a->view;
        Setting *s = arena_new(v->arena, Setting);

        if (!s)
                return -ENOMEM;
        *s = (Setting){
                .key = arena_strdup(v->arena, key),
                .value = arena_strdup(v->arena, value),
                .path = a->path,
                .line = line,
                .drop_in = a->drop_in,
        };
        if (!s->key || !s->value)
                return -ENOMEM;
        if (v->last_setting)
                v->last_setting->next = s;
        else
                v->settings = s;
        v->last_setting = s;
        return 0;
}

static int take_stack(const char *key, const char *value, unsigned line, void *userdata) {
        SandboxView *v = userdata;

        (void) line;
        if (!STREQ(key, "Stack"))
                return 0;
        v->stack = arena_strdup(v->arena, value);
        return v->stack ? 0 : -ENOMEM;
}

/* --- the comments that the generator leaves --------------------------------------------------- */

static int add_remark(SandboxView *v, const char *text, size_t n, bool tightened) {
        Remark *r = arena_new(v->arena, Remark);

        if (!r)
                return -ENOMEM;
        *r = (Remark){ .text = arena_strndup(v->arena, text, n), .tightened = tightened };
        if (!r->text)
                return -ENOMEM;
        if (v->last_remark)
                v->last_remark->next = r;
        else
                v->remarks = r;
        v->last_remark = r;
        return 0;
}

static int add_remarks(SandboxView *v, const char *text) {
        static const char relaxed[] = "# relaxed: ", tightened[] = "# tightened: ";
        int r = 0;

        for (const char *line = text; r == 0 && *line;) {
                size_t n = strcspn(line, "\n");
                if (startswith(line, relaxed))
                        r = add_remark(v, line + strlen(relaxed), n - strlen(relaxed), false);
                else if (startswith(line, tightened))
                        r = add_remark(v, line + strlen(tightened), n - strlen(tightened), true);
                line += n + (line[n] ? 1 : 0);
        }
        return r;
}

int sandbox_view_add(SandboxView *v, const char *path, const char *text, bool drop_in) {
        Adding a = { .view = v, .path = arena_strdup(v->arena, path), .drop_in = drop_in };

        if (!a.path)
                return -ENOMEM;
        int r = unit_section_parse(text, "Service", add_setting, &a);
        if (r >= 0)
                r = unit_section_parse(text, "X-Worker", take_stack, v);
        return r < 0 ? r : add_remarks(v, text);
}

/* --- what it adds up to ----------------------------------------------------------------------- */

void sandbox_view_finish(SandboxView *v, const SyscallGroups *groups) {
        const char *command = sandbox_view_value(v, "ExecStart");
        const char *end = strstr(command, " -- ");

        for (const Setting *s = v->settings; s; s = s->next)
                if (STREQ(s->key, "SystemCallFilter"))
                        syscall_filter_add(&v->filter, groups, s->value, NULL, NULL);
        /* options of the launcher, and not words of the program */
        const char *launcher = strstr(command, "worker-exec\""), *landlock, *streams;
        if (!launcher || !end || launcher > end)
                return;
        landlock = strstr(launcher, " --landlock");
        streams = strstr(launcher, " --filter=");
        v->landlock = landlock && landlock < end;
        v->streams = streams && streams < end;
}

const char *sandbox_view_value(const SandboxView *v, const char *key) {
        const char *value = "";

        for (const Setting *s = v->settings; s; s = s->next)
                if (STREQ(s->key, key))
                        value = s->value;
        return value;
}

bool sandbox_view_is_on(const SandboxView *v, const char *key) {
        static const char *const words[] = { "1", "yes", "y", "true", "t", "on" };
        const char *value = sandbox_view_value(v, key);

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcasecmp(value, words[i]) == 0)
                        return true;
        return false;
}

void sandbox_view_words(const SandboxView *v, const char *key, StrBuf *ret) {
        size_t begin = ret->len;

        for (const Setting *s = v->settings; s; s = s->next) {
                if (!STREQ(s->key, key))
                        continue;
                if (*s->value == '\0')
                        strbuf_truncate(ret, begin);
                else
                        strbuf_append_all(ret, ret->len > begin ? " " : "", s->value, NULL);
        }
}

bool sandbox_view_allows(const SandboxView *v, const char *syscall) {
        return syscall_filter_allows(&v->filter, seccomp_syscall_resolve_name(syscall));
}

static bool is_in(const Directive *table, size_t n, const char *key) {
        for (size_t i = 0; i < n; i++)
                if (STREQ(table[i].name, key))
                        return true;
        return false;
}

bool is_sandbox_directive(const char *key) {
        static const char *const others[] = { "BindPaths", "DeviceAllow", "DynamicUser",
                "ExecStart", "Group", "IPAddressAllow", "IPAddressDeny", "ProtectHome",
                "ReadWritePaths", "RootDirectory", "RootImage", "SocketBindAllow",
                "SupplementaryGroups", "SystemCallFilter", "User" };

        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (STREQ(others[i], key))
                        return true;
        return is_in(directives, directives_size, key)
               || is_in(private_root_directives, private_root_directives_size, key)
               || is_in(file_system_directives, file_system_directives_size, key);
}
