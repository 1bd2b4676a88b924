// Reading JSON that others wrote: parsing with errors that name the place, and members with errors
// that name the member.
//
// JsonArena and JsonMembers live on the stack of one request or line; single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "core/result.h"
#include "daemon/exact_number_parser.h"

namespace freshet::daemon {

// Memory for the documents of one request: freed at once, and small ones need no allocation.
class JsonArena {
 public:
  JsonArena() : memory_(buffer_, sizeof(buffer_)) {}
  JsonArena(const JsonArena&) = delete;
  JsonArena& operator=(const JsonArena&) = delete;

  // Errors (kInvalidArgument) tell the byte at which the text stops being JSON, and name NaN and
  // Infinity, which other languages write but JSON does not have.
  core::Result<boost::json::value> Parse(std::string_view text,
                                         Numbers numbers = Numbers::kNearest);
  // The same; an error when the value is no object. `what` names it: "the body".
  core::Result<boost::json::object> ParseObject(std::string_view what, std::string_view text,
                                                Numbers numbers = Numbers::kNearest);
  // A request's body, which may begin with a byte-order mark.
  core::Result<boost::json::object> ParseBody(std::string_view body,
                                              Numbers numbers = Numbers::kNearest);

 private:
  unsigned char buffer_[4096];
  boost::json::monotonic_resource memory_;
};

std::string_view View(const boost::json::string& text);

// What a text member may be.
struct TextLimits {
  std::size_t minimum = 1;
  std::size_t maximum = 256;
};

// How members are read.
enum class Manners : std::uint8_t {
  kPersonalize,  // as its model says
  kOwn,          // an integer is an id too, as its decimal text, and what is empty is absent
};

// Reads the members of one object by name and keeps the first error, so that a decoder reads all it
// needs and checks status() once. A member that is null is absent, and by Freshet's own manners one
// that is an empty text, list or object. Readers yield empty values after
// an error. `path` is put before a member's name in messages: "eventList[2].".
class JsonMembers {
 public:
  // `object` outlives this.
  explicit JsonMembers(const boost::json::object& object, std::string path = {},
                       Manners manners = Manners::kPersonalize)
      : object_(object), path_(std::move(path)), manners_(manners) {}

  // The member, or null when it is absent.
  [[nodiscard]] const boost::json::value* Find(std::string_view name) const;

  // Absent: empty. Limits count bytes.
  std::string_view Text(std::string_view name, TextLimits limits = {});
  std::string_view RequiredText(std::string_view name, TextLimits limits = {});
  // Text, or an integer where the manners allow it.
  std::string Id(std::string_view name, TextLimits limits = {});
  // A number, or text that is one.
  std::optional<double> Number(std::string_view name);
  std::optional<std::int64_t> Integer(std::string_view name, std::int64_t minimum,
                                      std::int64_t maximum);
  // Null when absent.
  const boost::json::array* Array(std::string_view name, std::size_t minimum, std::size_t maximum);
  const boost::json::array* RequiredArray(std::string_view name, std::size_t minimum,
                                          std::size_t maximum);
  const boost::json::object* Object(std::string_view name);

  // Keeps the error if it is the first.
  void Fail(core::Error error);
  // The same: "path + name: message".
  void Fail(std::string_view name, std::string_view message);
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] core::Status status() const {
    return error_ ? core::Status(*error_) : core::Status();
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Manners manners() const { return manners_; }

 private:
  const boost::json::object& object_;
  std::string path_;
  Manners manners_;
  std::optional<core::Error> error_;
};

// The number that the whole of `text` is, if it is one. "inf" and "nan" are.
std::optional<double> NumberFromText(std::string_view text);

// The decimal text of an integer, exactly; nothing for any other value.
std::optional<std::string> IntegerText(const boost::json::value& value);

// "an object", "a string", ...: for messages.
std::string_view KindOf(const boost::json::value& value);

}  // namespace freshet::daemon
