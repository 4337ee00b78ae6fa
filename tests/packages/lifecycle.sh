#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lifecycle.sh DIRECTORY PACKAGES: boots DIRECTORY, a root that it changes, and installs, uses, upgrades,
# removes and purges there the packages of PACKAGES/old; of PACKAGES/same, of a higher version; and of
# PACKAGES/new, of a still higher version that writes other templates. Prints a row for a table.

# shellcheck source=tests/packages/root.sh
. "${0%/*}/root.sh"

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
        for build in old same new; do
                mkdir "$SHARE/$build"
                cp "$PACKAGES/$build"/systemd-workers{,-redis}_*.deb "$SHARE/$build/"
        done
        mkdir "$SHARE/vendor"
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
        { manifest_lines held && cat <<'EOF2'; } | manifest held
  stackSpec: {command: [/usr/bin/sleep, infinity]}
  autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5}
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

# unit_states [GREP-OPTION...]: a line for each unit of ours that grep finds; it changes when the unit is
# stopped, started or restarted
unit_states() {
        our_units | grep -E '\.(service|socket|target|slice)$' | grep "$@" | while read -r unit; do
                in_container systemctl show --property=Id --property=ActiveState --property=InvocationID \
                        --property=StateChangeTimestampMonotonic --property=ExecMainStartTimestampMonotonic \
                        --property=MainPID --property=NRestarts "$unit" </dev/null | sort | xargs
        done
}

knows() {
        [ "$(property "$1" LoadState)" = loaded ]
}

template_is_new() {
        in_container systemctl cat worker-load@.service | grep -q 'the new worker-generator'
}

# listed ID KEY: what workerctl says
listed() {
        in_container workerctl list --json "$1" |
                python3 -c 'import json, sys; print(*(w[sys.argv[1]] for w in json.load(sys.stdin)))' "$2"
}

listed_is() {
        [ "$(listed "$1" "$2")" = "$3" ]
}

# outdated: how many instances of which worker
outdated() {
        for worker in load calm held stopped; do
                echo "$worker:$(listed "$worker" outdated)"
        done | xargs
}

catalog_knows_us() {
        in_container journalctl --no-pager --dump-catalog | grep -q '^Defined-By: systemd-workers'
}

installed_version() {
        in_container dpkg-query --show systemd-workers
}

# snapshot: all files, with owner, mode and content. Left out is what systemd, dpkg, debconf and apt write about
# themselves, and the spool.
snapshot() {
        local not=(-path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./proc -o -path ./sys -o -path ./dev
                -o -path ./var/log -o -path ./var/cache/debconf -o -path ./var/cache/apt -o -path ./var/lib/apt -o -path ./var/lib/dpkg
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

# stage FUNCTION: a column of the table, with how many of its assertions held
stage() {
        local passed=$PASSED failed=$FAILED
        echo "# $1"
        NUMBERS=
        "$1"
        ROW+="|$((PASSED - passed)) of $((PASSED - passed + FAILED - failed))${NUMBERS:+, $NUMBERS}"
}

life_install() {
        write_manifests
        assert "the packages can be installed" apt_install old
        assert "workers.target is started" unit_is workers.target active
        assert_equal "and enabled" enabled "$(in_container systemctl is-enabled workers.target)"
        assert_equal "workers of manifests that were there run" "1 2" "$(instances calm)"
        assert_soon "and so do those that are scaled" 30 instances_are load 1
        assert_soon "their backlog is watched" 30 unit_is worker-load-backlog.service active
        assert "the scaler runs" unit_is worker-scaler.service active
        assert_equal "no unit has failed" "" "$(in_container systemctl --failed --plain --no-legend)"
        assert "no file of ours is in /etc but the link that enables us" only_our_link_in_etc
        assert "messages have their explanation in the catalog" catalog_knows_us
        vendor_manifests
}

# A vendor's manifest is replaced and masked from /etc, as units are
vendor_manifests() {
        assert "a package with a manifest can be installed" apt_install vendor
        assert "its worker is known without a script of that package" knows worker-vendor.target
        { manifest_lines vendor && echo '  stackSpec: {command: [/usr/bin/sleep, 1d]}'; } | manifest vendor
        in_container systemctl daemon-reload
        assert_equal "a manifest in /etc replaces it" /etc/workers/vendor.yaml "$(property worker-vendor.target SourcePath)"
        in_container ln -sf /dev/null /etc/workers/vendor.yaml
        in_container systemctl daemon-reload
        assert_not "and a link to /dev/null masks it" knows worker-vendor.target
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

life_use() {
        produce 20000
        assert_soon "work starts instances, up to the maximum" 120 at_least load 4
        assert_soon "and is done" 60 done_is_more_than 50
        in_container systemctl stop worker-stopped.target
        assert_soon "a worker can be stopped" 30 instances_are stopped ""
        in_container workerctl scale held 3
        assert_soon "and be held at a number of instances" 60 instances_are held "1 2 3"
        echo remember >"$VOLUME/note"
        assert "the journal has no warning about workers" no_worker_warnings
        NUMBERS="$(instances load | wc -w) instances at work"
}

life_upgrade() {
        local interrupted instances
        instances=$(unit_states '@[0-9]*\.service$' | grep -c ActiveState=active)
        assert_equal "there is an upgrade under load with instances at the maximum" 9 "$instances"
        upgrade_to same
        interrupted=$INTERRUPTED
        assert_equal "no instance is outdated, as templates are what they were" \
                "load:0 calm:0 held:0 stopped:0" "$(outdated)"
        upgrade_to new
        assert "new templates are in force for what is started next" template_is_new
        assert_equal "and instances that are older are told" "load:4 calm:2 held:3 stopped:0" "$(outdated)"
        assert_match "to whoever upgrades, too" "systemctl try-restart 'worker-calm@\*.service' 'worker-held@" \
                "$(cat "$SCRATCH/apt-new")"
        in_container systemctl restart worker-calm@1.service
        assert_equal "what is restarted is no longer outdated" 1 "$(listed calm outdated)"
        NUMBERS="$((interrupted + INTERRUPTED)) of 2 x $instances instances interrupted"
}

# upgrade_to BUILD: sets INTERRUPTED
upgrade_to() {
        local before=$SCRATCH/units-before after=$SCRATCH/units-after version scaler plugin done_before
        # what only looks after instances is restarted, all else goes on
        local others=(-v -x -e 'worker-scaler\..*' -e 'worker-.*-backlog\.service') socket
        unit_states "${others[@]}" >"$before"
        scaler=$(property worker-scaler.service MainPID)
        plugin=$(property worker-load-backlog.service MainPID)
        socket=$(property worker-scaler.socket InvocationID)
        version=$(installed_version)
        done_before=$(count 'done')
        assert "the packages can be upgraded to '$1'" apt_upgrade "$1"
        assert_equal "what the scaler was told it knows at once" "fixed 3" "$(listed held mode) $(listed held wanted)"
        assert_not "what it has learned, too" listed_is load capacity -1
        assert_for "nothing is started or stopped by a scaler that is new" 5 instances_are load "1 2 3 4"
        unit_states "${others[@]}" >"$after"
        INTERRUPTED=$(diff "$before" "$after" | grep -c '^<.*Id=worker-.*@')
        assert_equal "no instance, target or slice was stopped, started or restarted" "" "$(diff "$before" "$after")"
        assert_equal "and the socket for reports was never closed" "$socket" "$(property worker-scaler.socket InvocationID)"
        assert_not "it is another version" [ "$version" = "$(installed_version)" ]
        assert_not "whose scaler runs" [ "$scaler" = "$(property worker-scaler.service MainPID)" ]
        assert_not "and whose plugins do" [ "$plugin" = "$(property worker-load-backlog.service MainPID)" ]
        assert_equal "what was stopped stays stopped" "" "$(instances stopped)"
        assert "work was done meanwhile" done_is_more_than "$done_before"
        assert_not "and more is waiting" [ "$(count incoming)" -eq 0 ]
        assert_soon "and is done after the upgrade" 60 done_is_more_than "$(count 'done')"
}

apt_upgrade() {
        apt_install "$1" >"$SCRATCH/apt-$1" 2>&1 || { cat "$SCRATCH/apt-$1" && return 1; }
}

life_remove() {
        assert "the packages can be removed under load" apt remove systemd-workers
        assert_equal "no unit of ours is known" "" "$(our_units)"
        assert_not "no process is left in our slice" [ -e "$ROOT/sys/fs/cgroup/workers.slice" ]
        assert_equal "instances have finished what they had in hand" 0 "$(count working)"
        assert "no picture was lost" pictures_accounted
        assert_equal "nothing of ours is in /run" "" "$(find "$ROOT/run" -maxdepth 1 -name 'worker*')"
        assert "manifests stay" [ -f "$MANIFESTS/load.yaml" ]
        assert "the packages can be installed again" apt_install new
        assert_soon "and workers run again" 30 instances_are calm "1 2"
        assert "with their data" [ -f "$VOLUME/note" ]
}

life_purge() {
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
        assert_not "the catalog has nothing of ours" catalog_knows_us
        snapshot >"$SCRATCH/after"
        assert_equal "the file system is what it was before" "" "$(left_over)"
        NUMBERS="$(left_over | grep -c '^[<>]') of $(wc -l <"$SCRATCH/before") lines left over"
}

furnish >/dev/null || exit 1
boot
snapshot >"$SCRATCH/before"
ROW=$(in_container systemctl --version | sed -n '1s/.*(\(.*\))/\1/p')
for part in install use upgrade remove purge; do
        stage life_$part
done
echo "table: $ROW"
finish
