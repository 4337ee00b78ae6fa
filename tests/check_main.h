/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <check.h>
#include <stdlib.h>

/* What every check_*.c needs around its tests: a table of them and a main(). */

typedef struct TestEntry {
        const char *name;
        const TTest *test;
} TestEntry;

/* Runs a suite, prints Check's totals, returns the exit code. */
static inline int check_run(Suite *suite) {
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The body of main(): runs the tests of one table, prints Check's totals. */
static inline int check_main(const char *suite_name, const TestEntry *tests, size_t n) {
        Suite *suite = suite_create(suite_name);
        for (size_t i = 0; i < n; i++) {
                TCase *tc = tcase_create(tests[i].name);
                /* more than the waits of a test on a machine that is busy with other things */
                tcase_set_timeout(tc, 180);
                tcase_add_test(tc, tests[i].test);
                suite_add_tcase(suite, tc);
        }

        return check_run(suite);
}

#define TEST(name)                                                                                 \
        { #name, name }

#define CHECK_MAIN(suite, ...)                                                                     \
        int main(void) {                                                                           \
                const TestEntry tests[] = { __VA_ARGS__ };                                         \
                return check_main(suite, tests, sizeof(tests) / sizeof(tests[0]));                 \
        }
