/*
 * Preloaded into a process: writes down, in order, every change that it makes to files below POWER_CUT_ROOT, and every sync.
 * The log, POWER_CUT_LOG, is what image.ts builds the disk of a power cut from. Nothing is changed in what the process does.
 *
 * A record: u8 kind, u32 length of name, u32 length of second name, u64 inode, u64 offset, u64 length, names, data.
 * The inode names an open file whatever it is called by now. Kinds are those of image.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATED = 1, WRITTEN, TRUNCATED, SYNCED, DIRECTORY_SYNCED, RENAMED, UNLINKED, DIRECTORY_MADE, DIRECTORY_REMOVED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int log_fd = -1;

/*
 * Signals wait while the lock is held: a handler writes too (Node's tells its loop of a child that ended), and would wait for its own
 * thread for ever.
 */
static __thread sigset_t signals_before;
static void take_lock(void) {
  sigset_t all;
  sigfillset(&all);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pthread_mutex_lock(&lock);
  signals_before = before;
}
static void leave_lock(void) {
  sigset_t before = signals_before;
  pthread_mutex_unlock(&lock);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor)) static void begin(void) {
  /* A process that is forked while another thread writes would find the lock held by nobody, for ever. */
  pthread_atfork(take_lock, leave_lock, leave_lock);
  const char *given = getenv("POWER_CUT_ROOT"), *log = getenv("POWER_CUT_LOG");
  if (given == NULL || log == NULL || realpath(given, root) == NULL) return;
  root_length = strlen(root);
  log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_below(const char *path) {
  return log_fd >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* Absolute, by the directory it is in, which must exist; 0: not ours. */
static int below(int directory, const char *path, char *out) {
  char whole[PATH_MAX * 2], parent[PATH_MAX * 2];
  if (log_fd < 0 || path == NULL) return 0;
  if (path[0] == '/') snprintf(whole, sizeof whole, "%s", path);
  else {
    char here[PATH_MAX];
    if (directory == AT_FDCWD) {
      if (getcwd(here, sizeof here) == NULL) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
      ssize_t length = readlink(link, here, sizeof here - 1);
      if (length < 0) return 0;
      here[length] = 0;
    }
    snprintf(whole, sizeof whole, "%s/%s", here, path);
  }
  snprintf(parent, sizeof parent, "%s", whole);
  char *slash = strrchr(parent, '/');
  if (slash == NULL) return 0;
  *slash = 0;
  char resolved[PATH_MAX];
  if (realpath(parent[0] == 0 ? "/" : parent, resolved) == NULL) return 0;
  if (snprintf(out, PATH_MAX, "%s/%s", resolved, slash + 1) >= PATH_MAX) return 0;
  return is_below(out);
}

static int below_fd(int fd, char *out, uint64_t *inode, int *is_directory) {
  char link[64];
  struct stat facts;
  if (log_fd < 0 || fd == log_fd) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, out, PATH_MAX - 1);
  if (length < 0) return 0;
  out[length] = 0;
  if (!is_below(out) || fstat(fd, &facts) != 0) return 0;
  *inode = facts.st_ino;
  *is_directory = S_ISDIR(facts.st_mode);
  return 1;
}

static void note(uint8_t kind, const char *name, const char *second, uint64_t inode, uint64_t offset, const void *data, uint64_t length) {
  int before = errno;
  uint32_t name_length = (uint32_t)strlen(name), second_length = (uint32_t)strlen(second);
  char head[33];
  head[0] = (char)kind;
  memcpy(head + 1, &name_length, 4);
  memcpy(head + 5, &second_length, 4);
  memcpy(head + 9, &inode, 8);
  memcpy(head + 17, &offset, 8);
  memcpy(head + 25, &length, 8);
  struct iovec parts[4] = {
    {head, sizeof head}, {(void *)name, name_length}, {(void *)second, second_length}, {(void *)data, data == NULL ? 0 : length}};
  /* One system call: a kill leaves whole records and at most one torn one at the end. */
  syscall(SYS_writev, log_fd, parts, 4);
  errno = before;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* The change and its record are one step: another thread's sync comes before both or after both. */
static ssize_t wrote(int fd, const void *data, ssize_t done, off64_t offset) {
  char path[PATH_MAX];
  uint64_t inode;
  int is_directory;
  if (done > 0 && below_fd(fd, path, &inode, &is_directory)) note(WRITTEN, path, "", inode, (uint64_t)offset, data, (uint64_t)done);
  return done;
}

static int flags_append(int fd) { return (fcntl(fd, F_GETFL) & O_APPEND) != 0; }

static off64_t position(int fd) {
  if (!flags_append(fd)) return lseek64(fd, 0, SEEK_CUR);
  struct stat facts;
  return fstat(fd, &facts) == 0 ? facts.st_size : 0;
}

ssize_t write(int fd, const void *data, size_t length) {
  REAL(write);
  if (log_fd < 0 || fd <= 2) return real(fd, data, length);
  take_lock();
  off64_t offset = position(fd);
  ssize_t done = wrote(fd, data, real(fd, data, length), offset);
  leave_lock();
  return done;
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t length, off64_t offset) { \
    REAL(name); \
    take_lock(); \
    ssize_t done = wrote(fd, data, real(fd, data, length, offset), offset); \
    leave_lock(); \
    return done; \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

static ssize_t wrote_parts(int fd, const struct iovec *parts, int count, ssize_t done, off64_t offset) {
  ssize_t left = done;
  for (int i = 0; i < count && left > 0; i++) {
    ssize_t length = left < (ssize_t)parts[i].iov_len ? left : (ssize_t)parts[i].iov_len;
    wrote(fd, parts[i].iov_base, length, offset);
    offset += length;
    left -= length;
  }
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  if (log_fd < 0 || fd <= 2) return real(fd, parts, count);
  take_lock();
  off64_t offset = position(fd);
  ssize_t done = wrote_parts(fd, parts, count, real(fd, parts, count), offset);
  leave_lock();
  return done;
}

#define PWRITEV(name) \
  ssize_t name(int fd, const struct iovec *parts, int count, off64_t offset) { \
    REAL(name); \
    take_lock(); \
    ssize_t done = wrote_parts(fd, parts, count, real(fd, parts, count, offset), offset); \
    leave_lock(); \
    return done; \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define TRUNCATE(name) \
  int name(int fd, off64_t length) { \
    REAL(name); \
    char path[PATH_MAX]; \
    uint64_t inode; \
    int is_directory; \
    take_lock(); \
    int failed = real(fd, length); \
    if (failed == 0 && below_fd(fd, path, &inode, &is_directory)) note(TRUNCATED, path, "", inode, (uint64_t)length, NULL, 0); \
    leave_lock(); \
    return failed; \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name) \
  int name(int fd) { \
    REAL(name); \
    char path[PATH_MAX]; \
    uint64_t inode; \
    int is_directory; \
    take_lock(); \
    int failed = real(fd); \
    if (failed == 0 && below_fd(fd, path, &inode, &is_directory)) \
      note(is_directory ? DIRECTORY_SYNCED : SYNCED, path, "", inode, 0, NULL, 0); \
    leave_lock(); \
    return failed; \
  }
SYNC(fsync)
SYNC(fdatasync)

static int opened(int directory, const char *path, int flags, mode_t mode, int was_there, int fd) {
  char whole[PATH_MAX];
  uint64_t inode;
  int is_directory;
  (void)mode;
  if (fd < 0 || !below(directory, path, whole)) return fd;
  char name[PATH_MAX];
  if (!below_fd(fd, name, &inode, &is_directory) || is_directory) return fd;
  if (!was_there && (flags & O_CREAT)) note(CREATED, whole, "", inode, 0, NULL, 0);
  else if (flags & O_TRUNC) note(TRUNCATED, whole, "", inode, 0, NULL, 0);
  return fd;
}

#define OPEN_BODY(directory, call) \
  mode_t mode = 0; \
  if (flags & O_CREAT) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  } \
  if (log_fd < 0 || !(flags & (O_CREAT | O_TRUNC))) return call; \
  take_lock(); \
  struct stat facts; \
  int was_there = fstatat(directory, path, &facts, 0) == 0; \
  int fd = opened(directory, path, flags, mode, was_there, call); \
  leave_lock(); \
  return fd;

int open(const char *path, int flags, ...) { REAL(open); OPEN_BODY(AT_FDCWD, real(path, flags, mode)) }
int open64(const char *path, int flags, ...) { REAL(open64); OPEN_BODY(AT_FDCWD, real(path, flags, mode)) }
int openat(int directory, const char *path, int flags, ...) { REAL(openat); OPEN_BODY(directory, real(directory, path, flags, mode)) }
int openat64(int directory, const char *path, int flags, ...) { REAL(openat64); OPEN_BODY(directory, real(directory, path, flags, mode)) }

static uint64_t inode_of(const char *path) {
  struct stat facts;
  return lstat(path, &facts) == 0 ? facts.st_ino : 0;
}

int rename(const char *from, const char *to) {
  REAL(rename);
  char a[PATH_MAX], b[PATH_MAX];
  take_lock();
  int is_ours = below(AT_FDCWD, from, a) && below(AT_FDCWD, to, b);
  int failed = real(from, to);
  if (failed == 0 && is_ours) note(RENAMED, a, b, inode_of(b), 0, NULL, 0);
  leave_lock();
  return failed;
}

static int removed(int failed, int is_ours, uint8_t kind, const char *path) {
  if (failed == 0 && is_ours) note(kind, path, "", 0, 0, NULL, 0);
  leave_lock();
  return failed;
}

int unlink(const char *path) {
  REAL(unlink);
  char whole[PATH_MAX];
  take_lock();
  int is_ours = below(AT_FDCWD, path, whole);
  return removed(real(path), is_ours, UNLINKED, whole);
}

int rmdir(const char *path) {
  REAL(rmdir);
  char whole[PATH_MAX];
  take_lock();
  int is_ours = below(AT_FDCWD, path, whole);
  return removed(real(path), is_ours, DIRECTORY_REMOVED, whole);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  char whole[PATH_MAX];
  take_lock();
  int failed = real(path, mode);
  if (failed == 0 && below(AT_FDCWD, path, whole)) note(DIRECTORY_MADE, whole, "", inode_of(whole), 0, NULL, 0);
  leave_lock();
  return failed;
}
