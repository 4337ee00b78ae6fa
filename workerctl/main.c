/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "macro.h"
#include "verbs.h"

typedef struct Verb {
        const char *name;
        int (*run)(int argc, char **argv);
        const char *arguments;
        const char *help;
} Verb;

static const Verb verbs[] = {
        { "list", verb_list, "[PATTERN...]", "Show workers and how many instances run" },
        { "status", verb_status, "ID...", "Show a worker, its instances and the last decision" },
        { "top", verb_top, "", "Watch workers as they are scaled" },
        { "pause", verb_pause, "ID...", "Scale workers no further" },
        { "resume", verb_resume, "ID...", "Scale workers by their policy again" },
        { "scale", verb_scale, "ID N", "Keep N instances until the next resume" },
        { "security", verb_security, "ID|FILE", "Explain what the sandbox allows, and why" },
        { "profile", verb_profile, "ID", "Allow a worker no more than it is seen to need" },
        { "verify", verb_verify, "FILE...", "Check manifests" },
        { "simulate", verb_simulate, "[MANIFEST|UNIT] TRACE...",
                        "Try a scaling policy on recorded load" },
};

static void help(void) {
        printf("workerctl VERB [OPTION...] [ARGUMENT...]\n\n"
               "Look after workers and what scales them.\n\nVerbs:\n");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                printf("  %-9s %-24s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
        printf("\nOptions:\n"
               "  -h --help              Show this help; VERB --help shows that of a verb\n"
               "     --version           Show the version\n\n"
               "See workerctl(1).\n");
}

int main(int argc, char **argv) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
                { 0 },
        };

        int c;
        while ((c = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
                if (c == '?')
                        return 2;
                if (c == 'V')
                        printf("workerctl %s\n", PACKAGE_VERSION);
                else
                        help();
                return EXIT_SUCCESS;
        }
        if (optind >= argc) {
                fprintf(stderr, "workerctl: a verb is missing, see 'workerctl --help'\n");
                return 2;
        }

        argc -= optind;
        argv += optind;
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (STREQ(argv[0], verbs[i].name)) {
                        optind = 0; /* getopt(3): scan anew */
                        return verbs[i].run(argc, argv);
                }
        fprintf(stderr, "workerctl: there is no verb '%s', see 'workerctl --help'\n", argv[0]);
        return 2;
}
