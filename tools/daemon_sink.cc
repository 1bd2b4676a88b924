#include "tools/daemon_sink.h"

#include <utility>

#include "daemon/column_json.h"
#include "tools/json_answer.h"
#include "tools/json_text.h"

namespace freshet::tools {
namespace {

namespace json = boost::json;

// Each chunk waits for the disk once, so a chunk is large; a daemon under load still applies it
// well within its time limit.
constexpr std::size_t kChunkEvents = 5'000;
constexpr std::size_t kChunkRecords = 10;  // Personalize's limit

core::Error Unexpected(const std::string& url, std::string_view target,
                       const HttpResponse& response) {
  constexpr std::size_t kShown = 300;
  const std::string said = TextIn(ParseJson(response.body), {"error", "message"});
  return core::InvalidArgument(url + std::string(target) + " answered " +
                               std::to_string(response.status) + ": " +
                               (said.empty() ? response.body.substr(0, kShown) : said));
}

std::uint64_t FailedCount(const HttpResponse& response) {
  return NumberIn(ParseJson(response.body), {"failedCount"});
}

// {"itemId":"...","properties":"{...}"}: Personalize's properties are JSON within a string.
std::string RecordJson(std::string_view id_member, std::string_view id,
                       const std::vector<core::Column>& columns) {
  std::string record = "{\"" + std::string(id_member) + "\":";
  AppendJsonString(id, &record);
  if (!columns.empty()) {
    record += ",\"properties\":";
    AppendJsonString(daemon::EncodeColumns(columns), &record);
  }
  return record + '}';
}

}  // namespace

core::Result<std::unique_ptr<DaemonSink>> DaemonSink::Connect(const std::string& url,
                                                              RejectedRows* rejected,
                                                              PatientClient::Patience patience) {
  auto client = HttpClient::Create(url);
  if (!client) return client.error();
  std::unique_ptr<DaemonSink> sink(
      new DaemonSink(PatientClient(std::move(*client), std::move(patience)), rejected));
  auto before = sink->AskDuplicates();
  if (!before) return before.error();
  sink->duplicates_before_ = *before;
  return sink;
}

core::Result<std::uint64_t> DaemonSink::AskDuplicates() {
  auto response = client_.once().Get("/v1/status");
  if (!response) return response.error();
  const json::value status = ParseJson(response->body);
  if (!response->ok() || FindIn(status, {"entries", "duplicates"}) == nullptr) {
    return Unexpected(client_.once().url(), "/v1/status", *response);
  }
  return NumberIn(status, {"entries", "duplicates"});
}

std::uint64_t DaemonSink::duplicates() {
  const auto now = AskDuplicates();
  return now && *now > duplicates_before_ ? *now - duplicates_before_ : 0;
}

core::Status DaemonSink::Add(core::LogEntry&& entry, const RowOrigin& origin) {
  if (auto* event = std::get_if<core::Event>(&entry)) {
    if (event->event_id.empty()) {
      event->event_id =
          "import:" + std::string(origin.file_key) + ":" + std::to_string(origin.line);
    }
    std::string line;
    AppendEventLine(*event, &line);
    return AddRow(Kind::kEvents, std::move(line), origin);
  }
  if (const auto* item = std::get_if<core::PutItem>(&entry)) {
    return AddRow(Kind::kItems, RecordJson("itemId", item->item_id, item->columns), origin);
  }
  if (const auto* user = std::get_if<core::PutUser>(&entry)) {
    return AddRow(Kind::kUsers, RecordJson("userId", user->user_id, user->columns), origin);
  }
  return core::InvalidArgument("an import holds events, items and users only");
}

core::Status DaemonSink::AddRow(Kind kind, std::string json, const RowOrigin& origin) {
  if (kind != kind_) FRESHET_RETURN_IF_ERROR(Flush());
  kind_ = kind;
  rows_.push_back(
      {std::string(origin.file), origin.line, std::string(origin.text), std::move(json)});
  const std::size_t full = kind == Kind::kEvents ? kChunkEvents : kChunkRecords;
  return rows_.size() < full ? core::Status() : Flush();
}

core::Status DaemonSink::Flush() {
  if (rows_.empty()) return {};
  core::Status sent = kind_ == Kind::kEvents ? SendEvents(0, rows_.size()) : SendRecords();
  rows_.clear();
  return sent;
}

core::Status DaemonSink::SendEvents(std::size_t begin, std::size_t end) {
  constexpr std::string_view kTarget = "/v1/events";
  body_.clear();
  for (std::size_t i = begin; i < end; ++i) body_ += rows_[i].json;
  auto response = client_.Post(kTarget, "application/x-ndjson", body_);
  // Lines that fail while others succeed may have met a log that was full for a moment: these
  // deserve a second try before they are given up.
  if (response && FailedCount(*response) > 0) {
    response = client_.Post(kTarget, "application/x-ndjson", body_);
  }
  if (!response) return response.error();
  const json::value answer = ParseJson(response->body);
  const json::value* failed = FindIn(answer, {"failed"});
  const bool complete = failed != nullptr && failed->is_array() &&
                        failed->get_array().size() == FailedCount(*response);
  if (!complete) {
    const bool too_much = failed != nullptr || response->status == 400 || response->status == 413;
    if (!too_much || end - begin == 1) return Unexpected(client_.once().url(), kTarget, *response);
    const std::size_t middle = begin + (end - begin) / 2;
    FRESHET_RETURN_IF_ERROR(SendEvents(begin, middle));
    return SendEvents(middle, end);
  }
  acknowledged_ += NumberIn(answer, {"accepted"});
  for (const json::value& failure : failed->get_array()) {
    const std::uint64_t line = NumberIn(failure, {"line"});
    if (line == 0 || line > end - begin) continue;
    FRESHET_RETURN_IF_ERROR(Reject(rows_[begin + line - 1], TextIn(failure, {"error"})));
  }
  return {};
}

core::Status DaemonSink::SendRecords() {
  auto response = PostRecords(0, rows_.size());
  if (!response) return response.error();
  if (response->ok()) {
    acknowledged_ += rows_.size();
    return {};
  }
  // One bad record refuses all ten, so each is tried by itself.
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto one = PostRecords(i, i + 1);
    if (!one) return one.error();
    if (one->ok()) {
      ++acknowledged_;
    } else if (one->status == 400) {
      FRESHET_RETURN_IF_ERROR(Reject(rows_[i], TextIn(ParseJson(one->body), {"message"})));
    } else {
      return Unexpected(client_.once().url(), kind_ == Kind::kItems ? "/items" : "/users", *one);
    }
  }
  return {};
}

core::Result<HttpResponse> DaemonSink::PostRecords(std::size_t begin, std::size_t end) {
  const bool items = kind_ == Kind::kItems;
  body_ = items ? R"({"datasetArn":"arn:aws:personalize:::dataset/import/ITEMS","items":[)"
                : R"({"datasetArn":"arn:aws:personalize:::dataset/import/USERS","users":[)";
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin) body_ += ',';
    body_ += rows_[i].json;
  }
  body_ += "]}";
  return client_.Post(items ? "/items" : "/users", "application/json", body_);
}

core::Status DaemonSink::Reject(const Row& row, std::string_view reason) {
  return rejected_->Add(row.file, row.line, reason, row.text);
}

}  // namespace freshet::tools
