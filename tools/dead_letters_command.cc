// freshet dead-letters: what is in the dead letter topic, and a second chance for it.
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "core/validate.h"
#include "daemon/json_writer.h"
#include "daemon/kafka/dead_letter_topic.h"
#include "tools/command.h"
#include "tools/progress_bar.h"
#include "tools/settings_flags.h"

namespace freshet::tools {
namespace {

using daemon::kafka::DeadLetter;
using daemon::kafka::DeadLetterTopic;

struct Options {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  std::string reason;
  bool all = false;
  SettingsFlags settings;
};

bool IsAskedFor(const DeadLetter& letter, const Options& options) {
  return (options.topic.empty() || letter.topic == options.topic) &&
         (!options.partition || letter.partition == *options.partition) &&
         (!options.offset || letter.offset == *options.offset) &&
         letter.reason.find(options.reason) != std::string::npos;
}

void WriteBytes(std::string_view name, const std::optional<std::string>& bytes,
                daemon::JsonWriter* json) {
  constexpr char kHex[] = "0123456789abcdef";
  if (!bytes) {
    json->Key(name);
    json->Null();
    return;
  }
  if (core::IsUtf8(*bytes)) return json->Field(name, *bytes);
  std::string hex;
  for (const char c : *bytes) {
    hex.push_back(kHex[(c >> 4) & 0xF]);
    hex.push_back(kHex[c & 0xF]);
  }
  json->Field(std::string(name) + "Hex", hex);
}

std::string LineOf(const DeadLetter& letter) {
  std::string line;
  daemon::JsonWriter json(&line);
  json.BeginObject();
  json.Field("topic", letter.topic);
  json.Field("partition", letter.partition);
  json.Field("offset", letter.offset);
  json.Field("timestampMs", letter.timestamp_ms);
  json.Field("reason", letter.reason);
  WriteBytes("key", letter.key, &json);
  WriteBytes("value", letter.value, &json);
  json.EndObject();
  return line;
}

core::Result<std::unique_ptr<DeadLetterTopic>> OpenTopic(const Options& options) {
  const auto settings = options.settings.Load();
  if (!settings) return settings.error();
  if (settings->log.kind != "kafka") {
    return core::InvalidArgument("log.kind is not kafka: there is no dead letter topic");
  }
  return DeadLetterTopic::Open(settings->log.kafka);
}

core::Status List(const Options& options) {
  const auto topic = OpenTopic(options);
  if (!topic) return topic.error();
  return (*topic)->Read([&](const DeadLetter& letter) -> core::Status {
    if (IsAskedFor(letter, options)) std::cout << LineOf(letter) << '\n';
    return std::cout ? core::Status() : core::Status(core::IoError("standard output is closed"));
  });
}

core::Status Resubmit(const Options& options) {
  const auto topic = OpenTopic(options);
  if (!topic) return topic.error();
  std::uint64_t count = 0;
  FRESHET_RETURN_IF_ERROR((*topic)->Read([&](const DeadLetter& letter) -> core::Status {
    if (!IsAskedFor(letter, options)) return {};
    ++count;
    return (*topic)->Resubmit(letter);
  }));
  FRESHET_RETURN_IF_ERROR((*topic)->Flush());
  std::cerr << "resubmitted " << WithThousands(count) << " dead letters\n";
  return {};
}

void AddFlags(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_option("--topic", options->topic, "only those that came from it");
  command->add_option("--partition", options->partition, "only those of its partition");
  command->add_option("--offset", options->offset, "only the one that stood there");
  command->add_option("--reason", options->reason, "only those whose reason has this text in it");
  options->settings.AddTo(command);
}

}  // namespace

void AddDeadLettersCommand(CLI::App* app, Run* run) {
  CLI::App* command =
      app->add_subcommand("dead-letters", "what was refused of the messages in Kafka");
  command->require_subcommand(1);

  auto listed = std::make_shared<Options>();
  CLI::App* list = command->add_subcommand("list", "prints them, one JSON object a line");
  AddFlags(list, listed);
  list->callback([run, listed] { *run = [listed] { return List(*listed); }; });

  auto resubmitted = std::make_shared<Options>();
  CLI::App* resubmit = command->add_subcommand(
      "resubmit",
      "writes the originals to their topics again, with their keys and times; they stay in the "
      "dead letter topic");
  AddFlags(resubmit, resubmitted);
  resubmit->add_flag("--all", resubmitted->all, "all of them, when nothing else says which");
  resubmit->callback([run, resubmitted] {
    const Options& options = *resubmitted;
    if (options.topic.empty() && options.reason.empty() && !options.all) {
      throw CLI::RequiredError("--topic, --reason or --all");
    }
    *run = [resubmitted] { return Resubmit(*resubmitted); };
  });
}

}  // namespace freshet::tools
