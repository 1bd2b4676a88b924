// apply_bench: how fast State learns, in process and on one core, without log or checkpoints, and
// what turning everything that changed into rows costs.
//
//   apply_bench FILE.csv[.gz]        Personalize's interactions; prints a table
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "core/state.h"
#include "tools/csv_reader.h"
#include "tools/csv_records.h"
#include "tools/input_file.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

core::Result<std::vector<core::StampedEntry>> ReadEvents(const std::string& path) {
  auto file = tools::InputFile::Open(path);
  if (!file) return file.error();
  tools::CsvReader reader(std::move(*file));
  const auto header = reader.Next();
  if (!header) return header.error();
  if (*header == nullptr) return core::InvalidArgument(path + " is empty");
  auto rows = tools::EventRows::FromHeader(**header);
  if (!rows) return rows.error();
  std::vector<core::StampedEntry> entries;
  while (true) {
    const auto row = reader.Next();
    if (!row) return row.error();
    if (*row == nullptr) return entries;
    core::Event event;
    FRESHET_RETURN_IF_ERROR(rows->Parse(**row, &event));
    const core::Position position{0, entries.size() + 1};
    const std::int64_t received_ms = event.time_ms;
    entries.push_back({position, received_ms, std::move(event)});
  }
}

int Run(const std::string& path) {
  const auto entries = ReadEvents(path);
  if (!entries) {
    std::fprintf(stderr, "%s\n", entries.error().message.c_str());
    return 1;
  }
  const auto count = static_cast<double>(entries->size());
  std::printf("| what | seconds | events/s |\n|---|---|---|\n");
  core::State state{core::Settings()};
  const auto start = Clock::now();
  for (std::size_t i = 0; i < entries->size(); ++i) {
    // As the daemon's apply loop does it.
    if (i + 8 < entries->size()) state.PrefetchNames((*entries)[i + 8].entry);
    if (i + 4 < entries->size()) state.PrefetchSlots((*entries)[i + 4].entry);
    state.Apply((*entries)[i]);
  }
  const double learn = Since(start);
  std::printf("| learn %.0f events | %.3f | %.0f |\n", count, learn, count / learn);

  const auto rows_start = Clock::now();
  core::RowBatch rows;
  state.TakeChangedRows(&rows);
  const double take = Since(rows_start);
  std::printf("| all of it as %zu rows, %.1f MiB | %.3f | %.0f |\n", rows.size(),
              static_cast<double>(rows.bytes()) / (1 << 20), take, count / take);
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: apply_bench FILE.csv[.gz]\n");
    return 2;
  }
  return freshet::bench::Run(argv[1]);
}
