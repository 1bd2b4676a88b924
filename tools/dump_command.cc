// freshet dump: the canonical text of a stopped daemon's folder.
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <utility>

#include "core/dump.h"
#include "core/state.h"
#include "tools/command.h"
#include "tools/opened_folder.h"
#include "tools/output_file.h"
#include "tools/settings_flags.h"

namespace freshet::tools {
namespace {

struct Options {
  std::string data;
  std::string output = "-";
  SettingsFlags settings;
};

// Hands what is written to a stream on to an OutputFile, in large pieces.
class OutputBuffer : public std::streambuf {
 public:
  explicit OutputBuffer(OutputFile* file) : file_(file), piece_(1 << 16, '\0') {
    setp(piece_.data(), piece_.data() + piece_.size());
  }

  // Writes what is left; the first error there was.
  core::Status Finish() {
    sync();
    return status_;
  }

 protected:
  int_type overflow(int_type character) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(character, traits_type::eof())) {
      sputc(traits_type::to_char_type(character));
    }
    return traits_type::not_eof(character);
  }

  int sync() override {
    const auto size = static_cast<std::size_t>(pptr() - pbase());
    if (status_.ok() && size > 0) status_ = file_->Write({pbase(), size});
    setp(piece_.data(), piece_.data() + piece_.size());
    return status_.ok() ? 0 : -1;
  }

 private:
  OutputFile* file_;
  std::string piece_;
  core::Status status_;
};

core::Status Dump(const Options& options) {
  auto settings = options.settings.Load();
  if (!settings) return settings.error();
  auto opened = OpenExistingFolder(options.data, *settings);
  if (!opened) return opened.error();
  core::State state(settings->learning);
  if (const auto loaded = LoadState(&*opened, &state); !loaded) return loaded.error();
  auto file = OutputFile::Create(options.output);
  if (!file) return file.error();
  OutputBuffer buffer(file->get());
  std::ostream out(&buffer);
  core::Dump(state, out);
  FRESHET_RETURN_IF_ERROR(buffer.Finish());
  return (*file)->Close();
}

}  // namespace

void AddDumpCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "dump",
      "prints all that a stopped daemon's data folder has learned, sorted, without "
      "changing it");
  command->add_option("--data", options->data, "the data folder")->type_name("DIR")->required();
  command->add_option("--output", options->output, "FILE, FILE.gz, or - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  options->settings.AddTo(command);
  command->callback([run, options] { *run = [options] { return Dump(*options); }; });
}

}  // namespace freshet::tools
