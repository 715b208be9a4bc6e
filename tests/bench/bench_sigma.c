/* How fast the rule engine is: events a second with 50 to 2,000 rules, the time to load them from
 * files, and what a million groups of a correlation take. Prints a table; never passes or fails.
 *
 *     make -C tests/bench bench_sigma && build/bench/bench_sigma
 *
 * The rules are made up, in the proportions of real ones: most look for words in URLs and message
 * types, with a filter; some for networks, numbers and regular expressions. The events are
 * ConfigMgr clients' requests and other web traffic, of which few match. */
#include "core/clock.h"
#include "signatures/sigma/sigma.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Few enough to stay in the cache: in the sensor an event is looked at when it was just made. */
#define EVENTS  128
#define REPEATS 7 /* odd: the median is one of them */
#define ROUNDS  8192

static const char *const words[] = {
        "policy",   "inventory", "register", "status",  "content", "location", "message", "update",
        "metering", "boot",      "driver",   "package", "program", "sequence", "secret",  "account",
        "install",  "catalog",   "scan",     "report",  "health",  "token",    "console", "cloud",
};

#define WORDS (sizeof(words) / sizeof(*words))

static unsigned next_random(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 32);
}

static const char *word(void)
{
	return words[next_random() % WORDS];
}

static size_t head(char *to, size_t size, unsigned n)
{
	return (size_t)snprintf(
	        to, size,
	        "title: Rule number %u\nid: 00000000-0000-4000-8000-%012u\n"
	        "name: rule-%u\nstatus: stable\nlevel: medium\n"
	        "description: Something that this rule looks for, in a sentence or "
	        "two, as rules have it.\nauthor: bench\ndate: 2026-01-01\n"
	        "tags: [attack.t1557, configmgr.cred-1]\n"
	        "logsource: {product: configmgr, category: network, service: http}\n"
	        "falsepositives:\n    - None is known.\ndetection:\n",
	        n, n, n);
}

static size_t detection(char *to, size_t size, unsigned n)
{
	switch (n % 10) {
	case 0:
	case 1:
	case 2:
		return (size_t)snprintf(to, size,
		                        "    s:\n        http.request.method: %s\n"
		                        "        url.path|contains: ['/%s_%u/', '.%s%u?']\n"
		                        "    filter:\n        client.ip|cidr: '10.%u.0.0/16'\n"
		                        "    condition: s and not filter\n",
		                        n & 1 ? "GET" : "CCM_POST", word(), n, word(), n, n % 200);
	case 3:
	case 4:
		return (size_t)snprintf(to, size,
		                        "    s:\n        configmgr.message.type: '%s-%s'\n"
		                        "        configmgr.message.operation|startswith: '%s%u'\n"
		                        "    condition: s\n",
		                        word(), word(), word(), n);
	case 5:
		return (size_t)snprintf(to, size,
		                        "    s:\n        user_agent.original|contains: '%s/%u.'\n"
		                        "    t:\n        http.response.status_code: 200\n"
		                        "    condition: s and t\n",
		                        word(), n);
	case 6:
		return (size_t)snprintf(
		        to, size,
		        "    s:\n        url.path|endswith: ['%s%u.ini', '%s%u.exe', "
		        "'.%s%u']\n        configmgr.message.signed: false\n"
		        "    condition: s\n",
		        word(), n, word(), n, word(), n);
	case 7:
		return (size_t)snprintf(to, size,
		                        "    s:\n        http.response.body.bytes|gt: %u\n"
		                        "        configmgr.message.operation: '%s%u'\n"
		                        "    condition: s\n",
		                        next_random() % 1000000, word(), n);
	case 8:
		return (size_t)snprintf(to, size,
		                        "    s:\n        url.query|re: '%s%u=[0-9a-f]{8}'\n"
		                        "    condition: s\n",
		                        word(), n);
	default:
		return (size_t)snprintf(to, size,
		                        "    s1:\n        url.domain|endswith: '.%s%u.example'\n"
		                        "    s2:\n        server.ip: '192.0.2.%u'\n"
		                        "        url.path|startswith: '/%s%u'\n"
		                        "    condition: 1 of s*\n",
		                        word(), n, n % 250, word(), n);
	}
}

struct world {
	struct event event[EVENTS];
	char text[EVENTS][4][160];
};

static void event_make(struct world *w, unsigned i)
{
	struct event *ev = &w->event[i];
	char(*text)[160] = w->text[i];
	uint8_t client[4] = {10, (uint8_t)next_random(), (uint8_t)next_random(), 7};
	uint8_t server[4] = {192, 0, 2, (uint8_t)(next_random() % 250)};
	bool post = next_random() & 1;

	event_begin(ev, EVENT_HTTP, (int64_t)i * MILLISECOND);
	snprintf(text[0], 160, "/SMS_MP/.sms_%.3s?%s%u&id=%08X", word(), word(),
	         next_random() % 100000, next_random());
	snprintf(text[1], 160, "/SMS_MP/%s/%s%u", word(), word(), next_random() % 100000);
	snprintf(text[2], 160, "mp%u.%s.corp.example", next_random() % 100, word());
	snprintf(text[3], 160, "%s%u=%08x&x=1", word(), next_random() % 100000, next_random());
	event_set_time(ev, FIELD_EVENT_START, ev->time);
	event_set_address(ev, FIELD_SOURCE_IP, address_from((struct bytes){client, 4}));
	event_set_integer(ev, FIELD_SOURCE_PORT, 1024 + next_random() % 60000);
	event_set_address(ev, FIELD_DESTINATION_IP, address_from((struct bytes){server, 4}));
	event_set_integer(ev, FIELD_DESTINATION_PORT, 80);
	event_set_address(ev, FIELD_CLIENT_IP, address_from((struct bytes){client, 4}));
	event_set_address(ev, FIELD_SERVER_IP, address_from((struct bytes){server, 4}));
	event_set_name(ev, FIELD_NETWORK_TRANSPORT, "tcp");
	event_set_name(ev, FIELD_HTTP_VERSION, "1.1");
	event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, post ? "CCM_POST" : "GET");
	event_set_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, next_random() % 8 ? 200 : 404);
	event_set_integer(ev, FIELD_HTTP_RESPONSE_BODY_BYTES, next_random() % 100000);
	event_set_name(ev, FIELD_URL_ORIGINAL, text[0]);
	event_set_name(ev, FIELD_URL_PATH, text[1]);
	event_set_name(ev, FIELD_URL_DOMAIN, text[2]);
	event_set_name(ev, FIELD_URL_QUERY, text[3]);
	event_set_name(ev, FIELD_USER_AGENT_ORIGINAL,
	               next_random() % 4 ? "ConfigMgr Messaging HTTP Sender"
	                                 : "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edge/120.0");
	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, word());
	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OPERATION, word());
	event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, post);
}

/* Time of this process: other work on the machine does not count. */
static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void on_hit(void *context, const struct sigma_hit *hit)
{
	(void)hit;
	++*(uint64_t *)context;
}

static void write_rules(const char *folder, unsigned from, unsigned to)
{
	char path[256], text[4096];

	for (unsigned n = from; n < to; n++) {
		size_t len = head(text, sizeof(text), n);
		FILE *f;

		len += detection(text + len, sizeof(text) - len, n);
		snprintf(path, sizeof(path), "%s/rule_%06u.yml", folder, n);
		f = fopen(path, "w");
		if (f) {
			fwrite(text, 1, len, f);
			fclose(f);
		}
	}
}

static void remove_rules(const char *folder, unsigned count)
{
	char path[256];

	for (unsigned n = 0; n < count; n++) {
		snprintf(path, sizeof(path), "%s/rule_%06u.yml", folder, n);
		unlink(path);
	}
	rmdir(folder);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *value)
{
	qsort(value, REPEATS, sizeof(*value), by_size);
	return value[REPEATS / 2];
}

static double load_seconds(const char *folder)
{
	double seconds[REPEATS];

	for (int i = 0; i < REPEATS; i++) {
		struct complaints complaints = {0};
		double start = cpu_seconds();
		struct sigma_set *set = sigma_load(&folder, 1, &complaints);

		seconds[i] = cpu_seconds() - start;
		sigma_free(set);
		complaints_free(&complaints);
	}
	return median(seconds);
}

static void measure(const struct world *w, const char *folder, unsigned rules)
{
	struct complaints complaints = {0};
	double load = load_seconds(folder), seconds[REPEATS], each;
	struct sigma_set *set = sigma_load(&folder, 1, &complaints);
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){0});
	uint64_t hits = 0;

	complaints_print(&complaints, stderr);
	for (int i = 0; i < REPEATS; i++) {
		double start = cpu_seconds();

		hits = 0;
		for (unsigned n = 0; n < ROUNDS * EVENTS; n++)
			sigma_detect(d, &w->event[n % EVENTS], on_hit, &hits);
		seconds[i] = cpu_seconds() - start;
	}
	each = median(seconds) / (ROUNDS * EVENTS);
	printf("%8u %12.1f ms %14.0f %12.0f ns %10.4f\n", rules, load * 1e3, 1 / each, each * 1e9,
	       (double)hits / (ROUNDS * EVENTS));
	sigma_detector_close(d);
	sigma_free(set);
	complaints_free(&complaints);
}

static long resident_kib(void)
{
	long pages = 0, ignored;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%ld %ld", &ignored, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* One event each of very many clients, then a flood of one of them. */
static void measure_groups(unsigned groups, size_t cap)
{
	static const char rules[] =
	        "title: base\nname: base\nlogsource: {service: http}\ndetection:\n"
	        "    s: {http.request.method: GET}\n    condition: s\n---\n"
	        "title: flood\nname: flood\ncorrelation:\n    type: event_count\n    rules: "
	        "[base]\n"
	        "    group-by: [client.ip]\n    timespan: 1h\n    condition: {gte: 100}\n";
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("bench", BYTES(rules), &complaints);
	long before = resident_kib();
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){cap});
	struct sigma_counts counts;
	struct event *ev = calloc(1, sizeof(*ev));
	uint64_t hits = 0;
	double start = cpu_seconds();

	for (uint32_t i = 0; i < 2 * groups; i++) {
		uint32_t number = i % groups;

		event_begin(ev, EVENT_HTTP, (int64_t)i * MICROSECOND);
		event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, "GET");
		event_set_address(ev, FIELD_CLIENT_IP,
		                  address_from((struct bytes){(uint8_t *)&number, 4}));
		sigma_detect(d, ev, on_hit, &hits);
	}
	double seconds = cpu_seconds() - start;

	sigma_detector_counts(d, &counts);
	printf("%u groups under a cap of %zu MiB: %.0f events/s, %ld MiB resident, %" PRIu64
	       " groups held, %" PRIu64 " evicted\n",
	       groups, cap >> 20, 2 * groups / seconds, (resident_kib() - before) / 1024,
	       counts.groups, counts.evicted);
	sigma_detector_close(d);
	sigma_free(set);
	complaints_free(&complaints);
	free(ev);
}

int main(void)
{
	static const unsigned counts[] = {50, 100, 500, 2000};
	char folder[] = "/tmp/bench_sigma.XXXXXX";
	struct world *w = calloc(1, sizeof(*w));

	if (!w || !mkdtemp(folder))
		return 1;
	for (unsigned i = 0; i < EVENTS; i++)
		event_make(w, i);
	printf("the engine alone, one thread, processor time, medians of %d\n", REPEATS);
	printf("%8s %15s %14s %15s %10s\n", "rules", "load", "events/s", "an event", "hits each");
	for (unsigned i = 0, made = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		write_rules(folder, made, counts[i]);
		made = counts[i];
		measure(w, folder, counts[i]);
	}
	if (!getenv("BENCH_KEEP"))
		remove_rules(folder, 2000);
	measure_groups(1000000, 256u << 20);
	measure_groups(1000000, 32u << 20);
	free(w);
	return 0;
}
