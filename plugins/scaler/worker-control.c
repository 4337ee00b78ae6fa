/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <systemd/sd-journal.h>

#include "log.h"
#include "worker.h"

/* What an administrator orders. */

/* The id of "an administrator took over" in the journal; made with systemd-id128 new */
#define MESSAGE_ORDERED "MESSAGE_ID=dfaf3fb711e54f0ab15b9a56e302820f"

const char *worker_mode_to_string(WorkerMode m) {
        static const char *const names[_MODE_MAX] = {
                [MODE_AUTO] = "auto",
                [MODE_PAUSED] = "paused",
                [MODE_FIXED] = "fixed",
        };
        return m >= 0 && m < _MODE_MAX ? names[m] : "unknown";
}

static void tell(const Worker *w, unsigned uid) {
        char what[64] = "scaled by its policy again";

        if (w->mode == MODE_PAUSED)
                (void) snprintf(what, sizeof(what), "not scaled until it is resumed");
        else if (w->mode == MODE_FIXED)
                (void) snprintf(what, sizeof(what), "kept at %u instances until it is resumed",
                                w->fixed);
        int r = sd_journal_send(MESSAGE_ORDERED, "MESSAGE=worker '%s' is %s, user %u says", w->id,
                        what, uid, "PRIORITY=%i", LOG_NOTICE, "WORKER=%s", w->id, "MODE=%s",
                        worker_mode_to_string(w->mode), "USER_ID=%u", uid, NULL);
        if (r < 0)
                log_notice("worker '%s' is %s, user %u says", w->id, what, uid);
}

int worker_set_mode(Worker *w, WorkerMode mode, unsigned count, unsigned uid) {
        if (mode == MODE_FIXED && !worker_is_scaled(w))
                return -ENOEXEC;
        if (mode == MODE_FIXED && count > w->scaling.policy.max_replicas)
                return -ERANGE;
        if (mode == w->mode && (mode != MODE_FIXED || count == w->fixed))
                return 0;

        w->mode = mode;
        w->fixed = count;
        tell(w, uid);
        w->context->save(w->context->userdata);
        w->context->changed(w->context->userdata);
        worker_plan(w, 0);
        return 0;
}

void worker_save(const Worker *w, SavedWorker *ret) {
        *ret = (SavedWorker){
                .mode = w->mode,
                .fixed = w->fixed,
                .pause = w->pause,
                .paused_until = w->paused_until,
        };
        (void) snprintf(ret->id, sizeof(ret->id), "%s", w->id);
        policy_state_remember(w->state, &ret->memory);
}

void worker_restore(Worker *w, const SavedWorker *saved) {
        usec_t now = worker_now(w);

        if (saved->mode < _MODE_MAX) {
                w->mode = (WorkerMode) saved->mode;
                w->fixed = saved->fixed;
        }
        if (saved->pause <= WORKER_PAUSE_MAX && saved->paused_until <= now + WORKER_PAUSE_MAX) {
                w->pause = saved->pause;
                w->paused_until = saved->paused_until;
        }
        w->kept = saved->memory;
        policy_state_recall(w->state, &saved->memory);
}

double worker_items_total(const Worker *w) {
        const Reports *r = &w->reports;
        bool plugin = r->plugin.known & 1U << REPORT_ITEMS;
        return w->items_total + (plugin ? r->plugin.items : r->instances.items);
}

unsigned worker_goal(const Worker *w, const char **ret_reason) {
        unsigned max = w->scaling.policy.max_replicas;

        if (w->mode == MODE_FIXED) {
                *ret_reason = "administrator";
                return w->fixed < max ? w->fixed : max;
        }
        *ret_reason = w->held ? w->held : reason_to_string(w->decision.reason);
        return w->decision.desired;
}
