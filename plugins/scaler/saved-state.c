/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saved-state.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "number.h"

#define MAGIC  "worker-scaler state "
#define FORMAT "1"

/* A line is "worker ID KEY=VALUE…"; a value that is 0 is left out. */
typedef enum Type {
        TYPE_UNSIGNED,
        TYPE_USEC,
        TYPE_DOUBLE,
} Type;

static const struct Field {
        const char *key;
        Type type;
        size_t offset;
} fields[] = {
        { "mode", TYPE_UNSIGNED, offsetof(SavedWorker, mode) },
        { "fixed", TYPE_UNSIGNED, offsetof(SavedWorker, fixed) },
        { "pause", TYPE_USEC, offsetof(SavedWorker, pause) },
        { "paused-until", TYPE_USEC, offsetof(SavedWorker, paused_until) },
        { "capacity", TYPE_DOUBLE, offsetof(SavedWorker, memory.mu) },
        { "start-delay", TYPE_USEC, offsetof(SavedWorker, memory.start_delay) },
};

void saved_state_done(SavedState *s) {
        free(s->workers);
        *s = (SavedState){ 0 };
}

void saved_state_begin(StrBuf *b) {
        strbuf_append(b, MAGIC FORMAT "\n");
}

void saved_state_append(StrBuf *b, const SavedWorker *w) {
        strbuf_append_all(b, "worker ", w->id, NULL);
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
                const void *field = (const char *) w + fields[i].offset;
                uint64_t n = 0;
                double d = 0;

                if (fields[i].type == TYPE_UNSIGNED)
                        n = *(const unsigned *) field;
                else if (fields[i].type == TYPE_USEC)
                        n = *(const usec_t *) field;
                else
                        d = *(const double *) field;
                if (n > 0)
                        strbuf_printf(b, " %s=%" PRIu64, fields[i].key, n);
                if (d > 0)
                        strbuf_printf(b, " %s=%.17g", fields[i].key, d);
        }
        strbuf_append_char(b, '\n');
}

void saved_state_end(StrBuf *b, size_t n) {
        strbuf_printf(b, "end %zu\n", n);
}

static int parse_field(char *text, SavedWorker *w) {
        char *value = strchr(text, '=');
        if (!value)
                return -EBADMSG;
        *value++ = '\0';

        for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
                void *field = (char *) w + fields[i].offset;
                if (!STREQ(text, fields[i].key))
                        continue;
                int r = fields[i].type == TYPE_UNSIGNED ? parse_unsigned(value, field)
                        : fields[i].type == TYPE_USEC   ? parse_u64(value, field)
                                                        : parse_double(value, field);
                return r < 0 ? -EBADMSG : 0;
        }
        return 0;
}

static int parse_worker(char *line, SavedWorker *ret) {
        char *save = NULL, *word = strtok_r(line, " ", &save);
        SavedWorker w = { 0 };

        if (!word || strlen(word) >= sizeof(w.id))
                return -EBADMSG;
        memcpy(w.id, word, strlen(word) + 1);
        while ((word = strtok_r(NULL, " ", &save))) {
                int r = parse_field(word, &w);
                if (r < 0)
                        return r;
        }
        *ret = w;
        return 0;
}

static int add_worker(SavedState *s, size_t *allocated, const SavedWorker *w) {
        if (s->n > 0 && strcmp(s->workers[s->n - 1].id, w->id) >= 0)
                return -EBADMSG;
        if (s->n == *allocated) {
                size_t n = *allocated ? *allocated * 2 : 16;
                SavedWorker *more = reallocarray(s->workers, n, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                s->workers = more;
                *allocated = n;
        }
        s->workers[s->n++] = *w;
        return 0;
}

static int parse_lines(char *text, SavedState *s) {
        size_t allocated = 0;

        for (char *line = text, *next; *line; line = next) {
                SavedWorker w;
                uint64_t n;

                next = strchr(line, '\n');
                if (!next)
                        return -EBADMSG;
                *next++ = '\0';
                if (startswith(line, "end "))
                        return parse_u64(line + strlen("end "), &n) >= 0 && n == s->n && !*next
                                               ? 0
                                               : -EBADMSG;
                if (!startswith(line, "worker "))
                        return -EBADMSG;
                int r = parse_worker(line + strlen("worker "), &w);
                if (r >= 0)
                        r = add_worker(s, &allocated, &w);
                if (r < 0)
                        return r;
        }
        return -EBADMSG; /* no end */
}

int saved_state_parse(const char *text, SavedState *ret) {
        CLEANUP(saved_state_done) SavedState s = { 0 };

        if (!startswith(text, MAGIC))
                return -EBADMSG;
        if (!startswith(text, MAGIC FORMAT "\n"))
                return -EPROTONOSUPPORT;
        CLEANUP(freep) char *copy = strdup(text + strlen(MAGIC FORMAT "\n"));
        if (!copy)
                return -ENOMEM;
        int r = parse_lines(copy, &s);
        if (r < 0)
                return r;
        *ret = s;
        s = (SavedState){ 0 };
        return 0;
}

const SavedWorker *saved_state_find(const SavedState *s, const char *id) {
        size_t low = 0, high = s->n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(s->workers[middle].id, id);
                if (order == 0)
                        return &s->workers[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}
