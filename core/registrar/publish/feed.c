/* feed.c - published/feed.json: what the federation's website shows of us. */
#include "core/registrar/publish/publish.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

#define DAY 86400

enum { Q_COUNTERS, Q_ISSUERS, Q_HEAD };

static const char *const sql[] = {
	[Q_COUNTERS] = "SELECT"
	    " (SELECT count FROM tally WHERE name = 'active'),"
	    " (SELECT count FROM tally WHERE name = 'proven'),"
	    " (SELECT max(number) FROM certificate),"
	    " (SELECT coalesce(sum(good), 0) FROM certificate_day"
	    " WHERE day >= ?1 / 86400),"
	    " (SELECT coalesce(sum(revoked), 0) FROM certificate_day),"
	    " (SELECT coalesce(sum(total - good - revoked), 0)"
	    " FROM certificate_day)",
	[Q_ISSUERS] = "SELECT name, purpose, state, not_after, der,"
	    " crl_number, crl_at FROM issuer WHERE state <> 'pending'"
	    " ORDER BY name",
	[Q_HEAD] = ("SELECT number, at, hash FROM audit"
	    " ORDER BY number DESC LIMIT 1"),
};
DB_STATEMENTS(feed, sql)

static void
base_url(char dst[CONF_STR_SIZE + 64])
{
	bool six = strchr(conf.http_listen, ':') != NULL;

	if (conf.http_base_url[0] != '\0')
		snprintf(dst, CONF_STR_SIZE + 64, "%s", conf.http_base_url);
	else
		snprintf(dst, CONF_STR_SIZE + 64, "http://%s%s%s:%lld",
		    six ? "[" : "", conf.http_listen, six ? "]" : "",
		    (long long)conf.http_port);
}

static void
time_put(json_t *o, const char *name, int64_t at)
{
	char text[TIME_TEXT_SIZE];

	time_text(text, at);
	json_object_set_new(o, name, json_string(text));
}

static void
hash_put(json_t *o, const char *name, const uint8_t hash[32])
{
	char hex[65];

	hex_encode(hex, hash, 32);
	json_object_set_new(o, name, json_string(hex));
}

static int
counters_put(json_t *feed, struct err *e)
{
	static const char *const names[] = { "members", "domains", "issued",
		"good", "revoked", "burnt" };
	struct query *q = db_query(feed_prepared[Q_COUNTERS]);
	json_t *o = json_object();
	int r;

	q_i64(q, 1, clock_now());
	if ((r = q_next(q, e)) == 1)
		for (int i = 0; i < 6; i++)
			json_object_set_new(o, names[i],
			    json_integer(q_col_i64(q, i)));
	q_end(q);
	json_object_set_new(feed, "counters", o);
	return r < 0 ? -1 : 0;
}

static json_t *
issuer_object(struct query *q, const char *base)
{
	json_t *o = json_object();
	char name[64], word[16];
	const uint8_t *der;
	uint8_t hash[32];
	size_t size;
	int64_t at = q_col_i64(q, 6);

	q_col_str(q, 0, name, sizeof name);
	json_object_set_new(o, "name", json_string(name));
	q_col_str(q, 1, word, sizeof word);
	json_object_set_new(o, "purpose", json_string(word));
	q_col_str(q, 2, word, sizeof word);
	json_object_set_new(o, "state", json_string(word));
	time_put(o, "not_after", q_col_i64(q, 3));
	der = q_col_blob(q, 4, &size);
	sha256(hash, der, size);
	hash_put(o, "sha256", hash);
	json_object_set_new(o, "certificate",
	    json_sprintf("%s/ca/%s.crt", base, name));
	json_object_set_new(o, "crl", json_sprintf("%s/crl/%s.crl", base,
	    name));
	json_object_set_new(o, "crl_number", json_integer(q_col_i64(q, 5)));
	time_put(o, "crl_made", at);
	time_put(o, "crl_next", at == 0 ? 0 :
	    at + conf.publish_crl_days * DAY);
	return o;
}

static int
issuers_put(json_t *feed, const char *base, struct err *e)
{
	struct query *q = db_query(feed_prepared[Q_ISSUERS]);
	json_t *list = json_array();
	int r;

	while ((r = q_next(q, e)) == 1)
		json_array_append_new(list, issuer_object(q, base));
	json_object_set_new(feed, "issuers", list);
	return r;
}

static void
policy_put(json_t *feed)
{
	json_t *o = json_object();

	json_object_set_new(o, "version", json_string(conf.policy_version));
	json_object_set_new(o, "sha256", json_string(policy_hash()));
	json_object_set_new(o, "oid", json_string(conf.policy_oid));
	json_object_set_new(o, "practice_statement",
	    json_string(conf.policy_cps_url));
	json_object_set_new(o, "agreement_version",
	    json_string(conf.policy_agreement_version));
	json_object_set_new(o, "profiles", json_string(conf.policy_profiles));
	json_object_set_new(o, "days", json_integer(conf.policy_days));
	json_object_set_new(feed, "policy", o);
}

static int
head_put(json_t *feed, const char *base, struct err *e)
{
	struct query *q = db_query(feed_prepared[Q_HEAD]);
	json_t *o = json_object();
	uint8_t hash[32];
	int r;

	if ((r = q_next(q, e)) == 1) {
		json_object_set_new(o, "entries",
		    json_integer(q_col_i64(q, 0)));
		time_put(o, "at", q_col_i64(q, 1));
		q_col_bytes(q, 2, hash, sizeof hash);
		hash_put(o, "head", hash);
	}
	q_end(q);
	json_object_set_new(o, "checkpoint",
	    json_sprintf("%s/log/checkpoint", base));
	json_object_set_new(feed, "log", o);
	return r < 0 ? -1 : 0;
}

static int
file_write(const json_t *feed, struct err *e)
{
	char path[CONF_PATH_SIZE];
	char *text = json_dumps(feed, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	int r;

	if (text == NULL)
		return err_set(e, ERR_BROKEN, "feed",
		    "the feed is no JSON: a value is not UTF-8");
	published_path(path, "", "feed", ".json");
	r = file_replace(path, text, strlen(text), 0644, e);
	free(text);
	return r;
}

int
feed_write(struct err *e)
{
	json_t *feed = json_object();
	char base[CONF_STR_SIZE + 64], root[CONF_STR_SIZE + 96];
	int r = -1;

	base_url(base);
	snprintf(root, sizeof root, "%s/ca/root.crt", base);
	json_object_set_new(feed, "v", json_integer(1));
	json_object_set_new(feed, "service", json_string(conf.service_name));
	json_object_set_new(feed, "title", json_string(conf.service_title));
	json_object_set_new(feed, "federation",
	    json_string(conf.service_federation));
	time_put(feed, "at", clock_now());
	json_object_set_new(feed, "root", json_string(root));
	json_object_set_new(feed, "ocsp", json_sprintf("%s/ocsp", base));
	policy_put(feed);
	if (counters_put(feed, e) == 0 && issuers_put(feed, base, e) == 0 &&
	    head_put(feed, base, e) == 0)
		r = file_write(feed, e);
	json_decref(feed);
	return r;
}
