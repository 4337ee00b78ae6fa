/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "call_number.h"
#include "check_main.h"
#include "observation.h"
#include "pass-over.h"

/* Which of the calls in a worker's control group are the worker's. */

enum {
        EXECUTOR = 10,
        WORKER = 20,
        CHILD = 30,
        CALLS = 472, /* of x86_64, as of 6.18 */
};

#define BIT_OF_X32 0x40000000L

typedef struct Watching {
        Observation o;
} Watching;

static void watching_done(Watching *w) {
        observation_done(&w->o);
}

static void call(Watching *w, pid_t pid, const char *name) {
        ck_assert_int_eq(observation_call(&w->o, pid, call_number(name)), 0);
}

static void fork_from(Watching *w, pid_t parent, pid_t pid) {
        ck_assert_int_eq(observation_fork(&w->o, pid, parent), 0);
}

static void execute(Watching *w, pid_t pid) {
        ck_assert_int_eq(observation_exec(&w->o, pid), 0);
}

static bool seen(const Watching *w, const char *name) {
        return syscall_set_has(&w->o.seen, call_number(name));
}

/* As systemd starts a program: it sets up, loads several filters, the names last, and executes. */
static void start(Watching *w, pid_t pid) {
        call(w, pid, "mount");
        call(w, pid, "setns");
        call(w, pid, "seccomp");
        call(w, pid, "unshare");
        call(w, pid, "seccomp");
        call(w, pid, "getpgid");
        execute(w, pid);
}

START_TEST(a_start_counts_from_the_last_filter_on) {
        CLEANUP(watching_done) Watching w = { 0 };

        start(&w, WORKER);
        call(&w, WORKER, "renameat2");
        ck_assert_uint_eq(w.o.starts, 1);
        ck_assert(seen(&w, "getpgid") && seen(&w, "renameat2"));
        ck_assert(!seen(&w, "mount") && !seen(&w, "setns") && !seen(&w, "unshare"));
}
END_TEST

START_TEST(a_launcher_that_executes_the_program_is_one_start) {
        CLEANUP(watching_done) Watching w = { 0 };

        start(&w, WORKER);
        call(&w, WORKER, "seccomp");
        execute(&w, WORKER);
        call(&w, WORKER, "renameat2");
        ck_assert_uint_eq(w.o.starts, 1);
        ck_assert(seen(&w, "seccomp") && seen(&w, "renameat2"));
}
END_TEST

/* Since 254 PID 1 executes systemd-executor, which sets up. */
START_TEST(a_program_that_is_executed_before_the_filter_is_systemds) {
        CLEANUP(watching_done) Watching w = { 0 };

        call(&w, WORKER, "setns");
        execute(&w, WORKER);
        ck_assert_uint_eq(w.o.starts, 0);
        start(&w, WORKER);
        ck_assert_uint_eq(w.o.starts, 1);
        ck_assert(!seen(&w, "setns"));
}
END_TEST

START_TEST(helpers_of_systemd_are_not_the_worker) {
        CLEANUP(watching_done) Watching w = { 0 };

        call(&w, EXECUTOR, "unshare");
        fork_from(&w, EXECUTOR, CHILD);
        call(&w, CHILD, "mkdirat");
        observation_exit(&w.o, CHILD);
        ck_assert_uint_eq(syscall_set_count(&w.o.seen), 0);
}
END_TEST

START_TEST(a_command_without_a_filter_does_not_count) {
        CLEANUP(watching_done) Watching w = { 0 };

        call(&w, WORKER, "chroot");
        execute(&w, WORKER);
        call(&w, WORKER, "fchownat");
        fork_from(&w, WORKER, CHILD);
        execute(&w, CHILD);
        call(&w, CHILD, "mkdirat");
        ck_assert_uint_eq(syscall_set_count(&w.o.seen), 0);
        ck_assert_uint_eq(w.o.starts, 0);
}
END_TEST

START_TEST(children_and_threads_are_the_workers) {
        CLEANUP(watching_done) Watching w = { 0 };

        ck_assert_int_eq(observation_known(&w.o, WORKER), 0);
        fork_from(&w, WORKER, WORKER);
        fork_from(&w, WORKER, CHILD);
        call(&w, CHILD, "mkdirat");
        execute(&w, CHILD);
        call(&w, CHILD, "unlinkat");
        call(&w, WORKER, "renameat2");
        ck_assert_uint_eq(syscall_set_count(&w.o.seen), 3);
        ck_assert_uint_eq(w.o.starts, 0);
}
END_TEST

START_TEST(a_process_is_known_until_its_last_thread_ends) {
        CLEANUP(watching_done) Watching w = { 0 };

        start(&w, WORKER);
        fork_from(&w, WORKER, WORKER);
        observation_exit(&w.o, WORKER);
        call(&w, WORKER, "renameat2");
        ck_assert(seen(&w, "renameat2"));
        observation_exit(&w.o, WORKER);
        ck_assert_uint_eq(w.o.n, 0);
        observation_exit(&w.o, WORKER); /* one of which nobody knew */
}
END_TEST

START_TEST(a_number_that_is_used_again_is_another_process) {
        CLEANUP(watching_done) Watching w = { 0 };

        start(&w, WORKER);
        observation_exit(&w.o, WORKER);
        call(&w, WORKER, "mount");
        ck_assert(!seen(&w, "mount"));
        fork_from(&w, WORKER, CHILD);
        start(&w, CHILD);
        ck_assert_uint_eq(w.o.starts, 2);
}
END_TEST

START_TEST(after_a_loss_all_counts_until_it_is_known_who_is_there) {
        CLEANUP(watching_done) Watching w = { 0 };

        call(&w, EXECUTOR, "unshare");
        observation_lose(&w.o);
        call(&w, EXECUTOR, "setns");
        call(&w, CHILD, "mkdirat");
        ck_assert_uint_eq(w.o.losses, 1);
        ck_assert(seen(&w, "setns") && seen(&w, "mkdirat") && !seen(&w, "unshare"));

        ck_assert_int_eq(observation_known(&w.o, WORKER), 0);
        observation_recover(&w.o);
        call(&w, EXECUTOR, "mount");
        call(&w, WORKER, "renameat2");
        ck_assert(!seen(&w, "mount") && seen(&w, "renameat2"));
}
END_TEST

/* Its filter may have been loaded when it was not seen. */
START_TEST(what_is_set_up_during_a_loss_is_a_start) {
        CLEANUP(watching_done) Watching w = { 0 };

        call(&w, EXECUTOR, "unshare");
        observation_lose(&w.o);
        observation_recover(&w.o);
        execute(&w, EXECUTOR);
        call(&w, EXECUTOR, "renameat2");
        ck_assert(seen(&w, "renameat2"));
        ck_assert_uint_eq(w.o.starts, 1);
}
END_TEST

/* int 0x80 and x32 on x86; -1 is what a tracer makes of a call that it skips. */
START_TEST(numbers_of_no_call_here_are_counted_and_not_taken) {
        CLEANUP(watching_done) Watching w = { 0 };
        const long numbers[] = { -1, SYSCALL_NUMBER_MAX - 1, SYSCALL_NUMBER_MAX,
                SYSCALL_NUMBER_MAX + 64, BIT_OF_X32 | SCMP_SYS(renameat2), INT32_MAX, INT64_MAX,
                INT64_MIN };

        ck_assert_int_eq(observation_known(&w.o, WORKER), 0);
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                ck_assert_int_eq(observation_call(&w.o, WORKER, numbers[i]), 0);
        ck_assert_uint_eq(w.o.foreign, ARRAY_SIZE(numbers));
        ck_assert_uint_eq(syscall_set_count(&w.o.seen), 0);
}
END_TEST

/* --- what the kernel passes over -------------------------------------------------------------- */

typedef struct Evaluating {
        const char *at;
        int id;
} Evaluating;

static bool evaluate_or(Evaluating *e);

/* "(EXPRESSION)", or "idOPERATORnumber". ck_assert() tells each time that it is reached, which for
 * some hundred thousand terms takes long. */
static bool evaluate_term(Evaluating *e) {
        if (*e->at == '(') {
                e->at++;
                bool value = evaluate_or(e);
                if (*e->at++ != ')')
                        ck_abort_msg("')' is missing");
                return value;
        }
        if (!startswith(e->at, "id"))
                ck_abort_msg("no term: %s", e->at);
        const char *comparison = e->at + 2;
        char *end;
        long number = strtol(comparison + strspn(comparison, "<>=!"), &end, 10);
        e->at = end;
        if (startswith(comparison, "!="))
                return e->id != number;
        if (startswith(comparison, ">="))
                return e->id >= number;
        if (strspn(comparison, "<>") != 1)
                ck_abort_msg("no comparison: %s", comparison);
        return *comparison == '<' ? e->id < number : e->id > number;
}

static bool evaluate_and(Evaluating *e) {
        bool value = evaluate_term(e);
        while (e->at[0] == '&' && e->at[1] == '&') {
                e->at += 2;
                value = evaluate_term(e) && value;
        }
        return value;
}

static bool evaluate_or(Evaluating *e) {
        bool value = evaluate_and(e);
        while (e->at[0] == '|' && e->at[1] == '|') {
                e->at += 2;
                value = evaluate_and(e) || value;
        }
        return value;
}

static void expect_passed_over(const SyscallSet *known) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        ck_assert_int_eq(pass_over_print(known, &b), 0);
        ck_assert_uint_le(b.len, PASS_OVER_MAX);
        for (int i = -2; i < CALLS + 40; i++) {
                Evaluating e = { strbuf_string(&b), i };
                if (evaluate_or(&e) == syscall_set_has(known, i) || *e.at != '\0')
                        ck_abort_msg("%d: %s", i, strbuf_string(&b));
        }
}

START_TEST(exactly_what_is_known_is_passed_over) {
        static const struct {
                int every, of; /* so many of so many are known */
        } patterns[] = { { 1, 400 }, { 1, 50 }, { 1, 2 }, { 1, 3 }, { 2, 3 }, { 3, 4 }, { 7, 9 },
                { 1, 1 } };

        for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
                for (int first = 0; first < 3; first++) {
                        SyscallSet known = { 0 };
                        for (int k = first; k < CALLS; k++)
                                syscall_set_put(&known, k,
                                                (k - first) % patterns[i].of < patterns[i].every);
                        expect_passed_over(&known);
                }
}
END_TEST

START_TEST(nothing_is_passed_over_when_nothing_is_known) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        ck_assert_int_eq(pass_over_print(&(SyscallSet){ 0 }, &b), 0);
        ck_assert_uint_eq(b.len, 0);
}
END_TEST

CHECK_MAIN("observation", TEST(a_start_counts_from_the_last_filter_on),
                TEST(a_launcher_that_executes_the_program_is_one_start),
                TEST(a_program_that_is_executed_before_the_filter_is_systemds),
                TEST(helpers_of_systemd_are_not_the_worker),
                TEST(a_command_without_a_filter_does_not_count),
                TEST(children_and_threads_are_the_workers),
                TEST(a_process_is_known_until_its_last_thread_ends),
                TEST(a_number_that_is_used_again_is_another_process),
                TEST(after_a_loss_all_counts_until_it_is_known_who_is_there),
                TEST(what_is_set_up_during_a_loss_is_a_start),
                TEST(numbers_of_no_call_here_are_counted_and_not_taken),
                TEST(exactly_what_is_known_is_passed_over),
                TEST(nothing_is_passed_over_when_nothing_is_known))
