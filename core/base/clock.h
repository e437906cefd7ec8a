/* clock.h - what time it is, or what a test says that it is. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Seconds since 1970, UTC. */
int64_t clock_now(void);

/* Milliseconds that only go forward; for timers and durations. */
int64_t clock_mono_ms(void);

/* Seconds since the host was started, sleep included; set by nobody. */
int64_t clock_boot(void);

/* An identity of this start of the host, never 0.  To be asked once before a
 * jail; where it cannot be read it is one of this process alone. */
uint64_t clock_boot_id(void);

/* From here on clock_boot_id() says this; 0 gives the real one back. */
void clock_boot_id_set_for_test(uint64_t id);
/* From here on clock_boot() says this; 0 gives the real clock back. */
void clock_boot_set_for_test(int64_t seconds);
/* From here on clock_now() says this; 0 gives the real clock back. */
void clock_set_for_test(int64_t unix_seconds);

#endif
