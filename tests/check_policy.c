/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "check_main.h"
#include "deadline.h"
#include "demand.h"
#include "estimate.h"
#include "policy.h"
#include "saturation.h"
#include "window.h"

/* Properties that hold whatever is observed, and closed loops with a fluid queue: no noise, so that
 * what is expected can be said exactly. */

static const Policy wait_policy = {
        .min_replicas = 1,
        .max_replicas = 50,
        .target_wait = 10 * USEC_PER_SEC,
        .scale_down_after = 60 * USEC_PER_SEC,
};

enum {
        SIGNALS_ALL
        = SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_ARRIVED | SIGNAL_OLDEST | SIGNAL_BUSY
};

/* --- random numbers --- */

static uint64_t draw(uint64_t *seed) {
        uint64_t z = (*seed += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        return z ^ (z >> 29);
}

static double draw_number(uint64_t *seed, double max) {
        return (double) (draw(seed) >> 11) * 0x1p-53 * max;
}

static double draw_nonsense(uint64_t *seed) {
        static const double values[] = { NAN, INFINITY, -INFINITY, -1, -1e300, 0, 1e-300, 0.5, 1,
                17, 1e6, 1e15, 1e300 };
        return values[draw(seed) % ARRAY_SIZE(values)];
}

/* --- a fluid queue --- */

typedef struct World {
        Policy policy;
        PolicyState *state;
        double now;         /* s */
        double lambda, mu;  /* items/s */
        double start_delay; /* s */
        double cores;       /* instances' worth that the host can do; 0: no limit */
        unsigned known;     /* signals that are reported */
        double backlog;
        double counted_every; /* s: how often the backlog is counted anew; 0: each time */
        double counted, counted_at;
        double arrived[32768]; /* items, until the end of each tick */
        unsigned ticks;
        unsigned oldest; /* the tick that the oldest waiting item arrived in */
        double item_age; /* s */
        unsigned serving;
        struct {
                double ready;
                unsigned count;
        } starting[64];
        unsigned n_starting;
        double tick; /* s */
        Decision last;
        double worst_age;
        double used; /* instance-seconds */
        unsigned highest;
        unsigned changes;
} World;

static void world_done(World *w) {
        policy_state_free(w->state);
}

static unsigned world_starting(const World *w) {
        unsigned n = 0;
        for (unsigned i = 0; i < w->n_starting; i++)
                n += w->starting[i].count;
        return n;
}

static void world_apply(World *w, unsigned desired) {
        unsigned total = w->serving + world_starting(w);

        w->changes += desired != total;
        if (desired > total && w->n_starting < ARRAY_SIZE(w->starting)) {
                w->starting[w->n_starting].ready = w->now + w->start_delay;
                w->starting[w->n_starting++].count = desired - total;
        }
        for (; total > desired; total--) {
                if (w->n_starting == 0)
                        w->serving--;
                else if (--w->starting[w->n_starting - 1].count == 0)
                        w->n_starting--;
        }
}

/* First come, first served: the oldest is the first beyond what was served. */
static void world_age(World *w, double arrived) {
        ck_assert_uint_lt(w->ticks + 1, ARRAY_SIZE(w->arrived));
        w->arrived[w->ticks + 1] = w->arrived[w->ticks] + arrived;
        w->ticks++;
        double served = w->arrived[w->ticks] - w->backlog;
        while (w->oldest < w->ticks && w->arrived[w->oldest + 1] <= served + 1e-6)
                w->oldest++;
        w->item_age = (w->ticks - w->oldest) * w->tick;
}

static void world_tick(World *w) {
        unsigned left = 0;
        w->now += w->tick;
        for (unsigned i = 0; i < w->n_starting; i++) {
                if (w->starting[i].ready <= w->now + 1e-9)
                        w->serving += w->starting[i].count;
                else
                        w->starting[left++] = w->starting[i];
        }
        w->n_starting = left;

        double arrived = w->lambda * w->tick;
        double able = (w->cores > 0 ? fmin(w->cores, w->serving) : w->serving) * w->mu * w->tick;
        double done = fmin(able, w->backlog + arrived);
        w->backlog += arrived - done;
        world_age(w, arrived);
        w->worst_age = fmax(w->worst_age, w->item_age);

        if (w->now < w->counted_at || w->now >= w->counted_at + w->counted_every - 1e-9) {
                w->counted = w->backlog;
                w->counted_at = w->now;
        }
        Observation o = {
                .now = (usec_t) (w->now * USEC_PER_SEC),
                .running = w->serving,
                .starting = world_starting(w),
                .known = w->known,
                .backlog = w->counted,
                .completed = done,
                .arrived = arrived,
                .oldest = w->item_age,
                .busy = able > 0 ? fmin(1, done / able) : 0,
        };
        policy_decide(&w->policy, w->state, &o, &w->last);
        ck_assert_uint_ge(w->last.desired, w->policy.min_replicas);
        ck_assert_uint_le(w->last.desired, w->policy.max_replicas);
        world_apply(w, w->last.desired);
        w->highest = w->highest > w->last.desired ? w->highest : w->last.desired;
        w->used += w->last.desired * w->tick;
}

static void world_run(World *w, double seconds) {
        w->worst_age = 0;
        w->highest = 0;
        w->changes = 0;
        w->used = 0;
        for (double end = w->now + seconds; w->now < end - 1e-9;)
                world_tick(w);
}

static World world_new(void) {
        World w = {
                .policy = wait_policy,
                .state = policy_state_new(),
                .now = 1e6,
                .mu = 10,
                .start_delay = 2,
                .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_BUSY,
                .serving = 1,
                .tick = 1,
        };
        ck_assert_ptr_nonnull(w.state);
        return w;
}

/* --- properties --- */

START_TEST(whatever_is_observed_the_answer_lies_between_min_and_max) {
        uint64_t seed = 1;
        for (unsigned run = 0; run < 300; run++) {
                CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
                Policy p = {
                        .min_replicas = (unsigned) (draw(&seed) % 3),
                        .max_replicas = 3 + (unsigned) (draw(&seed) % 100),
                        .target_wait = draw(&seed) % 3 ? draw(&seed) % (100 * USEC_PER_SEC) : 0,
                        .scale_down_after = draw(&seed) % (100 * USEC_PER_SEC),
                        .target_throughput = draw(&seed) % 3 ? 0 : draw_nonsense(&seed),
                        .target_cpu = draw(&seed) % 3 ? 0 : draw_nonsense(&seed),
                        .target_memory = draw(&seed) % 3 ? 0 : draw_nonsense(&seed),
                };
                usec_t now = draw(&seed) % (1000 * USEC_PER_SEC);
                for (unsigned i = 0; i < 200; i++) {
                        now = draw(&seed) % 20 == 0   ? draw(&seed)
                              : draw(&seed) % 10 == 0 ? now
                                                      : now + draw(&seed) % (3 * USEC_PER_SEC);
                        Observation o = {
                                .now = now,
                                .running
                                = draw(&seed) % 50 ? (unsigned) (draw(&seed) % 20) : UINT32_MAX,
                                .starting
                                = draw(&seed) % 50 ? (unsigned) (draw(&seed) % 5) : UINT32_MAX,
                                .known = (unsigned) draw(&seed),
                                .backlog = draw_nonsense(&seed),
                                .completed = draw_nonsense(&seed),
                                .arrived = draw_nonsense(&seed),
                                .oldest = draw_nonsense(&seed),
                                .busy = draw_nonsense(&seed),
                                .cpu = draw_nonsense(&seed),
                                .memory = draw_nonsense(&seed),
                        };
                        Decision d;
                        policy_decide(&p, s, &o, &d);
                        ck_assert_uint_ge(d.desired, p.min_replicas);
                        ck_assert_uint_le(d.desired, p.max_replicas);
                        ck_assert_msg(isfinite(d.lambda) && isfinite(d.mu) && d.mu >= 0,
                                        "lambda %g, mu %g", d.lambda, d.mu);
                        ck_assert_uint_gt(d.again, 0);
                        ck_assert_str_ne(reason_to_string(d.reason), "unknown");
                }
        }
}
END_TEST

/* A history that could be: the counts follow what was decided. The last step is left to the caller.
 */
static Observation random_history(const Policy *p, PolicyState *s, uint64_t seed, unsigned known) {
        unsigned running = 1 + (unsigned) (draw(&seed) % 10), starting = 0;
        double backlog = 0, mu = 1 + draw_number(&seed, 20), lambda = draw_number(&seed, 200);
        unsigned counted_every = draw(&seed) % 2 ? 1 : 2 + (unsigned) (draw(&seed) % 6); /* steps */
        double counted = 0;
        usec_t now = 1000 * USEC_PER_SEC;
        Observation o = { 0 };

        for (unsigned i = 0, n = 5 + (unsigned) (draw(&seed) % 400); i < n; i++) {
                usec_t dt = USEC_PER_SEC / 10 + draw(&seed) % (2 * USEC_PER_SEC);
                double seconds = (double) dt / USEC_PER_SEC;
                if (draw(&seed) % 15 == 0)
                        lambda = draw_number(&seed, 200);
                double arrived = floor(draw_number(&seed, 2 * lambda * seconds));
                double done = fmin(floor(running * mu * seconds), backlog + arrived);
                backlog += arrived - done;
                counted = i % counted_every ? counted : backlog;
                now += dt;
                running += starting;
                starting = 0;
                o = (Observation){
                        .now = now,
                        .running = running,
                        .known = known,
                        .backlog = counted,
                        .completed = done,
                        .arrived = arrived,
                        .busy = fmin(1, done / (running * mu * seconds + 1e-9)),
                        .oldest = lambda > 0 ? backlog / lambda : 0,
                };
                if (i + 1 == n)
                        break;
                Decision d;
                policy_decide(p, s, &o, &d);
                starting = d.desired > running ? d.desired - running : 0;
                running = d.desired < running ? d.desired : running;
                if (running == 0)
                        running = 1, starting = 0;
        }
        return o;
}

START_TEST(more_backlog_never_means_fewer_instances) {
        static const unsigned signals[] = { SIGNAL_BACKLOG, SIGNAL_BACKLOG | SIGNAL_COMPLETED,
                SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_BUSY, SIGNALS_ALL };
        static const usec_t waits[] = { 1 * USEC_PER_SEC, 10 * USEC_PER_SEC, 60 * USEC_PER_SEC };

        for (uint64_t seed = 1; seed <= 3000; seed++) {
                CLEANUP(policy_state_freep) PolicyState *less = policy_state_new();
                CLEANUP(policy_state_freep) PolicyState *more = policy_state_new();
                Policy p = wait_policy;
                p.target_wait = waits[seed % ARRAY_SIZE(waits)];
                unsigned known = signals[seed / 3 % ARRAY_SIZE(signals)];
                uint64_t extra = seed * 77;

                Observation o = random_history(&p, less, seed, known);
                Observation q = random_history(&p, more, seed, known);
                ck_assert(o.now == q.now && o.backlog == q.backlog);
                if (seed % 4) /* else less than what may be an old count */
                        q.backlog += ceil(draw_number(&extra, seed % 2 ? 10 : 1000));
                else
                        o.backlog = floor(draw_number(&extra, o.backlog));
                Decision d, e;
                policy_decide(&p, less, &o, &d);
                policy_decide(&p, more, &q, &e);
                ck_assert_msg(e.desired >= d.desired, "seed %u: %g waiting: %u, %g waiting: %u",
                                (unsigned) seed, o.backlog, d.desired, q.backlog, e.desired);
        }
}
END_TEST

START_TEST(the_same_input_gives_the_same_output) {
        for (uint64_t seed = 1; seed <= 50; seed++) {
                CLEANUP(policy_state_freep) PolicyState *a = policy_state_new();
                CLEANUP(policy_state_freep) PolicyState *b = policy_state_new();
                Observation o = random_history(&wait_policy, a, seed, SIGNALS_ALL);
                Observation q = random_history(&wait_policy, b, seed, SIGNALS_ALL);
                Decision d, e;
                policy_decide(&wait_policy, a, &o, &d);
                policy_decide(&wait_policy, b, &q, &e);
                ck_assert(d.desired == e.desired && d.reason == e.reason && d.lambda == e.lambda
                                && d.mu == e.mu && d.again == e.again);
        }
}
END_TEST

START_TEST(a_counter_that_jumps_is_no_rate) {
        static const double jumps[] = { 1e6, 1e9, 1e15, INFINITY, NAN, -500 };
        for (size_t i = 0; i < ARRAY_SIZE(jumps); i++)
                for (unsigned arrived = 0; arrived < 2; arrived++) {
                        CLEANUP(world_done) World w = world_new();
                        w.known = SIGNALS_ALL;
                        w.lambda = 55;
                        world_run(&w, 300);
                        unsigned before = w.last.desired;

                        Observation o = {
                                .now = (usec_t) ((w.now + 1) * USEC_PER_SEC),
                                .running = w.serving,
                                .starting = world_starting(&w),
                                .known = w.known,
                                .backlog = w.backlog,
                                .completed = arrived ? 55 : jumps[i],
                                .arrived = arrived ? jumps[i] : 55,
                                .busy = 1,
                        };
                        Decision d;
                        policy_decide(&w.policy, w.state, &o, &d);
                        ck_assert_msg(d.lambda < 110, "lambda %g after %g", d.lambda, jumps[i]);
                        ck_assert_uint_le(d.desired, before + 1);
                        ck_assert_uint_ge(d.desired + 1, before);

                        w.now++;
                        world_run(&w, 20);
                        ck_assert_uint_le(w.highest, before + 3);
                        ck_assert_double_le(w.worst_age, 10);
                }
}
END_TEST

START_TEST(idle_goes_to_min) {
        static const unsigned signals[] = { SIGNAL_BACKLOG, SIGNAL_COMPLETED,
                SIGNAL_BACKLOG | SIGNAL_COMPLETED, SIGNAL_COMPLETED | SIGNAL_BUSY, SIGNAL_BUSY,
                SIGNAL_ARRIVED | SIGNAL_COMPLETED, SIGNALS_ALL };
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                for (unsigned min = 0; min < 3; min++) {
                        CLEANUP(world_done) World w = world_new();
                        w.policy.min_replicas = min;
                        w.known = signals[i];
                        w.serving = 7;
                        w.lambda = 60;
                        world_run(&w, 300);
                        w.lambda = 0;
                        world_run(&w, 900);
                        unsigned least = signals[i] & (SIGNAL_BACKLOG | SIGNAL_ARRIVED) || min > 0
                                                         ? min
                                                         : w.last.desired;
                        ck_assert_msg(w.last.desired == least, "signals %x: %u instead of %u",
                                        signals[i], w.last.desired, min);
                }
}
END_TEST

START_TEST(time_that_stands_still_or_goes_back_is_harmless) {
        CLEANUP(world_done) World w = world_new();
        w.lambda = 55;
        world_run(&w, 300);
        unsigned before = w.last.desired;
        double lambda = w.last.lambda;

        Observation o = {
                .now = (usec_t) (w.now * USEC_PER_SEC),
                .running = w.serving,
                .starting = world_starting(&w),
                .known = w.known,
                .backlog = w.backlog,
                .busy = 1,
        };
        Decision d;
        for (unsigned i = 0; i < 1000; i++) {
                policy_decide(&w.policy, w.state, &o, &d);
                ck_assert_uint_eq(d.desired, before);
        }
        o.now -= 3600 * USEC_PER_SEC;
        policy_decide(&w.policy, w.state, &o, &d);
        ck_assert_uint_eq(d.desired, before);
        ck_assert_double_eq_tol(d.lambda, lambda, 1e-6);

        w.now -= 3600; /* the clock goes on from there */
        world_run(&w, 120);
        ck_assert_double_eq_tol(w.last.lambda, 55, 1);
        ck_assert_double_le(w.worst_age, 10);
}
END_TEST

START_TEST(the_first_backlog_starts_an_instance_at_once) {
        static const unsigned signals[]
                        = { SIGNAL_BACKLOG, SIGNAL_BACKLOG | SIGNAL_COMPLETED, SIGNALS_ALL };
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
                Policy p = wait_policy;
                p.min_replicas = 0;
                Observation o = { .now = USEC_PER_SEC, .known = signals[i] };
                Decision d;
                for (unsigned k = 0; k < 30; k++, o.now += USEC_PER_SEC)
                        policy_decide(&p, s, &o, &d);
                ck_assert_uint_eq(d.desired, 0);
                o.now -= USEC_PER_SEC - 1;
                o.backlog = 1;
                policy_decide(&p, s, &o, &d);
                ck_assert_uint_eq(d.desired, 1);
        }
}
END_TEST

START_TEST(nothing_known_keeps_the_count) {
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
        Observation o = { .now = USEC_PER_SEC, .running = 7 };
        Decision d;
        policy_decide(&wait_policy, s, &o, &d);
        ck_assert_uint_eq(d.desired, 7);
        ck_assert_int_eq(d.reason, REASON_NO_SIGNAL);
        o.running = 70;
        policy_decide(&wait_policy, s, &o, &d);
        ck_assert_uint_eq(d.desired, 50);
}
END_TEST

START_TEST(a_new_engine_stops_nothing_in_its_first_seconds) {
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
        PolicyMemory memory = { .mu = 10, .start_delay = 2 * USEC_PER_SEC };
        policy_state_recall(s, &memory);
        Observation o = {
                .now = USEC_PER_SEC, .running = 7, .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED
        };
        Decision d;
        policy_decide(&wait_policy, s, &o, &d);
        ck_assert_uint_eq(d.desired, 7);
        o.now += USEC_PER_SEC;
        policy_decide(&wait_policy, s, &o, &d);
        ck_assert_uint_eq(d.desired, 7);
}
END_TEST

/* --- closed loops --- */

START_TEST(items_wait_no_longer_than_the_target) {
        static const unsigned signals[] = { SIGNAL_BACKLOG | SIGNAL_COMPLETED,
                SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_BUSY, SIGNAL_ARRIVED | SIGNAL_COMPLETED,
                SIGNALS_ALL };
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                CLEANUP(world_done) World w = world_new();
                w.known = signals[i];
                for (unsigned k = 0; k < 8; k++) {
                        w.lambda = k % 2 ? 200 : 30;
                        world_run(&w, 200);
                        ck_assert_msg(w.worst_age <= 10, "signals %x, rate %g: %g s", signals[i],
                                        w.lambda, w.worst_age);
                        ck_assert_uint_le(w.last.desired, (unsigned) (w.lambda / w.mu) + 1);
                }
        }
}
END_TEST

START_TEST(a_backlog_alone_is_enough_to_learn_from) {
        CLEANUP(world_done) World w = world_new();
        w.known = SIGNAL_BACKLOG;
        for (unsigned k = 0; k < 12; k++) {
                w.lambda = k % 2 ? 100 : 30;
                world_run(&w, 200);
        }
        ck_assert_double_eq_tol(w.last.mu, 10, 3);
        ck_assert_double_le(w.worst_age, 10);
}
END_TEST

START_TEST(throughput_alone_grows_until_more_bring_no_more) {
        CLEANUP(world_done) World w = world_new();
        w.known = SIGNAL_COMPLETED;
        w.lambda = 75;
        world_run(&w, 300);
        ck_assert_uint_ge(w.last.desired, 8);
        ck_assert_uint_le(w.last.desired, 12);
}
END_TEST

START_TEST(the_busy_share_alone_leaves_some_room) {
        CLEANUP(world_done) World w = world_new();
        w.known = SIGNAL_BUSY;
        w.lambda = 75;
        world_run(&w, 300);
        ck_assert_uint_ge(w.last.desired, 8);
        ck_assert_uint_le(w.last.desired, 13);
}
END_TEST

START_TEST(a_host_that_is_full_gets_no_more_instances) {
        CLEANUP(world_done) World w = world_new();
        w.cores = 12;
        w.lambda = 60;
        world_run(&w, 120);
        w.lambda = 300;
        world_run(&w, 300);
        ck_assert_int_eq(w.last.reason, REASON_SATURATED);
        ck_assert_uint_ge(w.last.desired, 11);
        ck_assert_uint_le(w.last.desired, 16);
        /* there is room again */
        w.cores = 0;
        world_run(&w, 900);
        ck_assert_uint_ge(w.highest, 30);
}
END_TEST

START_TEST(a_full_host_that_becomes_slower_is_not_given_up) {
        CLEANUP(world_done) World w = world_new();
        w.cores = 12;
        w.lambda = 60;
        world_run(&w, 120);
        w.lambda = 300;
        world_run(&w, 300);
        ck_assert_uint_le(w.last.desired, 16);
        w.mu = 4; /* of each instance and of the host */
        world_run(&w, 900);
        ck_assert_uint_ge(w.last.desired, 10);
        ck_assert_uint_le(w.last.desired, 20);
}
END_TEST

START_TEST(slower_instances_are_no_full_host) {
        CLEANUP(world_done) World w = world_new();
        w.lambda = 100;
        world_run(&w, 300);
        w.mu = 4;
        world_run(&w, 200);
        ck_assert_int_ne(w.last.reason, REASON_SATURATED);
        ck_assert_double_eq_tol(w.last.mu, 4, 0.4);
        ck_assert_uint_ge(w.last.desired, 24);
        ck_assert_double_le(w.worst_age, 10);
}
END_TEST

START_TEST(slow_starts_are_measured_and_anticipated) {
        static const double delays[] = { 0.5, 2, 5 };
        for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
                CLEANUP(world_done) World w = world_new();
                w.start_delay = delays[i];
                w.tick = 0.5;
                for (unsigned k = 0; k < 10; k++) {
                        w.lambda = k % 2 ? 150 : 30;
                        world_run(&w, 120);
                }
                ck_assert_double_eq_tol((double) w.last.start_delay / USEC_PER_SEC, delays[i], 0.6);
                ck_assert_double_le(w.worst_age, 10);
        }
}
END_TEST

START_TEST(an_unneeded_instance_goes_within_scale_down_after) {
        CLEANUP(world_done) World w = world_new();
        w.policy.scale_down_after = 5 * USEC_PER_SEC;
        w.policy.min_replicas = 0;
        w.lambda = 200;
        world_run(&w, 200);
        w.lambda = 0;
        world_run(&w, 40);
        ck_assert_uint_eq(w.last.desired, 0);
}
END_TEST

START_TEST(the_step_between_observations_does_not_matter) {
        static const double ticks[] = { 0.05, 0.3, 1, 2.5 };
        for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
                CLEANUP(world_done) World w = world_new();
                w.tick = ticks[i];
                for (unsigned k = 0; k < 6; k++) {
                        w.lambda = k % 2 ? 150 : 40;
                        world_run(&w, 200);
                        ck_assert_msg(w.worst_age <= 10, "tick %g: %g s", ticks[i], w.worst_age);
                }
                ck_assert_double_eq_tol(w.last.lambda, 150, 10);
                ck_assert_double_eq_tol(w.last.mu, 10, 1);
        }
}
END_TEST

/* B items that come at once need B / (mu (W - d)) instances, here 19, and more for a margin. */
START_TEST(items_that_come_at_once_get_what_they_need_and_no_more) {
        CLEANUP(world_done) World w = world_new();
        w.lambda = 25;
        world_run(&w, 300);
        w.lambda = 1500;
        world_run(&w, 1);
        w.lambda = 25;
        world_run(&w, 60);
        ck_assert_double_le(w.worst_age, 10);
        ck_assert_uint_le(w.highest, 24);
}
END_TEST

/* As long as all that waits can still start in time, a burst needs fewer than its rate divided by
 * mu: here 25. */
START_TEST(a_burst_may_end_before_it_has_the_instances_for_its_rate) {
        CLEANUP(world_done) World w = world_new();
        w.lambda = 25;
        world_run(&w, 300);
        w.lambda = 250;
        world_run(&w, 8);
        unsigned during = w.highest;
        w.lambda = 25;
        world_run(&w, 60);
        ck_assert_double_le(w.worst_age, 10);
        ck_assert_uint_le(during, 18);
        ck_assert_uint_le(w.highest, 18);
}
END_TEST

START_TEST(a_backlog_that_is_counted_seldom_is_counted_on_the_less) {
        CLEANUP(world_done) World w = world_new();
        w.counted_every = 4;
        w.policy.target_wait = 20 * USEC_PER_SEC;
        for (unsigned k = 0; k < 12; k++) {
                w.lambda = k % 2 ? 150 : 40;
                world_run(&w, 150);
                if (k >= 4)
                        ck_assert_msg(w.worst_age <= 20, "rate %g: %g s", w.lambda, w.worst_age);
        }
}
END_TEST

/* Items in batches, counted every so many seconds. Returns the instance-seconds of the last ones.
 */
static double use_for_batches(double counted_every) {
        CLEANUP(world_done) World w = world_new();
        double used = 0;

        w.counted_every = counted_every;
        for (unsigned k = 0; k < 12; k++) {
                w.lambda = 1500;
                world_run(&w, 1);
                w.lambda = 25;
                world_run(&w, 89);
                if (k >= 4) {
                        ck_assert_msg(w.worst_age <= 10, "%u: %g s", k, w.worst_age);
                        used += w.used;
                }
        }
        return used;
}

START_TEST(what_is_done_between_two_counts_waits_no_longer) {
        ck_assert_double_le(use_for_batches(5), 1.25 * use_for_batches(0));
}
END_TEST

START_TEST(load_that_jumps_to_and_fro_is_left_to_instances_that_stay) {
        CLEANUP(world_done) World w = world_new();
        for (unsigned i = 0; i < 60; i++) {
                if (i == 30)
                        w.changes = 0;
                unsigned before = w.changes;
                w.lambda = i % 2 ? 150 : 30;
                world_run(&w, 12);
                w.changes += before; /* each run counts anew */
        }
        ck_assert_uint_le(w.changes, 30);
}
END_TEST

START_TEST(bursts_far_apart_are_not_waited_for) {
        CLEANUP(world_done) World w = world_new();
        for (unsigned i = 0; i < 8; i++) {
                w.lambda = 150;
                world_run(&w, 30);
                w.lambda = 20;
                world_run(&w, 300);
                ck_assert_uint_le(w.last.desired, 3);
        }
        w.lambda = 150;
        world_run(&w, 30);
        w.lambda = 20;
        world_run(&w, 60);
        ck_assert_uint_le(w.last.desired, 6);
}
END_TEST

/* --- CPU and memory as in Kubernetes --- */

static Decision decide_cpu(PolicyState *s, const Policy *p, double t, unsigned running,
                unsigned starting, double cpu, double memory) {
        Decision d;
        Observation o = {
                .now = (usec_t) (t * USEC_PER_SEC),
                .running = running,
                .starting = starting,
                .known = SIGNAL_CPU | SIGNAL_MEMORY,
                .cpu = cpu,
                .memory = memory,
        };
        policy_decide(p, s, &o, &d);
        return d;
}

START_TEST(cpu_and_memory_mean_what_they_mean_to_kubernetes) {
        static const struct {
                unsigned running, starting;
                double cpu, memory;
                unsigned desired;
                Reason reason;
        } cases[] = {
                { 4, 0, 1.2, 0, 6, REASON_CPU },     /* ceil(4 * 1.2 / 0.8) */
                { 4, 0, 0.88, 0, 4, REASON_STEADY }, /* within 10 % */
                { 4, 0, 0.89, 0, 5, REASON_CPU },
                { 4, 0, 0.4, 1.0, 8, REASON_MEMORY }, /* the higher ratio wins */
                { 4, 0, 9, 0, 10, REASON_CPU },       /* max */
                { 4, 4, 1.2, 0, 8, REASON_STEADY },   /* those that start count as idle */
                { 4, 1, 1.6, 0, 8, REASON_CPU },
        };
        Policy p = {
                .min_replicas = 1, .max_replicas = 10, .target_cpu = 0.8, .target_memory = 0.5
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
                Decision d = decide_cpu(s, &p, 100, cases[i].running, cases[i].starting,
                                cases[i].cpu, cases[i].memory);
                ck_assert_msg(d.desired == cases[i].desired, "case %zu: %u", i, d.desired);
                ck_assert_msg(d.reason == cases[i].reason, "case %zu: %s", i,
                                reason_to_string(d.reason));
        }
}
END_TEST

START_TEST(low_cpu_use_scales_down_after_five_minutes) {
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
        Policy p = { .min_replicas = 1,
                .max_replicas = 10,
                .target_cpu = 0.8,
                .scale_down_after = 60 * USEC_PER_SEC };

        ck_assert_uint_eq(decide_cpu(s, &p, 100, 4, 0, 0.8, 0).desired, 4);
        for (double t = 110; t < 395; t += 15)
                ck_assert_uint_eq(decide_cpu(s, &p, t, 4, 0, 0.4, 0).desired, 4);
        ck_assert_uint_eq(decide_cpu(s, &p, 480, 4, 0, 0.4, 0).desired, 2);
}
END_TEST

START_TEST(the_highest_demand_wins) {
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
        Policy p = wait_policy;
        p.target_cpu = 0.5;
        Observation o = {
                .now = USEC_PER_SEC,
                .running = 4,
                .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_CPU,
                .cpu = 1,
        };
        Decision d;
        policy_decide(&p, s, &o, &d);
        ck_assert_uint_eq(d.desired, 8);
        ck_assert_int_eq(d.reason, REASON_CPU);
}
END_TEST

START_TEST(a_throughput_target_is_kept_without_a_backlog) {
        CLEANUP(world_done) World w = world_new();
        w.policy.target_wait = 0;
        w.policy.target_throughput = 5;
        w.known = SIGNAL_COMPLETED | SIGNAL_ARRIVED;
        w.lambda = 42;
        world_run(&w, 120);
        ck_assert_uint_eq(w.last.desired, 9);
}
END_TEST

/* --- parts --- */

START_TEST(what_was_learned_is_remembered_and_nonsense_is_not) {
        CLEANUP(policy_state_freep) PolicyState *a = policy_state_new();
        CLEANUP(policy_state_freep) PolicyState *b = policy_state_new();
        PolicyMemory m = { .mu = 3.5, .start_delay = 1500 * USEC_PER_MSEC }, n;
        policy_state_recall(a, &m);
        policy_state_remember(a, &n);
        ck_assert_double_eq_tol(n.mu, 3.5, 1e-9);
        ck_assert_uint_eq(n.start_delay, m.start_delay);

        static const double bad[] = { NAN, INFINITY, -1 };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                m = (PolicyMemory){ .mu = bad[i], .start_delay = USEC_INFINITY };
                policy_state_recall(b, &m);
                policy_state_remember(b, &n);
                ck_assert(n.mu == 0 && n.start_delay == 0);
        }
}
END_TEST

START_TEST(need_is_the_steepest_line_to_a_deadline) {
        Arrivals a = { 0 };
        Load l = { .arrivals = &a, .now = 100, .backlog = 100, .mu = 10 };

        /* 100 items just found, to be started within 5 s by instances of 10 items/s */
        a.found = 100;
        a.found_at = 100;
        ck_assert_double_eq_tol(deadline_need(&l, 5, 5, 0, 0, 1), 2, 1e-6);
        /* half of them are served by the time that new ones help: 50 in the 3 s that are left */
        ck_assert_double_eq_tol(deadline_need(&l, 5, 5, 2, 50, 1), 5.0 / 3, 0.05);
        /* they have waited for 3 s already */
        a.found_at = 97;
        ck_assert_double_eq_tol(deadline_need(&l, 5, 5, 0, 0, 1), 5, 0.4);
        /* nothing waits, 50 items/s come: in the end five instances, looking far */
        l.backlog = 0;
        l.lambda = 50;
        ck_assert_double_eq_tol(deadline_need(&l, 5, 1000, 0, 0, 1), 5, 0.1);
        /* and 10 sqrt(25) items on top at the only moment that is looked at, 25 s from now */
        l.noise = 10;
        ck_assert_double_eq_tol(deadline_need(&l, 0, 0, 0, 0, 25), (50 * 25 + 50) / 250.0, 1e-6);
}
END_TEST

START_TEST(ages_come_from_the_order_of_arrival) {
        Arrivals a = { .dispersion = 1 };
        Step before = { .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED }, s = before;
        s.dt = 1;
        for (unsigned i = 1; i <= 20; i++) { /* i items arrive in second i, nothing is done */
                s.t = i;
                s.backlog = before.backlog + i;
                arrivals_learn(&a, &s, &before, 0, 1, 5);
                before = s;
        }
        ck_assert_double_eq_tol(arrivals_within(&a, 20, 1), 20, 1e-4);
        ck_assert_double_eq_tol(arrivals_within(&a, 20, 3), 57, 1e-4);
        ck_assert_double_eq_tol(arrivals_within(&a, 20, 2.5), 48, 1e-4);
        Load l = { .arrivals = &a, .now = 20, .backlog = 30, .mu = 1 };
        ck_assert_double_eq_tol(load_due(&l, -1), 10, 1e-4); /* 10 of the 30 came in second 19 */
        ck_assert_double_eq_tol(load_due(&l, -2), 0, 1e-4);
}
END_TEST

/* What is taken to wait at a report, where 100 was the last one, every fifth step. */
static double estimate_at(double reported) {
        Count c = { 0 };
        Step s = { .dt = 1, .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED, .completed = 20 };

        for (unsigned i = 0; i <= 102; i++) {
                s.backlog = i / 5 % 2 ? 200 : 100; /* in the end 100, for the third time */
                count_estimate(&c, &s, 5, 1);
                count_learn(&c, &s);
        }
        s.backlog = reported;
        count_estimate(&c, &s, 5, 1);
        return s.backlog;
}

/* Three times 20 were done and 5 came. */
START_TEST(between_two_counts_what_waits_is_the_last_one_without_what_was_done) {
        double before = 0;

        ck_assert_double_eq(estimate_at(100), 100 - 3 * (20 - 5));
        ck_assert_double_eq(estimate_at(101), 101);
        ck_assert_double_eq(estimate_at(30), 30);
        for (unsigned reported = 0; reported < 200; reported++) {
                double x = estimate_at(reported);
                ck_assert_msg(x >= before && x <= reported, "%u: %g", reported, x);
                before = x;
        }
}
END_TEST

START_TEST(a_window_keeps_the_largest_of_its_length) {
        MaxWindow w = { 0 };
        for (unsigned t = 0; t < 1000; t++) {
                max_window_add(&w, t, t % 100 == 0 ? 10 : 1 + t % 3, 32);
                double since = t % 100;
                if (since <= 32)
                        ck_assert_double_eq(max_window_get(&w), 10);
                else if (since > 35)
                        ck_assert_double_eq(max_window_get(&w), 3);
        }
        for (unsigned t = 1000; t < 1100; t++) /* falling all the time */
                max_window_add(&w, t, 2000 - t, 32);
        ck_assert_double_ge(max_window_get(&w), 2000 - (1099 - 32));
        ck_assert_double_le(max_window_get(&w), 2000 - (1099 - 32) + 5);
}
END_TEST

/* So many seconds with work waiting all the time. */
static void saturate(Saturation *u, double *t, unsigned n, double total, unsigned seconds,
                unsigned *before) {
        for (unsigned i = 0; i < seconds; i++) {
                Step b = { .t = *t, .running = *before, .backlog = 500 }, s = b;
                b.known = s.known = SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_BUSY;
                b.busy = s.busy = 1;
                s.t = *t += 1;
                s.dt = 1;
                s.running = *before = n;
                s.completed = total;
                saturation_learn(u, &s, &b, 10);
        }
}

START_TEST(instances_that_become_slower_while_more_start_are_no_full_host) {
        Saturation u = { 0 };
        double t = 100;
        unsigned before = 14;

        saturate(&u, &t, 14, 140, 20, &before);
        saturate(&u, &t, 15, 150, 20, &before);
        saturate(&u, &t, 15, 75, 7, &before);
        for (unsigned n = 16; n < 34; n++) {
                saturate(&u, &t, n, 5.0 * n, 1, &before);
                ck_assert_double_eq(saturation_limit(&u), INFINITY);
        }
}
END_TEST

START_TEST(a_limit_that_is_exceeded_is_gone) {
        Saturation u = { 0 };
        double t = 100;
        unsigned before = 5;

        saturate(&u, &t, 5, 50, 20, &before);
        saturate(&u, &t, 10, 50, 12, &before);
        ck_assert_double_le(saturation_limit(&u), 6);
        /* nothing waits for a while */
        t += 15;
        Step idle = { .t = t, .dt = 15, .running = 5 };
        saturation_learn(&u, &idle, &idle, 10);
        before = 5;
        saturate(&u, &t, 5, 50, 10, &before);
        ck_assert_double_le(saturation_limit(&u), 6);
        saturate(&u, &t, 5, 120, 8, &before);
        ck_assert_double_eq(saturation_limit(&u), INFINITY);
}
END_TEST

CHECK_MAIN("policy", TEST(whatever_is_observed_the_answer_lies_between_min_and_max),
                TEST(more_backlog_never_means_fewer_instances),
                TEST(the_same_input_gives_the_same_output), TEST(a_counter_that_jumps_is_no_rate),
                TEST(idle_goes_to_min), TEST(time_that_stands_still_or_goes_back_is_harmless),
                TEST(the_first_backlog_starts_an_instance_at_once),
                TEST(nothing_known_keeps_the_count),
                TEST(a_new_engine_stops_nothing_in_its_first_seconds),
                TEST(items_wait_no_longer_than_the_target),
                TEST(a_backlog_alone_is_enough_to_learn_from),
                TEST(throughput_alone_grows_until_more_bring_no_more),
                TEST(the_busy_share_alone_leaves_some_room),
                TEST(a_host_that_is_full_gets_no_more_instances),
                TEST(a_full_host_that_becomes_slower_is_not_given_up),
                TEST(slower_instances_are_no_full_host),
                TEST(slow_starts_are_measured_and_anticipated),
                TEST(an_unneeded_instance_goes_within_scale_down_after),
                TEST(the_step_between_observations_does_not_matter),
                TEST(items_that_come_at_once_get_what_they_need_and_no_more),
                TEST(a_burst_may_end_before_it_has_the_instances_for_its_rate),
                TEST(a_backlog_that_is_counted_seldom_is_counted_on_the_less),
                TEST(what_is_done_between_two_counts_waits_no_longer),
                TEST(load_that_jumps_to_and_fro_is_left_to_instances_that_stay),
                TEST(bursts_far_apart_are_not_waited_for),
                TEST(cpu_and_memory_mean_what_they_mean_to_kubernetes),
                TEST(low_cpu_use_scales_down_after_five_minutes), TEST(the_highest_demand_wins),
                TEST(a_throughput_target_is_kept_without_a_backlog),
                TEST(what_was_learned_is_remembered_and_nonsense_is_not),
                TEST(need_is_the_steepest_line_to_a_deadline),
                TEST(ages_come_from_the_order_of_arrival),
                TEST(between_two_counts_what_waits_is_the_last_one_without_what_was_done),
                TEST(a_window_keeps_the_largest_of_its_length),
                TEST(instances_that_become_slower_while_more_start_are_no_full_host),
                TEST(a_limit_that_is_exceeded_is_gone))
