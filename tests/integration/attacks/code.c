/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "attacks.h"
#include "io.h"
#include "strbuf.h"

/* Ways to run native code that nobody has installed. */

enum { PAGE = 4096, PROGRAM_MAX = 64 << 20 };

/* --- files ----------------------------------------------------------------------------------- */

static int copy_of_this_program(char **ret, size_t *ret_size) {
        return read_file_at(AT_FDCWD, "/proc/self/exe", PROGRAM_MAX, ret, ret_size);
}

/* Writes this program to path. */
static int plant(const char *path) {
        CLEANUP(freep) char *program = NULL;
        size_t size;

        int r = copy_of_this_program(&program, &size);
        if (r < 0)
                return r;
        CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
        if (fd < 0)
                return -errno;
        r = write_all(fd, program, size);
        return r < 0 ? r : result_of(fchmod(fd, 0755));
}

static int execute(const void *argument) {
        char *const *argv = (char *const *) argument;

        execv(argv[0], argv);
        return -errno;
}

/* Whether the payload ran: it has an exit status of its own. */
static int executes(char *const argv[]) {
        int killed_by, r = run_in_child(execute, argv, &killed_by);
        if (r == -PAYLOAD_STATUS)
                return 0;
        return r < 0 && r > -126 ? r : -ENOEXEC; /* 126 and 127 are the loader's and the shell's */
}

int execute_below(const char *directory) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_printf(&path, "%s/.attack-program", directory);
        char *const argv[] = { (char *) strbuf_string(&path), (char *) "--payload", NULL };
        int r = plant(argv[0]);
        if (r == 0)
                r = executes(argv);
        (void) unlink(argv[0]);
        return r;
}

int map_below(const char *directory) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };

        strbuf_printf(&path, "%s/.attack-library", directory);
        int r = plant(strbuf_string(&path));
        CLEANUP(closep) int fd = open(strbuf_string(&path), O_RDWR | O_CLOEXEC);
        (void) unlink(strbuf_string(&path));
        if (r < 0)
                return r;
        if (fd < 0)
                return -errno;
        void *p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
        return p == MAP_FAILED ? -errno : 0;
}

static int execute_file(const void *argument) {
        return execute_below(argument);
}

static int map_file(const void *argument) {
        return map_below(argument);
}

/* ld.so maps the program itself, so that the program's own mode does not matter. */
static const char *program_interpreter(void) {
        const ElfW(Phdr) *header = (const ElfW(Phdr) *) getauxval(AT_PHDR);
        uintptr_t base = 0;

        for (size_t i = 0; i < getauxval(AT_PHNUM); i++) {
                if (header[i].p_type == PT_PHDR)
                        base = (uintptr_t) header - header[i].p_vaddr;
                if (header[i].p_type == PT_INTERP)
                        return (const char *) (base + header[i].p_vaddr);
        }
        return NULL;
}

static int execute_by_loader(const void *argument) {
        const char *loader = program_interpreter();
        const char *path = "/tmp/.attack-loaded";

        (void) argument;
        if (!loader)
                return NOT_TRIED;
        char *const argv[] = { (char *) loader, (char *) path, (char *) "--payload", NULL };
        int r = plant(path);
        if (r == 0)
                r = executes(argv);
        (void) unlink(path);
        return r;
}

static int execute_unlinked(const void *argument) {
        CLEANUP(freep) char *program = NULL;
        size_t size;
        char path[64];
        CLEANUP(closep) int fd = open(argument, O_TMPFILE | O_RDWR, 0755);

        if (fd < 0)
                return -errno;
        int r = copy_of_this_program(&program, &size);
        if (r == 0)
                r = write_all(fd, program, size);
        if (r < 0)
                return r;
        /* a file that is open for writing can't be executed: ETXTBSY */
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        CLEANUP(closep) int read_only = open(path, O_RDONLY);
        if (read_only < 0)
                return -errno;
        (void) close(TAKE_FD(fd));
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", read_only);
        char *const argv[] = { path, (char *) "--payload", NULL };
        return executes(argv);
}

static int interpret_script(const void *argument) {
        char *const argv[] = { (char *) "/bin/sh", (char *) "-c", (char *) (uintptr_t) argument,
                NULL };
        return executes(argv);
}

/* --- memory ---------------------------------------------------------------------------------- */

static int open_memfd(void) {
        CLEANUP(freep) char *program = NULL;
        size_t size;
        CLEANUP(closep) int fd = (int) syscall(SYS_memfd_create, "attack", 0);

        if (fd < 0)
                return -errno;
        int r = copy_of_this_program(&program, &size);
        if (r == 0)
                r = write_all(fd, program, size);
        return r < 0 ? r : TAKE_FD(fd);
}

static int execute_memfd(const void *argument) {
        char path[64];
        CLEANUP(closep) int fd = open_memfd();

        (void) argument;
        if (fd < 0)
                return fd;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        char *const argv[] = { path, (char *) "--payload", NULL };
        return executes(argv);
}

static int map_memfd(const void *argument) {
        CLEANUP(closep) int fd = open_memfd();

        (void) argument;
        if (fd < 0)
                return fd;
        void *p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
        return p == MAP_FAILED ? -errno : 0;
}

static int map_writable_executable(const void *argument) {
        void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                        -1, 0);

        (void) argument;
        return p == MAP_FAILED ? -errno : 0;
}

static void *map_anonymous(int protection) {
        return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int make_executable(const void *argument) {
        void *p = map_anonymous(PROT_READ | PROT_WRITE);

        (void) argument;
        if (p == MAP_FAILED)
                return -errno;
        return result_of(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
}

static int make_executable_by_key(const void *argument) {
        void *p = map_anonymous(PROT_READ | PROT_WRITE);

        (void) argument;
        if (p == MAP_FAILED)
                return -errno;
        return result_of(syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ | PROT_EXEC, -1));
}

static int attach_executable(const void *argument) {
        int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);

        (void) argument;
        if (id < 0)
                return -errno;
        void *p = shmat(id, NULL, SHM_EXEC);
        int r = result_of((intptr_t) p == -1 ? -1 : 0);
        (void) shmctl(id, IPC_RMID, NULL);
        return r;
}

/* Memory that was executable from the start and is not writable: the kernel writes there all the
 * same, proc_pid_mem(5). */
static int write_code_through(const char *path) {
        static const char code[] = "written afterwards";
        void *p = map_anonymous(PROT_READ | PROT_EXEC);
        CLEANUP(closep) int fd = open(path, O_RDWR | O_CLOEXEC);

        if (p == MAP_FAILED || fd < 0)
                return -errno;
        if (pwrite(fd, code, sizeof(code), (off_t) (uintptr_t) p) < 0)
                return -errno;
        return memcmp(p, code, sizeof(code)) == 0 ? 0 : -EIO;
}

static int write_own_code(const void *argument) {
        (void) argument;
        return write_code_through("/proc/self/mem");
}

/* The file tells: what is written there is the memory of the child. */
static int write_code_of_child(const void *argument) {
        CLEANUP(strbuf_done) StrBuf path = { 0 };
        pid_t pid = fork();

        (void) argument;
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                (void) pause();
                _exit(0);
        }
        strbuf_printf(&path, "/proc/%d/mem", pid);
        CLEANUP(closep) int fd = open(strbuf_string(&path), O_RDWR | O_CLOEXEC);
        int r = result_of(fd);
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
        return r;
}

static int read_implies_execute(const void *argument) {
        (void) argument;
        return result_of(personality(READ_IMPLIES_EXEC));
}

#define CODE(name, run, argument, layer)                                                           \
        { name, run, argument, STOPPED, STOPPED, layer }

const Attack code_attacks[] = {
        CODE("execute a file written to /tmp", execute_file, "/tmp", "NoExecPaths"),
        CODE("execute a file written to /var/tmp", execute_file, "/var/tmp", "NoExecPaths"),
        CODE("execute a file written to /dev/shm", execute_file, "/dev/shm", "NoExecPaths"),
        CODE("map a file written to /tmp as executable", map_file, "/tmp", "NoExecPaths"),
        CODE("map a file written to /var/tmp as executable", map_file, "/var/tmp", "NoExecPaths"),
        CODE("map a file written to /dev/shm as executable", map_file, "/dev/shm", "NoExecPaths"),
        CODE("execute a written file by the loader", execute_by_loader, NULL, "NoExecPaths"),
        CODE("execute a file without a name", execute_unlinked, "/tmp", "NoExecPaths"),
        { "run a script with an installed interpreter", interpret_script, "exit 42", POSSIBLE,
                        POSSIBLE, "nothing: only native code is bound to /usr" },
        CODE("execute a memfd", execute_memfd, NULL, "seccomp: memfd_create"),
        CODE("map a memfd as executable", map_memfd, NULL, "seccomp: memfd_create"),
        CODE("map memory writable and executable", map_writable_executable, NULL,
                        "MemoryDenyWriteExecute"),
        CODE("make written memory executable", make_executable, NULL, "MemoryDenyWriteExecute"),
        CODE("make it executable by pkey_mprotect", make_executable_by_key, NULL,
                        "MemoryDenyWriteExecute"),
        CODE("attach shared memory as executable", attach_executable, NULL,
                        "MemoryDenyWriteExecute"),
        { "write executable memory through /proc/self/mem", write_own_code, NULL, STOPPED, STOPPED,
                        LANDLOCK, .landlock = LANDLOCK_REFER },
        { "write executable memory of a child through /proc", write_code_of_child, NULL, STOPPED,
                        STOPPED, LANDLOCK, .landlock = LANDLOCK_REFER },
        CODE("make all readable memory executable", read_implies_execute, NULL,
                        "LockPersonality, seccomp: personality"),
};
const size_t code_attacks_size = ARRAY_SIZE(code_attacks);
