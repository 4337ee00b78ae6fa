/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pass-over.h"

#include <errno.h>

/* Numbers that follow each other, all of which are passed over. */
typedef struct Run {
        int first, last;
} Run;

enum { LEAF = 8 };

static size_t list_runs(const SyscallSet *known, Run *runs) {
        size_t n = 0;

        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++) {
                if (!syscall_set_has(known, i))
                        continue;
                if (n > 0 && runs[n - 1].last == i - 1)
                        runs[n - 1].last = i;
                else
                        runs[n++] = (Run){ i, i };
        }
        return n;
}

/* The kernel compares one after the other until it knows, so it is led to the few runs that a
 * number may be in: 12 comparisons instead of a hundred. */
static void print_runs(const Run *runs, size_t n, StrBuf *b) {
        if (n > LEAF) {
                size_t half = n / 2;
                strbuf_printf(b, "(id<%d&&(", runs[half].first);
                print_runs(runs, half, b);
                strbuf_printf(b, "))||(id>=%d&&(", runs[half].first);
                print_runs(runs + half, n - half, b);
                strbuf_append(b, "))");
                return;
        }
        for (size_t i = 0; i < n; i++) {
                strbuf_append(b, i > 0 ? "&&" : "");
                if (runs[i].first == runs[i].last)
                        strbuf_printf(b, "id!=%d", runs[i].first);
                else
                        strbuf_printf(b, "(id<%d||id>%d)", runs[i].first, runs[i].last);
        }
}

int pass_over_print(const SyscallSet *known, StrBuf *b) {
        Run runs[SYSCALL_NUMBER_MAX / 2];

        print_runs(runs, list_runs(known, runs), b);
        int r = strbuf_error(b);
        return r < 0 ? r : b->len > PASS_OVER_MAX ? -E2BIG : 0;
}
