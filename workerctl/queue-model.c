/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "queue-model.h"

#include <errno.h>
#include <math.h>

#include "lower-bound.h"

#define STEP_SEC      0.25
#define STEPS         4 /* a second */
#define SPEED_SD      0.10
#define DELAY_SD      0.10
#define STOP_SEC      0.5    /* an instance is paid for after its stop */
#define WARM_LOAD     0.8    /* of the instances at the start */
#define RUN_OUT_SEC   1800.0 /* after the end, for what still waits */
#define EPOCH_SEC     3600.0
#define INSTANCES_MAX 100000U

typedef struct Instance {
        double ready; /* s */
        double speed; /* of mu */
} Instance;

typedef struct Model {
        const Trace *trace;
        const ModelOptions *o;
        PolicyState *state;
        uint64_t random;

        unsigned *waiting; /* items of each step that still wait, owned */
        unsigned *waits;   /* items that waited for so many steps, owned */
        size_t n_steps;    /* of arrivals */
        size_t end;        /* steps at most */
        size_t head;       /* the oldest step with items */
        size_t now;        /* the step */
        double backlog, in_service, credit;

        Instance *instance; /* oldest first: those that serve, then those that start, owned */
        unsigned n, serving;

        double completed, busy, served; /* since the last decision; busy and served in steps */
        double decide_at;
        ModelResult result;
} Model;

static void model_done(Model *m) {
        policy_state_free(m->state);
        free(m->waiting);
        free(m->waits);
        free(m->instance);
        model_result_done(&m->result);
}

void model_result_done(ModelResult *r) {
        free(r->second);
        *r = (ModelResult){ 0 };
}

/* splitmix64, then a uniform number in (0, 1). */
static double uniform(uint64_t *state) {
        uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        z ^= z >> 31;
        return ((double) (z >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state) {
        double r = sqrt(-2 * log(uniform(state)));
        return r * cos(2 * M_PI * uniform(state));
}

static unsigned poisson(uint64_t *state, double mean) {
        if (mean > 30)
                return (unsigned) fmax(0, round(mean + sqrt(mean) * normal(state)));
        double limit = exp(-mean), p = uniform(state);
        unsigned n = 0;
        for (; p > limit; n++)
                p *= uniform(state);
        return n;
}

static double now_sec(const Model *m) {
        return (double) m->now * STEP_SEC;
}

static double capacity(const Model *m, double t) {
        return trace_capacity_at(m->trace, m->o->mu, t);
}

static void add_instance(Model *m, double ready) {
        double speed = exp(SPEED_SD * normal(&m->random) - SPEED_SD * SPEED_SD / 2);
        m->instance[m->n++] = (Instance){ .ready = ready, .speed = speed };
}

static void start(Model *m, unsigned count) {
        for (; count > 0; count--) {
                double d = m->o->start_delay * fmax(0.2, 1 + DELAY_SD * normal(&m->random));
                add_instance(m, now_sec(m) + d);
                m->result.starts++;
        }
}

static void stop(Model *m, unsigned count) {
        m->n -= count;
        m->serving = m->serving < m->n ? m->serving : m->n;
        m->result.stops += count;
        m->result.instance_seconds += STOP_SEC * count;
        if (m->in_service > m->serving) {
                m->completed += m->in_service - m->serving;
                m->in_service = m->serving;
        }
}

/* Those that are ready move in front of those that are not. */
static bool become_ready(Model *m) {
        unsigned before = m->serving;
        for (unsigned i = m->serving; i < m->n; i++) {
                if (m->instance[i].ready > now_sec(m) + STEP_SEC / 2)
                        continue;
                Instance ready = m->instance[i];
                memmove(m->instance + m->serving + 1, m->instance + m->serving,
                                (i - m->serving) * sizeof(Instance));
                m->instance[m->serving++] = ready;
        }
        return m->serving > before;
}

/* Hands the oldest items to instances. */
static void take(Model *m, double items) {
        m->backlog -= items;
        m->in_service += items;
        while (items > 0) {
                unsigned *w = &m->waiting[m->head];
                unsigned k = *w < items ? *w : (unsigned) items;
                m->waits[m->now - m->head] += k;
                *w -= k;
                items -= k;
                if (*w == 0)
                        m->head++;
        }
}

static void serve(Model *m) {
        if (m->serving == 0)
                return;
        take(m, fmin(m->serving - m->in_service, m->backlog));

        double speed = 0, share = m->in_service / m->serving;
        for (unsigned i = 0; i < m->serving; i++)
                speed += m->instance[i].speed;
        double full = speed * capacity(m, now_sec(m)) * STEP_SEC, mean = share * full, done = 0;
        if (mean > 0)
                m->credit += mean + sqrt(mean) * normal(&m->random);
        if (m->credit >= 1) {
                double present = m->in_service + m->backlog;
                done = fmin(floor(m->credit), present);
                m->credit = done < present ? m->credit - done : 0;
                m->in_service -= done;
                take(m, fmin(done, m->backlog));
                if (share < 1 && full > m->serving) /* short services: busy for a part of the step
                                                     */
                        share = fmin(1, done / full);
        }
        m->completed += done;
        m->busy += share * m->serving;
        m->served += m->serving;
}

static double oldest(Model *m) {
        if (m->backlog <= 0)
                return 0;
        while (m->waiting[m->head] == 0)
                m->head++;
        return (double) (m->now - m->head) * STEP_SEC;
}

static void decide(Model *m) {
        Observation o = {
                .now = (usec_t) ((now_sec(m) + EPOCH_SEC) * USEC_PER_SEC),
                .running = m->serving,
                .starting = m->n - m->serving,
                .known = SIGNAL_BACKLOG | SIGNAL_COMPLETED | SIGNAL_BUSY,
                .backlog = m->backlog,
                .completed = m->completed,
                .busy = m->served > 0 ? fmin(1, m->busy / m->served) : 0,
        };
        Decision d;

        policy_decide(&m->o->policy, m->state, &o, &d);
        m->completed = m->busy = m->served = 0;
        m->decide_at = now_sec(m) + fmax(STEP_SEC, (double) d.again / USEC_PER_SEC);
        if (d.desired > m->n)
                start(m, d.desired - m->n);
        else if (d.desired < m->n)
                stop(m, m->n - d.desired);
        m->result.peak = m->n > m->result.peak ? m->n : m->result.peak;
}

static void record(Model *m, double arrivals) {
        size_t second = m->now / STEPS;
        if (second >= m->result.n_seconds)
                return;
        ModelSecond *s = &m->result.second[second];
        s->load += (float) (arrivals / capacity(m, now_sec(m)));
        s->count = (float) m->n;
        s->oldest = (float) fmax(s->oldest, oldest(m));
}

/* One step: instances get ready, items arrive and are served, the engine is asked when it wanted to
 * be, when an instance got ready, and when the first items come to nobody. */
static void step(Model *m) {
        double arrivals = 0;

        bool ready = become_ready(m);
        if (m->now < m->n_steps)
                arrivals = m->waiting[m->now];
        bool first = m->backlog <= 0 && m->n == 0 && arrivals > 0;
        m->backlog += arrivals;
        serve(m);
        record(m, arrivals);
        m->result.instance_seconds += m->n * STEP_SEC;
        m->now++;
        if (ready || first || now_sec(m) >= m->decide_at - 1e-9)
                decide(m);
}

/* Draws the arrivals and finds the bound, which needs them all. */
static int prepare(Model *m) {
        double duration = trace_duration(m->trace), wait = (double) m->o->wait;
        size_t seconds = (size_t) ceil(duration - 1e-9);

        wait /= USEC_PER_SEC;
        m->n_steps = (size_t) ceil(duration / STEP_SEC - 1e-9);
        m->end = m->n_steps + (size_t) (RUN_OUT_SEC / STEP_SEC);
        m->waiting = calloc(m->end + 1, sizeof(unsigned));
        m->waits = calloc(m->end + 1, sizeof(unsigned));
        m->instance = calloc(INSTANCES_MAX, sizeof(Instance));
        m->result.second = calloc(seconds, sizeof(ModelSecond));
        m->state = policy_state_new();
        CLEANUP(freep) double *arrivals = calloc(seconds, sizeof(double));
        if (!m->waiting || !m->waits || !m->instance || !m->result.second || !m->state || !arrivals)
                return -ENOMEM;

        m->result.n_seconds = seconds;
        m->result.hours = duration / 3600;
        for (size_t k = 0; k < m->n_steps; k++) {
                double rate = trace_rate_at(m->trace, (double) k * STEP_SEC);
                m->waiting[k] = poisson(&m->random, rate * STEP_SEC);
                arrivals[k / STEPS] += m->waiting[k];
                m->result.items += m->waiting[k];
        }
        return lower_bound(arrivals, seconds, wait, m->o->policy.min_replicas, m->trace, m->o->mu,
                        &m->result.bound);
}

static void summarize(Model *m) {
        double limit = (double) m->o->wait / USEC_PER_SEC / STEP_SEC + 1e-9;
        double seen = 0;

        m->result.late = m->backlog;
        m->result.wait_median = m->result.wait_99 = INFINITY;
        for (size_t k = 0; k <= m->end; k++) {
                if (m->waits[k] == 0)
                        continue;
                seen += m->waits[k];
                if ((double) k > limit)
                        m->result.late += m->waits[k];
                if (seen >= 0.5 * m->result.items && isinf(m->result.wait_median))
                        m->result.wait_median = (double) k * STEP_SEC;
                if (seen >= 0.99 * m->result.items && isinf(m->result.wait_99))
                        m->result.wait_99 = (double) k * STEP_SEC;
        }
}

int model_run(const Trace *trace, const ModelOptions *o, ModelResult *ret) {
        CLEANUP(model_done) Model m = { .trace = trace, .o = o, .random = o->seed };

        int r = prepare(&m);
        if (r < 0)
                return r;
        double warm = ceil(trace_rate_at(trace, 0) / (WARM_LOAD * capacity(&m, 0)));
        warm = fmax(1, fmax(o->policy.min_replicas, fmin(o->policy.max_replicas, warm)));
        while (m.n < warm)
                add_instance(&m, 0);
        m.serving = m.result.peak = m.n;
        m.decide_at = STEP_SEC;

        while (m.now < m.n_steps || (m.now < m.end && m.backlog > 0))
                step(&m);
        summarize(&m);
        *ret = m.result;
        m.result.second = NULL;
        return 0;
}
