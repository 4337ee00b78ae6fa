/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sandbox-view.h"

/* A sandbox in words: what a process in it can and can't do. Pure. */

typedef struct Sentence {
        const char *topic; /* for programs: stable */
        bool can;
        StrBuf text; /* "It can" or "It can't" stands before it */
} Sentence;

enum { SENTENCES_MAX = 24 };

typedef struct Sentences {
        Sentence items[SENTENCES_MAX];
        size_t n;
} Sentences;

void sentences_done(Sentences *s);

/* landlock_abi: of the kernel in question, 0 for none. Returns 0 or -ENOMEM. */
int sentences_make(const SandboxView *v, long landlock_abi, Sentences *ret);
