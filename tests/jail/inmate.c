/* A program that tries, behind the launcher of the jail, what a worker must not do.
   The first argument names what to do; each line it prints is "attempt errno". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void tell(const char *name, long result) {
    printf("%s %d\n", name, result < 0 ? errno : 0);
    fflush(stdout);
}

static void *thread(void *nothing) { return nothing; }

static void attempt_fork(const char *name, pid_t child) {
    if (child == 0) _exit(0);
    tell(name, child);
    if (child > 0) waitpid(child, NULL, 0);
}

static void attempt_all(const char *self, const char *folder) {
    char path[4096];
    tell("open-passwd", open("/etc/passwd", O_RDONLY));
    tell("open-proc", open("/proc/self/maps", O_RDONLY));
    tell("open-folder", open("/", O_RDONLY | O_DIRECTORY));
    tell("open-device", open("/dev/null", O_RDWR));
    snprintf(path, sizeof path, "%s/made", folder);
    tell("create-file", open(path, O_CREAT | O_WRONLY, 0600));
    tell("make-folder", mkdir(path, 0700));
    tell("link", symlink("/etc/passwd", path));
    tell("truncate", truncate(self, 0));
    tell("rename", rename(self, path));
    tell("remove", unlink(self));
    tell("change-mode", chmod(self, 0777));

    struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_port = htons(9)};
    tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    tell("tcp-socket", fd);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0vprog-inmate"};
    tell("unix-socket", socket(AF_UNIX, SOCK_STREAM, 0));
    tell("tcp-connect", connect(fd, (struct sockaddr *)&tcp, sizeof tcp));
    tell("abstract-bind", bind(fd, (struct sockaddr *)&name, sizeof name));

    attempt_fork("fork", fork());
    attempt_fork("raw-fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    tell("kill-parent", kill(getppid(), 0));
    tell("kill-all", kill(-1, 0));
    tell("trace", ptrace(PTRACE_TRACEME, 0, 0, 0));
    tell("memfd", syscall(SYS_memfd_create, "x", 0));

    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
    tell("write-then-execute", mprotect(page, 4096, PROT_READ | PROT_EXEC));
    void *both = mmap(NULL, 4096, PROT_EXEC | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("write-and-execute", both == MAP_FAILED ? -1 : 0);
    void *bare = mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("unnamed-execute", bare == MAP_FAILED ? -1 : 0);
    struct rlimit more = {1 << 20, 1 << 20};
    tell("raise-limit", setrlimit(RLIMIT_NOFILE, &more));
    tell("disarm-lifeline", fcntl(3, F_SETFL, O_NONBLOCK));
    tell("set-user", setuid(0));
    char *again[] = {(char *)self, "facts", NULL}, *none[] = {NULL};
    char *shell[] = {"sh", "-c", "echo exec-shell 0", NULL};
    tell("exec-shell", execve("/bin/sh", shell, none));
    tell("exec-self", execve(self, again, none));
}

/* The harmless ones, for runs with some or all layers left out. */
static void attempt_some(const char *folder) {
    char path[4096];
    tell("open-passwd", open("/etc/passwd", O_RDONLY));
    tell("open-proc", open("/proc/self/maps", O_RDONLY));
    tell("open-folder", open("/", O_RDONLY | O_DIRECTORY));
    snprintf(path, sizeof path, "%s/made", folder);
    tell("create-file", open(path, O_CREAT | O_WRONLY, 0600));
    struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_port = htons(9)};
    tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    tell("tcp-socket", fd);
    tell("tcp-connect", connect(fd, (struct sockaddr *)&tcp, sizeof tcp));
    tell("unix-socket", socket(AF_UNIX, SOCK_STREAM, 0));
    attempt_fork("fork", fork());
    attempt_fork("raw-fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    tell("kill-parent", kill(getppid(), 0));
    char *shell[] = {"sh", "-c", "echo exec-shell 0", NULL}, *none[] = {NULL};
    tell("exec-shell", execve("/bin/sh", shell, none));
}

int main(int count, char **arguments) {
    const char *what = count > 1 ? arguments[1] : "";
    if (!strcmp(what, "facts")) {
        for (int i = 0; i < count; i++) printf("argument %s\n", arguments[i]);
        for (char **each = environ; *each; each++) printf("variable %s\n", *each);
        struct stat status, null;
        stat("/dev/null", &null);
        for (int fd = 0; fd < 1024; fd++)
            if (fstat(fd, &status) == 0)
                printf("descriptor %d %s\n", fd,
                       S_ISFIFO(status.st_mode)          ? "pipe"
                       : status.st_rdev == null.st_rdev ? "null"
                                                         : "other");
    } else if (!strcmp(what, "attempts")) {
        attempt_all(arguments[2], arguments[3]);
    } else if (!strcmp(what, "layers")) {
        attempt_some(arguments[3]);
    } else if (!strcmp(what, "thread")) {
        pthread_t id;
        errno = pthread_create(&id, NULL, thread, NULL);
        tell("thread", errno ? -1 : 0);
        pthread_join(id, NULL);
    } else if (!strcmp(what, "abort")) {
        fprintf(stderr, "this text must not reach the screen\n");
        abort();
    } else if (!strcmp(what, "memory")) {
        tell("memory", malloc((size_t)atoi(arguments[2]) << 20) ? 0 : -1);
    } else if (!strcmp(what, "files")) {
        int opened = 0;
        while (open(arguments[2], O_RDONLY) >= 0) opened++;
        printf("files %d\n", opened);
    } else if (!strcmp(what, "spin")) {
        for (;;) __asm__ volatile("");
#ifdef __x86_64__
    } else if (!strcmp(what, "int80")) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
        tell("int80", result);
    } else if (!strcmp(what, "x32")) {
        tell("x32", syscall(0x40000000 | 39));
#endif
    }
    return 0;
}
