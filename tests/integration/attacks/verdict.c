/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

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

static bool is_as(Expected expected, const char *result) {
        return expected == STOPPED ? is_stopped(result) : STREQ(result, "works");
}

static const char *verdict_of(
                const Attack *a, const char *control, const char *network, const char *none) {
        if (STREQ(control, "missing") || STREQ(control, "not tried"))
                return "BROKEN";
        if (!is_as(a->network, network) || !is_as(a->none, none))
                return "BROKEN";
        if (a->network == POSSIBLE)
                return "possible";
        return STREQ(control, "works") ? "held" : "unproven";
}

int print_verdicts(const char *control, const char *network, const char *none) {
        const char *const paths[] = { control, network, none };
        CLEANUP(freep) char *control_text = NULL;
        CLEANUP(freep) char *network_text = NULL;
        CLEANUP(freep) char *none_text = NULL;
        char **const texts[] = { &control_text, &network_text, &none_text };

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                int r = read_file_at(AT_FDCWD, paths[i], RESULTS_MAX, texts[i], NULL);
                if (r < 0) {
                        fprintf(stderr, "attacks: can't read '%s': %s\n", paths[i], strerror(-r));
                        return r;
                }
        }

        for (size_t t = 0; all_attacks[t].attacks; t++)
                for (size_t i = 0; i < *all_attacks[t].size; i++) {
                        const Attack *a = &all_attacks[t].attacks[i];
                        char c[RESULT_MAX], w[RESULT_MAX], o[RESULT_MAX];

                        find_result(control_text, a->name, c);
                        find_result(network_text, a->name, w);
                        find_result(none_text, a->name, o);
                        printf("%s|%s|%s|%s|%s|%s\n", verdict_of(a, c, w, o), a->name, w, o, c,
                                        a->layer);
                }
        return 0;
}
