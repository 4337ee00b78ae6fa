/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-check.h"

#include <limits.h>

#include "manifest-attributes.h"
#include "text.h"
#include "worker-names.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool consists_of(const char *s, const char *first, const char *rest) {
        return *s && strchr(first, *s) && s[strspn(s, rest)] == '\0';
}

/* The mapping that describes the worker, under either of its names. */
static const Node *section_of(const Manifest *m) {
        return m->worker ? m->worker : m->spec;
}

/* Where an attribute of the worker is written. */
static Mark mark_of(const Manifest *m, const char *key) {
        const Node *section = section_of(m), *found = section ? node_find(section, key) : NULL;
        return found ? found->key->mark : m->mark;
}

static void check_version(const Manifest *m, Diagnostics *d) {
        bool v2 = m->version && STREQ(m->version, "v2alpha");
        const Node *wrong = v2 ? m->worker : m->spec;

        if (wrong && m->version)
                diagnose_error(d, "E-SECTION", wrong->key->mark,
                                "'%s' in a manifest of version '%s': it belongs to version '%s'; "
                                "write '%s' or change the version",
                                wrong->key->text, m->version, v2 ? "v1beta" : "v2alpha",
                                v2 ? "spec" : "worker");
        if (!section_of(m) || node_is_null(section_of(m)))
                diagnose_error(d, "E-NO-SECTION", m->mark,
                                "'%s' is missing: without that mapping there is nothing to run",
                                v2 ? "spec" : "worker");
        if (m->execution_mode)
                diagnose_note(d, "N-EXECUTION-MODE", mark_of(m, "executionMode"),
                                "'executionMode' is kept but has no meaning on a host");
}

/* --- stackSpec ------------------------------------------------------------------------------- */

static void check_spec_text(const Node *n, Diagnostics *d, bool *warned) {
        if (strstr(n->text, "${{"))
                diagnose_error(d, "E-PLACEHOLDER", n->mark,
                                "unfilled placeholder '%s': templates are not filled in here; "
                                "write the value itself",
                                n->text);
        else if (strstr(n->text, "${") && !*warned) {
                *warned = true;
                diagnose_warning(d, "W-STACKSPEC-INTERPOLATION", n->mark,
                                "'%s' is passed on as it is: nothing here fills in variables, the "
                                "stack has to",
                                n->text);
        }
}

static void check_stack_spec(const Manifest *m, Diagnostics *d) {
        bool warned = false;

        const Node *section = section_of(m),
                   *spec = section ? node_find(section, "stackSpec") : NULL;
        if (!section || section->kind != NODE_MAPPING)
                return;
        if (!m->stack_spec && spec && !node_is_null(spec))
                return; /* not a mapping: told already */
        if (!m->stack_spec || !m->stack_spec->first) {
                diagnose_warning(d, "W-EMPTY-STACKSPEC",
                                m->stack_spec_given ? m->stack_spec_mark : section->key->mark,
                                "'stackSpec' is %s: the stack starts without a configuration",
                                m->stack_spec_given ? "empty" : "missing");
                return;
        }

        NodeWalk w = node_walk(m->stack_spec);
        for (const Node *n; (n = node_walk_next(&w));) {
                if (n->key)
                        check_spec_text(n->key, d, &warned);
                if (n->kind == NODE_SCALAR)
                        check_spec_text(n, d, &warned);
        }
}

static void check_spec_alias(const Manifest *m, Diagnostics *d) {
        if (!m->stack_spec_alias || !m->stack)
                return;

        size_t n = strcspn(m->stack, "+:");
        if (strlen(m->stack_spec_alias) == n && strncmp(m->stack, m->stack_spec_alias, n) == 0)
                diagnose_warning(d, "W-DEPRECATED", m->stack_spec_mark,
                                "'%s' is a deprecated name of 'stackSpec'; rename it",
                                m->stack_spec_alias);
        else
                diagnose_error(d, "E-UNKNOWN", m->stack_spec_mark,
                                "'%s' is the configuration of another stack: the stack is '%s'; "
                                "write 'stackSpec'",
                                m->stack_spec_alias, m->stack);
}

/* --- resources and scaling ------------------------------------------------------------------- */

/* Above this systemd ignores CPUQuota=: it counts in hundredths of a percent, in an int. */
enum { CPU_LIMIT_MAX = 214748000 };

static void check_limit(
                const char *name, Quantity *request, const Quantity *limit, Diagnostics *d) {
        if (limit->given && limit->value == 0)
                diagnose_error(d, "E-RANGE", limit->mark,
                                "limit of %s is 0: nothing could run; leave it out for no limit",
                                name);
        if (request->given && limit->given && request->value > limit->value) {
                diagnose_warning(d, "W-REQUEST-OVER-LIMIT", request->mark,
                                "request of %s is above its limit: the limit is taken for both",
                                name);
                request->value = limit->value;
        }
}

static void check_utilization(const char *what, unsigned percentage, Mark mark,
                const Quantity *request, const Quantity *limit, Diagnostics *d) {
        if (percentage == 0)
                return;
        if (!request->given || request->value == 0) {
                diagnose_warning(d, "W-SCALING-WITHOUT-REQUEST", mark,
                                "no 'resources.requests.%s': the use has nothing to be a share of; "
                                "this target is not applied",
                                what);
                return;
        }
        if (limit->given
                        && (unsigned __int128) request->value * percentage
                                           >= (unsigned __int128) limit->value * 100)
                diagnose_warning(d, "W-TARGET-UNREACHABLE", mark,
                                "the limit of %s keeps the use below this target: it would never "
                                "be reached",
                                what);
        else if (percentage > 100)
                diagnose_warning(d, "W-TARGET-OVER-100", mark,
                                "more than the request: instances are added once they use more "
                                "than they asked for");
}

static void check_backlog(const Scaling *s, Diagnostics *d) {
        if (s->backlog_mark.line == 0)
                return;
        if (!s->backlog_plugin) {
                diagnose_error(d, "E-BACKLOG", s->backlog_mark,
                                "'backlog' names no plugin: add 'plugin: spool' or another one of "
                                "'" WORKERSDIR "/plugins'");
                return;
        }
        if (!consists_of(s->backlog_plugin, LOWER DIGITS, LOWER DIGITS "-_.")
                        || strlen(s->backlog_plugin) > NAME_MAX)
                diagnose_error(d, "E-BACKLOG", s->backlog_mark,
                                "'%s' is not the name of a plugin: expected letters a-z, digits, "
                                "'-', '_' and '.'",
                                s->backlog_plugin);
        for (const Item *i = s->backlog_settings.first; i; i = i->next)
                if (!consists_of(i->name, LOWER, LOWER UPPER DIGITS "-"))
                        diagnose_error(d, "E-BACKLOG", i->name_mark,
                                        "'%s' is not the name of a setting: it becomes the "
                                        "argument '--%s='; expected letters, digits and '-'",
                                        i->name, i->name);
}

static void check_scaling(Manifest *m, Diagnostics *d) {
        Scaling *s = &m->scaling;
        if (!s->given)
                return;

        if (!s->min_given)
                s->min_replicas = 1;
        const Node *max = node_find(s->node, "maxReplicas");
        if ((!max || node_is_null(max)) && !s->disabled)
                diagnose_error(d, "E-SCALING", s->mark,
                                "'maxReplicas' is missing: the number of instances needs an upper "
                                "bound");
        if (s->max_given && s->max_replicas < s->min_replicas)
                diagnose_error(d, "E-SCALING", s->max_mark,
                                "'maxReplicas' is %u, less than 'minReplicas' (%u): swap or "
                                "correct them",
                                s->max_replicas, s->min_replicas);
        const Node *backlog = node_find(s->node, "backlog");
        if (s->min_replicas == 0 && s->min_given && (!backlog || node_is_null(backlog)))
                diagnose_error(d, "E-SCALING", s->min_mark,
                                "'minReplicas' is 0 without 'backlog': nothing could tell that "
                                "work is waiting; add a backlog plugin or keep one instance");
        if (m->replicas > 0 && s->max_given && !s->disabled
                        && (m->replicas < s->min_replicas || m->replicas > s->max_replicas))
                diagnose_warning(d, "W-REPLICAS", m->replicas_mark,
                                "'replicas' is %u, outside 'minReplicas' to 'maxReplicas': scaling "
                                "decides",
                                m->replicas);

        check_backlog(s, d);
        check_utilization("cpu", s->cpu_percentage, s->cpu_mark, &m->resources.cpu_request,
                        &m->resources.cpu_limit, d);
        check_utilization("memory", s->memory_percentage, s->memory_mark,
                        &m->resources.memory_request, &m->resources.memory_limit, d);
}

static unsigned most_replicas(const Manifest *m) {
        unsigned fixed = m->replicas > 0 ? m->replicas : 1;
        return m->scaling.given && !m->scaling.disabled ? m->scaling.max_replicas : fixed;
}

static void check_high_availability(Manifest *m, Diagnostics *d) {
        HighAvailability *h = &m->ha;
        if (!h->given)
                return;

        if (h->tags_mark.line > 0)
                diagnose_warning(d, "W-HA-EXTRA", h->tags_mark,
                                "'tags' of 'highAvailabilityConfig' have no effect; the worker's "
                                "belong below 'worker'");
        if (h->replicas > 0 && m->replicas > 0 && h->replicas != m->replicas)
                diagnose_error(d, "E-HA-REPLICAS", h->replicas_mark,
                                "'replicas' is %u here and %u in 'worker': keep the latter",
                                h->replicas, m->replicas);
        else if (h->replicas > 0) {
                diagnose_warning(d, "W-HA-EXTRA", h->replicas_mark,
                                "'replicas' belongs below 'worker'; it is taken from here as there "
                                "is none");
                m->replicas = h->replicas;
        }

        if (most_replicas(m) <= 1 || !h->mode)
                return;
        if (h->required)
                diagnose_error(d, "E-HA", h->mark,
                                "separation by %s cannot be satisfied on a single host: use mode "
                                "'preferred', or one replica",
                                h->level ? h->level : "host");
        else
                diagnose_warning(d, "W-HA-SINGLE-HOST", h->mark, "all instances share this host");
}

/* --- environment, configuration, credentials ------------------------------------------------- */

static bool looks_secret(const char *name) {
        static const char *const suffixes[] = { "KEY", "TOKEN", "PASSWORD", "SECRET" };

        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
                if (endswith(name, suffixes[i]))
                        return true;
        return false;
}

/* They become one variable, and execve(2) takes no longer string than 128 KiB. */
static void check_tags(const Manifest *m, Diagnostics *d) {
        size_t size = 0;

        for (const Item *i = m->tags.first; i; i = i->next)
                size += strlen(i->text) + 1;
        if (size > STRING_SIZE_MAX)
                diagnose_error(d, "E-LIMIT", m->tags.first->mark,
                                "all tags together have %zu bytes: %d are the limit", size,
                                STRING_SIZE_MAX);
}

static void check_envs(const Manifest *m, Diagnostics *d) {
        for (const Item *i = m->envs.first; i; i = i->next) {
                if (!environment_name_is_valid(i->name))
                        diagnose_error(d, "E-ENV", i->name_mark,
                                        "'%s' is not the name of an environment variable: expected "
                                        "letters, digits and '_', not a digit first",
                                        i->name);
                else if (looks_secret(i->name))
                        diagnose_warning(d, "W-SECRET-ENV", i->name_mark,
                                        "'%s' looks like a secret: every local user can read the "
                                        "environment of a unit; use 'dataosSecrets'",
                                        i->name);
        }
}

static void check_file_name(const char *what, const char *name, Mark mark, Diagnostics *d) {
        if (!consists_of(name, LOWER UPPER DIGITS "_-.", LOWER UPPER DIGITS "_-.") || name[0] == '.'
                        || strlen(name) > NAME_MAX)
                diagnose_error(d, "E-FILE-NAME", mark,
                                "'%s' can't be %s: it becomes a file name; expected at most %d "
                                "letters, digits, '_', '-' and '.', the first not '.'",
                                name, what, NAME_MAX);
}

static void check_secrets(Manifest *m, Diagnostics *d) {
        for (Secret *s = m->secrets; s; s = s->next) {
                if (!s->all_keys_given)
                        s->all_keys = s->keys.n == 0;
                if (s->name)
                        check_file_name("the name of a secret", s->name, s->mark, d);
                for (const Item *k = s->keys.first; k; k = k->next)
                        check_file_name("a key of a secret", k->text, k->mark, d);
                if (s->workspace && !workspace_is_valid(s->workspace))
                        diagnose_error(d, "E-WORKSPACE", s->workspace_mark,
                                        "'%s' is not a valid workspace", s->workspace);
                else if (s->workspace && m->workspace && !STREQ(s->workspace, m->workspace))
                        diagnose_note(d, "N-SECRET-WORKSPACE", s->workspace_mark,
                                        "the secret is of workspace '%s', the worker of '%s'",
                                        s->workspace, m->workspace);
        }
        for (const Item *i = m->configs.first; i; i = i->next)
                check_file_name("the name of a configuration file", i->name, i->name_mark, d);
}

static void check_api_key(const Manifest *m, Diagnostics *d) {
        if (!m->api_key)
                return;
        if (m->api_key[strspn(m->api_key, "*")] == '\0')
                diagnose_warning(d, "W-MASKED-KEY", m->api_key_mark,
                                "the key is masked: write it to "
                                "'/etc/credstore/workers/%s/DATAOS_RUN_AS_APIKEY'",
                                m->workspace ?: "WORKSPACE");
        else if (m->source->public)
                diagnose_warning(d, "W-KEY-IN-CLEAR", m->api_key_mark,
                                "the key can be read by every user of this host: chmod 0600 the "
                                "manifest, or put the key into the credential store");
}

static void check_user(const Manifest *m, Diagnostics *d) {
        const char *u = m->run_as_user;
        if (!u)
                return;
        if (STREQ(u, "root") || u[strspn(u, "0")] == '\0')
                diagnose_error(d, "E-USER", m->run_as_user_mark,
                                "'%s' is refused: a worker never runs as root; name another user "
                                "or leave it out",
                                u);
        else if (strlen(u) > USER_NAME_MAX || !consists_of(u, LOWER "_", LOWER DIGITS "_-"))
                diagnose_error(d, "E-USER", m->run_as_user_mark,
                                "'%s' is not a user name: expected at most %d characters a-z, 0-9, "
                                "'_' and '-', not a digit first",
                                u, USER_NAME_MAX);
}

/* --- volumes --------------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *directory) {
        size_t n = strlen(directory);
        return strncmp(path, directory, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static void check_volumes(const Manifest *m, Diagnostics *d) {
        static const char *const kept[] = { "/etc", "/usr", "/proc", "/sys", "/dev", "/run" };

        for (const Volume *v = m->volumes; v; v = v->next) {
                if (v->name)
                        check_file_name("the name of a volume", v->name, v->mark, d);
                if (v->sub_path && !path_is_plain(v->sub_path))
                        diagnose_error(d, "E-VOLUMES", v->sub_path_mark,
                                        "'%s' is not a part of the volume: expected a path without "
                                        "'.', '..', ':', '\\' and '\"'",
                                        v->sub_path);
                if (!v->directory)
                        continue;
                if (STREQ(v->directory, "/") || !path_is_plain(v->directory))
                        diagnose_error(d, "E-VOLUMES", v->directory_mark,
                                        "'%s' is not a directory to mount on: expected a path "
                                        "without '.', '..', ':', '\\' and '\"'",
                                        v->directory);
                for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
                        if (is_below(v->directory, kept[i]))
                                diagnose_error(d, "E-VOLUMES", v->directory_mark,
                                                "'%s' is below '%s', which belongs to the system: "
                                                "choose another directory",
                                                v->directory, kept[i]);
        }
}

void manifest_check(Manifest *m, Reader *r) {
        Diagnostics *d = r->diagnostics;

        check_version(m, d);
        check_stack_spec(m, d);
        check_spec_alias(m, d);
        check_limit("cpu", &m->resources.cpu_request, &m->resources.cpu_limit, d);
        if (m->resources.cpu_limit.given && m->resources.cpu_limit.value > CPU_LIMIT_MAX)
                diagnose_error(d, "E-RANGE", m->resources.cpu_limit.mark,
                                "limit of cpu is above %d cores: leave it out for no limit",
                                CPU_LIMIT_MAX / 1000);
        check_limit("memory", &m->resources.memory_request, &m->resources.memory_limit, d);
        check_scaling(m, d);
        check_high_availability(m, d);
        check_tags(m, d);
        check_envs(m, d);
        check_secrets(m, d);
        check_api_key(m, d);
        check_user(m, d);
        check_volumes(m, d);
        if (m->watchdog_given && !m->notify)
                diagnose_warning(d, "W-WATCHDOG", mark_of(m, "watchdog"),
                                "'watchdog' without 'notify: true' has no effect: only a worker "
                                "that notifies can be watched");
}
