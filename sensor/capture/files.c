/* Going through folders, in name order, whatever the system's order and language. Symbolic links in
 * a folder are not followed: a link to the latest capture would have it read twice. */
#include "sensor/capture/files.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>

static void add(struct file_list *list, const char *path, size_t argument, bool in_folder,
                bool read_once)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct file *more = realloc(list->at, room * sizeof(*more));

		if (!more)
			return;
		list->at = more;
		list->room = room;
	}

	char *copy = strdup(path);

	if (!copy)
		return;
	list->at[list->count] = (struct file){
	        .path = copy,
	        .argument = argument,
	        .in_folder = in_folder,
	        .read_once = read_once,
	        .first_time = FILE_NEVER,
	        .order = list->count,
	};
	list->count++;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* One step through a folder; `named` is for the path of the command line itself. */
static void found(struct file_list *list, const FTSENT *entry, size_t argument,
                  struct complaints *complaints, struct complaints *problems)
{
	bool named = entry->fts_level == 0;

	switch (entry->fts_info) {
	case FTS_F:
		add(list, entry->fts_path, argument, !named, false);
		break;
	case FTS_DEFAULT: /* a pipe or a device: only where somebody asked for it */
		if (named)
			add(list, entry->fts_path, argument, false, true);
		else
			complain_mildly(problems, entry->fts_path, 0, 0,
			                "no regular file; skipped");
		break;
	case FTS_NS:
	case FTS_ERR:
	case FTS_DNR:
	case FTS_SLNONE:
		complain(named ? complaints : problems, entry->fts_path, 0, 0, "%s",
		         strerror(entry->fts_errno ? entry->fts_errno : ENOENT));
		break;
	case FTS_SL:
		complain_mildly(problems, entry->fts_path, 0, 0,
		                "a symbolic link; skipped, as it is not named itself");
		break;
	default:
		break;
	}
}

static void find(struct file_list *list, const char *path, size_t argument,
                 struct complaints *complaints, struct complaints *problems)
{
	char copy[4096];
	char *roots[] = {copy, NULL};

	if (strlen(path) >= sizeof(copy)) {
		complain(complaints, path, 0, 0, "%s", strerror(ENAMETOOLONG));
		return;
	}
	snprintf(copy, sizeof(copy), "%s", path);

	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);

	if (!walk) {
		complain(complaints, path, 0, 0, "%s", strerror(errno));
		return;
	}
	for (FTSENT *entry = fts_read(walk); entry; entry = fts_read(walk))
		found(list, entry, argument, complaints, problems);
	fts_close(walk);
}

void files_find(struct file_list *list, const char *const *paths, size_t count,
                struct complaints *complaints, struct complaints *problems)
{
	*list = (struct file_list){0};
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(paths[i], "-"))
			add(list, "-", i, false, true);
		else
			find(list, paths[i], i, complaints, problems);
	}
}

void files_free(struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].path);
	free(list->at);
	*list = (struct file_list){0};
}

static int by_time(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->first_time != y->first_time)
		return x->first_time < y->first_time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void files_sort(struct file_list *list)
{
	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), by_time);
}
