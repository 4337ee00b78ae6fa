/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "attacks.h"

/* Ways to a wider kernel interface: namespaces, other processes' memory, privileged calls. */

/* --- calls whose arguments are wrong on purpose ---------------------------------------------- */

typedef struct Call {
        long number;
        long arguments[5];
} Call;

static int reach(const void *argument) {
        const Call *c = argument;
        const long *a = c->arguments;
        return reached(syscall(c->number, a[0], a[1], a[2], a[3], a[4]));
}

/* --- namespaces ------------------------------------------------------------------------------ */

static int unshare_namespace(const void *argument) {
        return result_of(unshare(*(const int *) argument));
}

static int clone_into_namespace(const void *argument) {
        long pid = syscall(SYS_clone, *(const int *) argument | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        int r = result_of(pid);
        (void) waitpid((pid_t) pid, NULL, 0);
        return r;
}

static int clone3_into_namespace(const void *argument) {
        struct clone_args a
                        = { .flags = (uint64_t) * (const int *) argument, .exit_signal = SIGCHLD };
        long pid = syscall(SYS_clone3, &a, sizeof(a));

        if (pid == 0)
                _exit(0);
        int r = result_of(pid);
        (void) waitpid((pid_t) pid, NULL, 0);
        return r;
}

static int enter_namespace(const void *argument) {
        CLEANUP(closep) int fd = open(argument, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : result_of(setns(fd, 0));
}

/* --- other processes ------------------------------------------------------------------------- */

/* A child to attack; ended by end_child(). */
static pid_t start_child(void) {
        pid_t pid = fork();

        if (pid == 0) {
                (void) pause();
                _exit(0);
        }
        return pid;
}

static void end_child(pid_t pid) {
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
}

static int attach(const void *argument) {
        pid_t pid = start_child();
        (void) argument;
        int r = result_of(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
        end_child(pid);
        return r;
}

static int read_memory(const void *argument) {
        static const char secret[] = "secret";
        char buffer[sizeof(secret)];
        const struct iovec here = { buffer, sizeof(buffer) };
        const struct iovec there = { (void *) (uintptr_t) secret, sizeof(secret) };
        pid_t pid = start_child();

        (void) argument;
        int r = result_of(process_vm_readv(pid, &here, 1, &there, 1, 0));
        end_child(pid);
        return r;
}

static int write_memory(const void *argument) {
        static char target;
        char byte = 0;
        const struct iovec here = { &byte, 1 }, there = { &target, 1 };
        pid_t pid = start_child();

        (void) argument;
        int r = result_of(process_vm_writev(pid, &here, 1, &there, 1, 0));
        end_child(pid);
        return r;
}

static int take_descriptor(const void *argument) {
        pid_t pid = start_child();
        (void) argument;
        CLEANUP(closep) int pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        CLEANUP(closep) int fd = (int) syscall(SYS_pidfd_getfd, pidfd, 0, 0);
        int r = result_of(fd);
        end_child(pid);
        return r;
}

static int compare_processes(const void *argument) {
        (void) argument;
        return result_of(syscall(SYS_kcmp, getpid(), getpid(), 0 /* KCMP_FILE */, 0, 0));
}

/* --- privileged interfaces ------------------------------------------------------------------- */

static int create_bpf_map(const void *argument) {
        const union bpf_attr a = {
                .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
        };
        (void) argument;
        CLEANUP(closep) int fd = (int) syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a));
        return result_of(fd);
}

static int count_events(const void *argument) {
        struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE,
                .size = sizeof(a),
                .config = PERF_COUNT_SW_CPU_CLOCK,
                .exclude_kernel = 1 };
        (void) argument;
        CLEANUP(closep) int fd = (int) syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
        return result_of(fd);
}

static int add_key(const void *argument) {
        (void) argument;
        /* -1: the keyring of the thread, which goes with it */
        return result_of(syscall(SYS_add_key, "user", "attack", "x", 1, -1));
}

static int mount_over(const void *argument) {
        (void) argument;
        int r = result_of(mount("none", "/tmp", "tmpfs", 0, NULL));
        if (r == 0)
                (void) umount2("/tmp", MNT_DETACH);
        return r;
}

static int raise_priority(const void *argument) {
        (void) argument;
        return result_of(setpriority(PRIO_PROCESS, 0, -5));
}

static int run_in_real_time(const void *argument) {
        const struct sched_param p = { .sched_priority = 1 };
        (void) argument;
        return result_of(sched_setscheduler(0, SCHED_RR, &p));
}

static int make_setuid(const void *argument) {
        CLEANUP(closep) int fd = open(argument, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

        if (fd < 0)
                return -errno;
        int r = result_of(fchmod(fd, 04755));
        (void) unlink(argument);
        return r;
}

static int make_device(const void *argument) {
        int r = result_of(mknod(argument, S_IFCHR | 0600, 1 << 8 | 1 /* mem(4) */));
        (void) unlink(argument);
        return r;
}

static int become_root(const void *argument) {
        (void) argument;
        return result_of(setresuid(0, 0, 0));
}

static const int new_user = CLONE_NEWUSER, new_net = CLONE_NEWNET, new_mount = CLONE_NEWNS,
                 new_pid = CLONE_NEWPID, new_ipc = CLONE_NEWIPC, new_uts = CLONE_NEWUTS,
                 new_cgroup = CLONE_NEWCGROUP;

#define KERNEL(name, run, argument, layer)                                                         \
        { name, run, argument, STOPPED, STOPPED, layer }
#define CALL(name, layer, ...) KERNEL(name, reach, (&(const Call){ __VA_ARGS__ }), layer)

const Attack kernel_attacks[] = {
        KERNEL("make a user namespace", unshare_namespace, &new_user, "RestrictNamespaces"),
        KERNEL("make a network namespace", unshare_namespace, &new_net, "RestrictNamespaces"),
        KERNEL("make a mount namespace", unshare_namespace, &new_mount, "RestrictNamespaces"),
        KERNEL("make a PID namespace", unshare_namespace, &new_pid, "RestrictNamespaces"),
        KERNEL("make an IPC namespace", unshare_namespace, &new_ipc, "RestrictNamespaces"),
        KERNEL("make a UTS namespace", unshare_namespace, &new_uts, "RestrictNamespaces"),
        KERNEL("make a cgroup namespace", unshare_namespace, &new_cgroup, "RestrictNamespaces"),
        KERNEL("clone into a user namespace", clone_into_namespace, &new_user,
                        "RestrictNamespaces"),
        KERNEL("clone3 into a user namespace", clone3_into_namespace, &new_user,
                        "RestrictNamespaces"),
        KERNEL("enter the network namespace of PID 1", enter_namespace, "/proc/1/ns/net",
                        "ProtectProc, RestrictNamespaces"),
        KERNEL("enter its own network namespace again", enter_namespace, "/proc/self/ns/net",
                        "RestrictNamespaces"),
        KERNEL("ptrace a child", attach, NULL, "seccomp: ptrace"),
        KERNEL("process_vm_readv a child", read_memory, NULL, "seccomp: process_vm_readv"),
        KERNEL("process_vm_writev a child", write_memory, NULL, "seccomp: process_vm_writev"),
        KERNEL("pidfd_getfd from a child", take_descriptor, NULL, "seccomp: pidfd_getfd"),
        KERNEL("kcmp", compare_processes, NULL, "seccomp: kcmp"),
        CALL("process_madvise", "seccomp: process_madvise", SYS_process_madvise, { -1 }),
        KERNEL("add a key to a keyring", add_key, NULL, "seccomp: @keyring"),
        CALL("request a key", "seccomp: @keyring", SYS_request_key, { 0 }),
        CALL("use keyctl", "seccomp: @keyring", SYS_keyctl, { 0, -1, 1 }),
        KERNEL("create a BPF map", create_bpf_map, NULL, "seccomp: bpf"),
        KERNEL("count events with perf", count_events, NULL, "seccomp: perf_event_open"),
        CALL("userfaultfd", "seccomp: userfaultfd", SYS_userfaultfd, { 1 /* user mode only */ }),
        KERNEL("mount a file system", mount_over, NULL, "seccomp: @mount, no capabilities"),
        CALL("unmount one", "seccomp: @mount", SYS_umount2, { (long) "/nowhere" }),
        CALL("mount one by fsopen", "seccomp: @mount", SYS_fsopen, { (long) "tmpfs" }),
        CALL("clone a mount by open_tree", "seccomp: @mount", SYS_open_tree,
                        { AT_FDCWD, (long) "/tmp", 1 /* OPEN_TREE_CLONE */ }),
        CALL("move a mount", "seccomp: @mount", SYS_move_mount, { -1, (long) "x", -1, (long) "x" }),
        CALL("pivot_root", "seccomp: @mount", SYS_pivot_root, { (long) "/nowhere", (long) "/" }),
        CALL("chroot", "seccomp: @mount", SYS_chroot, { (long) "/nowhere" }),
        CALL("load a kernel module", "seccomp: @module", SYS_init_module, { 0, 0, 0 }),
        CALL("load a new kernel", "seccomp: @reboot", SYS_kexec_load, { 0, 0, 0, -1 }),
        CALL("reboot", "seccomp: @reboot", SYS_reboot, { 0, 0, 0 }),
        CALL("swap to a file", "seccomp: @swap", SYS_swapon, { (long) "/nowhere", 0 }),
        CALL("set the clock", "seccomp: @clock", SYS_clock_settime, { 0, 0 }),
        CALL("set the host name", "ProtectHostname", SYS_sethostname, { (long) "x", -1 }),
        CALL("read the kernel's log", "ProtectKernelLogs", SYS_syslog, { 10, 0, 0 }),
        CALL("open a file by its handle", "seccomp: @privileged", SYS_open_by_handle_at,
                        { -1, 0, 0 }),
        CALL("get a file's handle", "seccomp: name_to_handle_at", SYS_name_to_handle_at,
                        { -1, (long) "", 0, 0, 0 }),
        CALL("switch accounting off", "seccomp: @privileged", SYS_acct, { (long) "/nowhere" }),
#ifdef SYS_ioperm
        CALL("use I/O ports", "seccomp: @raw-io", SYS_ioperm, { 0, 1, 0 }),
#endif
        KERNEL("raise its priority", raise_priority, NULL, "seccomp: @resources"),
        KERNEL("run in real time", run_in_real_time, NULL, "RestrictRealtime"),
        KERNEL("make a file setuid", make_setuid, "/tmp/.attack-setuid", "RestrictSUIDSGID"),
        KERNEL("make a device node", make_device, "/tmp/.attack-device", "no capabilities"),
        KERNEL("become root", become_root, NULL, "seccomp: @privileged, no capabilities"),
};
const size_t kernel_attacks_size = ARRAY_SIZE(kernel_attacks);
