#include "core/result.h"

namespace freshet::core {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kCorruption:
      return "corruption";
    case ErrorCode::kIo:
      return "I/O error";
    case ErrorCode::kExhausted:
      return "exhausted";
    case ErrorCode::kOverloaded:
      return "overloaded";
    case ErrorCode::kDeadline:
      return "deadline";
    case ErrorCode::kTooLittle:
      return "too little data";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace freshet::core
