// Work that nobody waits for, done in the time that nobody else wants.
#pragma once

#include <sched.h>

namespace freshet::daemon {

// From now on the calling thread, and those it starts, run only where a processor would have
// nothing else to do; but for a small share, so that they do not starve altogether. Whoever else
// becomes ready goes first at once, and is woken on the processor that such a thread is on as if it
// were idle. (A niceness grants neither: on two processors a thread that answers then often waited
// out the other's whole slice.) There is no way back without privileges. Where it is not permitted
// nothing happens.
inline void UseSpareTimeOnly() {
  const sched_param none{};
  (void)sched_setscheduler(0, SCHED_IDLE, &none);  // on Linux a thread's own
}

}  // namespace freshet::daemon
