/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "judge.h"

/* Each relaxation of the sandbox changes its own directives and nothing else, and leaves a comment;
 * what would let anybody in is refused. */

#define TEMPLATE "worker-demo@.service"

static void judge_worker(Judgment *j, const char *lines) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        strbuf_printf(&text, WORKER_HEAD "%s", lines);
        judge(j, strbuf_string(&text));
        ck_assert_msg(j->generator.n_accepted == 1, "%s", strbuf_string(&j->messages));
}

/* Appends the lines of a that b does not have, as "SIGN LINE\n"; the digest differs for every text.
 */
static void append_missing(char sign, const char *a, const char *b, StrBuf *to) {
        while (*a) {
                size_t n = strcspn(a, "\n");
                CLEANUP(freep) char *line = strndup(a, n);
                if (n > 0 && !startswith(line, "Digest=") && !has_line(b, line))
                        strbuf_printf(to, "%c%s\n", sign, line);
                a += n + (a[n] ? 1 : 0);
        }
}

/* How the template differs from that of a worker without relaxations. */
static void expect_change(const char *lines, const char *change) {
        CLEANUP(judgment_done) Judgment plain, relaxed;
        CLEANUP(strbuf_done) StrBuf found = { 0 };

        judge_worker(&plain, "");
        judge_worker(&relaxed, lines);
        const char *a = judgment_unit(&plain, TEMPLATE), *b = judgment_unit(&relaxed, TEMPLATE);
        append_missing('-', a, b, &found);
        append_missing('+', b, a, &found);
        ck_assert_msg(STREQ(strbuf_string(&found), change), "%s\nfound:\n%s\nexpected:\n%s", lines,
                        strbuf_string(&found), change);
}

#define LAUNCHER      WORKERSDIR "/worker-exec"
#define RELAXED(name) "+# relaxed: sandbox." name ", " MANIFEST_PATH ":7\n"

START_TEST(a_switch_changes_its_directive_and_leaves_a_comment) {
        static const char *const names[] = { "MemoryDenyWriteExecute", "ProtectClock",
                "ProtectHostname", "PrivateUsers", "PrivateIPC" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                CLEANUP(strbuf_done) StrBuf lines = { 0 }, change = { 0 };
                strbuf_printf(&lines, "  sandbox: {%s: false}\n", names[i]);
                strbuf_printf(&change,
                                "-%s=yes\n+# relaxed: sandbox.%s, " MANIFEST_PATH ":7\n+%s=no\n",
                                names[i], names[i], names[i]);
                expect_change(strbuf_string(&lines), strbuf_string(&change));

                strbuf_clear(&lines);
                strbuf_printf(&lines, "  sandbox: {%s: true}\n", names[i]);
                expect_change(strbuf_string(&lines), "");
        }
}
END_TEST

START_TEST(a_word_changes_its_directive_and_leaves_a_comment) {
        expect_change("  sandbox: {ProcSubset: all}\n",
                        "-ProcSubset=pid\n" RELAXED("ProcSubset") "+ProcSubset=all\n");
        expect_change("  sandbox: {ProtectProc: default}\n",
                        "-ProtectProc=invisible\n" RELAXED("ProtectProc") "+ProtectProc=default\n");
        expect_change("  sandbox: {LockPersonality: false}\n",
                        "-LockPersonality=yes\n" RELAXED(
                                        "LockPersonality") "+LockPersonality=no\n+SystemCallFilter="
                                                           "personality\n");
        expect_change("  sandbox: {jit: true}\n",
                        "-MemoryDenyWriteExecute=yes\n" RELAXED(
                                        "jit") "+MemoryDenyWriteExecute=no\n");
        expect_change("  sandbox: {bind: ephemeral}\n",
                        "-SystemCallFilter=~bind\n" RELAXED("bind"));
        expect_change("  sandbox: {user: instance}\n",
                        "-User=worker-demo\n"
                        "-Environment=DATAOS_RUN_AS_USER=worker-demo\n"
                        "+# relaxed: sandbox.user, a dynamic user for each instance\n"
                        "+User=worker-demo_%i\n"
                        "+Environment=DATAOS_RUN_AS_USER=worker-demo_%i\n");
        expect_change("  sandbox: {RestrictAddressFamilies: [AF_NETLINK, AF_CAN]}\n",
                        RELAXED("RestrictAddressFamilies") "+RestrictAddressFamilies=AF_NETLINK "
                                                           "AF_CAN\n");
        expect_change("  sandbox: {SystemCallFilter: [sched_setaffinity, ~mkdir]}\n",
                        RELAXED("SystemCallFilter") "+SystemCallFilter=sched_setaffinity\n+"
                                                    "SystemCallFilter=~mkdir\n");
}
END_TEST

START_TEST(a_group_that_this_systemd_lacks_is_left_out) {
        CLEANUP(judgment_done) Judgment j;

        judge_worker(&j, "  sandbox: {SystemCallFilter: ['@sandbox', mkdir]}\n");
        const char *unit = judgment_unit(&j, TEMPLATE);
        ck_assert(has_line(unit, "SystemCallFilter=mkdir"));
        ck_assert_uint_eq(count_lines(unit, "SystemCallFilter=@sandbox"), 0);
}
END_TEST

START_TEST(the_defaults_spelled_out_change_nothing) {
        expect_change("  sandbox: {network: host, bind: none, jit: false, user: worker, "
                      "ProcSubset: pid, ProtectProc: invisible}\n",
                        "");
        expect_change("  sandbox: {ReadWritePaths: [], SystemCallFilter: []}\n", "");
        expect_change("  sandbox: {}\n", "");
        expect_change("  sandbox:\n", "");
}
END_TEST

START_TEST(without_network_there_is_none) {
        expect_change("  sandbox: {network: none}\n",
                        "-# sandbox: outbound network, no ingress; see worker.manifest(5)\n"
                        "-RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
                        "+# sandbox: no network, no ingress; see worker.manifest(5)\n"
                        "+RestrictAddressFamilies=AF_UNIX\n"
                        "+PrivateNetwork=yes\n"
                        "+IPAddressDeny=any\n");
}
END_TEST

START_TEST(streams_only_is_a_filter_that_the_launcher_loads) {
        expect_change("  sandbox: {network: tcp}\n",
                        "-ExecStart=\"" LAUNCHER "\" --landlock -- \"/usr/bin/true\"\n"
                        "-# sandbox: outbound network, no ingress; see worker.manifest(5)\n"
                        "+ExecStart=\"" LAUNCHER
                        "\" --landlock --filter=/run/worker-filter -- \"/usr/bin/true\"\n"
                        "+Environment=\"RES_OPTIONS=use-vc\"\n"
                        "+# sandbox: outbound TCP, no ingress; see worker.manifest(5)\n"
                        "+# tightened: sandbox.network, the launcher loads it\n"
                        "+BindReadOnlyPaths=/run/systemd/generator/worker-demo.filter:"
                        "/run/worker-filter:norbind\n");
}
END_TEST

START_TEST(without_landlock_no_launcher_is_needed) {
        expect_change("  sandbox: {landlock: true}\n", "");
        expect_change("  sandbox: {landlock: false}\n",
                        "-ExecStart=\"" LAUNCHER "\" --landlock -- \"/usr/bin/true\"\n"
                        "-SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule "
                        "landlock_restrict_self\n"
                        "+ExecStart=\"/usr/bin/true\"\n" RELAXED("landlock"));
}
END_TEST

START_TEST(addresses_that_are_allowed_deny_all_others) {
        expect_change("  sandbox: {IPAddressAllow: [10.0.0.0/8, '::1', localhost]}\n",
                        "+IPAddressDeny=any\n" RELAXED("IPAddressAllow") "+IPAddressAllow=10.0.0.0/"
                                                                         "8 ::1 localhost\n");
}
END_TEST

START_TEST(what_lets_others_in_is_last_and_can_not_come_back) {
        CLEANUP(judgment_done) Judgment j;

        judge_worker(&j, "  sandbox: {bind: ephemeral, SystemCallFilter: ['@resources', mkdir]}\n");
        const char *unit = judgment_unit(&j, TEMPLATE);
        const char *last = "";
        for (const char *p = unit; (p = strstr(p, "\nSystemCallFilter=")); p++)
                last = p + 1;
        ck_assert(startswith(last, "SystemCallFilter=~listen accept accept4 socketcall "));
}
END_TEST

START_TEST(bound_paths_can_not_be_executed_but_those_of_exec_paths) {
        expect_change("  sandbox: {ReadWritePaths: [/srv/a, '/srv/b c']}\n",
                        RELAXED("ReadWritePaths") "+BindPaths=\"/srv/a\" \"/srv/b c\"\n"
                                                  "+NoExecPaths=\"+/srv/a\" \"+/srv/b c\"\n");
        expect_change("  sandbox: {ReadOnlyPaths: [/srv/a%n]}\n",
                        RELAXED("ReadOnlyPaths") "+BindReadOnlyPaths=\"/srv/a%%n\"\n"
                                                 "+NoExecPaths=\"+/srv/a%%n\"\n");
        expect_change("  sandbox: {ExecPaths: [/opt/a]}\n",
                        RELAXED("ExecPaths") "+BindReadOnlyPaths=\"/opt/a\"\n"
                                             "+ExecPaths=\"+/opt/a\"\n");
}
END_TEST

START_TEST(a_bound_home_is_not_hidden_again) {
        static const char *const homes[] = { "/home/a", "/home", "/root", "/run/user/1000" };

        for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
                CLEANUP(strbuf_done) StrBuf lines = { 0 };
                CLEANUP(judgment_done) Judgment j;
                strbuf_printf(&lines, "  sandbox: {ReadOnlyPaths: [%s]}\n", homes[i]);
                judge_worker(&j, strbuf_string(&lines));
                ck_assert_msg(has_line(judgment_unit(&j, TEMPLATE), "ProtectHome=tmpfs"), "%s",
                                homes[i]);
                ck_assert(has_line(judgment_unit(&j, TEMPLATE),
                                "ReadOnlyPaths=-+/home -+/root -+/run/user"));
        }
        CLEANUP(judgment_done) Judgment j;
        judge_worker(&j, "  sandbox: {ReadOnlyPaths: [/homes/a]}\n");
        ck_assert(has_line(judgment_unit(&j, TEMPLATE), "ProtectHome=yes"));
}
END_TEST

START_TEST(values_of_relaxations_are_checked) {
        static const struct {
                const char *lines, *codes;
        } rows[] = {
                { "  sandbox: {SystemCallFilter: [listen]}\n", "E-INGRESS@7:32" },
                { "  sandbox: {SystemCallFilter: ['@network-io']}\n", "E-INGRESS@7:32" },
                { "  sandbox: {SystemCallFilter: [io_uring_setup]}\n", "E-INGRESS@7:32" },
                { "  sandbox: {SystemCallFilter: [~listen, ~bind]}\n", "" },
                { "  sandbox: {SystemCallFilter: [raed]}\n", "E-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: ['@raed']}\n", "E-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: ['@sandbox']}\n", "N-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: ['read:EPERM']}\n", "E-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: ['']}\n", "E-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: [~]}\n", "E-SYSCALL@7:32" },
                { "  sandbox: {SystemCallFilter: listen}\n", "E-VALUE@7:31" },
                { "  sandbox: {RestrictAddressFamilies: [AF_INETT]}\n", "E-VALUE@7:39" },
                { "  sandbox: {RestrictAddressFamilies: [none]}\n", "E-VALUE@7:39" },
                { "  sandbox: {RestrictAddressFamilies: [~AF_UNIX]}\n", "E-VALUE@7:39" },
                { "  sandbox: {IPAddressAllow: [10.0.0.0/33]}\n", "E-VALUE@7:30" },
                { "  sandbox: {IPAddressAllow: [10.0.0]}\n", "E-VALUE@7:30" },
                { "  sandbox: {IPAddressAllow: ['::/129']}\n", "E-VALUE@7:30" },
                { "  sandbox: {IPAddressAllow: [example.org]}\n", "E-VALUE@7:30" },
                { "  sandbox: {ReadWritePaths: [relative]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: [/a/../b]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: [/a/./b]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: [/a//b]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: [/a/]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: ['/a:/b']}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadWritePaths: [/]}\n", "E-PATH@7:30" },
                { "  sandbox: {ReadOnlyPaths: [/etc]}\n", "E-PATH@7:29" },
                { "  sandbox: {ExecPaths: [/usr]}\n", "E-PATH@7:25" },
                { "  sandbox: {Network: none}\n", "E-UNKNOWN@7:13" },
                { "  sandbox: {NoNewPrivileges: false}\n", "E-UNKNOWN@7:13" },
                { "  sandbox: {PrivateUsers: no}\n", "E-VALUE@7:27" },
                { "  sandbox: {user: instance}\n  dataosVolumes: [{name: a, directory: /d}]\n",
                                "E-SANDBOX@8:26" },
                { "  sandbox: {user: instance}\n  runAsUser: somebody\n", "E-SANDBOX@8:14" },
                { "  sandbox: {user: worker}\n  runAsUser: somebody\n", "" },
                { "  sandbox: {network: none, IPAddressAllow: [localhost]}\n", "W-SANDBOX@7:44" },
                { "  sandbox: {jit: true, MemoryDenyWriteExecute: true}\n", "E-SANDBOX@7:48" },
                { "  sandbox: {jit: false, MemoryDenyWriteExecute: false}\n", "E-SANDBOX@7:49" },
                { "  sandbox: {jit: true, MemoryDenyWriteExecute: false}\n", "" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                expect_worker_codes(rows[i].lines, rows[i].codes);
}
END_TEST

CHECK_MAIN("sandbox", TEST(a_switch_changes_its_directive_and_leaves_a_comment),
                TEST(a_word_changes_its_directive_and_leaves_a_comment),
                TEST(a_group_that_this_systemd_lacks_is_left_out),
                TEST(the_defaults_spelled_out_change_nothing), TEST(without_network_there_is_none),
                TEST(streams_only_is_a_filter_that_the_launcher_loads),
                TEST(without_landlock_no_launcher_is_needed),
                TEST(addresses_that_are_allowed_deny_all_others),
                TEST(what_lets_others_in_is_last_and_can_not_come_back),
                TEST(bound_paths_can_not_be_executed_but_those_of_exec_paths),
                TEST(a_bound_home_is_not_hidden_again), TEST(values_of_relaxations_are_checked))
