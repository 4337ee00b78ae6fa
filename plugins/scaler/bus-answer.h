/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* Handles a method call later than it came, when sd-bus no longer answers by itself: calls the
 * handler, which is one as in sd_bus_add_object_vtable(3), and answers with its error if there is
 * one. Returns 0 or negative errno when that could not be sent. */
int bus_answer(sd_bus_message *m, sd_bus_message_handler_t handler, void *userdata);
