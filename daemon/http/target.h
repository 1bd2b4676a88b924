// The parts of a request's target: percent-encoding and query parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace freshet::daemon::http {

// "a%2Fb" -> "a/b". kInvalidArgument when a '%' is not followed by two hex digits.
core::Result<std::string> PercentDecode(std::string_view text);

// The parameters of a query string. Each is taken by its name; one that nobody took, or that occurs
// twice, is an error that names it. Lives on the stack of one request.
class QueryParameters {
 public:
  // REQUIRES: `query` outlives this.
  explicit QueryParameters(std::string_view query);

  // Nothing when absent. Values are decoded, '+' is a space.
  std::optional<std::string> Take(std::string_view name);
  // Text of at most 256 bytes of valid UTF-8; empty when absent.
  std::string TakeId(std::string_view name);
  // An integer of 0 to `maximum`.
  std::uint32_t TakeCount(std::string_view name, std::uint32_t otherwise, std::uint32_t maximum);
  // "1", "true" or "0", "false"; false when absent.
  bool TakeFlag(std::string_view name);

  // The first error met: call it after all Takes.
  [[nodiscard]] core::Status Check();

 private:
  struct Parameter {
    std::string name;
    std::string value;
    bool taken = false;
  };

  void Fail(std::string message);

  std::vector<Parameter> parameters_;
  std::optional<core::Error> error_;
};

}  // namespace freshet::daemon::http
