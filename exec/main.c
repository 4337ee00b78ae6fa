/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "environment.h"
#include "io.h"
#include "restrict.h"
#include "volume.h"

/* worker-exec: the launcher inside the sandbox, for what no directive can do. Environment= is
 * public and EnvironmentFile= is read before the credentials exist, so secrets become variables or
 * property files here; and no directive knows Landlock, or filters arguments. Ends in execve(2) and
 * so is never a parent: signals, exit status and notifications are the program's own. */

/* A memory file system that the unit mounts when a secret has to become a property file. */
#define PROPERTY_DIRECTORY "/run/worker-secrets"

static const char usage[]
                = "worker-exec [OPTION...] -- PROGRAM [ARGUMENT...]\n"
                  "\n"
                  "Closes what only a process itself can close, makes environment variables or "
                  "property\nfiles of credentials, then becomes PROGRAM.\n"
                  "\n"
                  "      --environment=SECRET[:KEY]    variables named KEY\n"
                  "      --property-file=SECRET[:KEY]  lines KEY=VALUE of the file SECRET\n"
                  "      --landlock                    keep signals and abstract sockets in here, "
                  "and\n"
                  "                                    writes out of /proc, where the kernel can\n"
                  "      --filter=FILE                 load a filter of system calls\n"
                  "      --claim=DIRECTORY             take a volume from nobody, as root, and "
                  "end\n"
                  "  -h, --help                        show this\n"
                  "      --version                     show the version\n";

static int fail(int code, const char *what, const char *name, int error) {
        (void) fprintf(stderr, "worker-exec: %s '%s': %s\n", what, name, strerror(-error));
        return code;
}

/* One trailing line break, as editors and echo leave it, is not part of a secret. */
static void chomp(char *text, size_t *size) {
        if (*size > 0 && text[*size - 1] == '\n')
                text[--*size] = '\0';
}

static int set_variable(const char *key, char *text, size_t size, void *userdata) {
        (void) userdata;
        chomp(text, &size);
        if (!variable_name_is_valid(key) || memchr(text, '\0', size))
                return -EINVAL;
        return setenv(key, text, 1) < 0 ? -errno : 0;
}

static int append_property(const char *key, char *text, size_t size, void *userdata) {
        chomp(text, &size);
        if (memchr(text, '\0', size) || memchr(text, '\n', size))
                return -EINVAL;
        strbuf_printf(userdata, "%s=%s\n", key, text);
        return strbuf_error(userdata);
}

/* Appends: a secret whose keys are named one by one comes once for each. */
static int write_properties(const Wish *w, const StrBuf *b) {
        CLEANUP(freep) char *path = NULL;
        if (asprintf(&path, PROPERTY_DIRECTORY "/%.*s", (int) w->secret_size, w->secret) < 0)
                return -ENOMEM;

        CLEANUP(closep)
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        int r = write_all(fd, strbuf_string(b), b->len);
        if (r < 0)
                return r;
        return setenv("DATAOS_SECRET_DIR", PROPERTY_DIRECTORY, 1) < 0 ? -errno : 0;
}

static int project(int directory_fd, const char *argument, bool property_file) {
        CLEANUP(strbuf_done) StrBuf properties = { 0 };
        char name[NAME_MAX + 1] = "";
        const Wish w = wish_parse(argument);

        int r = credentials_each(directory_fd, &w, property_file ? append_property : set_variable,
                        &properties, name);
        if (r == -ENOENT)
                return fail(EX_CONFIG, "no credential of secret", argument, r);
        if (r == -EINVAL)
                return fail(EX_CONFIG,
                                property_file ? "several lines can't be a property, in credential"
                                              : "its key is not the name of a variable, credential",
                                name, r);
        if (r < 0)
                return fail(EX_CONFIG, "cannot read credential", name, r);
        if (property_file)
                r = write_properties(&w, &properties);
        return r < 0 ? fail(EX_OSERR, "cannot write the property file of", argument, r) : 0;
}

static int open_credentials(void) {
        const char *path = getenv("CREDENTIALS_DIRECTORY");
        int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        return fd < 0 ? (path ? -errno : -ENXIO) : fd;
}

/* Last, as it may keep from us what making files takes. */
static int confine(bool landlock, const char *filter) {
        Confinement done;
        int r = landlock ? landlock_confine(&done) : 0;

        if (r < 0)
                return fail(EX_OSERR, "cannot set up", "landlock", r);
        r = filter ? filter_load(filter) : 0;
        return r < 0 ? fail(EX_OSERR, "cannot load the filter", filter, r) : 0;
}

typedef struct Options {
        const char *filter;
        bool landlock;
        bool only_claims; /* something was claimed, which is all that is to be done */
} Options;

enum { GO_ON = -1 };

/* Returns GO_ON or the exit status. */
static int handle_options(int argc, char **argv, Options *o) {
        enum {
                OPT_ENVIRONMENT = 256,
                OPT_PROPERTY_FILE,
                OPT_LANDLOCK,
                OPT_FILTER,
                OPT_CLAIM,
                OPT_VERSION
        };
        static const struct option options[] = {
                { "environment", required_argument, NULL, OPT_ENVIRONMENT },
                { "property-file", required_argument, NULL, OPT_PROPERTY_FILE },
                { "landlock", no_argument, NULL, OPT_LANDLOCK },
                { "filter", required_argument, NULL, OPT_FILTER },
                { "claim", required_argument, NULL, OPT_CLAIM },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPT_VERSION },
                { 0 },
        };
        CLEANUP(closep) int directory_fd = open_credentials();

        for (int c; (c = getopt_long(argc, argv, "+h", options, NULL)) >= 0;)
                switch (c) {
                case OPT_ENVIRONMENT:
                case OPT_PROPERTY_FILE: {
                        if (directory_fd < 0)
                                return fail(EX_CONFIG, "no credentials for", optarg, directory_fd);
                        int r = project(directory_fd, optarg, c == OPT_PROPERTY_FILE);
                        if (r != 0)
                                return r;
                        break;
                }
                case OPT_LANDLOCK:
                        o->landlock = true;
                        break;
                case OPT_FILTER:
                        o->filter = optarg;
                        break;
                case OPT_CLAIM: {
                        int r = volume_claim(optarg);
                        if (r < 0)
                                return fail(EX_OSERR, "cannot take the volume", optarg, r);
                        o->only_claims = true;
                        break;
                }
                case 'h':
                        fputs(usage, stdout);
                        return EXIT_SUCCESS;
                case OPT_VERSION:
                        puts(PACKAGE_STRING);
                        return EXIT_SUCCESS;
                default:
                        return EX_USAGE;
                }
        return GO_ON;
}

int main(int argc, char **argv) {
        Options o = { 0 };

        int r = handle_options(argc, argv, &o);
        if (r != GO_ON)
                return r;
        if (optind >= argc && o.only_claims)
                return EXIT_SUCCESS;
        if (optind >= argc) {
                (void) fprintf(stderr, "worker-exec: no program; see 'worker-exec --help'\n");
                return EX_USAGE;
        }

        const char *id = getenv("INVOCATION_ID");
        if (id && setenv("DATAOS_UID", id, 1) < 0)
                return fail(EX_OSERR, "cannot set", "DATAOS_UID", -errno);

        r = confine(o.landlock, o.filter);
        if (r != 0)
                return r;
        (void) execvp(argv[optind], argv + optind);
        return fail(EX_UNAVAILABLE, "cannot execute", argv[optind], -errno);
}
