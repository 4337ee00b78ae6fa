/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus.h"

#include <stdio.h>

#define SYSTEMD      "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define MANAGER      SYSTEMD ".Manager"

/* as long as systemctl(1) waits */
#define RELOAD_TIMEOUT (180 * USEC_PER_SEC)

int bus_connect(sd_bus **ret) {
        int r = sd_bus_open_system(ret);
        if (r < 0)
                fprintf(stderr, "workerctl: the system bus can't be reached: %s\n", strerror(-r));
        return r;
}

static int handle_units(sd_bus_message *m, int (*handler)(const BusUnit *u, void *userdata),
                void *userdata) {
        int r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
        while (r >= 0) {
                BusUnit u;
                r = sd_bus_message_read(m, "(ssssssouso)", &u.name, NULL, &u.load, &u.active,
                                &u.sub, NULL, NULL, NULL, NULL, NULL);
                if (r <= 0)
                        return r;
                r = handler(&u, userdata);
        }
        return r;
}

int bus_list_units(sd_bus *bus, int (*handler)(const BusUnit *u, void *userdata), void *userdata) {
        CLEANUP(bus_messagep) sd_bus_message *reply = NULL;

        int r = sd_bus_call_method(bus, SYSTEMD, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns", NULL,
                        &reply, "asas", 0, 1, "worker-*");
        return r < 0 ? r : handle_units(reply, handler, userdata);
}

int bus_reload(sd_bus *bus) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;

        int r = sd_bus_message_new_method_call(bus, &m, SYSTEMD, SYSTEMD_PATH, MANAGER, "Reload");
        return r < 0 ? r : sd_bus_call(bus, m, RELOAD_TIMEOUT, NULL, NULL);
}

int bus_get_string(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char **ret) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);
        if (r < 0)
                return r;
        return sd_bus_get_property_string(bus, SYSTEMD, path, interface, property, NULL, ret);
}

int bus_get_strings(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char ***ret) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);
        if (r < 0)
                return r;
        return sd_bus_get_property_strv(bus, SYSTEMD, path, interface, property, NULL, ret);
}

int bus_get_number(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char type, void *ret) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);
        if (r < 0)
                return r;
        return sd_bus_get_property_trivial(
                        bus, SYSTEMD, path, interface, property, NULL, type, ret);
}

void strings_freep(char ***strings) {
        for (char **s = *strings; s && *s; s++)
                free(*s);
        free(*strings);
}
