#include "daemon/api/errors.h"

#include "core/validate.h"
#include "daemon/json_writer.h"

namespace freshet::daemon::api {
namespace {

const ErrorWords& WordsFor(core::ErrorCode code) {
  switch (code) {
    case core::ErrorCode::kInvalidArgument:
      return kInvalidInput;
    case core::ErrorCode::kNotFound:
      return kNotFound;
    case core::ErrorCode::kOverloaded:
      return kThrottled;
    case core::ErrorCode::kUnavailable:
    // Nothing the client does helps a disk that is full or fails, but it may wait for its mending.
    case core::ErrorCode::kExhausted:
    case core::ErrorCode::kIo:
    case core::ErrorCode::kDeadline:
    case core::ErrorCode::kTooLittle:
      return kUnavailable;
    case core::ErrorCode::kCorruption:
    case core::ErrorCode::kInternal:
      break;
  }
  return kInternalFailure;
}

}  // namespace

void WriteError(Face face, const ErrorWords& words, std::string_view message,
                http::Response* response) {
  // A message may quote what the client sent; what is not UTF-8 may not go back as JSON.
  if (!core::IsUtf8(message)) message = "the request is not valid UTF-8";
  response->status = words.status;
  response->content_type = "application/json";
  response->body.clear();
  JsonWriter json(&response->body);
  json.BeginObject();
  if (face == Face::kPersonalize) {
    response->AddHeader("x-amzn-ErrorType", words.personalize);
    json.Field("__type", words.personalize);
    json.Field("message", message);
  } else {
    json.Key("error");
    json.BeginObject();
    json.Field("code", words.own);
    json.Field("message", message);
    json.EndObject();
  }
  json.EndObject();
  if (words.status == 429 || words.status == 503) response->AddHeader("Retry-After", "1");
}

void WriteError(Face face, const core::Error& error, http::Response* response) {
  WriteError(face, WordsFor(error.code), error.message, response);
}

}  // namespace freshet::daemon::api
