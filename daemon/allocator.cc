#include "daemon/allocator.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <malloc.h>
#include <unistd.h>

namespace freshet::daemon {
namespace {

constexpr int kLargeBlockBytes = 1 << 20;
// Free bytes at a heap's end that may stay: what comes and goes all the time.
constexpr int kKeptBytes = 4 << 20;

}  // namespace

// There is no second thread yet, here and below.
void UseHugePages(char** arguments) {
#ifdef __GLIBC__
  constexpr const char* kTunables = "GLIBC_TUNABLES";
  if (std::getenv(kTunables) != nullptr) return;  // NOLINT(concurrency-mt-unsafe)
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  ::setenv(kTunables, "glibc.malloc.hugetlb=1", 1);  // NOLINT(concurrency-mt-unsafe)
  ::execv(program.c_str(), arguments);
  // Still here: it is as well without.
#endif
}

void ReturnLargeBlocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kLargeBlockBytes);  // NOLINT(concurrency-mt-unsafe)
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);        // NOLINT(concurrency-mt-unsafe)
#endif
}

}  // namespace freshet::daemon
