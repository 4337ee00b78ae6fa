#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Real programs under the default sandbox and its relaxations: runtimes/cases. They ask a DNS and an
# HTTP server that run beside them. Runtimes are those of the system that is booted; what takes a compiler is
# compiled on this machine.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# nspawn has a filter of its own, which knows no Landlock
CONTAINER_OPTIONS+=(--system-call-filter=@known)
PROGRAMS=/usr/lib/workers-test/runtimes
declare -A LACKING=() # what is not in there: the cases that need it

# Compiles what there is a compiler for. A compiler is not asked to fetch anything.
build_programs() {
        local here=$EXTRA_USR/lib/workers-test/runtimes
        install -D --target-directory="$here" "$HERE"/runtimes/programs/*
        install -D --mode=755 /dev/stdin "$SCRATCH/program" <<<'echo works'
        command -v javac >/dev/null && javac --release 11 -d "$here" "$here/Http.java"
        command -v rustc >/dev/null && rustc --edition 2021 -C opt-level=0 -o "$here/http-rs" "$here/http.rs"
        command -v go >/dev/null && GOCACHE=$SCRATCH/go-cache GOPATH=$SCRATCH/go GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 \
                go build -o "$here/http-go" "$here/http.go"
        return 0
}

# /etc in the container is made by tmpfiles.d: some runtimes keep in the real one what they need
fill_etc() {
        local etc=${CONTAINER_DIRECTORY:-}/etc
        cp -a "$etc"/alternatives "$etc"/java* "$etc"/php "$ROOT/etc/" 2>/dev/null
        rm -f "$ROOT/etc/resolv.conf" # may be a link
        echo "nameserver 127.0.0.1" >"$ROOT/etc/resolv.conf"
        in_container install -D --mode=755 /run/share/program /opt/program/run
        in_container install -d --mode=1777 /srv/data
}

start_servers() {
        in_container mkdir -p /etc/systemd/system
        cat >"$ROOT/etc/systemd/system/servers.service" <<EOF
[Service]
ExecStart=/usr/bin/python3 $PROGRAMS/server.py
EOF
        in_container systemctl daemon-reload
        in_container systemctl start servers.service
        in_container ip link set lo up
        wait_until 20 in_container bash -c ': </dev/tcp/127.0.0.1/80'
}

trim() {
        local text=$1
        text=${text#"${text%%[! ]*}"}
        printf '%s' "${text%"${text##*[! ]}"}"
}

# case_manifest NAME STACK COMMAND SANDBOX
case_manifest() {
        local words=() word command
        IFS=, read -r -a words <<<"$3"
        for word in "${words[@]}"; do
                command+=${command:+, }\"$(trim "$word")\"
        done
        manifest "$1" <<EOF
name: $1
version: v1beta
type: worker
worker:
  stack: $2
  stackSpec: {command: [$command]}
  sandbox: {$4}
EOF
}

said() {
        in_container journalctl --boot --no-pager --output cat --unit "worker-$1@9.service"
}

has_ended() {
        said "$1" | grep -qE '^works$|Main process exited|Failed with result'
}

# assert_case NAME RESULT: instance 9 is started for it, as the target starts only the first
assert_case() {
        local name=$1 expected=$2 output ended=yes
        output=$(in_container systemctl start --no-block "worker-$name@9.service" 2>&1) || {
                not_ok "$name: can be started" "$output"
                return
        }
        wait_until "$([ "$expected" = hangs ] && echo 3 || echo 30)" has_ended "$name" || ended=no
        output=$(said "$name")
        in_container systemctl stop --no-block "worker-$name@9.service"
        case $expected in
        works) assert_match "$name: works" '^works$' "$output" ;;
        hangs) assert_equal "$name: has no end" "no" "$ended" ;;
        \?*) assert_one_of_both "$name" "${expected#\?}" "$output" ;;
        *)
                assert_match "$name: is refused, and says why" "$expected" "$output"
                assert_not "$name: and does not work" grep -qx works <<<"$output"
                ;;
        esac
}

# assert_one_of_both NAME EXPRESSION OUTPUT: which of both it is here is said in the name
assert_one_of_both() {
        if grep -qx works <<<"$3"; then
                assert_not "$1: works here, and is refused on other systems" grep -qE -- "$2" <<<"$3"
        else
                assert_match "$1: is refused here, says why, and works on other systems" "$2" "$3"
        fi
}

# each_case COMMAND: calls it with the fields of each case
each_case() {
        local name needs stack command sandbox result
        while IFS=';' read -r name needs stack command sandbox result <&4; do
                [[ $name =~ ^(#.*)?$ ]] && continue
                "$1" "$(trim "$name")" "$(trim "$needs")" "$(trim "$stack")" "$(trim "$command")" \
                        "$(trim "$sandbox")" "$(trim "$result")"
        done 4< <(sed "s|@|$PROGRAMS|g" "$HERE/runtimes/cases")
}

write_case() {
        is_there "$2" && case_manifest "$1" "$3" "$4" "$5"
}

# is_there PATH|+FEATURE|-FEATURE[, ...]: else MISSING is the first that is not
is_there() {
        local paths=()
        IFS=, read -r -a paths <<<"$1"
        for MISSING in "${paths[@]}"; do
                MISSING=$(trim "$MISSING")
                case $MISSING in
                [+-]*) [[ " $FEATURES " == *" $MISSING "* ]] || return ;;
                *) in_container test -e "$MISSING" || return ;;
                esac
        done
}

run_case() {
        if is_there "$2"; then
                assert_case "$1" "$6"
        elif [[ $MISSING == [+-]* ]]; then
                echo "# not for this systemd, which is not built with $MISSING: $1"
        else
                LACKING[$MISSING]+="${LACKING[$MISSING]:+, }$1"
        fi
}

say_what_is_lacking() {
        local path
        for path in "${!LACKING[@]}"; do
                echo "# skipped: on systemd $VERSION: ${LACKING[$path]}: there is no $path"
        done
}

build_programs
cp "$SCRATCH/program" "$SHARE/program"
boot
read -r _ VERSION _ FEATURES < <(in_container systemctl --version | xargs)
fill_etc
start_servers
each_case write_case
in_container systemctl daemon-reload
each_case run_case
say_what_is_lacking
finish
