/* form.c - fields to fill in, and two buttons. */
#include "console/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/keys.h"
#include "console/pager.h"
#include "core/base/mem.h"

void
form_clear(struct form *f)
{
	for (size_t i = 0; i < f->n_inputs; i++)
		secret_wipe(&f->inputs[i], sizeof f->inputs[i]);
	free(f->inputs);
	memset(f, 0, sizeof *f);
}

static struct input *
input_add(struct form *f, enum input_kind kind, const char *label,
    const char *hint)
{
	struct input *in;

	f->inputs = xrealloc_array(f->inputs, f->n_inputs + 1,
	    sizeof *f->inputs);
	in = &f->inputs[f->n_inputs++];
	memset(in, 0, sizeof *in);
	in->kind = kind;
	snprintf(in->label, sizeof in->label, "%s", label);
	snprintf(in->hint, sizeof in->hint, "%s", hint);
	return in;
}

struct input *
form_line(struct form *f, const char *label, const char *hint, size_t max)
{
	struct input *in = input_add(f, INPUT_LINE, label, hint);

	in->edit.max = max < EDIT_MAX ? max : EDIT_MAX - 1;
	return in;
}

struct input *
form_choice(struct form *f, const char *label, const struct choice *choices,
    size_t n, size_t at)
{
	struct input *in = input_add(f, INPUT_CHOICE, label, "");

	in->choices = choices;
	in->n_choices = n;
	in->at = at < n ? at : 0;
	return in;
}

struct input *
form_tick(struct form *f, const char *label, const char *hint, bool ticked)
{
	struct input *in = input_add(f, INPUT_TICK, label, hint);

	in->ticked = ticked;
	return in;
}

const char *
form_text(const struct form *f, size_t i)
{
	return f->inputs[i].edit.text;
}

const char *
form_word(const struct form *f, size_t i)
{
	const struct input *in = &f->inputs[i];

	return in->n_choices ? in->choices[in->at].word : "";
}

static size_t
form_stops(const struct form *f)
{
	return f->n_inputs + (f->go != NULL) + (f->stop != NULL);
}

bool
form_on_line(const struct form *f)
{
	return f->at < f->n_inputs && f->inputs[f->at].kind == INPUT_LINE;
}

static void
form_move(struct form *f, int by)
{
	size_t n = form_stops(f);

	if (n > 0)
		f->at = (f->at + n + (size_t)(by + (int)n)) % n;
}

static bool
choice_key(struct input *in, int key)
{
	size_t n = in->n_choices;

	if (n == 0)
		return false;
	if (key == K_RIGHT || key == ' ' || key == 'l')
		in->at = (in->at + 1) % n;
	else if (key == K_LEFT || key == 'h')
		in->at = (in->at + n - 1) % n;
	else
		return false;
	return true;
}

static bool
input_key(struct form *f, struct input *in, int key)
{
	bool taken = false;

	if (in->kind == INPUT_LINE)
		taken = edit_key(&in->edit, key);
	else if (in->kind == INPUT_CHOICE)
		taken = choice_key(in, key);
	else if (key == ' ' || key == 'x') {
		in->ticked = !in->ticked;
		taken = true;
	}
	f->touched |= taken;
	return taken;
}

enum form_result
form_key(struct form *f, int key)
{
	bool button = f->at >= f->n_inputs;

	if (key == K_ESC || key == K_CTRL_C)
		return FORM_STOP;
	if (key == K_TAB || key == K_DOWN) {
		form_move(f, 1);
		return FORM_TAKEN;
	}
	if (key == K_BACKTAB || key == K_UP) {
		form_move(f, -1);
		return FORM_TAKEN;
	}
	if (button && (key == K_LEFT || key == K_RIGHT)) {
		if (f->go != NULL && f->stop != NULL)
			f->at = f->at == f->n_inputs ? f->n_inputs + 1 :
			    f->n_inputs;
		return FORM_TAKEN;
	}
	if (key == K_ENTER || (button && key == ' ')) {
		if (button)
			return f->at == f->n_inputs && f->go != NULL ?
			    FORM_GO : FORM_STOP;
		if (f->at + 1 == f->n_inputs)
			return FORM_GO;
		form_move(f, 1);
		return FORM_TAKEN;
	}
	if (button)
		return FORM_IGNORED;
	return input_key(f, &f->inputs[f->at], key) ? FORM_TAKEN :
	    FORM_IGNORED;
}

/* ---- drawing ---- */

static int
labels_width(const struct form *f, int cols)
{
	int w = 0;

	for (size_t i = 0; i < f->n_inputs; i++)
		if (f->inputs[i].kind != INPUT_TICK &&
		    screen_width(f->inputs[i].label) > w)
			w = screen_width(f->inputs[i].label);
	return w + 2 > cols / 2 ? cols / 2 : w + 2;
}

static int
input_height(const struct input *in)
{
	if (in->kind == INPUT_CHOICE) {
		for (size_t i = 0; i < in->n_choices; i++)
			if (strlen(in->choices[i].meaning) > 50)
				return 3;
		return 2;
	}
	return in->hint[0] != '\0' ? 2 : 1;
}

int
form_height(const struct form *f, int cols)
{
	int h = 0;

	(void)cols;
	for (size_t i = 0; i < f->n_inputs; i++)
		h += input_height(&f->inputs[i]);
	return h + (f->go != NULL || f->stop != NULL ? 2 : 0);
}

static void
choice_draw(const struct input *in, const struct area *a, int y, int x,
    bool on)
{
	const struct choice *c;
	struct pager p = { 0 };
	struct area meaning = { a->y + y + 1, a->x + x, input_height(in) - 1,
		a->cols - x };
	int used;

	if (in->n_choices == 0)
		return;
	c = &in->choices[in->at];
	used = screen_put(a, y, x, 2, on ? LOOK_KEY : LOOK_DIM,
	    sign(SIGN_LEFT));
	used += 1;
	used += screen_put(a, y, x + used, a->cols, on ? LOOK_FIELD_ON :
	    LOOK_STRONG, c->word);
	screen_put(a, y, x + used + 1, 2, on ? LOOK_KEY : LOOK_DIM,
	    sign(SIGN_RIGHT));
	if (y + input_height(in) > a->rows)
		meaning.rows = a->rows - y - 1;
	pager_text(&p, LOOK_DIM, "%s", c->meaning);
	if (meaning.rows > 0 && meaning.cols > 0)
		pager_draw(&p, meaning);
	pager_clear(&p);
}

static void
input_draw(const struct input *in, const struct area *a, int y, int label,
    bool on)
{
	if (in->kind == INPUT_TICK) {
		screen_put(a, y, 0, 3, on ? LOOK_FIELD_ON : LOOK_PLAIN,
		    in->ticked ? "[x]" : "[ ]");
		screen_put(a, y, 4, a->cols, on ? LOOK_STRONG : LOOK_PLAIN,
		    in->label);
		screen_put(a, y + 1, 4, a->cols, LOOK_DIM, in->hint);
		if (on)
			screen_cursor(a, y, 1);
		return;
	}
	screen_put(a, y, 0, label - 1, on ? LOOK_STRONG : LOOK_DIM,
	    in->label);
	if (in->kind == INPUT_CHOICE) {
		choice_draw(in, a, y, label, on);
		return;
	}
	edit_draw(&in->edit, a, y, label, a->cols - label > 56 ? 56 :
	    a->cols - label, on);
	screen_put(a, y + 1, label, a->cols, LOOK_DIM, in->hint);
}

static void
buttons_draw(const struct form *f, const struct area *a, int y, int x,
    bool focus)
{
	const char *words[2] = { f->go, f->stop };
	size_t n = f->n_inputs;

	for (size_t i = 0; i < 2; i++) {
		if (words[i] == NULL)
			continue;
		x += screen_printf(a, y, x, focus && f->at == n ?
		    LOOK_SELECTED : LOOK_PLAIN, "[ %s ]", words[i]) + 2;
		n++;
	}
}

/* The first input to draw so that the one with the focus is seen. */
static size_t
first_seen(const struct form *f, int rows)
{
	size_t first = 0;
	int h = 0;

	for (size_t i = 0; i <= f->at && i < f->n_inputs; i++)
		h += input_height(&f->inputs[i]);
	while (h > rows && first < f->at && first < f->n_inputs)
		h -= input_height(&f->inputs[first++]);
	return first;
}

void
form_draw(const struct form *f, struct area a, bool focus)
{
	bool buttons = f->go != NULL || f->stop != NULL;
	int label = labels_width(f, a.cols), y = 0;
	struct area in = a;

	if (buttons && a.rows > 1)
		in.rows = a.rows - (a.rows > 3 ? 2 : 1);
	for (size_t i = first_seen(f, in.rows); i < f->n_inputs &&
	    y < in.rows; i++) {
		input_draw(&f->inputs[i], &in, y, label,
		    focus && f->at == i);
		y += input_height(&f->inputs[i]);
	}
	if (buttons)
		buttons_draw(f, &a, y + 1 < a.rows ? y + 1 : a.rows - 1,
		    label > 2 ? label : 0, focus);
}
