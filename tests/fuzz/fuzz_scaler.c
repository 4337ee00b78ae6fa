/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "macro.h"
#include "report.h"
#include "saved-state.h"
#include "scaling-section.h"

/* libFuzzer's target for the texts that worker-scaler reads, as root and from others: datagrams of
 * workers and plugins, the state of the process before it, and [X-Scaling] with what an
 * administrator wrote. The first byte says which. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds) {
        if (!holds)
                abort();
}

/* The way that all lines but the plainest take: a tag makes it no plain one, and means nothing. */
static int read_tagged(const char *line, size_t n, Report *ret) {
        static const char tag[] = "|#t";
        CLEANUP(freep) char *tagged = malloc(n + sizeof(tag));
        const char *text = tagged;
        size_t size = n + strlen(tag);

        demand(tagged);
        memcpy(tagged, line, n);
        memcpy(tagged + n, tag, sizeof(tag));
        return report_next(&text, &size, ret);
}

static void read_datagram(const char *text, size_t size) {
        while (size > 0) {
                const char *line = text;
                size_t before = size;
                Report report, tagged;

                int r = report_next(&text, &size, &report);
                demand(size < before);
                if (r <= 0)
                        continue;
                demand(report.name < _REPORT_NAME_MAX && isfinite(report.value));
                demand(report.value >= 0 || report.relative);

                size_t n = before - size;
                while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
                        n--;
                demand(read_tagged(line, n, &tagged) == 1);
                demand(tagged.name == report.name && tagged.relative == report.relative);
                demand(tagged.value == report.value);
        }
}

static void print(const SavedState *s, StrBuf *b) {
        saved_state_begin(b);
        for (size_t i = 0; i < s->n; i++)
                saved_state_append(b, &s->workers[i]);
        saved_state_end(b, s->n);
        demand(strbuf_error(b) == 0);
}

/* What was read is written, reads back, and is written as before. */
static void read_state(const char *text) {
        CLEANUP(saved_state_done) SavedState s = { 0 }, again = { 0 };
        CLEANUP(strbuf_done) StrBuf first = { 0 }, second = { 0 };

        if (saved_state_parse(text, &s) < 0)
                return;
        print(&s, &first);
        demand(saved_state_parse(strbuf_string(&first), &again) == 0);
        print(&again, &second);
        demand(STREQ(strbuf_string(&first), strbuf_string(&second)));
        for (size_t i = 0; i < s.n; i++)
                demand(saved_state_find(&s, s.workers[i].id) == &s.workers[i]);
}

static void count(const char *path, unsigned line, const char *message, void *userdata) {
        demand(path && message);
        (void) line;
        ++*(unsigned *) userdata;
}

/* A target and a drop-in of it: whatever they say, the policy is one that can be applied. */
static void read_target(const char *text) {
        CLEANUP(scaling_done) Scaling s;
        unsigned n_warnings = 0;

        scaling_init(&s);
        demand(scaling_read(&s, "target", text, count, &n_warnings) == 0);
        demand(scaling_read(&s, "drop-in", text, count, &n_warnings) == 0);
        scaling_finish(&s, "target", count, &n_warnings);
        demand(s.policy.min_replicas <= s.policy.max_replicas);
        demand(isfinite(s.cpu_request) && s.cpu_request >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        if (size == 0)
                return 0;
        CLEANUP(freep) char *text = strndup((const char *) data + 1, size - 1);
        demand(text);

        switch (data[0]) {
        case 'd': /* may hold NULs */
                read_datagram((const char *) data + 1, size - 1);
                break;
        case 's':
                read_state(text);
                break;
        case 't':
                read_target(text);
                break;
        }
        return 0;
}
