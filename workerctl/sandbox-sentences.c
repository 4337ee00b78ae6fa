/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox-sentences.h"

#include <errno.h>

#include "restrict.h"

typedef struct Judging {
        const SandboxView *view;
        long landlock_abi;
        bool network;
} Judging;

/* --- conditions ------------------------------------------------------------------------------- */

static bool can_listen(const Judging *j) {
        static const char *const calls[] = { "listen", "accept", "accept4", "io_uring_setup" };

        for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
                if (sandbox_view_allows(j->view, calls[i]))
                        return true;
        return !STREQ(sandbox_view_value(j->view, "SystemCallArchitectures"), "native");
}

static bool can_bind(const Judging *j) {
        return sandbox_view_allows(j->view, "bind");
}

static bool can_receive_udp(const Judging *j) {
        return j->network && !j->view->streams;
}

static bool can_reach_abstract(const Judging *j) {
        return j->network && (!j->view->landlock || j->landlock_abi < LANDLOCK_ABI_OF_SCOPES);
}

static bool can_write_code(const Judging *j) {
        return !sandbox_view_is_on(j->view, "MemoryDenyWriteExecute")
               || sandbox_view_allows(j->view, "memfd_create");
}

static bool can_write_through_proc(const Judging *j) {
        return !j->view->landlock || j->landlock_abi < LANDLOCK_ABI_OF_FILES;
}

static bool can_execute_files(const Judging *j) {
        CLEANUP(strbuf_done) StrBuf paths = { 0 };

        sandbox_view_words(j->view, "NoExecPaths", &paths);
        return !strstr(strbuf_string(&paths), "/tmp");
}

static bool can_signal_siblings(const Judging *j) {
        return (!j->view->landlock || j->landlock_abi < LANDLOCK_ABI_OF_SCOPES)
               && !strstr(sandbox_view_value(j->view, "User"), "%i");
}

static bool can_see_host(const Judging *j) {
        return !*sandbox_view_value(j->view, "RootDirectory")
               && !*sandbox_view_value(j->view, "RootImage");
}

static bool can_see_processes(const Judging *j) {
        const char *proc = sandbox_view_value(j->view, "ProtectProc");
        return !STREQ(proc, "invisible") && !STREQ(proc, "ptraceable");
}

static bool can_read_processes(const Judging *j) {
        return sandbox_view_allows(j->view, "ptrace")
               || sandbox_view_allows(j->view, "process_vm_readv")
               || !sandbox_view_is_on(j->view, "PrivateUsers");
}

static bool can_get_privileges(const Judging *j) {
        CLEANUP(strbuf_done) StrBuf bounding = { 0 };

        sandbox_view_words(j->view, "CapabilityBoundingSet", &bounding);
        bool given = false;
        for (const Setting *s = j->view->settings; s; s = s->next)
                given = given || STREQ(s->key, "CapabilityBoundingSet");
        return !given || bounding.len > 0 || !sandbox_view_is_on(j->view, "NoNewPrivileges");
}

static bool can_make_namespaces(const Judging *j) {
        return !sandbox_view_is_on(j->view, "RestrictNamespaces");
}

static bool can_change_kernel(const Judging *j) {
        return !sandbox_view_is_on(j->view, "ProtectKernelTunables")
               || !sandbox_view_is_on(j->view, "ProtectKernelModules")
               || !sandbox_view_is_on(j->view, "ProtectControlGroups");
}

static bool can_use_devices(const Judging *j) {
        return !sandbox_view_is_on(j->view, "PrivateDevices");
}

static bool can_use_ipc(const Judging *j) {
        return !sandbox_view_is_on(j->view, "PrivateIPC");
}

static const struct {
        const char *topic;
        bool (*can)(const Judging *j);
        const char *what_can, *what_cannot;
} statements[] = {
        { "listen", can_listen, "be connected to: it can listen or accept",
                        "be connected to: it can't listen or accept, whichever way" },
        { "bind", can_bind, "take a port of its own to send from, and get datagrams there",
                        "take a port or an address of its own" },
        { "udp", can_receive_udp,
                        "get UDP datagrams from anybody, while a socket that has sent is open",
                        "get a datagram from the network" },
        { "abstract-sockets", can_reach_abstract, "connect to abstract Unix sockets of the host",
                        "connect to abstract Unix sockets of the host" },
        { "execute", can_execute_files, "execute files that it has written",
                        "execute files that it has written" },
        { "code", can_write_code, "run code that it has written to memory",
                        "run code that it has written to memory" },
        { "own-code", can_write_through_proc, "write into its own code, through /proc/self/mem",
                        "write into its own code, or anything else below /proc" },
        { "files", can_see_host, "see the files of the host, as its user may",
                        "see files of the host that are not named below" },
        { "processes", can_see_processes, "see other processes", "see other processes" },
        { "memory", can_read_processes, "read the memory of other processes of its user",
                        "read the memory or the environment of other processes" },
        { "signals", can_signal_siblings, "send signals to other instances",
                        "send signals to other instances" },
        { "privileges", can_get_privileges, "have or gain privileges", "have or gain privileges" },
        { "namespaces", can_make_namespaces, "make namespaces", "make namespaces" },
        { "kernel", can_change_kernel, "change settings of the kernel, as its user may",
                        "change settings, modules or control groups of the kernel" },
        { "devices", can_use_devices, "use devices, as its user may",
                        "use devices, but /dev/null and its like" },
        { "ipc", can_use_ipc, "use the System V IPC of the host",
                        "use the System V IPC of the host" },
};

/* --- sentences -------------------------------------------------------------------------------- */

static StrBuf *add(Sentences *s, const char *topic, bool can) {
        Sentence *i = &s->items[s->n++];

        *i = (Sentence){ .topic = topic, .can = can };
        return &i->text;
}

static void add_network(const Judging *j, Sentences *s) {
        CLEANUP(strbuf_done) StrBuf addresses = { 0 };
        StrBuf *text = add(s, "network", j->network);

        if (!j->network) {
                strbuf_append(text, "reach a network");
                return;
        }
        strbuf_append(text, j->view->streams ? "connect to others by TCP, and by TCP only"
                                             : "connect to others, by TCP and UDP");
        sandbox_view_words(j->view, "IPAddressAllow", &addresses);
        strbuf_inherit(text, &addresses);
        if (addresses.len > 0 && STREQ(sandbox_view_value(j->view, "IPAddressDeny"), "any"))
                strbuf_append_all(text, "; of addresses there are only ", strbuf_string(&addresses),
                                NULL);
}

/* A word of a list of paths, as "-+/path" or "/path:/there:norbind", without all but the path. */
static void append_path(const char *word, size_t n, StrBuf *b) {
        while (n > 0 && strchr("-+\"", *word)) {
                word++;
                n--;
        }
        strbuf_append_char(b, ' ');
        size_t path = strcspn(word, ":\"");
        strbuf_append_n(b, word, path < n ? path : n);
}

static void add_paths(const Judging *j, const char *key, const char *topic, const char *verb,
                Sentences *s) {
        CLEANUP(strbuf_done) StrBuf words = { 0 };

        sandbox_view_words(j->view, key, &words);
        if (words.len == 0)
                return;
        StrBuf *text = add(s, topic, true);
        strbuf_append(text, verb);
        strbuf_inherit(text, &words);
        for (const char *w = strbuf_string(&words); *w; w += strspn(w, " ")) {
                size_t n = *w == '"' ? 1 + strcspn(w + 1, "\"") + 1 : strcspn(w, " ");
                if (n > strlen(w))
                        n = strlen(w);
                append_path(w, n, text);
                w += n;
        }
}

static void add_user(const Judging *j, Sentences *s) {
        const char *user = sandbox_view_value(j->view, "User");
        bool dynamic = sandbox_view_is_on(j->view, "DynamicUser");
        StrBuf *text = add(s, "user", true);

        strbuf_append_all(text, "do what the user '",
                        *user     ? user
                        : dynamic ? "of the unit"
                                  : "root",
                        "' may",
                        dynamic ? "; without such an account it is one for this worker" : "", NULL);
}

void sentences_done(Sentences *s) {
        for (size_t i = 0; i < s->n; i++)
                strbuf_done(&s->items[i].text);
        s->n = 0;
}

int sentences_make(const SandboxView *v, long landlock_abi, Sentences *ret) {
        const Judging j = { .view = v,
                .landlock_abi = landlock_abi,
                .network = !sandbox_view_is_on(v, "PrivateNetwork") };
        int r = 0;

        ret->n = 0;
        add_network(&j, ret);
        for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
                bool can = statements[i].can(&j);
                strbuf_append(add(ret, statements[i].topic, can),
                                can ? statements[i].what_can : statements[i].what_cannot);
        }
        add_paths(&j, "BindPaths", "write", "write to", ret);
        add_paths(&j, "ReadWritePaths", "write", "write to", ret);
        add_paths(&j, "StateDirectory", "state", "write below /var/lib to", ret);
        add_paths(&j, "BindReadOnlyPaths", "read", "read", ret);
        add_user(&j, ret);
        for (size_t i = 0; i < ret->n; i++)
                if (strbuf_error(&ret->items[i].text) < 0)
                        r = -ENOMEM;
        if (r < 0)
                sentences_done(ret);
        return r;
}
