// ParsedRequest: what the parser makes of a text, for tests that need no connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "daemon/http/memory_budget.h"
#include "daemon/http/request_parser.h"

namespace freshet::daemon::http {

struct ParsedRequest {
  static constexpr std::uint32_t kMaximumHeaderBytes = 4096;
  static constexpr std::uint64_t kMaximumBodyBytes = 1 << 20;

  // Given to the parser at once.
  explicit ParsedRequest(std::string_view text, std::uint64_t budget_bytes = 1 << 20)
      : budget(budget_bytes), memory(&budget) {
    RequestParser parser(&request, &memory, kMaximumHeaderBytes, kMaximumBodyBytes);
    const std::string copy(text);  // on the heap, as a connection's input is
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(copy), error);
    if (error && error != boost::beast::http::error::need_more) refusal = parser.RefusalOf(error);
    is_whole = !error && parser.is_done();
  }

  MemoryBudget budget;
  MemoryBudget::Share memory;
  Request request;
  std::optional<Refusal> refusal;
  bool is_whole = false;
};

}  // namespace freshet::daemon::http
