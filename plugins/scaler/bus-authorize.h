/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* Whether the sender of a call may order: root may, others may when polkit says so. Never waits for
 * polkit, who may be waiting for a password. */

/* Called once when the sender may. What it returns, and the error, answer the call. userdata is
 * what was handed over. */
typedef int (*AuthorizedHandler)(sd_bus_message *m, void *userdata, sd_bus_error *ret_error);

/* Returns what a method's handler is to return. destroy(userdata) is called in the end, in any
 * case. */
int bus_authorize(sd_bus_message *m, const char *action, AuthorizedHandler handler, void *userdata,
                sd_bus_destroy_t destroy, sd_bus_error *ret_error);
