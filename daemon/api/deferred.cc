#include "daemon/api/deferred.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "daemon/api/positions.h"

namespace freshet::daemon::api {
namespace {

constexpr std::uint32_t kDefaultWaitMs = 1000;
constexpr std::uint32_t kMaximumWaitMs = 60'000;

core::Result<std::chrono::milliseconds> WaitTimeout(std::string_view text) {
  std::uint32_t timeout_ms = kDefaultWaitMs;
  if (!text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timeout_ms);
    if (error != std::errc() || end != text.data() + text.size() || timeout_ms > kMaximumWaitMs) {
      return core::InvalidArgument("Freshet-Wait-Timeout-Ms must be an integer from 0 to " +
                                   std::to_string(kMaximumWaitMs));
    }
  }
  return std::chrono::milliseconds(timeout_ms);
}

std::array<std::uint64_t, kEntryKinds.size()> CountByKind(
    const std::vector<core::LogEntry>& entries) {
  std::array<std::uint64_t, kEntryKinds.size()> counts{};
  for (const core::LogEntry& entry : entries) ++counts[entry.index()];
  return counts;
}

}  // namespace

void SubmitAndAnswer(ThreadContext* context, http::Exchange* exchange, Face face,
                     std::vector<core::LogEntry> entries,
                     std::function<void(const core::Positions&, http::Response*)> fill) {
  const std::chrono::milliseconds timeout(context->process.settings.server.apply_timeout_ms);
  const http::Later later = exchange->Defer(timeout);
  const auto counts = CountByKind(entries);
  context->process.explored.Complete(entries);
  context->process.engine.Submit(std::move(entries), [=, fill = std::move(fill)](
                                                         core::Result<core::Positions> applied) {
    later.Finish([=, applied = std::move(applied)](const http::Request&, http::Response* response) {
      if (!applied) return WriteError(face, applied.error(), response);
      for (std::size_t kind = 0; kind < counts.size(); ++kind) {
        context->metrics.CountAcknowledged(kind, counts[kind]);
      }
      response->AddHeader("Freshet-Position", FormatPositions(*applied));
      if (fill) fill(*applied, response);
    });
  });
}

core::Result<std::optional<Wait>> WaitOf(const http::Request& request) {
  const std::string_view wanted = request.Header("Freshet-Wait-For");
  if (wanted.empty()) return std::optional<Wait>();
  core::Result<core::Positions> positions = ParsePositions(wanted);
  if (!positions) return positions.error();
  const core::Result<std::chrono::milliseconds> timeout =
      WaitTimeout(request.Header("Freshet-Wait-Timeout-Ms"));
  if (!timeout) return timeout.error();
  return std::optional<Wait>(Wait{std::move(*positions), *timeout});
}

void WaitAndAnswer(ThreadContext* context, http::Exchange* exchange, Face face, const Wait& wait,
                   http::Later::Fill answer) {
  const http::Later later = exchange->Defer(wait.timeout);
  Engine& engine = context->process.engine;
  const Waiters::Ticket ticket = engine.WaitFor(
      wait.wanted, [=, answer = std::move(answer)](core::Result<core::Positions> applied) {
        later.Finish([=, applied = std::move(applied)](const http::Request& request,
                                                       http::Response* response) {
          if (!applied) return WriteError(face, applied.error(), response);
          answer(request, response);
        });
      });
  if (ticket == Waiters::kNone) return;
  exchange->WhenAbandoned(
      [&engine, wanted = wait.wanted, ticket] { engine.StopWaiting(wanted, ticket); });
}

}  // namespace freshet::daemon::api
