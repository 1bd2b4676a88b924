#include "tools/training_state.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

#include "storage/generation_folder.h"

namespace freshet::tools {
namespace {

namespace fs = std::filesystem;

core::FactorMatrix CopyOf(const core::FactorMatrix& factors) {
  core::FactorMatrix copy(factors.rows(), factors.dimension());
  std::ranges::copy(factors.values(), copy.values().begin());
  return copy;
}

std::vector<std::string> Numbers(std::size_t count) {
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

}  // namespace

std::optional<TrainingState::Saved> TrainingState::Load() const {
  const std::string start = std::to_string(fingerprint_) + "-";
  std::optional<Saved> newest;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (!name.starts_with(start)) continue;
    std::size_t iterations = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + start.size(), end, iterations);
    if (parsed.ec != std::errc() || parsed.ptr != end) continue;
    if (newest && newest->iterations >= iterations) continue;
    auto saved = storage::ReadGeneration(it->path());
    if (!saved) continue;
    newest = Saved{iterations, std::move(saved->manifest.metrics), std::move(saved->users),
                   std::move(saved->items)};
  }
  return newest;
}

core::Status TrainingState::Save(std::size_t iterations, std::map<std::string, double> metrics,
                                 const core::FactorMatrix& users,
                                 const core::FactorMatrix& items) const {
  core::Generation generation;
  generation.manifest.metrics = std::move(metrics);
  generation.item_ids = Numbers(items.rows());
  generation.items = CopyOf(items);
  generation.user_ids = Numbers(users.rows());
  generation.users = CopyOf(users);
  const fs::path saved =
      fs::path(folder_) / (std::to_string(fingerprint_) + "-" + std::to_string(iterations));
  FRESHET_RETURN_IF_ERROR(storage::WriteGeneration(generation, saved));
  std::error_code error;
  for (fs::directory_iterator it(folder_, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    if (it->path() != saved) fs::remove_all(it->path(), ignored);
  }
  return {};
}

}  // namespace freshet::tools
