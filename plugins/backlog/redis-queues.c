/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "redis-queues.h"

#include <errno.h>
#include <stdio.h>

static void reply_freep(redisReply **reply) {
        if (*reply)
                freeReplyObject(*reply);
}

/* What one stream and its group say. */
typedef struct StreamInfo {
        bool exists, has_group;
        double length;
        double added;     /* < 0: before Redis 7 */
        double lag, read; /* < 0: the server does not know */
        double pending;
        char last[48];         /* ID of the last entry added */
        const char *delivered; /* ID of the last entry delivered; belongs to the reply */
} StreamInfo;

/* The value of a field in a flat array of names and values, NULL when there is none. */
static const redisReply *get_field(const redisReply *map, const char *name) {
        for (size_t i = 0; i + 1 < map->elements; i += 2)
                if (map->element[i]->type == REDIS_REPLY_STRING
                                && STREQ(map->element[i]->str, name))
                        return map->element[i + 1];
        return NULL;
}

/* -1 when there is no such number: an older server, or nil. */
static double get_number(const redisReply *map, const char *name) {
        const redisReply *value = get_field(map, name);
        return value && value->type == REDIS_REPLY_INTEGER ? (double) value->integer : -1;
}

static const char *get_string(const redisReply *map, const char *name) {
        const redisReply *value = get_field(map, name);
        return value && value->type == REDIS_REPLY_STRING ? value->str : NULL;
}

/* Checks a reply of hiredis, which is NULL when the connection is broken. */
static int check_reply(const redisContext *server, const redisReply *reply, int type,
                const char *what, const char *key, StrBuf *message) {
        if (!reply) {
                strbuf_printf(message, "does not answer: %s", server->errstr);
                return -EIO;
        }
        if (reply->type == type)
                return 0;
        strbuf_printf(message, "refuses %s of '%s': %s", what, key,
                        reply->type == REDIS_REPLY_ERROR ? reply->str : "unexpected reply");
        return -EPROTO;
}

static int ask_list(redisContext *server, const char *key, double *ret, StrBuf *message) {
        CLEANUP(reply_freep) redisReply *reply = redisCommand(server, "LLEN %s", key);

        int r = check_reply(server, reply, REDIS_REPLY_INTEGER, "LLEN", key, message);
        if (r >= 0)
                *ret = (double) reply->integer;
        return r;
}

/* A key that does not exist is an empty stream. */
static int ask_stream(redisContext *server, const char *key, StreamInfo *info, StrBuf *message) {
        CLEANUP(reply_freep) redisReply *reply = redisCommand(server, "XINFO STREAM %s", key);

        if (reply && reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "no such key"))
                return 0;
        int r = check_reply(server, reply, REDIS_REPLY_ARRAY, "XINFO STREAM", key, message);
        if (r < 0)
                return r;

        info->exists = true;
        info->length = get_number(reply, "length");
        info->added = get_number(reply, "entries-added");
        const char *last = get_string(reply, "last-generated-id");
        (void) snprintf(info->last, sizeof(info->last), "%s", last ?: "");
        return 0;
}

static void read_group(const redisReply *groups, const char *group, StreamInfo *info) {
        for (size_t i = 0; i < groups->elements; i++) {
                const redisReply *g = groups->element[i];
                const char *name = get_string(g, "name");
                if (!name || !STREQ(name, group))
                        continue;
                info->has_group = true;
                info->pending = get_number(g, "pending");
                info->lag = get_number(g, "lag");
                info->read = get_number(g, "entries-read");
                info->delivered = get_string(g, "last-delivered-id");
                /* Redis 7.0 goes on to count an entry that was deleted unread */
                if (info->delivered && STREQ(info->delivered, info->last))
                        info->lag = 0;
        }
}

/* Seconds since the first entry behind the ID was added: an ID begins with milliseconds since 1970,
 * where it was not chosen by the producer. 0 when there is none. */
static int ask_age(redisContext *server, const char *key, const char *delivered, double now,
                double *ret, StrBuf *message) {
        CLEANUP(reply_freep)
        redisReply *reply = redisCommand(server, "XRANGE %s (%s + COUNT 1", key, delivered);

        int r = check_reply(server, reply, REDIS_REPLY_ARRAY, "XRANGE", key, message);
        if (r < 0)
                return r;
        if (reply->elements == 0 || reply->element[0]->elements == 0)
                return 0;

        const redisReply *id = reply->element[0]->element[0];
        if (id->type != REDIS_REPLY_STRING)
                return 0;
        double age = now - strtod(id->str, NULL) / 1000;
        if (age > *ret)
                *ret = age;
        return 0;
}

/* What changed since the round before, and nothing when the server was emptied or restarted. */
static void count_changes(RedisQueues *q, size_t i, const StreamInfo *info, RedisCounts *counts) {
        bool known = info->added >= 0 && info->read >= 0;
        double done = info->read - info->pending;

        if (known && q->before[i].known) {
                if (info->added > q->before[i].added)
                        counts->arrived += info->added - q->before[i].added;
                if (done > q->before[i].done)
                        counts->done += done - q->before[i].done;
        }
        q->before[i].known = known;
        q->before[i].added = info->added;
        q->before[i].done = done;
}

static int add_stream(RedisQueues *q, redisContext *server, size_t i, double now,
                RedisCounts *counts, StrBuf *message) {
        const char *key = q->streams.items[i];
        StreamInfo info = { .delivered = NULL };

        int r = ask_stream(server, key, &info, message);
        if (r < 0 || !info.exists)
                return r;

        CLEANUP(reply_freep) redisReply *groups = redisCommand(server, "XINFO GROUPS %s", key);
        r = check_reply(server, groups, REDIS_REPLY_ARRAY, "XINFO GROUPS", key, message);
        if (r < 0)
                return r;
        read_group(groups, q->group, &info);

        /* the first instance makes its group, so there has to be a first instance */
        if (!info.has_group) {
                counts->backlog += info.length;
                return ask_age(server, key, "0-0", now, &counts->oldest, message);
        }
        if (info.lag < 0) {
                strbuf_printf(message,
                                "does not know the lag of group '%s' in '%s' "
                                "(it is older than Redis 7, or entries were deleted unread)",
                                q->group, key);
                return -ENODATA;
        }
        counts->backlog += info.lag + (q->pending ? info.pending : 0);
        count_changes(q, i, &info, counts);
        return info.lag > 0 && info.delivered
                               ? ask_age(server, key, info.delivered, now, &counts->oldest, message)
                               : 0;
}

int redis_queues_ask(RedisQueues *q, redisContext *server, double now, RedisCounts *ret,
                StrBuf *message) {
        RedisCounts counts = { .streams_only = q->lists.n == 0 };

        for (size_t i = 0; i < q->lists.n; i++) {
                double length;
                int r = ask_list(server, q->lists.items[i], &length, message);
                if (r < 0)
                        return r;
                counts.backlog += length;
        }
        for (size_t i = 0; i < q->streams.n; i++) {
                int r = add_stream(q, server, i, now, &counts, message);
                if (r < 0)
                        return r;
        }
        *ret = counts;
        return 0;
}
