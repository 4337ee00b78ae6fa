/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "check_main.h"
#include "scaling-section.h"
#include "strbuf.h"
#include "unit-section.h"

static int note(const char *key, const char *value, unsigned line, void *userdata) {
        strbuf_printf(userdata, "%u %s<%s>\n", line, key, value);
        return 0;
}

static void assert_section(const char *text, const char *expected) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        int n = unit_section_parse(text, "X-Scaling", note, &b);
        ck_assert_str_eq(strbuf_string(&b), expected);

        int lines = 0;
        for (const char *s = expected; (s = strchr(s, '\n')); s++)
                lines++;
        ck_assert_int_eq(n, lines);
}

START_TEST(only_the_section_asked_for_is_read) {
        assert_section("[Unit]\nA=1\n[X-Scaling]\nB=2\n[Service]\nC=3\n[X-Scaling]\nD=4\n",
                        "4 B<2>\n8 D<4>\n");
        assert_section("A=1\n[X-Scaling2]\nB=2\n[X-Scal]\nC=3\n", "");
        assert_section("", "");
        assert_section("[X-Scaling]", "");
}
END_TEST

START_TEST(lines_are_what_systemd_takes_for_lines) {
        assert_section("[X-Scaling]\n\n# A=0\n; B=0\n  # C=0\n  D = 4  \nE=\nno assignment\n=x\n"
                       "F=a=b\r\nG=last",
                        "6 D<4>\n7 E<>\n10 F<a=b>\n11 G<last>\n");
        assert_section("\xef\xbb\xbf[X-Scaling]\nA=1\n", "2 A<1>\n");
}
END_TEST

START_TEST(continued_lines_are_one_and_keep_the_number_of_the_first) {
        assert_section("[X-Scaling]\nA=1 \\\n  2\\\n3\nB=4\n", "2 A<1  2 3>\n5 B<4>\n");
        assert_section("[X-Scaling]\nA=1\\\n# a comment does not end it\n2\n", "2 A<1 2>\n");
        assert_section("[X-Scaling]\nA=1\\\\\nB=2\n", "2 A<1\\\\>\n3 B<2>\n");
        assert_section("[X-Scaling]\nA=1\\", "2 A<1>\n");
        assert_section("[X-Scaling]\nA=1\\\n", "2 A<1>\n");
}
END_TEST

static void note_warning(const char *path, unsigned line, const char *message, void *userdata) {
        strbuf_printf(userdata, "%s:%u: %s\n", path, line, message);
}

/* Reads one or two files (NULL: one) as the target's. */
static void read_files(Scaling *s, StrBuf *warnings, const char *first, const char *second) {
        scaling_init(s);
        ck_assert_int_eq(scaling_read(s, "a", first, note_warning, warnings), 0);
        if (second)
                ck_assert_int_eq(scaling_read(s, "b", second, note_warning, warnings), 0);
        scaling_finish(s, "a", note_warning, warnings);
}

START_TEST(all_keys_are_read) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b,
                        "[X-Scaling]\nEnabled=no\nMinReplicas=2\nMaxReplicas=20\n"
                        "TargetWaitSec=10s\nScaleDownAfterSec=1min 30s\nTargetThroughput=4.5\n"
                        "TargetCPUUtilization=80%\nCPURequest=25%\nTargetMemoryUtilization=120%\n"
                        "MemoryRequest=1073741824\nSlice=workers-public-x.slice\n"
                        "Backlog=worker-x-backlog.service\n",
                        NULL);
        ck_assert_str_eq(strbuf_string(&b), "");
        ck_assert(s.found);
        ck_assert(!s.enabled);
        ck_assert_uint_eq(s.policy.min_replicas, 2);
        ck_assert_uint_eq(s.policy.max_replicas, 20);
        ck_assert(s.policy.target_wait == 10 * USEC_PER_SEC);
        ck_assert(s.policy.scale_down_after == 90 * USEC_PER_SEC);
        ck_assert(s.policy.target_throughput == 4.5);
        ck_assert(s.policy.target_cpu == 0.8);
        ck_assert(s.cpu_request == 0.25);
        ck_assert(s.policy.target_memory == 1.2);
        ck_assert_uint_eq(s.memory_request, 1073741824);
        ck_assert_str_eq(s.slice, "workers-public-x.slice");
}
END_TEST

START_TEST(the_last_assignment_wins_and_an_empty_one_resets) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b,
                        "[X-Scaling]\nMinReplicas=3\nMaxReplicas=9\nMaxReplicas=7\n"
                        "TargetWaitSec=3\nSlice=a.slice\n",
                        "[X-Scaling]\nMinReplicas=\nTargetWaitSec=5\nTargetWaitSec=\nSlice=\n");
        ck_assert_str_eq(strbuf_string(&b), "");
        ck_assert(s.enabled);
        ck_assert_uint_eq(s.policy.min_replicas, 1);
        ck_assert_uint_eq(s.policy.max_replicas, 7);
        ck_assert(s.policy.target_wait == 0);
        ck_assert_ptr_null(s.slice);
}
END_TEST

START_TEST(a_bad_value_is_told_with_its_place_and_ignored) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b, "[X-Scaling]\nMaxReplicas=5\n",
                        "[X-Scaling]\nMaxReplicas=many\nMinReplicas=10001\nMin=3\n"
                        "TargetCPUUtilization=80\nEnabled=maybe\nSlice=../x.slice\n");
        ck_assert_str_eq(strbuf_string(&b),
                        "b:2: MaxReplicas= must be a number from 1 to 10000, ignoring 'many'\n"
                        "b:3: MinReplicas= must be a number from 0 to 10000, ignoring '10001'\n"
                        "b:4: unknown key 'Min' in [X-Scaling], ignoring\n"
                        "b:5: TargetCPUUtilization= must be a percentage, such as 80%, ignoring "
                        "'80'\n"
                        "b:6: Enabled= must be yes or no, ignoring 'maybe'\n"
                        "b:7: Slice= must be the name of a slice unit, ignoring '../x.slice'\n");
        ck_assert_uint_eq(s.policy.max_replicas, 5);
        ck_assert_uint_eq(s.policy.min_replicas, 1);
        ck_assert(s.enabled);
}
END_TEST

START_TEST(a_range_the_wrong_way_round_is_kept_below_its_maximum) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b, "[X-Scaling]\nMinReplicas=5\nMaxReplicas=2\n", NULL);
        ck_assert_str_eq(strbuf_string(&b),
                        "a:0: MinReplicas=5 is above MaxReplicas=2, using 2 for both\n");
        ck_assert_uint_eq(s.policy.min_replicas, 2);
        ck_assert_uint_eq(s.policy.max_replicas, 2);
}
END_TEST

START_TEST(without_a_maximum_nothing_is_scaled) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b, "[X-Scaling]\nMinReplicas=4\n", NULL);
        ck_assert_str_eq(strbuf_string(&b), "");
        ck_assert_uint_eq(s.policy.max_replicas, 4);
}
END_TEST

START_TEST(a_utilization_without_its_request_is_not_applied) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b,
                        "[X-Scaling]\nMaxReplicas=4\nTargetCPUUtilization=80%\n"
                        "TargetMemoryUtilization=80%\nSlice=a.slice\nMemoryRequest=1000\n",
                        NULL);
        ck_assert_str_eq(strbuf_string(&b),
                        "a:0: TargetCPUUtilization= needs CPURequest= and Slice=, ignoring\n");
        ck_assert(s.policy.target_cpu == 0);
        ck_assert(s.policy.target_memory == 0.8);
}
END_TEST

START_TEST(a_target_without_the_section_is_not_ours) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(scaling_done) Scaling s = { 0 };

        read_files(&s, &b, "[Unit]\nDescription=x\nMaxReplicas=5\n", NULL);
        ck_assert(!s.found);
}
END_TEST

CHECK_MAIN("scaling_section", TEST(only_the_section_asked_for_is_read),
                TEST(lines_are_what_systemd_takes_for_lines),
                TEST(continued_lines_are_one_and_keep_the_number_of_the_first),
                TEST(all_keys_are_read), TEST(the_last_assignment_wins_and_an_empty_one_resets),
                TEST(a_bad_value_is_told_with_its_place_and_ignored),
                TEST(a_range_the_wrong_way_round_is_kept_below_its_maximum),
                TEST(without_a_maximum_nothing_is_scaled),
                TEST(a_utilization_without_its_request_is_not_applied),
                TEST(a_target_without_the_section_is_not_ours))
