/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "macro.h"

static void *map(int fd, size_t size, off_t offset) {
        return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

/* All is unmapped when the process of the attack ends. */
int ring_do(const RingOperation *o) {
        struct io_uring_params p = { 0 };
        CLEANUP(closep) int fd = (int) syscall(SYS_io_uring_setup, 1, &p);

        if (fd < 0)
                return -errno;
        char *submit = map(
                        fd, p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
        char *complete = map(fd, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
                        IORING_OFF_CQ_RING);
        struct io_uring_sqe *entry = map(fd, sizeof(struct io_uring_sqe), IORING_OFF_SQES);
        if (submit == MAP_FAILED || complete == MAP_FAILED || (void *) entry == MAP_FAILED)
                return -errno;

        memset(entry, 0, sizeof(*entry));
        entry->opcode = o->opcode;
        entry->fd = o->fd;
        entry->addr = o->address;
        entry->off = o->offset;
        entry->len = o->length;
        ((unsigned *) (void *) (submit + p.sq_off.array))[0] = 0;
        atomic_store((_Atomic unsigned *) (void *) (submit + p.sq_off.tail), 1);
        if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
                return -errno;
        return ((struct io_uring_cqe *) (void *) (complete + p.cq_off.cqes))->res;
}
