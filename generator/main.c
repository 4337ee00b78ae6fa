/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "generator.h"
#include "log.h"
#include "number.h"
#include "verify.h"

/* worker-generator(8): what systemd calls at boot and at every daemon-reload. */

static const char usage[]
                = "worker-generator [--root=DIR] NORMAL-DIR EARLY-DIR LATE-DIR\n"
                  "worker-generator [--root=DIR] --verify [--json] FILE...\n"
                  "\n"
                  "Translates worker manifests into units, or checks manifests.\n"
                  "\n"
                  "      --root=DIR  take manifests from DIR/etc/workers and so on\n"
                  "      --systemd-version=N  write units for another systemd than this host's\n"
                  "      --verify    check the files, exit with 1 when one is refused\n"
                  "      --json      with --verify: one JSON object for each problem\n"
                  "      --schema    print the JSON Schema of the manifest\n"
                  "  -h, --help      show this\n"
                  "      --version   show the version\n"
                  "\n"
                  "See worker-generator(8) and worker.manifest(5).\n";

typedef struct Options {
        const char *root;
        unsigned systemd_version;
        bool verify, json, schema;
} Options;

/* Returns 1 to go on, 0 when all is done, -EINVAL when the usage is wrong. */
static int parse_options(int argc, char **argv, Options *o) {
        enum { OPT_ROOT = 256, OPT_SYSTEMD_VERSION, OPT_VERIFY, OPT_JSON, OPT_SCHEMA, OPT_VERSION };
        static const struct option options[] = {
                { "root", required_argument, NULL, OPT_ROOT },
                { "systemd-version", required_argument, NULL, OPT_SYSTEMD_VERSION },
                { "verify", no_argument, NULL, OPT_VERIFY },
                { "json", no_argument, NULL, OPT_JSON },
                { "schema", no_argument, NULL, OPT_SCHEMA },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPT_VERSION },
                { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) >= 0;)
                switch (c) {
                case OPT_ROOT:
                        o->root = optarg;
                        break;
                case OPT_SYSTEMD_VERSION:
                        if (parse_unsigned(optarg, &o->systemd_version) < 0)
                                return -EINVAL;
                        break;
                case OPT_VERIFY:
                        o->verify = true;
                        break;
                case OPT_JSON:
                        o->json = true;
                        break;
                case OPT_SCHEMA:
                        o->schema = true;
                        break;
                case 'h':
                        fputs(usage, stdout);
                        return 0;
                case OPT_VERSION:
                        puts(PACKAGE_STRING);
                        return 0;
                default:
                        return -EINVAL;
                }
        return 1;
}

static int open_directory(const char *path) {
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int generate(const Options *o, int root_fd, const char *out) {
        CLEANUP(log_done) Log log = log_open();
        CLEANUP(generator_done)
        Generator g = { .sink = log_diagnostics,
                .userdata = &log,
                .host = { root_fd },
                .systemd_version = o->systemd_version };
        CLEANUP(freep) char *path = NULL;

        CLEANUP(closep) int out_fd = open_directory(out);
        if (out_fd < 0) {
                log_line(&log, SEVERITY_ERROR, "cannot open '%s': %s", out, strerror(-out_fd));
                return EXIT_FAILURE;
        }

        int r = generator_load_stacks(&g, root_fd);
        if (r == 0)
                r = generator_run(&g, root_fd, out_fd, &path);
        log_summary(&log, g.n_accepted, g.n_refused);
        if (r == -E2BIG) {
                log_line(&log, SEVERITY_ERROR,
                                "more than %d files in the manifest directories: something fills "
                                "them by mistake, none is used",
                                FILES_MAX);
                return EXIT_FAILURE;
        }
        if (r < 0) {
                log_line(&log, SEVERITY_ERROR, "cannot write '%s%s%s': %s", out, path ? "/" : "",
                                path ? path : "", strerror(-r));
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        Options o = { .root = "/", .systemd_version = SYSTEMD_VERSION };

        int r = parse_options(argc, argv, &o);
        if (r == 0)
                return EXIT_SUCCESS;
        if (r > 0 && o.schema)
                return verify_print_schema();

        CLEANUP(closep) int root_fd = open_directory(o.root);
        if (root_fd < 0) {
                (void) fprintf(stderr, "worker-generator: cannot open '%s': %s\n", o.root,
                                strerror(-root_fd));
                return EXIT_FAILURE;
        }

        umask(0022);
        if (r > 0 && o.verify && optind < argc)
                return verify_files(root_fd, argv + optind, o.json);
        /* systemd.generator(7): normal, early, late; one directory for short is useful at a desk */
        if (r > 0 && !o.verify && (argc - optind == 3 || argc - optind == 1))
                return generate(&o, root_fd, argv[optind]);

        (void) fprintf(stderr,
                        "worker-generator: wrong arguments; see 'worker-generator --help'\n");
        return EXIT_FAILURE;
}
