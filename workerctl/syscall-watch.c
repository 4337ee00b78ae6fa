/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscall-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "io.h"
#include "number.h"
#include "pass-over.h"

enum {
        RING_SIZE = 512 * 1024, /* what anybody may lock, perf_event_mlock_kb; 5,400 calls */
        RECORD_MAX = 1024,      /* longer than any that is asked for */
};

/* What one processor tells. The ring belongs to an event that stays, for the life of processes; the
 * one for calls is opened anew with each filter, as the kernel lets it have but one. */
typedef struct Ring {
        int life_fd, calls_fd;
        struct perf_event_mmap_page *page; /* mapped; NULL: not in use */
        const char *data;
        bool overrun; /* what was lost was told, but the kernel still has to */
} Ring;

typedef struct Record {
        uint64_t time, sequence;
        uint32_t type;
        pid_t pid, parent;
        long number;
} Record;

struct SyscallWatch {
        int cgroup_fd; /* not owned */
        uint64_t tracepoint;
        size_t page_size;
        Ring *rings; /* owned */
        size_t n_rings;
        Record *records; /* owned; not told yet */
        size_t n_records, allocated;
        uint64_t newest; /* of all records so far */
};

void syscall_watch_close(SyscallWatch *w) {
        for (Ring *r = w->rings; r && r < w->rings + w->n_rings; r++) {
                closep(&r->calls_fd);
                closep(&r->life_fd);
                if (r->page)
                        (void) munmap(r->page, w->page_size + RING_SIZE);
        }
        free(w->rings);
        free(w->records);
        free(w);
}

/* --- opening --------------------------------------------------------------------------------- */

/* Where nobody has mounted tracefs, it is mounted for nobody but us: fsmount(2). */
static int open_tracefs(void) {
        CLEANUP(closep) int mounted = open("/sys/kernel/tracing/events", O_PATH | O_CLOEXEC);

        if (mounted >= 0)
                return open("/sys/kernel/tracing", O_PATH | O_CLOEXEC);
        CLEANUP(closep) int fs = fsopen("tracefs", FSOPEN_CLOEXEC);
        if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -1;
        return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static int read_tracepoint(uint64_t *ret) {
        CLEANUP(closep) int tracefs = open_tracefs();
        CLEANUP(freep) char *text = NULL;

        if (tracefs < 0)
                return -errno;
        int r = read_file_at(tracefs, "events/raw_syscalls/sys_enter/id", 32, &text, NULL);
        if (r < 0)
                return r;
        text[strcspn(text, "\n")] = '\0';
        return parse_u64(text, ret);
}

static int open_event(struct perf_event_attr *attr, int cgroup_fd, int cpu) {
        attr->size = sizeof(*attr);
        attr->sample_period = 1;
        attr->sample_id_all = 1;
        attr->sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
        attr->use_clockid = 1; /* the same on all processors */
        attr->clockid = CLOCK_MONOTONIC_RAW;
        attr->watermark = 1;
        attr->wakeup_watermark = RING_SIZE / 4;
        long fd = syscall(SYS_perf_event_open, attr, cgroup_fd, cpu, -1,
                        PERF_FLAG_PID_CGROUP | PERF_FLAG_FD_CLOEXEC);
        return fd < 0 ? -errno : (int) fd;
}

/* The new one begins before the old one ends: what both tell is told twice, which does no harm. */
static int open_calls(const SyscallWatch *w, Ring *r, int cpu, const char *filter) {
        struct perf_event_attr attr
                        = { .type = PERF_TYPE_TRACEPOINT, .config = w->tracepoint, .disabled = 1 };
        CLEANUP(closep) int fd = open_event(&attr, w->cgroup_fd, cpu);

        if (fd < 0)
                return fd;
        if ((*filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter) < 0)
                        || ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, r->life_fd) < 0
                        || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
                return -errno;
        closep(&r->calls_fd);
        r->calls_fd = TAKE_FD(fd);
        return 0;
}

int syscall_watch_pass_over(SyscallWatch *w, const SyscallSet *known) {
        CLEANUP(strbuf_done) StrBuf filter = { 0 };

        int r = pass_over_print(known, &filter);
        for (size_t i = 0; r == 0 && i < w->n_rings; i++)
                if (w->rings[i].page)
                        r = open_calls(w, &w->rings[i], (int) i, strbuf_string(&filter));
        return r;
}

static int open_ring(const SyscallWatch *w, Ring *r, int cpu) {
        struct perf_event_attr attr = {
                .type = PERF_TYPE_SOFTWARE,
                .config = PERF_COUNT_SW_DUMMY,
                .comm = 1,
                .comm_exec = 1,
                .task = 1,
        };

        int fd = open_event(&attr, w->cgroup_fd, cpu);
        if (fd < 0)
                return fd == -ENODEV ? 0 : fd; /* a processor that is off */
        r->life_fd = fd;
        void *page = mmap(
                        NULL, w->page_size + RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (page == MAP_FAILED)
                return -errno;
        r->page = page;
        r->data = (const char *) page + w->page_size;
        return 0;
}

/* Two descriptors for each processor may be more than the limit, which is low for the sake
 * of select(2) only: systemd.exec(5), "LimitNOFILE=". */
static void allow_descriptors(void) {
        struct rlimit l;

        if (getrlimit(RLIMIT_NOFILE, &l) < 0)
                return;
        l.rlim_cur = l.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &l);
}

static int open_rings(SyscallWatch *w) {
        long n = sysconf(_SC_NPROCESSORS_CONF);

        if (n < 1)
                return -errno;
        w->rings = calloc((size_t) n, sizeof(Ring));
        if (!w->rings)
                return -ENOMEM;
        w->n_rings = (size_t) n;
        allow_descriptors();
        for (size_t i = 0; i < w->n_rings; i++)
                w->rings[i] = (Ring){ .life_fd = -1, .calls_fd = -1 };
        int r = 0;
        for (size_t i = 0; r == 0 && i < w->n_rings; i++)
                r = open_ring(w, &w->rings[i], (int) i);
        return r;
}

int syscall_watch_open(int cgroup_fd, const SyscallSet *known, SyscallWatch **ret,
                const char **reterr_what) {
        CLEANUP(syscall_watch_closep) SyscallWatch *w = calloc(1, sizeof(*w));

        *reterr_what = "memory";
        if (!w)
                return -ENOMEM;
        w->cgroup_fd = cgroup_fd;
        w->page_size = (size_t) sysconf(_SC_PAGESIZE);
        *reterr_what = "the tracepoint raw_syscalls:sys_enter of tracefs";
        int r = read_tracepoint(&w->tracepoint);
        if (r < 0)
                return r;
        *reterr_what = "perf_event_open(2) for a control group";
        r = open_rings(w);
        if (r == 0)
                r = syscall_watch_pass_over(w, known);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Copies out of the ring, where a record may go on at its beginning. */
static void copy_out(const Ring *r, uint64_t at, void *to, size_t n) {
        size_t begin = at % RING_SIZE, first = n < RING_SIZE - begin ? n : RING_SIZE - begin;

        memcpy(to, r->data + begin, first);
        memcpy((char *) to + first, r->data, n - first);
}

static uint64_t read_u64(const char *record, size_t at) {
        uint64_t value;
        memcpy(&value, record + at, sizeof(value));
        return value;
}

static uint32_t read_u32(const char *record, size_t at) {
        uint32_t value;
        memcpy(&value, record + at, sizeof(value));
        return value;
}

/* Where things are in a record: perf_event_open(2), "MMAP layout". Behind those that are no samples
 * come process and time, as sample_id_all says; in front of the number of a call are 8 bytes that
 * all tracepoints have. Returns false for what tells nothing. */
enum { HEADER = 8, SAMPLE_TIME = HEADER + 8, SAMPLE_CALL = SAMPLE_TIME + 8 + 4 + 8 };

static bool parse_record(const struct perf_event_header *h, const char *data, Record *ret) {
        *ret = (Record){ .type = h->type, .pid = (pid_t) read_u32(data, HEADER) };
        switch (h->type) {
        case PERF_RECORD_SAMPLE:
                if (h->size < SAMPLE_CALL + sizeof(long))
                        return false;
                ret->time = read_u64(data, SAMPLE_TIME);
                memcpy(&ret->number, data + SAMPLE_CALL, sizeof(long));
                return true;
        case PERF_RECORD_FORK:
                ret->parent = (pid_t) read_u32(data, HEADER + 4);
                break;
        case PERF_RECORD_COMM:
                if (!(h->misc & PERF_RECORD_MISC_COMM_EXEC))
                        return false; /* it only has another name */
                break;
        case PERF_RECORD_EXIT:
        case PERF_RECORD_LOST:
        case PERF_RECORD_THROTTLE:
                break;
        default:
                return false;
        }
        ret->time = read_u64(data, h->size - 8U);
        return true;
}

static int keep_record(SyscallWatch *w, const Record *r) {
        if (w->n_records == w->allocated) {
                size_t n = w->allocated ? w->allocated * 2 : 256;
                Record *more = reallocarray(w->records, n, sizeof(Record));
                if (!more)
                        return -ENOMEM;
                w->records = more;
                w->allocated = n;
        }
        w->records[w->n_records] = *r;
        w->records[w->n_records].sequence = w->n_records;
        w->n_records++;
        return 0;
}

/* The kernel tells of a loss with the next record only, which may be long after. But without room
 * there is no loss, and nobody but us makes room. */
static int tell_overrun(SyscallWatch *w, Ring *r, uint64_t used) {
        if (used + RECORD_MAX <= RING_SIZE)
                return 0;
        r->overrun = true;
        return keep_record(w, &(Record){ .type = PERF_RECORD_LOST, .time = w->newest });
}

static int drain(SyscallWatch *w, Ring *r) {
        uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE);
        uint64_t tail = r->page->data_tail;
        int result = tell_overrun(w, r, head - tail);

        while (result == 0 && tail < head) {
                struct perf_event_header h;
                char data[RECORD_MAX];
                Record record;

                copy_out(r, tail, &h, sizeof(h));
                if (h.size < HEADER + 16) {
                        tail = head; /* the kernel writes no such record */
                        break;
                }
                if (h.size <= sizeof(data)) {
                        copy_out(r, tail, data, h.size);
                        if (h.type == PERF_RECORD_LOST && r->overrun)
                                r->overrun = false;
                        else if (parse_record(&h, data, &record))
                                result = keep_record(w, &record);
                }
                tail += h.size;
        }
        __atomic_store_n(&r->page->data_tail, tail, __ATOMIC_RELEASE);
        return result;
}

static int by_time(const void *a, const void *b) {
        const Record *x = a, *y = b;

        if (x->time != y->time)
                return x->time < y->time ? -1 : 1;
        return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static int tell(const Record *r, Observation *o) {
        switch (r->type) {
        case PERF_RECORD_SAMPLE:
                return observation_call(o, r->pid, r->number);
        case PERF_RECORD_FORK:
                return observation_fork(o, r->pid, r->parent);
        case PERF_RECORD_COMM:
                return observation_exec(o, r->pid);
        case PERF_RECORD_EXIT:
                observation_exit(o, r->pid);
                return 0;
        default:
                observation_lose(o);
                return 0;
        }
}

/* Tells in the order of time what is not newer than horizon, and keeps the rest. */
static int tell_until(SyscallWatch *w, uint64_t horizon, Observation *o) {
        size_t n = 0;
        int r = 0;

        if (w->n_records == 0)
                return 0;
        qsort(w->records, w->n_records, sizeof(Record), by_time);
        while (r == 0 && n < w->n_records && w->records[n].time <= horizon)
                r = tell(&w->records[n++], o);
        w->n_records -= n;
        memmove(w->records, w->records + n, w->n_records * sizeof(Record));
        for (size_t i = 0; i < w->n_records; i++) {
                w->records[i].sequence = i;
                if (w->records[i].time > w->newest)
                        w->newest = w->records[i].time;
        }
        return r;
}

static int drain_all(SyscallWatch *w) {
        int r = 0;
        for (size_t i = 0; r == 0 && i < w->n_rings; i++)
                if (w->rings[i].page)
                        r = drain(w, &w->rings[i]);
        return r;
}

int syscall_watch_wait(SyscallWatch *w, int timeout, int other_fd, Observation *o) {
        CLEANUP(freep) struct pollfd *fds = calloc(w->n_rings + 1, sizeof(*fds));

        if (!fds)
                return -ENOMEM;
        fds[0] = (struct pollfd){ .fd = other_fd, .events = POLLIN };
        for (size_t i = 0; i < w->n_rings; i++)
                fds[i + 1] = (struct pollfd){ .fd = w->rings[i].life_fd, .events = POLLIN };
        if (poll(fds, w->n_rings + 1, timeout) < 0 && errno != EINTR)
                return -errno;

        /* all that is older than the newest of the last time is complete by now */
        uint64_t horizon = w->newest;
        int r = drain_all(w);
        if (r == 0)
                r = tell_until(w, horizon, o);
        return r < 0 ? r : (fds[0].revents & POLLIN) != 0;
}

int syscall_watch_finish(SyscallWatch *w, Observation *o) {
        int r = drain_all(w);
        return r < 0 ? r : tell_until(w, UINT64_MAX, o);
}
