#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Attacks from inside of an instance, with the default template, with streams only and without network,
# each beside the same attack without a sandbox; and a look from outside at what can be reached.
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"
. "$HERE/lib/attacks.sh"

# What an instance would have to be handed for "accept on an inherited socket"
make_sockets() {
        host_unit attack.socket <<'EOF'
[Socket]
ListenStream=127.0.0.1:7701
ListenStream=/run/attack.stream
ListenDatagram=127.0.0.1:7702
Service=control.service
EOF
        local worker
        for worker in attack attack-tcp attack-none; do
                drop_in "worker-$worker@.service" <<'EOF'
[Service]
Sockets=attack.socket
EOF
        done
}

make_units() {
        make_sockets
        host_unit accomplice.service <<EOF
[Service]
ExecStart=$ATTACKS --accomplice
EOF
        host_unit control.service <<EOF
[Service]
ExecStart=$ATTACKS
Sockets=attack.socket
EOF
        in_container systemctl daemon-reload
}

# Something of the victim's for each place where it could be looked for
make_victim() {
        test_worker victim 'configs: {secret: "of the victim"}' 'persistentVolume: {name: victim-state, directory: /state}' \
                'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 4}'
}

# tell NAME PID: to the attacks, in /run/workers inside and outside of the sandbox
tell() {
        echo "$2" >"$ROOT/run/workers/root/run/workers/$1"
        echo "$2" >"$ROOT/run/workers/$1"
}

write_victims_files() {
        local pid
        pid=$(property worker-victim@1.service MainPID)
        tell victim "$pid"
        echo secret >"$ROOT/tmp/victim-secret"
        echo secret >"$ROOT/var/lib/private/workers/volumes/public/victim-state/secret"
}

# What nspawn has closed already would prove nothing: /usr, /proc/sys and /sys that can be written, and
# nodes of devices. They are of the null device, as it counts only that they are there.
open_container() {
        local name
        in_container mkdir -p /run/usr-changes /run/usr-work
        in_container mount -t overlay -o lowerdir=/usr,upperdir=/run/usr-changes,workdir=/run/usr-work overlay /usr
        # a guest has not closed them
        in_container sh -c '! mountpoint --quiet /proc/sys || mount -o remount,bind,rw /proc/sys'
        in_container sh -c '! mountpoint --quiet /sys/kernel || mount -o remount,rw /sys/kernel'
        for name in kmsg mem fuse vda; do
                in_container rm -f "/dev/$name"
                in_container mknod --mode=666 "/dev/$name" c 1 3
        done
}

# run_attacks ID: with a second instance beside the one whose results count
run_attacks() {
        in_container systemctl start "worker-$1@2.service"
        tell sibling "$(property "worker-$1@2.service" MainPID)"
        in_container systemctl start "worker-$1@1.service"
        assert_soon "all attacks of worker $1 are over" 120 attacks_are_over "worker-$1@1.service"
        results "worker-$1@1.service" >"$SCRATCH/$1"
}

run_control() {
        in_container systemctl start control.service
        tell sibling "$(property worker-victim@1.service MainPID)"
        assert_soon "all attacks without a sandbox are over" 120 attacks_are_over control.service
        results control.service >"$SCRATCH/control"
}

# A second network namespace, 192.0.2.2, that sees the first as 192.0.2.1
make_outside() {
        in_container ip netns add outside
        in_container ip link add inside type veth peer name outside netns outside
        in_container ip address add 192.0.2.1/24 dev inside
        in_container ip link set inside up
        in_container ip -n outside address add 192.0.2.2/24 dev outside
        in_container ip -n outside link set outside up
}

# "END" tells from a scan that was cut off: a machine that is emulated takes minutes
open_from_outside() {
        enter_container timeout 900 ip netns exec outside "$ATTACKS" --scan 192.0.2.1
}

# One assertion a row; where the control was refused, too, the row says that it proves nothing here
assert_rows() {
        local verdict name network streams none control layer
        while IFS='|' read -r verdict name network streams none control layer; do
                case $verdict in
                held) ok "$name: refused ($network; with streams only $streams; without network $none) by $layer" ;;
                possible) ok "$name: works ($network; with streams only $streams; without network $none); $layer" ;;
                unproven) echo "# not proven here, as it fails without a sandbox, too ($control): $name" ;;
                open) echo "# open here, as this kernel lacks what would stop it ($layer): $name" ;;
                *) not_ok "$name: as the table has it" \
                        "network: $network, streams only: $streams, none: $none, without sandbox: $control; $layer" ;;
                esac
        done
}

print_table() {
        local verdict name network streams none control layer format='# %-58s %-16s %-16s %-16s %-16s %s\n'
        # shellcheck disable=SC2059 # one for all lines
        {
                printf "$format" ATTACK RESULT "STREAMS ONLY" "WITHOUT NETWORK" "WITHOUT SANDBOX" "STOPPED BY"
                while IFS='|' read -r verdict name network streams none control layer; do
                        printf "$format" "$name" "$network" "$streams" "$none" "$control" "$layer"
                done <"$1"
        }
}

make_victim
boot
open_container
make_units
assert_soon "the victim runs" 10 instances_are victim "1"
write_victims_files
in_container systemctl start accomplice.service
make_outside

run_control
assert_match "without a sandbox its port is open to the outside" '^7780$' "$(open_from_outside)"
assert_match "and ss shows it" 7780 "$(listening 1)"
in_container systemctl stop control.service

attack_worker attack
attack_worker attack-tcp 'sandbox: {network: tcp}'
attack_worker attack-none 'sandbox: {network: none}'
attack_worker attack-apart 'sandbox: {user: instance}'
in_container systemctl daemon-reload
run_attacks attack
run_attacks attack-tcp
run_attacks attack-none

run_attacks attack-apart
assert_match "with 'user: instance' a sibling's limits can not be set either" '^set a limit of a sibling.EPERM$' \
        "$(cat "$SCRATCH/attack-apart")"

assert_equal "no TCP port answers to the outside" "END" "$(open_from_outside)"
with_network=$(property worker-attack@1.service MainPID)
without_network=$(property worker-attack-none@1.service MainPID)
# but those that the drop-in of the test has handed it
assert_equal "no socket of an instance waits for others" "" \
        "$(listening "$with_network" | grep -w "pid=$with_network" | grep -vE ':770[12] |/run/attack.stream ')"
assert_equal "the network namespace of one without network has none at all" "" "$(listening "$without_network")"

assert_for "a report that claims to be the victim's does not scale it" 3 instances_are victim "1"
report_as victim 'items:1|c'
assert_soon "its own do" 20 at_least victim 2

"$BUILDDIR/tests/integration/attacks/attacks" --verdict "$SCRATCH/control" "$SCRATCH/attack" \
        "$SCRATCH/attack-tcp" "$SCRATCH/attack-none" >"$SCRATCH/verdicts"
assert_rows <"$SCRATCH/verdicts"
print_table "$SCRATCH/verdicts"
finish
