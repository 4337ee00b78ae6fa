# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What tools/try and tools/check share: saying what is done, getting what is needed, building.
# Sets TOP, the top of the source tree, and what the scripts need of Debian.
# shellcheck disable=SC2034

TOP=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)

BUILD_PACKAGES=(autoconf automake gcc libc6-dev make pkg-config libsystemd-dev libyaml-dev libseccomp-dev)
BOOT_PACKAGES=(systemd systemd-container dbus util-linux procps python3)

# say TEXT: one line for each thing that takes time or changes something
say() {
        printf -- '--- %s\n' "$*"
}

# die SENTENCE: why it cannot go on, and what would help
die() {
        printf '%s: %s\n' "${0##*/}" "$*" >&2
        exit 1
}

need_root() {
        [ "$(id -u)" -eq 0 ] || die "this installs packages and boots a container: run it as root"
}

is_installed() {
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages LOG PACKAGE...: gets those that are missing, and says which
install_packages() {
        local log=$1 package missing=()
        shift
        command -v apt-get >/dev/null || die "there is no apt-get: this needs Debian 12 or newer"
        for package in "$@"; do
                is_installed "$package" || missing+=("$package")
        done
        [ "${#missing[@]}" -gt 0 ] || return 0

        say "installing with apt-get, for good: ${missing[*]}"
        apt_install "${missing[@]}" >"$log" 2>&1 && return
        # a machine that is new has no lists, one that is old has those of yesterday
        apt-get --quiet update >>"$log" 2>&1
        apt_install "${missing[@]}" >>"$log" 2>&1 && return
        tail -n 5 "$log" >&2
        die "apt-get could not install ${missing[*]}: see above"
}

apt_install() {
        DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --no-install-recommends install "$@" </dev/null
}

# need_namespaces: what systemd-nspawn cannot do without
need_namespaces() {
        unshare --mount true 2>/dev/null ||
                die "this machine gives no mount namespace (is it itself a container without privileges?), so nothing can be booted here"
        unshare --net true 2>/dev/null ||
                die "this machine gives no network namespace, so no container can have a private network"
        [ -n "$(findmnt --raw --noheadings --output TARGET --types cgroup2)" ] ||
                die "no cgroup2 file system is mounted: systemd needs one to boot"
}

# make_configure LOG: what autotools make out of configure.ac and Makefile.am
make_configure() {
        [ ! -e "$TOP/config.status" ] ||
                die "the source directory is configured, which keeps other builds out: run 'make distclean' there"
        [ "$TOP/configure" -nt "$TOP/configure.ac" ] && [ "$TOP/Makefile.in" -nt "$TOP/Makefile.am" ] &&
                return
        (cd "$TOP" && autoreconf --force --install) >"$1" 2>&1 && return
        tail -n 20 "$1" >&2
        die "autoreconf failed: see above"
}

# configure_and_make LOG DIRECTORY [CONFIGURE-ARGUMENT...]: builds in a directory of its own
configure_and_make() {
        local log=$1 directory=$2
        shift 2
        mkdir -p "$directory"
        (
                cd "$directory" &&
                        "$TOP/configure" --quiet --prefix=/usr --sysconfdir=/etc --localstatedir=/var "$@" &&
                        make -j"$(nproc)"
        ) >"$log" 2>&1
}

# install_into BUILD DESTDIR: as a package would, into a tree whose /usr is merged like the machine's
install_into() {
        rm -rf -- "$2"
        mkdir -p "$2/usr/lib" "$2/usr/bin" "$2/usr/sbin" &&
                ln -s usr/lib usr/bin usr/sbin "$2" &&
                make -C "$1" install DESTDIR="$2"
}

# copy_sources DIRECTORY: what a clean checkout holds, beside what autotools have made
copy_sources() {
        mkdir -p "$1" &&
                tar --create --directory="$TOP" --anchored --exclude='./build*' --exclude=./.git --exclude=./autom4te.cache \
                        --exclude=./config.status --exclude='./systemd-workers-*' --exclude=./debian/.debhelper \
                        --no-anchored --exclude='*.[oa]' --exclude=.deps . |
                tar --extract --no-same-owner --directory="$1"
}

# make_root RELEASE TARGET [MMDEBSTRAP-OPTION...]: lists of sid that a mirror has kept may be out of date
make_root() {
        local options=("${@:3}")
        [ "$1" != sid ] || options+=(--aptopt='Acquire::Check-Valid-Until "false"')
        nice mmdebstrap "${options[@]}" "$1" "$2"
}

# make_archive DIRECTORY OUTPUT: the archive of a release, made in DIRECTORY, which is new, as the source
# directory may be configured
make_archive() {
        copy_sources "$1" &&
                (cd "$1" && autoreconf --force --install && ./configure --quiet && make dist) &&
                cp "$1"/systemd-workers-*.tar.xz "$2"
}

# make_rpms ARCHIVE DIRECTORY [RPMBUILD-OPTION...]: the packages of rpm, in DIRECTORY/RPMS and DIRECTORY/SRPMS
make_rpms() {
        local options=(
                --define="_topdir $2" --define='_buildhost localhost'
                --define='use_source_date_epoch_as_buildtime 1' --define='clamp_mtime_to_source_date_epoch 1'
        )
        [ "$(rpm --eval '%{?_unitdir}')" ] || options+=(--load="$TOP/rpm/macros")
        rpmbuild -ta --nodeps "${options[@]}" "${@:3}" "$1"
}
