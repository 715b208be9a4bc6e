/* The command line: which command, with which options, and the exit status. */
#include "core/log.h"
#include "sensor/commands.h"
#include "sensor/keylog.h"
#include "sensor/pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
        "usage: cmtap read   [options] FILE...        analyse capture files, then exit\n"
        "       cmtap watch  [options] -i IFACE       listen on an interface until stopped\n"
        "       cmtap learn  [options] FILE...        print the site file the traffic suggests\n"
        "       cmtap signatures [options] list       every signature\n"
        "       cmtap signatures [options] show NAME  one of them, and what overrides change of "
        "it\n"
        "       cmtap signatures [options] check [FILE|DIR...]\n"
        "                                             every mistake in rule files and overrides\n"
        "       cmtap signatures [options] test NAME FILE...\n"
        "                                             which events of captures a rule matches, and "
        "what\n"
        "                                             kept those that came close\n"
        "       cmtap signatures [options] convert-fields\n"
        "                                             fields and log sources, for sigma-cli\n"
        "       cmtap fields                          every field: name, type, meaning, who sets "
        "it\n"
        "       cmtap --version | --help\n"
        "\n"
        "FILE is a capture (pcap, pcapng, either gzip'ed), a folder of them, or - for standard "
        "input.\n"
        "\n"
        "read, watch and learn:\n"
        "  -c, --config FILE      settings (" DEFAULT_CONFIG " where present)\n"
        "  -S, --site FILE        what you know of your sites; without it cmtap learns\n"
        "  -w, --workers N        worker threads; this version works with one\n"
        "  -q, -v                 quieter, more on standard error\n"
        "read and learn:\n"
        "      --keylog FILE      secrets of TLS connections (NSS format): what they carry is "
        "read too\n"
        "read and watch:\n"
        "  -s, --signatures DIR   rule files, searched recursively; repeatable (the shipped ones)\n"
        "  -O, --overrides FILE   what you change about signatures (/etc/cmtap/overrides.yml "
        "where\n"
        "                         present)\n"
        "  -m, --mapping FILE     names of other products, for rules that use them\n"
        "  -o, --output SINK      - or a path; repeatable (-)\n"
        "  -f, --format F         ecs (ecs)\n"
        "  -e, --events           also write every event, not only alerts\n"
        "signatures:\n"
        "  -c, -s, -O, -m         as above; -S for test\n"
        "      --json             list, show, test, convert-fields: for programs\n"
        "  -v                     test: tell every event, not only the first ones\n"
        "\n"
        "Documents go to standard output, one JSON object a line; everything for people goes to "
        "standard\n"
        "error. Exit status: 0 done, 1 something failed while running, 2 wrong usage, config, site "
        "or\n"
        "rule file. A mistake in a rule that was found in a folder costs that rule only: the run "
        "goes on\n"
        "without it, and ends with 2.\n";

#define STATUS_DONE   0
#define STATUS_FAILED 1
#define STATUS_WRONG  2

enum command { COMMAND_READ, COMMAND_WATCH, COMMAND_LEARN, COMMAND_SIGNATURES, COMMAND_FIELDS };

static bool open_sinks(const struct option_list *outputs, struct sink **sinks, size_t *count,
                       struct complaints *complaints)
{
	static const char *const standard[] = {"-"};
	const char *const *targets = outputs->count ? outputs->at : standard;
	size_t wanted = outputs->count ? outputs->count : 1;

	for (*count = 0; *count < wanted; (*count)++) {
		sinks[*count] = sink_open(targets[*count], complaints);
		if (!sinks[*count])
			break;
	}
	if (*count == wanted)
		return true;
	for (; *count; (*count)--)
		sink_abandon(sinks[*count - 1]);
	return false;
}

static struct capture *open_capture(enum command command, const struct options *o,
                                    const struct config *config, struct complaints *complaints)
{
	struct capture_live_options live = {
	        .snap_length = (unsigned)config->capture.snap_length,
	        .buffer_bytes = (unsigned)config->capture.buffer,
	        .promiscuous = config->capture.promiscuous,
	};

	if (command == COMMAND_WATCH)
		return capture_open_live(o->interface, live, complaints);
	return capture_open_files(o->arguments, o->argument_count, complaints);
}

static void check_usage(enum command command, const struct options *o,
                        struct complaints *complaints)
{
	if (command == COMMAND_WATCH && !o->interface)
		complain(complaints, NULL, 0, 0, "watch: expected an interface, -i IFACE");
	if (command == COMMAND_WATCH && o->argument_count)
		complain(complaints, NULL, 0, 0, "watch: unexpected '%s'", o->arguments[0]);
	if (command != COMMAND_WATCH && !o->argument_count)
		complain(complaints, NULL, 0, 0, "%s: expected at least one capture file",
		         command == COMMAND_READ ? "read" : "learn");
}

/* A wrong rule file is told at the start and, by the exit status, at the end. */
static int run_to_end(struct pipeline *p)
{
	unsigned left_out = pipeline_left_out(p);

	if (left_out)
		log_line(LOG_WARNING,
		         "%u mistakes in rule files: these rules are left out, the others work",
		         left_out);
	if (!pipeline_run(p))
		return STATUS_FAILED;
	return pipeline_left_out(p) ? STATUS_WRONG : STATUS_DONE;
}

/* A reload or a question that comes while rules are still read waits until somebody serves it. */
static void hold_questions(void)
{
	sigset_t questions;

	sigemptyset(&questions);
	sigaddset(&questions, SIGHUP);
	sigaddset(&questions, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &questions, NULL);
}

/* Everything is opened and checked before anything is analysed or written. */
static int analyse(enum command command, const struct options *o, struct complaints *complaints)
{
	struct sink *sinks[OPTION_LIST_MAX];
	struct pipeline_options options = {
	        .site_path = o->site,
	        .every_event = o->every_event,
	        .live = command == COMMAND_WATCH,
	        .quiet = o->verbosity < 0,
	};
	size_t sink_count = 0;
	struct capture *capture = NULL;
	struct tls_secrets *secrets = NULL;
	struct pipeline *p = NULL;
	int status = STATUS_WRONG;

	hold_questions();
	check_usage(command, o, complaints);
	config_read(&options.config, config_file(o), complaints);
	if (command != COMMAND_LEARN)
		options.signatures = signature_sources(o, &options.config);
	if (o->keylog)
		secrets = keylog_read(o->keylog, (uint32_t)options.config.limits.tls_secrets,
		                      complaints);
	options.secrets = secrets;
	if (!complaints->errors)
		capture = open_capture(command, o, &options.config, complaints);
	if (capture)
		p = pipeline_open(capture, options, complaints);
	if (p &&
	    (command == COMMAND_LEARN || open_sinks(&o->outputs, sinks, &sink_count, complaints))) {
		pipeline_set_sinks(p, sinks, sink_count);
		complaints_print(complaints, stderr);
		complaints_free(complaints);
		status = run_to_end(p);
		if (command == COMMAND_LEARN)
			site_model_print(pipeline_site_model(p), stdout);
	}
	pipeline_close(p);
	capture_close(capture);
	tls_secrets_close(secrets);
	for (size_t i = 0; i < sink_count; i++)
		sink_close(sinks[i]);
	return status;
}

static int give_help(void)
{
	fputs(usage, stdout);
	return STATUS_DONE;
}

static int list_fields(const struct options *o, struct complaints *complaints)
{
	if (!o->argument_count)
		return command_fields();
	complain(complaints, NULL, 0, 0, "fields: unexpected '%s'", o->arguments[0]);
	return STATUS_WRONG;
}

static int obey(enum command command, const struct options *o, struct complaints *complaints)
{
	if (o->help)
		return give_help();
	log_set_level(LOG_NOTICE + o->verbosity);
	switch (command) {
	case COMMAND_READ:
	case COMMAND_WATCH:
	case COMMAND_LEARN:
		return analyse(command, o, complaints);
	case COMMAND_SIGNATURES:
		return command_signatures(o);
	case COMMAND_FIELDS:
		return list_fields(o, complaints);
	}
	return STATUS_WRONG;
}

static int run(int argc, char **argv, struct complaints *complaints)
{
	static const char *const names[] = {"read", "watch", "learn", "signatures", "fields"};
	static const unsigned sets[] = {
	        [COMMAND_READ] = OPTIONS_ANALYSIS | OPTIONS_DOCUMENTS | OPTIONS_FILES,
	        [COMMAND_WATCH] = OPTIONS_ANALYSIS | OPTIONS_DOCUMENTS | OPTIONS_INTERFACE,
	        [COMMAND_LEARN] = OPTIONS_ANALYSIS | OPTIONS_FILES,
	        [COMMAND_SIGNATURES] = OPTIONS_SIGNATURES,
	        [COMMAND_FIELDS] = 0,
	};
	const size_t count = sizeof(names) / sizeof(*names);
	struct options o;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(argv[0], names[i]) != 0)
			continue;
		if (!options_read(argc, argv, sets[i], &o, complaints))
			return STATUS_WRONG;
		return obey((enum command)i, &o, complaints);
	}

	const char *nearest = nearest_name(argv[0], names, count);

	complain(complaints, NULL, 0, 0, "unknown command '%s'%s%s%s; try cmtap --help", argv[0],
	         nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return STATUS_WRONG;
}

/* What the lists and the help have to say may not fit on the disk either. */
static int finish_stdout(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	log_line(LOG_ERROR, "standard output: %s", strerror(errno));
	return status == STATUS_DONE ? STATUS_FAILED : status;
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
		return finish_stdout(STATUS_DONE);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return finish_stdout(give_help());
	status = run(argc - 1, argv + 1, &complaints);
	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	return finish_stdout(status);
}
