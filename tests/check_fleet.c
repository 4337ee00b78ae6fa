/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "fleet.h"

static const usec_t now = 1000 * USEC_PER_SEC;

static Instance *add(Fleet *f, unsigned number, const char *active, const char *sub) {
        Instance *i = fleet_add(f, number);
        ck_assert_ptr_nonnull(i);
        instance_update(i, "loaded", active, sub, now);
        return i;
}

static void assert_count(const Fleet *f, usec_t at, unsigned running, unsigned starting,
                unsigned stopping, unsigned failing) {
        FleetCount c = fleet_count(f, at);
        ck_assert_uint_eq(c.running, running);
        ck_assert_uint_eq(c.starting, starting);
        ck_assert_uint_eq(c.stopping, stopping);
        ck_assert_uint_eq(c.failing, failing);
}

START_TEST(instances_are_found_in_whatever_order_they_came) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        static const unsigned numbers[] = { 7, 3, 100, 1, 50, 2, 99 };

        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                ck_assert_ptr_nonnull(fleet_add(&f, numbers[i]));
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                ck_assert_uint_eq(fleet_find(&f, numbers[i])->number, numbers[i]);
        for (size_t i = 1; i < f.n; i++)
                ck_assert_uint_lt(f.instances[i - 1].number, f.instances[i].number);
        ck_assert_ptr_null(fleet_find(&f, 4));
        ck_assert_ptr_eq(fleet_add(&f, 7), fleet_find(&f, 7));
        ck_assert_uint_eq(f.n, ARRAY_SIZE(numbers));
}
END_TEST

START_TEST(states_count_as_what_they_are) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "active", "running");
        add(&f, 2, "reloading", "reload");
        add(&f, 3, "activating", "start");
        add(&f, 4, "deactivating", "stop-sigterm");
        add(&f, 5, "inactive", "dead");
        assert_count(&f, now, 2, 1, 1, 0);
}
END_TEST

START_TEST(what_fails_is_no_capacity) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "active", "running");
        add(&f, 3, "failed", "failed");
        Instance *i = add(&f, 2, "activating", "auto-restart");
        instance_failed(i, now);
        assert_count(&f, now, 1, 0, 0, 1);
        ck_assert_uint_eq(fleet_count(&f, now).returning, 1);
        instance_failed(i, now);
        assert_count(&f, now, 1, 0, 0, 2);
        ck_assert_uint_eq(fleet_count(&f, now).returning, 0);
}
END_TEST

START_TEST(what_had_to_be_killed_when_it_was_stopped_has_not_failed) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        Instance *i = add(&f, 1, "active", "running");
        i->asked = ASKED_STOP;
        instance_update(i, NULL, "deactivating", "stop-sigterm", now);
        instance_update(i, NULL, "failed", "failed", now);
        ck_assert(!i->failed);
        assert_count(&f, now, 0, 0, 0, 0);

        instance_update(i, NULL, "active", "running", now);
        i->has_job = true; /* another's, to stop it */
        instance_update(i, NULL, "failed", "failed", now);
        assert_count(&f, now, 0, 0, 0, 0);

        instance_update(i, NULL, "activating", "start", now);
        i->returns = true; /* another's, to start it */
        instance_update(i, NULL, "failed", "failed", now);
        ck_assert(i->failed);
        assert_count(&f, now, 0, 1, 0, 1);
}
END_TEST

START_TEST(an_instance_that_restarts_after_its_work_is_on_its_way) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "activating", "auto-restart");
        assert_count(&f, now, 0, 1, 0, 0);
}
END_TEST

START_TEST(one_failure_is_no_loop_and_two_in_a_row_are) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        usec_t t = now;

        Instance *i = add(&f, 1, "active", "running");
        instance_update(i, NULL, "activating", "auto-restart", t);
        instance_failed(i, t);
        assert_count(&f, t, 0, 0, 0, 0);
        ck_assert_uint_eq(fleet_count(&f, t).returning, 1);
        t += USEC_PER_SEC;
        instance_update(i, NULL, "active", "running", t);
        assert_count(&f, t, 1, 0, 0, 0);

        instance_update(i, NULL, "activating", "auto-restart", t + 1);
        instance_failed(i, t + 1);
        t += USEC_PER_SEC;
        instance_update(i, NULL, "active", "running", t);
        assert_count(&f, t, 1, 0, 0, 1);
        assert_count(&f, t + FLEET_TRUST_AFTER - 1, 1, 0, 0, 1);
        assert_count(&f, t + FLEET_TRUST_AFTER, 1, 0, 0, 0);
}
END_TEST

START_TEST(a_failure_after_a_long_run_is_a_first_one) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        usec_t t = now;
        Instance *i = add(&f, 1, "active", "running");

        for (unsigned k = 0; k < 3; k++) {
                t += FLEET_TRUST_AFTER;
                instance_update(i, NULL, "activating", "auto-restart", t);
                instance_failed(i, t);
                ck_assert(!i->loops);
                t += USEC_PER_SEC;
                instance_update(i, NULL, "active", "running", t);
                assert_count(&f, t, 1, 0, 0, 0);
        }
}
END_TEST

START_TEST(an_instance_that_never_comes_up_loops_however_long_the_pauses) {
        CLEANUP(fleet_done) Fleet f = { 0 };
        Instance *i = add(&f, 1, "activating", "auto-restart");

        instance_failed(i, now);
        instance_update(i, NULL, "activating", "start", now + USEC_PER_SEC);
        instance_update(i, NULL, "activating", "auto-restart", now + 300 * USEC_PER_SEC);
        instance_failed(i, now + 300 * USEC_PER_SEC);
        ck_assert(i->loops);
        instance_update(i, NULL, "activating", "start", now + 600 * USEC_PER_SEC);
        assert_count(&f, now + 700 * USEC_PER_SEC, 0, 1, 0, 1);
}
END_TEST

START_TEST(a_restart_for_work_done_forgets_an_older_failure) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        Instance *i = add(&f, 1, "activating", "auto-restart");
        instance_failed(i, now);
        instance_update(i, NULL, "active", "running", now);
        instance_update(i, NULL, "activating", "auto-restart", now);
        assert_count(&f, now, 0, 1, 0, 0);
}
END_TEST

START_TEST(what_was_asked_for_counts_at_once) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "active", "running")->asked = ASKED_STOP;
        add(&f, 2, "inactive", "dead")->asked = ASKED_START;
        assert_count(&f, now, 0, 1, 1, 0);

        add(&f, 1, "deactivating", "stop-sigterm");
        add(&f, 2, "activating", "start");
        assert_count(&f, now, 0, 1, 1, 0);
        ck_assert_int_eq(fleet_find(&f, 2)->asked, ASKED_START);

        add(&f, 1, "inactive", "dead");
        add(&f, 2, "active", "running");
        assert_count(&f, now, 1, 0, 0, 0);
        ck_assert_int_eq(fleet_find(&f, 1)->asked, ASKED_NOTHING);
        ck_assert_int_eq(fleet_find(&f, 2)->asked, ASKED_NOTHING);
}
END_TEST

START_TEST(an_instance_that_somebody_restarts_counts_all_the_time) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "active", "running")->returns = true;
        assert_count(&f, now, 1, 0, 0, 0);
        add(&f, 1, "deactivating", "stop-sigterm");
        assert_count(&f, now, 0, 1, 0, 0);
        add(&f, 1, "inactive", "dead");
        assert_count(&f, now, 0, 1, 0, 0);
        ck_assert_uint_eq(fleet_next_start(&f, 2), 2);
}
END_TEST

START_TEST(what_came_to_nothing_is_not_waited_for) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        Instance *i = add(&f, 1, "inactive", "dead");
        i->asked = ASKED_START;
        i->has_job = true;
        instance_settle(i);
        ck_assert_int_eq(i->asked, ASKED_START);
        i->has_job = false;
        instance_settle(i);
        ck_assert_int_eq(i->asked, ASKED_NOTHING);

        i = add(&f, 1, "active", "running");
        i->asked = ASKED_STOP;
        instance_settle(i);
        ck_assert_int_eq(i->asked, ASKED_NOTHING);

        /* stops already */
        i->asked = ASKED_STOP;
        instance_update(i, NULL, "deactivating", "stop-sigterm", now);
        instance_settle(i);
        ck_assert_int_eq(i->asked, ASKED_STOP);
}
END_TEST

START_TEST(the_lowest_free_number_is_started) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        ck_assert_uint_eq(fleet_next_start(&f, 5), 1);
        ck_assert_uint_eq(fleet_next_start(&f, 0), 0);
        add(&f, 1, "active", "running");
        add(&f, 3, "active", "running");
        ck_assert_uint_eq(fleet_next_start(&f, 5), 2);
        add(&f, 2, "inactive", "dead");
        ck_assert_uint_eq(fleet_next_start(&f, 5), 2);
        add(&f, 2, "active", "running");
        ck_assert_uint_eq(fleet_next_start(&f, 5), 4);
        ck_assert_uint_eq(fleet_next_start(&f, 3), 0);
}
END_TEST

START_TEST(numbers_that_are_masked_or_drain_are_passed_over) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        Instance *i = add(&f, 1, "inactive", "dead");
        instance_update(i, "masked", NULL, NULL, now);
        add(&f, 2, "deactivating", "stop-sigterm");
        ck_assert_uint_eq(fleet_next_start(&f, 5), 3);
        ck_assert_uint_eq(fleet_next_start(&f, 2), 0);
}
END_TEST

START_TEST(numbers_that_systemd_gave_up_come_last) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        add(&f, 1, "failed", "failed");
        add(&f, 2, "active", "running");
        ck_assert_uint_eq(fleet_next_start(&f, 3), 3);
        add(&f, 3, "active", "running");
        ck_assert_uint_eq(fleet_next_start(&f, 3), 1);
        fleet_find(&f, 1)->asked = ASKED_START;
        ck_assert_uint_eq(fleet_next_start(&f, 3), 0);
}
END_TEST

START_TEST(the_highest_number_is_stopped_even_outside_the_range) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        ck_assert_uint_eq(fleet_next_stop(&f), 0);
        add(&f, 1, "active", "running");
        add(&f, 2, "activating", "start");
        add(&f, 17, "active", "running");
        ck_assert_uint_eq(fleet_next_stop(&f), 17);
        fleet_find(&f, 17)->asked = ASKED_STOP;
        ck_assert_uint_eq(fleet_next_stop(&f), 2);
        add(&f, 2, "deactivating", "stop-sigterm");
        ck_assert_uint_eq(fleet_next_stop(&f), 1);
}
END_TEST

START_TEST(surplus_is_what_fails_above_the_wanted_count) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        for (unsigned n = 1; n <= 5; n++)
                add(&f, n, "activating", "auto-restart");
        ck_assert_uint_eq(fleet_next_surplus(&f, 0), 0); /* restarts after work done */
        instance_failed(fleet_find(&f, 1), now);
        instance_failed(fleet_find(&f, 3), now);
        instance_failed(fleet_find(&f, 4), now);
        ck_assert_uint_eq(fleet_next_surplus(&f, 2), 4);
        fleet_find(&f, 4)->asked = ASKED_STOP;
        ck_assert_uint_eq(fleet_next_surplus(&f, 2), 3);
        ck_assert_uint_eq(fleet_next_surplus(&f, 3), 0);
}
END_TEST

START_TEST(a_worker_with_anything_left_is_not_idle) {
        CLEANUP(fleet_done) Fleet f = { 0 };

        ck_assert(fleet_is_idle(&f));
        Instance *i = add(&f, 1, "deactivating", "stop-sigterm");
        ck_assert(!fleet_is_idle(&f));
        instance_update(i, NULL, "inactive", "dead", now);
        ck_assert(fleet_is_idle(&f));
        i->asked = ASKED_START;
        ck_assert(!fleet_is_idle(&f));
        i->asked = ASKED_NOTHING;
        i->returns = true; /* as all do while the system boots */
        ck_assert(!fleet_is_idle(&f));
}
END_TEST

CHECK_MAIN("fleet", TEST(instances_are_found_in_whatever_order_they_came),
                TEST(states_count_as_what_they_are), TEST(what_fails_is_no_capacity),
                TEST(what_had_to_be_killed_when_it_was_stopped_has_not_failed),
                TEST(an_instance_that_restarts_after_its_work_is_on_its_way),
                TEST(one_failure_is_no_loop_and_two_in_a_row_are),
                TEST(a_failure_after_a_long_run_is_a_first_one),
                TEST(an_instance_that_never_comes_up_loops_however_long_the_pauses),
                TEST(a_restart_for_work_done_forgets_an_older_failure),
                TEST(what_was_asked_for_counts_at_once),
                TEST(an_instance_that_somebody_restarts_counts_all_the_time),
                TEST(what_came_to_nothing_is_not_waited_for),
                TEST(the_lowest_free_number_is_started),
                TEST(numbers_that_are_masked_or_drain_are_passed_over),
                TEST(numbers_that_systemd_gave_up_come_last),
                TEST(the_highest_number_is_stopped_even_outside_the_range),
                TEST(surplus_is_what_fails_above_the_wanted_count),
                TEST(a_worker_with_anything_left_is_not_idle))
