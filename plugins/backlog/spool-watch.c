/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spool-watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "spool-chain.h"

/* IN_EXCL_UNLINK: a worker that closes a file that it has deleted doesn't bring it back */
#define DIRECTORY_EVENTS                                                                           \
        (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF     \
                        | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

enum {
        EVENTS_SIZE = 64 * 1024,
        READS_MAX = 16,         /* for one dispatch, so that timers get their turn */
        REBUILD_TRIES_MAX = 16, /* against a tree that changes while it is walked */
};

/* One directory that is watched. */
typedef struct Directory {
        int wd;
        char *path; /* owned; relative to the spool, "" for itself */
} Directory;

struct SpoolWatch {
        const SpoolConfig *config;
        int fd;
        SpoolChain chain;
        Directory *directories; /* owned, ordered by wd */
        size_t n_directories, allocated;
        SpoolSet *waiting;     /* files that wait, by their path relative to the spool */
        SpoolSet *unsettled;   /* files that may still be written */
        uint32_t moved_cookie; /* of the last IN_MOVED_FROM of what waited or a directory */
        int64_t moved_since;
        bool present;
        bool initial; /* what is found was there before us, and so did not arrive */
        uint64_t arrived;
        unsigned overflows, unreadable;
};

static int64_t now_usec(clockid_t clock) {
        struct timespec ts = { 0 };
        (void) clock_gettime(clock, &ts);
        return (int64_t) ts.tv_sec * (int64_t) USEC_PER_SEC + ts.tv_nsec / (int64_t) NSEC_PER_USEC;
}

/* How long ago the inode last changed: unlike the modification time, which a file brings along,
 * this is set when it is moved here. Negative where the file server's clock is ahead. */
static int64_t change_age(const struct stat *st) {
        return now_usec(CLOCK_REALTIME)
               - ((int64_t) st->st_ctim.tv_sec * (int64_t) USEC_PER_SEC
                               + st->st_ctim.tv_nsec / (int64_t) NSEC_PER_USEC);
}

/* ret must hold PATH_MAX characters. */
static int join_path(char *ret, const char *a, const char *b) {
        int n = snprintf(ret, PATH_MAX, "%s%s%s", a, *a && *b ? "/" : "", b);
        return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int stat_file(const SpoolWatch *w, const char *path, struct stat *ret) {
        char full[PATH_MAX];

        int r = join_path(full, w->config->directory, path);
        if (r < 0)
                return r;
        return lstat(full, ret) < 0 ? -errno : 0;
}

/* Sockets, FIFOs and devices are nothing to work on. */
static bool is_item(const struct stat *st) {
        return S_ISREG(st->st_mode) || S_ISLNK(st->st_mode);
}

/* --- directories --- */

static size_t find_directory(const SpoolWatch *w, int wd, bool *ret_found) {
        size_t low = 0, high = w->n_directories;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (w->directories[middle].wd < wd)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_found = low < w->n_directories && w->directories[low].wd == wd;
        return low;
}

static void remove_directory(SpoolWatch *w, size_t i) {
        free(w->directories[i].path);
        w->n_directories--;
        memmove(&w->directories[i], &w->directories[i + 1],
                        (w->n_directories - i) * sizeof(Directory));
}

static int reserve_directory(SpoolWatch *w) {
        if (w->n_directories < w->allocated)
                return 0;

        size_t allocated = w->allocated ? w->allocated * 2 : 16;
        Directory *more = reallocarray(w->directories, allocated, sizeof(Directory));
        if (!more)
                return -ENOMEM;
        w->directories = more;
        w->allocated = allocated;
        return 0;
}

/* Takes over the path of d; there is room for it. */
static void insert_directory(SpoolWatch *w, const Directory *d) {
        bool found;

        size_t i = find_directory(w, d->wd, &found);
        if (found) /* the same directory by a new name */
                remove_directory(w, i);
        for (size_t k = w->n_directories++; k > i; k--)
                w->directories[k] = w->directories[k - 1];
        w->directories[i] = *d;
}

static int remember_directory(SpoolWatch *w, int wd, const char *path) {
        int r = reserve_directory(w);
        if (r < 0)
                return r;

        Directory d = { .wd = wd, .path = strdup(path) };
        if (!d.path)
                return -ENOMEM;
        insert_directory(w, &d);
        return 0;
}

/* Forgets the directory at path, all below it, and their files. */
static void forget_tree(SpoolWatch *w, const char *path) {
        char prefix[PATH_MAX + 1];
        (void) snprintf(prefix, sizeof(prefix), "%s/", path);

        for (size_t i = w->n_directories; i-- > 0;) {
                const Directory *d = &w->directories[i];
                if (!STREQ(d->path, path) && !startswith(d->path, prefix))
                        continue;
                (void) inotify_rm_watch(w->fd, d->wd);
                remove_directory(w, i);
        }
        spool_set_remove_prefix(w->waiting, prefix);
        spool_set_remove_prefix(w->unsettled, prefix);
}

/* --- files --- */

/* A name that is known to wait since then. */
static int add_waiting(SpoolWatch *w, const char *path, int64_t since, bool arrived) {
        int r = spool_set_add(w->waiting, path, since);
        if (r == -ENOMEM)
                return r;
        if (r != 0 && arrived)
                w->arrived++;
        return 0;
}

/* A file that is complete. */
static int add_complete(SpoolWatch *w, const char *path) {
        struct stat st;

        (void) spool_set_remove(w->unsettled, path, NULL);
        int r = stat_file(w, path, &st);
        if (r < 0) {
                /* a worker was faster than we; its event follows */
                if (r == -ENOENT && !spool_set_contains(w->waiting, path))
                        w->arrived++;
                return 0;
        }
        return is_item(&st) ? add_waiting(w, path, now_usec(CLOCK_MONOTONIC), true) : 0;
}

/* IN_CREATE: of a link all is there, a new file is about to be written. One that has a single name
 * and is never closed (O_TMPFILE, or a link whose first name was removed) settles later. */
static int add_created(SpoolWatch *w, const char *path) {
        struct stat st;

        if (stat_file(w, path, &st) < 0 || !is_item(&st))
                return 0;
        if (S_ISLNK(st.st_mode) || st.st_nlink > 1)
                return add_complete(w, path);

        int r = spool_set_add(w->unsettled, path, now_usec(CLOCK_MONOTONIC));
        return r == -ENOMEM ? r : 0;
}

/* --- scanning --- */

static int scan_tree(SpoolWatch *w, const char *path, bool arrived, unsigned depth);

static int scan_entry(SpoolWatch *w, int dir_fd, const char *directory, const char *name,
                bool arrived, unsigned depth) {
        struct stat st;
        char path[PATH_MAX];

        if (name[0] == '.' || join_path(path, directory, name) < 0)
                return 0;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;

        if (S_ISDIR(st.st_mode)) {
                int r = w->config->recursive ? scan_tree(w, path, arrived, depth + 1) : 0;
                return r == -ENOENT ? 0 : r;
        }
        if (!is_item(&st) || !spool_filter_match(&w->config->filter, name)
                        || spool_set_contains(w->unsettled, path))
                return 0;

        int64_t age = change_age(&st);
        return add_waiting(w, path, now_usec(CLOCK_MONOTONIC) - (age > 0 ? age : 0), arrived);
}

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

static int scan_directory(
                SpoolWatch *w, const char *full, const char *path, bool arrived, unsigned depth) {
        CLEANUP(closedirp) DIR *stream = opendir(full);
        if (!stream)
                return -errno;

        for (;;) {
                errno = 0;
                const struct dirent *entry = readdir(stream);
                if (!entry)
                        return -errno;

                int r = scan_entry(w, dirfd(stream), path, entry->d_name, arrived, depth);
                if (r < 0)
                        return r;
        }
}

/* Watches the directory, then takes in what is there: what comes meanwhile is met twice rather
 * than never. -ENOENT when the directory has gone. */
static int scan_tree(SpoolWatch *w, const char *path, bool arrived, unsigned depth) {
        char full[PATH_MAX];
        bool top = *path == '\0';

        int r = join_path(full, w->config->directory, path);
        if (r < 0 || depth > SPOOL_DEPTH_MAX)
                return 0;

        int wd = inotify_add_watch(w->fd, full, DIRECTORY_EVENTS | (top ? 0 : IN_DONT_FOLLOW));
        r = wd < 0 ? -errno : remember_directory(w, wd, path);
        if (r >= 0)
                r = scan_directory(w, full, path, arrived, depth);
        if (r == -EACCES && !top) {
                w->unreadable++;
                return 0;
        }
        return r == -ENOTDIR || r == -ELOOP ? -ENOENT : r;
}

static void forget_all(SpoolWatch *w) {
        for (size_t i = 0; i < w->n_directories; i++) {
                (void) inotify_rm_watch(w->fd, w->directories[i].wd);
                free(w->directories[i].path);
        }
        w->n_directories = 0;
        spool_chain_forget(&w->chain, w->fd);
        w->unreadable = 0;
        w->moved_cookie = 0;
}

/* What is queued is about watches that are gone, and would keep the queue full. */
static int drain_events(const SpoolWatch *w) {
        char buffer[EVENTS_SIZE];

        for (;;) {
                ssize_t n = read(w->fd, buffer, sizeof(buffer));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 && errno != EAGAIN ? -errno : 0;
        }
}

static int try_rebuild(SpoolWatch *w) {
        forget_all(w);
        int r = drain_events(w);
        if (r >= 0)
                r = spool_chain_watch(&w->chain, w->fd, w->config->directory);
        if (r <= 0) {
                w->present = false;
                return r;
        }

        w->present = true;
        r = scan_tree(w, "", !w->initial, 0);
        return r == -ENOENT ? -EAGAIN : r;
}

/* Starts anew: after an overflow, and when the directory is another one. Names that are still there
 * stay as old as they are. */
static int rebuild(SpoolWatch *w) {
        int r = -EAGAIN;

        spool_set_begin_scan(w->waiting);
        for (unsigned i = 0; i < REBUILD_TRIES_MAX && r == -EAGAIN; i++)
                r = try_rebuild(w);
        spool_set_end_scan(w->waiting);
        w->initial = false;
        return r < 0 ? r : 0;
}

/* --- events --- */

static int handle_directory(SpoolWatch *w, const char *path, const struct inotify_event *event) {
        if (!w->config->recursive || event->name[0] == '.')
                return 0;

        /* one that is deleted is empty, and its own watch says the rest */
        if (event->mask & IN_MOVED_FROM) {
                forget_tree(w, path);
                w->moved_cookie = event->cookie;
                return 0;
        }
        if (!(event->mask & (IN_CREATE | IN_MOVED_TO)))
                return 0;

        unsigned depth = 1;
        for (const char *s = path; (s = strchr(s, '/')); s++)
                depth++;
        bool moved = event->cookie != 0 && event->cookie == w->moved_cookie;
        int r = scan_tree(w, path, !moved, depth);
        return r == -ENOENT ? 0 : r;
}

static int handle_file(SpoolWatch *w, const char *path, const struct inotify_event *event) {
        if (event->mask & (IN_MOVED_FROM | IN_DELETE)) {
                (void) spool_set_remove(w->unsettled, path, NULL);
                if (spool_set_remove(w->waiting, path, &w->moved_since))
                        w->moved_cookie = event->cookie;
                return 0;
        }

        /* another name for what waits already */
        if ((event->mask & IN_MOVED_TO) && w->moved_cookie != 0 && event->cookie == w->moved_cookie)
                return add_waiting(w, path, w->moved_since, false);

        if (event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE))
                return add_complete(w, path);
        return event->mask & IN_CREATE ? add_created(w, path) : 0;
}

/* Returns 1 when all has to be looked at anew. */
static int handle_event(SpoolWatch *w, const struct inotify_event *event) {
        char path[PATH_MAX];
        bool found;

        if (event->mask & IN_Q_OVERFLOW) {
                w->overflows++;
                return 1;
        }
        if (spool_chain_concerns(&w->chain, event))
                return 1;

        size_t i = find_directory(w, event->wd, &found);
        if (!found)
                return 0;
        const char *directory = w->directories[i].path;
        if (event->len == 0) {
                /* a sub-directory is seen to move by the one above it */
                if (*directory == '\0')
                        return 1;
                if (event->mask & (IN_IGNORED | IN_UNMOUNT))
                        remove_directory(w, i);
                return 0;
        }

        if (join_path(path, directory, event->name) < 0)
                return 0;
        if (event->mask & IN_ISDIR)
                return handle_directory(w, path, event);
        return spool_filter_match(&w->config->filter, event->name) ? handle_file(w, path, event)
                                                                   : 0;
}

/* Returns 1 as handle_event() does. */
static int handle_events(SpoolWatch *w, const char *buffer, size_t size) {
        for (size_t at = 0; at < size;) {
                const struct inotify_event *event
                                = (const struct inotify_event *) (const void *) (buffer + at);
                int r = handle_event(w, event);
                if (r != 0)
                        return r;
                at += sizeof(struct inotify_event) + event->len;
        }
        return 0;
}

int spool_watch_dispatch(SpoolWatch *w) {
        alignas(struct inotify_event) char buffer[EVENTS_SIZE];

        for (unsigned i = 0; i < READS_MAX; i++) {
                ssize_t n = read(w->fd, buffer, sizeof(buffer));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        return -errno;
                if (n <= 0)
                        break;

                int r = handle_events(w, buffer, (size_t) n);
                if (r != 0)
                        return r < 0 ? r : rebuild(w);
        }

        /* room again for the names that were turned away */
        if (spool_set_is_incomplete(w->waiting)
                        && spool_set_count(w->waiting) < SPOOL_NAMES_MAX / 2)
                return rebuild(w);
        return 0;
}

int spool_watch_settle(SpoolWatch *w) {
        for (size_t i = 0; i < spool_set_count(w->unsettled);) {
                char path[PATH_MAX];
                struct stat st;

                if (join_path(path, spool_set_name(w->unsettled, i), "") < 0)
                        return -ENAMETOOLONG;
                int r = stat_file(w, path, &st);
                int64_t age = r == 0 ? change_age(&st) : 0;
                if (r == 0 && age >= 0 && age < (int64_t) SPOOL_SETTLE_USEC)
                        i++;
                else if (r < 0)
                        (void) spool_set_remove(w->unsettled, path, NULL);
                else if ((r = add_complete(w, path)) < 0)
                        return r;
        }
        return 0;
}

bool spool_watch_is_orphaned(const SpoolWatch *w) {
        struct stat st;
        return stat(w->config->directory, &st) >= 0 && st.st_nlink == 0;
}

void spool_watch_facts(const SpoolWatch *w, SpoolFacts *ret) {
        int64_t since, age = 0;

        if (spool_set_oldest(w->waiting, &since))
                age = now_usec(CLOCK_MONOTONIC) - since;
        *ret = (SpoolFacts){
                .present = w->present,
                .backlog = spool_set_count(w->waiting),
                .oldest = age > 0 ? (double) age / USEC_PER_SEC : 0,
                .unsettled = spool_set_count(w->unsettled),
                .arrived = w->arrived,
                .overflows = w->overflows,
                .unreadable = w->unreadable,
                .incomplete = spool_set_is_incomplete(w->waiting),
        };
}

int spool_watch_fd(const SpoolWatch *w) {
        return w->fd;
}

SpoolWatch *spool_watch_free(SpoolWatch *w) {
        if (!w)
                return NULL;

        for (size_t i = 0; i < w->n_directories; i++)
                free(w->directories[i].path);
        free(w->directories);
        closep(&w->fd);
        spool_set_free(w->waiting);
        spool_set_free(w->unsettled);
        free(w);
        return NULL;
}

static int watch_init(SpoolWatch *w) {
        w->waiting = spool_set_new(SPOOL_NAMES_MAX);
        w->unsettled = spool_set_new(SPOOL_NAMES_MAX);
        if (!w->waiting || !w->unsettled)
                return -ENOMEM;
        w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        return w->fd < 0 ? -errno : rebuild(w);
}

int spool_watch_new(const SpoolConfig *config, SpoolWatch **ret) {
        SpoolWatch *w = malloc(sizeof(SpoolWatch));
        if (!w)
                return -ENOMEM;
        *w = (SpoolWatch){ .config = config, .fd = -1, .initial = true };

        int r = watch_init(w);
        if (r < 0) {
                spool_watch_free(w);
                return r;
        }
        *ret = w;
        return 0;
}
