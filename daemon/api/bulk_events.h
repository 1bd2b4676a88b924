// BulkEvents: one POST /v1/events: thousands of events, a line each, with the lines that failed by
// number.
//
// An array's elements are lines too, once all of it has been seen to be an array. It reads and
// decodes a slice at a time, so that other clients of the thread get their turn, and keeps a
// bounded number of entries on their way to the log. Owned by the submissions and steps under way;
// runs on the server thread of its connection alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/api/context.h"
#include "daemon/http/handler.h"
#include "daemon/json_elements.h"

namespace freshet::daemon::api {

class BulkEvents : public std::enable_shared_from_this<BulkEvents> {
 public:
  // Answers the request or defers the answer.
  static void Handle(ThreadContext* context, http::Exchange& exchange);

  // How the events stand in the body.
  enum class Form { kLines, kArray, kOneObject };

  // REQUIRES: by Handle only.
  BulkEvents(ThreadContext* context, http::Later later, Form form);

 private:
  struct Failure {
    std::size_t line;  // counted from 1
    std::string error;
  };

  // Whether the whole body is an array that is not too long, a slice at a time; then Step.
  void CheckArray(std::string_view body);
  core::Status CheckSlice(std::string_view body, bool* more);
  void Step(std::string_view body);
  // Decodes and submits the next slice. False when no line was left.
  bool SubmitSlice(std::string_view body);
  bool Advance(std::string_view body);
  bool AdvanceLine(std::string_view body);
  bool AdvanceElement(std::string_view body);
  void OnApplied(const core::Result<core::Positions>& applied,
                 const std::vector<std::size_t>& lines);
  void GiveUp(std::string_view body);
  void Fail(std::size_t line, std::string_view error);
  void Answer();
  void Write(http::Response* response) const;

  ThreadContext* context_;
  http::Later later_;
  std::int64_t received_ms_;
  Form form_;
  JsonElements elements_;
  std::size_t checked_ = 0;   // elements, by CheckArray
  std::size_t read_ = 0;      // bytes of the body
  std::string_view current_;  // the line or element read last; REQUIRES the body
  std::size_t line_ = 0;      // its number
  bool all_read_ = false;
  bool step_pending_ = false;
  std::size_t in_flight_ = 0;
  std::size_t accepted_ = 0;
  std::size_t failed_ = 0;
  std::vector<Failure> failures_;  // the first ones
  std::optional<core::Error> stopped_by_;
  core::Positions positions_;
};

}  // namespace freshet::daemon::api
