// How the process's allocator is to treat memory.
#pragma once

namespace freshet::daemon {

// Asks for huge pages: what is learned lies scattered over gigabytes, and an event or an answer
// touches dozens of places, which are otherwise as many misses of the processor's page cache (TLB).
// The allocator takes this only from the environment (GLIBC_TUNABLES), so the program is started
// anew in the same process. Nothing happens when that variable is already set, or where the
// allocator does not know it.
//
// To be called first in main, with main's `arguments`.
void UseHugePages(char** arguments);

// Large blocks - checkpoints under way, tables before they are written, what the brokers send - go
// back to the system when they are freed. The allocator would otherwise learn from their sizes to
// keep them, in pieces, and the process would stay as large as all of them together ever were.
//
// To be called once, before there is a second thread.
void ReturnLargeBlocks();

}  // namespace freshet::daemon
