/* Paths below SMS_DP_SMSPKG$ (http.md sections 1.2 and 6).
 *
 *    /<id>[.<version>]/sccm?/<file>        what a client asks for: the file stands in the query
 *    /<id>[.<version>][/<folder>][/<file>] 2003/2007 clients, and whoever looks around
 *    /PkgLib/<package>.INI                 the content library: which contents a package has,
 *    /DataLib/<content>[/...]/<file>.INI   which files a content has, with their hashes,
 *    /FileLib/<4 hex>/<64 hex>             and the files themselves, by hash */
#include "dissectors/configmgr/content.h"

#include "core/reader.h"
#include "dissectors/configmgr/reading.h"

static const char *const libraries[] = {"pkglib", "datalib", "filelib"};

/* The part of a path up to the next slash, which is consumed. */
static struct bytes next_part(struct reader *r)
{
	struct reader ahead = *r;
	struct bytes part = reader_until(&ahead, '/');

	if (reader_ok(&ahead)) {
		*r = ahead;
		return part;
	}
	return reader_take(r, reader_left(r));
}

static struct bytes last_part(struct bytes path)
{
	size_t at = path.len;

	while (at && path.at[at - 1] != '/')
		at--;
	return bytes_slice(path, at, path.len);
}

/* `<id>.<version>`: the version is digits behind the last dot. */
static void keep_id(struct reading *r, struct bytes id)
{
	size_t at = id.len;

	while (at && id.at[at - 1] >= '0' && id.at[at - 1] <= '9')
		at--;
	if (at > 1 && at < id.len && id.at[at - 1] == '.') {
		keep_field(r, FIELD_CONFIGMGR_CONTENT_VERSION, bytes_slice(id, at, id.len));
		id.len = at - 1;
	}
	keep_field(r, FIELD_CONFIGMGR_CONTENT_ID, id);
}

static bool ends_like(struct bytes name, const char *const *endings)
{
	for (; *endings; endings++)
		if (bytes_ends_with_fold(name, bytes_of(*endings)))
			return true;
	return false;
}

static bool is_content_hash(struct bytes name)
{
	if (name.len != 64)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (hex_digit(name.at[i]) < 0)
			return false;
	return true;
}

/* A place inside the content library: is it a file of a package, or its bookkeeping? */
static void library_path(struct reading *r, const char *library, struct bytes name)
{
	event_set_name(r->ev, FIELD_CONFIGMGR_CONTENT_LIBRARY, library);
	if (!strcmp(library, "filelib") && is_content_hash(name))
		keep_field(r, FIELD_CONFIGMGR_CONTENT_HASH, name);
	else
		event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content_library");
}

bool content_path(struct dissection *d, struct event *ev, const struct endpoint_path *path,
                  struct bytes query, struct bytes method)
{
	static const char *const pages[] = {".htm", ".html", ".hta", ".mht", NULL};
	struct reading reading = {.d = d, .ev = ev};
	struct reader r = reader_over(path->rest);

	next_part(&r); /* the slash behind the directory */

	struct bytes id = next_part(&r), rest = reader_rest(&r);
	bool genuine = (bytes_equal_fold(rest, BYTES("sccm")) && query.len && query.at[0] == '/') ||
	               path->drive;
	struct bytes name = last_part(genuine && query.len ? query : rest);
	const char *library = NULL;

	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (bytes_equal_fold(id, bytes_of(libraries[i])))
			library = libraries[i];
	event_set_boolean(ev, FIELD_CONFIGMGR_CONTENT_GENUINE, genuine && !library);
	if (library)
		library_path(&reading, library, name);
	else
		keep_id(&reading, id);
	keep_field(&reading, FIELD_FILE_NAME, name);
	if (bytes_equal(method, BYTES("PROPFIND")))
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content_index");
	if (!bytes_equal(method, BYTES("GET")) || (genuine && query.len) || ends_like(name, pages))
		return false;
	/* A file or a folder: the reply will tell. */
	if (event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content"))
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content_request");
	return true;
}

void content_reply(struct event *ev, struct configmgr_body body)
{
	struct bytes type = event_text(ev, FIELD_HTTP_RESPONSE_MIME_TYPE);
	bool could_be_page = !type.len || bytes_equal(type, BYTES("text/html"));
	bool enough = body.whole || body.bytes.len >= LISTING_PREFIX;

	/* The DP's own handler writes `&lt;dir&gt <a href="http://...">`; other servers list
	 * folders with links too (http.md section 6.3). */
	if (could_be_page && bytes_find_fold(body.bytes, BYTES("<a href=")) >= 0)
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "directory_listing");
	else if ((!could_be_page || enough) &&
	         event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content_request"))
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "content");
}
