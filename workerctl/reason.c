/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reason.h"

#include "macro.h"

static const struct {
        const char *reason, *words;
} reasons[] = {
        { "steady", "what runs is what is needed" },
        { "minimum", "no more than the minimum is needed" },
        { "maximum", "more would be needed, but the maximum runs" },
        { "backlog", "items would wait for longer than they should" },
        { "throughput", "so many items arrive" },
        { "cpu", "the instances use more CPU than their target" },
        { "memory", "the instances use more memory than their target" },
        { "learning", "it is not known yet what an instance can do" },
        { "hold", "fewer are needed, but not for long enough" },
        { "unneeded", "fewer are needed" },
        { "saturated", "more instances brought no more throughput" },
        { "no-signal", "nothing is reported to decide by" },
        { "administrator", "ordered with 'workerctl scale'" },
        { "cpu-pressure", "the host is full, starts are held back" },
        { "memory-pressure", "the host is short of memory, starts are held back" },
};

const char *reason_in_words(const char *reason) {
        for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
                if (STREQ(reason, reasons[i].reason))
                        return reasons[i].words;
        return NULL;
}
