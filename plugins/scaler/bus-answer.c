/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-answer.h"

int bus_answer(sd_bus_message *m, sd_bus_message_handler_t handler, void *userdata) {
        sd_bus_error error = SD_BUS_ERROR_NULL;

        int r = handler(m, userdata, &error);
        if (sd_bus_error_is_set(&error))
                r = sd_bus_reply_method_error(m, &error);
        else if (r < 0)
                r = sd_bus_reply_method_errno(m, r, NULL);
        sd_bus_error_free(&error);
        return r < 0 ? r : 0;
}
