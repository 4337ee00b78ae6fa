#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lifecycle.sh RELEASE DIRECTORY PACKAGES: installs, uses, upgrades, removes and purges the packages
# of PACKAGES/old and PACKAGES/new in DIRECTORY, a root of this release, which it boots and changes.

RELEASE=$1 DIRECTORY=$2 PACKAGES=$3
TOP=$(cd "${0%/*}/../.." && pwd)
DESTDIR=$TOP # nothing is laid over this root
# shellcheck source=tests/integration/lib/testcase.sh
. "$TOP/tests/integration/lib/testcase.sh"
# shellcheck source=tests/integration/lib/workers.sh
. "$TOP/tests/integration/lib/workers.sh"

# shellcheck disable=SC2034 # container.sh takes it
CONTAINER_ROOT=(--directory="$DIRECTORY")
MANIFESTS=$DIRECTORY/etc/workers
SPOOL=$DIRECTORY/var/spool/pictures
VOLUME=$DIRECTORY/var/lib/private/workers/volumes/public/notes

# --- the root and what is in it ----------------------------------------------------------------

# What an administrator has there before our packages come
furnish() {
        mkdir -m 777 "$SPOOL" "$SPOOL"/{incoming,working,'done'}
        install -D "$TOP/examples/thumbnails/worker" "$DIRECTORY/usr/local/lib/pictures/worker"
        # whether instances are started must not depend on what else this machine does meanwhile
        mkdir -p "$DIRECTORY/usr/local/lib/systemd/system/worker-scaler.service.d"
        printf '[Service]\nEnvironment="OPTIONS=--cpu-pressure=100 --memory-pressure=100"\n' \
                >"$DIRECTORY/usr/local/lib/systemd/system/worker-scaler.service.d/50-ignore-pressure.conf"
        mkdir "$SHARE/old" "$SHARE/new" "$SHARE/vendor"
        cp "$PACKAGES"/old/systemd-workers{,-redis}_*.deb "$SHARE/old/"
        cp "$PACKAGES"/new/systemd-workers{,-redis}_*.deb "$SHARE/new/"
        vendor_package
}

manifest_lines() {
        printf '%s\n' "name: $1" 'version: v1beta' 'type: worker' 'worker:' '  stack: exec'
}

write_manifests() {
        mkdir -p "$MANIFESTS"
        { manifest_lines load && cat <<'EOF2'; } | manifest load
  stackSpec: {command: [/usr/local/lib/pictures/worker], arguments: [--delay=0.05, /var/spool/pictures]}
  autoScaling:
    minReplicas: 1
    maxReplicas: 4
    targetWait: 1s
    scaleDownAfter: 5min
    backlog: {plugin: spool, directory: /var/spool/pictures/incoming}
  sandbox: {ReadWritePaths: [/var/spool/pictures]}
EOF2
        { manifest_lines calm && cat <<'EOF2'; } | manifest calm
  stackSpec: {command: [/usr/bin/sleep, infinity]}
  replicas: 2
  persistentVolume: {name: notes, directory: notes}
EOF2
        { manifest_lines stopped && cat <<'EOF2'; } | manifest stopped
  stackSpec: {command: [/usr/bin/sleep, infinity]}
  replicas: 2
EOF2
}

# A package of somebody else, with a manifest and no script
vendor_package() {
        local tree=$SCRATCH/vendor
        mkdir -p "$tree/DEBIAN" "$tree/usr/lib/workers/manifests"
        printf '%s\n' 'Package: vendor' 'Version: 1' 'Architecture: all' 'Maintainer: Nobody <nobody@localhost>' \
                'Description: a manifest' >"$tree/DEBIAN/control"
        { manifest_lines vendor && echo '  stackSpec: {command: [/usr/bin/sleep, infinity]}'; } \
                >"$tree/usr/lib/workers/manifests/vendor.yaml"
        dpkg-deb --root-owner-group --build "$tree" "$SHARE/vendor/vendor.deb"
}

# --- what an administrator does ----------------------------------------------------------------

apt() {
        enter_container timeout --foreground --kill-after=5 300 env DEBIAN_FRONTEND=noninteractive \
                sh -c 'exec apt-get --quiet --yes --no-install-recommends "$@"' sh "$@"
}

# apt_install DIRECTORY: the packages of this directory in /run/share
apt_install() {
        local packages=("$SHARE/$1"/*.deb)
        apt install "${packages[@]/#$SHARE//run/share}"
}

produce() {
        "$TOP/examples/thumbnails/produce" "$SPOOL" "$1"
        PRODUCED=$((PRODUCED + $1))
}
PRODUCED=0

# --- what there is to see ----------------------------------------------------------------------

count() {
        find "$SPOOL/$1" -name '[!.]*' -type f | wc -l
}

# pictures_accounted: each is waiting, at work or done, and none is there twice
pictures_accounted() {
        [ $(($(count incoming) + $(count working) + $(count 'done'))) -eq "$PRODUCED" ]
}

done_is_more_than() {
        [ "$(count 'done')" -gt "$1" ]
}

# Without those that only a link names: until the purge, workers.target is to be started at boot.
our_units() {
        in_container systemctl list-units --all --plain --no-legend 'worker*' |
                awk '$2 != "not-found" {print $1}' | sort
}

# unit_states: a line for each unit of ours; it changes when the unit is stopped, started or restarted
unit_states() {
        our_units | grep -E '\.(service|socket|target|slice)$' | while read -r unit; do
                in_container systemctl show --property=Id --property=ActiveState --property=InvocationID \
                        --property=StateChangeTimestampMonotonic --property=ExecMainStartTimestampMonotonic \
                        --property=MainPID --property=NRestarts "$unit" </dev/null | sort | xargs
        done
}

unit_is() {
        [ "$(property "$1" ActiveState)" = "$2" ]
}

knows() {
        [ "$(property "$1" LoadState)" = loaded ]
}


template_is_new() {
        in_container systemctl cat worker-load@.service | grep -q 'the new worker-generator'
}

installed_version() {
        in_container dpkg-query --show systemd-workers
}

# snapshot: all files, with owner, mode and content. Left out is what systemd, dpkg and apt write about
# themselves, and the spool.
snapshot() {
        local not=(-path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./proc -o -path ./sys -o -path ./dev
                -o -path ./var/log -o -path ./var/cache/apt -o -path ./var/lib/apt -o -path ./var/lib/dpkg
                -o -path ./var/lib/systemd/random-seed -o -path ./var/lib/systemd/timers
                -o -path './var/*/private' -o -path ./var/spool/pictures)
        (
                cd "$DIRECTORY" || exit
                find . -xdev \( "${not[@]}" \) -prune -o -printf '%M %U:%G %p %l\n' | sort
                find . -xdev \( "${not[@]}" \) -prune -o -type f -print0 | sort --zero-terminated | xargs --null sha256sum
                find ./var/*/private -mindepth 1 2>/dev/null
                find ./var/lib/dpkg ./var/lib/systemd "$ROOT/run" -name '*worker*' -not -path '*/run/share/*' \
                        -not -name 'log-extra-fields:*' # systemd 252 forgets these of units that are gone
        )
}

left_over() {
        diff "$SCRATCH/before" "$SCRATCH/after"
}

# --- the life of the packages ------------------------------------------------------------------

install_packages() {
        write_manifests
        assert "the packages can be installed" apt_install old
        assert "workers.target is started" unit_is workers.target active
        assert_equal "and enabled" enabled "$(in_container systemctl is-enabled workers.target)"
        assert_equal "workers of manifests that were there run" "1 2" "$(instances calm)"
        assert_soon "and so do those that are scaled" 10 instances_are load 1
        assert "their backlog is watched" unit_is worker-load-backlog.service active
        assert "the scaler runs" unit_is worker-scaler.service active
        assert_equal "no unit has failed" "" "$(in_container systemctl --failed --plain --no-legend)"
        assert "no file of ours is in /etc but the link that enables us" only_our_link_in_etc
        assert "a package with a manifest can be installed" apt_install vendor
        assert "its worker is known without a script of that package" knows worker-vendor.target
        in_container ln -s /dev/null /etc/workers/vendor.yaml
        in_container systemctl daemon-reload
        assert_not "and is masked from /etc" knows worker-vendor.target
        in_container rm /etc/workers/vendor.yaml
        assert "that package can be removed" apt purge vendor
        assert_not "and its worker is no longer known" knows worker-vendor.target
}

only_our_link_in_etc() {
        local files
        files=$(in_container dpkg --listfiles systemd-workers systemd-workers-redis | grep '^/etc/.*/.' ||
                find "$DIRECTORY/etc" -name '*worker*' -not -path "$MANIFESTS" -printf '%P\n')
        [ "$files" = systemd/system/multi-user.target.wants/workers.target ] || { echo "$files" && return 1; }
}

use() {
        produce 4000
        assert_soon "work starts instances, up to the maximum" 60 at_least load 4
        assert_soon "and is done" 30 done_is_more_than 50
        in_container systemctl stop worker-stopped.target
        assert_soon "a worker can be stopped" 10 instances_are stopped ""
        echo remember >"$VOLUME/note"
        assert "the journal has no warning about workers" no_worker_warnings
}

upgrade() {
        local before=$SCRATCH/units-before after=$SCRATCH/units-after done_before old_version
        produce 2000
        unit_states >"$before"
        old_version=$(installed_version)
        done_before=$(count 'done')
        assert "the packages can be upgraded under load" apt_install new
        unit_states >"$after"
        assert_not "to another version" [ "$old_version" = "$(installed_version)" ]
        INTERRUPTED=$(diff "$before" "$after" | grep -c '^<')
        UNITS=$(grep -c 'ActiveState=active' "$before")
        INSTANCES=$(grep -c 'ActiveState=active.*Id=worker-[a-z]*@[0-9]*\.service' "$before")
        assert_equal "there was an upgrade under load with instances at the maximum" 6 "$INSTANCES"
        assert_equal "no unit was stopped, started or restarted" "" "$(diff "$before" "$after")"
        assert "new templates are in force for what is started next" template_is_new
        assert_equal "what was stopped stays stopped" "" "$(instances stopped)"
        assert_soon "work goes on" 20 done_is_more_than "$done_before"
        assert_soon "also after the upgrade" 20 done_is_more_than "$(count 'done')"
        in_container systemctl restart worker-scaler.service
        assert_soon "the new scaler takes over when it is restarted" 10 unit_is worker-scaler.service active
        unit_states | grep '@' >"$after"
        grep '@' "$before" >"$before.instances"
        assert_equal "and disturbs no instance" "" "$(diff "$before.instances" "$after")"
}

remove() {
        assert "the packages can be removed under load" apt remove systemd-workers
        assert_equal "no unit of ours is known" "" "$(our_units)"
        assert_not "no process is left in our slice" [ -e "$ROOT/sys/fs/cgroup/workers.slice" ]
        assert_equal "instances have finished what they had in hand" 0 "$(count working)"
        assert "no picture was lost" pictures_accounted
        assert_not "nothing of ours is in /run" [ -e "$ROOT/run/workers" ]
        assert "manifests stay" [ -f "$MANIFESTS/load.yaml" ]
        assert "the packages can be installed again" apt_install new
        assert_soon "and workers run again" 10 instances_are calm "1 2"
        assert "with their data" [ -f "$VOLUME/note" ]
}

purge() {
        assert "the packages can be purged" apt purge systemd-workers systemd-workers-redis
        assert "manifests stay, as they are not ours" [ -f "$MANIFESTS/load.yaml" ]
        assert "and so does the data of workers" [ -f "$VOLUME/note" ]

        # the administrator takes away what is his
        rm -f "$MANIFESTS"/*.yaml "$VOLUME/note"
        assert "the packages can be installed once more, without any manifest" apt_install new
        assert "and be purged" apt purge systemd-workers systemd-workers-redis
        assert_not "an empty /etc/workers goes with them" [ -e "$MANIFESTS" ]
        in_container systemctl reset-failed 2>/dev/null
        assert_equal "systemd knows no unit of ours" "" "$(our_units)"
        snapshot >"$SCRATCH/after"
        LEFT_OVER=$(left_over | grep -c '^[<>]')
        assert_equal "the file system is what it was before" "" "$(left_over)"
}

table_row() {
        local version
        version=$(in_container systemctl --version | awk 'NR == 1 {print $2}')
        echo "$RELEASE: systemd $version: installed; used by $INSTANCES instances; upgraded under load, $INTERRUPTED of" \
                "$UNITS units interrupted; removed; purged, $LEFT_OVER left over"
}

furnish >/dev/null || exit 1
boot
snapshot >"$SCRATCH/before"
install_packages
use
upgrade
remove
purge
table_row
finish
