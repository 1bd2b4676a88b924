#include "daemon/http/target.h"

#include <algorithm>
#include <charconv>

#include "core/validate.h"

namespace freshet::daemon::http {
namespace {

constexpr std::size_t kMaximumParameters = 32;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// False when a '%' is not followed by two hex digits.
bool Decode(std::string_view text, bool plus_is_space, std::string* out) {
  out->reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out->push_back(' ');
    } else if (text[i] != '%') {
      out->push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      out->push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return true;
}

}  // namespace

core::Result<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  if (Decode(text, false, &decoded)) return decoded;
  return core::InvalidArgument("the path has a '%' that two hex digits do not follow");
}

QueryParameters::QueryParameters(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    if (parameters_.size() == kMaximumParameters) {
      Fail("the query has more than " + std::to_string(kMaximumParameters) + " parameters");
      return;
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    Parameter parameter;
    if (!Decode(part.substr(0, equals), true, &parameter.name) ||
        !Decode(part.substr(std::min(equals + 1, part.size())), true, &parameter.value)) {
      Fail("the query has a '%' that two hex digits do not follow");
      return;
    }
    parameters_.push_back(std::move(parameter));
  }
}

std::optional<std::string> QueryParameters::Take(std::string_view name) {
  std::optional<std::string> value;
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    if (value) Fail("the parameter " + std::string(name) + " occurs twice");
    parameter.taken = true;
    value = parameter.value;
  }
  return value;
}

std::string QueryParameters::TakeId(std::string_view name) {
  std::optional<std::string> value = Take(name);
  if (!value) return {};
  const core::Status valid = core::ValidateId(name, *value);
  if (valid.ok()) return std::move(*value);
  Fail(valid.error().message);
  return {};
}

std::uint32_t QueryParameters::TakeCount(std::string_view name, std::uint32_t otherwise,
                                         std::uint32_t maximum) {
  const std::optional<std::string> value = Take(name);
  if (!value) return otherwise;
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), count);
  if (error == std::errc() && end == value->data() + value->size() && count <= maximum) {
    return count;
  }
  Fail("the parameter " + std::string(name) + " must be an integer from 0 to " +
       std::to_string(maximum));
  return otherwise;
}

bool QueryParameters::TakeFlag(std::string_view name) {
  const std::optional<std::string> value = Take(name);
  if (!value || *value == "0" || *value == "false") return false;
  if (*value != "1" && *value != "true") {
    Fail("the parameter " + std::string(name) + " must be 0 or 1");
  }
  return true;
}

core::Status QueryParameters::Check() {
  for (const Parameter& parameter : parameters_) {
    if (!parameter.taken) Fail("unknown parameter " + parameter.name);
  }
  return error_ ? core::Status(*error_) : core::Status();
}

void QueryParameters::Fail(std::string message) {
  if (!error_) error_ = core::InvalidArgument(std::move(message));
}

}  // namespace freshet::daemon::http
