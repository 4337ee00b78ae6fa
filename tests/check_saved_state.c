/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "check_main.h"
#include "saved-state.h"

static const SavedWorker examples[] = {
        { .id = "a.mail", .mode = 2, .fixed = 3 },
        { .id = "mail",
                        .mode = 1,
                        .pause = 20 * USEC_PER_SEC,
                        .paused_until = 123456789,
                        .memory = { .mu = 1.0 / 3, .start_delay = 1500000 } },
        { .id = "zoo" },
};

static void write_examples(StrBuf *b) {
        saved_state_begin(b);
        for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
                saved_state_append(b, &examples[i]);
        saved_state_end(b, ARRAY_SIZE(examples));
}

START_TEST(what_is_written_is_read) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(saved_state_done) SavedState s = { 0 };

        write_examples(&b);
        ck_assert_int_eq(saved_state_parse(strbuf_string(&b), &s), 0);
        ck_assert_uint_eq(s.n, ARRAY_SIZE(examples));
        for (size_t i = 0; i < s.n; i++) {
                const SavedWorker *w = saved_state_find(&s, examples[i].id);
                ck_assert_ptr_nonnull(w);
                ck_assert_uint_eq(w->mode, examples[i].mode);
                ck_assert_uint_eq(w->fixed, examples[i].fixed);
                ck_assert_uint_eq(w->pause, examples[i].pause);
                ck_assert_uint_eq(w->paused_until, examples[i].paused_until);
                ck_assert(w->memory.mu == examples[i].memory.mu);
                ck_assert_uint_eq(w->memory.start_delay, examples[i].memory.start_delay);
        }
        ck_assert_ptr_null(saved_state_find(&s, "nobody"));
}
END_TEST

START_TEST(any_part_of_a_state_is_damaged) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        write_examples(&b);
        for (size_t n = 0; n < b.len; n++) {
                CLEANUP(freep) char *part = strndup(strbuf_string(&b), n);
                CLEANUP(saved_state_done) SavedState s = { 0 };
                ck_assert_ptr_nonnull(part);
                ck_assert_msg(saved_state_parse(part, &s) < 0, "the first %zu bytes", n);
        }
}
END_TEST

START_TEST(what_makes_no_sense_is_damaged) {
        static const char *const bad[] = {
                "",
                "worker-scaler state 1\n",
                "worker-scaler state 1\nend 1\n",
                "worker-scaler state 1\nworker a\nend 0\n",
                "worker-scaler state 1\nworker \nend 1\n",
                "worker-scaler state 1\nworker a mode=x\nend 1\n",
                "worker-scaler state 1\nworker a mode=-1\nend 1\n",
                "worker-scaler state 1\nworker a capacity=nan\nend 1\n",
                "worker-scaler state 1\nworker a capacity\nend 1\n",
                "worker-scaler state 1\nworker a fixed=99999999999999\nend 1\n",
                "worker-scaler state 1\nworker b\nworker a\nend 2\n",
                "worker-scaler state 1\nworker a\nworker a\nend 2\n",
                "worker-scaler state 1\nend 0\nworker a\n",
                "nonsense\nend 0\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                CLEANUP(saved_state_done) SavedState s = { 0 };
                ck_assert_msg(saved_state_parse(bad[i], &s) == -EBADMSG, "'%s'", bad[i]);
                ck_assert_uint_eq(s.n, 0);
        }
}
END_TEST

START_TEST(another_version_is_told_apart_from_damage) {
        CLEANUP(saved_state_done) SavedState s = { 0 };
        ck_assert_int_eq(saved_state_parse("worker-scaler state 2\nend 0\n", &s), -EPROTONOSUPPORT);
}
END_TEST

START_TEST(a_newer_minor_key_is_skipped) {
        CLEANUP(saved_state_done) SavedState s = { 0 };
        ck_assert_int_eq(saved_state_parse("worker-scaler state 1\nworker a new=1 mode=1\nend 1\n",
                                         &s),
                        0);
        ck_assert_uint_eq(s.workers[0].mode, 1);
}
END_TEST

CHECK_MAIN("saved state", TEST(what_is_written_is_read), TEST(any_part_of_a_state_is_damaged),
                TEST(what_makes_no_sense_is_damaged),
                TEST(another_version_is_told_apart_from_damage), TEST(a_newer_minor_key_is_skipped))
