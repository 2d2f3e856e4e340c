/* Works on real files through WASI preview 1. Built by build.sh; the .wasm is beside this file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int fail(const char *what) {
  fprintf(stderr, "tool: %s: %s\n", what, strerror(errno));
  return 1;
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Names in order, with kind and size; folders first descend. */
static int list(const char *path, int depth) {
  DIR *folder = opendir(path);
  if (!folder) return fail(path);
  char *names[256];
  int count = 0;
  for (struct dirent *entry; count < 256 && (entry = readdir(folder));)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
  closedir(folder);
  qsort(names, count, sizeof *names, compare);
  for (int i = 0; i < count; i++) {
    char child[512];
    struct stat status;
    snprintf(child, sizeof child, "%s/%s", path, names[i]);
    if (lstat(child, &status)) return fail(child);
    if (S_ISDIR(status.st_mode)) {
      printf("%*s%s/\n", 2 * depth, "", names[i]);
      if (list(child, depth + 1)) return 1;
    } else {
      printf("%*s%s %s%lld\n", 2 * depth, "", names[i], S_ISLNK(status.st_mode) ? "link " : "", (long long)status.st_size);
    }
  }
  return 0;
}

static int copy(const char *from, const char *to) {
  FILE *in = fopen(from, "rb");
  if (!in) return fail(from);
  FILE *out = fopen(to, "wb");
  if (!out) return fail(to);
  char buffer[4096];
  size_t length;
  while ((length = fread(buffer, 1, sizeof buffer, in)) > 0) fwrite(buffer, 1, length, out);
  fclose(in);
  return fclose(out) ? fail(to) : 0;
}

/* Lines, words, bytes and an FNV-1a hash. */
static int count(FILE *in) {
  unsigned long lines = 0, words = 0, bytes = 0, hash = 2166136261u;
  int inside = 0;
  for (int c; (c = getc(in)) != EOF; bytes++) {
    hash = (hash ^ c) * 16777619u;
    lines += c == '\n';
    int space = c == ' ' || c == '\n' || c == '\t';
    words += inside && space;
    inside = !space;
  }
  printf("%lu lines, %lu words, %lu bytes, hash %08lx\n", lines, words + inside, bytes, hash);
  return ferror(in) ? fail("read") : 0;
}

/* Seek, overwrite, truncate, append, read back. */
static int edit(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return fail(path);
  if (write(file, "0123456789", 10) != 10) return fail("write");
  if (lseek(file, 3, SEEK_SET) != 3 || write(file, "abc", 3) != 3) return fail("overwrite");
  if (ftruncate(file, 8)) return fail("truncate");
  close(file);
  file = open(path, O_WRONLY | O_APPEND);
  if (file < 0 || write(file, "END\n", 4) != 4) return fail("append");
  close(file);
  char text[32] = "";
  file = open(path, O_RDONLY);
  ssize_t length = pread(file, text, sizeof text - 1, 2);
  off_t end = lseek(file, 0, SEEK_END);
  printf("%zd of %lld: %s", length, (long long)end, text);
  return close(file);
}

static int clocks(void) {
  struct timespec now, then, resolution;
  if (clock_gettime(CLOCK_MONOTONIC, &then) || clock_gettime(CLOCK_REALTIME, &now)) return fail("clock");
  if (clock_getres(CLOCK_MONOTONIC, &resolution)) return fail("resolution");
  struct timespec nap = {0, 20000000};
  nanosleep(&nap, NULL);
  struct timespec later;
  clock_gettime(CLOCK_MONOTONIC, &later);
  long long passed = (later.tv_sec - then.tv_sec) * 1000000000LL + later.tv_nsec - then.tv_nsec;
  unsigned char random[64] = {0};
  if (getentropy(random, sizeof random)) return fail("random");
  int different = 0;
  for (int i = 1; i < 64; i++) different += random[i] != random[0];
  printf("%s, %s, %s\n", passed >= 20000000 ? "slept" : "woke early", now.tv_sec > 1600000000 ? "after 2020" : "long ago",
         different > 32 ? "random" : "constant");
  return 0;
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "args";
  if (!strcmp(command, "args")) {
    for (int i = 0; i < argc; i++) printf("%d: %s\n", i, argv[i]);
    for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
    return 0;
  }
  if (!strcmp(command, "list")) return list(argv[2], 0);
  if (!strcmp(command, "copy")) return copy(argv[2], argv[3]);
  if (!strcmp(command, "count")) {
    FILE *in = argc > 2 ? fopen(argv[2], "rb") : stdin;
    return in ? count(in) : fail(argv[2]);
  }
  if (!strcmp(command, "edit")) return edit(argv[2]);
  if (!strcmp(command, "tree")) {
    if (mkdir(argv[2], 0755) || chdir(argv[2])) return fail(argv[2]);
    FILE *file = fopen("first.txt", "w");
    if (!file) return fail("first.txt");
    fprintf(file, "%s %.3f\n", "pi", 3.14159265);
    fclose(file);
    if (rename("first.txt", "second.txt")) return fail("rename");
    if (symlink("second.txt", "link")) return fail("symlink");
    char target[64] = "";
    if (readlink("link", target, sizeof target - 1) < 0) return fail("readlink");
    printf("link -> %s\n", target);
    if (mkdir("empty", 0755) || rmdir("empty")) return fail("rmdir");
    return 0;
  }
  if (!strcmp(command, "remove")) return unlink(argv[2]) ? fail(argv[2]) : 0;
  if (!strcmp(command, "clocks")) return clocks();
  if (!strcmp(command, "exit")) {
    fputs("leaving\n", stdout);
    exit(atoi(argv[2]));
  }
  if (!strcmp(command, "abort")) abort();
  fprintf(stderr, "tool: unknown command %s\n", command);
  return 2;
}
