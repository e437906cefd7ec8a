/* view_parts.c - pieces that several views show alike. */
#include "console/view_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

void
domain_words(char *dst, size_t size, const char *shown, const char *name)
{
	char a[512], u[1024];

	render_untrusted(a, sizeof a, name, strlen(name));
	render_untrusted(u, sizeof u, shown, strlen(shown));
	if (shown[0] == '\0' || strcmp(shown, name) == 0)
		snprintf(dst, size, "%s", a);
	else
		snprintf(dst, size, "%s (%s)", u, a);
}

void
cut_command(char *sentence)
{
	static const char *const hints[] = { "; to ", "; when the code ",
		"; when the DNS ",
		"; for a new one" };
	char *at;

	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if ((at = strstr(sentence, hints[i])) != NULL)
			*at = '\0';
}

void
part_names(struct pager *p, const char *cn, const struct name *names,
    size_t n)
{
	char text[2048];

	pager_field(p, "subject", LOOK_PLAIN, "%s%s", cn[0] ? "CN = " : "",
	    cn[0] ? cn : "serialNumber = the certificate's serial");
	for (size_t i = 0; i < n; i++) {
		name_text(text, sizeof text, &names[i]);
		pager_field(p, i == 0 ? "names" : "", LOOK_STRONG, "%s",
		    text);
	}
}

void
part_domains(struct pager *p, const struct domain_ref *d, size_t n,
    int64_t now)
{
	char text[2048];
	bool lapsed;

	for (size_t i = 0; i < n; i++) {
		lapsed = d[i].proof_domain[0] == '\0' ||
		    (d[i].expires != 0 && d[i].expires <= now);
		proof_text(text, sizeof text, &d[i]);
		pager_item(p, lapsed ? "!" : sign(SIGN_DONE), lapsed ?
		    LOOK_BAD : LOOK_GOOD, "%s", d[i].domain);
		pager_field(p, "  proof", lapsed ? LOOK_BAD : LOOK_PLAIN,
		    "%s%s", text, lapsed && d[i].proof_domain[0] ?
		    " - that time is over" : "");
	}
}

static void
finding_add(struct pager *p, const struct finding *f)
{
	static const struct {
		const char *mark;
		enum look look;
	} looks[] = {
		[VERDICT_USED] = { "=", LOOK_PLAIN },
		[VERDICT_ADDED] = { "+", LOOK_GOOD },
		[VERDICT_REPAIRED] = { "~", LOOK_WARN },
		[VERDICT_IGNORED] = { "-", LOOK_DIM },
		[VERDICT_WARNED] = { "!", LOOK_WARN },
		[VERDICT_REFUSED] = { "x", LOOK_BAD },
	};

	pager_item(p, looks[f->kind].mark, looks[f->kind].look,
	    "%s %s%s%s: %s (%s)", word_of(&verdict_kind_words, f->kind),
	    f->what, f->value[0] ? " " : "", f->value, f->text, f->rule);
}

void
part_findings(struct pager *p, const struct finding *f, size_t n)
{
	static const enum verdict_kind order[] = { VERDICT_REFUSED,
		VERDICT_WARNED, VERDICT_REPAIRED, VERDICT_ADDED,
		VERDICT_IGNORED, VERDICT_USED };

	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
		for (size_t i = 0; i < n; i++)
			if (f[i].kind == order[k])
				finding_add(p, &f[i]);
}

void
part_command(struct pager *p, const char *what, const char *line)
{
	pager_text(p, LOOK_DIM, "%s", what);
	pager_text(p, LOOK_PLAIN, "  %s", line);
}

void
days_bar(char *dst, size_t size, int64_t from, int64_t until, int64_t now)
{
	int64_t days = days_left(until, now);
	int full = until > from && until > now ?
	    (int)((until - now) * 10 / (until - from)) : 0;
	size_t used = 0;

	if (full > 10)
		full = 10;
	dst[0] = '\0';
	for (int i = 0; i < 10 && used + 4 < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s",
		    sign(i < full ? SIGN_FULL : SIGN_EMPTY));
	snprintf(dst + used, size - used, "  %lld day%s", (long long)days,
	    days == 1 ? "" : "s");
}

/* ---- views that are a list ---- */

void
list_view_filter(struct ui *ui, void *state)
{
	list_filter_start(ui, state);
}

void
list_view_enter(struct ui *ui, void *state)
{
	list_key(ui, state, K_ENTER);
}

void
list_view_escape(struct ui *ui, void *state)
{
	list_key(ui, state, K_ESC);
}

bool
list_view_filtering(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct list *)state)->filtering;
}

bool
list_view_key(struct ui *ui, void *state, int key)
{
	return list_key(ui, state, key);
}

bool
list_view_typing(const void *state)
{
	return ((const struct list *)state)->filtering;
}

void
list_view_draw(const struct ui *ui, const void *state, struct area a)
{
	list_draw(ui, state, a);
}

void
list_view_changed(struct ui *ui, void *state)
{
	list_refresh(ui, state);
}

void
list_view_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	(void)ui;
	list_where(state, dst, size);
}

void
list_view_close(void *state)
{
	list_clear(state);
}

bool
list_view_any(const struct ui *ui, const void *state)
{
	return list_row(state) != NULL && !list_view_filtering(ui, state);
}

void
list_view_cycle(struct ui *ui, struct list *l, const char *const *words,
    size_t n)
{
	size_t i = 0;

	if (l->state[0] != '\0') {
		while (i < n && strcmp(l->state, words[i]) != 0)
			i++;
		i++;
	}
	list_state_set(ui, l, i < n ? words[i] : "");
}

void
list_view_open(struct ui *ui, const struct list *l, const char *view)
{
	char ref[24];

	if (list_row(l) == NULL)
		return;
	snprintf(ref, sizeof ref, "%lld", (long long)list_number(l));
	ui_open(ui, view, ref);
}

/* ---- views that are a page ---- */

bool
pager_view_key(struct ui *ui, void *state, int key)
{
	struct pager *p = state;

	if (key == '/') {
		prompt_find(ui, p);
		return true;
	}
	if ((key == 'n' || key == 'N') && p->find[0] != '\0') {
		if (!pager_find(p, ui_body(ui), key == 'n' ? 1 : -1))
			ui_say(ui, LOOK_WARN, "Not found: %s", p->find);
		return true;
	}
	return pager_key(p, ui_body(ui), key);
}

void
pager_view_draw(const struct ui *ui, const void *state, struct area a)
{
	(void)ui;
	pager_draw(state, a);
}

void
pager_view_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	pager_where(state, ui_body(ui), dst, size);
}
