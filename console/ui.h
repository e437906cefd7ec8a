/*
 * ui.h - the frame around all views: title, tabs, body, status line, key
 * line; the stack of open views; dialogs; the loop.
 */
#ifndef CONSOLE_UI_H
#define CONSOLE_UI_H

#include "console/client.h"
#include "console/form.h"
#include "console/pager.h"
#include "console/view.h"
#include "core/wire/ask.h"

/*
 * The curses console on stdin and stdout until the person leaves.  -1: the
 * terminal cannot show it, or the person wants to go on by lines (plain text
 * is for both); else the exit status: 0, or 5 when the authority went away.
 */
int ui_run(struct line *l, const struct whoami *me, int idle_minutes);

#define UI_DEPTH 8
#define UI_HEARD 128

/* A box in the middle: sentences, a form, two buttons. */
struct dialog {
	char title[96];
	struct pager text;
	struct form form;
	struct err err;		/* of the last try */
	/* Called on the first button.  0 closes; -1 with *e keeps the box
	 * open, and all that was typed.  NULL: just closes. */
	int (*done)(struct ui *ui, void *state, struct form *f,
	    struct err *e);
	void *state;
	char subject[256];	/* what the question is about */
	bool busy;
	char draft[64];		/* its name as a form that is kept; "" it is not */
	bool kept;
};

/* A pushed change, and when it came. */
struct heard {
	int64_t at;
	struct change change;
};

struct prompt;			/* ui_prompt.h: the line behind `:` */
struct copy_list;		/* ui_copy.c */

struct slot {
	const struct view *view;
	void *state;
	bool stale;		/* changed while it was not on top */
};

struct ui {
	struct line *line;
	struct whoami me;
	int in;
	struct keys keys;
	struct slot stack[UI_DEPTH];
	int depth;
	struct dialog *dialog;
	enum look note_look;
	char note[1024];	/* status line */
	bool dirty;		/* to be drawn */
	bool box_dirty;		/* to be drawn: the box alone */
	bool changed;		/* something was pushed */
	bool quit;
	bool by_lines;		/* with quit: go on in the plain dialogue */
	struct prompt *prompt;	/* NULL until it is opened first */
	struct {
		struct buf text;
		char line[256];
		int status;
	} output;		/* of the last command, for its view to take */
	struct copy_list *copies;
	int64_t draft_ms;	/* when to keep what was typed; 0 nothing was */
	int tab_wanted;		/* while the person is asked whether to leave */
	int64_t refresh_ms, key_ms, rested_ms;
	int idle_minutes;
	bool warned;
	struct heard heard[UI_HEARD];/* the last changes, round and round */
	size_t n_heard;
	int64_t told;		/* revocations of own certificates: the home view
				 * has shown them, they stay there till the end */
	struct {
		bool on;
		int64_t job, ask_ms;
	} walk;			/* ui_walk.c: the audit log is being checked */
};

/* ---- for views ---- */

enum role ui_role(const struct ui *ui);
/* Where the body of a view stands now. */
struct area ui_body(const struct ui *ui);

/* Words on the status line, until the next key. */
void ui_say(struct ui *ui, enum look look, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for an error; a long one in a box. */
void ui_error(struct ui *ui, const struct err *e);

/* Open a view on top, by name; go back; switch to a tab. */
void ui_open(struct ui *ui, const char *view, const char *ref);
void ui_back(struct ui *ui);

/* A new box with this title, for the caller to fill; its form has the
 * buttons `go` and `stop` (NULL: none). */
struct dialog *ui_dialog(struct ui *ui, const char *title, const char *go,
    const char *stop, int (*done)(struct ui *, void *, struct form *,
    struct err *));

/*
 * What is typed into this box survives a dropped line: it is kept under this
 * name (call it last, with the form complete), and stands there again when
 * the box is opened the next time.  Never for codes and other secrets.
 */
void ui_dialog_draft(struct ui *ui, struct dialog *d, const char *form);
bool ui_draft_get(struct ui *ui, const char *form, struct draft *d);
void ui_draft_drop(struct ui *ui, const char *form);

/* Run a command as if it were typed behind `:`; the words end with NULL. */
void ui_command(struct ui *ui, ...) __attribute__((sentinel));

/* Text outside the frame, to be marked with the mouse, until a key. */
void ui_plain(struct ui *ui, const void *text, size_t size);

/*
 * Copy what we made ourselves to the terminal's clipboard (OSC 52) and say
 * so; `what` as in "the chain".  Or start, add some things, and ask which; what
 * is empty is left out.  Words and meanings are borrowed while it is asked.
 */
#define COPY_CHOICES 12
void ui_copy(struct ui *ui, const char *what, const void *data, size_t size);
void ui_copy_start(struct ui *ui);
void ui_copy_add(struct ui *ui, const char *word, const char *meaning,
    const void *data, size_t size);
void ui_copy_add_text(struct ui *ui, const char *word, const char *meaning,
    const char *text);
void ui_copy_ask(struct ui *ui, const char *command);

/* ---- for ui_run and tests ---- */

/* *ui is zeros: most of its pages are never written to, and cost nothing. */
void ui_init(struct ui *ui, struct line *l, const struct whoami *me, int in,
    int idle_minutes);
void ui_clear(struct ui *ui);
void ui_key(struct ui *ui, int key);
void ui_draw(struct ui *ui);
/* Take pushed changes to the view on top; ms until it should be asked
 * again, -1 never. */
int ui_refresh(struct ui *ui, int64_t now_ms);
/* Read the seat and the terminal once, act, draw; waits at most wait_ms. */
void ui_turn(struct ui *ui, int wait_ms);

/* ---- ui_stack.c, ui_frame.c, ui_dialog.c, for each other ---- */

void frame_draw(struct ui *ui);
/* The box and the keys under it, when nothing below them has changed. */
void frame_draw_box(struct ui *ui);
/* ui_tab() asks before something is lost; ui_tab_open() does not. */
void ui_tab(struct ui *ui, int n);
void ui_tab_open(struct ui *ui, int n);
void ui_close_all(struct ui *ui);
int ui_tab_now(const struct ui *ui);
size_t ui_tabs(const struct ui *ui, const struct view *tabs[16]);
/* True: nothing but the box has changed. */
bool dialog_key(struct ui *ui, int key);
void dialog_draw(const struct ui *ui);
/* The line behind `:` (ui_prompt.c): true from its keys when nothing but it
 * has changed. */
void prompt_open(struct ui *ui);
/* The same line, to look for a text in a page. */
void prompt_find(struct ui *ui, struct pager *p);
bool prompt_is_open(const struct ui *ui);
bool prompt_key(struct ui *ui, int key);
void prompt_draw(const struct ui *ui, const struct area *a);
void prompt_clear(struct ui *ui);
void prompt_run(struct ui *ui, struct prompt *p, const char *line);
/* ui_draft.c: keep all now; forget those from this view of the stack on. */
void drafts_keep(struct ui *ui);
void drafts_drop(struct ui *ui, int from);
void drafts_typed(struct ui *ui, int64_t now_ms);
int drafts_due(struct ui *ui, int64_t now_ms);
/* Leave, asking when something would be lost; the other one for the plain
 * dialogue. */
void ui_leave(struct ui *ui);
void ui_leave_by_lines(struct ui *ui);
void dialog_close(struct ui *ui);

#endif
