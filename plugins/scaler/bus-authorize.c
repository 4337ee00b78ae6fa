/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-authorize.h"

#include <errno.h>

#include "bus-answer.h"
#include "macro.h"

#define POLKIT           "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_AUTHORITY POLKIT ".Authority"

enum { POLKIT_ALLOW_USER_INTERACTION = 1 };

typedef struct Request {
        sd_bus_message *message;
        sd_bus_message_handler_t handler;
        void *userdata;
        sd_bus_destroy_t destroy;
} Request;

static void request_free(void *userdata) {
        Request *q = userdata;
        sd_bus_message_unref(q->message);
        if (q->destroy)
                q->destroy(q->userdata);
        free(q);
}

static void requestp(Request **q) {
        if (*q)
                request_free(*q);
}

static void slotp(sd_bus_slot **slot) {
        sd_bus_slot_unref(*slot);
}

static bool is_authorized(sd_bus_message *reply) {
        int authorized = false;
        return !sd_bus_message_is_method_error(reply, NULL)
               && sd_bus_message_enter_container(reply, 'r', "bba{ss}") >= 0
               && sd_bus_message_read(reply, "b", &authorized) >= 0 && authorized;
}

static int refuse(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        (void) m;
        (void) userdata;
        return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED,
                        "only root may, and whom polkit allows");
}

static int on_polkit(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const Request *q = userdata;
        (void) ret_error;

        return bus_answer(q->message, is_authorized(reply) ? q->handler : refuse, q->userdata);
}

static int ask_polkit(Request *q, const char *action, sd_bus_slot **ret) {
        sd_bus_message *m = q->message;
        unsigned flags = sd_bus_message_get_allow_interactive_authorization(m) > 0
                                         ? POLKIT_ALLOW_USER_INTERACTION
                                         : 0;
        return sd_bus_call_method_async(sd_bus_message_get_bus(m), ret, POLKIT, POLKIT_PATH,
                        POLKIT_AUTHORITY, "CheckAuthorization", on_polkit, q, "(sa{sv})sa{ss}us",
                        "system-bus-name", 1, "name", "s", sd_bus_message_get_sender(m), action, 0,
                        flags, "");
}

int bus_authorize(sd_bus_message *m, const char *action, sd_bus_message_handler_t handler,
                void *userdata, sd_bus_destroy_t destroy, sd_bus_error *ret_error) {
        CLEANUP(slotp) sd_bus_slot *slot = NULL;
        CLEANUP(requestp) Request *q = calloc(1, sizeof(Request));
        if (!q) {
                if (destroy)
                        destroy(userdata);
                return -ENOMEM;
        }
        *q = (Request){ sd_bus_message_ref(m), handler, userdata, destroy };

        int r = sd_bus_query_sender_privilege(m, -1);
        if (r < 0)
                return r;
        if (r > 0)
                return handler(m, userdata, ret_error);

        r = ask_polkit(q, action, &slot);
        if (r < 0)
                return r;
        (void) sd_bus_slot_set_destroy_callback(slot, request_free);
        (void) TAKE_PTR(q);
        r = sd_bus_slot_set_floating(slot, true);
        return r < 0 ? r : 1; /* answered later */
}
