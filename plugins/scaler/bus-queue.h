/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* Method calls that wait for their turn. dbus-daemon refuses more than 128 unanswered calls of one
 * connection (max_replies_per_connection in dbus-daemon(1)), so no more than half of that are under
 * way at a time. Owns the calls. */

typedef struct BusQueue BusQueue;
typedef struct BusCall BusCall;

/* reply is an error message when the call failed (sd_bus_message_get_error()). */
typedef void (*BusReplyHandler)(const char *unit, sd_bus_message *reply, void *userdata);

BusQueue *bus_queue_new(sd_bus *bus, void *userdata);

/* Drops the calls that wait; answers to those under way are not delivered any more. */
BusQueue *bus_queue_free(BusQueue *q);
DEFINE_CLEANUP(BusQueue *, bus_queue_free)

/* Sends m when its turn comes. Takes a reference on m and copies unit, which is handed to the
 * handler; it may be NULL. Returns 0 or negative errno. */
int bus_queue_call(BusQueue *q, sd_bus_message *m, const char *unit, BusReplyHandler handler);
