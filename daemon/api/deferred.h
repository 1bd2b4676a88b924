// Answers that wait for the log: entries that must be durable and applied, and queries that must
// see a position.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/api/context.h"
#include "daemon/api/errors.h"
#include "daemon/http/handler.h"

namespace freshet::daemon::api {

// Submits `entries` and answers once they are durable and applied, or with why they are not. On
// success the response has the header Freshet-Position, then `fill` (may be empty) completes it, on
// the server thread.
void SubmitAndAnswer(ThreadContext* context, http::Exchange* exchange, Face face,
                     std::vector<core::LogEntry> entries,
                     std::function<void(const core::Positions&, http::Response*)> fill = {});

// What a query's Freshet-Wait-For header asks for; nothing when it has none.
struct Wait {
  core::Positions wanted;
  std::chrono::milliseconds timeout;
};
core::Result<std::optional<Wait>> WaitOf(const http::Request& request);

// Starts to wait: `answer` runs on the server thread once everything before the position is
// applied.
void WaitAndAnswer(ThreadContext* context, http::Exchange* exchange, Face face, const Wait& wait,
                   http::Later::Fill answer);

// Runs answer(request, response) at once, or, when the request has a Freshet-Wait-For, as soon as
// that is applied.
template <typename Answer>
void AnswerQuery(ThreadContext* context, http::Exchange* exchange, Face face, Answer&& answer) {
  const http::Request& request = exchange->request();
  const core::Result<std::optional<Wait>> wait = WaitOf(request);
  if (!wait) return WriteError(face, wait.error(), &exchange->response());
  if (!*wait) return answer(request, &exchange->response());
  WaitAndAnswer(context, exchange, face, **wait, std::forward<Answer>(answer));
}

}  // namespace freshet::daemon::api
