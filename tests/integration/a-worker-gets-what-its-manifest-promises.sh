#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

mkdir "$MANIFESTS/stacks" "$MANIFESTS/compute"
echo "MemoryMax=1G" >"$MANIFESTS/compute/small.conf"
echo "beside the manifest" >"$MANIFESTS/beside.txt"
cat >"$MANIFESTS/stacks/probe.yaml" <<'EOF'
name: probe
version: v1alpha
type: stack
stack:
  name: probe
  version: "1.0"
  reconciler: none
  command: [/bin/sleep, infinity]
  environmentVars: {FROM_STACK: stack, OVERRIDDEN: stack}
  secretProjection: {type: envVars}
  workerConfig:
    configFileTemplate: |
      probe.yaml: |
      {{ toYaml .ApplicationSpec.StackSpec | indent 2 }}
      level: {{ .ApplicationSpec.LogLevel }} of {{.Name}}
EOF
manifest first <<'EOF'
name: first
version: v1beta
type: worker
worker: {stack: exec, stackSpec: {command: [/bin/sleep, infinity]}}
EOF
manifest promised <<'EOF'
name: promised
version: v1beta
type: worker
tags: [one]
description: "50% of $HOME\nsecond line"
worker:
  tags: [two]
  replicas: 2
  stack: probe
  logLevel: debug
  stackSpec:
    text: "30"
    number: 30
    block: |
      line 1
        line 2
  envs:
    OVERRIDDEN: manifest
    HOSTILE: "a\"b\\c $HOME %n\tx\ny"
  configs: {beside.txt: beside.txt, inline.txt: written in the manifest}
  compute: small
  resources:
    requests: {cpu: 250m, memory: 64Mi}
    limits: {cpu: 500m, memory: 128M}
  dataosSecrets:
    - {name: db}
    - {name: mail, keys: [USER, PASSWORD], consumptionType: propFile}
    - {name: tls, key: cert.pem, consumptionType: file}
  dataosVolumes:
    - {name: data, directory: data}
    - {name: data, directory: /srv/data, readOnly: true}
  tempVolume: scratch
  runAsApiKey: very-secret
  drainTimeout: 7s
  topology:
    - {name: step, dependencies: [first]}
EOF
boot

store() {
        printf '%s\n' "$2" | in_container sh -c "mkdir -p '/etc/credstore/workers/public/${1%/*}' && cat >'/etc/credstore/workers/public/$1'"
}
store db/DB_URL redis://example
store mail/USER someone
store mail/PASSWORD 'p=a"ss'
store tls/cert.pem certificate
in_container systemctl restart worker-promised.target

unit=worker-promised@1.service
assert_soon "the first instance runs" 20 in_container systemctl is-active --quiet $unit
assert_soon "and the second" 20 in_container systemctl is-active --quiet worker-promised@2.service

# inside N COMMAND...: as the instance sees it
inside() {
        local pid
        pid=$(property "worker-promised@$1.service" MainPID)
        shift
        in_container nsenter --target "$pid" --mount --root --wd --setuid "$(in_container stat -c %u "/proc/$pid")" \
                --setgid "$(in_container stat -c %g "/proc/$pid")" -- "$@"
}
variable() {
        in_container cat "/proc/$(property $unit MainPID)/environ" | tr '\0\n' '\n~' | sed -n "s/^$1=//p"
}
credential() {
        inside 1 cat "/run/credentials/$unit/$1"
}

assert_equal "a variable of the stack" stack "$(variable FROM_STACK)"
assert_equal "envs come after those of the stack" manifest "$(variable OVERRIDDEN)"
assert_equal "a value is passed on as it is" "a\"b\\c \$HOME %n"$'\t'"x~y" "$(variable HOSTILE)"
assert_equal "the whole description" "50% of \$HOME~second line" "$(variable DATAOS_DESCRIPTION)"
assert_equal "its first line is the unit's" "50% of \$HOME" "$(property $unit Description)"
assert_equal "the user that it runs as" "u $(property $unit UID)" \
        "$(in_container busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
                org.freedesktop.systemd1.Manager LookupDynamicUserByName s "$(variable DATAOS_RUN_AS_USER)")"
assert_equal "tags of resource and worker" "one,two" "$(variable DATAOS_TAGS)"
assert_equal "the log level" DEBUG "$(variable LOG_LEVEL)"
assert_equal "a resource id" worker:v1beta:promised:public "$(variable DATAOS_RESOURCE_ID)"
assert_equal "the number of the instance" -1 "$(variable DATAOS_STAMP)"
assert_equal "a secret's key as a variable" redis://example "$(variable DB_URL)"
assert_equal "the invocation as DATAOS_UID" "$(property $unit InvocationID)" "$(variable DATAOS_UID)"

assert_equal "the configuration of the stack's template" 'text: "30"
number: 30
block: |
  line 1
    line 2' "$(credential probe.yaml)"
assert_equal "a value beside it" "DEBUG of promised" "$(credential level)"
assert_equal "a configuration file from beside the manifest" "beside the manifest" "$(credential beside.txt)"
assert_equal "one that is written in the manifest" "written in the manifest" "$(credential inline.txt)"
assert_equal "a secret as a file" certificate "$(credential tls_cert.pem)"
assert_equal "the API key" very-secret "$(credential DATAOS_RUN_AS_APIKEY)"
assert_equal "a secret as a property file" 'USER=someone
PASSWORD=p=a"ss' "$(inside 1 cat /run/worker-secrets/mail)"
assert_not "the API key stands in no unit" in_container grep -rq very-secret /run/systemd/generator/worker-promised@.service
assert_equal "nor can others read it" "drwx------" \
        "$(in_container stat -c %A /run/systemd/generator/worker-promised.d)"

assert "a volume can be written" inside 1 sh -c 'echo shared >/var/dataos/persistent_data/data/file'
assert_equal "the other instance sees what is written to a volume" shared \
        "$(inside 2 cat /var/dataos/persistent_data/data/file)"
assert_equal "and its read-only side, too" shared "$(inside 2 cat /srv/data/file)"
assert_match "which is read-only" '(^|,)ro(,|$)' \
        "$(inside 1 sed -nE 's/^.* \/srv\/data ([^ ]+) .*$/\1/p' /proc/self/mountinfo)"
assert_match "the temporary volume is memory" tmpfs "$(inside 1 grep temp_data /proc/self/mountinfo)"
assert_equal "a volume survives the worker" shared \
        "$(in_container systemctl stop worker-promised.target; cat "$ROOT/var/lib/private/workers/volumes/public/data/file")"
in_container systemctl start worker-promised.target

assert_equal "a CPU limit" 500ms "$(property $unit CPUQuotaPerSecUSec)"
assert_equal "a CPU request" 25 "$(property $unit CPUWeight)"
assert_equal "a memory limit in bytes" 128000000 "$(property $unit MemoryMax)"
assert_equal "a memory request in bytes" 67108864 "$(property $unit MemoryLow)"
assert_equal "the compute profile bounds the slice" 1073741824 "$(property workers-public-promised.slice MemoryMax)"
assert_equal "time to drain" 7s "$(property $unit TimeoutStopUSec)"
assert_match "ordering after what it depends on" 'worker-first\.target' "$(property $unit After)"
finish
