/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-hold.h"

#include "bus-answer.h"

/* dbus-daemon allows one connection half as many calls without an answer. */
enum { HELD_MAX = 256 };

typedef struct HeldCall HeldCall;
struct HeldCall {
        HeldCall *next;
        sd_bus_message *message;
        sd_bus_message_handler_t handler;
        void *userdata;
        sd_bus_destroy_t destroy;
};

struct BusHold {
        HeldCall *first, **end; /* in the order of their coming */
        unsigned n;
};

static void held_call_free(HeldCall *c) {
        sd_bus_message_unref(c->message);
        if (c->destroy)
                c->destroy(c->userdata);
        free(c);
}

BusHold *bus_hold_new(void) {
        BusHold *h = calloc(1, sizeof(BusHold));
        if (h)
                h->end = &h->first;
        return h;
}

bool bus_hold_is_empty(const BusHold *h) {
        return !h->first;
}

static HeldCall *take_all(BusHold *h) {
        HeldCall *all = h->first;
        h->first = NULL;
        h->end = &h->first;
        h->n = 0;
        return all;
}

void bus_hold_clear(BusHold *h) {
        for (HeldCall *c = take_all(h), *next; c; c = next) {
                next = c->next;
                held_call_free(c);
        }
}

BusHold *bus_hold_free(BusHold *h) {
        if (h)
                bus_hold_clear(h);
        free(h);
        return NULL;
}

int bus_hold_add(BusHold *h, sd_bus_message *m, sd_bus_message_handler_t handler, void *userdata,
                sd_bus_destroy_t destroy, sd_bus_error *ret_error) {
        HeldCall *c = h->n < HELD_MAX ? calloc(1, sizeof(HeldCall)) : NULL;
        if (!c) {
                if (destroy)
                        destroy(userdata);
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                "systemd reloads and too many calls wait for it: try again");
        }

        *c = (HeldCall){ NULL, sd_bus_message_ref(m), handler, userdata, destroy };
        *h->end = c;
        h->end = &c->next;
        h->n++;
        return 1; /* answered later */
}

void bus_hold_release(BusHold *h) {
        for (HeldCall *c = take_all(h), *next; c; c = next) {
                next = c->next;
                (void) bus_answer(c->message, c->handler, c->userdata);
                held_call_free(c);
        }
}
