/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hiredis.h>
#include <stdint.h>

#include "macro.h"
#include "options.h"

/* What waits in lists and in the stream groups of a Redis or Valkey server. Asks over a connection
 * that it is handed; keeps nothing but the counts of the round before. */

typedef struct RedisQueues {
        OptionValues lists;   /* keys */
        OptionValues streams; /* keys */
        const char *group;    /* of all streams; NULL: none are asked for */
        bool pending;         /* entries delivered but not acknowledged wait, too */

        struct {
                bool known;
                double added;        /* entries ever added */
                double done;         /* entries ever acknowledged */
        } before[OPTION_VALUES_MAX]; /* of each stream */
} RedisQueues;

typedef struct RedisCounts {
        double backlog;
        double oldest;     /* seconds */
        double arrived;    /* since the round before */
        double done;       /* likewise */
        bool streams_only; /* oldest, arrived and done are known */
} RedisCounts;

/* Asks for all of them. now: seconds of the real-time clock. Returns 0, or a negative errno with
 * one line in message: -EIO connection lost, -EPROTO the server refuses or says what is not
 * understood, -ENODATA it does not know the lag of a group. The connection is of use only after
 * -ENODATA and -EPROTO. */
int redis_queues_ask(RedisQueues *q, redisContext *server, double now, RedisCounts *ret,
                StrBuf *message);
