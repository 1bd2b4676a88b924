#include "daemon/exact_number_parser.h"

#include <charconv>
#include <cstdint>

#include <boost/json/basic_parser_impl.hpp>

namespace freshet::daemon {
namespace json = boost::json;
namespace {

// Marks the text of a number; no string of JSON that is valid UTF-8 has this byte.
constexpr char kWrittenNumber = '\xFF';

// Builds the document from the parser's events, as the library's own handler does.
class DocumentBuilder {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the names that the parser asks for.
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  // NOLINTEND(readability-identifier-naming)

  DocumentBuilder(unsigned char* scratch, std::size_t size, const json::storage_ptr& memory,
                  std::size_t maximum_values, Numbers numbers)
      : stack_(memory, scratch, size), values_left_(maximum_values), numbers_(numbers) {
    stack_.reset(memory);
  }

  json::value Release() { return stack_.release(); }

  // The names and signatures are the library's.
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& error) { return Count(&error); }
  bool on_object_end(std::size_t count, json::error_code&) {
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(json::error_code& error) { return Count(&error); }
  bool on_array_end(std::size_t count, json::error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view text, json::error_code& error) {
    if (!Count(&error)) return false;
    // The only integer whose digits are not its text.
    if (number == 0 && text.front() == '-') return PushDouble(-0.0, text);
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double rounded, json::string_view text, json::error_code& error) {
    return Count(&error) && PushDouble(rounded, text);
  }
  bool on_bool(bool flag, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_bool(flag);
    return true;
  }
  bool on_null(json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool Count(json::error_code* error) {
    if (values_left_-- > 0) return true;
    *error = json::error::array_too_large;
    return false;
  }

  bool PushDouble(double rounded, json::string_view text) {
    if (numbers_ == Numbers::kAsWritten) {
      stack_.push_chars({&kWrittenNumber, 1});
      stack_.push_string(text);
    } else {
      stack_.push_double(Exact(rounded, text));
    }
    return true;
  }
  static double Exact(double rounded, json::string_view text) {
    double exact = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exact);
    return error == std::errc() && end == text.data() + text.size() ? exact : rounded;
  }

  json::value_stack stack_;
  std::size_t values_left_;
  Numbers numbers_;
};

}  // namespace

ParsedJson ParseWithExactNumbers(std::string_view text, const JsonLimits& limits,
                                 const json::storage_ptr& memory, Numbers numbers) {
  unsigned char scratch[2048];
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<DocumentBuilder> parser(options, scratch, sizeof(scratch), memory,
                                             limits.values, numbers);
  ParsedJson parsed;
  parsed.read = parser.write_some(false, text.data(), text.size(), parsed.error);
  if (!parsed.error) parsed.value = parser.handler().Release();
  return parsed;
}

std::optional<std::string> NumberText(const json::value& value) {
  if (const json::string* text = value.if_string()) {
    const std::string_view chars(text->data(), text->size());
    if (!chars.starts_with(kWrittenNumber)) return std::nullopt;
    return std::string(chars.substr(1));
  }
  char digits[32];
  const auto print = [&](auto number) {
    return std::string(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
  };
  if (const auto* number = value.if_int64()) return print(*number);
  if (const auto* number = value.if_uint64()) return print(*number);
  if (const auto* number = value.if_double()) return print(*number);
  return std::nullopt;
}

}  // namespace freshet::daemon
