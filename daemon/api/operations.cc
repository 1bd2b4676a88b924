#include "daemon/api/operations.h"

#include "core/similarity.h"
#include "daemon/api/positions.h"
#include "daemon/generation_json.h"
#include "daemon/json_writer.h"
#include "daemon/openapi.h"
#include "daemon/version.h"

namespace freshet::daemon::api {
namespace {

// What of the log a partition's number stands for.
std::string PartitionName(const kafka::KafkaLog* kafka, std::uint32_t partition) {
  return kafka == nullptr ? "journal" : kafka->topics().NameOf(partition);
}

void WriteLog(const EngineStatus& engine, const kafka::KafkaLog* kafka, JsonWriter* json) {
  json->Key("log");
  json->BeginObject();
  json->Field("kind", kafka == nullptr ? "journal" : "kafka");
  if (kafka != nullptr) json->Field("connected", kafka->connected());
  json->Field("catchingUp", engine.catching_up);
  if (engine.catching_up) json->Field("entriesPerSecond", engine.catch_up_rate);
  json->Key("partitions");
  json->BeginArray();
  for (const auto& [partition, end] : engine.end) {
    const auto at = engine.applied.find(partition);
    const std::uint64_t applied = at == engine.applied.end() ? 0 : at->second;
    json->BeginObject();
    json->Field("name", PartitionName(kafka, partition));
    json->Field("number", partition);
    json->Field("applied", applied);
    json->Field("end", end);
    json->Field("lag", end > applied ? end - applied : 0);
    json->EndObject();
  }
  json->EndArray();
  json->EndObject();
}

void WriteEngine(const EngineStatus& engine, JsonWriter* json) {
  json->Field("ready", engine.ready);
  if (!engine.ready) json->Field("notReadyBecause", engine.not_ready_because);
  json->Field("lag", engine.lag);
  json->Key("positions");
  json->BeginObject();
  json->Field("applied", FormatPositions(engine.applied));
  json->Field("checkpointed", FormatPositions(engine.checkpointed));
  json->EndObject();
  json->Key("entries");
  json->BeginObject();
  json->Field("applied", engine.applied_entries);
  json->Field("duplicates", engine.duplicates);
  json->Field("deadLetters", engine.dead_letters);
  json->EndObject();
  json->Key("checkpoints");
  json->BeginObject();
  json->Field("count", engine.checkpoints);
  json->Field("lastSeconds", engine.last_checkpoint_seconds);
  json->Field("lastBytes", engine.last_checkpoint_bytes);
  json->EndObject();
}

void WriteFigures(const StateFigures& figures, JsonWriter* json) {
  json->Key("counts");
  json->BeginObject();
  json->Field("users", figures.users);
  json->Field("items", figures.items);
  json->Field("sessions", figures.sessions);
  json->Field("events", figures.events);
  json->EndObject();
  json->Field("clockMs", figures.clock_ms);
  json->Key("evictions");
  json->BeginObject();
  json->Field("users", figures.evictions.users);
  json->Field("sessions", figures.evictions.sessions);
  json->Field("items", figures.evictions.items);
  json->Field("pairs", figures.evictions.pairs);
  json->Field("successors", figures.evictions.successors);
  json->Field("eventIds", figures.evictions.event_ids);
  json->EndObject();
  json->Key("bytes");
  json->BeginObject();
  for (const auto& [structure, bytes] : figures.bytes) json->Field(structure, bytes);
  json->Field("resident", ResidentBytes());
  json->EndObject();
}

void WriteCampaign(const core::CampaignSettings& campaign, JsonWriter* json) {
  json->BeginObject();
  json->Field("name", campaign.name);
  json->Field("recipe", core::RecipeKindName(campaign.recipe));
  json->Field("pairTable", campaign.pair_table);
  json->Field("measure", core::MeasureName(campaign.measure));
  json->Field("minimumCount", campaign.minimum_count);
  json->Field("popularityDiscount", campaign.popularity_discount);
  json->Field("recentItems", campaign.recent_items);
  json->Field("leaveOut", core::LeaveOutName(campaign.leave_out));
  json->EndObject();
}

void WriteGeneration(const Generations::Listed& one, JsonWriter* json) {
  json->BeginObject();
  json->Field("name", one.name);
  if (one.file) {
    const core::GenerationManifest& manifest = one.file->manifest;
    json->Field("createdMs", manifest.created_ms);
    json->Field("algorithm", manifest.algorithm);
    json->Field("dimension", one.file->dimension);
    json->Field("items", one.file->items);
    json->Field("users", one.file->users.value_or(0));
    json->Key("metrics");
    json->BeginObject();
    for (const auto& [name, value] : manifest.metrics) {
      json->Key(name);
      json->Number(value);
    }
    json->EndObject();
    if (manifest.comparison) WriteComparison(*manifest.comparison, json);
  }
  if (one.is_serving) {
    json->Field("state", "serving");
  } else {
    json->Field("state", one.refused_because.empty() ? "available" : "refused");
  }
  if (!one.refused_because.empty()) json->Field("reason", one.refused_because);
  json->EndObject();
}

void WriteTraining(const TrainingSchedule::Status& training, JsonWriter* json) {
  json->Key("training");
  json->BeginObject();
  json->Field("everySeconds", training.every_s);
  json->Field("running", training.running);
  json->Field(training.running ? "beganMs" : "nextMs", training.next_ms);
  if (training.last) {
    const TrainingSchedule::Ended& last = *training.last;
    json->Key("last");
    json->BeginObject();
    json->Field("beganMs", last.began_ms);
    json->Field("seconds", last.seconds);
    json->Field("outcome", TrainingSchedule::kOutcomeNames[static_cast<std::size_t>(last.outcome)]);
    if (!last.reason.empty()) json->Field("reason", last.reason);
    if (!last.generation.empty()) json->Field("generation", last.generation);
    json->EndObject();
  }
  json->EndObject();
}

void WriteQuality(const LiveQuality::Figures& quality, std::size_t items, JsonWriter* json) {
  json->Key("quality");
  json->BeginArray();
  for (const auto& [campaign, figures] : quality) {
    json->BeginObject();
    json->Field("campaign", campaign);
    json->Field("answers", figures.answers);
    json->Field("hitRate", figures.hit_rate);
    json->Field("mrr", figures.reciprocal_rank);
    json->Field("coverage", Coverage(figures, items));
    json->Field("coldShare", figures.cold_share);
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace

void Operations::Status(http::Exchange& exchange) {
  const EngineStatus engine = context_->process.engine.Status();
  const StateFigures figures = Figures();
  JsonWriter json(&exchange.response().body);
  json.BeginObject();
  json.Field("version", kVersion);
  json.Field("uptimeSeconds", Uptime());
  WriteEngine(engine, &json);
  WriteLog(engine, context_->process.kafka, &json);
  WriteFigures(figures, &json);
  WriteQuality(context_->process.engine.Quality(), figures.items, &json);
  json.Field("connections", context_->process.open_connections());
  json.Key("campaigns");
  json.BeginArray();
  for (std::size_t i = 0; i < context_->process.campaigns.named_count(); ++i) {
    json.String(context_->process.campaigns.all()[i].campaign.settings().name);
  }
  json.EndArray();
  json.EndObject();
}

void Operations::Campaigns(http::Exchange& exchange) {
  JsonWriter json(&exchange.response().body);
  json.BeginObject();
  json.Key("campaigns");
  json.BeginArray();
  for (std::size_t i = 0; i < context_->process.campaigns.named_count(); ++i) {
    WriteCampaign(context_->process.campaigns.all()[i].campaign.settings(), &json);
  }
  json.EndArray();
  json.EndObject();
}

void Operations::Generations(http::Exchange& exchange) {
  daemon::Generations::Status status;
  daemon::Generations::Served serving;
  if (context_->process.generations != nullptr) {
    status = context_->process.generations->status();
    serving = context_->process.generations->serving();
  }
  JsonWriter json(&exchange.response().body);
  json.BeginObject();
  if (serving != nullptr) {
    json.Field("serving", serving->name());
    json.Field("newbornItems", serving->newborns().items.size());
  }
  if (!status.error.empty()) json.Field("error", status.error);
  json.Key("generations");
  json.BeginArray();
  for (const daemon::Generations::Listed& one : status.all) WriteGeneration(one, &json);
  json.EndArray();
  if (const TrainingSchedule* training = context_->process.training) {
    const TrainingSchedule::Status schedule = training->status();
    if (schedule.every_s > 0) WriteTraining(schedule, &json);
  }
  json.EndObject();
}

void Operations::Health(http::Exchange& exchange) {
  JsonWriter json(&exchange.response().body);
  json.BeginObject();
  json.Field("status", "alive");
  json.Field("version", kVersion);
  json.EndObject();
}

void Operations::Ready(http::Exchange& exchange) {
  const EngineStatus engine = context_->process.engine.Status();
  const bool serving = context_->process.serving.load(std::memory_order_acquire);
  http::Response& response = exchange.response();
  JsonWriter json(&response.body);
  json.BeginObject();
  json.Field("ready", engine.ready && serving);
  if (!engine.ready || !serving) {
    response.status = 503;
    response.AddHeader("Retry-After", "1");
    json.Field("reason", engine.not_ready_because.empty() ? "starting" : engine.not_ready_because);
  }
  json.Field("lag", engine.lag);
  if (const kafka::KafkaLog* log = context_->process.kafka; log != nullptr) {
    // Not a reason to be taken out of service: every replica stands still alike.
    if (const std::string words = log->standstills(); !words.empty()) {
      json.Field("standsStill", words);
    }
  }
  json.EndObject();
}

void Operations::Metrics(http::Exchange& exchange) {
  const EngineStatus engine = context_->process.engine.Status();
  const StateFigures figures = Figures();
  const LiveQuality::Figures quality = context_->process.engine.Quality();
  http::Response& response = exchange.response();
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = context_->process.metrics.Render(
      {.engine = engine,
       .state = figures,
       .quality = quality,
       .kafka = context_->process.kafka,
       .generations = context_->process.generations,
       .training = context_->process.training,
       .open_connections = context_->process.open_connections(),
       .descriptor_shortages = context_->process.descriptor_shortages(),
       .waiting = context_->process.engine.waiting(),
       .uptime_seconds = Uptime()});
}

void Operations::OpenApi(http::Exchange& exchange) { exchange.response().body = kOpenApi; }

StateFigures Operations::Figures() {
  if (!context_->process.serving.load(std::memory_order_acquire)) return {};
  return context_->query.Read(
      [](const core::State& state, core::QueryScratch*) { return StateFigures::Of(state); });
}

double Operations::Uptime() const {
  const std::chrono::duration<double> up =
      std::chrono::steady_clock::now() - context_->process.started;
  return up.count();
}

}  // namespace freshet::daemon::api
