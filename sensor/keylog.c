/* Key log files, line by line:
 *
 *    # comment
 *    LABEL <client random, 64 hexadecimal digits> <secret, hexadecimal digits>
 *
 * Lines with labels that are of no use here, such as EXPORTER_SECRET, must look like that too, and
 * are passed over. What was read is wiped. */
#include "sensor/keylog.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#define LINE_MAX_BYTES  4096
/* A file of another kind would be wrong in every line. */
#define COMPLAINTS_MOST 20

struct reading {
	const char *path;
	unsigned line;
	struct tls_secrets *secrets;
	struct complaints *complaints;
};

/* A word, and where in its line it stands. */
struct word {
	size_t place;
	struct bytes text;
};

static void wrong(const struct reading *r, size_t place, const char *what)
{
	complain(r->complaints, r->path, r->line, (unsigned)place + 1, "%s", what);
}

/* The word at or behind a place; empty at the end of the line. */
static struct word word(struct bytes line, size_t place)
{
	size_t end;

	while (place < line.len && line.at[place] == ' ')
		place++;
	for (end = place; end < line.len && line.at[end] != ' ';)
		end++;
	return (struct word){place, bytes_slice(line, place, end - place)};
}

static struct word word_behind(struct bytes line, const struct word *before)
{
	return word(line, before->place + before->text.len);
}

static bool is_label(struct bytes label)
{
	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = label.at[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return label.len;
}

/* The bytes of a word of digits; false with a complaint. */
static bool digits(const struct reading *r, const struct word *word, uint8_t *to, size_t room)
{
	for (size_t i = 0; i < word->text.len; i++) {
		int digit = hex_digit(word->text.at[i]);

		if (digit < 0) {
			wrong(r, word->place + i, "expected a hexadecimal digit");
			return false;
		}
		if (i / 2 < room)
			to[i / 2] = (uint8_t)(i % 2 ? to[i / 2] | digit : digit << 4);
	}
	return true;
}

static const char *wrong_secret(enum tls_secret kind, struct bytes secret)
{
	if (!secret.len)
		return "expected a secret in hexadecimal digits";
	if (secret.len % 2)
		return "expected an even number of hexadecimal digits";
	if (kind == SECRET_MASTER && secret.len != 96)
		return "expected a master secret of 96 hexadecimal digits";
	if (kind != SECRETS && secret.len != 64 && secret.len != 96)
		return "expected a secret of 64 or 96 hexadecimal digits";
	return NULL;
}

static void read_line(struct reading *r, struct bytes line)
{
	struct word label = word(line, 0), random = word_behind(line, &label);
	struct word secret = word_behind(line, &random), more = word_behind(line, &secret);
	enum tls_secret kind = tls_secret_by_label(label.text);
	uint8_t key[TLS_RANDOM], value[TLS_SECRET_MAX];
	const char *complaint;

	if (!label.text.len || label.text.at[0] == '#')
		return;
	if (!is_label(label.text)) {
		wrong(r, label.place,
		      "expected a label such as CLIENT_RANDOM, then a client random and a secret");
	} else if (!random.text.len ||
	           (kind != SECRETS && random.text.len != (size_t)2 * TLS_RANDOM)) {
		wrong(r, random.place, "expected a client random of 64 hexadecimal digits");
	} else if (!digits(r, &random, key, sizeof(key))) {
		return;
	} else if ((complaint = wrong_secret(kind, secret.text))) {
		wrong(r, secret.place, complaint);
	} else if (more.text.len) {
		wrong(r, more.place, "expected nothing behind the secret");
	} else if (digits(r, &secret, value, sizeof(value)) && kind != SECRETS) {
		tls_secrets_add(r->secrets, kind, (struct bytes){key, sizeof(key)},
		                (struct bytes){value, secret.text.len / 2});
	}
	OPENSSL_cleanse(value, sizeof(value));
}

static void read_lines(struct reading *r, FILE *file)
{
	char line[LINE_MAX_BYTES];

	while (r->complaints->errors < COMPLAINTS_MOST && fgets(line, sizeof(line), file)) {
		struct bytes text = bytes_of(line);

		r->line++;
		if (text.len == sizeof(line) - 1 && text.at[text.len - 1] != '\n') {
			complain(r->complaints, r->path, r->line, 1,
			         "expected no line of more than %d bytes in a key log file",
			         LINE_MAX_BYTES - 2);
			break;
		}
		while (text.len && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
			text.len--;
		read_line(r, text);
	}
	OPENSSL_cleanse(line, sizeof(line));
	if (ferror(file))
		complain(r->complaints, r->path, 0, 0, "%s", strerror(errno));
}

struct tls_secrets *keylog_take(FILE *file, const char *name, uint32_t most,
                                struct complaints *complaints)
{
	struct reading r = {.path = name, .complaints = complaints};
	unsigned errors = complaints->errors;

	r.secrets = tls_secrets_open(most);
	if (r.secrets)
		read_lines(&r, file);
	else
		complain(complaints, NULL, 0, 0,
		         "out of memory: lower limits.tls_secrets in the config");
	if (complaints->errors == errors)
		return r.secrets;
	tls_secrets_close(r.secrets);
	return NULL;
}

struct tls_secrets *keylog_read(const char *path, uint32_t most, struct complaints *complaints)
{
	struct tls_secrets *secrets;
	FILE *file = fopen(path, "re");
	char buffer[BUFSIZ];

	if (!file) {
		complain(complaints, path, 0, 0, "%s", strerror(errno));
		return NULL;
	}
	/* A buffer of its own would outlive it with secrets in it. */
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	secrets = keylog_take(file, path, most, complaints);
	fclose(file);
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return secrets;
}
