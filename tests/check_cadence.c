/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cadence.h"
#include "check_main.h"
#include "policy.h"

static const usec_t begin = 1000 * USEC_PER_SEC;
static const usec_t slot = 1250 * USEC_PER_MSEC;

START_TEST(what_is_planned_stays_unless_it_is_needed_earlier) {
        Cadence c = { 0 };

        ck_assert_uint_eq(cadence_plan(&c, begin, CADENCE_MAX), begin + CADENCE_MAX);
        ck_assert_uint_eq(cadence_plan(&c, begin, CADENCE_MAX), 0);
        ck_assert_uint_eq(cadence_plan(&c, begin, CADENCE_SOON), begin + CADENCE_SOON);
        ck_assert_uint_eq(cadence_plan(&c, begin, CADENCE_MAX), 0);
}
END_TEST

START_TEST(a_burst_leads_to_one_decision_in_a_while) {
        Cadence c = { .decided_at = begin };

        usec_t at = cadence_plan(&c, begin + CADENCE_SOON, CADENCE_SOON);
        ck_assert_uint_gt(at, begin + 10 * CADENCE_SOON);
        for (usec_t now = begin + CADENCE_SOON; now < at; now += CADENCE_SOON)
                ck_assert_uint_eq(cadence_plan(&c, now, CADENCE_SOON), 0);
}
END_TEST

START_TEST(the_first_work_after_a_rest_begins_an_interval) {
        Cadence c = { 0 };

        ck_assert(!cadence_wakes(&c));
        cadence_decided(&c, begin, CADENCE_MAX, false);
        ck_assert(cadence_wakes(&c));
        cadence_decided(&c, begin + USEC_PER_SEC, slot, true);
        ck_assert(!cadence_wakes(&c));
}
END_TEST

START_TEST(work_ends_no_interval_while_work_goes_on) {
        Cadence c = { 0 };

        cadence_decided(&c, begin, CADENCE_MAX, true);
        ck_assert(!cadence_wakes(&c));
        cadence_decided(&c, begin, slot, false);
        ck_assert(!cadence_wakes(&c));
}
END_TEST

/* A worker that reports ten items a second, for so long, beginning at a time at which it rests;
 * looked at as worker-scaler does. Returns the arrival rate that is believed then. */
static double rate_after(usec_t rest, usec_t work) {
        static const Policy policy = {
                .min_replicas = 1,
                .max_replicas = 4,
                .target_wait = 10 * USEC_PER_SEC,
                .scale_down_after = 60 * USEC_PER_SEC,
        };
        CLEANUP(policy_state_freep) PolicyState *state = policy_state_new();
        Cadence c = { 0 };
        Decision decision = { .lambda = -1 };
        double items = 0;

        (void) cadence_plan(&c, begin, 0);
        for (usec_t now = begin; now < begin + rest + work; now += CADENCE_SOON) {
                if (now >= begin + rest && (now - begin) % (100 * USEC_PER_MSEC) == 0) {
                        items++;
                        if (cadence_wakes(&c))
                                (void) cadence_plan(&c, now, CADENCE_SOON);
                }
                if (now < c.planned_at)
                        continue;
                const Observation o = {
                        .now = now, .running = 1, .known = SIGNAL_COMPLETED, .completed = items
                };
                policy_decide(&policy, state, &o, &decision);
                usec_t again = items > 0 ? decision.again : CADENCE_MAX; /* it rests */
                c.planned_at = 0;
                cadence_decided(&c, now, again, items > 0);
                (void) cadence_plan(&c, now, again);
                items = 0;
        }
        return decision.lambda;
}

START_TEST(a_rate_is_that_of_the_work_however_long_the_rest_was) {
        for (usec_t rest = 10; rest <= 119; rest++)
                ck_assert_double_ge(rate_after(rest * USEC_PER_SEC, 3 * USEC_PER_SEC), 5);
}
END_TEST

CHECK_MAIN("cadence", TEST(what_is_planned_stays_unless_it_is_needed_earlier),
                TEST(a_burst_leads_to_one_decision_in_a_while),
                TEST(the_first_work_after_a_rest_begins_an_interval),
                TEST(work_ends_no_interval_while_work_goes_on),
                TEST(a_rate_is_that_of_the_work_however_long_the_rest_was))
