/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "macro.h"
#include "sender.h"

/* The receiving end of the report socket: datagrams in batches, each with the unit of its sender.
 * Owns the socket; knows nothing of workers. */

typedef struct ReportSocket ReportSocket;

typedef struct ReportSocketCounts {
        uint64_t datagrams;
        uint64_t truncated; /* longer than the buffer: what was cut off is lost */
        uint64_t refused;   /* with descriptors or without credentials */
        uint64_t strangers; /* from no unit, or from a process that had ended already */
} ReportSocketCounts;

/* text is of that many bytes, not terminated. unit and text are good during the call only. */
typedef void (*ReportHandler)(const char *unit, const char *text, size_t size, void *userdata);

/* Takes fd over, on success and on failure; fd is a bound AF_UNIX datagram socket. */
int report_socket_new(sd_event *event, int fd, SenderResolver resolve, ReportHandler handler,
                void *userdata, ReportSocket **ret);
ReportSocket *report_socket_free(ReportSocket *s);
DEFINE_CLEANUP(ReportSocket *, report_socket_free)

ReportSocketCounts report_socket_counts(const ReportSocket *s);

/* Makes a socket at path, for runs without socket activation. Returns the descriptor or negative
 * errno. */
int report_socket_bind(const char *path);
