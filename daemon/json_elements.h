// JsonElements: the elements of a JSON array as pieces of its text, one after the other, so that an
// array of any length is decoded like lines: without a document of the whole, and with pauses.
//
// It finds where elements begin and end; what is in them is for a parser to check. Does not own the
// text, which each call is given again; single-threaded.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/result.h"

namespace freshet::daemon {

class JsonElements {
 public:
  // The next element without the blanks around it; nothing after the last one. An error
  // (kInvalidArgument) when `text` is no array, ends too early, or goes on behind the array.
  core::Result<std::optional<std::string_view>> Next(std::string_view text);

  // Bytes read so far.
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  core::Status Begin(std::string_view text);
  core::Result<std::optional<std::string_view>> End(std::string_view text);

  std::size_t position_ = 0;  // behind the bracket or comma read last
  bool began_ = false;
  bool ended_ = false;
};

}  // namespace freshet::daemon
