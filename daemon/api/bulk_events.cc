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

// A slice ends with whichever comes first. Decoding one takes well under a millisecond; queries of
// other connections wait that long.
constexpr std::size_t kSliceLines = 256;
constexpr std::size_t kSliceBytes = 64 * 1024;
constexpr std::size_t kCheckedBytes = 512 * 1024;
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

BulkEvents::Form FormOf(const http::Request& request) {
  const std::string_view body = core::WithoutByteOrderMark(request.body);
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && body[first] == '[') return BulkEvents::Form::kArray;
  const std::string_view type = request.Header("Content-Type");
  return http::IsMediaType(type, "application/json") ? BulkEvents::Form::kOneObject
                                                     : BulkEvents::Form::kLines;
}

}  // namespace

void BulkEvents::Handle(ThreadContext* context, http::Exchange& exchange) {
  const config::ServerSettings& server = context->process.settings.server;
  const http::Request& request = exchange.request();
  const Form form = FormOf(request);
  const std::size_t lines = form == Form::kLines ? CountLines(request.body) : 0;
  if (lines > server.maximum_bulk_lines) {
    return WriteError(Face::kOwn, kInvalidInput,
                      "the body has " + std::to_string(lines) + " lines, the limit is " +
                          std::to_string(server.maximum_bulk_lines) +
                          " (server.maximum_bulk_lines)",
                      &exchange.response());
  }
  // Deferred even if there is nothing to wait for: Later is the one way to answer.
  const auto bulk = std::make_shared<BulkEvents>(
      context, exchange.Defer(std::chrono::milliseconds(server.apply_timeout_ms)), form);
  form == Form::kArray ? bulk->CheckArray(request.body) : bulk->Step(request.body);
}

BulkEvents::BulkEvents(ThreadContext* context, http::Later later, Form form)
    : context_(context), later_(std::move(later)), received_ms_(NowMs()), form_(form) {}

void BulkEvents::CheckArray(std::string_view body) {
  bool more = true;
  const core::Status checked = CheckSlice(body, &more);
  if (!checked.ok()) {
    return later_.Finish([error = checked.error()](const http::Request&, http::Response* response) {
      WriteError(Face::kOwn, error, response);
    });
  }
  if (!more) {
    elements_ = JsonElements();
    return Step(body);
  }
  later_.Continue([self = shared_from_this()](const http::Request& request, http::Response*) {
    self->CheckArray(request.body);
  });
}

core::Status BulkEvents::CheckSlice(std::string_view body, bool* more) {
  const std::size_t limit = context_->process.settings.server.maximum_bulk_lines;
  const std::size_t end = elements_.position() + kCheckedBytes;
  while (elements_.position() < end) {
    const auto element = elements_.Next(core::WithoutByteOrderMark(body));
    if (!element) return element.error().With("the body");
    *more = element->has_value();
    if (!*more) return {};
    if (++checked_ > limit) {
      return core::InvalidArgument("the body has more than " + std::to_string(limit) +
                                   " events, the limit is " + std::to_string(limit) +
                                   " (server.maximum_bulk_lines)");
    }
  }
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
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kSliceLines && bytes < kSliceBytes; ++i) {
    more = Advance(body);
    if (!more) break;
    bytes += current_.size();
    core::Result<core::Event> event = DecodeEvent(current_, received_ms_);
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
  switch (form_) {
    case Form::kLines:
      return AdvanceLine(body);
    case Form::kArray:
      return AdvanceElement(body);
    case Form::kOneObject:
      current_ = core::WithoutByteOrderMark(body);
      return ++line_ == 1;
  }
  return false;
}

bool BulkEvents::AdvanceLine(std::string_view body) {
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

bool BulkEvents::AdvanceElement(std::string_view body) {
  const auto element = elements_.Next(core::WithoutByteOrderMark(body));
  if (!element || !*element) return false;
  current_ = **element;
  ++line_;
  return true;
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
