/* Finding and reading rule files. One thread loads a set. */
#include "signatures/sigma/rule_load.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FOLDER_DEPTH_MAX 16
#define PATH_LENGTH_MAX  4096
#define RULES_MAX        65536

static void take_documents(struct loader *l, struct yaml_document *first)
{
	if (!first) {
		l->unread = true;
		return;
	}
	l->document = memory_room(&l->set->memory, l->document, l->documents,
	                          sizeof(struct yaml_document *));
	l->document[l->documents++] = first;
	for (struct yaml_document *d = first; d; d = d->next) {
		if (!d->root)
			continue;
		if (l->rules == RULES_MAX) {
			complain(l->complaints, d->file, d->root->line, 1,
			         "too many rules: the cap is %d", RULES_MAX);
			return;
		}
		load_document(l, d->file, d->root);
	}
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && !strcmp(name + len - end_len, end);
}

static int wanted_entry(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_file(struct loader *l, const char *path)
{
	take_documents(l, yaml_read_file(memory_text(&l->set->memory, path), l->complaints));
}

/* Whether a folder's entry is a folder; links are followed. */
static bool is_folder(const struct dirent *entry, const char *path)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void read_folder(struct loader *l, const char *path, unsigned depth)
{
	struct dirent **entry = NULL;
	char below[PATH_LENGTH_MAX];
	int count = depth < FOLDER_DEPTH_MAX ? scandir(path, &entry, wanted_entry, by_name) : -1;

	if (count < 0)
		complain(l->complaints, path, 0, 0, "the folder cannot be read: %s",
		         depth < FOLDER_DEPTH_MAX ? strerror(errno) : "nested too deeply");
	for (int i = 0; i < count; i++) {
		int len = snprintf(below, sizeof(below), "%s/%s", path, entry[i]->d_name);

		if (len < PATH_LENGTH_MAX && is_folder(entry[i], below))
			read_folder(l, below, depth + 1);
		else if (ends_with(below, ".yml"))
			read_file(l, below);
		else if (ends_with(below, ".yaml"))
			complain_mildly(l->complaints, below, 0, 0,
			                "not read: rule files end in .yml");
		free(entry[i]);
	}
	free(entry);
}

static void read_path(struct loader *l, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		read_folder(l, path, 0);
	else
		read_file(l, path);
}

void load_files(struct loader *l)
{
	if (l->text.at) {
		take_documents(l, yaml_read_text(memory_text(&l->set->memory, l->paths[0]), l->text,
		                                 l->complaints));
		return;
	}
	for (size_t i = 0; i < l->path_count; i++)
		read_path(l, l->paths[i]);
}
