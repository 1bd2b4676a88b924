// RequestParser: Beast's parser, filling a Request, and stricter than Beast where two readings of
// one request would let it smuggle in another (RFC 9112).
//
// Owned by a connection, one for each request; single-threaded. The Request outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>

#include "daemon/http/handler.h"
#include "daemon/http/memory_budget.h"
#include "daemon/http/message.h"

namespace freshet::daemon::http {

class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  using Error = boost::beast::error_code;

  // `memory` is what the request's body is taken from.
  RequestParser(Request* request, MemoryBudget::Share* memory, std::uint32_t maximum_header_bytes,
                std::uint64_t maximum_body_bytes);

  // True once, when the client waits for "100 Continue" before it sends its body.
  [[nodiscard]] bool TakeExpectContinue();
  // Why the request was refused with `error`.
  [[nodiscard]] Refusal RefusalOf(const Error& error) const;

 private:
  using Field = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using Length = boost::optional<std::uint64_t>;

  void on_request_impl(Method method, Text method_text, Text target, int version,
                       Error& error) override;
  void on_field_impl(Field field, Text name, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const Length& length, Error& error) override;
  std::size_t on_body_impl(Text body, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, Error& error) override;
  void on_finish_impl(Error& error) override;
  void on_response_impl(int, Text, int, Error&) override {}

  bool ReadTarget(std::string_view target);
  void ReadHost(std::string_view value, Error* error);
  void CheckLength(std::string_view value, Error* error);
  void CheckCoding(std::string_view value, Error* error);
  // False when headers, chunk extensions and trailers together pass the limit.
  bool CountHeaderBytes(std::size_t bytes, Error* error);
  std::size_t AppendToBody(Text part, Error* error);
  bool MakeRoom(std::size_t size, Error* error);
  void Fail(Refusal refusal, Error* error);

  Request* request_;
  MemoryBudget::Share* memory_;
  std::size_t maximum_header_bytes_;
  std::uint64_t maximum_body_bytes_;
  std::uint64_t announced_bytes_ = 0;  // Content-Length
  std::size_t header_bytes_ = 0;
  std::optional<Refusal> refusal_;
  unsigned hosts_ = 0;
  unsigned lengths_ = 0;
  bool has_absolute_target_ = false;
  bool in_trailer_ = false;
  bool expects_continue_ = false;
};

}  // namespace freshet::daemon::http
