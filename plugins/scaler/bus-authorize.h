/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* Whether the sender of a call may order: root may, others may when polkit says so. Never waits for
 * polkit, who may be waiting for a password. */

/* handler is called once when the sender may: what it returns, and the error, answer the call.
 * Returns what a method's handler is to return. destroy(userdata) is called in the end, in any
 * case. */
int bus_authorize(sd_bus_message *m, const char *action, sd_bus_message_handler_t handler,
                void *userdata, sd_bus_destroy_t destroy, sd_bus_error *ret_error);
