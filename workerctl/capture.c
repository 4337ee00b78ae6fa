/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "io.h"
#include "macro.h"

static int start(const char *const *argv, int output, pid_t *ret) {
        posix_spawn_file_actions_t actions;

        int e = posix_spawn_file_actions_init(&actions);
        if (e != 0)
                return -e;
        e = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (e == 0)
                e = posix_spawn_file_actions_addopen(
                                &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        if (e == 0)
                e = posix_spawnp(ret, argv[0], &actions, NULL, (char *const *) argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -e;
}

int capture(const char *const *argv, size_t limit, char **ret) {
        CLEANUP(freep) char *text = NULL;
        int fds[2], status;
        pid_t pid = -1;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        CLEANUP(closep) int output = fds[0];
        int r = start(argv, fds[1], &pid);
        (void) close(fds[1]);
        if (r < 0)
                return r;

        r = read_fd(output, limit, &text, NULL);
        (void) close(TAKE_FD(output)); /* one that prints too much ends by SIGPIPE */
        if (waitpid(pid, &status, 0) < 0)
                return -errno;
        if (r < 0)
                return r;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return -EPROTO;
        *ret = TAKE_PTR(text);
        return 0;
}
