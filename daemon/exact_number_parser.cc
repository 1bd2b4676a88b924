#include "daemon/exact_number_parser.h"

#include <charconv>
#include <cstdint>

#include <boost/json/basic_parser_impl.hpp>

namespace freshet::daemon {
namespace json = boost::json;
namespace {

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
                  std::size_t maximum_values)
      : stack_(memory, scratch, size), values_left_(maximum_values) {
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
  bool on_int64(std::int64_t number, json::string_view, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double rounded, json::string_view text, json::error_code& error) {
    if (!Count(&error)) return false;
    stack_.push_double(Exact(rounded, text));
    return true;
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

  static double Exact(double rounded, json::string_view text) {
    double exact = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exact);
    return error == std::errc() && end == text.data() + text.size() ? exact : rounded;
  }

  json::value_stack stack_;
  std::size_t values_left_;
};

}  // namespace

ParsedJson ParseWithExactNumbers(std::string_view text, const JsonLimits& limits,
                                 const json::storage_ptr& memory) {
  unsigned char scratch[2048];
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<DocumentBuilder> parser(options, scratch, sizeof(scratch), memory,
                                             limits.values);
  ParsedJson parsed;
  parsed.read = parser.write_some(false, text.data(), text.size(), parsed.error);
  if (!parsed.error) parsed.value = parser.handler().Release();
  return parsed;
}

}  // namespace freshet::daemon
