#include "daemon/http/message.h"

#include <algorithm>
#include <charconv>

#include <boost/beast/http/status.hpp>

namespace freshet::daemon::http {
namespace {

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void ClearText(std::string* text) {
  text->clear();
  if (text->capacity() > kSmallBodyBytes) text->shrink_to_fit();
}

void AppendNumber(std::uint64_t number, std::string* out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out->append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

bool IsMediaType(std::string_view content_type, std::string_view media_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  const std::size_t last = type.find_last_not_of(" \t");
  type = type.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return EqualsIgnoringCase(type, media_type);
}

std::string_view Request::query() const {
  const std::string_view all = target();
  const std::size_t mark = all.find('?');
  return mark == std::string_view::npos ? std::string_view() : all.substr(mark + 1);
}

std::string_view Request::Header(std::string_view name) const {
  const std::string_view text(header_text_);
  for (const Place& place : headers_) {
    if (EqualsIgnoringCase(text.substr(place.name_start, place.name_size), name)) {
      return text.substr(place.name_start + place.name_size, place.value_size);
    }
  }
  return {};
}

std::size_t Request::CountHeaders(std::string_view name) const {
  const std::string_view text(header_text_);
  return static_cast<std::size_t>(
      std::count_if(headers_.begin(), headers_.end(), [&](const Place& place) {
        return EqualsIgnoringCase(text.substr(place.name_start, place.name_size), name);
      }));
}

void Request::Clear() {
  method = Method::unknown;
  keep_alive = true;
  is_http_1_0 = false;
  ClearText(&body);
  target_.clear();
  host_.clear();
  header_text_.clear();
  headers_.clear();
}

void Request::ClearBody() { ClearText(&body); }

void Request::AddHeader(std::string_view name, std::string_view value) {
  headers_.push_back({static_cast<std::uint32_t>(header_text_.size()),
                      static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  header_text_ += name;
  header_text_ += value;
}

void Response::AddHeader(std::string_view name, std::string_view value) {
  headers_ += name;
  headers_ += ": ";
  headers_ += value;
  headers_ += "\r\n";
}

void Response::Clear() {
  status = 200;
  content_type = "application/json";
  ClearText(&body);
  close = false;
  mark = 0;
  headers_.clear();
}

void Response::ClearBody() { ClearText(&body); }

void AppendResponse(const Request& request, const Response& response, std::string_view date,
                    bool keep_alive, std::string* out) {
  *out += "HTTP/1.1 ";
  AppendNumber(response.status, out);
  *out += ' ';
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  out->append(reason.data(), reason.size());
  *out += "\r\nDate: ";
  *out += date;
  if (!response.body.empty()) {
    *out += "\r\nContent-Type: ";
    *out += response.content_type;
  }
  *out += "\r\nContent-Length: ";
  AppendNumber(response.body.size(), out);
  if (!keep_alive) {
    *out += "\r\nConnection: close";
  } else if (request.is_http_1_0) {
    *out += "\r\nConnection: keep-alive";
  }
  *out += "\r\n";
  *out += response.headers();
  *out += "\r\n";
  if (request.method != Method::head) *out += response.body;
}

}  // namespace freshet::daemon::http
