/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-queue.h"

#include <errno.h>

enum { UNDER_WAY_MAX = 64 };

/* systemd does not answer while it reloads, which takes long on big machines */
#define ANSWER_TIMEOUT (300 * USEC_PER_SEC)

struct BusCall {
        BusQueue *queue;
        BusCall *next;           /* of those that wait */
        BusCallMaker make;       /* NULL: the message is made */
        sd_bus_message *message; /* NULL: not made yet */
        sd_bus_slot *slot;
        char *unit;
        BusReplyHandler handler;
};

struct BusQueue {
        sd_bus *bus;
        void *userdata;
        BusCall *first, *last;             /* wait, in the order of their coming */
        BusCall *under_way[UNDER_WAY_MAX]; /* NULL: free */
};

static BusCall *bus_call_free(BusCall *c) {
        if (!c)
                return NULL;
        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->message);
        free(c->unit);
        free(c);
        return NULL;
}

BusQueue *bus_queue_new(sd_bus *bus, void *userdata) {
        BusQueue *q = calloc(1, sizeof(BusQueue));
        if (!q)
                return NULL;
        q->bus = sd_bus_ref(bus);
        q->userdata = userdata;
        return q;
}

static void append(BusQueue *q, BusCall *c) {
        if (q->first)
                q->last->next = c;
        else
                q->first = c;
        q->last = c;
}

static BusCall *take_first(BusQueue *q) {
        BusCall *c = q->first;
        q->first = c->next;
        return c;
}

BusQueue *bus_queue_free(BusQueue *q) {
        if (!q)
                return NULL;
        while (q->first)
                bus_call_free(take_first(q));
        for (size_t i = 0; i < UNDER_WAY_MAX; i++)
                bus_call_free(q->under_way[i]);
        sd_bus_unref(q->bus);
        free(q);
        return NULL;
}

/* A place for a call that is under way, NULL when there is none left. */
static BusCall **find_place(BusQueue *q, const BusCall *c) {
        for (size_t i = 0; i < UNDER_WAY_MAX; i++)
                if (q->under_way[i] == c)
                        return &q->under_way[i];
        return NULL;
}

static void send_waiting(BusQueue *q);

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        BusCall *c = userdata;
        BusQueue *q = c->queue;
        BusCall **place = find_place(q, c);
        (void) ret_error;

        if (place)
                *place = NULL;
        c->handler(c->unit, reply, q->userdata);
        bus_call_free(c);
        send_waiting(q);
        return 0;
}

static int send_call(BusCall *c) {
        if (c->make) {
                int r = c->make(c->unit, c->queue->userdata, &c->message);
                if (r < 0)
                        return r;
        }
        return sd_bus_call_async(c->queue->bus, &c->slot, c->message, on_reply, c, ANSWER_TIMEOUT);
}

/* A call that can't be sent is as good as a connection that is lost: sd-bus tells that by itself.
 */
static void send_waiting(BusQueue *q) {
        BusCall **place;

        while (q->first && (place = find_place(q, NULL))) {
                BusCall *c = take_first(q);
                if (send_call(c) >= 0)
                        *place = c;
                else
                        bus_call_free(c);
        }
}

static void enqueue(BusQueue *q, BusCall *c) {
        c->queue = q;
        append(q, c);
        send_waiting(q);
}

int bus_queue_call(BusQueue *q, const char *unit, BusCallMaker make, BusReplyHandler handler) {
        BusCall *c = calloc(1, sizeof(BusCall));
        char *copy = unit ? strdup(unit) : NULL;
        if (!c || (unit && !copy)) {
                free(c);
                free(copy);
                return -ENOMEM;
        }

        *c = (BusCall){ .make = make, .unit = copy, .handler = handler };
        enqueue(q, c);
        return 0;
}

int bus_queue_message(BusQueue *q, sd_bus_message *m, BusReplyHandler handler) {
        BusCall *c = calloc(1, sizeof(BusCall));
        if (!c)
                return -ENOMEM;

        *c = (BusCall){ .message = sd_bus_message_ref(m), .handler = handler };
        enqueue(q, c);
        return 0;
}
