#include "daemon/metrics.h"

#include <fstream>
#include <limits>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

namespace freshet::daemon {
namespace {

using Families = std::vector<prometheus::MetricFamily>;
using Label = prometheus::ClientMetric::Label;
using Type = prometheus::MetricType;

prometheus::MetricFamily& AddFamily(Type type, std::string name, std::string help, Families* out) {
  prometheus::MetricFamily& family = out->emplace_back();
  family.type = type;
  family.name = std::move(name);
  family.help = std::move(help);
  return family;
}

void AddValue(double value, std::vector<Label> labels, prometheus::MetricFamily* family) {
  prometheus::ClientMetric& metric = family->metric.emplace_back();
  metric.label = std::move(labels);
  if (family->type == Type::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void AddOne(Type type, std::string name, std::string help, double value, Families* out) {
  AddValue(value, {}, &AddFamily(type, std::move(name), std::move(help), out));
}

// One histogram, added up over `parts`.
void AddHistogram(const std::vector<const LocalHistogram*>& parts, std::vector<Label> labels,
                  prometheus::MetricFamily* family) {
  prometheus::ClientMetric& metric = family->metric.emplace_back();
  metric.label = std::move(labels);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= LocalHistogram::kUpperBounds.size(); ++i) {
    for (const LocalHistogram* part : parts) count += part->Count(i);
    const bool last = i == LocalHistogram::kUpperBounds.size();
    prometheus::ClientMetric::Bucket bucket;
    bucket.upper_bound =
        last ? std::numeric_limits<double>::infinity() : LocalHistogram::kUpperBounds[i];
    bucket.cumulative_count = count;
    metric.histogram.bucket.push_back(bucket);
  }
  metric.histogram.sample_count = count;
  for (const LocalHistogram* part : parts) metric.histogram.sample_sum += part->Sum();
}

void AddEngine(const EngineStatus& engine, Families* out) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  AddOne(Type::Gauge, "freshet_ready", "1 when entries can be taken.", engine.ready ? 1 : 0, out);
  AddOne(Type::Gauge, "freshet_lag_entries", "Durable entries that are not applied yet.",
         number(engine.lag), out);
  AddOne(Type::Counter, "freshet_applied_entries_total", "Entries applied since the start.",
         number(engine.applied_entries), out);
  AddOne(Type::Counter, "freshet_duplicate_events_total",
         "Events whose eventId had been seen: applied once only.", number(engine.duplicates), out);
  AddOne(Type::Counter, "freshet_dead_letters_total", "Entries of the log that were refused.",
         number(engine.dead_letters), out);
  AddOne(Type::Counter, "freshet_checkpoints_total", "Checkpoints written since the start.",
         number(engine.checkpoints), out);
  AddOne(Type::Gauge, "freshet_checkpoint_duration_seconds", "How long the last checkpoint took.",
         engine.last_checkpoint_seconds, out);
  AddOne(Type::Gauge, "freshet_checkpoint_bytes", "Bytes of rows in the last checkpoint.",
         number(engine.last_checkpoint_bytes), out);
}

void AddKafka(const EngineStatus& engine, const kafka::KafkaLog& log, Families* out) {
  const kafka::KafkaFigures& figures = log.figures();
  const auto count = [&](std::string name, std::string help, const LocalCounter& counter) {
    AddOne(Type::Counter, std::move(name), std::move(help), static_cast<double>(counter.Get()),
           out);
  };
  AddOne(Type::Gauge, "freshet_kafka_connected",
         "1 when the brokers answer and all topics are there.", log.connected() ? 1 : 0, out);
  auto& lags = AddFamily(Type::Gauge, "freshet_kafka_lag",
                         "Offsets between what is applied and a partition's end.", out);
  for (const auto& [partition, end] : engine.end) {
    const auto at = engine.applied.find(partition);
    const std::uint64_t applied = at == engine.applied.end() ? 0 : at->second;
    const std::string name = log.topics().NameOf(partition);
    const std::size_t slash = name.rfind('/');
    AddValue(static_cast<double>(end > applied ? end - applied : 0),
             {{"topic", name.substr(0, slash)}, {"partition", name.substr(slash + 1)}}, &lags);
  }
  count("freshet_kafka_messages_total", "Messages read.", figures.messages);
  count("freshet_kafka_bytes_total", "Bytes of the messages read.", figures.bytes);
  count("freshet_kafka_outages_total", "Times that the brokers could not be used.",
        figures.outages);
  count("freshet_kafka_lost_offsets_total", "Offsets that were gone before they were read.",
        figures.lost_offsets);
  AddHistogram({&figures.produce_seconds}, {},
               &AddFamily(Type::Histogram, "freshet_kafka_produce_seconds",
                          "From writing a message to the brokers' acknowledgement.", out));
  count("freshet_kafka_failed_deliveries_total", "Messages that the brokers did not take.",
        figures.failed_deliveries);
  count("freshet_kafka_dead_letters_copied_total", "Dead letters in the dead letter topic.",
        figures.dead_letters_copied);
  count("freshet_kafka_dead_letters_not_copied_total",
        "Dead letters that the dead letter topic did not take.", figures.dead_letters_not_copied);
}

void AddState(const StateFigures& state, Families* out) {
  auto& entities = AddFamily(Type::Gauge, "freshet_entities", "What state knows, by kind.", out);
  AddValue(static_cast<double>(state.users), {{"kind", "user"}}, &entities);
  AddValue(static_cast<double>(state.sessions), {{"kind", "session"}}, &entities);
  AddValue(static_cast<double>(state.items), {{"kind", "item"}}, &entities);
  AddOne(Type::Gauge, "freshet_learned_events", "Events learned since the log began.",
         static_cast<double>(state.events), out);

  auto& bytes = AddFamily(Type::Gauge, "freshet_bytes", "Memory held, by structure.", out);
  for (const auto& [name, size] : state.bytes) {
    AddValue(static_cast<double>(size), {{"structure", std::string(name)}}, &bytes);
  }
  auto& evictions = AddFamily(Type::Counter, "freshet_evictions_total",
                              "What a cap took away since the start, by structure.", out);
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"users", state.evictions.users},           {"sessions", state.evictions.sessions},
      {"items", state.evictions.items},           {"pairs", state.evictions.pairs},
      {"successors", state.evictions.successors}, {"event_ids", state.evictions.event_ids}};
  for (const auto& [name, count] : counts) {
    AddValue(static_cast<double>(count), {{"structure", name}}, &evictions);
  }
  auto& lessons = AddFamily(Type::Counter, "freshet_blend_lessons_total",
                            "Choices that a campaign's blend has learned from.", out);
  auto& weights = AddFamily(Type::Gauge, "freshet_blend_weight",
                            "How much an input counts in a campaign's blend.", out);
  for (const auto& [campaign, blend] : state.blends) {
    AddValue(static_cast<double>(blend.lessons()), {{"campaign", campaign}}, &lessons);
    for (std::size_t i = 0; i < core::kBlendInputCount; ++i) {
      const std::string input(core::BlendInputName(static_cast<core::BlendInput>(i)));
      AddValue(static_cast<double>(blend.weights()[i]), {{"campaign", campaign}, {"input", input}},
               &weights);
    }
  }
}

void AddGenerations(const Generations& generations, Families* out) {
  auto& created = AddFamily(Type::Gauge, "freshet_generation_created_timestamp_seconds",
                            "When the generation that is served was made, since 1970.", out);
  if (const Generations::Served serving = generations.serving()) {
    AddValue(static_cast<double>(serving->manifest().created_ms) / 1000,
             {{"generation", serving->name()}}, &created);
    AddOne(Type::Gauge, "freshet_generation_newborn_items",
           "Items that the generation was not trained with and that are folded in.",
           static_cast<double>(serving->newborns().items.size()), out);
  }
  const Generations::Status status = generations.status();
  AddOne(Type::Counter, "freshet_generations_served_total",
         "Times that another generation was served, since the start.",
         static_cast<double>(status.served), out);
  AddOne(Type::Counter, "freshet_generations_refused_total",
         "Generations that were refused, since the start.", static_cast<double>(status.refused),
         out);
}

void AddTraining(const TrainingSchedule::Status& training, Families* out) {
  auto& runs = AddFamily(Type::Counter, "freshet_training_runs_total",
                         "Trainings that the schedule ran, by outcome.", out);
  for (std::size_t i = 0; i < training.counts.size(); ++i) {
    AddValue(static_cast<double>(training.counts[i]),
             {{"outcome", std::string(TrainingSchedule::kOutcomeNames[i])}}, &runs);
  }
  AddOne(Type::Gauge, "freshet_training_running", "1 while the schedule trains.",
         training.running ? 1 : 0, out);
  AddOne(Type::Gauge, "freshet_training_next_timestamp_seconds",
         "When the next training begins, since 1970.", static_cast<double>(training.next_ms) / 1000,
         out);
  AddOne(
      Type::Gauge, "freshet_training_last_made_timestamp_seconds",
      "When the last training began whose generation holds, since 1970; 0: none since the start.",
      static_cast<double>(training.last_made_ms) / 1000, out);
  if (!training.last) return;
  AddOne(Type::Gauge, "freshet_training_last_duration_seconds", "How long the last training took.",
         training.last->seconds, out);
}

void AddQuality(const LiveQuality::Figures& quality, std::size_t items, Families* out) {
  const auto gauge = [&](const char* name, const char* help, const auto& value) {
    auto& family = AddFamily(Type::Gauge, name, help, out);
    for (const auto& [campaign, figures] : quality) {
      AddValue(value(figures), {{"campaign", campaign}}, &family);
    }
  };
  using Figures = core::QualityWindow::Figures;
  gauge("freshet_quality_answers", "Answers that the campaign's quality is measured on.",
        [](const Figures& one) { return static_cast<double>(one.answers); });
  gauge("freshet_quality_hit_rate", "Share of them whose next item was among 20 recommended.",
        [](const Figures& one) { return one.hit_rate; });
  gauge("freshet_quality_mrr", "Mean of 1 / the next item's place in them, 0 for a miss.",
        [](const Figures& one) { return one.reciprocal_rank; });
  gauge("freshet_quality_coverage", "Share of the catalogue that they recommended.",
        [&](const Figures& one) { return Coverage(one, items); });
  gauge("freshet_quality_cold_share", "Share of recommended items that few users have touched.",
        [](const Figures& one) { return one.cold_share; });
}

}  // namespace

void ThreadMetrics::CountRequest(std::size_t route, unsigned status) {
  std::size_t index = 0;
  while (index + 1 < kCountedStatuses.size() && kCountedStatuses[index] != status) ++index;
  requests_[route][index].Add();
}

Metrics::Metrics(std::size_t threads, std::vector<std::string> campaigns,
                 std::vector<std::string> routes)
    : campaigns_(std::move(campaigns)), routes_(std::move(routes)) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<ThreadMetrics>(campaigns_.size(), routes_.size()));
  }
}

std::string Metrics::Render(const Moment& moment) const {
  Families families;
  const auto sum = [this](auto&& get) {
    std::uint64_t total = 0;
    for (const auto& thread : threads_) total += get(*thread).Get();
    return static_cast<double>(total);
  };

  auto& acknowledged = AddFamily(Type::Counter, "freshet_acknowledged_entries_total",
                                 "Entries acknowledged over HTTP, by kind.", &families);
  for (std::size_t kind = 0; kind < kEntryKinds.size(); ++kind) {
    AddValue(sum([&](const ThreadMetrics& one) -> auto& { return one.acknowledged_[kind]; }),
             {{"kind", std::string(kEntryKinds[kind])}}, &acknowledged);
  }
  AddOne(Type::Counter, "freshet_refused_events_total", "Events refused for what they hold.",
         sum([](const ThreadMetrics& one) -> auto& { return one.refused_events_; }), &families);
  AddHistogram({&effect_}, {},
               &AddFamily(Type::Histogram, "freshet_event_to_effect_seconds",
                          "From an entry's arrival to its being in every answer.", &families));

  auto& queries = AddFamily(Type::Histogram, "freshet_query_seconds",
                            "Time to compute and write one answer, by campaign.", &families);
  for (std::size_t campaign = 0; campaign < campaigns_.size(); ++campaign) {
    std::vector<const LocalHistogram*> parts;
    for (const auto& thread : threads_) parts.push_back(&thread->queries_[campaign]);
    AddHistogram(parts, {{"campaign", campaigns_[campaign]}}, &queries);
  }

  auto& requests = AddFamily(Type::Counter, "freshet_http_requests_total",
                             "HTTP requests answered, by path and status.", &families);
  for (std::size_t route = 0; route < routes_.size(); ++route) {
    for (std::size_t status = 0; status < kCountedStatuses.size(); ++status) {
      const double count =
          sum([&](const ThreadMetrics& one) -> auto& { return one.requests_[route][status]; });
      if (count == 0) continue;
      const unsigned code = kCountedStatuses[status];
      AddValue(count,
               {{"path", routes_[route]}, {"status", code == 0 ? "other" : std::to_string(code)}},
               &requests);
    }
  }

  AddOne(Type::Gauge, "freshet_http_connections", "Open connections.", moment.open_connections,
         &families);
  AddOne(Type::Counter, "freshet_descriptor_shortages_total",
         "Connections that came when the process could open hardly a file more.",
         static_cast<double>(moment.descriptor_shortages), &families);
  AddOne(Type::Gauge, "freshet_waiting_requests",
         "Puts and queries that wait for entries to be applied.",
         static_cast<double>(moment.waiting), &families);
  AddEngine(moment.engine, &families);
  if (moment.kafka != nullptr) AddKafka(moment.engine, *moment.kafka, &families);
  AddState(moment.state, &families);
  if (moment.generations != nullptr) AddGenerations(*moment.generations, &families);
  if (moment.training != nullptr && moment.training->status().every_s > 0) {
    AddTraining(moment.training->status(), &families);
  }
  AddQuality(moment.quality, moment.state.items, &families);
  AddOne(Type::Gauge, "freshet_uptime_seconds", "Seconds since the start.", moment.uptime_seconds,
         &families);
  AddOne(Type::Gauge, "process_resident_memory_bytes", "Memory this process occupies.",
         static_cast<double>(ResidentBytes()), &families);
  return prometheus::TextSerializer().Serialize(families);
}

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (!(statm >> pages >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace freshet::daemon
