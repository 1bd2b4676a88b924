#include "daemon/allocator.h"

#include <malloc.h>

namespace freshet::daemon {
namespace {

constexpr int kLargeBlockBytes = 1 << 20;
// Free bytes at a heap's end that may stay: what comes and goes all the time.
constexpr int kKeptBytes = 4 << 20;

}  // namespace

void ReturnLargeBlocks() {
#ifdef __GLIBC__
  // There is no second thread yet.
  mallopt(M_MMAP_THRESHOLD, kLargeBlockBytes);  // NOLINT(concurrency-mt-unsafe)
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);        // NOLINT(concurrency-mt-unsafe)
#endif
}

}  // namespace freshet::daemon
