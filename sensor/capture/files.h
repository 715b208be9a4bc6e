/* From the paths on a command line to the files to read. The thread that opens the capture owns the
 * list. */
#ifndef CMTAP_SENSOR_CAPTURE_FILES_H
#define CMTAP_SENSOR_CAPTURE_FILES_H

#include "core/bytes.h"
#include "core/complaint.h"

#define FILE_NEVER INT64_MAX

struct file {
	char *path;
	size_t argument;    /* the path on the command line through which it came */
	bool in_folder;     /* found in a folder, not named itself */
	bool read_once;     /* standard input, a pipe: it cannot be opened twice */
	int64_t first_time; /* of its first packet; FILE_NEVER when it is not to be opened (again)
	                     */
	size_t order;       /* among files with the same first time */
};

/* What to call a file when talking to people. */
static inline const char *file_label(const char *path)
{
	return strcmp(path, "-") != 0 ? path : "standard input";
}

struct file_list {
	struct file *at;
	size_t count, room;
};

/* Lists the files that `paths` mean, folders gone through recursively in name order. What is wrong
 * with a path itself is a complaint; what is wrong below a folder is a problem. */
void files_find(struct file_list *list, const char *const *paths, size_t count,
                struct complaints *complaints, struct complaints *problems);
void files_free(struct file_list *list);

/* Sorts by first time; files of the same time keep their order. */
void files_sort(struct file_list *list);

#endif
