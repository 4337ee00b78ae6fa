/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "log.h"
#include "manager-internal.h"
#include "state-file.h"

/* What outlives us: what was learned, and what was ordered. */

/* Orders and lessons are saved so soon, so that many are saved together. */
#define SAVE_DELAY (100 * USEC_PER_MSEC)

void manager_save(void *userdata) {
        Manager *m = userdata;
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        saved_state_begin(&b);
        for (size_t i = 0; i < m->workers.n; i++) {
                SavedWorker s;
                worker_save(m->workers.workers[i], &s);
                saved_state_append(&b, &s);
        }
        saved_state_end(&b, m->workers.n);
        int r = state_file_write(&b);
        if (r < 0 && !m->save_failed)
                log_warning("what was learned and ordered can't be saved, a restart will lose it: "
                            "%s",
                                strerror(-r));
        m->save_failed = r < 0;
}

void manager_save_soon(void *userdata) {
        Manager *m = userdata;
        int enabled = SD_EVENT_OFF;

        if (sd_event_source_get_enabled(m->save, &enabled) > 0)
                return;
        (void) sd_event_source_set_time_relative(m->save, SAVE_DELAY);
        (void) sd_event_source_set_enabled(m->save, SD_EVENT_ONESHOT);
}

int manager_on_save(sd_event_source *source, uint64_t at, void *userdata) {
        Manager *m = userdata;
        (void) source;
        (void) at;

        if (m->context.frozen) /* not all workers may be known */
                manager_save_soon(m);
        else
                manager_save(m);
        return 0;
}

/* Orders hold for workers that are not active at the moment, too. */
void manager_restore(Manager *m) {
        state_file_read(&m->saved);
        for (size_t i = 0; i < m->saved.n; i++) {
                const SavedWorker *s = &m->saved.workers[i];
                Worker *w;
                if (s->mode != MODE_AUTO && manager_add_worker(m, s->id, &w) < 0)
                        log_error("what was ordered for worker '%s' is lost", s->id);
        }
}
