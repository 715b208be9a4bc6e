/* Opens each file, reads its first packet, and closes it again; a file that is alone, or a pipe,
 * stays open. What is no capture leaves the list here. */
#include "sensor/capture/survey.h"

#include <stdlib.h>

/* A look at the first packet should not read a whole buffer from a disk. */
#define LOOK_BUFFER 16384

struct surveyor {
	struct merge *m;
	struct complaints *complaints;
	bool *has_capture; /* of each argument */
	uint64_t total;
	bool total_known;
};

/* What to say of a file that does not open. */
static void refuse(struct surveyor *s, const struct file *file, enum source_opened opened,
                   const char *problem)
{
	if (opened == SOURCE_UNKNOWN && file->in_folder) {
		complain_mildly(s->m->problems, file_label(file->path), 0, 0, "%s; skipped",
		                problem);
		return;
	}
	s->has_capture[file->argument] = true;
	if (opened == SOURCE_BROKEN || file->in_folder) {
		s->m->files_failed++;
		complain(s->m->problems, file_label(file->path), 0, 0, "%s", problem);
		return;
	}
	complain(s->complaints, file_label(file->path), 0, 0, "%s", problem);
}

/* A file without packets is read already. */
static void note_first_time(struct surveyor *s, struct file *file, struct lane *lane)
{
	size_t count = 0;

	if (source_batch(&lane->source, lane->own, &count) == CAPTURE_PACKETS) {
		file->first_time = lane->own[0].time;
		return;
	}
	s->m->files_read++;
	s->m->bytes_read += lane->source.input.file_size;
	if (lane->source.problem[0]) {
		s->m->files_failed++;
		complain(s->m->problems, file_label(file->path), 0, 0, "%s", lane->source.problem);
	}
}

static void look(struct surveyor *s, struct file *file, bool alone)
{
	bool keep = alone || file->read_once;
	char problem[sizeof(((struct source *)0)->problem)];
	struct lane *lane;
	enum source_opened opened =
	        lane_open(&lane, file, keep ? s->m->buffer_size : LOOK_BUFFER,
	                  keep ? &s->m->bytes_read : NULL, problem, sizeof(problem));

	if (!lane) {
		refuse(s, file, opened, problem);
		return;
	}
	s->has_capture[file->argument] = true;
	s->total += lane->source.input.file_size;
	s->total_known = s->total_known && !lane->source.input.is_pipe;
	if (keep && s->m->open < s->m->open_most) {
		merge_add(s->m, lane);
		return;
	}
	if (keep)
		complain(s->complaints, file_label(file->path), 0, 0, "one of more than %zu pipes",
		         s->m->open_most);
	else
		note_first_time(s, file, lane);
	lane_close(lane);
}

uint64_t survey(struct merge *m, const char *const *paths, size_t count,
                struct complaints *complaints)
{
	struct surveyor s = {
	        .m = m,
	        .complaints = complaints,
	        .has_capture = calloc(count + 1, sizeof(bool)),
	        .total_known = true,
	};
	unsigned errors = complaints->errors;
	struct file_list *files = &m->files;

	if (!s.has_capture) {
		complain(complaints, NULL, 0, 0, "out of memory");
		return 0;
	}
	files_find(files, paths, count, complaints, m->problems);
	for (size_t i = 0; i < files->count; i++)
		look(&s, &files->at[i], files->count == 1);
	for (size_t i = 0; i < count && complaints->errors == errors; i++)
		if (!s.has_capture[i])
			complain(complaints, file_label(paths[i]), 0, 0,
			         "there is no capture file in it");
	free(s.has_capture);
	files_sort(files);
	while (m->upcoming_end < files->count &&
	       files->at[m->upcoming_end].first_time != FILE_NEVER)
		m->upcoming_end++;
	return s.total_known ? s.total : 0;
}
