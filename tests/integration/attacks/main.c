/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "attacks.h"
#include "hog.h"
#include "scan.h"
#include "verdict.h"

int reached(long r) {
        return r < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS) ? -errno : 0;
}

static void child(int (*run)(const void *argument), const void *argument) {
        alarm(20); /* an attack that hangs has not worked, but must not hold up the others */
        int r = run(argument);
        _exit(r < 0 ? -r : r == NOT_TRIED ? 255 : 0);
}

int run_in_child(int (*run)(const void *argument), const void *argument, int *ret_signal) {
        int status;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0)
                child(run, argument);
        if (waitpid(pid, &status, 0) < 0)
                return -errno;
        *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        if (*ret_signal)
                return -EINTR;
        return WEXITSTATUS(status) == 255 ? NOT_TRIED : -WEXITSTATUS(status);
}

static void attack(const Attack *a) {
        int killed_by = 0;

        fflush(stdout);
        int r = run_in_child(a->run, a->argument, &killed_by);
        if (killed_by)
                printf("%s\tSIG%s\n", a->name, sigabbrev_np(killed_by));
        else if (r == NOT_TRIED)
                printf("%s\tnot tried\n", a->name);
        else
                printf("%s\t%s\n", a->name, r == 0 ? "works" : strerrorname_np(-r));
}

/* The table, then what a scan from outside may look for, for as long as it takes. */
static int attack_all(void) {
        for (size_t t = 0; all_attacks[t].attacks; t++)
                for (size_t i = 0; i < *all_attacks[t].size; i++)
                        attack(&all_attacks[t].attacks[i]);
        printf("END\n");
        fflush(stdout);
        return hold_open();
}

static int usage(void) {
        fprintf(stderr, "usage: attacks [--payload | --accomplice | --scan ADDRESS |\n"
                        "               --hog bomb|cpu|memory | --writable | --verdict CONTROL "
                        "NETWORK TCP NONE]\n");
        return 2;
}

int main(int argc, char *argv[]) {
        if (argc == 1)
                return attack_all();
        if (argc == 2 && STREQ(argv[1], "--payload"))
                return PAYLOAD_STATUS;
        if (argc == 2 && STREQ(argv[1], "--accomplice"))
                return accomplice_run();
        if (argc == 2 && STREQ(argv[1], "--writable"))
                return list_writable() < 0 ? EXIT_FAILURE : hold_open();
        if (argc == 3 && STREQ(argv[1], "--hog"))
                return hog(argv[2]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 3 && STREQ(argv[1], "--scan"))
                return scan(argv[2]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 + N_PLACES && STREQ(argv[1], "--verdict"))
                return print_verdicts(argv + 2) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        return usage();
}
