/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "io.h"

Log log_open(void) {
        /* set by systemd for generators: systemd.generator(7), "Environment variables" */
        bool by_systemd = getenv("SYSTEMD_SCOPE") && !isatty(STDERR_FILENO);

        return (Log){ .kmsg_fd
                      = by_systemd ? open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY) : -1 };
}

void log_done(Log *l) {
        closep(&l->kmsg_fd);
}

static int priority(Severity s) {
        return s == SEVERITY_ERROR ? LOG_ERR : s == SEVERITY_WARNING ? LOG_WARNING : LOG_INFO;
}

void log_line(Log *l, Severity severity, const char *format, ...) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        va_list ap;

        if (l->kmsg_fd >= 0)
                strbuf_printf(&b, "<%d>", LOG_DAEMON | priority(severity));
        strbuf_printf(&b, "worker-generator: ");
        va_start(ap, format);
        strbuf_vprintf(&b, format, ap);
        va_end(ap);
        strbuf_append_char(&b, '\n');
        (void) write_all(l->kmsg_fd >= 0 ? l->kmsg_fd : STDERR_FILENO, strbuf_string(&b), b.len);
}

void log_diagnostics(const Diagnostics *d, void *userdata) {
        Log *l = userdata;

        for (size_t i = 0; i < d->n; i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                if (l->kmsg_fd < 0) {
                        diagnostic_print(d, &d->items[i],
                                        isatty(STDERR_FILENO) ? DIAGNOSTIC_COLOR : 0, &b);
                        (void) write_all(STDERR_FILENO, strbuf_string(&b), b.len);
                } else if (d->items[i].severity == SEVERITY_ERROR) {
                        diagnostic_print_line(d, &d->items[i], &b);
                        log_line(l, SEVERITY_ERROR, "%s", strbuf_string(&b));
                }
        }
}

void log_summary(Log *l, unsigned accepted, unsigned refused) {
        if (accepted + refused == 0)
                return;
        log_line(l, refused > 0 ? SEVERITY_WARNING : SEVERITY_NOTE, "%u worker%s, %u refused",
                        accepted, accepted == 1 ? "" : "s", refused);
}
