// freshet generate: a synthetic stream as CSV files.
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "core/parse_time.h"
#include "tools/command.h"
#include "tools/csv_text.h"
#include "tools/json_text.h"
#include "tools/output_file.h"
#include "tools/progress_bar.h"
#include "tools/synthetic_stream.h"

namespace freshet::tools {
namespace {

constexpr std::size_t kWriteBytes = 1 << 16;
constexpr std::uint64_t kEventsBetweenDraws = 4096;

struct Options {
  std::string output;
  std::string items_output;
  std::string users_output;
  std::string start;
  bool quiet = false;
  SyntheticOptions stream;
};

// Writes rows in large pieces.
class CsvOutput {
 public:
  static core::Result<CsvOutput> Create(const std::string& path, std::string_view header) {
    auto file = OutputFile::Create(path);
    if (!file) return file.error();
    CsvOutput output;
    output.file_ = std::move(*file);
    output.text_ = header;
    output.text_ += '\n';
    return output;
  }

  std::string& text() { return text_; }
  core::Status EndRow() {
    text_ += '\n';
    return text_.size() < kWriteBytes ? core::Status() : WriteOut();
  }
  core::Status Close() {
    FRESHET_RETURN_IF_ERROR(WriteOut());
    return file_->Close();
  }

 private:
  core::Status WriteOut() {
    core::Status status = file_->Write(text_);
    text_.clear();
    return status;
  }

  std::unique_ptr<OutputFile> file_;
  std::string text_;
};

core::Status WriteItems(const std::string& path, const std::vector<SyntheticItem>& items) {
  auto csv = CsvOutput::Create(path, "ITEM_ID,TITLE,CATEGORY_L1,PRICE,CREATION_TIMESTAMP");
  if (!csv) return csv.error();
  for (const SyntheticItem& item : items) {
    AppendCsvField(item.id, &csv->text());
    csv->text() += ',';
    AppendCsvField(item.title, &csv->text());
    csv->text() += ',';
    AppendCsvField(CategoryName(item.category), &csv->text());
    csv->text() += ',';
    AppendCents(item.price_cents, &csv->text());
    csv->text() += ',' + std::to_string(item.born_ms / 1000);
    FRESHET_RETURN_IF_ERROR(csv->EndRow());
  }
  return csv->Close();
}

core::Status WriteUsers(const std::string& path, const std::vector<SyntheticUser>& users) {
  auto csv = CsvOutput::Create(path, "USER_ID,MEMBERSHIP,COUNTRY");
  if (!csv) return csv.error();
  for (const SyntheticUser& user : users) {
    csv->text() += user.id + ',' + user.membership + ',' + user.country;
    FRESHET_RETURN_IF_ERROR(csv->EndRow());
  }
  return csv->Close();
}

void AppendEventRow(const core::Event& event, bool impressions, std::string* csv) {
  *csv += event.user_id;
  *csv += ',';
  *csv += event.item_id;
  *csv += ',' + std::to_string(event.time_ms / 1000) + ',';
  *csv += event.event_type;
  *csv += ',';
  if (event.value) AppendJsonNumber(*event.value, csv);
  *csv += ',';
  *csv += event.session_id;
  if (!impressions) return;
  *csv += ',';
  for (std::size_t i = 0; i < event.impression.size(); ++i) {
    if (i > 0) *csv += '|';
    *csv += event.impression[i];
  }
}

core::Status WriteEvents(const Options& options, SyntheticStream* stream) {
  std::string header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,SESSION_ID";
  const bool impressions = options.stream.impressions;
  if (impressions) header += ",IMPRESSION";
  auto csv = CsvOutput::Create(options.output, header);
  if (!csv) return csv.error();
  ProgressBar bar = ProgressOnStandardError("generating", "events", options.stream.events);
  std::uint64_t count = 0;
  for (core::Event event; stream->Next(&event);) {
    AppendEventRow(event, impressions, &csv->text());
    FRESHET_RETURN_IF_ERROR(csv->EndRow());
    if (++count % kEventsBetweenDraws == 0 && !options.quiet) bar.Update(count, count);
  }
  FRESHET_RETURN_IF_ERROR(csv->Close());
  if (!options.quiet) bar.Finish(count);
  return {};
}

core::Status Generate(Options options) {
  if (!options.start.empty()) {
    const auto start = core::ParseTime("--start", options.start);
    if (!start) return start.error();
    options.stream.start_ms = *start;
  }
  SyntheticStream stream(options.stream);
  if (!options.items_output.empty()) {
    FRESHET_RETURN_IF_ERROR(WriteItems(options.items_output, stream.items()));
  }
  if (!options.users_output.empty()) {
    FRESHET_RETURN_IF_ERROR(WriteUsers(options.users_output, stream.users()));
  }
  return WriteEvents(options, &stream);
}

}  // namespace

void AddGenerateCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  SyntheticOptions& stream = options->stream;
  CLI::App* command = app->add_subcommand(
      "generate", "writes a seeded synthetic stream of a shop, the same on every machine");
  command->add_option("--output", options->output, "interactions: FILE.csv, FILE.csv.gz or - ")
      ->type_name("FILE")
      ->required();
  command->add_option("--items-output", options->items_output, "the catalogue")->type_name("FILE");
  command->add_option("--users-output", options->users_output, "the users")->type_name("FILE");
  command->add_option("--events", stream.events, "how many events")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000}));
  command->add_option("--users", stream.users, "how many named users")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  command->add_option("--items", stream.items, "how many items")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{5'000'000}));
  command->add_option("--seed", stream.seed, "another seed, another stream")->capture_default_str();
  command->add_option("--days", stream.days, "how long it lasts")
      ->capture_default_str()
      ->check(CLI::Range(1U, 3650U));
  command->add_option("--start", options->start, "its first day, 2026-01-01 when absent")
      ->type_name("TIME");
  command->add_flag("--impressions", stream.impressions, "views name what was shown beside them");
  command->add_flag("--quiet", options->quiet, "no progress");
  command->callback([run, options] { *run = [options] { return Generate(*options); }; });
}

}  // namespace freshet::tools
