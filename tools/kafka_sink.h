// KafkaSink: imports into the topics that daemons learn from.
//
// Each entry becomes the message that a daemon would write for it; what a reader would not take
// back as it was is rejected here. Owned by the import; one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "config/settings.h"
#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/kafka/broker_health.h"
#include "daemon/kafka/kafka_figures.h"
#include "daemon/kafka/kafka_writer.h"
#include "daemon/kafka/topics.h"
#include "tools/entry_sink.h"
#include "tools/rejected_rows.h"

namespace freshet::tools {

class KafkaSink final : public EntrySink {
 public:
  // Asks the brokers whether the topics are there, so that wrong settings are known before anything
  // is read. `rejected` outlives the sink.
  static core::Result<std::unique_ptr<KafkaSink>> Open(const config::LogSettings& settings,
                                                       RejectedRows* rejected);

  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override;
  core::Status Flush() override;
  core::Status Close() override { return Flush(); }
  [[nodiscard]] std::uint64_t acknowledged() const override;
  [[nodiscard]] std::uint64_t unanswered() const override;
  // Known to the daemons alone.
  std::uint64_t duplicates() override { return 0; }

 private:
  KafkaSink(daemon::kafka::Topics topics, RejectedRows* rejected)
      : topics_(std::move(topics)), rejected_(rejected) {}

  core::Status WriteBatch();
  void OnWritten(std::size_t entries, const core::Result<core::Positions>& result);

  const daemon::kafka::Topics topics_;
  RejectedRows* const rejected_;
  std::vector<core::LogEntry> batch_;
  std::vector<core::LogEntry> read_back_;

  mutable std::mutex mutex_;
  std::condition_variable less_under_way_;
  std::size_t under_way_ = 0;           // entries written and not acknowledged; guarded by mutex_
  std::uint64_t acknowledged_ = 0;      // guarded by mutex_
  std::uint64_t failed_ = 0;            // entries of batches that failed; guarded by mutex_
  std::optional<core::Error> failure_;  // the first one; guarded by mutex_

  daemon::kafka::BrokerHealth health_;
  daemon::kafka::KafkaFigures figures_;
  std::unique_ptr<daemon::kafka::KafkaWriter> writer_;  // last: its thread uses what stands above
};

}  // namespace freshet::tools
