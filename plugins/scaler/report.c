/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <errno.h>
#include <math.h>

#include "number.h"

/* no sum of such values can overflow or lose whole items */
#define VALUE_MAX 1e12

static const struct Metric {
        const char *name;
        size_t size; /* of the name */
        bool gauge;
} metrics[_REPORT_NAME_MAX] = {
#define NAME(s) (s), sizeof(s) - 1
        [REPORT_ITEMS] = { NAME("items"), false },
        [REPORT_ARRIVED] = { NAME("arrived"), false },
        [REPORT_BACKLOG] = { NAME("backlog"), true },
        [REPORT_OLDEST] = { NAME("oldest"), true },
        [REPORT_BUSY] = { NAME("busy"), true },
#undef NAME
};

/* A piece of the datagram: text that nothing terminates. */
typedef struct Slice {
        const char *text;
        size_t size;
} Slice;

/* What stands before the first c; *rest is what stands behind it, or has no text without one. */
static Slice split(Slice s, char c, Slice *rest) {
        const char *at = s.size > 0 ? memchr(s.text, c, s.size) : NULL;
        if (!at) {
                *rest = (Slice){ 0 };
                return s;
        }
        size_t n = (size_t) (at - s.text);
        *rest = (Slice){ at + 1, s.size - n - 1 };
        return (Slice){ s.text, n };
}

static int find_metric(Slice name) {
        for (int i = 0; i < _REPORT_NAME_MAX; i++)
                if (name.size == metrics[i].size
                                && memcmp(name.text, metrics[i].name, name.size) == 0)
                        return i;
        return -ENOENT;
}

/* Nearly all numbers are short counts: no strtod() for them. Returns how many digits there are at
 * the beginning, up to so many that no number is too large. */
static size_t scan_digits(Slice s, unsigned *ret) {
        enum { DIGITS_MAX = 9 };
        unsigned n = 0;
        size_t i = 0;

        for (; i < s.size && i < DIGITS_MAX && s.text[i] >= '0' && s.text[i] <= '9'; i++)
                n = n * 10 + (unsigned) (s.text[i] - '0');
        *ret = n;
        return i;
}

static int slice_parse_double(Slice s, double *ret) {
        char buffer[64];
        unsigned count;

        if (s.size > 0 && scan_digits(s, &count) == s.size) {
                *ret = count;
                return 0;
        }
        if (s.size >= sizeof(buffer) || memchr(s.text, '\0', s.size))
                return -EBADMSG;
        memcpy(buffer, s.text, s.size);
        buffer[s.size] = '\0';
        return parse_double(buffer, ret) < 0 ? -EBADMSG : 0;
}

/* "@0.1" means that one event in ten was sent; "#tag,…" and whatever others add is passed over. */
static int parse_fields(Slice fields, double *ret_rate) {
        double rate = 1;
        while (fields.text) {
                Slice field = split(fields, '|', &fields);
                if (field.size == 0 || field.text[0] != '@')
                        continue;
                if (slice_parse_double((Slice){ field.text + 1, field.size - 1 }, &rate) < 0
                                || !(rate > 0 && rate <= 1))
                        return -EBADMSG;
        }
        *ret_rate = rate;
        return 0;
}

static int parse_line(Slice line, Report *ret) {
        if (line.size > 0 && line.text[line.size - 1] == '\r')
                line.size--;
        if (line.size == 0)
                return 0;

        Slice value, type, fields;
        Slice name = split(line, ':', &value);
        value = split(value, '|', &type);
        type = split(type, '|', &fields);
        if (name.size == 0 || value.size == 0 || type.size == 0)
                return -EBADMSG;

        int metric = find_metric(name);
        if (metric < 0)
                return 0;
        if (type.size != 1 || type.text[0] != (metrics[metric].gauge ? 'g' : 'c'))
                return -EBADMSG;

        double number, rate;
        if (slice_parse_double(value, &number) < 0 || parse_fields(fields, &rate) < 0)
                return -EBADMSG;
        if (metrics[metric].gauge) /* a sample of a gauge is the gauge */
                rate = 1;

        bool relative = metrics[metric].gauge && strchr("+-", value.text[0]) != NULL;
        if (!metrics[metric].gauge && number < 0) /* work is never undone */
                return -EBADMSG;

        number /= rate;
        if (!(fabs(number) <= VALUE_MAX))
                return -EBADMSG;

        *ret = (Report){ .name = (ReportName) metric, .relative = relative, .value = number };
        return 1;
}

/* Nearly all lines are NAME:DIGITS|TYPE and are read in one pass. Returns how long the line is with
 * the end of it, 0 for any other line. */
static size_t scan_plain(Slice s, Report *ret) {
        unsigned number;

        for (int metric = 0; metric < _REPORT_NAME_MAX; metric++) {
                const struct Metric *m = &metrics[metric];
                size_t i = m->size;
                if (s.size <= i || s.text[0] != m->name[0] || s.text[i] != ':'
                                || memcmp(s.text, m->name, i) != 0)
                        continue;

                i++;
                size_t digits = scan_digits((Slice){ s.text + i, s.size - i }, &number);
                i += digits;
                if (digits == 0 || s.size < i + 2 || s.text[i] != '|'
                                || s.text[i + 1] != (m->gauge ? 'g' : 'c'))
                        return 0;
                i += 2;
                if (i < s.size && s.text[i] != '\n')
                        return 0;
                *ret = (Report){ .name = (ReportName) metric, .value = number };
                return i < s.size ? i + 1 : i;
        }
        return 0;
}

int report_next(const char **text, size_t *size, Report *ret) {
        size_t plain = scan_plain((Slice){ *text, *size }, ret);
        if (plain > 0) {
                *text += plain;
                *size -= plain;
                return 1;
        }

        Slice rest, line = split((Slice){ *text, *size }, '\n', &rest);
        *text = rest.text;
        *size = rest.size;
        return parse_line(line, ret);
}

bool report_rate_admit(ReportRate *rate, usec_t now, bool *ret_first) {
        if (now >= rate->since + USEC_PER_SEC || now < rate->since)
                *rate = (ReportRate){ .since = now };
        if (rate->lines < REPORT_RATE_MAX) {
                rate->lines++;
                return true;
        }

        *ret_first = rate->lines == REPORT_RATE_MAX;
        rate->lines = REPORT_RATE_MAX + 1;
        return false;
}
