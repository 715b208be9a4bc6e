/* How fast HTTP heads are read: ours, and by libhttp-parser (the parser that Node.js had until 12),
 * which is in Debian 12 and refuses methods that it does not know, CCM_POST among them. */
#include "dissectors/http_head.h"

#include <http_parser.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 400000

static const char request[] = "GET /SMS_DP_SMSPKG$/C0100012/sccm?/setup.cmd HTTP/1.1\r\n"
                              "Connection: Keep-Alive\r\n"
                              "Accept: */*\r\n"
                              "Accept-Encoding: identity\r\n"
                              "If-Unmodified-Since: Fri, 09 Jan 2026 10:00:00 GMT\r\n"
                              "User-Agent: Microsoft BITS/7.8\r\n"
                              "Range: bytes=0-447\r\n"
                              "Host: DP01.corp.example\r\n"
                              "\r\n";

static const char ccm_post[] = "CCM_POST /ccm_system/request HTTP/1.1\r\n"
                               "Host: CM01.corp.example\r\n"
                               "Content-Length: 0\r\n\r\n";

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double ours(void)
{
	double start = now();
	size_t sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct bytes in = {(const uint8_t *)request, sizeof(request) - 1};
		struct http_head head;

		in = bytes_slice(in, 0, http_head_length(in, 0));
		if (!http_request_head(in, &head))
			sum += head.header[HTTP_HOST].len;
		__asm__ volatile("" : : "r"(sum) : "memory");
	}
	return (now() - start) / ROUNDS;
}

static int on_data(http_parser *p, const char *at, size_t len)
{
	(void)at;
	*(size_t *)p->data += len;
	return 0;
}

static double theirs(void)
{
	http_parser_settings settings;
	size_t sum = 0;
	double start;

	http_parser_settings_init(&settings);
	settings.on_url = settings.on_header_field = settings.on_header_value = on_data;
	start = now();
	for (int i = 0; i < ROUNDS; i++) {
		http_parser p;

		http_parser_init(&p, HTTP_REQUEST);
		p.data = &sum;
		http_parser_execute(&p, &settings, request, sizeof(request) - 1);
	}
	return (now() - start) / ROUNDS;
}

static const char *takes_ccm_post(void)
{
	http_parser_settings settings;
	http_parser p;
	size_t sum = 0;

	http_parser_settings_init(&settings);
	http_parser_init(&p, HTTP_REQUEST);
	p.data = &sum;
	http_parser_execute(&p, &settings, ccm_post, sizeof(ccm_post) - 1);
	return http_errno_name(HTTP_PARSER_ERRNO(&p));
}

int main(void)
{
	double a = 1e9, b = 1e9;

	for (int round = 0; round < 9; round++) {
		double x = ours(), y = theirs();

		a = x < a ? x : a;
		b = y < b ? y : b;
	}
	printf("a request head of %zu bytes: ours %.0f ns, libhttp-parser %.0f ns (ratio %.2f)\n",
	       sizeof(request) - 1, a, b, a / b);
	printf("CCM_POST by libhttp-parser: %s\n", takes_ccm_post());
	return 0;
}
