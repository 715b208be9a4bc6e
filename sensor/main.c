/* The command line: which command, with which options, and the exit status. */
#include "core/log.h"
#include "sensor/commands.h"
#include "sensor/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/cmtap/cmtap.yml"

static const char usage[] =
        "usage: cmtap read   [options] FILE...        analyse capture files, then exit\n"
        "       cmtap watch  [options] -i IFACE       listen on an interface until stopped\n"
        "       cmtap learn  [options] FILE...        print the site file the traffic suggests\n"
        "       cmtap signatures list|show NAME|check [FILE|DIR...]\n"
        "       cmtap fields                          every field: name, type, meaning, who sets "
        "it\n"
        "       cmtap --version | --help\n"
        "\n"
        "FILE is a capture (pcap, pcapng, either gzip'ed), a folder of them, or - for standard "
        "input.\n"
        "\n"
        "  -c, --config FILE      settings (" DEFAULT_CONFIG " where present)\n"
        "  -S, --site FILE        what you know of your sites; without it cmtap learns\n"
        "  -s, --signatures DIR   rule files, searched recursively; repeatable (the shipped ones)\n"
        "  -o, --output SINK      - or a path; repeatable (-)\n"
        "  -f, --format F         ecs (ecs)\n"
        "  -e, --events           also write every event, not only alerts\n"
        "  -w, --workers N        worker threads; this version works with one\n"
        "  -q, -v                 quieter, more on standard error\n"
        "\n"
        "Documents go to standard output, one JSON object a line; everything for people goes to "
        "standard\n"
        "error. Exit status: 0 done, 1 something failed while running, 2 wrong usage, config, site "
        "or\n"
        "rule file.\n";

#define STATUS_DONE   0
#define STATUS_FAILED 1
#define STATUS_WRONG  2

enum mode { MODE_READ, MODE_WATCH, MODE_LEARN };

static bool open_sinks(const struct option_list *outputs, struct sink **sinks, size_t *count,
                       struct complaints *complaints)
{
	static const char *const standard[] = {"-"};
	const char *const *targets = outputs->count ? outputs->at : standard;
	size_t wanted = outputs->count ? outputs->count : 1;

	for (*count = 0; *count < wanted; (*count)++) {
		sinks[*count] = sink_open(targets[*count], complaints);
		if (!sinks[*count])
			return false;
	}
	return true;
}

static struct capture *open_capture(enum mode mode, const struct options *o,
                                    const struct config *config, struct complaints *complaints)
{
	struct capture_live_options live = {
	        .snap_length = (unsigned)config->capture.snap_length,
	        .buffer_bytes = (unsigned)config->capture.buffer,
	        .promiscuous = config->capture.promiscuous,
	};

	if (mode == MODE_WATCH)
		return capture_open_live(o->interface, live, complaints);
	return capture_open_files(o->arguments, o->argument_count, complaints);
}

static void check_usage(enum mode mode, const struct options *o, struct complaints *complaints)
{
	if (mode == MODE_WATCH && !o->interface)
		complain(complaints, NULL, 0, 0, "watch: expected an interface, -i IFACE");
	if (mode == MODE_WATCH && o->argument_count)
		complain(complaints, NULL, 0, 0, "watch: unexpected %s", o->arguments[0]);
	if (mode != MODE_WATCH && !o->argument_count)
		complain(complaints, NULL, 0, 0, "expected at least one capture file");
}

/* Everything is opened and checked before anything is analysed or written. */
static int analyse(enum mode mode, const struct options *o, struct complaints *complaints)
{
	const char *shipped = shipped_signatures();
	const char *config = o->config;
	struct sink *sinks[OPTION_LIST_MAX];
	struct pipeline_options options = {
	        .signature_paths = o->signatures.count ? o->signatures.at : &shipped,
	        .signature_path_count = o->signatures.count ? o->signatures.count : 1,
	        .site_path = o->site,
	        .every_event = o->every_event,
	        .live = mode == MODE_WATCH,
	        .quiet = o->verbosity < 0,
	};
	size_t sink_count = 0;
	struct capture *capture = NULL;
	struct pipeline *p = NULL;
	int status = STATUS_WRONG;

	if (!config && access(DEFAULT_CONFIG, R_OK) == 0)
		config = DEFAULT_CONFIG;
	if (mode == MODE_LEARN)
		options.signature_path_count = 0;
	check_usage(mode, o, complaints);
	config_read(&options.config, config, complaints);
	if (!complaints->errors)
		capture = open_capture(mode, o, &options.config, complaints);
	if (capture)
		p = pipeline_open(capture, options, complaints);
	if (p && (mode == MODE_LEARN || open_sinks(&o->outputs, sinks, &sink_count, complaints))) {
		pipeline_set_sinks(p, sinks, sink_count);
		complaints_print(complaints, stderr);
		complaints_free(complaints);
		status = pipeline_run(p) ? STATUS_DONE : STATUS_FAILED;
		if (mode == MODE_LEARN)
			site_model_print(pipeline_site_model(p), stdout);
	}
	pipeline_close(p);
	capture_close(capture);
	for (size_t i = 0; i < sink_count; i++)
		sink_close(sinks[i]);
	if (fflush(stdout) != 0 && status == STATUS_DONE)
		status = STATUS_FAILED;
	return status;
}

static int run(const char *command, int argc, char **argv, struct complaints *complaints)
{
	static const struct {
		const char *name;
		enum mode mode;
		unsigned sets;
	} modes[] = {
	        {"read", MODE_READ, OPTIONS_ANALYSIS},
	        {"watch", MODE_WATCH, OPTIONS_ANALYSIS | OPTIONS_INTERFACE},
	        {"learn", MODE_LEARN, OPTIONS_ANALYSIS},
	};
	struct options o;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(command, modes[i].name) != 0)
			continue;
		if (!options_read(argc, argv, modes[i].sets, &o, complaints))
			return STATUS_WRONG;
		log_set_level(LOG_NOTICE + o.verbosity);
		return analyse(modes[i].mode, &o, complaints);
	}
	if (!strcmp(command, "signatures")) {
		if (!options_read(argc, argv, OPTIONS_SIGNATURES, &o, complaints))
			return STATUS_WRONG;
		return command_signatures(&o);
	}
	if (!strcmp(command, "fields") && argc == 1)
		return command_fields();

	static const char *const commands[] = {"read", "watch", "learn", "signatures", "fields"};
	const char *nearest = nearest_name(command, commands, 5);

	complain(complaints, NULL, 0, 0, "unknown command '%s'%s%s%s; try cmtap --help", command,
	         nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return STATUS_WRONG;
}

int main(int argc, char **argv)
{
	struct complaints complaints = {0};
	int status;

	if (argc < 2) {
		fputs(usage, stderr);
		return STATUS_WRONG;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("cmtap %s\n", CMTAP_VERSION);
		return STATUS_DONE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		fputs(usage, stdout);
		return STATUS_DONE;
	}
	status = run(argv[1], argc - 1, argv + 1, &complaints);
	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	return status;
}
