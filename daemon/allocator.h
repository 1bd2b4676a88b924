// How the process's allocator is to treat large blocks.
#pragma once

namespace freshet::daemon {

// Large blocks - checkpoints under way, tables before they are written, what the brokers send - go
// back to the system when they are freed. The allocator would otherwise learn from their sizes to
// keep them, in pieces, and the process would stay as large as all of them together ever were.
//
// To be called once, before there is a second thread.
void ReturnLargeBlocks();

}  // namespace freshet::daemon
