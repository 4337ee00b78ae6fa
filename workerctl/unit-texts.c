/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-texts.h"

#include <errno.h>
#include <stdio.h>

#include "bus.h"
#include "manifest-unit.h"
#include "unit-files.h"
#include "unit-name.h"

void unit_texts_done(UnitTexts *t) {
        for (size_t i = 0; i < t->n; i++) {
                free(t->items[i].path);
                free(t->items[i].text);
        }
        free(t->name);
        *t = (UnitTexts){ 0 };
}

/* A unit without a fragment is none, whatever drop-ins are left of it. */
static int add(const char *path, const char *text, bool drop_in, void *userdata) {
        UnitTexts *t = userdata;

        if (drop_in && t->n == 0)
                return -ENOENT;
        if (t->n >= UNIT_TEXTS_MAX)
                return -E2BIG;
        UnitText *i = &t->items[t->n++];
        *i = (UnitText){ .path = strdup(path), .text = strdup(text) };
        return i->path && i->text ? 0 : -ENOMEM;
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
        r = unit_files_of_system(bus, unit, add, t);
        if (r == -ENOENT)
                fprintf(stderr, "workerctl: there is no worker '%s', see 'workerctl list'\n", id);
        else if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", unit, strerror(-r));
        if (r >= 0 && asprintf(&t->name, "worker-%s@.service", id) < 0)
                r = -ENOMEM;
        return r;
}

static int from_manifest(const char *path, UnitTexts *t) {
        CLEANUP(freep) char *text = NULL;

        int r = manifest_unit(path, "@.service", &t->name, &text);
        return r < 0 ? r : add(t->name, text, false, t);
}

static int from_unit_file(const char *path, UnitTexts *t) {
        const char *slash = strrchr(path, '/');

        int r = unit_files_at(path, add, t);
        if (r >= 0 && !(t->name = strdup(slash ? slash + 1 : path)))
                r = -ENOMEM;
        if (r < 0)
                fprintf(stderr, "workerctl: %s: %s\n", path, strerror(-r));
        return r;
}

int unit_texts_read(const char *argument, UnitTexts *ret) {
        CLEANUP(unit_texts_done) UnitTexts t = { 0 };

        int r = is_manifest_file(argument) ? from_manifest(argument, &t)
                : endswith(argument, ".service") || strchr(argument, '/')
                                ? from_unit_file(argument, &t)
                                : from_system(argument, &t);
        if (r < 0)
                return r;
        *ret = t;
        t = (UnitTexts){ 0 };
        return 0;
}
