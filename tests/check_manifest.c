/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check_main.h"
#include "judge.h"

/* --- the resource --------------------------------------------------------------------------------
 */

#define WORKER "worker: {stack: exec, stackSpec: {command: [/usr/bin/true]}}\n"

typedef struct Row {
        const char *text, *codes;
} Row;

static void expect_rows(const Row *rows, size_t n) {
        for (size_t i = 0; i < n; i++)
                expect_codes(rows[i].text, rows[i].codes);
}

START_TEST(what_must_be_there_is_missed) {
        static const Row rows[] = {
                { MANIFEST_HEAD WORKER, "" },
                { "version: v1beta\ntype: worker\n" WORKER, "E-NO-NAME@1:1" },
                { "name: demo\ntype: worker\n" WORKER, "E-NO-VERSION@1:1" },
                { "name: demo\nversion: v1beta\n" WORKER, "E-NO-TYPE@1:1" },
                { "name:\nversion: ~\ntype: null\n" WORKER,
                                "E-NO-NAME@1:1 E-NO-VERSION@2:1 E-NO-TYPE@3:1" },
                { MANIFEST_HEAD, "E-NO-SECTION@1:1" },
                { MANIFEST_HEAD "worker:\n", "E-NO-SECTION@1:1" },
                { MANIFEST_HEAD "worker: {}\n", "E-NO-STACK@4:1 W-EMPTY-STACKSPEC@4:1" },
                { MANIFEST_HEAD "worker: {stack: , stackSpec: {command: [/usr/bin/true]}}\n",
                                "E-NO-STACK@4:10" },
                { MANIFEST_HEAD "worker: [a]\n", "E-TYPE@4:9" },
                { MANIFEST_HEAD "worker: text\n", "E-VALUE@4:9" },
                { "- a\n", "E-TYPE@1:1" },
                { "text\n", "E-TYPE@1:1" },
        };
        expect_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(attributes_of_the_resource_take_what_the_reference_says) {
        static const Row rows[] = {
                { MANIFEST_HEAD WORKER "workspace: media\ntags: [a, 'b c', 1.10]\n"
                                       "description: |\n  a\n  b\nowner: alice\nlayer: system\n",
                                "" },
                { "name: demo\nversion: v1\ntype: worker\n" WORKER, "E-VALUE@2:10" },
                { "name: x\nversion: v1beta\ntype: worker\n" WORKER, "E-NAME@1:7" },
                { "name: Demo\nversion: v1beta\ntype: worker\n" WORKER, "E-NAME@1:7" },
                { "name: [demo]\nversion: v1beta\ntype: worker\n" WORKER, "E-TYPE@1:7" },
                { MANIFEST_HEAD WORKER "workspace: 1a\n", "E-WORKSPACE@5:12" },
                { MANIFEST_HEAD WORKER "workspace: a.b\n", "E-WORKSPACE@5:12" },
                { MANIFEST_HEAD WORKER "layer: kernel\n", "E-VALUE@5:8" },
                { MANIFEST_HEAD WORKER "layer: User\n", "E-VALUE@5:8" },
                { MANIFEST_HEAD WORKER "tags: a\n", "E-VALUE@5:7" },
                { MANIFEST_HEAD WORKER "tags: {a: b}\n", "E-TYPE@5:7" },
                { MANIFEST_HEAD WORKER "tags: [[a]]\n", "E-TYPE@5:8" },
                { MANIFEST_HEAD WORKER "title: x\n", "W-META-TITLE@5:1" },
                { MANIFEST_HEAD WORKER "description: ~\nowner:\ntags: null\n", "" },
        };
        expect_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(another_type_is_told_and_nothing_else) {
        static const char *const types[]
                        = { "service", "workflow", "stack", "secret", "depot", "lens", "Service" };

        for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                strbuf_printf(&b, "name: x\nversion: v9\ntype: %s\nany: thing\nworker: {}\n",
                                types[i]);
                expect_codes(strbuf_string(&b), "E-OTHER-TYPE@3:7");
        }
        expect_codes("apiVersion: v1\nkind: Deployment\nmetadata: {}\n", "E-OTHER-TYPE@1:1");
        expect_codes("name: demo\nversion: v1beta\ntype: Worker\n" WORKER, "E-VALUE@3:7");
        expect_codes("name: demo\nversion: v1beta\ntype: [worker]\n" WORKER, "E-TYPE@3:7");
        expect_codes("name: demo\nversion: v1beta\ntype: '{{type}}'\n" WORKER, "E-PLACEHOLDER@3:7");
}
END_TEST

START_TEST(both_versions_have_their_own_section) {
        static const Row rows[] = {
                { "name: demo\nversion: v2alpha\ntype: worker\nspec: {stack: exec, stackSpec: "
                  "{command: [/usr/bin/true]}, executionMode: x}\n",
                                "N-EXECUTION-MODE@4:60" },
                { "name: demo\nversion: v2alpha\ntype: worker\n" WORKER, "E-SECTION@4:1" },
                { MANIFEST_HEAD "spec: {stack: exec, stackSpec: {command: [/usr/bin/true]}}\n",
                                "E-SECTION@4:1" },
        };
        expect_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

/* --- the worker ----------------------------------------------------------------------------------
 */

static void expect_worker_rows(const Row *rows, size_t n) {
        for (size_t i = 0; i < n; i++)
                expect_worker_codes(rows[i].text, rows[i].codes);
}

START_TEST(booleans_are_true_or_false) {
        static const Row rows[] = {
                { "  dryRun: true\n", "" },
                { "  dryRun: false\n", "" },
                { "  dryRun:\n", "" },
                { "  dryRun: yes\n", "E-VALUE@7:11" },
                { "  dryRun: True\n", "E-VALUE@7:11" },
                { "  dryRun: true/false\n", "E-VALUE@7:11" },
                { "  dryRun: \"true\"\n", "E-VALUE@7:11" },
                { "  dryRun: 1\n", "E-VALUE@7:11" },
                { "  dryRun: [true]\n", "E-TYPE@7:11" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(integers_are_decimal_digits_in_range) {
        static const Row rows[] = {
                { "  replicas: 1\n", "" },
                { "  replicas: 4096\n", "" },
                { "  replicas: 0\n", "E-RANGE@7:13" },
                { "  replicas: 4097\n", "E-RANGE@7:13" },
                { "  replicas: 99999999999999999999\n", "E-RANGE@7:13" },
                { "  replicas: -1\n", "E-VALUE@7:13" },
                { "  replicas: +1\n", "E-VALUE@7:13" },
                { "  replicas: 1.0\n", "E-VALUE@7:13" },
                { "  replicas: 0x1\n", "E-VALUE@7:13" },
                { "  replicas: '1'\n", "E-VALUE@7:13" },
                { "  replicas: one\n", "E-VALUE@7:13" },
                { "  replicas: {a: b}\n", "E-TYPE@7:13" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(words_are_those_of_the_table) {
        static const Row rows[] = {
                { "  logLevel: debug\n", "" },
                { "  logLevel: Warning\n", "" },
                { "  logLevel: 'INFO'\n", "" },
                { "  logLevel: trace\n", "E-VALUE@7:13" },
                { "  logLevel: [INFO]\n", "E-TYPE@7:13" },
                { "  highAvailabilityConfig: {level: rack}\n", "E-VALUE@7:35" },
                { "  highAvailabilityConfig: {level: Zone}\n", "E-VALUE@7:35" },
                { "  sandbox: {network: udp}\n", "E-VALUE@7:22" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(time_spans_and_numbers_are_what_systemd_and_people_write) {
        static const Row rows[] = {
                { "  drainTimeout: 90\n", "" },
                { "  drainTimeout: 1min 30s\n", "" },
                { "  drainTimeout: '1.5h'\n", "" },
                { "  drainTimeout: infinity\n", "" },
                { "  drainTimeout: soon\n", "E-VALUE@7:17" },
                { "  drainTimeout: -1s\n", "E-VALUE@7:17" },
                { "  autoScaling: {maxReplicas: 2, targetThroughput: 0.5}\n", "" },
                { "  autoScaling: {maxReplicas: 2, targetThroughput: 0}\n", "E-VALUE@7:51" },
                { "  autoScaling: {maxReplicas: 2, targetThroughput: fast}\n", "E-VALUE@7:51" },
                { "  autoScaling: {maxReplicas: 2, targetThroughput: -1}\n", "E-VALUE@7:51" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(quantities_have_the_units_of_kubernetes) {
        static const Row rows[] = {
                { "  resources: {requests: {cpu: 250m, memory: 1Gi}, limits: {}}\n", "" },
                { "  resources: {}\n", "" },
                { "  resources: {limits: {cpu: 1.0001}}\n", "E-VALUE@7:29" },
                { "  resources: {limits: {memory: 128MB}}\n", "E-VALUE@7:32" },
                { "  resources: {limits: {memory: 16E}}\n", "E-RANGE@7:32" },
                { "  resources: {limits: {gpu: 1}}\n", "E-UNKNOWN@7:24" },
                { "  resources: {limits: {cpu: 0}}\n", "E-RANGE@7:29" },
                { "  resources: {limits: {memory: 0}}\n", "E-RANGE@7:32" },
                { "  resources: {requests: {cpu: 0, memory: 0}}\n", "" },
                { "  resources: {requests: {cpu: 2}, limits: {cpu: 1}}\n",
                                "W-REQUEST-OVER-LIMIT@7:31" },
                /* systemd ignores a larger CPUQuota=, so there would be no limit at all */
                { "  resources: {limits: {cpu: 214748}}\n", "" },
                { "  resources: {limits: {cpu: 214749}}\n", "E-RANGE@7:29" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(lists_and_mappings_are_told_apart) {
        static const Row rows[] = {
                { "  envs: {A: 1, b_2: '', _C: , D: true}\n", "" },
                { "  envs: [A]\n", "E-TYPE@7:9" },
                { "  envs: A=1\n", "E-VALUE@7:9" },
                { "  envs: {A: {b: c}}\n", "E-TYPE@7:13" },
                { "  envs: {A: [b, c]}\n", "E-TYPE@7:13" },
                { "  envs: {1A: x, a-b: y, '': z}\n", "E-ENV@7:10 E-ENV@7:17 E-ENV@7:25" },
                { "  configs: {a.conf: [b]}\n", "E-TYPE@7:21" },
                { "  resources: [a]\n", "E-TYPE@7:14" },
                { "  dataosSecrets: {name: a}\n", "E-TYPE@7:18" },
                { "  dataosSecrets: [a]\n", "E-VALUE@7:19" },
                { "  topology: [{name: a, type: b, doc: c, properties: {p: q}, dependencies: "
                  "[d]}]\n",
                                "" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(an_unknown_key_is_told_with_what_was_meant) {
        static const struct {
                const char *lines, *message;
        } rows[] = {
                { "  replica: 3\n", "unknown key 'replica' in 'worker': did you mean 'replicas'?" },
                { "  workspace: a\n", "unknown key 'workspace' in 'worker': it belongs to 'the "
                                      "manifest'; "
                                      "check the indentation" },
                { "  maxReplicas: 2\n", "unknown key 'maxReplicas' in 'worker': it belongs to "
                                        "'autoScaling'; check the indentation" },
                { "  autoScaling:\n  input: 1\n",
                                "unknown key 'input' in 'worker': the 'autoScaling:' before it is "
                                "empty; indent what belongs to it" },
                { "  autoScaling: {max: 3}\n",
                                "unknown key 'max' in 'autoScaling': did you mean 'maxReplicas'?" },
                { "  notif: true\n  drain: 3\n",
                                "unknown key 'drain' in 'worker': did you mean 'drainTimeout'?" },
                { "  nonsense: 1\n",
                                "unknown key 'nonsense' in 'worker': it would be ignored; remove "
                                "it or correct its name" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                CLEANUP(judgment_done) Judgment j;
                strbuf_printf(&b, WORKER_HEAD "%s", rows[i].lines);
                judge(&j, strbuf_string(&b));
                ck_assert_msg(strstr(strbuf_string(&j.messages), rows[i].message), "%s",
                                strbuf_string(&j.messages));
        }
}
END_TEST

/* The command is looked at once the stack is known, which needs nothing that is wrong elsewhere. */
START_TEST(mistakes_of_the_command_are_told_with_the_others) {
        expect_codes(MANIFEST_HEAD "worker:\n  stack: exec\n  replicas: none\n"
                                   "  stackSpec: {command: /usr/bin/true, args: [a]}\n",
                        "E-VALUE@6:13 E-TYPE@7:24 E-UNKNOWN@7:39");
        /* nor is anything told twice */
        expect_codes(MANIFEST_HEAD "worker:\n  stack: exec\n  replicas: none\n  stackSpec: [a]\n",
                        "E-VALUE@6:13 E-TYPE@7:14");
        expect_worker_codes("  autoScaling: {minReplicas: 0, maxReplicas: 2, backlog: redis}\n",
                        "E-VALUE@7:58");
}
END_TEST

START_TEST(a_port_is_refused_and_the_reason_told) {
        static const char *const names[] = { "port", "ports", "servicePort", "servicePorts",
                "targetPort", "ingress", "hostname" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                CLEANUP(strbuf_done) StrBuf b = { 0 };
                strbuf_printf(&b, "  %s: 8080\n", names[i]);
                expect_worker_codes(strbuf_string(&b), "E-REFUSED@7:3");
                strbuf_clear(&b);
                strbuf_printf(&b, "  %s:\n", names[i]);
                expect_worker_codes(strbuf_string(&b), "E-REFUSED@7:3");
        }
}
END_TEST

START_TEST(templates_are_never_filled_in) {
        static const Row rows[] = {
                { "  title: ${{title}}\n", "E-PLACEHOLDER@7:10" },
                { "  title: '{{title}}'\n", "E-PLACEHOLDER@7:10" },
                { "  title: a ${TITLE}\n", "E-PLACEHOLDER@7:10" },
                { "  title: $TITLE {a}\n", "" },
                { "  replicas: ${{n}}\n", "E-PLACEHOLDER@7:13" },
                { "  envs: '{{envs}}'\n", "E-PLACEHOLDER@7:9" },
                { "  envs: {A: '{{a}}'}\n", "E-PLACEHOLDER@7:13" },
                { "  resources: ${{r}}\n", "E-PLACEHOLDER@7:14" },
                { "  tags: ['${{a}}']\n", "E-PLACEHOLDER@7:10" },
                { "  ${{a}}: b\n", "E-PLACEHOLDER@7:3" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));

        static const Row specs[] = {
                { MANIFEST_HEAD "worker:\n  stack: exec\n"
                                "  stackSpec: {command: [/usr/bin/true, '${A}', '${B}']}\n",
                                "W-STACKSPEC-INTERPOLATION@6:40" },
                { MANIFEST_HEAD "worker:\n  stack: exec\n"
                                "  stackSpec: {command: [/usr/bin/true, '${{A}}']}\n",
                                "E-PLACEHOLDER@6:40" },
        };
        expect_rows(specs, ARRAY_SIZE(specs));
}
END_TEST

START_TEST(text_that_no_unit_can_carry_is_refused) {
        static const Row rows[] = {
                { "  title: \"a\\0b\"\n", "E-CONTROL@7:10" },
                { "  title: \"a\\x1b[31m\"\n", "E-CONTROL@7:10" },
                { "  title: \"a\\rb\"\n", "E-CONTROL@7:10" },
                { "  title: \"a\\nb\\tc\"\n", "" },
                { "  envs: {A: \"\\x7f\"}\n", "E-CONTROL@7:13" },
                { "  envs: {\"A\\x01\": b}\n", "E-CONTROL@7:10" },
                { "  tags: [\"\\N\"]\n", "E-CONTROL@7:10" },
                { "  \"titl\\0e\": b\n", "E-CONTROL@7:3 E-UNKNOWN@7:3" },
                { "  \"title\\0\": b\n", "E-CONTROL@7:3" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

/* --- attributes that hang together
 * ----------------------------------------------------------------- */

START_TEST(a_stack_specification_is_a_mapping_under_one_name) {
        static const Row rows[] = {
                { MANIFEST_HEAD "worker: {stack: exec}\n", "W-EMPTY-STACKSPEC@4:1 E-COMMAND@4:17" },
                { MANIFEST_HEAD "worker: {stack: exec, stackSpec: }\n",
                                "W-EMPTY-STACKSPEC@4:23 E-COMMAND@4:23" },
                { MANIFEST_HEAD "worker: {stack: exec, stackSpec: [a]}\n", "E-TYPE@4:34" },
                { MANIFEST_HEAD "worker: {stack: exec, stackSpec: a}\n", "E-VALUE@4:34" },
                { MANIFEST_HEAD "worker: {stack: exec, bento: {command: [/usr/bin/true]}}\n",
                                "E-UNKNOWN@4:23" },
                { MANIFEST_HEAD "worker: {stack: exec, stackSpec: {command: [/usr/bin/true]}, "
                                "flare: {a: b}}\n",
                                "E-TWICE@4:62 E-UNKNOWN@4:62" },
                { MANIFEST_HEAD "worker: {stack: container, container: {a: b}}\n",
                                "E-NO-SUCH-STACK@4:17 W-DEPRECATED@4:28" },
        };
        expect_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(a_stack_specification_may_have_the_name_of_its_stack) {
        static const char *const names[] = { "flare", "bento", "benthos", "beacon", "scanner",
                "container", "alpha", "toolbox" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                CLEANUP(strbuf_done) StrBuf own = { 0 }, other = { 0 }, codes = { 0 };

                /* none of these stacks is installed in this test */
                strbuf_printf(&own, MANIFEST_HEAD "worker: {stack: %s, %s: {a: b}}\n", names[i],
                                names[i]);
                strbuf_printf(&codes, "E-NO-SUCH-STACK@4:17 W-DEPRECATED@4:%zu",
                                strlen("worker: {stack: , ") + strlen(names[i]) + 1);
                expect_codes(strbuf_string(&own), strbuf_string(&codes));

                strbuf_printf(&other, MANIFEST_HEAD "worker: {stack: exec, %s: {a: b}}\n",
                                names[i]);
                expect_codes(strbuf_string(&other), "E-UNKNOWN@4:23");
        }
}
END_TEST

START_TEST(scaling_has_bounds_that_fit) {
        static const Row rows[] = {
                { "  autoScaling: {maxReplicas: 4}\n", "" },
                { "  autoscaling: {minReplicas: 2, maxReplicas: 4}\n", "" },
                { "  autoScaling: {maxReplicas: 4}\n  autoscaling: {maxReplicas: 4}\n",
                                "E-TWICE@8:3" },
                { "  autoScaling: {minReplicas: 1}\n", "E-SCALING@7:3" },
                { "  autoScaling: {maxReplicas: }\n", "E-SCALING@7:3" },
                { "  autoScaling: {maxReplicas: many}\n", "E-VALUE@7:30" },
                { "  autoScaling: {enabled: false}\n", "" },
                { "  autoScaling: {minReplicas: 5, maxReplicas: 4}\n", "E-SCALING@7:46" },
                { "  autoScaling: {enabled: false, minReplicas: 5, maxReplicas: 4}\n",
                                "E-SCALING@7:62" },
                { "  autoScaling: {minReplicas: 0, maxReplicas: 4}\n", "E-SCALING@7:30" },
                { "  autoScaling: {minReplicas: 0, maxReplicas: 4, backlog: {plugin: spool}}\n",
                                "" },
                { "  replicas: 5\n  autoScaling: {maxReplicas: 4}\n", "W-REPLICAS@7:13" },
                { "  replicas: 5\n  autoScaling: {enabled: false, maxReplicas: 4}\n", "" },
                { "  autoScaling: {maxReplicas: 4, minReplica: 1}\n", "E-UNKNOWN@7:33" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(a_backlog_names_its_plugin) {
        static const Row rows[] = {
                { "  autoScaling: {maxReplicas: 4, backlog: {plugin: redis-2, key: a, db-no: 1}}\n",
                                "" },
                { "  autoScaling: {maxReplicas: 4, backlog: {}}\n", "E-BACKLOG@7:33" },
                { "  autoScaling: {maxReplicas: 4, backlog: {key: a}}\n", "E-BACKLOG@7:33" },
                { "  autoScaling: {maxReplicas: 4, backlog: {plugin: ../x}}\n", "E-BACKLOG@7:33" },
                { "  autoScaling: {maxReplicas: 4, backlog: {plugin: a/b}}\n", "E-BACKLOG@7:33" },
                { "  autoScaling: {maxReplicas: 4, backlog: {plugin: a, 'x=y': 1, -a: 2}}\n",
                                "E-BACKLOG@7:54 E-BACKLOG@7:64" },
                { "  autoScaling: {maxReplicas: 4, backlog: spool}\n", "E-VALUE@7:42" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(utilization_needs_its_request) {
        static const Row rows[] = {
                { "  autoScaling: {maxReplicas: 4, targetCPUUtilizationPercentage: 80}\n"
                  "  resources: {requests: {cpu: 1}}\n",
                                "" },
                { "  autoScaling: {maxReplicas: 4, targetCPUUtilizationPercentage: 80}\n",
                                "W-SCALING-WITHOUT-REQUEST@7:65" },
                { "  autoScaling: {maxReplicas: 4, targetMemoryUtilizationPercentage: 120}\n"
                  "  resources: {requests: {memory: 1}}\n",
                                "W-TARGET-OVER-100@7:68" },
                { "  autoScaling: {maxReplicas: 4, targetCPUUtilizationPercentage: 100}\n"
                  "  resources: {requests: {cpu: 1}, limits: {cpu: 1}}\n",
                                "W-TARGET-UNREACHABLE@7:65" },
                { "  autoScaling: {maxReplicas: 4, targetCPUUtilizationPercentage: 99}\n"
                  "  resources: {requests: {cpu: 1}, limits: {cpu: 1}}\n",
                                "" },
                { "  autoScaling: {maxReplicas: 4, targetCPUUtilizationPercentage: 0}\n",
                                "E-RANGE@7:65" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(one_host_is_highly_available_as_far_as_it_goes) {
        static const Row rows[] = {
                { "  highAvailabilityConfig: {level: zone, mode: required}\n", "" },
                { "  highAvailabilityConfig: {level: zone, mode: preferred}\n", "" },
                { "  replicas: 2\n  highAvailabilityConfig: {level: zone, mode: preferred}\n",
                                "W-HA-SINGLE-HOST@8:3" },
                { "  replicas: 2\n  highAvailabilityConfig: {level: zone, mode: required}\n",
                                "E-HA@8:3" },
                { "  autoScaling: {maxReplicas: 2}\n  highAvailabilityConfig: {mode: required}\n",
                                "E-HA@8:3" },
                { "  autoScaling: {enabled: false, maxReplicas: 2}\n"
                  "  highAvailabilityConfig: {mode: required}\n",
                                "" },
                { "  highAvailabilityConfig: {replicas: 2}\n", "W-HA-EXTRA@7:28" },
                { "  replicas: 2\n  highAvailabilityConfig: {replicas: 2}\n", "W-HA-EXTRA@8:28" },
                { "  replicas: 2\n  highAvailabilityConfig: {replicas: 3}\n",
                                "E-HA-REPLICAS@8:28" },
                { "  highAvailabilityConfig: {tags: [a]}\n", "W-HA-EXTRA@7:28" },
                { "  highAvailabilityConfig: {stack: a}\n", "E-UNKNOWN@7:28" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(a_worker_runs_as_no_root) {
        static const Row rows[] = {
                { "  runAsUser: alice\n", "" },
                { "  runAsUser: _apt-2\n", "" },
                { "  runAsUser: root\n", "E-USER@7:14" },
                { "  runAsUser: 0\n", "E-USER@7:14" },
                { "  runAsUser: '000'\n", "E-USER@7:14" },
                { "  runAsUser: ''\n", "E-USER@7:14" },
                { "  runAsUser: 1000\n", "E-USER@7:14" },
                { "  runAsUser: a.b\n", "E-USER@7:14" },
                { "  runAsUser: a23456789012345678901234567890b\n", "" },
                { "  runAsUser: a23456789012345678901234567890bc\n", "E-USER@7:14" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(secrets_become_file_names) {
        static const Row rows[] = {
                { "  dataosSecrets: [{name: ../a}]\n", "E-FILE-NAME@7:26" },
                { "  dataosSecrets: [{name: a, keys: ['b/c']}]\n", "E-FILE-NAME@7:36" },
                { "  dataosSecrets: [{name: a, key: .b}]\n", "E-FILE-NAME@7:34" },
                { "  dataosSecrets: [{key: b}]\n", "E-SECRET@7:19" },
                { "  dataosSecrets: [{name: a, workspace: B}]\n", "E-WORKSPACE@7:40" },
                { "  dataosSecrets: [{name: a, consumptionType: mount}]\n", "E-VALUE@7:46" },
                { "  dataosSecrets: [{name: a, allKeys: yes}]\n", "E-VALUE@7:38" },
                { "  configs: {'a/b': c}\n", "E-FILE-NAME@7:13" },
                { "  configs: {a: /etc/a.conf, b: ./b.conf, c: d/c.conf, d: text}\n", "" },
                { "  configs: {a: ../a.conf}\n", "E-PATH@7:16" },
                { "  configs: {a: /etc//a.conf}\n", "E-PATH@7:16" },
                { "  configs: {a: '/etc/a.conf '}\n", "E-PATH@7:16" },
                { "  configs: {a: /etc/}\n", "E-PATH@7:16" },
                { "  envs: {DB_PASSWORD: x}\n", "W-SECRET-ENV@7:10" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

/* systemd ignores a credential that it can't name, and starts nothing that has too large ones. */
START_TEST(credentials_are_as_long_as_systemd_takes_them) {
        CLEANUP(strbuf_done) StrBuf name = { 0 }, lines = { 0 };

        for (unsigned i = 0; i < 200; i++)
                strbuf_append_char(&name, 'x');
        strbuf_printf(&lines, "  dataosSecrets: [{name: %s}, {name: a, key: %s}]\n",
                        strbuf_string(&name), strbuf_string(&name));
        expect_worker_codes(strbuf_string(&lines), "W-NO-SECRET@7:26 W-NO-SECRET@7:244");
        strbuf_clear(&lines);
        strbuf_printf(&lines, "  dataosSecrets: [{name: %s, key: %s}]\n", strbuf_string(&name),
                        strbuf_string(&name));
        expect_worker_codes(strbuf_string(&lines), "W-NO-SECRET@7:233 E-FILE-NAME@7:233");
        strbuf_clear(&lines);
        strbuf_printf(&lines, "  dataosVolumes: [{directory: /d, name: %s%s}]\n",
                        strbuf_string(&name), strbuf_string(&name));
        expect_worker_codes(strbuf_string(&lines), "E-FILE-NAME@7:41");
}
END_TEST

START_TEST(volumes_stay_where_they_belong) {
        static const Row rows[] = {
                { "  dataosVolumes: [{name: a, directory: /data, readOnly: true, subPath: x/y}]\n",
                                "" },
                { "  persistentVolume: {name: a, directory: relative}\n  tempVolume: t\n", "" },
                { "  dataosVolumes: [{name: a}]\n", "E-VOLUMES@7:19" },
                { "  dataosVolumes: [{directory: /data}]\n", "E-VOLUMES@7:19" },
                { "  dataosVolumes: [{name: a, directory: /data/../etc}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: ''}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: /}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: /etc/x}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: //etc/x}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: /./etc/x}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: /etcetera}]\n", "" },
                { "  dataosVolumes: [{name: a, directory: /run}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a, directory: /a, subPath: ../b}]\n",
                                "E-VOLUMES@7:53" },
                { "  dataosVolumes: [{name: a, directory: /a, subPath: 'x:y'}]\n",
                                "E-VOLUMES@7:53" },
                { "  dataosVolumes: [{name: a, directory: \"/a\\nb\"}]\n", "E-VOLUMES@7:40" },
                { "  dataosVolumes: [{name: a/b, directory: /a}]\n", "E-FILE-NAME@7:26" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(a_watchdog_needs_notifications) {
        static const Row rows[] = {
                { "  notify: true\n  watchdog: 10s\n", "" },
                { "  watchdog: 10s\n", "W-WATCHDOG@7:3" },
        };
        expect_worker_rows(rows, ARRAY_SIZE(rows));
}
END_TEST

/* --- several documents
 * ------------------------------------------------------------------------------ */

START_TEST(each_document_is_judged_alone) {
        CLEANUP(judgment_done) Judgment j;

        judge(&j, "name: one\nversion: v1beta\ntype: worker\n" WORKER "---\n"
                  "name: two\nversion: v1beta\ntype: worker\nworker: {stack: exec, a: b}\n---\n"
                  "# nothing\n---\n"
                  "name: three\nversion: v1beta\ntype: worker\n" WORKER "---\n");
        ck_assert_uint_eq(j.generator.n_accepted, 2);
        ck_assert_uint_eq(j.generator.n_refused, 1);
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-one@.service"));
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-two-refused.service"));
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-three@.service"));
}
END_TEST

START_TEST(what_follows_a_syntax_error_is_refused_with_it) {
        CLEANUP(judgment_done) Judgment j;

        judge(&j, "name: one\nversion: v1beta\ntype: worker\n" WORKER "---\n"
                  "name: two\nversion: v1beta\n\tx: y\n---\n"
                  "name: three\n");
        ck_assert_str_eq(strbuf_string(&j.codes), "E-YAML-SYNTAX@8:1");
        ck_assert_uint_eq(j.generator.n_accepted, 1);
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-two-refused.service"));
}
END_TEST

START_TEST(a_problem_without_a_place_refuses_what_was_being_read) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(judgment_done) Judgment j;

        /* longer than what libyaml reads ahead, so that it meets the bad byte in the second one */
        strbuf_append(&b, "name: one\nversion: v1beta\ntype: worker\n" WORKER "---\n"
                          "name: two\ndescription: |\n");
        for (unsigned i = 0; i < 20000; i++)
                strbuf_append(&b, "  text\n");
        strbuf_append(&b, "  \xff\n");
        judge(&j, strbuf_string(&b));
        ck_assert_uint_eq(j.generator.n_refused, 1);
        ck_assert_uint_eq(j.generator.n_accepted, 1);
        ck_assert_ptr_nonnull(judgment_unit(&j, "worker-one@.service"));
}
END_TEST

START_TEST(too_many_problems_refuse_what_was_not_told) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(judgment_done) Judgment j;

        strbuf_append(&b, "name: one\nversion: v1beta\ntype: worker\n" WORKER);
        for (unsigned i = 0; i < 1500; i++)
                strbuf_append(&b, "owner: x\n");
        strbuf_append(&b, "---\nname: two\nversion: v1beta\ntype: worker\n" WORKER
                          "owner: *alias\n---\nname: three\n\tx\n");
        judge(&j, strbuf_string(&b));
        ck_assert_uint_eq(j.generator.n_accepted, 0);
        ck_assert_uint_eq(j.generator.n_refused, 3);
}
END_TEST

START_TEST(a_name_is_taken_by_the_first) {
        CLEANUP(judgment_done) Judgment j;

        judge(&j, MANIFEST_HEAD WORKER "---\n" MANIFEST_HEAD WORKER "---\n" MANIFEST_HEAD
                                       "workspace: other\n" WORKER);
        ck_assert_str_eq(strbuf_string(&j.codes), "E-NAME-TAKEN@6:7");
        ck_assert_ptr_nonnull(strstr(strbuf_string(&j.messages), MANIFEST_PATH ":1"));
        ck_assert_uint_eq(j.generator.n_accepted, 2);
        ck_assert_ptr_null(judgment_unit(&j, "worker-demo-refused.service"));
}
END_TEST

CHECK_MAIN("manifest", TEST(what_must_be_there_is_missed),
                TEST(attributes_of_the_resource_take_what_the_reference_says),
                TEST(another_type_is_told_and_nothing_else),
                TEST(both_versions_have_their_own_section), TEST(booleans_are_true_or_false),
                TEST(integers_are_decimal_digits_in_range), TEST(words_are_those_of_the_table),
                TEST(time_spans_and_numbers_are_what_systemd_and_people_write),
                TEST(quantities_have_the_units_of_kubernetes),
                TEST(lists_and_mappings_are_told_apart),
                TEST(an_unknown_key_is_told_with_what_was_meant),
                TEST(mistakes_of_the_command_are_told_with_the_others),
                TEST(a_port_is_refused_and_the_reason_told), TEST(templates_are_never_filled_in),
                TEST(text_that_no_unit_can_carry_is_refused),
                TEST(a_stack_specification_is_a_mapping_under_one_name),
                TEST(a_stack_specification_may_have_the_name_of_its_stack),
                TEST(scaling_has_bounds_that_fit), TEST(a_backlog_names_its_plugin),
                TEST(utilization_needs_its_request),
                TEST(one_host_is_highly_available_as_far_as_it_goes),
                TEST(a_worker_runs_as_no_root), TEST(secrets_become_file_names),
                TEST(credentials_are_as_long_as_systemd_takes_them),
                TEST(volumes_stay_where_they_belong), TEST(a_watchdog_needs_notifications),
                TEST(each_document_is_judged_alone),
                TEST(what_follows_a_syntax_error_is_refused_with_it),
                TEST(a_problem_without_a_place_refuses_what_was_being_read),
                TEST(too_many_problems_refuse_what_was_not_told),
                TEST(a_name_is_taken_by_the_first))
