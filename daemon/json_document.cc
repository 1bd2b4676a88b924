#include "daemon/json_document.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/byte_order_mark.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

// The largest documents that anybody needs, metadata of 32,000 bytes, have fewer values.
constexpr JsonLimits kLimits{.depth = 32, .values = 20'000};

core::Error SyntaxError(std::string_view text, std::size_t at, const json::error_code& error) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  for (const std::string_view literal : {"-Infinity", "Infinity", "NaN"}) {
    // The parser may have taken the sign before it stopped.
    const bool here =
        rest.starts_with(literal) || (at > 0 && text.substr(at - 1).starts_with(literal));
    if (here) {
      return core::InvalidArgument(std::string(literal) + " at byte " + std::to_string(at) +
                                   " is not JSON: numbers must be finite");
    }
  }
  return core::InvalidArgument("not valid JSON at byte " + std::to_string(at) + ": " +
                               error.message());
}

bool IsEmpty(const json::value& value) {
  if (const json::string* text = value.if_string()) return text->empty();
  if (const json::array* list = value.if_array()) return list->empty();
  const json::object* object = value.if_object();
  return object != nullptr && object->empty();
}

}  // namespace

core::Result<json::value> JsonArena::Parse(std::string_view text, Numbers numbers) {
  ParsedJson parsed = ParseWithExactNumbers(text, kLimits, &memory_, numbers);
  if (parsed.error) {
    if (parsed.error == json::error::incomplete) {
      return core::InvalidArgument(text.empty() ? "not valid JSON: there is no text"
                                                : "not valid JSON: the text ends too early");
    }
    if (parsed.error == json::error::array_too_large) {
      return core::InvalidArgument("the JSON has more than " + std::to_string(kLimits.values) +
                                   " values, which is the limit");
    }
    return SyntaxError(text, parsed.read, parsed.error);
  }
  if (parsed.read < text.size()) {
    return core::InvalidArgument("not valid JSON at byte " + std::to_string(parsed.read) +
                                 ": text after the end of the value");
  }
  return std::move(parsed.value);
}

core::Result<json::object> JsonArena::ParseObject(std::string_view what, std::string_view text,
                                                  Numbers numbers) {
  core::Result<json::value> value = Parse(text, numbers);
  if (!value) return value.error().With(what);
  if (!value->is_object()) {
    const json::string* string = value->if_string();
    const bool is_twice = string != nullptr && View(*string).starts_with('{');
    return core::InvalidArgument(std::string(what) + " is " + std::string(KindOf(*value)) +
                                 ", it must be a JSON object" +
                                 (is_twice ? "; it was encoded twice, encode it once" : ""));
  }
  return std::move(value->get_object());
}

core::Result<json::object> JsonArena::ParseBody(std::string_view body, Numbers numbers) {
  return ParseObject("the body", core::WithoutByteOrderMark(body), numbers);
}

std::string_view View(const json::string& text) { return {text.data(), text.size()}; }

const json::value* JsonMembers::Find(std::string_view name) const {
  const json::value* value = object_.if_contains({name.data(), name.size()});
  if (value == nullptr || value->is_null()) return nullptr;
  return manners_ == Manners::kOwn && IsEmpty(*value) ? nullptr : value;
}

std::string_view JsonMembers::Text(std::string_view name, TextLimits limits) {
  const json::value* value = Find(name);
  if (value == nullptr) return {};
  if (!value->is_string() || NumberText(*value)) {
    Fail(name, "is " + std::string(KindOf(*value)) + ", it must be a string");
    return {};
  }
  const std::string_view text = View(value->get_string());
  if (text.size() < limits.minimum) {
    Fail(name, "is empty, it must have " + std::to_string(limits.minimum) + " to " +
                   std::to_string(limits.maximum) + " bytes");
    return {};
  }
  if (text.size() > limits.maximum) {
    Fail(name, "has " + std::to_string(text.size()) + " bytes, the limit is " +
                   std::to_string(limits.maximum));
    return {};
  }
  return text;
}

std::string_view JsonMembers::RequiredText(std::string_view name, TextLimits limits) {
  if (Find(name) != nullptr) return Text(name, limits);
  const json::value* value = object_.if_contains({name.data(), name.size()});
  Fail(name, value == nullptr || value->is_null() ? "is missing" : "is empty");
  return {};
}

std::string JsonMembers::Id(std::string_view name, TextLimits limits) {
  const json::value* value = Find(name);
  const bool is_number = value != nullptr && NumberText(*value);
  if (value == nullptr || (value->is_string() && !is_number) || manners_ == Manners::kPersonalize) {
    return std::string(Text(name, limits));
  }
  std::optional<std::string> text = IntegerText(*value);
  if (text) return std::move(*text);
  if (is_number) {
    Fail(name,
         "is a number with a fraction, an exponent or more than 19 digits, which have more than "
         "one text; send it as a string");
  } else {
    Fail(name, "is " + std::string(KindOf(*value)) + ", it must be a string or an integer");
  }
  return {};
}

std::optional<double> JsonMembers::Number(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (value->is_number()) {
    number = value->to_number<double>();
  } else if (value->is_string()) {
    number = NumberFromText(View(value->get_string()));
  }
  if (!number) {
    Fail(name, "is " + std::string(KindOf(*value)) + ", it must be a number");
    return std::nullopt;
  }
  if (!std::isfinite(*number)) {
    Fail(name, "is not a finite number");
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> JsonMembers::Integer(std::string_view name, std::int64_t minimum,
                                                 std::int64_t maximum) {
  const json::value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (value->is_number()) number = value->to_number<double>();
  if (!number || *number != std::floor(*number)) {
    Fail(name, "is " + std::string(value->is_number() ? "a fraction" : KindOf(*value)) +
                   ", it must be an integer");
    return std::nullopt;
  }
  if (*number < static_cast<double>(minimum) || *number > static_cast<double>(maximum)) {
    Fail(name, "is out of range, it must be " + std::to_string(minimum) + " to " +
                   std::to_string(maximum));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

const json::array* JsonMembers::Array(std::string_view name, std::size_t minimum,
                                      std::size_t maximum) {
  const json::value* value = Find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    Fail(name, "is " + std::string(KindOf(*value)) + ", it must be an array");
    return nullptr;
  }
  const json::array& array = value->get_array();
  if (array.size() < minimum || array.size() > maximum) {
    Fail(name, "has " + std::to_string(array.size()) + " elements, it must have " +
                   std::to_string(minimum) + " to " + std::to_string(maximum));
    return nullptr;
  }
  return &array;
}

const json::array* JsonMembers::RequiredArray(std::string_view name, std::size_t minimum,
                                              std::size_t maximum) {
  if (Find(name) == nullptr) Fail(name, "is missing");
  return Array(name, minimum, maximum);
}

const json::object* JsonMembers::Object(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) {
    Fail(name, "is " + std::string(KindOf(*value)) + ", it must be an object");
    return nullptr;
  }
  return &value->get_object();
}

void JsonMembers::Fail(core::Error error) {
  if (!error_) error_ = std::move(error);
}

void JsonMembers::Fail(std::string_view name, std::string_view message) {
  if (error_) return;
  error_ = core::InvalidArgument(path_ + std::string(name) + " " + std::string(message));
}

std::optional<double> NumberFromText(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> IntegerText(const json::value& value) {
  if (const std::int64_t* number = value.if_int64()) return std::to_string(*number);
  if (const std::uint64_t* number = value.if_uint64()) return std::to_string(*number);
  return std::nullopt;
}

std::string_view KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::object:
      return "an object";
    case json::kind::array:
      return "an array";
    case json::kind::string:
      return NumberText(value) ? "a number" : "a string";
    default:
      return "a number";
  }
}

}  // namespace freshet::daemon
