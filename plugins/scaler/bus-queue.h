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

/* Makes the message of a call when its turn comes. Thousands may wait, and a message takes a
 * kilobyte.
 */
typedef int (*BusCallMaker)(const char *unit, void *userdata, sd_bus_message **ret);

/* Makes and sends a message when its turn comes. Copies unit, which is handed to maker and handler;
 * it may be NULL. Returns 0 or negative errno. */
int bus_queue_call(BusQueue *q, const char *unit, BusCallMaker make, BusReplyHandler handler);

/* The same for a message that is made already; takes a reference on it. The handler's unit is NULL.
 */
int bus_queue_message(BusQueue *q, sd_bus_message *m, BusReplyHandler handler);
