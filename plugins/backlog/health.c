/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health.h"

#include <errno.h>
#include <systemd/sd-daemon.h>

enum { TIMER_ACCURACY_USEC = 50 * USEC_PER_MSEC };

struct Health {
        Plugin *plugin;
        const char *subject;
        usec_t keep;
        int condition;           /* 0: good */
        sd_event_source *expiry; /* runs while the condition is bad */
};

Health *health_free(Health *h) {
        if (!h)
                return NULL;

        sd_event_source_disable_unref(h->expiry);
        free(h);
        return NULL;
}

/* The values are too old to go on with. */
static int on_expiry(sd_event_source *source, uint64_t usec, void *userdata) {
        Health *h = userdata;
        char span[TIMESPAN_MAX];
        (void) source;
        (void) usec;

        report_forget(plugin_report(h->plugin));
        plugin_log(SD_WARNING, "'%s' has failed for %s, reporting nothing until it works again",
                        h->subject, format_timespan(span, sizeof(span), h->keep));
        return 0;
}

int health_new(Plugin *plugin, const char *subject, usec_t keep, Health **ret) {
        Health *h = malloc(sizeof(Health));
        if (!h)
                return -ENOMEM;
        *h = (Health){ .plugin = plugin, .subject = subject, .keep = keep };

        int r = sd_event_add_time(plugin_event(plugin), &h->expiry, CLOCK_MONOTONIC, 0,
                        TIMER_ACCURACY_USEC, on_expiry, h);
        if (r >= 0)
                r = sd_event_source_set_enabled(h->expiry, SD_EVENT_OFF);
        if (r < 0) {
                health_free(h);
                return r;
        }
        plugin_status(plugin, "Asking '%s'", subject);
        *ret = h;
        return 0;
}

int health_good(Health *h) {
        if (h->condition == 0)
                return 0;

        h->condition = 0;
        plugin_log(SD_NOTICE, "'%s' works again", h->subject);
        plugin_status(h->plugin, "Asking '%s'", h->subject);
        return sd_event_source_set_enabled(h->expiry, SD_EVENT_OFF);
}

int health_bad(Health *h, int condition, const char *text) {
        int before = h->condition;

        if (condition == before)
                return 0;
        h->condition = condition;
        plugin_log(SD_WARNING, "'%s' %s", h->subject, text);
        plugin_status(h->plugin, "'%s' %s", h->subject, text);
        if (before != 0)
                return 0;

        int r = sd_event_source_set_time_relative(h->expiry, h->keep);
        return r < 0 ? r : sd_event_source_set_enabled(h->expiry, SD_EVENT_ONESHOT);
}
