// DaemonSink: imports into a running daemon over HTTP.
//
// Events go as NDJSON in chunks, items and users as Personalize's PutItems and PutUsers. A chunk
// whose fate is not known is sent again; every event has an eventId, its own or one made from its
// file and line, so one that had arrived counts once. Owned by the import; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/entry_sink.h"
#include "tools/patient_client.h"
#include "tools/rejected_rows.h"

namespace freshet::tools {

class DaemonSink final : public EntrySink {
 public:
  // Asks the daemon for its status, so that a wrong address is known before anything is read.
  // `rejected` takes what the daemon refuses, and outlives the sink.
  static core::Result<std::unique_ptr<DaemonSink>> Connect(const std::string& url,
                                                           RejectedRows* rejected,
                                                           PatientClient::Patience patience = {});

  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override;
  core::Status Flush() override;
  core::Status Close() override { return Flush(); }
  [[nodiscard]] std::uint64_t acknowledged() const override { return acknowledged_; }
  // What the daemon counted since the import began; other clients' are among them.
  std::uint64_t duplicates() override;

 private:
  // What one request carries.
  enum class Kind { kEvents, kItems, kUsers };

  // A row on its way, kept for the file of rejected rows.
  struct Row {
    std::string file;
    std::uint64_t line;
    std::string text;
    std::string json;
  };

  DaemonSink(PatientClient client, RejectedRows* rejected)
      : client_(std::move(client)), rejected_(rejected) {}

  core::Status AddRow(Kind kind, std::string json, const RowOrigin& origin);
  // Sends the rows from `begin` to before `end`; in halves where the answer does not name all the
  // lines that failed.
  core::Status SendEvents(std::size_t begin, std::size_t end);
  core::Status SendRecords();
  // What the daemon says to the rows from `begin` to before `end`, as one body.
  core::Result<HttpResponse> PostRecords(std::size_t begin, std::size_t end);
  core::Status Reject(const Row& row, std::string_view reason);
  core::Result<std::uint64_t> AskDuplicates();

  PatientClient client_;
  RejectedRows* rejected_;
  Kind kind_ = Kind::kEvents;
  std::vector<Row> rows_;
  std::string body_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t duplicates_before_ = 0;
};

}  // namespace freshet::tools
