/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy-source.h"

#include <errno.h>
#include <stdio.h>

#include "bus.h"
#include "manifest-unit.h"
#include "unit-files.h"
#include "unit-name.h"

typedef struct Reading {
        Scaling scaling;
        char *fragment; /* owned; NULL: there are only drop-ins */
        ScalingWarning warn;
} Reading;

static void reading_done(Reading *r) {
        scaling_done(&r->scaling);
        free(r->fragment);
}

static int read_file(const char *path, const char *text, bool drop_in, void *userdata) {
        Reading *r = userdata;

        if (!drop_in && !(r->fragment = strdup(path)))
                return -ENOMEM;
        return scaling_read(&r->scaling, path, text, r->warn, NULL);
}

static void hand_over(Scaling *s, Scaling *ret) {
        scaling_done(ret);
        *ret = *s;
        s->slice = NULL;
}

static void finish(Reading *r, Scaling *ret) {
        if (r->scaling.found)
                scaling_finish(&r->scaling, r->fragment ?: "", r->warn, NULL);
        hand_over(&r->scaling, ret);
}

int policy_from_unit(sd_bus *bus, const char *unit, ScalingWarning warn, Scaling *ret) {
        CLEANUP(reading_done) Reading reading = { .warn = warn };

        scaling_init(&reading.scaling);
        int r = unit_files_of_system(bus, unit, read_file, &reading);
        if (r == 0)
                finish(&reading, ret);
        return r;
}

int policy_from_target_file(const char *path, ScalingWarning warn, Scaling *ret) {
        CLEANUP(reading_done) Reading reading = { .warn = warn };

        scaling_init(&reading.scaling);
        int r = unit_files_at(path, read_file, &reading);
        if (r == 0)
                finish(&reading, ret);
        return r;
}

/* --- as the administrator names it ------------------------------------------------------------ */

static void print_warning(const char *path, unsigned line, const char *message, void *userdata) {
        (void) userdata;
        if (line > 0)
                fprintf(stderr, "%s:%u: %s\n", path, line, message);
        else
                fprintf(stderr, "%s: %s\n", path, message);
}

/* With the unit's prefix and suffix, it has to be a name that systemd can know. */
static bool is_worker_id(const char *argument) {
        return strlen(argument) <= WORKER_ID_MAX
               && argument[strspn(argument, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

bool is_policy_source(const char *argument) {
        return is_manifest_file(argument) || endswith(argument, ".target")
               || (is_worker_id(argument) && !endswith(argument, ".csv")
                               && access(argument, F_OK) < 0);
}

static int from_manifest(const char *path, Scaling *s) {
        CLEANUP(freep) char *text = NULL;

        int r = manifest_unit(path, ".target", NULL, &text);
        if (r < 0)
                return r;
        r = scaling_read(s, path, text, print_warning, NULL);
        if (r == 0 && s->found)
                scaling_finish(s, path, print_warning, NULL);
        return r;
}

static int from_system(const char *argument, Scaling *s) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;
        char unit[UNIT_NAME_MAX + 1];
        bool target = endswith(argument, ".target");

        (void) snprintf(unit, sizeof(unit), "%s%s%s", target ? "" : "worker-", argument,
                        target ? "" : ".target");
        int r = bus_connect(&bus);
        if (r < 0)
                return r;
        r = policy_from_unit(bus, unit, print_warning, s);
        if (r == -ENOENT && !target)
                fprintf(stderr, "workerctl: '%s' is neither a file nor a worker\n", argument);
        else if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", unit,
                                r == -ENOENT ? "systemd knows no such unit" : strerror(-r));
        return r;
}

static int from_file(const char *path, Scaling *s) {
        int r = policy_from_target_file(path, print_warning, s);
        if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
        return r;
}

int policy_read(const char *argument, Scaling *ret) {
        CLEANUP(scaling_done) Scaling s;

        scaling_init(&s);
        int r = is_manifest_file(argument) ? from_manifest(argument, &s)
                : strchr(argument, '/')    ? from_file(argument, &s)
                                           : from_system(argument, &s);
        if (r < 0)
                return r;
        if (!s.found) {
                fprintf(stderr,
                                "workerctl: %s: no scaling policy there: a manifest needs "
                                "'autoScaling', a target a section [X-Scaling]\n",
                                argument);
                return -ENODATA;
        }
        hand_over(&s, ret);
        return 0;
}
