#include "daemon/http/request_parser.h"

#include <algorithm>
#include <string>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "daemon/http/authority.h"

namespace freshet::daemon::http {
namespace {

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Whether a header's value goes on in a further line (RFC 9112, 5.2). Beast joins the lines: either
// its text is elsewhere than the name, or a line end lies between them.
bool IsFolded(std::string_view name, std::string_view value, std::size_t maximum_header_bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(name.data()) + name.size();
  const auto end = reinterpret_cast<std::uintptr_t>(value.data());
  if (value.empty()) return false;
  if (end < begin || end - begin > maximum_header_bytes) return true;
  const std::string_view between(name.data() + name.size(), end - begin);
  return between.find('\r') != std::string_view::npos;
}

}  // namespace

RequestParser::RequestParser(Request* request, MemoryBudget::Share* memory,
                             std::uint32_t maximum_header_bytes, std::uint64_t maximum_body_bytes)
    : request_(request),
      memory_(memory),
      maximum_header_bytes_(maximum_header_bytes),
      maximum_body_bytes_(maximum_body_bytes) {
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

Refusal RequestParser::RefusalOf(const Error& error) const {
  using Why = boost::beast::http::error;
  if (refusal_) return *refusal_;
  if (error == Why::body_limit) return Refusal::kBodyTooLarge;
  if (error == Why::header_limit) return Refusal::kHeaderTooLarge;
  const bool about_length = error == Why::bad_content_length ||
                            error == Why::multiple_content_length ||
                            error == Why::bad_transfer_encoding;
  return about_length ? Refusal::kAmbiguousLength : Refusal::kMalformed;
}

void RequestParser::on_request_impl(Method method, Text, Text target, int version, Error& error) {
  request_->method = method;
  request_->is_http_1_0 = version == 10;
  header_bytes_ = target.size();
  if (method == Method::connect) return Fail(Refusal::kConnect, &error);
  if (!ReadTarget(View(target))) Fail(Refusal::kMalformed, &error);
}

// Takes "/path", "*" of OPTIONS, and "http://host/path", which proxies send and servers must
// understand (RFC 9112, 3.2.2). False when it is none of them.
bool RequestParser::ReadTarget(std::string_view target) {
  request_->SetTarget(target);
  if (target.starts_with('/')) return true;
  if (target == "*") return request_->method == Method::options;
  const std::optional<AbsoluteTarget> absolute = SplitAbsoluteTarget(target);
  if (!absolute) return false;
  has_absolute_target_ = true;
  request_->SetHost(absolute->authority);
  if (absolute->rest.starts_with('/')) {
    request_->SetTarget(absolute->rest);
  } else if (absolute->rest.empty() && request_->method == Method::options) {
    request_->SetTarget("*");
  } else {
    request_->SetTarget("/" + std::string(absolute->rest));
  }
  return true;
}

void RequestParser::on_field_impl(Field field, Text name, Text value, Error& error) {
  // Beast holds what waits to be parsed to the limit; this holds what was parsed already.
  if (!CountHeaderBytes(name.size() + value.size() + 4, &error)) return;
  if (IsFolded(View(name), View(value), maximum_header_bytes_)) {
    return Fail(Refusal::kMalformed, &error);
  }
  if (in_trailer_) return;  // must not be taken for headers (RFC 9110, 6.5.1)
  if (field == Field::host) {
    ReadHost(View(value), &error);
  } else if (field == Field::content_length) {
    CheckLength(View(value), &error);
  } else if (field == Field::transfer_encoding) {
    CheckCoding(View(value), &error);
  } else if (field == Field::expect && boost::beast::iequals(value, "100-continue")) {
    expects_continue_ = true;
  }
  request_->AddHeader(View(name), View(value));
}

void RequestParser::ReadHost(std::string_view value, Error* error) {
  if (++hosts_ > 1 || !(value.empty() || IsAuthority(value))) {
    return Fail(Refusal::kBadHost, error);
  }
  if (!has_absolute_target_) request_->SetHost(value);
}

void RequestParser::CheckLength(std::string_view value, Error* error) {
  const bool doubled = ++lengths_ > 1 || value.find(',') != std::string_view::npos;
  if (doubled) Fail(Refusal::kAmbiguousLength, error);
}

void RequestParser::CheckCoding(std::string_view value, Error* error) {
  // HTTP/1.0 has no transfer codings: a sender of one may mean another end of the body.
  if (request_->is_http_1_0) return Fail(Refusal::kAmbiguousLength, error);
  if (!EqualsIgnoringCase(value, "chunked")) Fail(Refusal::kUnknownCoding, error);
}

bool RequestParser::CountHeaderBytes(std::size_t bytes, Error* error) {
  header_bytes_ += bytes;
  if (header_bytes_ <= maximum_header_bytes_) return true;
  Fail(Refusal::kHeaderTooLarge, error);
  return false;
}

void RequestParser::Fail(Refusal refusal, Error* error) {
  refusal_ = refusal;
  *error = boost::beast::http::error::bad_value;
}

void RequestParser::on_header_impl(Error& error) {
  in_trailer_ = true;
  if (hosts_ == 0 && !request_->is_http_1_0) return Fail(Refusal::kBadHost, &error);
  announced_bytes_ = content_length().value_or(0);
  // Taking all that is announced would let clients that send nothing take the whole budget.
  if (announced_bytes_ > kSmallBodyBytes && !memory_->HasRoomFor(announced_bytes_)) {
    Fail(Refusal::kOverBudget, &error);
  }
}

void RequestParser::on_body_init_impl(const Length&, Error&) {
  if (announced_bytes_ > 0) {
    request_->body.reserve(std::min<std::size_t>(announced_bytes_, kSmallBodyBytes));
  }
}

std::size_t RequestParser::on_body_impl(Text body, Error& error) {
  return AppendToBody(body, &error);
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) {
  CountHeaderBytes(extensions.size(), &error);
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error& error) {
  return AppendToBody(body, &error);
}

std::size_t RequestParser::AppendToBody(Text part, Error* error) {
  if (!MakeRoom(request_->body.size() + part.size(), error)) return 0;
  request_->body.append(part.data(), part.size());
  return part.size();
}

bool RequestParser::MakeRoom(std::size_t size, Error* error) {
  std::string& body = request_->body;
  if (size <= body.capacity()) return true;
  const std::uint64_t most = announced_bytes_ > 0 ? announced_bytes_ : maximum_body_bytes_;
  const std::size_t capacity = std::max(size, std::min<std::size_t>(2 * body.capacity(), most));
  if (capacity > kSmallBodyBytes && !memory_->TryHold(capacity)) {
    Fail(Refusal::kOverBudget, error);
    return false;
  }
  body.reserve(capacity);
  return true;
}

void RequestParser::on_finish_impl(Error&) { request_->keep_alive = keep_alive(); }

}  // namespace freshet::daemon::http
