# SPDX-License-Identifier: LGPL-2.1-or-later

function __workerctl_ids
    systemctl list-units --all --plain --no-legend --no-pager 'worker-*.target' 2>/dev/null |
        string replace --regex --filter '^worker-([^ ]*)\.target .*' '$1'
end

set -l verbs list status top pause resume scale simulate verify
complete -c workerctl -f
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a list -d 'Show workers and how many instances run'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a status -d 'Show a worker, its instances and the last decision'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a top -d 'Watch workers as they are scaled'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a pause -d 'Scale workers no further'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a resume -d 'Scale workers by their policy again'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a scale -d 'Keep so many instances until the next resume'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a simulate -d 'Try a scaling policy on recorded load'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a verify -d 'Check manifests'
complete -c workerctl -n '__fish_seen_subcommand_from list' -l json -d 'Print JSON'
complete -c workerctl -n '__fish_seen_subcommand_from list status pause resume scale' -a '(__workerctl_ids)'
complete -c workerctl -n '__fish_seen_subcommand_from simulate verify' -F
