#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

command -v fish >/dev/null || skip_test "fish is not installed"

# completions TEXT: what fish offers, without the descriptions
completions() {
        in_container fish --no-config --command "
                source /usr/share/fish/vendor_completions.d/workerctl.fish; complete --do-complete '$1'" | cut -f1 | xargs
}

test_worker mail
test_worker mirror
boot
verbs=$(in_container workerctl --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort | xargs)
assert_match "workerctl tells its verbs" '(^| )list .* verify( |$)' "$verbs"
assert_equal "fish knows them" "$verbs" \
        "$(completions 'workerctl ' | tr ' ' '\n' | sort | xargs)"
assert_equal "and completes one" "status" "$(completions 'workerctl sta')"
assert_equal "and the workers that there are" "mail mirror" "$(completions 'workerctl pause ')"
assert_equal "and some of them" "mirror" "$(completions 'workerctl status mi')"

in_one_line() {
        paste --serial --delimiters=' '
}

# zsh_offers LINE: when Tab is pressed at its end
zsh_offers() {
        in_container zsh -f /run/share/zsh-complete "$1" | in_one_line
}

# The options of a verb, without that for its help; of workerctl itself without a verb
options_of() {
        in_container workerctl "$@" --help | grep -oE -- '--[a-z-]+' | grep -vx -- --help | sort -u | in_one_line
}

if command -v zsh >/dev/null; then
        cp "$LIB/zsh-complete" "$SHARE/zsh-complete"
        assert_equal "zsh knows the verbs" "$verbs" "$(zsh_offers 'workerctl ')"
        assert_equal "and the options" "--help $(options_of)" "$(zsh_offers 'workerctl --')"
        for verb in list top security simulate; do
                assert_equal "and those of $verb" "$(options_of "$verb")" "$(zsh_offers "workerctl $verb --")"
        done
        for verb in status pause resume scale security simulate list; do
                assert_equal "and which worker may follow $verb" "mirror" "$(zsh_offers "workerctl $verb mi")"
        done
        assert_equal "and all of them" "mail mirror" "$(zsh_offers 'workerctl pause ')"
        assert_equal "but none where a number is expected" "" "$(zsh_offers 'workerctl scale mail ')"
        assert_equal "and files" "mail.yaml" "$(zsh_offers 'workerctl verify /etc/workers/ma')"
else
        echo "skipped: zsh is not installed"
fi
finish
