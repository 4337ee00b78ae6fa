/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "check_main.h"
#include "pressure.h"

START_TEST(the_short_average_of_some_tasks_counts) {
        double value = -1;
        ck_assert_int_eq(pressure_parse("some avg10=12.34 avg60=1.00 avg300=2.00 total=3\n"
                                        "full avg10=56.00 avg60=0.00 avg300=0.00 total=0\n",
                                         &value),
                        0);
        ck_assert(value == 12.34);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused) {
        static const char *const bad[] = { "", "some", "some avg10=", "some avg10=x",
                "some avg10=-1", "full avg10=1.00", "some avg10=nan",
                "some avg10=1111111111111111111111111111111111111111" };
        double value;
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(pressure_parse(bad[i], &value) == -EBADMSG, "'%s'", bad[i]);
}
END_TEST

static void write_pressure(const char *directory, const char *file, const char *text) {
        char path[256];
        (void) snprintf(path, sizeof(path), "%s/%s", directory, file);
        FILE *f = fopen(path, "w");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_ge(fputs(text, f), 0);
        ck_assert_int_eq(fclose(f), 0);
}

static void remove_pressure(const char *directory, const char *file) {
        char path[256];
        (void) snprintf(path, sizeof(path), "%s/%s", directory, file);
        (void) unlink(path);
}

START_TEST(pressure_above_the_limit_has_a_name_and_ends) {
        char directory[] = "/tmp/check-pressure-XXXXXX";
        ck_assert_ptr_nonnull(mkdtemp(directory));
        Pressure p = { .directory = directory, .cpu_limit = 80, .memory_limit = 20 };
        usec_t now = USEC_PER_SEC;

        ck_assert_ptr_null(pressure_reason(&p, now)); /* what can't be read is none */
        write_pressure(directory, "cpu.pressure", "some avg10=80.01 avg60=0\n");
        write_pressure(directory, "memory.pressure", "some avg10=1.00 avg60=0\n");
        ck_assert_ptr_null(pressure_reason(&p, now)); /* read a moment ago */
        now += 2 * USEC_PER_SEC;
        ck_assert_str_eq(pressure_reason(&p, now), "cpu-pressure");
        write_pressure(directory, "memory.pressure", "some avg10=20.01 avg60=0\n");
        now += 2 * USEC_PER_SEC;
        ck_assert_str_eq(pressure_reason(&p, now), "memory-pressure");
        p.cpu_limit = p.memory_limit = 100;
        write_pressure(directory, "memory.pressure", "some avg10=100.00 avg60=0\n");
        now += 2 * USEC_PER_SEC;
        ck_assert_ptr_null(pressure_reason(&p, now));

        remove_pressure(directory, "cpu.pressure");
        remove_pressure(directory, "memory.pressure");
        ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

CHECK_MAIN("pressure", TEST(the_short_average_of_some_tasks_counts),
                TEST(what_makes_no_sense_is_refused),
                TEST(pressure_above_the_limit_has_a_name_and_ends))
