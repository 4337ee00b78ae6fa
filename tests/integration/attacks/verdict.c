/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "arena.h"
#include "io.h"

const AttackTable all_attacks[] = {
        { ingress_attacks, &ingress_attacks_size },
        { descriptor_attacks, &descriptor_attacks_size },
        { code_attacks, &code_attacks_size },
        { kernel_attacks, &kernel_attacks_size },
        { file_attacks, &file_attacks_size },
        { neighbor_attacks, &neighbor_attacks_size },
        { 0 },
};

enum { RESULTS_MAX = 1 << 20, RESULT_MAX = 32 };

/* The result that a file has for an attack, "missing" when it has none. */
static void find_result(const char *results, const char *name, char ret[static RESULT_MAX]) {
        size_t n = strlen(name);

        (void) snprintf(ret, RESULT_MAX, "missing");
        for (const char *line = results; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, name, n) == 0 && line[n] == '\t') {
                        line += n + 1;
                        (void) snprintf(ret, RESULT_MAX, "%.*s", (int) strcspn(line, "\n"), line);
                        return;
                }
        }
}

static bool is_stopped(const char *result) {
        return !STREQ(result, "works") && !STREQ(result, "missing") && !STREQ(result, "not tried");
}

static long landlock_abi(void) {
        return syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* asks for the version */);
}

static Expected expected_in(const Attack *a, Place place) {
        if (place == NONE)
                return a->none;
        return place == STREAMS && a->streams_stop ? STOPPED : a->network;
}

static bool is_as(Expected expected, const char *result) {
        return expected == STOPPED ? is_stopped(result) : STREQ(result, "works");
}

/* A call that this kernel lacks: had it been asked it would have said so in the sandbox, too. */
static bool answered_before_kernel(const char *control, char results[N_PLACES][RESULT_MAX]) {
        for (Place p = NETWORK; p < N_PLACES; p++)
                if (STREQ(results[p], "ENOSYS"))
                        return false;
        return STREQ(control, "ENOSYS");
}

static const char *verdict_of(const Attack *a, char results[N_PLACES][RESULT_MAX]) {
        const char *control = results[CONTROL];

        if (STREQ(control, "missing") || STREQ(control, "not tried"))
                return "BROKEN";
        if (a->landlock > landlock_abi())
                return "open";
        for (Place p = NETWORK; p < N_PLACES; p++)
                if (!is_as(expected_in(a, p), results[p]))
                        return "BROKEN";
        if (a->network == POSSIBLE)
                return "possible";
        return STREQ(control, "works") || answered_before_kernel(control, results) ? "held"
                                                                                   : "unproven";
}

int print_verdicts(char *const paths[static N_PLACES]) {
        CLEANUP(arena_done) Arena arena = { 0 };
        char *texts[N_PLACES] = { 0 };

        for (size_t i = 0; i < N_PLACES; i++) {
                CLEANUP(freep) char *text = NULL;
                int r = read_file_at(AT_FDCWD, paths[i], RESULTS_MAX, &text, NULL);
                if (r == 0 && !(texts[i] = arena_strdup(&arena, text)))
                        r = -ENOMEM;
                if (r < 0) {
                        fprintf(stderr, "attacks: can't read '%s': %s\n", paths[i], strerror(-r));
                        return r;
                }
        }

        for (size_t t = 0; all_attacks[t].attacks; t++)
                for (size_t i = 0; i < *all_attacks[t].size; i++) {
                        const Attack *a = &all_attacks[t].attacks[i];
                        char results[N_PLACES][RESULT_MAX];

                        for (Place p = CONTROL; p < N_PLACES; p++)
                                find_result(texts[p], a->name, results[p]);
                        printf("%s|%s|%s|%s|%s|%s|%s\n", verdict_of(a, results), a->name,
                                        results[NETWORK], results[STREAMS], results[NONE],
                                        results[CONTROL], a->layer);
                }
        return 0;
}
