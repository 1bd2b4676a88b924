// Errors as clients see them: Personalize's shape on its paths, {"error":{"code","message"}} on all
// others. The one place where an ErrorCode becomes an HTTP status.
#pragma once

#include <string_view>

#include "core/result.h"
#include "daemon/http/message.h"

namespace freshet::daemon::api {

// Whose manners an endpoint has.
enum class Face { kPersonalize, kOwn };

// What a client is told of one kind of error.
struct ErrorWords {
  unsigned status;
  std::string_view personalize;  // the exception's name
  std::string_view own;          // the code
};

inline constexpr ErrorWords kInvalidInput{400, "InvalidInputException", "invalid_argument"};
inline constexpr ErrorWords kUnknownOperation{400, "UnknownOperationException",
                                              "unknown_operation"};
inline constexpr ErrorWords kForbidden{403, "AccessDeniedException", "forbidden"};
inline constexpr ErrorWords kNotFound{404, "ResourceNotFoundException", "not_found"};
inline constexpr ErrorWords kMethodNotAllowed{405, "MethodNotAllowedException",
                                              "method_not_allowed"};
inline constexpr ErrorWords kRequestTimeout{408, "RequestTimeoutException", "request_timeout"};
inline constexpr ErrorWords kTooLarge{413, "RequestEntityTooLargeException", "too_large"};
inline constexpr ErrorWords kWrongHost{421, "MisdirectedRequestException", "wrong_host"};
inline constexpr ErrorWords kThrottled{429, "ThrottlingException", "overloaded"};
inline constexpr ErrorWords kHeadersTooLarge{431, "RequestHeaderFieldsTooLargeException",
                                             "headers_too_large"};
inline constexpr ErrorWords kInternalFailure{500, "InternalFailure", "internal"};
inline constexpr ErrorWords kNotImplemented{501, "NotImplementedException", "not_implemented"};
inline constexpr ErrorWords kUnavailable{503, "ServiceUnavailable", "unavailable"};

// Replaces body and status. 429 and 503 get a Retry-After of a second.
void WriteError(Face face, const ErrorWords& words, std::string_view message,
                http::Response* response);
void WriteError(Face face, const core::Error& error, http::Response* response);

}  // namespace freshet::daemon::api
