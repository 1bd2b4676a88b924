#include "config/schema.h"

#include <algorithm>

#include "config/text_checks.h"
#include "core/content_index.h"

namespace freshet::config {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kBillion = 1000 * kMillion;
constexpr std::size_t kMaximumPathBytes = 4096;
constexpr std::size_t kMaximumColumnBytes = 150;
constexpr std::size_t kMaximumGroupBytes = 249;

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char UpperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool EqualWithoutCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return LowerAscii(a) == LowerAscii(b); });
}

std::optional<std::string> CheckOptionalPath(std::string_view text) {
  return text.empty() ? std::nullopt : LengthCheck(kMaximumPathBytes)(text);
}

using Keys = std::vector<Key<Settings>>;

Keys ServerKeys() {
  using S = ServerSettings;
  constexpr auto kIn = &Settings::server;
  return {
      TextKey<Settings>({"server.listen",
                         "Where to listen; port 0 takes a free one. An address beyond loopback "
                         "needs server.insecure."},
                        "ADDRESS:PORT or [IPV6]:PORT", CheckListen, kIn, &S::listen),
      BoolKey<Settings>({"server.insecure",
                         "Allows to listen beyond loopback, without TLS and without credentials: "
                         "put a proxy that has both in front."},
                        kIn, &S::insecure),
      TextListKey<Settings>({"server.allowed_hosts",
                             "Names by which clients reach this server, beside localhost and its "
                             "address: a request with another Host is refused (421), as web pages "
                             "could make one. \"*\" allows all."},
                            "host names without a port, or *", CheckHost, kIn, &S::allowed_hosts),
      WholeKey<Settings>({"server.threads", "Threads that answer queries; 0: one a core."},
                         {0, 256}, kIn, &S::threads),
      WholeKey<Settings>(
          {"server.maximum_connections", "Open connections; one more is refused with 503."},
          {1, kMillion}, kIn, &S::maximum_connections),
      WholeKey<Settings>({"server.maximum_body_bytes", "Size of one request's body."},
                         {1024, 1 << 30}, kIn, &S::maximum_body_bytes),
      WholeKey<Settings>({"server.maximum_header_bytes", "Size of one request's header."},
                         {1024, 1 << 20}, kIn, &S::maximum_header_bytes),
      WholeKey<Settings>({"server.maximum_memory_bytes",
                          "Memory for the bodies and unread answers of all requests under way; "
                          "a body beyond it is refused with 503."},
                         {1 << 20, std::int64_t{1} << 40}, kIn, &S::maximum_memory_bytes),
      WholeKey<Settings>(
          {"server.maximum_bulk_lines", "Events in one POST /v1/events, as lines or as an array."},
          {1, 10 * kMillion}, kIn, &S::maximum_bulk_lines),
      WholeKey<Settings>(
          {"server.idle_timeout_ms", "A connection without a request is closed after this long."},
          {100, kHourMs}, kIn, &S::idle_timeout_ms),
      WholeKey<Settings>(
          {"server.request_timeout_ms", "Time from a request's first byte to its last."},
          {100, 10 * kMinuteMs}, kIn, &S::request_timeout_ms),
      WholeKey<Settings>({"server.apply_timeout_ms",
                          "How long a Put waits to be durable and applied before it answers 503."},
                         {100, 10 * kMinuteMs}, kIn, &S::apply_timeout_ms),
      WholeKey<Settings>(
          {"server.shutdown_timeout_ms", "How long requests under way may take after SIGTERM."},
          {0, 10 * kMinuteMs}, kIn, &S::shutdown_timeout_ms),
  };
}

// One topic, or several: as a list, or as one text with commas.
Key<Settings> TopicsKey(const Row& row) {
  Key<Settings> key =
      TextListKey<Settings>(row, "topics of " + std::string(kTopicRule), CheckTopic, &Settings::log,
                            &LogSettings::kafka, &KafkaSettings::events_topics);
  key.write = [write = key.write](const Value& value, Settings* settings) {
    const auto* text = std::get_if<std::string>(&value);
    return write(text == nullptr ? value : ValueFromText(Kind::kTextList, *text), settings);
  };
  return key;
}

Keys KafkaKeys() {
  using S = KafkaSettings;
  constexpr auto kIn = &Settings::log;
  constexpr auto kKafka = &LogSettings::kafka;
  const std::string topic = "a topic of " + std::string(kTopicRule) + ", or empty for none";
  const std::vector<std::pair<std::string, std::string>> when_lost = {{"stop", "stop"},
                                                                      {"continue", "continue"}};
  const std::vector<std::pair<std::string, std::string>> when_unreachable = {{"retry", "retry"},
                                                                             {"exit", "exit"}};
  return {
      TextKey<Settings>({"log.brokers", "Kafka: where to find the cluster."},
                        "HOST:PORT, several separated by commas", CheckBrokers, kIn, kKafka,
                        &S::brokers),
      TopicsKey({"log.events_topic",
                 "Kafka: the topics of events, one or several; what is put over HTTP goes to the "
                 "first."}),
      TextKey<Settings>({"log.items_topic", "Kafka: the compacted topic of items, by itemId."},
                        topic, CheckOptionalTopic, kIn, kKafka, &S::items_topic),
      TextKey<Settings>({"log.users_topic", "Kafka: the compacted topic of users, by userId."},
                        topic, CheckOptionalTopic, kIn, kKafka, &S::users_topic),
      TextKey<Settings>(
          {"log.dead_letter_topic", "Kafka: takes a copy of each message that is refused."}, topic,
          CheckOptionalTopic, kIn, kKafka, &S::dead_letter_topic),
      TextKey<Settings>({"log.group_id",
                         "Kafka: the group to which positions are committed, so that tools see the "
                         "lag; each instance needs its own."},
                        BytesText(kMaximumGroupBytes), LengthCheck(kMaximumGroupBytes), kIn, kKafka,
                        &S::group_id),
      TextKey<Settings>(
          {"log.start_at", "Kafka: where to begin in a topic that nothing was learned from yet."},
          "earliest, latest or a time in ISO 8601", CheckStartAt, kIn, kKafka, &S::start_at),
      ChoiceKey<Settings>({"log.when_lost",
                           "Kafka: what to do when messages that were not read are gone, by "
                           "retention or because the topic was made anew: stop learning and say "
                           "so, or continue with the earliest there is."},
                          when_lost, kIn, kKafka, &S::when_lost),
      ChoiceKey<Settings>({"log.when_unreachable",
                           "Kafka: what to do when at start no broker is reached, a topic is not "
                           "there or the credentials are refused: retry, answering queries from "
                           "the last checkpoint, or exit."},
                          when_unreachable, kIn, kKafka, &S::when_unreachable),
      WholeKey<Settings>({"log.ready_lag_entries",
                          "Kafka: the daemon is ready when fewer entries than this are left to "
                          "catch up with."},
                         {0, kBillion}, kIn, kKafka, &S::ready_lag_entries),
      WholeKey<Settings>({"log.delivery_timeout_ms",
                          "Kafka: how long delivery of what is put over HTTP may take before it is "
                          "answered with 503."},
                         {100, 10 * kMinuteMs}, kIn, kKafka, &S::delivery_timeout_ms),
  };
}

Keys LogKeys() {
  using S = LogSettings;
  constexpr auto kIn = &Settings::log;
  const std::vector<std::pair<std::string, std::string>> kinds = {{"journal", "journal"},
                                                                  {"kafka", "kafka"}};
  const std::vector<std::pair<std::string, std::string>> durabilities = {{"fsync", "fsync"},
                                                                         {"os", "os"}};
  return {
      ChoiceKey<Settings>(
          {"log.kind", "The log's home: the embedded journal in the data folder, or Kafka."}, kinds,
          kIn, &S::kind),
      ChoiceKey<Settings>(
          {"log.durability",
           "Journal: when a Put is acknowledged: fsync, when it is on the disk, or os, when "
           "the operating system has it (a power cut may lose the last seconds)."},
          durabilities, kIn, &S::durability),
      WholeKey<Settings>({"log.maximum_queued_entries",
                          "Entries that wait to be written; when full, a Put answers 429."},
                         {1, 100 * kMillion}, kIn, &S::maximum_queued_entries),
      WholeKey<Settings>(
          {"log.retention_hours",
           "Journal: how long entries that a checkpoint covers are kept for replay and "
           "training."},
          {0, 100'000}, kIn, &S::retention_hours),
      WholeKey<Settings>({"log.retention_megabytes",
                          "Journal: how much of them is kept at most; the oldest go first."},
                         {0, kBillion}, kIn, &S::retention_megabytes),
  };
}

Keys OperationKeys() {
  using Checkpoint = CheckpointSettings;
  const std::vector<std::pair<std::string, std::string>> levels = {{"trace", "trace"},
                                                                   {"debug", "debug"},
                                                                   {"info", "info"},
                                                                   {"warning", "warning"},
                                                                   {"error", "error"}};
  return {
      WholeKey<Settings>({"checkpoint.interval_ms",
                          "Time between two checkpoints; a longer one makes the restart after a "
                          "crash longer."},
                         {10, kHourMs}, &Settings::checkpoint, &Checkpoint::interval_ms),
      WholeKey<Settings>({"checkpoint.maximum_dead_letters",
                          "Entries kept that could not be understood; the oldest go first."},
                         {0, 10 * kMillion}, &Settings::checkpoint,
                         &Checkpoint::maximum_dead_letters),
      DecimalKey<Settings>({"quality.time_share",
                            "Share of the applying thread's time spent asking campaigns what they "
                            "would have answered; 0: none."},
                           {0, 1}, &Settings::quality, &QualitySettings::time_share),
      WholeKey<Settings>(
          {"quality.answers", "Latest answers of a campaign that its figures are of."},
          {1, kMillion}, &Settings::quality, &QualitySettings::answers),
      TextKey<Settings>({"factors.folder",
                         "Where generations of factors are found; empty: generations in the data "
                         "folder."},
                        "a path of at most " + std::to_string(kMaximumPathBytes) + " bytes",
                        CheckOptionalPath, &Settings::factors, &FactorsSettings::folder),
      WholeKey<Settings>(
          {"factors.poll_ms", "How often to look there for another generation to serve."},
          {10, kHourMs}, &Settings::factors, &FactorsSettings::poll_ms),
      WholeKey<Settings>({"factors.fold_in_ms",
                          "How often to fold items into the factors that the training did not "
                          "know, from what their "
                          "users have done; 0: never."},
                         {0, kHourMs}, &Settings::factors, &FactorsSettings::fold_in_ms),
      WholeKey<Settings>(
          {"factors.maximum_newborn_items",
           "Items folded in at most; those of the fewest users give way. Each search "
           "looks at all of them."},
          {1, 100'000}, &Settings::factors, &FactorsSettings::maximum_newborn_items),
      ChoiceKey<Settings>({"logging.level", "What is logged to stderr: this and worse."}, levels,
                          &Settings::logging, &LoggingSettings::level),
  };
}

Keys TrainingKeys() {
  using S = TrainingSettings;
  constexpr auto kIn = &Settings::training;
  constexpr std::int64_t kDayS = 86'400;
  return {
      DurationKey<Settings>({"training.every",
                             "How often to train a generation from what was learned; the newest "
                             "that holds its own is served."},
                            {0, 365 * kDayS}, kIn, &S::every_s),
      TextKey<Settings>({"training.program",
                         "The program that trains; empty: freshet, in the folder of freshetd."},
                        "a path of at most " + std::to_string(kMaximumPathBytes) + " bytes",
                        CheckOptionalPath, kIn, &S::program),
      TextListKey<Settings>({"training.arguments",
                             "More flags of freshet train, such as --factors and 128: how it is "
                             "to train."},
                            "texts of " + BytesText(kMaximumPathBytes),
                            LengthCheck(kMaximumPathBytes), kIn, &S::arguments),
      WholeKey<Settings>({"training.threads",
                          "Threads that it trains with, which give way to answers; 0: one a core."},
                         {0, 256}, kIn, &S::threads),
      DurationKey<Settings>({"training.time_limit", "A training that takes longer is killed."},
                            {1, 365 * kDayS}, kIn, &S::time_limit_s),
      WholeKey<Settings>({"training.maximum_megabytes", "Memory that it may take."}, {16, kBillion},
                         kIn, &S::maximum_megabytes),
      DecimalKey<Settings>({"training.tolerance",
                            "The share by which a new generation may foretell the newest events "
                            "worse than the one that is served, and be served all the same."},
                           {0, 1}, kIn, &S::tolerance),
      WholeKey<Settings>({"training.keep",
                          "Generations kept of those that it has made; the oldest are removed, "
                          "but never what is served or what a rollback goes back to."},
                         {1, 10'000}, kIn, &S::keep),
  };
}

Keys LearningCapKeys() {
  using S = core::Settings;
  constexpr auto kIn = &Settings::learning;
  return {
      WholeKey<Settings>(
          {"learning.maximum_history_items",
           "Distinct items remembered of a user; the one touched longest ago leaves."},
          {1, 10'000}, kIn, &S::maximum_history_items),
      WholeKey<Settings>(
          {"learning.maximum_session_items", "Items remembered of a session; the oldest leaves."},
          {1, 10'000}, kIn, &S::maximum_session_items),
      WholeKey<Settings>({"learning.maximum_users",
                          "Users and anonymous visitors remembered; the longest idle leaves."},
                         {1, kBillion}, kIn, &S::maximum_users),
      WholeKey<Settings>(
          {"learning.maximum_sessions", "Sessions remembered; the longest idle leaves."},
          {1, kBillion}, kIn, &S::maximum_sessions),
      WholeKey<Settings>({"learning.maximum_postings",
                          "Sessions of one item that are searched for similar ones; the newest."},
                         {1, 100'000}, kIn, &S::maximum_postings),
      WholeKey<Settings>({"learning.maximum_successors",
                          "What follows an item: items counted of one; the weakest gives way."},
                         {1, 10'000}, kIn, &S::maximum_successors),
      WholeKey<Settings>({"learning.events_per_lesson",
                          "The blend of user-personalization learns from one event in so many, "
                          "while it is young from more; 0: from none."},
                         {0, kBillion}, kIn, &S::events_per_lesson),
      WholeKey<Settings>(
          {"learning.maximum_items", "Items remembered; the one touched longest ago leaves."},
          {1, kBillion}, kIn, &S::maximum_items),
      WholeKey<Settings>(
          {"learning.maximum_event_ids",
           "Event ids remembered, so that an event sent twice counts once; the oldest "
           "leaves."},
          {0, kBillion}, kIn, &S::maximum_event_ids),
      WholeKey<Settings>({"learning.event_id_window_hours", "How long an event id is remembered."},
                         {0, 8760, kHourMs}, kIn, &S::event_id_window_ms),
      WholeKey<Settings>({"learning.maximum_deletions",
                          "Deletes remembered, of items and of users, so that nothing logged "
                          "before brings them back; the oldest is forgotten."},
                         {0, kBillion}, kIn, &S::maximum_deletions),
      WholeKey<Settings>({"learning.maximum_future_minutes",
                          "An event's time counts as at most this far after its arrival."},
                         {0, 5'256'000, kMinuteMs}, kIn, &S::maximum_future_ms),
      WholeKey<Settings>({"learning.session_gap_minutes",
                          "Events without a sessionId further apart than this, either way, belong "
                          "to different sessions."},
                         {1, 10'080, kMinuteMs}, kIn, &S::session_gap_ms),
  };
}

Keys PopularityKeys() {
  using S = core::Settings;
  constexpr auto kIn = &Settings::learning;
  return {
      WholeKey<Settings>({"learning.popularity_half_life_hours",
                          "An event counts half as much for popularity after this long."},
                         {1, 87'600, kHourMs}, kIn, &S::popularity_half_life_ms),
      WholeKey<Settings>({"learning.trend_half_life_minutes",
                          "The same for the short-term rate that makes a trend."},
                         {1, 525'600, kMinuteMs}, kIn, &S::trend_half_life_ms),
      DecimalKey<Settings>(
          {"learning.trend_prior", "Events added to both rates, so that one event is no trend."},
          {0.01, 1000}, kIn, &S::trend_prior),
      WholeKey<Settings>({"learning.popular_items", "Length of the list of popular items."},
                         {1, 100'000}, kIn, &S::popular_items),
      WholeKey<Settings>(
          {"learning.popular_items_per_category", "Length of such a list for one category value."},
          {1, 100'000}, kIn, &S::popular_items_per_category),
      WholeKey<Settings>({"learning.maximum_categories",
                          "Category values with a list of their own; later ones have none."},
                         {0, 10 * kMillion}, kIn, &S::maximum_categories),
      WholeKey<Settings>({"learning.maximum_categories_per_item",
                          "Category values that count of one item; the first ones."},
                         {0, 1000}, kIn, &S::maximum_categories_per_item),
      TextListKey<Settings>({"learning.category_columns",
                             "Columns of an item whose values, split at |, are categories."},
                            "column names of " + BytesText(kMaximumColumnBytes),
                            LengthCheck(kMaximumColumnBytes), kIn, &S::category_columns),
      TextListKey<Settings>({"learning.audience_columns",
                             "Columns of a user whose values, split at |, have popular items of "
                             "their own, for users without a history."},
                            "column names of " + BytesText(kMaximumColumnBytes),
                            LengthCheck(kMaximumColumnBytes), kIn, &S::audience_columns),
      WholeKey<Settings>(
          {"learning.maximum_audiences", "Such values at most; later ones have none."},
          {0, 1'000'000}, kIn, &S::maximum_audiences),
      TextListKey<Settings>({"learning.text_columns",
                             "Columns of an item whose words tell, beside its categories, how like "
                             "another it is."},
                            "column names of " + BytesText(kMaximumColumnBytes),
                            LengthCheck(kMaximumColumnBytes), kIn, &S::text_columns),
      WholeKey<Settings>({"learning.maximum_terms_per_item",
                          "Categories and words that count of one item for that; the first ones. "
                          "0: none, which saves their memory."},
                         {0, core::kMaximumTermsPerItem}, kIn, &S::maximum_terms_per_item),
      WholeKey<Settings>({"learning.event_weights.other",
                          "How strongly an event of a type without a key here counts."},
                         {0, 1000}, kIn, &S::event_weights, &core::EventWeights::other),
  };
}

Keys AllKeys() {
  Keys all = {TextKey<Settings>({"data", "The data folder, made if it is absent."},
                                "a path of " + BytesText(kMaximumPathBytes),
                                LengthCheck(kMaximumPathBytes), &Settings::data)};
  for (const auto& keys : {ServerKeys(), LogKeys(), KafkaKeys(), OperationKeys(), TrainingKeys(),
                           LearningCapKeys(), PopularityKeys()}) {
    all.insert(all.end(), keys.begin(), keys.end());
  }
  return all;
}

}  // namespace

const std::vector<Section>& Sections() {
  static const std::vector<Section> sections = {
      {"server", "The HTTP server and its limits."},
      {"log", "The log: the durable record of everything that changes state."},
      {std::string(kLibrdkafka),
       "Kafka: properties of librdkafka, such as \"security.protocol\" and \"sasl.password\", "
       "passed "
       "through as they are to all that talks to the brokers."},
      {"checkpoint", "What has been learned, on disk."},
      {"quality", "How good the answers are, measured on the stream as it comes."},
      {"factors", "Generations of factors, trained elsewhere, that campaigns answer by."},
      {"training",
       "The schedule by which the daemon trains generations itself, in a process of its own."},
      {"logging", "What the daemon says of itself."},
      {"learning", "How to learn and how much to keep. Most caps are memory."},
      {std::string(kEventWeights),
       "How strongly an event of a type counts, 0..1000; case does not matter. Types named here "
       "are added to the built-in ones. 0: the item is remembered as seen and nothing is learned "
       "of it, as for remove_from_cart."},
      {std::string(kEventValueThresholds),
       "The least eventValue that is a liking, by event type, such as rating = 3.5; case does not "
       "matter. An event with a lower value counts as one of weight 0; an event without a value "
       "counts as its type does. Personalize's eventValueThreshold."},
  };
  return sections;
}

const Section& PairTableSection() {
  static const Section section = {
      "pair_table",
      "Which items occur together. A table of a built-in name changes that one, any other is "
      "added."};
  return section;
}

const Section& CampaignSection() {
  static const Section section = {
      "campaign",
      "Named recipes: what a client asks for. A campaign of a built-in name changes that one, any "
      "other is added and must name its recipe."};
  return section;
}

const std::vector<Key<Settings>>& SettingsKeys() {
  static const Keys keys = AllKeys();
  return keys;
}

Key<Settings> EventWeightKey(const std::string& event_type) {
  // Reads and writes an EventWeights as if it had a member of that name.
  struct Weight {
    std::uint32_t value = 1;
  };
  const std::string name = std::string(kEventWeights) + "." + event_type;
  const Key<Weight> weight = WholeKey<Weight>({name, ""}, {0, 1000}, &Weight::value);
  const auto find = [event_type](auto& settings) {
    auto& by_type = settings.learning.event_weights.by_type;
    return std::find_if(by_type.begin(), by_type.end(),
                        [&](const auto& each) { return EqualWithoutCase(each.first, event_type); });
  };
  Key<Settings> key{weight.name, weight.kind, weight.allowed, weight.help, nullptr, nullptr};
  key.read = [=](const Settings& settings) -> Value {
    const auto& weights = settings.learning.event_weights;
    const auto at = find(settings);
    return static_cast<std::int64_t>(at == weights.by_type.end() ? weights.other : at->second);
  };
  key.write = [=](const Value& value, Settings* settings) -> std::optional<std::string> {
    Weight parsed;
    if (auto refused = weight.write(value, &parsed)) return refused;
    auto& by_type = settings->learning.event_weights.by_type;
    const auto at = find(*settings);
    if (at == by_type.end()) {
      by_type.emplace_back(event_type, parsed.value);
    } else {
      at->second = parsed.value;
    }
    return std::nullopt;
  };
  return key;
}

Key<Settings> EventValueThresholdKey(const std::string& event_type) {
  // Reads and writes the thresholds as if they had a member of that name.
  struct Threshold {
    double value = 0;
  };
  const std::string name = std::string(kEventValueThresholds) + "." + event_type;
  const Key<Threshold> threshold =
      DecimalKey<Threshold>({name, ""}, {-1e9, 1e9}, &Threshold::value);
  const auto find = [event_type](auto& settings) {
    auto& thresholds = settings.learning.event_weights.value_thresholds;
    return std::find_if(thresholds.begin(), thresholds.end(),
                        [&](const auto& each) { return EqualWithoutCase(each.first, event_type); });
  };
  Key<Settings> key{threshold.name, threshold.kind, threshold.allowed,
                    threshold.help, nullptr,        nullptr};
  key.read = [=](const Settings& settings) -> Value {
    const auto at = find(settings);
    return at == settings.learning.event_weights.value_thresholds.end() ? 0 : at->second;
  };
  key.write = [=](const Value& value, Settings* settings) -> std::optional<std::string> {
    Threshold parsed;
    if (auto refused = threshold.write(value, &parsed)) return refused;
    const auto at = find(*settings);
    if (at == settings->learning.event_weights.value_thresholds.end()) {
      settings->learning.event_weights.value_thresholds.emplace_back(event_type, parsed.value);
    } else {
      at->second = parsed.value;
    }
    return std::nullopt;
  };
  return key;
}

Key<Settings> LibrdkafkaKey(const std::string& property) {
  Key<Settings> key{std::string(kLibrdkafka) + "." + property,
                    Kind::kText,
                    "a value of librdkafka's",
                    "",
                    nullptr,
                    nullptr};
  key.read = [=](const Settings& settings) -> Value {
    const auto at = settings.log.kafka.librdkafka.find(property);
    return at == settings.log.kafka.librdkafka.end() ? std::string() : at->second;
  };
  key.write = [=](const Value& value, Settings* settings) -> std::optional<std::string> {
    const auto* text = std::get_if<std::string>(&value);
    const bool number =
        std::holds_alternative<bool>(value) || std::holds_alternative<std::int64_t>(value);
    if (text == nullptr && !number) return NotOfKind(value, Kind::kText, "a value of librdkafka's");
    settings->log.kafka.librdkafka[property] = text == nullptr ? ToToml(value) : *text;
    return std::nullopt;
  };
  return key;
}

bool IsSecretProperty(std::string_view property) {
  constexpr std::string_view kSecrets[] = {"password", "secret", ".pem", "oauthbearer.config"};
  return std::any_of(std::begin(kSecrets), std::end(kSecrets), [&](std::string_view secret) {
    return property.find(secret) != std::string_view::npos;
  });
}

std::optional<Key<Settings>> FindKey(std::string_view name) {
  for (const Key<Settings>& key : SettingsKeys()) {
    if (key.name == name) return key;
  }
  const std::string librdkafka = std::string(kLibrdkafka) + ".";
  if (name.starts_with(librdkafka) && name.size() > librdkafka.size()) {
    return LibrdkafkaKey(std::string(name.substr(librdkafka.size())));
  }
  for (const auto& [section, key_of] :
       {std::pair(kEventWeights, &EventWeightKey),
        std::pair(kEventValueThresholds, &EventValueThresholdKey)}) {
    const std::string prefix = std::string(section) + ".";
    if (!name.starts_with(prefix)) continue;
    const std::string_view type = name.substr(prefix.size());
    if (LengthCheck(kMaximumEventTypeBytes)(type)) return std::nullopt;
    return key_of(std::string(type));
  }
  return std::nullopt;
}

std::string EnvironmentName(std::string_view key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key) name += c == '.' ? '_' : UpperAscii(c);
  return name;
}

}  // namespace freshet::config
