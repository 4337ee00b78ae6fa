/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox-tables.h"

/* Identity, privileges, kernel interfaces. The reasons are in worker.manifest(5), "SANDBOX". */
const Directive directives[] = {
        { .name = "CapabilityBoundingSet", .value = "" },
        { .name = "AmbientCapabilities", .value = "" },
        { .name = "NoNewPrivileges", .value = "yes" },
        { .name = "UMask", .value = "0077" },
        { .name = "KeyringMode", .value = "private" },
        { .name = "RemoveIPC", .value = "yes" },
        { .name = "RestrictSUIDSGID", .value = "yes" },
        { .name = "RestrictRealtime", .value = "yes" },
        { .name = "RestrictNamespaces", .value = "yes" },
        { .name = "LockPersonality", .value = "yes", .relaxable = true },
        { .name = "MemoryDenyWriteExecute", .value = "yes", .relaxable = true },
        { .name = "PrivateDevices", .value = "yes" },
        { .name = "DevicePolicy", .value = "closed" },
        { .name = "PrivateUsers", .value = "yes", .relaxable = true },
        { .name = "PrivateIPC", .value = "yes", .relaxable = true },
        { .name = "PrivateMounts", .value = "yes" },
        { .name = "ProtectHostname", .value = "yes", .relaxable = true },
        { .name = "ProtectClock", .value = "yes", .relaxable = true },
        { .name = "ProtectKernelTunables", .value = "yes" },
        { .name = "ProtectKernelModules", .value = "yes" },
        { .name = "ProtectKernelLogs", .value = "yes" },
        { .name = "ProtectControlGroups", .value = "yes" },
        { .name = "ProtectProc", .value = "invisible", .relaxable = true },
        { .name = "ProcSubset", .value = "pid", .relaxable = true },
        { .name = "RestrictAddressFamilies",
                        .value = "AF_UNIX AF_INET AF_INET6",
                        .when = WITH_NETWORK },
        { .name = "RestrictAddressFamilies", .value = "AF_UNIX", .when = WITHOUT_NETWORK },
        { .name = "PrivateNetwork", .value = "yes", .when = WITHOUT_NETWORK },
        { .name = "SystemCallArchitectures", .value = "native" },
        { .name = "SystemCallErrorNumber", .value = "EPERM" },
};
const size_t directives_size = ARRAY_SIZE(directives);

const Directive private_root_directives[] = {
        { .name = "BindReadOnlyPaths", .value = "/usr:/usr:norbind /etc:/etc:norbind" },
        { .name = "NoExecPaths", .value = "+/ +/etc +/tmp +/var/tmp +/dev/shm" },
        { .name = "ExecPaths", .value = "+/usr" },
        /* an inline key may stand in a manifest */
        { .name = "InaccessiblePaths",
                        .value = "-+/etc/workers -+/etc/credstore -+/etc/credstore.encrypted" },
        /* Each mount costs a start 0.2 ms and more, as systemd reads all of them again for it. So
           not /sys with a dozen file systems below it, but an empty one with what runtimes read:
           their limits and the processors. */
        { .name = "BindReadOnlyPaths",
                        .value
                        = PRIVATE_ROOT "/sys:/sys:norbind /sys/fs/cgroup:/sys/fs/cgroup:norbind "
                                       "-/sys/devices/system:/sys/devices/system:norbind" },
};
const size_t private_root_directives_size = ARRAY_SIZE(private_root_directives);

const Directive own_root_directives[] = {
        { .name = "BindReadOnlyPaths",
                        .value = "-" PRIVATE_ROOT "/run/workers:/run/workers:norbind" },
        { .name = "NoExecPaths", .value = "+/tmp +/var/tmp +/dev/shm" },
};
const size_t own_root_directives_size = ARRAY_SIZE(own_root_directives);

const Directive file_system_directives[] = {
        { .name = "MountAPIVFS", .value = "yes" },
        { .name = "BindReadOnlyPaths",
                        .value
                        = "-/run/systemd/journal -/run/systemd/resolve -/run/systemd/userdb" },
        { .name = "ProtectSystem", .value = "strict" },
        { .name = "PrivateTmp", .value = "yes" },
        /* MountAPIVFS= mounts a file system there that all can write to, and ProtectSystem= leaves
           it so */
        { .name = "ReadOnlyPaths", .value = "+/run" },
        { .name = "NoExecPaths", .value = "+/run" },
};
const size_t file_system_directives_size = ARRAY_SIZE(file_system_directives);
