/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "call_number.h"
#include "check_main.h"
#include "judge.h"
#include "proposal.h"

/* What becomes of a worker's filter and of what was seen. */

typedef struct Profiled {
        Arena arena;
        SandboxView view;
        Proposal proposal;
} Profiled;

static void profiled_done(Profiled *p) {
        proposal_done(&p->proposal);
        arena_done(&p->arena);
}

typedef struct DropIn {
        const char *name, *text; /* NULL: none */
} DropIn;

static void set_of(const char *words, SyscallSet *ret) {
        syscall_words(&builtin_syscall_groups, words, ret);
}

static void view_add(Profiled *p, const DropIn *d) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_append_all(&path, "/etc/systemd/system/worker-demo@.service.d/", d->name, NULL);
        ck_assert_int_eq(sandbox_view_add(&p->view, strbuf_string(&path), d->text, true), 0);
}

/* The unit that a manifest becomes, with up to two drop-ins. */
static void profile(Profiled *p, const char *lines, const DropIn drop_ins[2],
                const SyscallSet *seen, bool lost) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        *p = (Profiled){ 0 };
        p->view.arena = &p->arena;
        strbuf_printf(&text, WORKER_HEAD "%s", lines);
        judge(&j, strbuf_string(&text));
        const char *unit = judgment_unit(&j, "worker-demo@.service");
        ck_assert_msg(unit, "%s", lines);
        ck_assert_int_eq(sandbox_view_add(&p->view, "/run/worker-demo@.service", unit, false), 0);
        for (size_t i = 0; drop_ins && i < 2 && drop_ins[i].name; i++)
                view_add(p, &drop_ins[i]);
        sandbox_view_finish(&p->view, &builtin_syscall_groups);

        const ProposalInput in = {
                .view = &p->view,
                .groups = &builtin_syscall_groups,
                .seen = seen,
                .lost = lost,
                .about = "Made by a test",
                .id = "demo",
        };
        ck_assert_int_eq(proposal_make(&in, &p->proposal), 0);
}

static bool has(const SyscallSet *s, const char *name) {
        return syscall_set_has(s, call_number(name));
}

static void fail_if_unknown(const char *name, void *userdata) {
        (void) userdata;
        ck_abort_msg("'%s' is neither a call nor a group", name);
}

/* Each line is a comment or sets the filter, to names that are known. */
static void expect_readable(const char *text) {
        CLEANUP(freep) char *copy = strdup(text);
        SyscallFilter f = { 0 };
        char *rest = copy;

        for (char *line; (line = strsep(&rest, "\n"));) {
                ck_assert_msg(strlen(line) <= 100, "%s", line);
                if (*line == '\0' || *line == '#' || STREQ(line, "[Service]"))
                        continue;
                ck_assert_msg(startswith(line, "SystemCallFilter="), "%s", line);
                syscall_filter_add(&f, &builtin_syscall_groups, strchr(line, '=') + 1,
                                fail_if_unknown, NULL);
        }
        ck_assert(f.given && f.allow_list);
}

/* --- limits ---------------------------------------------------------------------------------- */

static const char *const manifests[] = {
        "",
        "  sandbox: {network: tcp}\n",
        "  sandbox: {network: none}\n",
        "  sandbox: {bind: ephemeral, landlock: false}\n",
        "  sandbox: {jit: true, LockPersonality: false}\n",
        "  sandbox: {SystemCallFilter: ['@privileged', '@mount', ptrace, '~@basic-io']}\n",
        "  sandbox: {SystemCallFilter: [~futex, ~clone3, ~getpid]}\n",
};

static const DropIn drop_ins[][2] = {
        { { 0 } },
        { { "10-a.conf", "[Service]\nSystemCallFilter=mount\n" } },
        { { "override.conf", "[Service]\nSystemCallFilter=mount\nSystemCallFilter=~mmap\n" } },
        { { "10-a.conf", "[Service]\nSystemCallFilter=\nSystemCallFilter=read\n" },
                        { "90-b.conf", "[Service]\nSystemCallFilter=~getpid\n" } },
        { { PROFILE_DROP_IN, "[Service]\nSystemCallFilter=\nSystemCallFilter=@known\n" } },
};

static const char *const sights[] = { "", "mkdirat renameat2", "@timer @sync",
        "listen bind mount io_uring_setup keyctl reboot", "@known" };

START_TEST(nothing_that_is_forbidden_is_ever_allowed_and_the_floor_always_is) {
        SyscallSet floor, seen;

        floor_calls(&builtin_syscall_groups, &floor);
        for (size_t i = 0; i < ARRAY_SIZE(manifests); i++)
                for (size_t k = 0; k < ARRAY_SIZE(drop_ins); k++)
                        for (size_t n = 0; n < 2 * ARRAY_SIZE(sights); n++) {
                                CLEANUP(profiled_done) Profiled p;
                                SyscallSet needed = floor;

                                set_of(sights[n / 2], &seen);
                                profile(&p, manifests[i], drop_ins[k], &seen, n % 2);
                                const Proposal *o = &p.proposal;
                                ck_assert_msg(syscall_set_is_within(&o->then, &o->now),
                                                "%zu %zu %zu\n%s", i, k, n,
                                                strbuf_string(&o->text));
                                syscall_set_add(&needed, &seen);
                                syscall_set_keep(&needed, &o->now);
                                ck_assert_msg(syscall_set_is_within(&needed, &o->then),
                                                "%zu %zu %zu\n%s", i, k, n,
                                                strbuf_string(&o->text));
                                ck_assert_uint_eq(syscall_set_count(&o->now),
                                                syscall_set_count(&o->then)
                                                                + syscall_set_count(&o->removed));
                                expect_readable(strbuf_string(&o->text));
                        }
}
END_TEST

START_TEST(who_calls_nothing_keeps_the_floor_and_no_more) {
        CLEANUP(profiled_done) Profiled p;
        SyscallSet floor;

        profile(&p, "", NULL, &(SyscallSet){ 0 }, false);
        floor_calls(&builtin_syscall_groups, &floor);
        syscall_set_put(&floor, SCMP_SYS(seccomp), true);
        syscall_set_keep(&floor, &p.proposal.now);
        ck_assert_mem_eq(&floor, &p.proposal.then, sizeof(floor));
        ck_assert(has(&floor, "execve") && has(&floor, "sendmmsg") && !has(&floor, "mkdirat"));
        ck_assert(has(&p.proposal.removed, "mkdirat"));
}
END_TEST

START_TEST(who_calls_all_keeps_all) {
        CLEANUP(profiled_done) Profiled p;
        SyscallSet all;

        set_of("@known", &all);
        profile(&p, "", NULL, &all, false);
        ck_assert_uint_gt(syscall_set_count(&p.proposal.now), 200);
        ck_assert_uint_eq(syscall_set_count(&p.proposal.removed), 0);
        ck_assert(!strstr(strbuf_string(&p.proposal.text), "@known"));
        ck_assert(!strstr(strbuf_string(&p.proposal.text), "=~"));
}
END_TEST

/* --- drop-ins of others ---------------------------------------------------------------------- */

START_TEST(a_profile_stands_where_the_alphabet_puts_it) {
        static const char text[] = "[Service]\nSystemCallFilter=\nSystemCallFilter=mkdirat\n";
        static const struct {
                DropIn drop_in;
                bool mount, mkdir;
        } rows[] = {
                { { "10-a.conf", "[Service]\nSystemCallFilter=mount\n" }, false, true },
                { { "override.conf", "[Service]\nSystemCallFilter=mount\n" }, true, true },
                { { "90-a.conf", "[Service]\nSystemCallFilter=~mkdirat\n" }, false, false },
                { { PROFILE_DROP_IN, "[Service]\nSystemCallFilter=mount\n" }, false, true },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(profiled_done) Profiled p;
                SyscallSet with;

                profile(&p, "", (DropIn[2]){ rows[i].drop_in }, &(SyscallSet){ 0 }, false);
                ck_assert_int_eq(profile_allowed(&p.view, &builtin_syscall_groups, text, &with), 0);
                ck_assert_msg(has(&with, "mount") == rows[i].mount, "%zu", i);
                ck_assert_msg(has(&with, "mkdirat") == rows[i].mkdir, "%zu", i);
                ck_assert(!has(&with, "renameat2"));
        }
}
END_TEST

START_TEST(a_profile_that_is_there_does_not_count) {
        static const DropIn earlier[2] = { { PROFILE_DROP_IN,
                        "[Service]\nSystemCallFilter=\nSystemCallFilter=mkdirat mount\n" } };
        CLEANUP(profiled_done) Profiled p;

        profile(&p, "", earlier, &(SyscallSet){ 0 }, false);
        ck_assert(has(&p.proposal.now, "renameat2") && !has(&p.proposal.now, "mount"));
        ck_assert(is_of_profile(p.view.last_setting));
        ck_assert(!is_of_profile(p.view.settings));
}
END_TEST

/* --- the text -------------------------------------------------------------------------------- */

START_TEST(a_group_that_is_needed_as_a_whole_is_named) {
        CLEANUP(profiled_done) Profiled p;
        SyscallSet seen;

        set_of("@sync @timer mkdirat renameat2", &seen);
        syscall_set_put(&seen, SCMP_SYS(msync), false);
        profile(&p, "", NULL, &seen, false);
        const char *text = strbuf_string(&p.proposal.text);
        ck_assert_msg(strstr(text, "\nSystemCallFilter=@timer fdatasync fsync mkdirat renameat2 "
                                   "sync "
                                   "sync_file_range syncfs\n"),
                        "%s", text);
        ck_assert(strstr(text, "\nSystemCallFilter=@default\n"));
        ck_assert(strstr(text, "\nSystemCallFilter=@signal kill tgkill\n"));
}
END_TEST

START_TEST(after_a_loss_groups_are_kept_whole) {
        CLEANUP(profiled_done) Profiled p;
        SyscallSet seen;

        set_of("fsync", &seen);
        profile(&p, "", NULL, &seen, true);
        ck_assert(has(&p.proposal.then, "fdatasync"));
        ck_assert(!has(&p.proposal.then, "msgget"));
        ck_assert(strstr(strbuf_string(&p.proposal.text), "\n# Not all was seen"));
}
END_TEST

START_TEST(what_default_brings_is_taken_back_where_it_was_forbidden) {
        static const DropIn less[2]
                        = { { "10-less.conf", "[Service]\nSystemCallFilter=~getpid getppid\n" } };
        CLEANUP(profiled_done) Profiled p;

        profile(&p, "", less, &(SyscallSet){ 0 }, false);
        const char *text = strbuf_string(&p.proposal.text);
        ck_assert_msg(strstr(text, "\nSystemCallFilter=~getpid getppid\n"), "%s", text);
        ck_assert(!strstr(text, "=@default"));
        ck_assert(has(&p.proposal.then, "gettid"));
}
END_TEST

START_TEST(it_says_where_it_comes_from_and_how_it_goes) {
        CLEANUP(profiled_done) Profiled p;

        profile(&p, "", NULL, &(SyscallSet){ 0 }, false);
        const char *text = strbuf_string(&p.proposal.text);
        ck_assert(startswith(text, "# Made by a test\n"));
        ck_assert(strstr(text, "'workerctl profile --remove demo'"));
        ck_assert(strstr(text, "\n[Service]\nSystemCallFilter=\n"));
}
END_TEST

/* --- the floor, with real programs ------------------------------------------------------------ */

static const char *const programs[][5] = {
        { "/bin/sh", "-c", "true; exit 0" },
        { "/bin/bash", "-c", "echo $(ls / | wc -l); exit 0" },
        { "/usr/bin/python3", "-c",
                        "import asyncio, socket, subprocess, threading\n"
                        "asyncio.run(asyncio.sleep(0.001))\n"
                        "t = threading.Thread(target=print, args=['x']); t.start(); t.join()\n"
                        "subprocess.run(['true'], check=True)\n"
                        "try: socket.getaddrinfo('localhost', 80)\n"
                        "except socket.gaierror: pass\n" },
        { "/usr/bin/perl", "-e", "system('true') == 0 or die; print 1" },
        { "/usr/bin/ruby", "-e", "Thread.new { puts 1 }.join; system('true') or abort" },
        { "/usr/bin/php", "-r", "usleep(1000); echo 1;" },
        { "/usr/bin/node", "-e", "setTimeout(() => process.exit(0), 1)" },
        { "/usr/bin/java", "--version" },
        { "/usr/bin/lua", "-e", "print(1)" },
};

/* In a child: nothing of the test may run under the filter but execve(2). */
static void run_under(const BpfProgram *p, const char *const *argv) {
        const struct sock_fprog prog = { .len = (unsigned short) p->n, .filter = p->code };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDIN_FILENO) >= 0
                        && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                        && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0)
                (void) syscall(SYS_execve, argv[0], argv, environ);
        for (;;)
                (void) syscall(SYS_exit_group, 99);
}

START_TEST(runtimes_start_and_end_under_the_floor_alone) {
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;
        CLEANUP(profiled_done) Profiled none;
        SyscallFilter f = { .given = true, .allow_list = true };

        profile(&none, "", NULL, &(SyscallSet){ 0 }, false);
        f.listed = none.proposal.then;
        ck_assert_int_eq(syscall_filter_compile(&f, EPERM, &ctx), 0);
        ck_assert_int_eq(bpf_export(ctx, &p), 0);

        for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
                int status;

                if (access(programs[i][0], X_OK) < 0) {
                        printf("skipped: the floor under %s, which is not installed\n",
                                        programs[i][0]);
                        continue;
                }
                pid_t pid = fork();
                if (pid == 0)
                        run_under(&p, programs[i]);
                ck_assert_int_eq(waitpid(pid, &status, 0), pid);
                ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: status %x",
                                programs[i][0], (unsigned) status);
        }
}
END_TEST

CHECK_MAIN("profile", TEST(nothing_that_is_forbidden_is_ever_allowed_and_the_floor_always_is),
                TEST(who_calls_nothing_keeps_the_floor_and_no_more), TEST(who_calls_all_keeps_all),
                TEST(a_profile_stands_where_the_alphabet_puts_it),
                TEST(a_profile_that_is_there_does_not_count),
                TEST(a_group_that_is_needed_as_a_whole_is_named),
                TEST(after_a_loss_groups_are_kept_whole),
                TEST(what_default_brings_is_taken_back_where_it_was_forbidden),
                TEST(it_says_where_it_comes_from_and_how_it_goes),
                TEST(runtimes_start_and_end_under_the_floor_alone))
