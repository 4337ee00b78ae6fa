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

/* The kernel refuses a record longer than LOG_LINE_MAX: 1024 less 48 bytes in those of today,
 * kernel/printk/printk.c. */
enum { KMSG_RECORD_MAX = 976, UTF8_MAX = 4 /* bytes of a character */ };

/* How much of the text goes into one record: up to a blank where there is one, and no half of a
 * character. */
static size_t record_length(const char *text, size_t size, size_t max) {
        size_t n = max;

        if (size <= max)
                return size;
        while (n > max / 2 && text[n] != ' ')
                n--;
        if (text[n] == ' ')
                return n;
        for (n = max; n > max - UTF8_MAX && ((unsigned char) text[n] & 0xc0) == 0x80;)
                n--;
        return n;
}

static void write_records(int fd, Severity severity, const char *text, size_t size) {
        while (size > 0) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                strbuf_printf(&b, "<%d>worker-generator: ", LOG_DAEMON | priority(severity));
                size_t n = record_length(text, size, KMSG_RECORD_MAX - b.len - 1);
                strbuf_append_n(&b, text, n);
                strbuf_append_char(&b, '\n');
                (void) write_all(fd, strbuf_string(&b), b.len);
                n += n < size && text[n] == ' ' ? 1 : 0;
                text += n;
                size -= n;
        }
}

void log_line(Log *l, Severity severity, const char *format, ...) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        va_list ap;

        if (l->kmsg_fd < 0)
                strbuf_append(&b, "worker-generator: ");
        va_start(ap, format);
        strbuf_vprintf(&b, format, ap);
        va_end(ap);
        if (l->kmsg_fd >= 0) {
                write_records(l->kmsg_fd, severity, strbuf_string(&b), b.len);
                return;
        }
        strbuf_append_char(&b, '\n');
        (void) write_all(STDERR_FILENO, strbuf_string(&b), b.len);
}

void log_print(const Diagnostics *d) {
        if (d->n == 0)
                return;

        unsigned style = isatty(STDERR_FILENO) ? DIAGNOSTIC_COLOR : 0;
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        for (size_t i = 0; i < d->n; i++)
                diagnostic_print(d, &d->items[i], style, &b);
        (void) write_all(STDERR_FILENO, strbuf_string(&b), b.len);
}

void log_diagnostics(const Diagnostics *d, void *userdata) {
        Log *l = userdata;

        if (l->kmsg_fd < 0) {
                log_print(d);
                return;
        }
        for (size_t i = 0; i < d->n; i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                if (d->items[i].severity != SEVERITY_ERROR)
                        continue;
                diagnostic_print_line(d, &d->items[i], &b);
                log_line(l, SEVERITY_ERROR, "%s", strbuf_string(&b));
        }
}

void log_summary(Log *l, unsigned accepted, unsigned refused) {
        if (accepted + refused == 0)
                return;
        log_line(l, refused > 0 ? SEVERITY_WARNING : SEVERITY_NOTE, "%u worker%s, %u refused",
                        accepted, accepted == 1 ? "" : "s", refused);
}
