// Status and Result<T>: the one error vocabulary of the project.
//
// A function that can fail for expected reasons returns one of these; nothing of ours throws for
// them. Foreign errors (RocksDB, Boost, librdkafka) are translated once, at the edge that knows the
// library. Result has std::expected's member names, so it can become an alias of it one day.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace freshet::core {

enum class ErrorCode {
  kInvalidArgument,  // the caller's input breaks a stated limit
  kNotFound,
  kUnavailable,  // try again later: overload, shutdown, a peer that is away
  kCorruption,   // stored bytes are not what this version writes
  kIo,
  kExhausted,   // a disk or a quota is full
  kOverloaded,  // a queue is full: try again, more slowly
  kDeadline,
  kTooLittle,  // data: there may be enough of it later
  kInternal,
};

// The code's name as shown in logs: "invalid argument", "corruption", ...
std::string_view ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  // The same error with "context: " put before its message.
  [[nodiscard]] Error With(std::string_view context) const {
    return Error{code, std::string(context) + ": " + message};
  }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : data_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return data_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value().
  T& value() & { return std::get<0>(data_); }
  const T& value() const& { return std::get<0>(data_); }
  T&& value() && { return std::get<0>(std::move(data_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !has_value().
  [[nodiscard]] const Error& error() const { return std::get<1>(data_); }

 private:
  std::variant<T, Error> data_;
};

// Success, or an Error. A default-constructed Status is success and allocates nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error)  // NOLINT(google-explicit-constructor)
      : error_(std::move(error)), failed_(true) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: !ok().
  [[nodiscard]] const Error& error() const {
    assert(failed_);
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

inline Error InvalidArgument(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}
inline Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
inline Error Unavailable(std::string message) {
  return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error Corruption(std::string message) {
  return {ErrorCode::kCorruption, std::move(message)};
}
inline Error IoError(std::string message) { return {ErrorCode::kIo, std::move(message)}; }

}  // namespace freshet::core

// Returns from the enclosing function when `expression` (a Status) failed.
#define FRESHET_RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                           \
    if (auto freshet_status = (expression); !freshet_status.ok()) return freshet_status.error(); \
  } while (false)
