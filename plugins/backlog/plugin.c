/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "reporter.h"

struct Plugin {
        sd_event *event;
        Reporter *reporter;
        char *status; /* as last sent */
};

void plugin_log(const char *level, const char *format, ...) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        va_list ap;

        va_start(ap, format);
        strbuf_vprintf(&text, format, ap);
        va_end(ap);
        /* the prefix is for journald, sd-daemon(3); a person at a terminal has no use for it */
        (void) fprintf(stderr, "%s%s: %s\n", getenv("JOURNAL_STREAM") ? level : "",
                        program_invocation_short_name, strbuf_string(&text));
}

static void print_help(const char *summary, const Option *table, size_t n) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        options_help(table, n, &text);
        printf("%s --KEY=VALUE…\n\n%s\n\n%s\nSee worker-plugin(7).\n",
                        program_invocation_short_name, summary, strbuf_string(&text));
}

bool plugin_options(const char *summary, const Option *table, size_t n, int argc, char **argv,
                int *ret_exit) {
        CLEANUP(strbuf_done) StrBuf message = { 0 };

        int r = options_parse(table, n, argc, argv, &message);
        if (r == OPTIONS_OK)
                return true;

        *ret_exit = r < 0 ? EX_USAGE : EXIT_SUCCESS;
        if (r < 0)
                plugin_log(SD_ERR, "%s", strbuf_string(&message));
        else if (r == OPTIONS_HELP)
                print_help(summary, table, n);
        else
                printf("%s (%s)\n", program_invocation_short_name, PACKAGE_STRING);
        return false;
}

Plugin *plugin_free(Plugin *p) {
        if (!p)
                return NULL;

        reporter_free(p->reporter);
        sd_event_unref(p->event);
        free(p->status);
        free(p);
        return NULL;
}

sd_event *plugin_event(Plugin *p) {
        return p->event;
}

Report *plugin_report(Plugin *p) {
        return reporter_report(p->reporter);
}

int plugin_report_changed(Plugin *p) {
        return reporter_changed(p->reporter);
}

static int block_signals(void) {
        sigset_t set;

        /* a server that goes away is an error of write(2) */
        if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
                return -errno;
        if (sigemptyset(&set) < 0 || sigaddset(&set, SIGTERM) < 0 || sigaddset(&set, SIGINT) < 0
                        || sigaddset(&set, SIGCHLD) < 0)
                return -errno;
        return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

static int set_up_loop(Plugin *p) {
        static const int signals[] = { SIGTERM, SIGINT };

        int r = sd_event_default(&p->event);
        if (r < 0)
                return r;

        /* without a handler of ours the loop ends with code 0 */
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                r = sd_event_add_signal(p->event, NULL, signals[i], NULL, NULL);
                if (r < 0)
                        return r;
        }
        return sd_event_set_watchdog(p->event, true);
}

static int plugin_init(Plugin *p) {
        const char *path = getenv("WORKERS_REPORT_SOCKET");

        int r = block_signals();
        if (r >= 0)
                r = set_up_loop(p);
        if (r >= 0)
                r = reporter_new(p->event, path && *path ? path : REPORT_SOCKET_DEFAULT,
                                &p->reporter);
        return r;
}

int plugin_new(Plugin **ret) {
        Plugin *p = calloc(1, sizeof(Plugin));
        if (!p)
                return -ENOMEM;

        int r = plugin_init(p);
        if (r < 0) {
                plugin_free(p);
                return r;
        }
        *ret = p;
        return 0;
}

void plugin_status(Plugin *p, const char *format, ...) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        va_list ap;

        va_start(ap, format);
        strbuf_vprintf(&text, format, ap);
        va_end(ap);
        if (p->status && STREQ(p->status, strbuf_string(&text)))
                return;

        free(p->status);
        p->status = NULL;
        if (strbuf_finish(&text, &p->status) >= 0)
                (void) sd_notifyf(false, "STATUS=%s", p->status);
}

int plugin_run(Plugin *p) {
        (void) sd_notify(false, "READY=1");
        int r = sd_event_loop(p->event);
        if (r < 0)
                plugin_log(SD_ERR, "can't go on: %s", strerror(-r));
        (void) sd_notify(false, "STOPPING=1");

        int e = reporter_flush(p->reporter);
        if (e < 0)
                plugin_log(SD_WARNING, "the last report could not be delivered: %s", strerror(-e));
        return r < 0 ? EXIT_FAILURE : r;
}
