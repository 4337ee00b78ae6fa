/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-queue.h"

#include <errno.h>

enum { UNDER_WAY_MAX = 64 };

/* systemd does not answer while it reloads, which takes long on big machines */
#define ANSWER_TIMEOUT (5 * 60 * USEC_PER_SEC)

struct BusCall {
        BusQueue *queue;
        BusCall *previous, *next;
        sd_bus_message *message; /* NULL once it was sent */
        sd_bus_slot *slot;
        char *unit;
        BusReplyHandler handler;
};

typedef struct BusCallList {
        BusCall *first, *last;
} BusCallList;

struct BusQueue {
        sd_bus *bus;
        void *userdata;
        BusCallList waiting, under_way;
        unsigned n_under_way;
};

static void list_append(BusCallList *l, BusCall *c) {
        c->previous = l->last;
        c->next = NULL;
        if (l->last)
                l->last->next = c;
        else
                l->first = c;
        l->last = c;
}

static void list_remove(BusCallList *l, BusCall *c) {
        if (c->previous)
                c->previous->next = c->next;
        else
                l->first = c->next;
        if (c->next)
                c->next->previous = c->previous;
        else
                l->last = c->previous;
        c->previous = c->next = NULL;
}

static BusCall *bus_call_free(BusCall *c) {
        if (!c)
                return NULL;
        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->message);
        free(c->unit);
        free(c);
        return NULL;
}
DEFINE_CLEANUP(BusCall *, bus_call_free)

BusQueue *bus_queue_new(sd_bus *bus, void *userdata) {
        BusQueue *q = calloc(1, sizeof(BusQueue));
        if (!q)
                return NULL;
        q->bus = sd_bus_ref(bus);
        q->userdata = userdata;
        return q;
}

static void list_free(BusCallList *l) {
        while (l->first) {
                BusCall *c = l->first;
                list_remove(l, c);
                bus_call_free(c);
        }
}

BusQueue *bus_queue_free(BusQueue *q) {
        if (!q)
                return NULL;
        list_free(&q->waiting);
        list_free(&q->under_way);
        sd_bus_unref(q->bus);
        free(q);
        return NULL;
}

static void send_waiting(BusQueue *q);

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        BusCall *c = userdata;
        BusQueue *q = c->queue;
        (void) ret_error;

        list_remove(&q->under_way, c);
        q->n_under_way--;
        c->handler(c->unit, reply, q->userdata);
        bus_call_free(c);
        send_waiting(q);
        return 0;
}

/* A call that can't be sent is as good as a connection that is lost: sd-bus tells that by itself.
 */
static void send_waiting(BusQueue *q) {
        while (q->waiting.first && q->n_under_way < UNDER_WAY_MAX) {
                BusCall *c = q->waiting.first;
                list_remove(&q->waiting, c);

                if (sd_bus_call_async(q->bus, &c->slot, c->message, on_reply, c, ANSWER_TIMEOUT)
                                < 0) {
                        bus_call_free(c);
                        continue;
                }
                c->message = sd_bus_message_unref(c->message);
                list_append(&q->under_way, c);
                q->n_under_way++;
        }
}

int bus_queue_call(BusQueue *q, sd_bus_message *m, const char *unit, BusReplyHandler handler) {
        CLEANUP(bus_call_freep) BusCall *c = calloc(1, sizeof(BusCall));
        if (!c)
                return -ENOMEM;
        if (unit && !(c->unit = strdup(unit)))
                return -ENOMEM;

        c->queue = q;
        c->message = sd_bus_message_ref(m);
        c->handler = handler;
        list_append(&q->waiting, TAKE_PTR(c));
        send_waiting(q);
        return 0;
}
