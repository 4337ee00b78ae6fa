/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy-source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "bus.h"
#include "io.h"
#include "manifest-unit.h"
#include "unit-name.h"

enum { UNIT_FILE_LIMIT = 1024 * 1024 };

static int read_unit_file(Scaling *s, const char *path, ScalingWarning warn) {
        CLEANUP(freep) char *text = NULL;
        int r = read_file_at(AT_FDCWD, path, UNIT_FILE_LIMIT, &text, NULL);
        return r < 0 ? r : scaling_read(s, path, text, warn, NULL);
}

static void hand_over(Scaling *s, Scaling *ret) {
        scaling_done(ret);
        *ret = *s;
        s->slice = NULL;
}

int policy_from_unit(sd_bus *bus, const char *unit, ScalingWarning warn, Scaling *ret) {
        CLEANUP(freep) char *fragment = NULL;
        CLEANUP(strings_freep) char **drop_ins = NULL;
        CLEANUP(scaling_done) Scaling s;

        scaling_init(&s);
        int r = bus_get_string(bus, unit, BUS_UNIT, "FragmentPath", &fragment);
        if (r >= 0)
                r = bus_get_strings(bus, unit, BUS_UNIT, "DropInPaths", &drop_ins);
        if (r >= 0 && !*fragment && (!drop_ins || !*drop_ins))
                r = -ENOENT;
        if (r >= 0 && *fragment)
                r = read_unit_file(&s, fragment, warn);
        for (char **d = drop_ins; r >= 0 && d && *d; d++)
                r = read_unit_file(&s, *d, warn);
        if (r < 0)
                return r;
        if (s.found)
                scaling_finish(&s, fragment, warn, NULL);
        hand_over(&s, ret);
        return 0;
}

static int is_drop_in(const struct dirent *e) {
        return *e->d_name != '.' && endswith(e->d_name, ".conf");
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_drop_in(Scaling *s, const char *target, const char *name, ScalingWarning warn) {
        CLEANUP(freep) char *path = NULL;
        if (asprintf(&path, "%s.d/%s", target, name) < 0)
                return -ENOMEM;
        return read_unit_file(s, path, warn);
}

static int read_drop_ins(Scaling *s, const char *target, ScalingWarning warn) {
        CLEANUP(freep) char *directory = NULL;
        struct dirent **entries = NULL;
        int r = 0;

        if (asprintf(&directory, "%s.d", target) < 0)
                return -ENOMEM;
        int n = scandir(directory, &entries, is_drop_in, by_bytes);
        if (n < 0)
                return errno == ENOENT ? 0 : -errno;
        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = read_drop_in(s, target, entries[i]->d_name, warn);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int policy_from_target_file(const char *path, ScalingWarning warn, Scaling *ret) {
        CLEANUP(scaling_done) Scaling s;

        scaling_init(&s);
        int r = read_unit_file(&s, path, warn);
        if (r >= 0)
                r = read_drop_ins(&s, path, warn);
        if (r < 0)
                return r;
        if (s.found)
                scaling_finish(&s, path, warn, NULL);
        hand_over(&s, ret);
        return 0;
}

/* --- as the administrator names it ------------------------------------------------------------ */

static void print_warning(const char *path, unsigned line, const char *message, void *userdata) {
        (void) userdata;
        if (line > 0)
                fprintf(stderr, "%s:%u: %s\n", path, line, message);
        else
                fprintf(stderr, "%s: %s\n", path, message);
}

static bool is_manifest(const char *argument) {
        return endswith(argument, ".yaml") || endswith(argument, ".yml");
}

/* With the unit's prefix and suffix, it has to be a name that systemd can know. */
static bool is_worker_id(const char *argument) {
        return strlen(argument) <= WORKER_ID_MAX
               && argument[strspn(argument, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0';
}

bool is_policy_source(const char *argument) {
        return is_manifest(argument) || endswith(argument, ".target")
               || (is_worker_id(argument) && !endswith(argument, ".csv")
                               && access(argument, F_OK) < 0);
}

static int from_manifest(const char *path, Scaling *s) {
        CLEANUP(freep) char *text = NULL;
        CLEANUP(closep) int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        int r = manifest_unit(root_fd, path, ".target", NULL, &text);
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
        int r = is_manifest(argument)   ? from_manifest(argument, &s)
                : strchr(argument, '/') ? from_file(argument, &s)
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
