/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal.h"

#include <errno.h>
#include <stdio.h>
#include <systemd/sd-journal.h>

/* "worker was scaled", see plugins/scaler/worker-decide.c */
#define MATCH_SCALED "MESSAGE_ID=0444a0eb59844cf08e90a71c9a2c1240"

static void journal_closep(sd_journal **j) {
        sd_journal_close(*j);
}

static void read_field(sd_journal *j, const char *field, char *buffer, size_t size) {
        const void *data;
        size_t length, prefix = strlen(field) + 1; /* FIELD= */

        if (sd_journal_get_data(j, field, &data, &length) < 0 || length < prefix)
                return;
        (void) snprintf(buffer, size, "%.*s", (int) (length - prefix),
                        (const char *) data + prefix);
}

static int find_last(sd_journal *j, const char *id) {
        char match[300];
        (void) snprintf(match, sizeof(match), "WORKER=%s", id);

        int r = sd_journal_add_match(j, MATCH_SCALED, 0);
        if (r >= 0)
                r = sd_journal_add_match(j, match, 0);
        /* anybody can write such an entry; what journald itself says of the sender counts */
        if (r >= 0)
                r = sd_journal_add_match(j, "_SYSTEMD_UNIT=worker-scaler.service", 0);
        if (r >= 0)
                r = sd_journal_seek_tail(j);
        if (r >= 0)
                r = sd_journal_previous(j);
        return r == 0 ? -ENOENT : r;
}

int journal_last_step(const char *id, Step *ret) {
        CLEANUP(journal_closep) sd_journal *j = NULL;
        Step s = { 0 };

        int r = sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
        if (r >= 0)
                r = find_last(j, id);
        if (r >= 0)
                r = sd_journal_get_realtime_usec(j, &s.at);
        if (r < 0)
                return r;

        const struct {
                const char *field;
                char *buffer;
                size_t size;
        } fields[] = {
                { "FROM", s.from, sizeof(s.from) },
                { "TO", s.to, sizeof(s.to) },
                { "REASON", s.reason, sizeof(s.reason) },
                { "LAMBDA", s.lambda, sizeof(s.lambda) },
                { "MU", s.mu, sizeof(s.mu) },
                { "BACKLOG", s.backlog, sizeof(s.backlog) },
        };
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
                read_field(j, fields[i].field, fields[i].buffer, fields[i].size);
        *ret = s;
        return 0;
}
