/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "judge.h"
#include "sandbox-sentences.h"

/* What is said of a sandbox follows from the unit that a manifest becomes. */

typedef struct Explained {
        Arena arena;
        SandboxView view;
        Sentences sentences;
} Explained;

static void explained_done(Explained *e) {
        sentences_done(&e->sentences);
        arena_done(&e->arena);
}

static void explain_text(Explained *e, const char *unit, const char *drop_in, long landlock_abi) {
        *e = (Explained){ 0 };
        e->view.arena = &e->arena;
        ck_assert_int_eq(sandbox_view_add(&e->view, "/unit", unit, false), 0);
        if (drop_in)
                ck_assert_int_eq(sandbox_view_add(&e->view, "/unit.d/a.conf", drop_in, true), 0);
        sandbox_view_finish(&e->view, &builtin_syscall_groups);
        ck_assert_int_eq(sentences_make(&e->view, landlock_abi, &e->sentences), 0);
}

static void explain(Explained *e, const char *lines, const char *drop_in, long landlock_abi) {
        CLEANUP(judgment_done) Judgment j;
        CLEANUP(strbuf_done) StrBuf text = { 0 };

        strbuf_printf(&text, WORKER_HEAD "%s", lines);
        judge(&j, strbuf_string(&text));
        const char *unit = judgment_unit(&j, "worker-demo@.service");
        ck_assert_msg(unit, "%s", lines);
        explain_text(e, unit, drop_in, landlock_abi);
}

static const Sentence *find(const Explained *e, const char *topic) {
        for (size_t i = 0; i < e->sentences.n; i++)
                if (STREQ(e->sentences.items[i].topic, topic))
                        return &e->sentences.items[i];
        ck_abort_msg("nothing is said of '%s'", topic);
}

/* Appends the topics of what it can do. */
static void list_abilities(const Explained *e, StrBuf *b) {
        for (size_t i = 0; i < e->sentences.n; i++)
                if (e->sentences.items[i].can)
                        strbuf_append_all(b, b->len > 0 ? " " : "", e->sentences.items[i].topic,
                                        NULL);
}

START_TEST(each_relaxation_is_told_and_no_other) {
        static const struct {
                const char *lines, *drop_in, *can;
                long landlock_abi;
        } rows[] = {
                { "", NULL, "network udp read user", 7 },
                { "", NULL, "network udp abstract-sockets signals read user", 5 },
                { "", NULL, "network udp abstract-sockets own-code signals read user", 0 },
                { "  sandbox: {network: tcp}\n", NULL, "network read user", 7 },
                { "  sandbox: {network: none}\n", NULL, "read user", 7 },
                { "  sandbox: {network: none}\n", NULL, "own-code signals read user", 0 },
                { "  sandbox: {landlock: false}\n", NULL,
                                "network udp abstract-sockets own-code signals read user", 7 },
                { "  sandbox: {user: instance}\n", NULL, "network udp abstract-sockets read user",
                                5 },
                { "  sandbox: {bind: ephemeral}\n", NULL, "network bind udp read user", 7 },
                { "  sandbox: {jit: true}\n", NULL, "network udp code read user", 7 },
                { "  sandbox: {SystemCallFilter: [memfd_create]}\n", NULL,
                                "network udp code read user", 7 },
                { "  sandbox: {ProtectProc: default, PrivateIPC: false}\n", NULL,
                                "network udp processes ipc read user", 7 },
                { "  sandbox: {ReadWritePaths: [/srv/a]}\n", NULL, "network udp write read user",
                                7 },
                { "", "[Service]\nSystemCallFilter=listen\n", "network listen udp read user", 7 },
                { "", "[Service]\nExecStart=\nExecStart=/bin/true\n",
                                "network udp abstract-sockets own-code signals read user", 7 },
                { "", "[Service]\nPrivateNetwork=on\nRestrictNamespaces=no\n",
                                "namespaces read user", 7 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(explained_done) Explained e;
                CLEANUP(strbuf_done) StrBuf can = { 0 };
                explain(&e, rows[i].lines, rows[i].drop_in, rows[i].landlock_abi);
                list_abilities(&e, &can);
                ck_assert_msg(STREQ(strbuf_string(&can), rows[i].can),
                                "%zu: %s\nfound:    %s\n"
                                "expected: %s",
                                i, rows[i].lines, strbuf_string(&can), rows[i].can);
        }
}
END_TEST

START_TEST(a_unit_without_a_sandbox_can_do_it_all) {
        CLEANUP(explained_done) Explained e;

        explain_text(&e, "[Service]\nExecStart=/bin/true\n", NULL, 7);
        for (size_t i = 0; i < e.sentences.n; i++)
                ck_assert_msg(e.sentences.items[i].can, "%s", e.sentences.items[i].topic);
        ck_assert_str_eq(strbuf_string(&find(&e, "user")->text), "do what the user 'root' may");
}
END_TEST

START_TEST(paths_and_addresses_are_named) {
        CLEANUP(explained_done) Explained e;

        explain(&e,
                        "  sandbox: {ReadWritePaths: [/srv/a, '/srv/b c'], "
                        "IPAddressAllow: [10.0.0.0/8]}\n",
                        NULL, 7);
        ck_assert_str_eq(strbuf_string(&find(&e, "write")->text), "write to /srv/a /srv/b c");
        ck_assert_str_eq(strbuf_string(&find(&e, "network")->text),
                        "connect to others, by TCP and UDP; of addresses there are only "
                        "10.0.0.0/8");
}
END_TEST

START_TEST(relaxations_are_told_with_their_origin) {
        CLEANUP(explained_done) Explained e;

        explain(&e, "  sandbox: {network: tcp, jit: true}\n", "[Service]\nProtectHome=no\nNice=5\n",
                        7);
        ck_assert_str_eq(e.view.remarks->text, "sandbox.jit, " MANIFEST_PATH ":7");
        ck_assert(!e.view.remarks->tightened);
        ck_assert(e.view.last_remark->tightened);
        ck_assert_str_eq(e.view.last_setting->key, "Nice");
        ck_assert(e.view.last_setting->drop_in);
        ck_assert_uint_eq(e.view.last_setting->line, 3);
        ck_assert(is_sandbox_directive("ProtectHome"));
        ck_assert(is_sandbox_directive("SystemCallFilter"));
        ck_assert(!is_sandbox_directive("Nice"));
}
END_TEST

START_TEST(an_empty_assignment_forgets_those_before) {
        CLEANUP(explained_done) Explained e;
        CLEANUP(strbuf_done) StrBuf words = { 0 };

        explain_text(&e, "[Service]\nBindPaths=/a\nBindPaths=\nBindPaths=/b /c\nBindPaths=/d\n",
                        "[Service]\nSystemCallFilter=read\nSystemCallFilter=\n", 0);
        sandbox_view_words(&e.view, "BindPaths", &words);
        ck_assert_str_eq(strbuf_string(&words), "/b /c /d");
        ck_assert(sandbox_view_allows(&e.view, "listen"));
}
END_TEST

CHECK_MAIN("sandbox_view", TEST(each_relaxation_is_told_and_no_other),
                TEST(a_unit_without_a_sandbox_can_do_it_all), TEST(paths_and_addresses_are_named),
                TEST(relaxations_are_told_with_their_origin),
                TEST(an_empty_assignment_forgets_those_before))
