/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-name.h"

#include <errno.h>

#include "number.h"

static bool is_lower(char c) {
        return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool is_label(const char *s, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!is_lower(s[i]) && !is_digit(s[i]) && s[i] != '-')
                        return false;
        return n > 0 && s[n - 1] != '-';
}

bool worker_name_is_valid(const char *s) {
        size_t n = strlen(s);
        return n >= 2 && n <= WORKER_NAME_MAX && s[0] != '-' && is_label(s, n);
}

bool workspace_is_valid(const char *s) {
        size_t n = strlen(s);
        return n >= 1 && n <= WORKSPACE_MAX && is_lower(s[0]) && is_label(s, n);
}

/* What stands between prefix and suffix, copied to id, which holds UNIT_NAME_MAX + 1 characters. */
static int take_middle(const char *unit, const char *prefix, const char *suffix, char *id) {
        size_t n = strlen(unit), p = strlen(prefix), s = strlen(suffix);

        if (n > UNIT_NAME_MAX || n <= p + s || !startswith(unit, prefix) || !endswith(unit, suffix))
                return -EINVAL;

        memcpy(id, unit + p, n - p - s);
        id[n - p - s] = '\0';
        return 0;
}

int parse_instance_unit(const char *unit, char *id, unsigned *ret_number) {
        int r = take_middle(unit, "worker-", ".service", id);
        if (r < 0)
                return r;

        char *at = strchr(id, '@');
        if (!at || at == id || at[1] == '0')
                return -EINVAL;
        if (parse_unsigned(at + 1, ret_number) < 0)
                return -EINVAL;

        *at = '\0';
        return 0;
}

int parse_backlog_unit(const char *unit, char *id) {
        int r = take_middle(unit, "worker-", "-backlog.service", id);
        return r < 0 ? r : strchr(id, '@') ? -EINVAL : 0;
}

int parse_target_unit(const char *unit, char *id) {
        int r = take_middle(unit, "worker-", ".target", id);
        return r < 0 ? r : strchr(id, '@') ? -EINVAL : 0;
}
