#include "daemon/api/bulk_events.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/byte_order_mark.h"
#include "daemon/api/deferred.h"
#include "daemon/api/errors.h"
#include "daemon/api/positions.h"
#include "daemon/event_json.h"
#include "daemon/json_writer.h"

namespace freshet::daemon::api {
namespace {

// Decoding a slice takes well under a millisecond; queries of other connections wait that long.
constexpr std::size_t kSliceLines = 256;
constexpr std::size_t kSlicesInFlight = 16;
constexpr std::size_t kShownFailures = 1000;

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::size_t CountLines(std::string_view body) {
  return static_cast<std::size_t>(std::count(body.begin(), body.end(), '\n')) +
         (body.empty() || body.back() == '\n' ? 0 : 1);
}

// Whether the body is one JSON value, an array or a single event, rather than a line for each.
bool IsWholeJson(const http::Request& request) {
  const std::string_view type = request.Header("Content-Type");
  const std::string_view body = core::WithoutByteOrderMark(request.body);
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return type.starts_with("application/json") ||
         (first != std::string_view::npos && body[first] == '[');
}

}  // namespace

void BulkEvents::Handle(ThreadContext* context, http::Exchange& exchange) {
  const config::ServerSettings& server = context->process.settings.server;
  const http::Request& request = exchange.request();
  const std::size_t lines = CountLines(request.body);
  const bool whole = IsWholeJson(request);
  if (!whole && lines > server.maximum_bulk_lines) {
    return WriteError(Face::kOwn, kInvalidInput,
                      "the body has " + std::to_string(lines) + " lines, the limit is " +
                          std::to_string(server.maximum_bulk_lines) +
                          " (server.maximum_bulk_lines)",
                      &exchange.response());
  }
  // Deferred even if there is nothing to wait for: Later is the one way to answer.
  const auto bulk = std::make_shared<BulkEvents>(
      context, exchange.Defer(std::chrono::milliseconds(server.apply_timeout_ms)));
  if (whole) {
    const core::Status read = bulk->ReadAsArray(core::WithoutByteOrderMark(request.body));
    if (!read.ok()) {
      bulk->later_.Finish([error = read.error()](const http::Request&, http::Response* response) {
        WriteError(Face::kOwn, error, response);
      });
      return;
    }
  }
  bulk->Step(request.body);
}

BulkEvents::BulkEvents(ThreadContext* context, http::Later later)
    : context_(context), later_(std::move(later)), received_ms_(NowMs()) {}

core::Status BulkEvents::ReadAsArray(std::string_view body) {
  is_array_ = true;
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && body[first] == '{') {
    array_.push_back(DecodeEvent(body, received_ms_));
    return {};
  }
  const std::size_t maximum = context_->process.settings.server.maximum_bulk_lines;
  auto events = DecodeEventArray(body, received_ms_, maximum);
  if (!events) return events.error();
  array_ = std::move(*events);
  return {};
}

void BulkEvents::Step(std::string_view body) {
  if (stopped_by_) GiveUp(body);
  if (!all_read_ && in_flight_ < kSlicesInFlight) all_read_ = !SubmitSlice(body);
  if (step_pending_) return;
  if (all_read_) {
    if (in_flight_ == 0) Answer();
    return;
  }
  if (in_flight_ == kSlicesInFlight) return;  // goes on when one is applied
  step_pending_ = true;
  later_.Continue([self = shared_from_this()](const http::Request& request, http::Response*) {
    self->step_pending_ = false;
    self->Step(request.body);
  });
}

bool BulkEvents::SubmitSlice(std::string_view body) {
  std::vector<core::LogEntry> entries;
  std::vector<std::size_t> lines;
  bool more = true;
  for (std::size_t i = 0; i < kSliceLines; ++i) {
    more = Advance(body);
    if (!more) break;
    core::Result<core::Event> event =
        is_array_ ? std::move(array_[line_ - 1]) : DecodeEvent(current_, received_ms_);
    if (event) {
      entries.emplace_back(std::move(*event));
      lines.push_back(line_);
    } else {
      Fail(line_, event.error().message);
    }
  }
  if (entries.empty()) return more;
  ++in_flight_;
  context_->process.explored.Complete(entries);
  context_->process.engine.Submit(
      std::move(entries),
      [self = shared_from_this(), lines = std::move(lines)](core::Result<core::Positions> applied) {
        self->later_.Continue([self, lines, applied = std::move(applied)](
                                  const http::Request& request, http::Response*) {
          self->OnApplied(applied, lines);
          self->Step(request.body);
        });
      });
  return more;
}

// Goes to the next event; false when there is none.
bool BulkEvents::Advance(std::string_view body) {
  if (is_array_) {
    if (line_ == array_.size()) return false;
    ++line_;
    return true;
  }
  if (line_ == 0 && body.starts_with(core::kByteOrderMark)) read_ = core::kByteOrderMark.size();
  while (read_ < body.size()) {
    const std::size_t end = std::min(body.find('\n', read_), body.size());
    current_ = body.substr(read_, end - read_);
    read_ = end + 1;
    ++line_;
    if (!IsBlank(current_)) return true;
  }
  return false;
}

void BulkEvents::OnApplied(const core::Result<core::Positions>& applied,
                           const std::vector<std::size_t>& lines) {
  --in_flight_;
  if (!applied) {
    for (const std::size_t line : lines) Fail(line, applied.error().message);
    if (!stopped_by_) stopped_by_ = applied.error();
    return;
  }
  accepted_ += lines.size();
  context_->metrics.CountAcknowledged(0, lines.size());
  for (const auto& [partition, offset] : *applied) {
    std::uint64_t& position = positions_[partition];
    position = std::max(position, offset);
  }
}

// The log takes nothing more: the rest of the lines fails without being tried.
void BulkEvents::GiveUp(std::string_view body) {
  while (Advance(body)) Fail(line_, "not tried: " + stopped_by_->message);
}

void BulkEvents::Fail(std::size_t line, std::string_view error) {
  ++failed_;
  if (failures_.size() < kShownFailures) failures_.push_back({line, std::string(error)});
}

void BulkEvents::Answer() {
  context_->metrics.CountRefusedEvents(failed_);
  later_.Finish([self = shared_from_this()](const http::Request&, http::Response* response) {
    self->Write(response);
  });
}

void BulkEvents::Write(http::Response* response) const {
  if (accepted_ == 0 && stopped_by_) return WriteError(Face::kOwn, *stopped_by_, response);
  if (accepted_ == 0 && failed_ == 0) {
    return WriteError(Face::kOwn, kInvalidInput, "the body holds no event", response);
  }
  JsonWriter json(&response->body);
  json.BeginObject();
  if (accepted_ == 0) {
    response->status = kInvalidInput.status;
    json.Key("error");
    json.BeginObject();
    json.Field("code", kInvalidInput.own);
    json.Field("message", "no event is valid; line " + std::to_string(failures_.front().line) +
                              ": " + failures_.front().error);
    json.EndObject();
  }
  json.Field("accepted", accepted_);
  json.Key("failed");
  json.BeginArray();
  for (const Failure& failure : failures_) {
    json.BeginObject();
    json.Field("line", failure.line);
    json.Field("error", failure.error);
    json.EndObject();
  }
  json.EndArray();
  json.Field("failedCount", failed_);
  const std::string position = FormatPositions(positions_);
  json.Field("position", position);
  json.EndObject();
  if (!position.empty()) response->AddHeader("Freshet-Position", position);
}

}  // namespace freshet::daemon::api
