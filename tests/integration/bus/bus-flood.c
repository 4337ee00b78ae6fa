/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "macro.h"
#include "number.h"
#include "timespan.h"

/* Calls what everybody may call over the bus, as fast as it is answered and with as many calls on
 * the way as the bus allows.
 *
 *     bus-flood ask SECONDS    worker-scaler for all that it knows
 *     bus-flood name SECONDS   worker-scaler for a worker whose name has megabytes
 *     bus-flood load SECONDS   systemd for units of workers that nobody has heard of */

enum { ON_THE_WAY = 100, NAME_LENGTH = 4 * 1024 * 1024 };

typedef struct Flood {
        sd_bus *bus;
        char name[NAME_LENGTH + 1];
        unsigned on_the_way;
        unsigned calls, refused;
} Flood;

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Flood *f = userdata;
        (void) ret_error;

        f->on_the_way--;
        f->refused += sd_bus_message_is_method_error(m, NULL) > 0;
        return 0;
}

static int ask(Flood *f) {
        return sd_bus_call_method_async(f->bus, NULL, "org.systemd_workers.Scaler1",
                        "/org/systemd_workers/Scaler1", "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", on_answer, f, "");
}

static int name(Flood *f) {
        memset(f->name, 'x', NAME_LENGTH);
        return sd_bus_call_method_async(f->bus, NULL, "org.systemd_workers.Scaler1",
                        "/org/systemd_workers/Scaler1", "org.systemd_workers.Scaler1.Manager",
                        "GetWorker", on_answer, f, "s", f->name);
}

static int load(Flood *f) {
        (void) snprintf(f->name, sizeof(f->name), "worker-flood%u@1.service", f->calls);
        return sd_bus_call_method_async(f->bus, NULL, "org.freedesktop.systemd1",
                        "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "LoadUnit",
                        on_answer, f, "s", f->name);
}

static int flood(Flood *f, int (*call)(Flood *f), usec_t span) {
        const usec_t end = monotonic_usec() + span;
        int r = 0;

        while (r >= 0 && monotonic_usec() < end) {
                for (; r >= 0 && f->on_the_way < ON_THE_WAY; f->on_the_way++, f->calls++)
                        r = call(f);
                while (r >= 0 && (r = sd_bus_process(f->bus, NULL)) > 0)
                        ;
                if (r >= 0)
                        r = sd_bus_wait(f->bus, USEC_PER_SEC / 10);
        }
        return r < 0 ? r : 0;
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int (*call)(Flood *f);
        } calls[] = { { "ask", ask }, { "name", name }, { "load", load } };
        int (*call)(Flood * f) = NULL;
        unsigned seconds;

        for (size_t i = 0; argc == 3 && i < ARRAY_SIZE(calls); i++)
                if (STREQ(argv[1], calls[i].name))
                        call = calls[i].call;
        if (!call || parse_unsigned(argv[2], &seconds) < 0) {
                fprintf(stderr, "Usage: bus-flood ask|name|load SECONDS\n");
                return 2;
        }

        CLEANUP(freep) Flood *f = calloc(1, sizeof(Flood));
        int r = f ? sd_bus_open_system(&f->bus) : -ENOMEM;
        if (r >= 0)
                r = flood(f, call, seconds * USEC_PER_SEC);
        if (r >= 0)
                printf("%u calls, %u of the answers are errors\n", f->calls, f->refused);
        else
                fprintf(stderr, "bus-flood: %s\n", strerror(-r));
        if (f)
                sd_bus_close_unref(f->bus);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
