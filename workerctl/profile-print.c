/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "profile-print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "print.h"
#include "profile-files.h"

/* What a worker does with calls of a group; a call is told with the first that has it. */
static const struct {
        const char *group, *words;
} topics[] = {
        { "@network-io", "sockets" },
        { "@process", "processes" },
        { "@ipc", "messages, semaphores and memory shared between processes" },
        { "@chown", "owners of files" },
        { "@file-system", "files and directories" },
        { "@sync", "writing through to the disk" },
        { "@aio", "asynchronous input and output" },
        { "@timer", "timers" },
        { "@setuid", "change of user and group" },
        { "@memlock", "locked memory" },
        { "@resources", "priorities, limits and processors" },
        { "@known", "other" },
};

/* --- words ----------------------------------------------------------------------------------- */

static void append_names(StrBuf *b, const char *label, const SyscallSet *calls) {
        CLEANUP(strbuf_done) StrBuf names = { 0 };

        syscall_names(calls, &names);
        strbuf_printf(b, "  %s: %s\n", label, strbuf_string(&names));
        strbuf_inherit(b, &names);
}

static void append_removed(const ProfileReport *r, StrBuf *b) {
        SyscallSet left = r->proposal->removed;

        for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
                SyscallSet of_topic;
                syscall_words(r->groups, topics[i].group, &of_topic);
                syscall_set_keep(&of_topic, &left);
                syscall_set_remove(&left, &of_topic);
                if (syscall_set_count(&of_topic) > 0)
                        append_names(b, topics[i].words, &of_topic);
        }
}

/* What was seen and is allowed, but for what is allowed to all. */
static void seen_beyond(const ProfileReport *r, SyscallSet *ret) {
        SyscallSet floor;

        floor_calls(r->groups, &floor);
        *ret = r->observation->seen;
        syscall_set_keep(ret, &r->proposal->then);
        syscall_set_remove(ret, &floor);
}

static void append_doubts(const ProfileReport *r, StrBuf *b) {
        const Observation *o = r->observation;

        if (o->starts == 0)
                strbuf_printf(b,
                                "No start was seen, so that what only a start calls may be "
                                "missing: watch it again,\nand meanwhile 'systemctl restart "
                                "worker-%s@1.service'\n",
                                r->id);
        if (o->losses > 0)
                strbuf_printf(b,
                                "Calls came too fast to be told (times: %u): of each group of "
                                "which one was seen, all is\nkept; watch it again for less\n",
                                o->losses);
        if (o->foreign > 0)
                strbuf_printf(b,
                                "%" PRIu64
                                " calls had numbers of another architecture and are not in it\n",
                                o->foreign);
}

int profile_print_words(const ProfileReport *r) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        const Proposal *p = r->proposal;
        char span[TIMESPAN_MAX];
        SyscallSet seen;

        seen_beyond(r, &seen);
        strbuf_printf(&b, "%sworker-%s@.service%s, watched for %s, starts seen: %u\n\n",
                        color(COLOR_GOOD), r->id, color(COLOR_NORMAL),
                        format_timespan(span, sizeof(span),
                                        r->watched / USEC_PER_SEC * USEC_PER_SEC),
                        r->observation->starts);
        append_names(&b, "Uncommon calls that it made", &seen);
        strbuf_printf(&b,
                        "\nIt may make %u calls, and with this profile %u. It could no longer "
                        "make:\n",
                        syscall_set_count(&p->now), syscall_set_count(&p->then));
        append_removed(r, &b);
        if (syscall_set_count(&p->removed) == 0)
                strbuf_append(&b, "  none: it is as narrow already\n");
        strbuf_append(&b, "\n");
        append_doubts(r, &b);
        strbuf_printf(&b, "\n%s%s%s\nApply it with 'workerctl profile --apply %s'\n",
                        color(COLOR_DIM), strbuf_string(&p->text), color(COLOR_NORMAL), r->id);
        if (strbuf_error(&b) < 0)
                return -ENOMEM;
        fputs(strbuf_string(&b), stdout);
        return 0;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void json_names(StrBuf *b, const char *key, const SyscallSet *calls) {
        CLEANUP(strbuf_done) StrBuf names = { 0 };
        CLEANUP(freep) char *text = NULL;

        syscall_names(calls, &names);
        if (strbuf_finish(&names, &text) < 0) {
                b->failed = true;
                return;
        }
        json_key(b, key);
        json_open(b, '[');
        char *rest = text;
        for (char *name; (name = strsep(&rest, " "));)
                if (*name) /* names are of letters, digits and _ */
                        strbuf_printf(b, "%s\"%s\"", b->data[b->len - 1] == '[' ? "" : ",", name);
        json_close(b, ']');
}

int profile_print_json(const ProfileReport *r) {
        CLEANUP(strbuf_done) StrBuf b = { 0 }, path = { 0 };
        const Observation *o = r->observation;
        SyscallSet seen;

        seen_beyond(r, &seen);
        profile_path(r->id, &path);
        json_open(&b, '{');
        json_string(&b, "id", r->id);
        json_number(&b, "seconds", (double) r->watched / USEC_PER_SEC);
        json_count(&b, "starts", o->starts);
        json_count(&b, "losses", o->losses);
        json_count(&b, "foreign", o->foreign);
        json_count(&b, "allowedCalls", syscall_set_count(&r->proposal->then));
        json_count(&b, "allowedCallsWithout", syscall_set_count(&r->proposal->now));
        json_names(&b, "seen", &seen);
        json_names(&b, "removed", &r->proposal->removed);
        json_string(&b, "path", strbuf_string(&path));
        json_string(&b, "dropIn", strbuf_string(&r->proposal->text));
        json_close(&b, '}');
        if (strbuf_error(&b) < 0 || strbuf_error(&path) < 0)
                return -ENOMEM;
        puts(strbuf_string(&b));
        return 0;
}
