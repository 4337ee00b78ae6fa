/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cadence.h"
#include "fleet.h"
#include "observe.h"
#include "policy.h"
#include "pressure.h"
#include "saved-state.h"
#include "scaling-section.h"
#include "systemd-client.h"
#include "usage.h"

/* One worker: its policy, its instances, what they report, and the decisions that come of it.
 * Starts and stops its instances and nothing else. worker.c follows what happens, worker-policy.c
 * reads the policy, worker-decide.c acts. */

/* What all workers share. Belongs to the manager. */
typedef struct WorkerContext {
        sd_event *event;
        SystemdClient *systemd;
        bool frozen;                      /* the state of units is not known: no decisions */
        Pressure *pressure;               /* of the host; the manager's */
        char *root_cgroup;                /* owned by the manager; "" on most machines */
        void (*changed)(void *userdata);  /* what status tells has changed */
        void (*remember)(void *userdata); /* what is to be kept has changed: soon */
        void (*save)(void *userdata);     /* … at once: somebody is about to be told that it is */
        void *userdata;
} WorkerContext;

typedef enum PolicyReading {
        POLICY_UNREAD,
        POLICY_ASKED, /* systemd was asked for the names of the files */
        POLICY_READ,  /* also when it could not be read: the worker is left alone then */
} PolicyReading;

/* Who decides how many instances run; an administrator changes it over D-Bus. */
typedef enum WorkerMode {
        MODE_AUTO,   /* the policy */
        MODE_PAUSED, /* nobody: nothing is started or stopped */
        MODE_FIXED,  /* the administrator: so many run until the next resume */
        _MODE_MAX,
} WorkerMode;

typedef struct Worker {
        char *id; /* owned */
        const WorkerContext *context;
        bool target_active;
        bool target_listed, plugin_listed; /* seen in the listing that is under way */

        PolicyReading reading;
        Scaling scaling;  /* in force */
        Scaling incoming; /* being read */
        int incoming_error;
        char *fragment; /* owned; the target's file, for messages */

        Fleet fleet;
        Reports reports;
        Usage usage;
        ReportRate plugin_rate;
        uint64_t garbage, surplus; /* lines that were no reports; datagrams cut as too many */

        PolicyState *state;
        Decision decision;    /* the last one */
        Observation observed; /* what it was made of */
        PolicyMemory kept;    /* of what was learned, as it was last saved */
        double items_total;   /* done since our start, up to the last decision */
        WorkerMode mode;
        unsigned fixed;    /* with MODE_FIXED */
        const char *held;  /* why no more are started at the moment; NULL: nothing holds it back */
        usec_t held_start; /* the last start in spite of that */
        Cadence cadence;
        usec_t watched_since;       /* no instance is stopped before it was watched for a while */
        usec_t pause, paused_until; /* of scaling up, after failures */
        sd_event_source *timer;
} Worker;

/* Returns 0 or negative errno. The context must live as long as the worker. */
int worker_new(const WorkerContext *context, const char *id, Worker **ret);
Worker *worker_free(Worker *w);
DEFINE_CLEANUP(Worker *, worker_free)

/* Nothing of it runs or is to run: it can be forgotten. */
bool worker_is_idle(const Worker *w);
bool worker_is_scaled(const Worker *w);

/* What systemd tells; NULL: not told. */
void worker_target_changed(Worker *w, const char *active);
void worker_plugin_changed(Worker *w, const char *active);
void worker_instance_changed(Worker *w, unsigned number, const UnitChange *change);
void worker_job_ended(Worker *w, unsigned number, const char *result);
void worker_job_refused(Worker *w, unsigned number, const char *error, const char *message);
void worker_instance_result(Worker *w, unsigned number, const char *result);

/* Around the listing of all units. The policy is read anew, as unit files may have changed. */
void worker_list_begin(Worker *w);
void worker_list_end(Worker *w);

/* A datagram of the backlog plugin (number 0) or of an instance. */
void worker_report(Worker *w, unsigned number, const char *text, size_t size);

/* worker-policy.c: asks for the files and takes the answers. */
void worker_read_policy(Worker *w);
void worker_policy_fragment(Worker *w, int r, const char *path);
void worker_policy_drop_ins(Worker *w, int r, char **paths);

/* worker-decide.c: plans the next decision, in so many microseconds at the latest. */
void worker_plan(Worker *w, usec_t delay);
int worker_on_timer(sd_event_source *source, uint64_t at, void *userdata);

/* worker-control.c: takes an order of user uid, and keeps it before it returns, if it can: who was
 * answered may rely on it. The count is for MODE_FIXED. Returns 0, -ENOEXEC when the worker is not
 * scaled, or -ERANGE when more than MaxReplicas= are asked for. */
int worker_set_mode(Worker *w, WorkerMode mode, unsigned count, unsigned uid);

/* What is kept over a restart of worker-scaler. Values that make no sense are not taken. */
void worker_save(const Worker *w, SavedWorker *ret);
void worker_restore(Worker *w, const SavedWorker *saved);

/* "auto", "paused", "fixed" */
const char *worker_mode_to_string(WorkerMode m);

/* Items done since our start. */
double worker_items_total(const Worker *w);

/* How many instances are wanted now, and why. */
unsigned worker_goal(const Worker *w, const char **ret_reason);

/* The longest pause of scaling up */
#define WORKER_PAUSE_MAX (300 * USEC_PER_SEC)

/* That unit failed: the worker is not scaled up for a while, each time for longer. */
void worker_pause(Worker *w, const char *unit);

usec_t worker_now(const Worker *w);
