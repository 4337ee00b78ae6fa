/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>

#include "capture.h"
#include "io.h"
#include "print.h"
#include "proposal.h"
#include "restrict.h"
#include "sandbox-sentences.h"
#include "security-filter.h"
#include "verbs.h"
#include "worker-view.h"

static const char help[]
                = "workerctl security [--json] ID|FILE\n"
                  "workerctl security --filter ID|FILE\n"
                  "workerctl security --check ID|FILE SYSCALL...\n\n"
                  "Explain the sandbox of a worker, of a manifest or of a unit file.\n\n"
                  "     --filter   Print the filter of system calls, as libseccomp shows it\n"
                  "     --check    Say whether system calls are allowed; status 1 when one is not\n"
                  "  -j --json     Print JSON\n";

enum { REPORT_MAX = 1024 * 1024 };

typedef struct Request {
        bool json, filter, check;
} Request;

/* What is told beside the unit's own words. */
typedef struct Facts {
        const WorkerView *worker;
        Sentences sentences;
        char exposure[8]; /* "" when systemd-analyze does not say */
        long landlock_abi;
        unsigned allowed, known;
} Facts;

/* --- exposure: fragment and drop-ins in one file, which means the same ------------------------ */

static int write_unit(const UnitTexts *t, const char *path) {
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int r = fd < 0 ? -errno : 0;

        for (size_t i = 0; r == 0 && i < t->n; i++) {
                r = write_all(fd, t->items[i].text, strlen(t->items[i].text));
                if (r == 0)
                        r = write_all(fd, "\n", 1);
        }
        return r;
}

/* "→ Overall exposure level for NAME: 1.0 OK" */
static void find_exposure(const char *report, char ret[static 8]) {
        const char *line = strstr(report, "Overall exposure level for ");
        const char *value = line ? strstr(line, ": ") : NULL;

        if (value)
                (void) snprintf(ret, 8, "%.*s", (int) strspn(value + 2, "0123456789."), value + 2);
}

static void measure_in(const char *directory, const UnitTexts *t, char ret[static 8]) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        char *report = NULL;

        strbuf_append_all(&path, directory, "/", t->name, NULL);
        const char *const argv[] = { "systemd-analyze", "security", "--offline=yes", "--no-pager",
                strbuf_string(&path), NULL };
        if (strbuf_error(&path) < 0)
                return;
        if (write_unit(t, strbuf_string(&path)) == 0 && capture(argv, REPORT_MAX, &report) == 0)
                find_exposure(report, ret);
        free(report);
        (void) unlink(strbuf_string(&path));
}

static void measure_exposure(const UnitTexts *t, char ret[static 8]) {
        char directory[] = "/tmp/workerctl-XXXXXX";

        if (!mkdtemp(directory))
                return;
        measure_in(directory, t, ret);
        (void) rmdir(directory);
}

/* --- in words --------------------------------------------------------------------------------- */

static void print_sentences(const Sentences *s, bool can) {
        printf("\n%s\n", can ? "It can:" : "It can't:");
        for (size_t i = 0; i < s->n; i++)
                if (s->items[i].can == can)
                        printf("  %s\n", strbuf_string(&s->items[i].text));
}

static void print_origin(const SandboxView *v, const Remark *r) {
        bool of_stack = strstr(r->text, "the stack's ");
        printf("  %s%s%s%s\n", r->tightened ? "tightened: " : "", r->text,
                        of_stack ? ": stack " : "", of_stack && v->stack ? v->stack : "");
}

/* How many calls a profile takes away; 0 where there is none, or where somebody has made it allow
 * more. */
static unsigned count_less(const WorkerView *w) {
        SyscallSet without, with;

        if (profile_allowed(&w->view, &w->groups, NULL, &without) < 0)
                return 0;
        syscall_filter_allowed(&w->view.filter, &with);
        if (!syscall_set_is_within(&with, &without))
                return 0;
        return syscall_set_count(&without) - syscall_set_count(&with);
}

static void print_changes(const WorkerView *w) {
        const unsigned less = count_less(w);
        const char *profile = NULL;
        bool any = w->view.remarks;

        printf("\nNot as by default:\n");
        for (const Remark *r = w->view.remarks; r; r = r->next)
                print_origin(&w->view, r);
        for (const Setting *s = w->view.settings; s; s = s->next) {
                if (!s->drop_in || !is_sandbox_directive(s->key))
                        continue;
                any = true;
                if (less == 0 || !is_of_profile(s))
                        printf("  %s=%s, %s:%u\n", s->key, s->value, s->path, s->line);
                else if (!profile) { /* its lines are many, and are explained in it */
                        profile = s->path;
                        printf("  tightened: a profile, %u system calls less, %s\n", less, profile);
                }
        }
        if (!any)
                printf("  nothing\n");
}

static void print_words(const Facts *f) {
        printf("%s%s%s\n", color(COLOR_GOOD), f->worker->texts.name, color(COLOR_NORMAL));
        for (size_t i = 0; i < f->worker->texts.n; i++)
                if (!STREQ(f->worker->texts.items[i].path, f->worker->texts.name))
                        printf("  %s\n", f->worker->texts.items[i].path);
        print_sentences(&f->sentences, false);
        print_sentences(&f->sentences, true);
        print_changes(f->worker);
        printf("\nExposure: %s\n",
                        *f->exposure ? f->exposure : "unknown, systemd-analyze did not say");
        printf("System calls: %u of %u by name%s; see --filter and --check\n", f->allowed, f->known,
                        f->worker->own_groups ? "" : ", with the groups of systemd 262");
        if (f->landlock_abi > 0)
                printf("Landlock: ABI %ld of this kernel%s\n", f->landlock_abi,
                                f->worker->view.landlock ? "" : ", not used");
        else
                printf("Landlock: not in this kernel\n");
}

static void add_sentences(const Sentences *s, const char *key, bool can, StrBuf *b) {
        json_key(b, key);
        json_open(b, '[');
        for (size_t i = 0; i < s->n; i++) {
                if (s->items[i].can != can)
                        continue;
                json_open(b, '{');
                json_string(b, "topic", s->items[i].topic);
                json_string(b, "text", strbuf_string(&s->items[i].text));
                json_close(b, '}');
        }
        json_close(b, ']');
}

static void add_changes(const SandboxView *v, StrBuf *b) {
        json_key(b, "changes");
        json_open(b, '[');
        for (const Remark *r = v->remarks; r; r = r->next) {
                json_open(b, '{');
                json_string(b, "from", strstr(r->text, "the stack's ") ? "stack" : "manifest");
                json_string(b, "text", r->text);
                json_bool(b, "tightened", r->tightened);
                json_close(b, '}');
        }
        for (const Setting *s = v->settings; s; s = s->next) {
                if (!s->drop_in || !is_sandbox_directive(s->key))
                        continue;
                json_open(b, '{');
                json_string(b, "from", "drop-in");
                json_string(b, "directive", s->key);
                json_string(b, "value", s->value);
                json_string(b, "path", s->path);
                json_count(b, "line", s->line);
                json_close(b, '}');
        }
        json_close(b, ']');
}

static int print_json(const Facts *f) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        json_open(&b, '{');
        json_string(&b, "unit", f->worker->texts.name);
        json_key(&b, "exposure");
        strbuf_append(&b, *f->exposure ? f->exposure : "null");
        json_count(&b, "landlockABI", (uint64_t) f->landlock_abi);
        json_bool(&b, "landlock", f->worker->view.landlock);
        json_count(&b, "allowedCalls", f->allowed);
        json_count(&b, "knownCalls", f->known);
        add_sentences(&f->sentences, "cannot", false, &b);
        add_sentences(&f->sentences, "can", true, &b);
        add_changes(&f->worker->view, &b);
        json_close(&b, '}');
        if (strbuf_error(&b) < 0)
                return -ENOMEM;
        puts(strbuf_string(&b));
        return 0;
}

static int explain(Facts *f, bool json) {
        const long abi = landlock_abi();
        f->landlock_abi = abi < 0 ? 0 : abi;
        measure_exposure(&f->worker->texts, f->exposure);
        int r = sentences_make(&f->worker->view, f->landlock_abi, &f->sentences);
        if (r == 0)
                r = security_count_calls(&f->worker->view, &f->allowed, &f->known);
        if (r == 0 && json)
                r = print_json(f);
        else if (r == 0)
                print_words(f);
        sentences_done(&f->sentences);
        if (r < 0)
                fprintf(stderr, "workerctl: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- the verb --------------------------------------------------------------------------------- */

static int run(const Request *q, const char *what, char **calls) {
        CLEANUP(worker_view_done) WorkerView w = { 0 };

        int r = worker_view_read(what, &w);
        if (r < 0)
                return r == -ENOENT ? 4 : EXIT_FAILURE;
        if (q->filter)
                return security_print_filter(&w.view);
        Facts f = { .worker = &w };
        return q->check ? security_check_calls(&w.view, calls) : explain(&f, q->json);
}

int verb_security(int argc, char **argv) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "json", no_argument, NULL, 'j' },
                { "filter", no_argument, NULL, 'f' },
                { "check", no_argument, NULL, 'c' },
                { 0 },
        };
        Request q = { 0 };

        for (int c; (c = getopt_long(argc, argv, "hj", options, NULL)) >= 0;)
                switch (c) {
                case 'h':
                        fputs(help, stdout);
                        return EXIT_SUCCESS;
                case 'j':
                        q.json = true;
                        break;
                case 'f':
                        q.filter = true;
                        break;
                case 'c':
                        q.check = true;
                        break;
                default:
                        return 2;
                }
        int n = argc - optind;
        if (n < 1 || (q.check ? n < 2 : n > 1) || q.json + q.filter + q.check > 1) {
                fprintf(stderr, "workerctl: one worker or file is needed, and one option at most; "
                                "--check needs system calls behind it, see 'workerctl security "
                                "--help'\n");
                return 2;
        }
        return run(&q, argv[optind], argv + optind + 1);
}
