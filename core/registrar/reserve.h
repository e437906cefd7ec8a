/* reserve.h - room on the disk that is given up when the disk is full, so
 * that revocation goes on.  (db_low() says that it is.) */
#ifndef REGISTRAR_RESERVE_H
#define REGISTRAR_RESERVE_H

/* The reserve stands beside the database file of this path. */
void reserve_make(const char *database);
void reserve_make_again(const char *database);	/* when there is room */
void reserve_spend(const char *database);

#endif
