#pragma once
#include <stdint.h>

// A disk for SQLite that forgets what was not synchronised when the power is cut.

// Makes it SQLite's default. It remembers the writes to files whose path begins with `prefix` and
// passes everything else on. Later calls change nothing.
void forgetful_disk_register(const char *prefix);

// Somebody has synchronised a file without SQLite's knowledge.
void forgetful_disk_synchronised(const char *path);

// Writes to files in this folder fail from now on as on a full disk, or no longer.
void forgetful_disk_set_full(const char *folder, int is_full);

// Writes to `target` what the disk has of `source` after a power cut: all that was synchronised, and
// of every later write so many of a hundred as `kept` says, chosen by the seed. 100 copies the file
// as it is. Nothing is written when there is no `source`. Returns 0, or -1 when a file failed.
int forgetful_disk_copy(const char *source, const char *target, int kept, uint64_t seed);

// Remembers nothing more about the files of a folder.
void forgetful_disk_forget(const char *folder);
