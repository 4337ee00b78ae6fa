/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reporter.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "plugin.h"

enum { TIMER_ACCURACY_USEC = 10 * USEC_PER_MSEC };

struct Reporter {
        sd_event *event;        /* reference */
        sd_event_source *timer; /* the next datagram */
        int fd;                 /* not connected: a socket that is replaced is found by its path */
        struct sockaddr_un address;
        Report report;
        usec_t last;  /* when a datagram was last sent */
        usec_t pause; /* until the next try; 0: the last one worked */
};

Reporter *reporter_free(Reporter *r) {
        if (!r)
                return NULL;

        sd_event_source_disable_unref(r->timer);
        sd_event_unref(r->event);
        closep(&r->fd);
        free(r);
        return NULL;
}

Report *reporter_report(Reporter *r) {
        return &r->report;
}

/* Returns 0 (also when there is nothing to say) or negative errno. */
static int send_report(Reporter *r) {
        char text[REPORT_TEXT_MAX];

        size_t n = report_format(&r->report, text);
        if (n == 0)
                return 0;

        if (sendto(r->fd, text, n, MSG_NOSIGNAL, (struct sockaddr *) &r->address,
                            sizeof(r->address))
                        < 0)
                return -errno;
        report_delivered(&r->report);
        return 0;
}

static usec_t next_pause(usec_t pause) {
        if (pause == 0)
                return REPORT_GAP_USEC;
        return pause * 2 < REPORT_RETRY_MAX_USEC ? pause * 2 : REPORT_RETRY_MAX_USEC;
}

static int arm_timer(Reporter *r) {
        usec_t wait = r->pause > 0        ? r->pause
                      : r->report.changed ? REPORT_GAP_USEC
                                          : REPORT_HEARTBEAT_USEC;
        int e = sd_event_source_set_time(r->timer, r->last + wait);
        return e < 0 ? e : sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata) {
        Reporter *r = userdata;
        (void) source;
        (void) usec;

        int e = send_report(r);
        if (e < 0 && r->pause == 0)
                plugin_log(SD_WARNING, "can't report to '%s' (%s), trying again until it works",
                                r->address.sun_path, strerror(-e));
        if (e >= 0 && r->pause > 0)
                plugin_log(SD_NOTICE, "reporting to '%s' again", r->address.sun_path);
        r->pause = e < 0 ? next_pause(r->pause) : 0;

        e = sd_event_now(r->event, CLOCK_MONOTONIC, &r->last);
        return e < 0 ? e : arm_timer(r);
}

int reporter_changed(Reporter *r) {
        /* after a failure the pause holds, however much changes */
        return r->report.changed && r->pause == 0 ? arm_timer(r) : 0;
}

int reporter_flush(Reporter *r) {
        return r->report.changed ? send_report(r) : 0;
}

static int reporter_init(Reporter *r, sd_event *event, const char *path) {
        size_t n = strlen(path);
        if (n == 0)
                return -EINVAL;
        if (n >= sizeof(r->address.sun_path))
                return -ENAMETOOLONG;

        r->event = sd_event_ref(event);
        r->address.sun_family = AF_UNIX;
        memcpy(r->address.sun_path, path, n + 1);
        r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (r->fd < 0)
                return -errno;

        return sd_event_add_time_relative(event, &r->timer, CLOCK_MONOTONIC, REPORT_HEARTBEAT_USEC,
                        TIMER_ACCURACY_USEC, on_timer, r);
}

int reporter_new(sd_event *event, const char *path, Reporter **ret) {
        Reporter *r = malloc(sizeof(Reporter));
        if (!r)
                return -ENOMEM;
        *r = (Reporter){ .fd = -1 };

        int e = reporter_init(r, event, path);
        if (e < 0) {
                reporter_free(r);
                return e;
        }
        *ret = r;
        return 0;
}
