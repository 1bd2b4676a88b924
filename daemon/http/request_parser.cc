#include "daemon/http/request_parser.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

namespace freshet::daemon::http {
namespace {

// A body is reserved at once up to this; a larger one grows as it arrives, so that a header alone
// cannot make us allocate the limit.
constexpr std::uint64_t kReservedBytes = 64 * 1024;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(Request* request, std::uint32_t maximum_header_bytes,
                             std::uint64_t maximum_body_bytes)
    : request_(request), maximum_header_bytes_(maximum_header_bytes) {
  request_->Clear();
  header_limit(maximum_header_bytes);
  body_limit(maximum_body_bytes);
  eager(true);
}

bool RequestParser::TakeExpectContinue() {
  const bool expected = expects_continue_ && is_header_done() && !is_done();
  if (expected) expects_continue_ = false;
  return expected;
}

void RequestParser::on_request_impl(Method method, Text, Text target, int version, Error&) {
  request_->method = method;
  request_->is_http_1_0 = version == 10;
  request_->SetTarget(View(target));
  header_bytes_ = target.size();
}

void RequestParser::on_field_impl(Field field, Text name, Text value, Error& error) {
  // Beast holds what waits to be parsed to the limit; this holds what was parsed already.
  header_bytes_ += name.size() + value.size() + 4;
  if (header_bytes_ > maximum_header_bytes_) {
    error = boost::beast::http::error::header_limit;
    return;
  }
  if (field == Field::expect && boost::beast::iequals(value, "100-continue")) {
    expects_continue_ = true;
  }
  request_->AddHeader(View(name), View(value));
}

void RequestParser::on_header_impl(Error&) {}

void RequestParser::on_body_init_impl(const Length& length, Error&) {
  if (length) request_->body.reserve(static_cast<std::size_t>(std::min(*length, kReservedBytes)));
}

std::size_t RequestParser::on_body_impl(Text body, Error&) {
  request_->body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text, Error&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error&) {
  request_->body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_finish_impl(Error&) { request_->keep_alive = keep_alive(); }

}  // namespace freshet::daemon::http
