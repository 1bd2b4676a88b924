// SortedRun: records in order of time that wait on disk until they are merged with others.
//
// The file has no name, so that nothing is left of it whatever happens. Written once, then read
// once from its beginning. Owned by EventSorter; one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

class SortedRun {
 public:
  // In $TMPDIR, else /var/tmp, else /tmp.
  static core::Result<std::unique_ptr<SortedRun>> Create();

  core::Status Write(std::int64_t time_ms, std::string_view record);
  // Ends the writing and goes to the first record.
  core::Status Rewind();
  // Goes to the next record; false behind the last.
  core::Result<bool> Next();

  [[nodiscard]] std::int64_t time_ms() const { return time_ms_; }
  [[nodiscard]] std::string_view record() const { return record_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  SortedRun(std::string folder, std::FILE* file) : folder_(std::move(folder)), file_(file) {}
  [[nodiscard]] core::Error IoErrorNow() const;

  std::string folder_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::int64_t time_ms_ = 0;
  std::string record_;
};

}  // namespace freshet::tools
