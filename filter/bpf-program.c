/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bpf-program.h"

#include <errno.h>
#include <sys/mman.h>

#include "io.h"

void bpf_program_done(BpfProgram *p) {
        free(p->code);
        *p = (BpfProgram){ 0 };
}

bool syscall_is_native(int number) {
        CLEANUP(freep) char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        return name;
}

int bpf_export(const scmp_filter_ctx ctx, BpfProgram *ret) {
        CLEANUP(closep) int fd = memfd_create("filter", MFD_CLOEXEC);
        CLEANUP(freep) char *code = NULL;
        size_t size = 0;

        if (fd < 0)
                return -errno;
        int r = seccomp_export_bpf(ctx, fd);
        if (r < 0)
                return r;
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        r = read_fd(fd, BPF_MAXINSNS * sizeof(struct sock_filter), &code, &size);
        if (r < 0)
                return r;
        if (size == 0 || size % sizeof(struct sock_filter) != 0)
                return -EBADMSG;
        *ret = (BpfProgram){
                .code = (struct sock_filter *) (void *) TAKE_PTR(code),
                .n = size / sizeof(struct sock_filter),
        };
        return 0;
}

/* --- the machine: seccomp(2), and the kernel's Documentation/networking/filter.rst ------------ */

typedef struct Machine {
        uint32_t a, x, memory[BPF_MEMWORDS];
        size_t at; /* the next instruction */
        const struct seccomp_data *data;
} Machine;

/* A word of the data. Returns false when it is not within it. */
static bool load_data(const Machine *m, uint32_t offset, uint32_t *ret) {
        if (offset % sizeof(uint32_t) != 0 || offset >= sizeof(*m->data))
                return false;
        memcpy(ret, (const char *) m->data + offset, sizeof(*ret));
        return true;
}

/* Loads into A or X, stores, and moves between them. */
static bool transfer(Machine *m, const struct sock_filter *i) {
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
                return load_data(m, i->k, &m->a);
        case BPF_LD | BPF_W | BPF_LEN:
                m->a = sizeof(*m->data);
                return true;
        case BPF_LDX | BPF_W | BPF_LEN:
                m->x = sizeof(*m->data);
                return true;
        case BPF_LD | BPF_IMM:
                m->a = i->k;
                return true;
        case BPF_LDX | BPF_IMM:
                m->x = i->k;
                return true;
        case BPF_MISC | BPF_TAX:
                m->x = m->a;
                return true;
        case BPF_MISC | BPF_TXA:
                m->a = m->x;
                return true;
        default:
                break;
        }

        if (i->k >= BPF_MEMWORDS)
                return false;
        switch (i->code) {
        case BPF_LD | BPF_MEM:
                m->a = m->memory[i->k];
                return true;
        case BPF_LDX | BPF_MEM:
                m->x = m->memory[i->k];
                return true;
        case BPF_ST:
                m->memory[i->k] = m->a;
                return true;
        case BPF_STX:
                m->memory[i->k] = m->x;
                return true;
        default:
                return false;
        }
}

static bool calculate(Machine *m, const struct sock_filter *i) {
        uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

        switch (BPF_OP(i->code)) {
        case BPF_ADD:
                m->a += with;
                return true;
        case BPF_SUB:
                m->a -= with;
                return true;
        case BPF_MUL:
                m->a *= with;
                return true;
        case BPF_DIV:
                m->a = with ? m->a / with : 0;
                return with != 0;
        case BPF_AND:
                m->a &= with;
                return true;
        case BPF_OR:
                m->a |= with;
                return true;
        case BPF_XOR:
                m->a ^= with;
                return true;
        case BPF_LSH:
                m->a = with < 32 ? m->a << with : 0;
                return with < 32;
        case BPF_RSH:
                m->a = with < 32 ? m->a >> with : 0;
                return with < 32;
        case BPF_NEG:
                m->a = -m->a;
                return true;
        default:
                return false;
        }
}

static bool jump(Machine *m, const struct sock_filter *i) {
        uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
        bool taken;

        switch (BPF_OP(i->code)) {
        case BPF_JA:
                m->at += i->k;
                return true;
        case BPF_JEQ:
                taken = m->a == with;
                break;
        case BPF_JGT:
                taken = m->a > with;
                break;
        case BPF_JGE:
                taken = m->a >= with;
                break;
        case BPF_JSET:
                taken = m->a & with;
                break;
        default:
                return false;
        }
        m->at += taken ? i->jt : i->jf;
        return true;
}

static bool step(Machine *m, const struct sock_filter *i) {
        switch (BPF_CLASS(i->code)) {
        case BPF_ALU:
                return calculate(m, i);
        case BPF_JMP:
                return jump(m, i);
        default:
                return transfer(m, i);
        }
}

/* Every jump goes forward, so it ends. */
uint32_t bpf_run(const BpfProgram *p, const struct seccomp_data *data) {
        Machine m = { .data = data };

        while (m.at < p->n) {
                const struct sock_filter *i = &p->code[m.at++];
                if (i->code == (BPF_RET | BPF_K))
                        return i->k;
                if (i->code == (BPF_RET | BPF_A))
                        return m.a;
                if (!step(&m, i))
                        break;
        }
        return SECCOMP_RET_KILL_PROCESS;
}
