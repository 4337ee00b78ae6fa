/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proposal.h"

#include <errno.h>
#include <seccomp.h>

#include "bpf-program.h"
#include "runtime-floor.h"
#include "unit-section.h"

enum { LINE_WIDTH = 96 };

void proposal_done(Proposal *p) {
        strbuf_done(&p->text);
}

/* --- what a profile leaves ------------------------------------------------------------------- */

typedef struct Adding {
        SyscallFilter *filter;
        const SyscallGroups *groups;
} Adding;

static int add_line(const char *key, const char *value, unsigned line, void *userdata) {
        const Adding *a = userdata;

        (void) line;
        if (STREQ(key, "SystemCallFilter"))
                syscall_filter_add(a->filter, a->groups, value, NULL, NULL);
        return 0;
}

static const char *file_name(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

int profile_allowed(const SandboxView *v, const SyscallGroups *groups, const char *text,
                SyscallSet *ret) {
        SyscallFilter filter = { 0 };
        Adding a = { &filter, groups };
        int r = 0;

        for (const Setting *s = v->settings; r >= 0 && s; s = s->next) {
                int order = s->drop_in ? strcmp(file_name(s->path), PROFILE_DROP_IN) : -1;
                if (order > 0 && text) {
                        r = unit_section_parse(text, "Service", add_line, &a);
                        text = NULL;
                }
                if (order != 0)
                        (void) add_line(s->key, s->value, s->line, &a);
        }
        if (r >= 0 && text)
                r = unit_section_parse(text, "Service", add_line, &a);
        if (r < 0)
                return r;
        syscall_filter_allowed(&filter, ret);
        return 0;
}

bool is_of_profile(const Setting *s) {
        return s->drop_in && STREQ(s->key, "SystemCallFilter")
               && STREQ(file_name(s->path), PROFILE_DROP_IN);
}

void floor_calls(const SyscallGroups *groups, SyscallSet *ret) {
        *ret = (SyscallSet){ 0 };
        for (size_t i = 0; i < runtime_floor_size; i++) {
                SyscallSet line;
                syscall_words(groups, runtime_floor[i].words, &line);
                syscall_set_add(ret, &line);
        }
        syscall_set_put(ret, SCMP_SYS(seccomp), false);
}

/* --- names ----------------------------------------------------------------------------------- */

typedef struct Words {
        char *items[SYSCALL_NUMBER_MAX]; /* owned */
        size_t n;
        bool failed;
} Words;

static void words_done(Words *w) {
        for (size_t i = 0; i < w->n; i++)
                free(w->items[i]);
}

/* Groups come first, as "@" does. */
static int compare_words(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static void take_word(Words *w, char *word) {
        if (!word)
                w->failed = true;
        else if (w->n < ARRAY_SIZE(w->items))
                w->items[w->n++] = word;
        else
                free(word);
}

static void take_names(Words *w, const SyscallSet *s) {
        for (int i = 0; i < SYSCALL_NUMBER_MAX; i++)
                if (syscall_set_has(s, i))
                        take_word(w, seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i));
}

static void print_words(Words *w, const char *prefix, size_t width, StrBuf *b) {
        size_t begin = b->len;

        if (w->failed)
                b->failed = true;
        if (w->n > 0)
                qsort(w->items, w->n, sizeof(*w->items), compare_words);
        for (size_t i = 0; i < w->n; i++) {
                bool first = b->len == begin;
                if (!first && b->len - begin + 1 + strlen(w->items[i]) > width) {
                        strbuf_append_char(b, '\n');
                        begin = b->len;
                        first = true;
                }
                strbuf_append_all(b, first ? prefix : " ", w->items[i], NULL);
        }
}

void syscall_names(const SyscallSet *s, StrBuf *b) {
        CLEANUP(words_done) Words w = { 0 };

        take_names(&w, s);
        print_words(&w, "", SIZE_MAX, b);
}

/* --- the text -------------------------------------------------------------------------------- */

typedef struct Writing {
        const SyscallGroups *groups;
        SyscallSet allowed; /* and nothing beyond it is written */
        SyscallSet written;
        StrBuf *b;
} Writing;

/* The group that stands for most of the calls that are left, and for none beyond what is written
 * and left; NULL when none stands for two. */
static const SyscallGroup *find_group(const Writing *w, const SyscallSet *left) {
        const SyscallGroup *best = NULL;
        SyscallSet whole = w->written;
        unsigned most = 1;

        syscall_set_add(&whole, left);
        for (size_t i = 0; i < w->groups->n; i++) {
                SyscallSet members, gain = *left;
                if (!w->groups->items[i].members)
                        continue;
                syscall_words(w->groups, w->groups->items[i].name, &members);
                syscall_set_keep(&gain, &members);
                unsigned n = syscall_set_count(&gain);
                if (n > most && syscall_set_is_within(&members, &whole)) {
                        best = &w->groups->items[i];
                        most = n;
                }
        }
        return best;
}

/* One comment and what it is about: those of the calls that are allowed and not written yet. */
static void write_calls(Writing *w, const SyscallSet *calls, const char *why) {
        CLEANUP(words_done) Words words = { 0 };
        SyscallSet left = *calls;

        syscall_set_keep(&left, &w->allowed);
        syscall_set_remove(&left, &w->written);
        if (syscall_set_count(&left) == 0)
                return;
        strbuf_append_all(w->b, "# ", why, "\n", NULL);
        for (const SyscallGroup *g; (g = find_group(w, &left));) {
                SyscallSet members;
                syscall_words(w->groups, g->name, &members);
                syscall_set_add(&w->written, &members);
                syscall_set_remove(&left, &members);
                take_word(&words, strdup(g->name));
        }
        take_names(&words, &left);
        syscall_set_add(&w->written, &left);
        print_words(&words, "SystemCallFilter=", LINE_WIDTH, w->b);
        strbuf_append_char(w->b, '\n');
}

/* Where records were lost, what is near to what was seen may have been called, too. */
static void add_relatives(const ProposalInput *in, SyscallSet *calls) {
        static const char *const too_wide[] = { "@system-service", "@known", "@default" };

        for (size_t i = 0; i < in->groups->n; i++) {
                SyscallSet members, both = *in->seen;
                bool wide = false;
                for (size_t k = 0; k < ARRAY_SIZE(too_wide); k++)
                        wide = wide || STREQ(in->groups->items[i].name, too_wide[k]);
                if (wide)
                        continue;
                syscall_words(in->groups, in->groups->items[i].name, &members);
                syscall_set_keep(&both, &members);
                if (syscall_set_count(&both) > 0)
                        syscall_set_add(calls, &members);
        }
}

/* systemd adds @default to each list that allows, and so perhaps what is forbidden now. */
static void write_excess(Writing *w) {
        CLEANUP(words_done) Words words = { 0 };
        SyscallSet excess;

        syscall_words(w->groups, "@default", &excess);
        syscall_set_remove(&excess, &w->allowed);
        if (syscall_set_count(&excess) == 0)
                return;
        strbuf_append(w->b, "# in @default, and forbidden without this profile\n");
        take_names(&words, &excess);
        print_words(&words, "SystemCallFilter=~", LINE_WIDTH, w->b);
        strbuf_append_char(w->b, '\n');
}

static void write_drop_in(const ProposalInput *in, const SyscallSet *now, StrBuf *b) {
        Writing w = { .groups = in->groups, .allowed = *now, .b = b };
        SyscallSet calls;

        strbuf_printf(b,
                        "# %s\n"
                        "# It is not what the worker may do, but what it was seen to do: when it "
                        "does more, or its manifest\n"
                        "# allows it less, make another. 'workerctl profile --remove %s' takes it "
                        "away.\n"
                        "[Service]\n"
                        "SystemCallFilter=\n\n"
                        "# What any program may need, seen or not:\n",
                        in->about, in->id);
        for (size_t i = 0; i < runtime_floor_size; i++) {
                syscall_words(in->groups, runtime_floor[i].words, &calls);
                write_calls(&w, &calls, runtime_floor[i].why);
        }
        strbuf_append_char(b, '\n');
        write_calls(&w, in->seen, "What this worker was seen to call beyond that:");
        if (in->lost) {
                calls = (SyscallSet){ 0 };
                add_relatives(in, &calls);
                write_calls(&w, &calls, "Not all was seen, so their groups, too:");
        }
        write_excess(&w);
}

int proposal_make(const ProposalInput *in, Proposal *ret) {
        CLEANUP(proposal_done) Proposal p = { 0 };

        int r = profile_allowed(in->view, in->groups, NULL, &p.now);
        if (r < 0)
                return r;
        write_drop_in(in, &p.now, &p.text);
        r = strbuf_error(&p.text);
        if (r == 0)
                r = profile_allowed(in->view, in->groups, strbuf_string(&p.text), &p.then);
        if (r < 0)
                return r;
        p.removed = p.now;
        syscall_set_remove(&p.removed, &p.then);
        *ret = p;
        p = (Proposal){ 0 };
        return 0;
}
