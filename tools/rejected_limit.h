// RejectedLimit: how many rows an import may refuse and still be called complete.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace freshet::tools {

class RejectedLimit {
 public:
  // "10" is ten rows, "0.5%" that share of all rows. kInvalidArgument when it is neither.
  static core::Result<RejectedLimit> Parse(std::string_view text);

  [[nodiscard]] bool Allows(std::uint64_t rejected, std::uint64_t all) const {
    if (!is_share_) return static_cast<double>(rejected) <= limit_;
    return static_cast<double>(rejected) * 100 <= limit_ * static_cast<double>(all);
  }

 private:
  double limit_ = 0;
  bool is_share_ = false;
};

}  // namespace freshet::tools
