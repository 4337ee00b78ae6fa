/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* Method calls that can't be answered yet: while systemd reloads nobody knows which workers there
 * are, and whoever typed "systemctl daemon-reload && workerctl scale ..." is not to be refused. */

typedef struct BusHold BusHold;

BusHold *bus_hold_new(void); /* NULL: out of memory */
/* Who still waits gets no answer: their connection is gone, or we are. */
BusHold *bus_hold_free(BusHold *h);
DEFINE_CLEANUP(BusHold *, bus_hold_free)

/* Keeps a call until it is released; then handler(m, userdata) is called, which is a method's
 * handler as in sd_bus_add_object_vtable(3). userdata is freed with destroy (NULL: not) in any
 * case. Returns what a method's handler is to return. */
int bus_hold_add(BusHold *h, sd_bus_message *m, sd_bus_message_handler_t handler, void *userdata,
                sd_bus_destroy_t destroy, sd_bus_error *ret_error);

bool bus_hold_is_empty(const BusHold *h);

/* Handles all that are held, in the order of their coming. A handler may hold its call again. */
void bus_hold_release(BusHold *h);

/* Forgets all of them. */
void bus_hold_clear(BusHold *h);
