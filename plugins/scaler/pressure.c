/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "io.h"
#include "number.h"

/* The kernel itself averages anew every two seconds. */
#define KEEP USEC_PER_SEC

enum { PRESSURE_FILE_MAX = 4096 };

int pressure_parse(const char *text, double *ret) {
        static const char prefix[] = "some avg10=";
        char number[32];

        if (!startswith(text, prefix))
                return -EBADMSG;
        text += strlen(prefix);
        size_t n = strcspn(text, " \n");
        if (n >= sizeof(number))
                return -EBADMSG;
        memcpy(number, text, n);
        number[n] = '\0';

        double value;
        if (parse_double(number, &value) < 0 || value < 0)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static bool is_above(const Pressure *p, const char *file, double limit) {
        CLEANUP(freep) char *text = NULL;
        char path[4096];
        double value;

        (void) snprintf(path, sizeof(path), "%s/%s", p->directory, file);
        return limit < 100 && read_file_at(AT_FDCWD, path, PRESSURE_FILE_MAX, &text, NULL) >= 0
               && pressure_parse(text, &value) >= 0 && value > limit;
}

const char *pressure_reason(Pressure *p, usec_t now) {
        if (p->read_at == 0 || now >= p->read_at + KEEP) {
                p->reason = is_above(p, "memory.pressure", p->memory_limit) ? "memory-pressure"
                            : is_above(p, "cpu.pressure", p->cpu_limit)     ? "cpu-pressure"
                                                                            : NULL;
                p->read_at = now;
        }
        return p->reason;
}
