/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"
#include "strbuf.h"
#include "timespan.h"

/* The arguments of a backlog plugin: --KEY=VALUE, each a row of a table. A list in the manifest
 * comes as the same key several times. Pure: prints nothing, ends nothing. */

enum { OPTION_VALUES_MAX = 64 };

typedef enum OptionType {
        OPTION_STRING,
        OPTION_STRINGS, /* may be repeated */
        OPTION_PATH,    /* absolute */
        OPTION_INTEGER,
        OPTION_TIMESPAN, /* as in systemd.time(7) */
        OPTION_BOOL,     /* yes, no and what else systemd takes for them */
} OptionType;

/* The values of a repeated option; items is NULL-terminated. They point into argv. */
typedef struct OptionValues {
        const char *items[OPTION_VALUES_MAX + 1];
        size_t n;
} OptionValues;

typedef struct Option {
        const char *name;  /* without "--" */
        const char *value; /* what the help calls the value */
        const char *help;
        OptionType type;
        bool required;
        uint64_t min, max; /* of an integer, of a time span in microseconds; max 0: unlimited */
        union {
                /* where the value goes; what is there before is the default */
                const char **string; /* OPTION_STRING, OPTION_PATH */
                OptionValues *strings;
                uint64_t *integer;
                usec_t *timespan;
                bool *boolean;
        };
} Option;

typedef enum OptionsResult {
        OPTIONS_OK,
        OPTIONS_HELP,
        OPTIONS_VERSION,
} OptionsResult;

/* Reads argv[1] and what follows. Returns an OptionsResult, or -EINVAL with one line in message
 * that says what is wrong and what to do. Strings point into argv. */
int options_parse(const Option *table, size_t n, int argc, char **argv, StrBuf *message);

/* What --help shows of the table. */
void options_help(const Option *table, size_t n, StrBuf *text);
