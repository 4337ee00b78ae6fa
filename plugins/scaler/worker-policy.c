/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>

#include "io.h"
#include "log.h"
#include "unit-name.h"
#include "worker.h"

/* The policy of a worker, read from the files that its target was loaded from. */

enum { UNIT_FILE_LIMIT = 1024 * 1024 };

static void warn(const char *path, unsigned line, const char *message, void *userdata) {
        (void) userdata;
        if (line > 0)
                log_warning("%s:%u: %s", path, line, message);
        else
                log_warning("%s: %s", path, message);
}

static void read_unit_file(Worker *w, const char *path) {
        CLEANUP(freep) char *text = NULL;

        int r = read_file_at(AT_FDCWD, path, UNIT_FILE_LIMIT, &text, NULL);
        if (r >= 0)
                r = scaling_read(&w->incoming, path, text, warn, NULL);
        if (r < 0 && w->incoming_error == 0) {
                w->incoming_error = r;
                log_error("%s can't be read: %s", path, strerror(-r));
        }
}

void worker_read_policy(Worker *w) {
        char unit[UNIT_NAME_MAX + 1];
        (void) snprintf(unit, sizeof(unit), "worker-%s.target", w->id);

        /* without a connection it is asked for after the next listing */
        if (systemd_client_read_files(w->context->systemd, unit) >= 0)
                w->reading = POLICY_ASKED;
}

void worker_policy_fragment(Worker *w, int r, const char *path) {
        scaling_done(&w->incoming);
        scaling_init(&w->incoming);
        w->incoming_error = r < 0 ? r : 0;
        free(w->fragment);
        w->fragment = r >= 0 ? strdup(path) : NULL;
        if (r >= 0 && *path)
                read_unit_file(w, path);
}

void worker_policy_drop_ins(Worker *w, int r, char **paths) {
        if (w->reading != POLICY_ASKED) /* an answer to a question of before a reload */
                return;
        if (r < 0 && w->incoming_error == 0)
                w->incoming_error = r;
        for (char **p = paths; p && *p; p++)
                read_unit_file(w, *p);
        if (w->incoming_error < 0 && w->context->frozen) /* asked for anew after the listing */
                return;

        w->reading = POLICY_READ;
        if (w->incoming_error < 0) {
                log_error("the policy of worker '%s' can't be read, leaving it alone: %s", w->id,
                                strerror(-w->incoming_error));
                w->incoming.enabled = false;
        } else if (w->incoming.found)
                scaling_finish(&w->incoming, w->fragment ? w->fragment : "", warn, NULL);

        scaling_done(&w->scaling);
        w->scaling = w->incoming;
        scaling_init(&w->incoming);
        w->usage = (Usage){ 0 };
        w->context->changed(w->context->userdata);
        worker_plan(w, 0);
}
