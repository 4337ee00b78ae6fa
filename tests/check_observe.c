/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>

#include "check_main.h"
#include "observe.h"
#include "usage.h"

static const usec_t now = 1000 * USEC_PER_SEC;

static Instance *add_running(Fleet *f, unsigned number) {
        Instance *i = fleet_add(f, number);
        ck_assert_ptr_nonnull(i);
        instance_update(i, "loaded", "active", "running", now);
        return i;
}

static bool tell_instance(Reports *r, Fleet *f, unsigned number, ReportName name, double value) {
        const Report report = { .name = name, .value = value };
        return reports_take_instance(r, fleet_find(f, number), &report);
}

static bool tell_plugin(Reports *r, ReportName name, double value, bool relative) {
        const Report report = { .name = name, .value = value, .relative = relative };
        return reports_take_plugin(r, &report);
}

START_TEST(counters_are_summed_and_begin_anew_with_each_observation) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        Observation o = { 0 };
        add_running(&f, 1);
        add_running(&f, 2);

        tell_instance(&r, &f, 1, REPORT_ITEMS, 3);
        tell_instance(&r, &f, 2, REPORT_ITEMS, 4);
        reports_observe(&r, &f, &o);
        ck_assert_uint_eq(o.known, SIGNAL_COMPLETED);
        ck_assert(o.completed == 7);

        o = (Observation){ 0 };
        reports_observe(&r, &f, &o);
        ck_assert_uint_eq(o.known, SIGNAL_COMPLETED);
        ck_assert(o.completed == 0);
}
END_TEST

START_TEST(an_instance_that_ends_takes_back_no_work_but_its_gauges) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        Observation o = { 0 };
        Instance *i = add_running(&f, 1);

        tell_instance(&r, &f, 1, REPORT_ITEMS, 5);
        tell_instance(&r, &f, 1, REPORT_BACKLOG, 9);
        instance_update(i, NULL, "failed", "failed", now);
        reports_observe(&r, &f, &o);
        ck_assert_uint_eq(o.known, SIGNAL_COMPLETED);
        ck_assert(o.completed == 5);
}
END_TEST

START_TEST(gauges_of_instances_are_summed_averaged_or_the_largest) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        Observation o = { 0 };
        add_running(&f, 1);
        add_running(&f, 2);
        add_running(&f, 3);

        tell_instance(&r, &f, 1, REPORT_BACKLOG, 10);
        tell_instance(&r, &f, 2, REPORT_BACKLOG, 5);
        tell_instance(&r, &f, 1, REPORT_OLDEST, 2);
        tell_instance(&r, &f, 2, REPORT_OLDEST, 3);
        tell_instance(&r, &f, 1, REPORT_BUSY, 0.5);
        tell_instance(&r, &f, 2, REPORT_BUSY, 7); /* nobody is busier than always */
        reports_observe(&r, &f, &o);
        ck_assert_uint_eq(o.known, SIGNAL_BACKLOG | SIGNAL_OLDEST | SIGNAL_BUSY);
        ck_assert(o.backlog == 15);
        ck_assert(o.oldest == 3);
        ck_assert(o.busy == 0.75);
}
END_TEST

START_TEST(the_plugin_speaks_for_the_whole_worker_until_it_ends) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        Observation o = { 0 };
        add_running(&f, 1);

        tell_instance(&r, &f, 1, REPORT_BACKLOG, 10);
        tell_instance(&r, &f, 1, REPORT_ITEMS, 10);
        tell_plugin(&r, REPORT_BACKLOG, 100, false);
        tell_plugin(&r, REPORT_ITEMS, 70, false);
        tell_plugin(&r, REPORT_BUSY, 1, false);
        reports_observe(&r, &f, &o);
        ck_assert_uint_eq(o.known, SIGNAL_BACKLOG | SIGNAL_COMPLETED);
        ck_assert(o.backlog == 100);
        ck_assert(o.completed == 70);

        reports_forget_plugin(&r);
        tell_instance(&r, &f, 1, REPORT_ITEMS, 2);
        o = (Observation){ 0 };
        reports_observe(&r, &f, &o);
        ck_assert(o.backlog == 10);
        ck_assert(o.completed == 2);
}
END_TEST

START_TEST(relative_gauges_move_and_never_go_below_zero) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        Observation o = { 0 };

        tell_plugin(&r, REPORT_BACKLOG, 5, true);
        tell_plugin(&r, REPORT_BACKLOG, 2, true);
        ck_assert(r.backlog == 7);
        tell_plugin(&r, REPORT_BACKLOG, -9, true);
        reports_observe(&r, &f, &o);
        ck_assert(o.backlog == 0);
        ck_assert_uint_eq(o.known, SIGNAL_BACKLOG);
}
END_TEST

START_TEST(a_report_calls_for_a_decision_only_when_the_picture_changes) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Reports r = { 0 };
        add_running(&f, 1);

        ck_assert(tell_plugin(&r, REPORT_BACKLOG, 0, false));
        ck_assert(!tell_plugin(&r, REPORT_BACKLOG, 0, false));
        ck_assert(tell_plugin(&r, REPORT_BACKLOG, 1, false));
        ck_assert(tell_plugin(&r, REPORT_ARRIVED, 1, false));
        ck_assert(!tell_plugin(&r, REPORT_ARRIVED, 0, false));
        ck_assert(!tell_instance(&r, &f, 1, REPORT_ITEMS, 1));
        ck_assert(!tell_instance(&r, &f, 1, REPORT_BUSY, 1));
}
END_TEST

START_TEST(cpu_use_is_averaged_over_instances_and_a_minute) {
        Usage u = { 0 };
        double cores;

        /* two instances that use half a core each */
        for (unsigned s = 0; s <= 120; s++)
                usage_add(&u, now + s * USEC_PER_SEC, s * USEC_PER_SEC, 2);
        ck_assert_int_eq(usage_cpu_per_instance(&u, &cores), 0);
        ck_assert(fabs(cores - 0.5) < 1e-9);

        /* then a minute of nothing: what was before it no longer counts */
        for (unsigned s = 121; s <= 185; s++)
                usage_add(&u, now + s * USEC_PER_SEC, 120 * USEC_PER_SEC, 2);
        ck_assert_int_eq(usage_cpu_per_instance(&u, &cores), 0);
        ck_assert(cores == 0);
}
END_TEST

START_TEST(a_counter_that_goes_back_begins_a_new_average) {
        Usage u = { 0 };
        double cores;

        for (unsigned s = 0; s <= 60; s++)
                usage_add(&u, now + s * USEC_PER_SEC, s * USEC_PER_SEC, 1);
        usage_add(&u, now + 61 * USEC_PER_SEC, 0, 1);
        ck_assert_int_eq(usage_cpu_per_instance(&u, &cores), -ENODATA);
        for (unsigned s = 62; s <= 72; s++)
                usage_add(&u, now + s * USEC_PER_SEC, (s - 61) * USEC_PER_SEC / 4, 1);
        ck_assert_int_eq(usage_cpu_per_instance(&u, &cores), 0);
        ck_assert(fabs(cores - 0.25) < 1e-9);
}
END_TEST

START_TEST(without_instances_there_is_no_use_per_instance) {
        Usage u = { 0 };
        double cores;
        for (unsigned s = 0; s <= 60; s++)
                usage_add(&u, now + s * USEC_PER_SEC, 0, 0);
        ck_assert_int_eq(usage_cpu_per_instance(&u, &cores), -ENODATA);
}
END_TEST

START_TEST(a_slice_lies_where_its_name_says) {
        char path[64];

        ck_assert_int_eq(slice_cgroup_path("", "workers.slice", path, sizeof(path)), 0);
        ck_assert_str_eq(path, "/sys/fs/cgroup/workers.slice");
        ck_assert_int_eq(slice_cgroup_path("/a", "a-b-c\\x2dd.slice", path, sizeof(path)), 0);
        ck_assert_str_eq(path, "/sys/fs/cgroup/a/a.slice/a-b.slice/a-b-c\\x2dd.slice");

        static const char *const bad[] = { ".slice", "a", "a.service", "a--b.slice", "-a.slice",
                "a-.slice", "a/b.slice" };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(slice_cgroup_path("", bad[i], path, sizeof(path)) == -EINVAL, "%s",
                                bad[i]);
        ck_assert_int_eq(slice_cgroup_path("", "a-b-c-d-e-f-g-h-i.slice", path, sizeof(path)),
                        -ENAMETOOLONG);
}
END_TEST

CHECK_MAIN("observe", TEST(counters_are_summed_and_begin_anew_with_each_observation),
                TEST(an_instance_that_ends_takes_back_no_work_but_its_gauges),
                TEST(gauges_of_instances_are_summed_averaged_or_the_largest),
                TEST(the_plugin_speaks_for_the_whole_worker_until_it_ends),
                TEST(relative_gauges_move_and_never_go_below_zero),
                TEST(a_report_calls_for_a_decision_only_when_the_picture_changes),
                TEST(cpu_use_is_averaged_over_instances_and_a_minute),
                TEST(a_counter_that_goes_back_begins_a_new_average),
                TEST(without_instances_there_is_no_use_per_instance),
                TEST(a_slice_lies_where_its_name_says))
