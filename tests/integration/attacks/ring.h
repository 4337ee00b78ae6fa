/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* One operation through io_uring, without liburing. See io_uring(7). */

typedef struct RingOperation {
        unsigned char opcode;
        int fd;
        uint64_t address;
        uint64_t offset;
        uint32_t length;
} RingOperation;

/* Returns the result of the operation, or negative errno of what came before it. */
int ring_do(const RingOperation *operation);
