# SPDX-License-Identifier: LGPL-2.1-or-later

function __workerctl_ids
    systemctl list-units --all --plain --no-legend --no-pager 'worker-*.target' 2>/dev/null |
        string replace --regex --filter '^worker-([^ ]*)\.target .*' '$1'
end

set -l verbs list status top pause resume scale security profile simulate verify
complete -c workerctl -f
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a list -d 'Show workers and how many instances run'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a status -d 'Show a worker, its instances and the last decision'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a top -d 'Watch workers as they are scaled'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a pause -d 'Scale workers no further'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a resume -d 'Scale workers by their policy again'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a scale -d 'Keep so many instances until the next resume'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a security -d 'Explain what the sandbox allows, and why'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a profile -d 'Allow a worker no more than it is seen to need'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a simulate -d 'Try a scaling policy on recorded load'
complete -c workerctl -n "not __fish_seen_subcommand_from $verbs" -a verify -d 'Check manifests'
complete -c workerctl -n '__fish_seen_subcommand_from list security profile' -l json -d 'Print JSON'
complete -c workerctl -n '__fish_seen_subcommand_from list status pause resume scale security profile simulate' -a '(__workerctl_ids)'
complete -c workerctl -n '__fish_seen_subcommand_from security simulate verify' -F
complete -c workerctl -n '__fish_seen_subcommand_from security' -l filter -d 'Print the filter of system calls'
complete -c workerctl -n '__fish_seen_subcommand_from security' -l check -d 'Say whether system calls are allowed'
complete -c workerctl -n '__fish_seen_subcommand_from profile' -l for -x -d 'Watch for so long'
complete -c workerctl -n '__fish_seen_subcommand_from profile' -l apply -d 'Make a drop-in of what was proposed last'
complete -c workerctl -n '__fish_seen_subcommand_from profile' -l remove -d 'Take the drop-in away'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l target-wait -x -d 'The longest an item should wait'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l min -x -d 'Least instances'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l max -x -d 'Most instances'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l scale-down-after -x -d 'The longest an unneeded instance is kept'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l capacity -x -d 'Items per second of one instance'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l start-delay -x -d 'From start to serving'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l seed -x -d 'Other arrivals of the same rate'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l svg -r -F -d 'Draw the run'
complete -c workerctl -n '__fish_seen_subcommand_from simulate' -l stdio -d 'Answer observations from standard input'
complete -c workerctl -n '__fish_seen_subcommand_from top' -l delay -x -d 'Seconds between two looks'
complete -c workerctl -n '__fish_seen_subcommand_from top' -l iterations -x -d 'End after so many looks'
