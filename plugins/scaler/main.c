/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "manager.h"
#include "metrics.h"
#include "number.h"
#include "pressure.h"
#include "report-socket.h"

typedef struct Arguments {
        const char *socket; /* NULL: the one that systemd hands over */
        ManagerOptions options;
} Arguments;

static void help(void) {
        puts("worker-scaler [OPTION…]\n"
             "Start and stop the instances of workers as throughput and backlog change.\n\n"
             "  --metrics=FILE           write figures for Prometheus to FILE, '' for none\n"
             "  --cpu-pressure=LIMIT     hold back starts when tasks wait for a CPU for more than\n"
             "                           LIMIT percent of the time; 100: never\n"
             "  --memory-pressure=LIMIT  likewise for memory\n"
             "  --pressure-directory=DIR read the pressure from DIR, for tests\n"
             "  --socket=PATH            receive reports on a socket of its own at PATH\n"
             "  --help                   show this text\n"
             "  --version                show the version\n\n"
             "Started by worker-scaler.service; see worker-scaler(8)");
}

static int parse_limit(const char *option, const char *text, double *ret) {
        if (parse_double(text, ret) >= 0 && *ret >= 0)
                return 1;
        log_error("--%s= must be a percentage, not '%s'", option, text);
        return -EINVAL;
}

/* Returns 1 to go on, 0 when all is done, negative errno. */
static int parse_arguments(int argc, char **argv, Arguments *ret) {
        static const struct option options[] = {
                { "metrics", required_argument, NULL, 'm' },
                { "cpu-pressure", required_argument, NULL, 'c' },
                { "memory-pressure", required_argument, NULL, 'M' },
                { "pressure-directory", required_argument, NULL, 'p' },
                { "socket", required_argument, NULL, 's' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
                { 0 },
        };

        int r = 1;

        for (int c; r > 0 && (c = getopt_long(argc, argv, "h", options, NULL)) >= 0;) {
                switch (c) {
                case 'm':
                        ret->options.metrics = optarg;
                        break;
                case 'c':
                        r = parse_limit("cpu-pressure", optarg, &ret->options.cpu_limit);
                        break;
                case 'M':
                        r = parse_limit("memory-pressure", optarg, &ret->options.memory_limit);
                        break;
                case 'p':
                        ret->options.pressure_directory = optarg;
                        break;
                case 's':
                        ret->socket = optarg;
                        break;
                case 'h':
                        help();
                        return 0;
                case 'V':
                        puts(PACKAGE_STRING);
                        return 0;
                default:
                        return -EINVAL;
                }
        }
        if (r > 0 && optind < argc) {
                log_error("'%s' is not expected, see --help", argv[optind]);
                return -EINVAL;
        }
        return r;
}

static int open_socket(const Arguments *a) {
        if (a->socket)
                return report_socket_bind(a->socket);

        int n = sd_listen_fds(true);
        if (n < 0)
                return n;
        if (n != 1 || sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_DGRAM, 0) <= 0)
                return -EBADFD;
        return SD_LISTEN_FDS_START;
}

int main(int argc, char **argv) {
        CLEANUP(manager_freep) Manager *m = NULL;
        Arguments arguments = {
                .options
                = { METRICS_FILE, PRESSURE_DIRECTORY, PRESSURE_CPU_LIMIT, PRESSURE_MEMORY_LIMIT },
        };

        int r = parse_arguments(argc, argv, &arguments);
        if (r <= 0)
                return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;

        int fd = open_socket(&arguments);
        if (fd < 0) {
                log_error("no report socket, is worker-scaler.socket running? %s", strerror(-fd));
                return EXIT_FAILURE;
        }

        r = manager_new(&arguments.options, &m);
        if (r >= 0)
                r = manager_run(m, fd);
        if (r < 0) {
                log_error("worker-scaler ends: %s", strerror(-r));
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
