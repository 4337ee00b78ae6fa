/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include "number.h"

static const Option *find_option(const Option *table, size_t n, const char *name, size_t len) {
        for (size_t i = 0; i < n; i++)
                if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0)
                        return &table[i];
        return NULL;
}

/* The words of parse_boolean() in systemd */
static int parse_bool(const char *s, bool *ret) {
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off" };

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                if (strcasecmp(s, yes[i]) == 0)
                        *ret = true;
                else if (strcasecmp(s, no[i]) == 0)
                        *ret = false;
                else
                        continue;
                return 0;
        }
        return -EINVAL;
}

static int check_range(const Option *o, uint64_t value) {
        return value < o->min || (o->max > 0 && value > o->max) ? -ERANGE : 0;
}

static int set_integer(const Option *o, const char *value) {
        uint64_t number;
        int r = parse_u64(value, &number);
        if (r >= 0)
                r = check_range(o, number);
        if (r >= 0)
                *o->integer = number;
        return r;
}

static int set_timespan(const Option *o, const char *value) {
        usec_t span;
        int r = parse_timespan(value, &span);
        if (r >= 0)
                r = check_range(o, span);
        if (r >= 0)
                *o->timespan = span;
        return r;
}

static int set_value(const Option *o, const char *value) {
        switch (o->type) {
        case OPTION_STRINGS:
                if (o->strings->n >= OPTION_VALUES_MAX)
                        return -E2BIG;
                o->strings->items[o->strings->n++] = value;
                return 0;
        case OPTION_PATH:
                if (value[0] != '/')
                        return -EINVAL;
                *o->string = value;
                return 0;
        case OPTION_INTEGER:
                return set_integer(o, value);
        case OPTION_TIMESPAN:
                return set_timespan(o, value);
        case OPTION_BOOL:
                return parse_bool(value, o->boolean);
        case OPTION_STRING:
                *o->string = value;
                return 0;
        }
        return -EINVAL;
}

static void describe_range(const Option *o, StrBuf *message) {
        char min[TIMESPAN_MAX], max[TIMESPAN_MAX];

        if (o->type == OPTION_TIMESPAN)
                strbuf_printf(message, "from %s to %s", format_timespan(min, sizeof(min), o->min),
                                format_timespan(max, sizeof(max), o->max ?: USEC_INFINITY));
        else
                strbuf_printf(message, "from %" PRIu64 " to %" PRIu64, o->min,
                                o->max ?: UINT64_MAX);
}

static void describe_bad_value(const Option *o, const char *value, int error, StrBuf *message) {
        static const char *const wanted[] = {
                [OPTION_STRING] = "a text",
                [OPTION_STRINGS] = "a text",
                [OPTION_PATH] = "an absolute path",
                [OPTION_INTEGER] = "a whole number",
                [OPTION_TIMESPAN] = "a time span such as 5s or 1min 30s",
                [OPTION_BOOL] = "yes or no",
        };

        if (error == -E2BIG) {
                strbuf_printf(message, "'--%s=' is given too often, at most %d times are possible",
                                o->name, OPTION_VALUES_MAX);
                return;
        }
        strbuf_printf(message, "'%s' can't be used for '--%s=', give %s", value, o->name,
                        wanted[o->type]);
        if (error == -ERANGE) {
                strbuf_append_char(message, ' ');
                describe_range(o, message);
        }
}

static void describe_unknown(const Option *table, size_t n, const char *argument, StrBuf *message) {
        strbuf_printf(message, "unknown option '%.*s', known are", (int) strcspn(argument, "="),
                        argument);
        for (size_t i = 0; i < n; i++)
                strbuf_printf(message, "%s --%s=", i > 0 ? "," : "", table[i].name);
}

/* Reads one argument; *given collects a bit for each row that was met. */
static int parse_argument(const Option *table, size_t n, const char *argument, uint64_t *given,
                StrBuf *message) {
        if (!startswith(argument, "--")) {
                strbuf_printf(message, "'%s' is no option, write --KEY=VALUE", argument);
                return -EINVAL;
        }

        size_t len = strcspn(argument + 2, "=");
        const Option *o = find_option(table, n, argument + 2, len);
        if (!o) {
                describe_unknown(table, n, argument, message);
                return -EINVAL;
        }

        const char *value = argument + 2 + len;
        if (*value == '\0' || *++value == '\0') {
                strbuf_printf(message, "'--%s' needs a value, write --%s=%s", o->name, o->name,
                                o->value);
                return -EINVAL;
        }

        uint64_t bit = UINT64_C(1) << (o - table);
        if ((*given & bit) && o->type != OPTION_STRINGS) {
                strbuf_printf(message, "'--%s=' is given twice, keep one", o->name);
                return -EINVAL;
        }
        *given |= bit;

        int r = set_value(o, value);
        if (r < 0) {
                describe_bad_value(o, value, r, message);
                return -EINVAL;
        }
        return 0;
}

int options_parse(const Option *table, size_t n, int argc, char **argv, StrBuf *message) {
        uint64_t given = 0;

        for (int i = 1; i < argc; i++) {
                if (STREQ(argv[i], "--help"))
                        return OPTIONS_HELP;
                if (STREQ(argv[i], "--version"))
                        return OPTIONS_VERSION;

                int r = parse_argument(table, n, argv[i], &given, message);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < n; i++)
                if (table[i].required && !(given & UINT64_C(1) << i)) {
                        strbuf_printf(message, "'--%s=%s' is missing, it says %s", table[i].name,
                                        table[i].value, table[i].help);
                        return -EINVAL;
                }
        return OPTIONS_OK;
}

void options_help(const Option *table, size_t n, StrBuf *text) {
        enum { HELP_COLUMN = 24 };

        for (size_t i = 0; i < n; i++) {
                size_t begin = text->len;
                strbuf_printf(text, "  --%s=%s", table[i].name, table[i].value);
                int width = text->len > begin ? (int) (text->len - begin) : 0;
                strbuf_printf(text, "%*s%s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "",
                                table[i].help, table[i].required ? " (required)" : "");
        }
        strbuf_printf(text, "  %-22s%s\n", "--help", "this text");
        strbuf_printf(text, "  %-22s%s\n", "--version", "the version");
}
