/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* A command line without a shell: words between blanks, '…' takes all as it is, "…" and text
 * outside take \X for X. No variables, patterns or redirections. Pure. */

typedef struct Words {
        char **items; /* owned, NULL-terminated: an argv */
        size_t n;
} Words;

void words_done(Words *w);

/* Appends a copy of one word. Returns 0 or -ENOMEM. */
int words_add(Words *w, const char *word);

/* Appends the words of text. Returns 0, -ENOMEM, or -EINVAL with one line in message: a quote that
 * does not end, or what only a shell understands, as a word of its own ("|", ">", "&&" …). */
int words_split(Words *w, const char *text, StrBuf *message);
