// RequestParser: Beast's parser, filling a Request.
//
// Owned by a connection, one for each request; single-threaded. The Request outlives it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/beast/http/basic_parser.hpp>

#include "daemon/http/message.h"

namespace freshet::daemon::http {

class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Request* request, std::uint32_t maximum_header_bytes,
                std::uint64_t maximum_body_bytes);

  // True once, when the client waits for "100 Continue" before it sends its body.
  [[nodiscard]] bool TakeExpectContinue();

 private:
  using Field = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using Error = boost::beast::error_code;
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

  Request* request_;
  std::size_t maximum_header_bytes_;
  std::size_t header_bytes_ = 0;
  bool expects_continue_ = false;
};

}  // namespace freshet::daemon::http
