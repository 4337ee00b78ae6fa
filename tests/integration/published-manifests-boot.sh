#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# Real manifests of others, where they are at hand, with a stand-in for each stack that they name.
CORPUS=${SHARED:-$HERE/../../../shared}/corpus
[ -r "$CORPUS/expected.tsv" ] || skip_test "no published manifests in '$CORPUS'"

# stand_in NAME [FLAVOR [VERSION]]
stand_in() {
        cat >"$MANIFESTS/stacks/$1${2:+-$2}-$3.yaml" <<EOF
name: stand-in
version: v1alpha
type: stack
stack:
  name: $1
  ${2:+flavor: $2}
  version: "$3"
  reconciler: none
  command: [/bin/sleep, infinity]
  secretProjection: {type: propFile}
EOF
}

accepted() {
        awk -F '\t' '$1 == "worker" && $3 == "accept" { print $2 }' "$CORPUS/expected.tsv"
}

mkdir "$MANIFESTS/stacks"
stand_in bento '' 3.0
stand_in bento-worker '' 3.0
stand_in benthos '' 3.0
stand_in benthos-worker '' 3.0
stand_in fastfun alpha 1.0
stand_in fastfun alpha 2.0
stand_in flare '' 5.0
stand_in pulsar-function icebase-sink 3.0
stand_in pulsar-function lakehouse-sink 3.0
stand_in scanner '' 2.0
stand_in sodaworker python 1.0
stand_in stream-monitor '' 1.0

# Several of them are editions of one worker, and have its name: the first of a name is booted.
declare -A seen=()
for file in $(accepted); do
        name=$(sed -nE 's/^name: *"?([a-z0-9-]+)"?.*/\1/p' "$CORPUS/worker/$file" | head -n 1)
        [ -z "${seen[$name]:-}" ] || continue
        seen[$name]=$file
        cp "$CORPUS/worker/$file" "$MANIFESTS/"
done
boot

# masked keys are expected in the store, which an administrator fills
for workspace in public system; do
        in_container install -D --mode=600 /dev/null "/etc/credstore/workers/$workspace/DATAOS_RUN_AS_APIKEY"
done
in_container systemctl restart workers.target

id_of() {
        local workspace
        workspace=$(sed -nE 's/^workspace: *"?([a-z0-9-]+)"?.*/\1/p' "$CORPUS/worker/${seen[$1]}" | head -n 1)
        case $workspace in
        '' | public) echo "$1" ;;
        *) echo "$workspace.$1" ;;
        esac
}

for name in "${!seen[@]}"; do
        assert_soon "the published worker '$name' runs" 20 \
                in_container systemctl is-active --quiet "worker-$(id_of "$name")@1.service"
done
assert_equal "none of them is refused" "" \
        "$(in_container sh -c 'ls /run/systemd/generator | grep refused')"

# values that the reference promises
unit=worker-system.poros-indexer
assert_equal "its user is the one of the manifest" metis "$(property $unit@1.service User)"
assert_soon "minReplicas instances run" 5 in_container systemctl is-active --quiet "$unit@2.service"
assert_equal "no more than minReplicas are wanted by the target" "" \
        "$(in_container systemctl show --property=Wants --value $unit.target | grep -o "$unit@3.service")"
unit=worker-system.soda-quality-checks-indexer
assert_equal "a memory request is protected memory, in bytes" 1073741824 "$(property $unit@1.service MemoryLow)"
assert_equal "half a core is half the default weight" 50 "$(property $unit@1.service CPUWeight)"
assert_equal "the stack's configuration is a credential" 1 \
        "$(in_container systemctl cat $unit@1.service | grep -c '^LoadCredential=jobconfig.yaml:')"
assert_equal "and readable for root only" "600 root" \
        "$(in_container stat -c '%a %U' "/run/systemd/generator/$unit.d/jobconfig.yaml")"
finish
