/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "generator.h"

/* What the tests of the generator share: a manifest's text goes in, diagnostics and units come out,
 * both in a form that a test can compare. */

#define MANIFEST_PATH "/etc/workers/test.yaml"

/* A whole manifest but for what a test adds; three spaces of "worker" are open. */
#define MANIFEST_HEAD                                                                              \
        "name: demo\n"                                                                             \
        "version: v1beta\n"                                                                        \
        "type: worker\n"
#define WORKER_HEAD                                                                                \
        MANIFEST_HEAD                                                                              \
        "worker:\n"                                                                                \
        "  stack: exec\n"                                                                          \
        "  stackSpec: {command: [/usr/bin/true]}\n"

/* The line of the first thing that follows WORKER_HEAD */
enum { WORKER_NEXT_LINE = 7 };

typedef struct Judgment {
        Generator generator;
        UnitTree tree;
        StrBuf codes;    /* "CODE@LINE:COLUMN", separated by blanks, in source order */
        StrBuf messages; /* as a terminal without colors shows them */
        int result;      /* of generator_add_source() */
} Judgment;

/* Makes an empty one, for systemd 252, without stacks but "exec". */
void judgment_init(Judgment *j);
void judgment_done(Judgment *j);

/* Judges one more text. */
void judge_text(Judgment *j, const char *path, const char *text, size_t size);

/* The same for one text, in one go; called "MANIFEST_PATH". */
void judge(Judgment *j, const char *text);

/* The content of a unit; NULL when there is none. Belongs to the judgment. */
const char *judgment_unit(const Judgment *j, const char *path);

/* Whether the unit has exactly this line. */
bool has_line(const char *unit, const char *line);

/* The number of lines that begin with prefix. */
unsigned count_lines(const char *unit, const char *prefix);

/* Fails the test with what was found when a judgment is not as expected: codes as above, "" for
 * none. */
void expect_codes(const char *text, const char *codes);

/* The same for what follows WORKER_HEAD; lines count from there. */
void expect_worker_codes(const char *lines, const char *codes);
