/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-texts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "bus.h"
#include "io.h"
#include "manifest-unit.h"
#include "unit-name.h"

enum { UNIT_FILE_LIMIT = 1024 * 1024 };

void unit_texts_done(UnitTexts *t) {
        for (size_t i = 0; i < t->n; i++) {
                free(t->items[i].path);
                free(t->items[i].text);
        }
        free(t->name);
        *t = (UnitTexts){ 0 };
}

/* Takes the text over, also when it fails. */
static int add(UnitTexts *t, const char *path, char *text) {
        CLEANUP(freep) char *owned = text;

        if (t->n >= UNIT_TEXTS_MAX)
                return -E2BIG;
        char *copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        t->items[t->n++] = (UnitText){ .path = copy, .text = TAKE_PTR(owned) };
        return 0;
}

static int add_file(UnitTexts *t, const char *path) {
        char *text = NULL;
        int r = read_file_at(AT_FDCWD, path, UNIT_FILE_LIMIT, &text, NULL);
        return r < 0 ? r : add(t, path, text);
}

/* --- of systemd ------------------------------------------------------------------------------- */

static int read_unit(sd_bus *bus, const char *unit, UnitTexts *t) {
        CLEANUP(freep) char *fragment = NULL;
        CLEANUP(strings_freep) char **drop_ins = NULL;

        int r = bus_get_string(bus, unit, BUS_UNIT, "FragmentPath", &fragment);
        if (r >= 0 && !*fragment)
                return -ENOENT;
        if (r >= 0)
                r = bus_get_strings(bus, unit, BUS_UNIT, "DropInPaths", &drop_ins);
        if (r >= 0)
                r = add_file(t, fragment);
        for (char **d = drop_ins; r >= 0 && d && *d; d++)
                r = add_file(t, *d);
        return r;
}

static int from_system(const char *id, UnitTexts *t) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;
        char unit[UNIT_NAME_MAX + 1];

        int n = snprintf(unit, sizeof(unit), "worker-%s@1.service", id);
        if (n < 0 || (size_t) n >= sizeof(unit))
                return -ENOENT;
        int r = bus_connect(&bus);
        if (r < 0)
                return r;
        r = read_unit(bus, unit, t);
        if (r == -ENOENT)
                fprintf(stderr, "workerctl: there is no worker '%s', see 'workerctl list'\n", id);
        else if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", unit, strerror(-r));
        if (r >= 0 && asprintf(&t->name, "worker-%s@.service", id) < 0)
                r = -ENOMEM;
        return r;
}

/* --- of files --------------------------------------------------------------------------------- */

static int from_manifest(const char *path, UnitTexts *t) {
        CLEANUP(closep) int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char *text = NULL;

        int r = manifest_unit(root_fd, path, "@.service", &t->name, &text);
        return r < 0 ? r : add(t, t->name, text);
}

static int is_drop_in(const struct dirent *e) {
        return *e->d_name != '.' && endswith(e->d_name, ".conf");
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_drop_ins(UnitTexts *t, const char *path) {
        CLEANUP(freep) char *directory = NULL;
        struct dirent **entries = NULL;
        int r = 0;

        if (asprintf(&directory, "%s.d", path) < 0)
                return -ENOMEM;
        int n = scandir(directory, &entries, is_drop_in, by_bytes);
        if (n < 0)
                return errno == ENOENT ? 0 : -errno;
        for (int i = 0; i < n; i++) {
                CLEANUP(freep) char *file = NULL;
                if (r == 0)
                        r = asprintf(&file, "%s/%s", directory, entries[i]->d_name) < 0
                                            ? -ENOMEM
                                            : add_file(t, file);
                free(entries[i]);
        }
        free(entries);
        return r;
}

static int from_unit_file(const char *path, UnitTexts *t) {
        const char *slash = strrchr(path, '/');

        int r = add_file(t, path);
        if (r >= 0)
                r = add_drop_ins(t, path);
        if (r >= 0 && !(t->name = strdup(slash ? slash + 1 : path)))
                r = -ENOMEM;
        if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
        return r;
}

int unit_texts_read(const char *argument, UnitTexts *ret) {
        CLEANUP(unit_texts_done) UnitTexts t = { 0 };

        int r = endswith(argument, ".yaml") || endswith(argument, ".yml")
                                ? from_manifest(argument, &t)
                : endswith(argument, ".service") || strchr(argument, '/')
                                ? from_unit_file(argument, &t)
                                : from_system(argument, &t);
        if (r < 0)
                return r;
        *ret = t;
        t = (UnitTexts){ 0 };
        return 0;
}
