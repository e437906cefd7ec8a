/* csr.c - check-csr: the verdict that a member would get, without a trace. */
#include "core/ctl/ctl.h"

#include <string.h>

#include "core/base/file.h"
#include "core/base/text.h"

#define INPUT_MAX ((64u << 10) + 1)	/* one more than intake reads: it says so */

static void
finding_print(const struct finding *f)
{
	char value[2100], text[2100];

	render_untrusted(value, sizeof value, f->value, strlen(f->value));
	render_untrusted(text, sizeof text, f->text, strlen(f->text));
	printf("%-8s %-20s %s%s%s\n", word_of(&verdict_kind_words, f->kind),
	    f->rule, value, value[0] != '\0' ? ": " : "", text);
}

static void
verdict_print(const struct verdict *v)
{
	char text[ERR_TEXT_SIZE * 4];

	for (size_t i = 0; i < v->n_findings; i++)
		finding_print(&v->findings[i]);
	for (size_t i = 0; v->accepted && i < v->n_names; i++)
		printf("name     %s %s\n",
		    word_of(&name_kind_words, v->names[i].kind),
		    v->names[i].value);
	render_untrusted(text, sizeof text, v->text, strlen(v->text));
	if (text[0] != '\0')
		printf("%s\n", text);
	printf("class=%s\n", v->rule);
}

static int
domains_read(char *list, struct request_wish *w)
{
	char *save = NULL;

	for (char *d = strtok_r(list, ",", &save); d != NULL;
	    d = strtok_r(NULL, ",", &save)) {
		struct domain_name *n = LIST_ADD(w, domains);

		if (w->n_domains > 1000 ||
		    !str_copy(n->name, sizeof n->name, d))
			return -1;
	}
	return 0;
}

/* At most INPUT_MAX bytes: what is behind them cannot change the verdict. */
static int
csr_read(const char *path, struct blob *out, struct err *e)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return err_set(e, ERR_NOT_FOUND, "file", "%s: cannot be read",
		    path);
	n = fread(bytes, 1, sizeof bytes, f);
	if (f != stdin)
		fclose(f);
	blob_set(out, bytes, n);
	secret_wipe(bytes, n);
	return 0;
}

int
ctl_check_csr(int argc, char **argv)
{
	struct request_wish w = { 0 };
	struct verdict v = { 0 };
	const char *file = NULL;
	struct err e;
	int r = -1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--domains") == 0 && i + 1 < argc) {
			if (domains_read(argv[++i], &w) < 0)
				return usage_of("check-csr");
		} else if (strcmp(argv[i], "--profile") == 0 &&
		    i + 1 < argc) {
			if (!str_copy(w.profile, sizeof w.profile,
			    argv[++i]))
				return usage_of("check-csr");
		} else if (file == NULL) {
			file = argv[i];
		} else {
			return usage_of("check-csr");
		}
	}
	if (file == NULL || w.n_domains == 0)
		return usage_of("check-csr");
	if (csr_read(file, &w.csr, &e) == 0)
		r = ask_operator_check_csr(registrar(), &w, &v, &e);
	if (r == 0)
		verdict_print(&v);
	r = r < 0 ? complain(&e) : v.accepted ? 0 : 1;
	secret_wipe(w.csr.data, w.csr.size);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(verdict, &v);
	return r;
}
