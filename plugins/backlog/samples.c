/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "samples.h"

#include <errno.h>

#include "number.h"

enum { LINE_MAX_LENGTH = 512 };

static int parse_value(const char *s, double *ret) {
        if (*s < '0' || *s > '9') /* a sign means a change of the gauge in StatsD */
                return -EINVAL;
        int r = parse_double(s, ret);
        return r >= 0 && *ret > REPORT_VALUE_MAX ? -ERANGE : r;
}

/* "c", "g" and what follows them after further bars. */
static int parse_type(char *s, Sample *sample) {
        char *save = NULL, *part = strtok_r(s, "|", &save);

        if (!part || (!STREQ(part, "c") && !STREQ(part, "g")))
                return -EINVAL;
        sample->type = *part == 'c' ? METRIC_COUNTER : METRIC_GAUGE;

        while ((part = strtok_r(NULL, "|", &save))) {
                double rate;
                if (*part != '@')
                        continue;
                if (parse_double(part + 1, &rate) < 0 || !(rate > 0 && rate <= 1))
                        return -EINVAL;
                if (sample->type == METRIC_COUNTER)
                        sample->value /= rate;
        }
        return 0;
}

static int parse_line(char *line, Sample *ret) {
        Sample sample = { 0 };

        char *value = strchr(line, ':');
        char *type = value ? strchr(value, '|') : NULL;
        if (!type)
                return -EINVAL;
        *value++ = '\0';
        *type++ = '\0';

        if (!report_name_is_valid(line) || parse_value(value, &sample.value) < 0
                        || parse_type(type, &sample) < 0)
                return -EINVAL;
        memcpy(sample.name, line, strlen(line) + 1);
        *ret = sample;
        return 0;
}

/* Copies the line at *s without the blanks around it, moves *s behind it. */
static int take_line(const char **s, char line[LINE_MAX_LENGTH]) {
        const char *begin = *s + strspn(*s, " \t\r");
        const char *end = begin + strcspn(begin, "\n");

        *s = *end ? end + 1 : end;
        while (end > begin && strchr(" \t\r", end[-1]))
                end--;
        if (end - begin >= LINE_MAX_LENGTH)
                return -EINVAL;
        memcpy(line, begin, (size_t) (end - begin));
        line[end - begin] = '\0';
        return 0;
}

int samples_parse(const char *text, Sample samples[REPORT_METRICS_MAX]) {
        char line[LINE_MAX_LENGTH];
        bool bare = false;
        int n = 0;

        while (*text) {
                if (take_line(&text, line) < 0)
                        return -EINVAL;
                if (*line == '\0')
                        continue;
                if (bare) /* a number stands alone */
                        return -EINVAL;
                if (n >= REPORT_METRICS_MAX)
                        return -E2BIG;

                Sample *sample = &samples[n];
                *sample = (Sample){ .name = "backlog", .type = METRIC_GAUGE };
                bare = n == 0 && parse_value(line, &sample->value) >= 0;
                if (!bare && parse_line(line, sample) < 0)
                        return -EINVAL;
                n++;
        }
        return n > 0 ? n : -EINVAL;
}

int samples_report(const Sample *samples, size_t n, Report *report) {
        int r = 0;

        report_forget(report);
        for (size_t i = 0; i < n; i++) {
                int e = samples[i].type == METRIC_GAUGE
                                        ? report_gauge(report, samples[i].name, samples[i].value)
                                        : report_count(report, samples[i].name, samples[i].value);
                if (e < 0 && r == 0)
                        r = e;
        }
        return r;
}
