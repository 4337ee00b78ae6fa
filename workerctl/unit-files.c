/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "bus.h"
#include "io.h"

enum { UNIT_FILE_LIMIT = 1024 * 1024 };

static int visit_file(const char *path, bool drop_in, UnitFileVisitor visit, void *userdata) {
        CLEANUP(freep) char *text = NULL;
        int r = read_file_at(AT_FDCWD, path, UNIT_FILE_LIMIT, &text, NULL);
        return r < 0 ? r : visit(path, text, drop_in, userdata);
}

int unit_files_of_system(sd_bus *bus, const char *unit, UnitFileVisitor visit, void *userdata) {
        CLEANUP(freep) char *fragment = NULL;
        CLEANUP(strings_freep) char **drop_ins = NULL;

        int r = bus_get_string(bus, unit, BUS_UNIT, "FragmentPath", &fragment);
        if (r >= 0)
                r = bus_get_strings(bus, unit, BUS_UNIT, "DropInPaths", &drop_ins);
        if (r >= 0 && !*fragment && (!drop_ins || !*drop_ins))
                r = -ENOENT;
        if (r >= 0 && *fragment)
                r = visit_file(fragment, false, visit, userdata);
        for (char **d = drop_ins; r >= 0 && d && *d; d++)
                r = visit_file(*d, true, visit, userdata);
        return r < 0 ? r : 0;
}

static int is_drop_in(const struct dirent *e) {
        return *e->d_name != '.' && endswith(e->d_name, ".conf");
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int visit_drop_in(
                const char *directory, const char *name, UnitFileVisitor visit, void *userdata) {
        CLEANUP(freep) char *path = NULL;
        if (asprintf(&path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        return visit_file(path, true, visit, userdata);
}

int unit_files_at(const char *path, UnitFileVisitor visit, void *userdata) {
        CLEANUP(freep) char *directory = NULL;
        struct dirent **entries = NULL;

        int r = visit_file(path, false, visit, userdata);
        if (r < 0)
                return r;
        if (asprintf(&directory, "%s.d", path) < 0)
                return -ENOMEM;
        int n = scandir(directory, &entries, is_drop_in, by_bytes);
        if (n < 0)
                return errno == ENOENT ? 0 : -errno;
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = visit_drop_in(directory, entries[i]->d_name, visit, userdata);
                free(entries[i]);
        }
        free(entries);
        return r < 0 ? r : 0;
}
