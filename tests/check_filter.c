/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "call_number.h"
#include "check_main.h"
#include "judge.h"
#include "stream-filter.h"
#include "syscall-filter.h"

/* What the lines of a unit add up to, and whether the compiled filter says here what it does in the
 * kernel. */

static void add(SyscallFilter *f, const char *value) {
        syscall_filter_add(f, &builtin_syscall_groups, value, NULL, NULL);
}

static bool allows(const SyscallFilter *f, const char *name) {
        return syscall_filter_allows(f, call_number(name));
}

/* --- the set --------------------------------------------------------------------------------- */

START_TEST(lines_add_up_as_systemd_adds_them) {
        static const struct {
                const char *lines[4];
                const char *allowed, *denied;
        } rows[] = {
                { { "read" }, "read exit execve", "write listen" },
                { { "@basic-io" }, "read write pread64 exit", "listen openat" },
                { { "@basic-io", "~write" }, "read", "write" },
                { { "~write", "~listen" }, "read exit", "write listen" },
                { { "~write listen", "listen" }, "listen", "write" },
                { { "read", "", "~write" }, "listen read", "write" },
                { { "@system-service", "~@network-io", "connect" }, "connect read", "listen bind" },
                { { "read write:EACCES" }, "read", "write" },
                { { "~write:EACCES" }, "read", "write" },
                { { "@known" }, "read listen mount", "" },
                { { "read not_a_call @not-a-group" }, "read", "write" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                SyscallFilter f = { 0 };
                for (size_t k = 0; k < ARRAY_SIZE(rows[i].lines) && rows[i].lines[k]; k++)
                        add(&f, rows[i].lines[k]);
                for (int denied = 0; denied < 2; denied++) {
                        CLEANUP(freep)
                        char *names = strdup(denied ? rows[i].denied : rows[i].allowed);
                        char *rest = names;
                        for (char *n; (n = strsep(&rest, " "));)
                                ck_assert_msg(*n == '\0' || allows(&f, n) == !denied, "%zu: %s", i,
                                                n);
                }
        }
        ck_assert(allows(&(SyscallFilter){ 0 }, "listen"));
}
END_TEST

static void count_unknown(const char *name, void *userdata) {
        (void) name;
        ++*(int *) userdata;
}

START_TEST(names_that_nobody_knows_are_told) {
        SyscallFilter f = { 0 };
        int n = 0;

        syscall_filter_add(&f, &builtin_syscall_groups, "~read not_a_call @not-a-group listen",
                        count_unknown, &n);
        ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(groups_are_read_as_systemd_analyze_prints_them) {
        static const char text[] = "@one\n    # What it is for\n    read\n    write\n\n"
                                   "@two\n    # Another\n    @one\n    close\n\n"
                                   "# Unlisted System Calls:\n#   mount\n";
        CLEANUP(arena_done) Arena arena = { 0 };
        SyscallGroups g;

        ck_assert_int_eq(syscall_groups_parse(text, &arena, &g), 0);
        ck_assert_uint_eq(g.n, 2);
        ck_assert_str_eq(syscall_group_find(&g, "@one")->members, "read write");
        ck_assert_str_eq(syscall_group_find(&g, "@two")->members, "@one close");
        ck_assert_ptr_null(syscall_group_find(&g, "@three"));
        ck_assert_int_eq(syscall_groups_parse("Unknown verb\n", &arena, &g), -EINVAL);
        ck_assert_int_eq(syscall_groups_parse("", &arena, &g), -EINVAL);
}
END_TEST

/* --- what units say -------------------------------------------------------------------------- */

/* The filter of a unit's lines, compiled. */
static void compile_unit(const char *unit, BpfProgram *ret) {
        static const char key[] = "\nSystemCallFilter=";
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;
        SyscallFilter f = { 0 };

        for (const char *p = unit; (p = strstr(p, key));) {
                p += strlen(key);
                CLEANUP(freep) char *value = strndup(p, strcspn(p, "\n"));
                add(&f, value);
        }
        ck_assert_int_eq(syscall_filter_compile(&f, EPERM, &ctx), 0);
        ck_assert_int_eq(bpf_export(ctx, ret), 0);
}

static uint32_t answer(const BpfProgram *p, const char *name) {
        const struct seccomp_data data = {
                .nr = call_number(name),
                .arch = seccomp_arch_native(),
        };
        return bpf_run(p, &data);
}

/* Whatever a manifest asks for and is not refused. */
START_TEST(no_worker_gets_a_filter_that_lets_anybody_in) {
        static const char *const relaxations[] = {
                "",
                "  sandbox: {network: none}\n",
                "  sandbox: {bind: ephemeral}\n",
                "  sandbox: {jit: true, LockPersonality: false}\n",
                "  sandbox: {SystemCallFilter: ['@privileged', '@debug', '@ipc', '@process']}\n",
                "  sandbox: {SystemCallFilter: ['@mount', '@setuid', ~listen]}\n",
        };
        static const char *const ingress[] = { "listen", "accept", "accept4", "io_uring_setup",
                "io_uring_enter", "io_uring_register", "bind" };

        for (size_t i = 0; i < ARRAY_SIZE(relaxations); i++) {
                CLEANUP(judgment_done) Judgment j;
                CLEANUP(strbuf_done) StrBuf text = { 0 };
                CLEANUP(bpf_program_done) BpfProgram p = { 0 };
                bool may_bind = strstr(relaxations[i], "ephemeral");

                strbuf_printf(&text, WORKER_HEAD "%s", relaxations[i]);
                judge(&j, strbuf_string(&text));
                const char *unit = judgment_unit(&j, "worker-demo@.service");
                ck_assert_msg(unit && has_line(unit, "SystemCallFilter=@system-service"), "%s",
                                relaxations[i]);
                compile_unit(unit, &p);
                for (size_t k = 0; k < ARRAY_SIZE(ingress); k++)
                        ck_assert_msg(answer(&p, ingress[k])
                                                        == (may_bind && STREQ(ingress[k], "bind")
                                                                                        ? SECCOMP_RET_ALLOW
                                                                                        : (SECCOMP_RET_ERRNO
                                                                                                        | EPERM)),
                                        "%s: %s", relaxations[i], ingress[k]);
                ck_assert_uint_eq(answer(&p, "exit_group"), SECCOMP_RET_ALLOW);
        }
}
END_TEST

START_TEST(the_default_filter_is_what_the_manual_says) {
        static const char *const denied[] = { "process_vm_readv", "memfd_create", "keyctl",
                "userfaultfd", "personality", "ptrace", "mount", "bpf", "setuid", "swapon",
                "name_to_handle_at", "kcmp", "clock_settime", "reboot", "init_module", "fchownat" };
        static const char *const allowed[] = { "read", "socket", "connect", "execve", "clone3",
                "openat", "futex", "epoll_pwait", "sendto", "fsync", "mkdirat" };
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };

        judge(&j, WORKER_HEAD);
        compile_unit(judgment_unit(&j, "worker-demo@.service"), &p);
        for (size_t i = 0; i < ARRAY_SIZE(denied); i++)
                ck_assert_msg(answer(&p, denied[i]) == (SECCOMP_RET_ERRNO | EPERM), "%s",
                                denied[i]);
        for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
                ck_assert_msg(answer(&p, allowed[i]) == SECCOMP_RET_ALLOW, "%s", allowed[i]);
}
END_TEST

/* --- the same in the kernel ------------------------------------------------------------------ */

enum { DENIED = EBADRQC }; /* an error that none of these calls has by itself */

/* Calls with arguments that are wrong on purpose, so that they do nothing where they are allowed.
 */
static const char *const harmless[] = { "listen", "accept", "accept4", "bind", "connect", "read",
        "write", "getpid", "kcmp", "keyctl", "mkdirat", "openat", "mount", "umount2",
        "process_vm_readv", "memfd_create", "name_to_handle_at", "ptrace", "sched_setaffinity",
        "bpf", "perf_event_open", "io_uring_enter", "setns", "getrandom", "dup3", "fsync" };

static void *load_and_try(const BpfProgram *p) {
        const struct sock_fprog prog = { .len = (unsigned short) p->n, .filter = p->code };
        static bool said[ARRAY_SIZE(harmless)];
        int fds[2];

        ck_assert_int_eq(pipe(fds), 0);
        pid_t pid = fork();
        if (pid == 0) {
                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
                                || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
                        _exit(1);
                for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
                        long r = syscall(seccomp_syscall_resolve_name(harmless[i]), -1L, -1L, -1L,
                                        -1L, -1L, -1L);
                        said[i] = !(r < 0 && errno == DENIED);
                }
                bool whole = write(fds[1], said, sizeof(said)) == sizeof(said);
                for (;;) /* not _exit(), before which a sanitizer makes calls that are denied */
                        (void) syscall(SYS_exit_group, whole ? 0 : 1);
        }
        (void) close(fds[1]); /* or a child that ends early would not be seen */
        ck_assert_int_eq(read(fds[0], said, sizeof(said)), sizeof(said));
        (void) close(fds[0]);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        return said;
}

START_TEST(a_filter_says_here_what_it_does_in_the_kernel) {
        static const char *const filters[][3] = { { "@system-service", "~listen accept bind" },
                { "~listen keyctl mkdirat" },
                { "@system-service", "~@network-io", "~@file-system" },
                { "@basic-io @process @file-system", "seccomp" } };

        for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
                CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;
                CLEANUP(bpf_program_done) BpfProgram p = { 0 };
                SyscallFilter f = { 0 };
                unsigned n_denied = 0;

                for (size_t k = 0; k < 3 && filters[i][k]; k++)
                        add(&f, filters[i][k]);
                add(&f, f.allow_list ? "write" : "~listen"); /* the child answers by write(2) */
                ck_assert_int_eq(syscall_filter_compile(&f, DENIED, &ctx), 0);
                ck_assert_int_eq(bpf_export(ctx, &p), 0);

                const bool *kernel = load_and_try(&p);
                for (size_t k = 0; k < ARRAY_SIZE(harmless); k++) {
                        bool here = answer(&p, harmless[k]) == SECCOMP_RET_ALLOW;
                        ck_assert_msg(here == kernel[k], "%zu: %s", i, harmless[k]);
                        ck_assert_msg(here == allows(&f, harmless[k]), "%zu: %s", i, harmless[k]);
                        n_denied += !here;
                }
                ck_assert_uint_gt(n_denied, 0);
                ck_assert_uint_lt(n_denied, ARRAY_SIZE(harmless));
        }
}
END_TEST

/* --- streams only ---------------------------------------------------------------------------- */

/* The arguments of socket(2) that are tried: more families than those of the filter, all types with
 * and without flags, and each with bits that the kernel ignores. */
enum { N_FAMILIES = 18, N_TYPES = 16, N_VARIANTS = 4, N_TRIES = N_FAMILIES * N_TYPES * N_VARIANTS };

static void nth_try(unsigned n, uint64_t ret[static 2]) {
        unsigned variant = n / (N_FAMILIES * N_TYPES);

        ret[0] = n % N_FAMILIES;
        ret[1] = n / N_FAMILIES % N_TYPES;
        if (variant == 1)
                ret[1] |= SOCK_CLOEXEC | SOCK_NONBLOCK;
        if (variant == 2)
                ret[0] |= UINT64_C(1) << 32;
        if (variant == 3)
                ret[1] |= UINT64_C(0xffffffff) << 32;
}

static bool is_denied(const BpfProgram *p, const uint64_t arguments[static 2]) {
        const struct seccomp_data data = {
                .nr = SYS_socket,
                .arch = seccomp_arch_native(),
                .args = { arguments[0], arguments[1] },
        };
        return bpf_run(p, &data) != SECCOMP_RET_ALLOW;
}

/* In a child with the filter: how many calls end otherwise than the program says here. */
static unsigned differences_in_kernel(const BpfProgram *p) {
        const struct sock_fprog prog = { .len = (unsigned short) p->n, .filter = p->code };
        unsigned n = 0;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
                        || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
                return UINT8_MAX;
        for (unsigned i = 0; i < N_TRIES; i++) {
                uint64_t a[2];
                nth_try(i, a);
                long fd = syscall(SYS_socket, a[0], a[1], 0L);
                n += (fd < 0 && errno == DENIED) != is_denied(p, a);
                if (fd >= 0)
                        (void) close((int) fd);
        }
        return n < UINT8_MAX ? n : UINT8_MAX;
}

START_TEST(of_internet_sockets_only_streams_are_left) {
        CLEANUP(scmp_releasep) scmp_filter_ctx ctx = NULL;
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };
        int status;

        ck_assert_int_eq(stream_filter_make(DENIED, &ctx), 0);
        ck_assert_int_eq(bpf_export(ctx, &p), 0);
        for (unsigned i = 0; i < N_TRIES; i++) {
                uint64_t a[2];
                nth_try(i, a);
                int family = (int) a[0], type = (int) a[1] & 0xf;
                bool internet = family == AF_INET || family == AF_INET6;
                ck_assert_msg(is_denied(&p, a) == (internet && type != SOCK_STREAM), "%d, %d",
                                family, type);
        }

        pid_t pid = fork();
        if (pid == 0)
                _exit((int) differences_in_kernel(&p));
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(the_filter_of_streams_is_a_file_beside_the_units) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(bpf_program_done) BpfProgram p = { 0 };
        const UnitFile *f;

        judge(&j, WORKER_HEAD "  sandbox: {network: tcp}\n");
        for (f = j.tree.first; f && !STREQ(f->path, "worker-demo.filter"); f = f->next)
                ;
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(stream_filter_compile(&p), 0);
        ck_assert_uint_eq(f->size, p.n * sizeof(struct sock_filter));
        ck_assert_mem_eq(f->content, p.code, f->size);
        ck_assert_uint_eq(f->mode, 0644); /* the instance reads it */
}
END_TEST

/* --- the machine ----------------------------------------------------------------------------- */

START_TEST(what_the_kernel_would_not_load_kills) {
        struct sock_filter bad[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),        /* not a word */
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4096),     /* behind the data */
                BPF_STMT(BPF_LD | BPF_MEM, BPF_MEMWORDS),     /* behind the memory */
                BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),       /* by nothing */
                BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32),      /* further than a word */
                BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),        /* half a word */
                BPF_JUMP(BPF_JMP | BPF_JA, UINT32_MAX, 0, 0), /* out of the program */
        };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_uint_eq(bpf_run(&(BpfProgram){ &bad[i], 1 }, &(struct seccomp_data){ 0 }),
                                SECCOMP_RET_KILL_PROCESS);
        ck_assert_uint_eq(bpf_run(&(BpfProgram){ NULL, 0 }, &(struct seccomp_data){ 0 }),
                        SECCOMP_RET_KILL_PROCESS);
}
END_TEST

START_TEST(the_machine_calculates_as_the_kernel_documents_it) {
        /* A = args[0]; X = 3; M[1] = A; A = (A + X) << 1; A ^= M[1] by X */
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
                BPF_STMT(BPF_ST, 1),
                BPF_STMT(BPF_LDX | BPF_IMM, 3),
                BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
                BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1),
                BPF_STMT(BPF_LDX | BPF_MEM, 1),
                BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
                BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 10, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, 0),
                BPF_STMT(BPF_RET | BPF_A, 0),
        };
        const BpfProgram p = { code, ARRAY_SIZE(code) };

        ck_assert_uint_eq(bpf_run(&p, &(struct seccomp_data){ .args = { 5 } }), 16 ^ 5);
        ck_assert_uint_eq(bpf_run(&p, &(struct seccomp_data){ .args = { 0 } }), 0);
}
END_TEST

CHECK_MAIN("filter", TEST(lines_add_up_as_systemd_adds_them),
                TEST(names_that_nobody_knows_are_told),
                TEST(groups_are_read_as_systemd_analyze_prints_them),
                TEST(no_worker_gets_a_filter_that_lets_anybody_in),
                TEST(the_default_filter_is_what_the_manual_says),
                TEST(a_filter_says_here_what_it_does_in_the_kernel),
                TEST(of_internet_sockets_only_streams_are_left),
                TEST(the_filter_of_streams_is_a_file_beside_the_units),
                TEST(what_the_kernel_would_not_load_kills),
                TEST(the_machine_calculates_as_the_kernel_documents_it))
