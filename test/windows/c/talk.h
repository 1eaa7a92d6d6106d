/* Talks to a workload.exe of our own, beside us. */
#ifndef SILOSTAT_TALK_H
#define SILOSTAT_TALK_H

#include <stdarg.h>

/* 0 on failure. */
int start_workload(const char *hook);
/* Sends a command. Its answer lies in a buffer of ours until the next one; {"ok":false} where there is none. */
const char *ask_workload(const char *format, va_list arguments);
void end_workload(void);

#endif
