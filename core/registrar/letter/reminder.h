/* reminder.h - the clock's work for members' data: letters before a
 * certificate ends, what is erased when, what closed accounts leave. */
#ifndef REGISTRAR_REMINDER_H
#define REGISTRAR_REMINDER_H

void reminder_run(void);	/* reminder.c */
void retention_run(void);	/* retention.c */
void closing_sweep(void);	/* closing.c */

#endif
