/* view_account.h - what the account's view asks, in boxes of its own. */
#ifndef CONSOLE_VIEW_ACCOUNT_H
#define CONSOLE_VIEW_ACCOUNT_H

#include "console/view_parts.h"

/* view_account_keys.c */
void account_key_add_ask(struct ui *ui);
/* *list stays as it is while the box is open. */
void account_key_remove_ask(struct ui *ui, const struct key_list *list);

/* view_account_letters.c */
void account_contact_ask(struct ui *ui);
void account_uncontact_ask(struct ui *ui);
void account_notify_ask(struct ui *ui);

/* view_account_sessions.c */
void account_sessions_add(struct ui *ui, struct pager *p);
void account_session_end_ask(struct ui *ui);
void account_plain_turn(struct ui *ui);

/* view_account_leave.c */
void account_stop_ask(struct ui *ui);
void account_close_ask(struct ui *ui);
void account_export_ask(struct ui *ui);

#endif
