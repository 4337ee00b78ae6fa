/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "strbuf.h"

/* The source of a manual page, read by line for the tests that hold it and the code together. Knows
 * as much of man(7) as our own pages use. */

typedef struct ManPage {
        char *text; /* owned */
        char *next; /* the line that comes next */
        StrBuf line;
        StrBuf section;    /* name of the .SH that the line is below */
        StrBuf subsection; /* of the .SS, "" when there is none yet */
        bool continued;    /* the tag is one more of the entry before it: .TQ */
} ManPage;

/* Opens man/NAME of the source directory. Returns 0 or negative errno. */
int man_page_open(ManPage *p, const char *name);
void man_page_done(ManPage *p);

/* Goes to the next line; false at the end. */
bool man_page_next(ManPage *p);

/* Goes to the next tag of a .TP or .TQ, and gives its macro, "B" or "BR" or so, and its text. */
bool man_page_next_tag(ManPage *p, StrBuf *macro, StrBuf *tag);

/* Goes to the next example: what stands between .EX and .EE after a comment "example: NAME", or
 * "says: NAME", which is what worker-generator says to the example of that name. */
bool man_page_next_example(ManPage *p, StrBuf *name, StrBuf *example, bool *says);

/* What page PAGE shows as the answer to an example; "" where it shows none. */
void man_page_find_answer(const char *page, const char *example, StrBuf *answer);

/* Appends roff text as it is shown: escapes replaced, changes of the font left out. */
void append_shown(StrBuf *b, const char *roff);
