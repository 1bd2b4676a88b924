// TrainingState: how far a training is, on disk, so that one that was killed goes on.
//
// A folder beside the output, in which the newest state is a generation. Owned by a training; one
// thread. What is saved belongs to a fingerprint of everything that the result depends on: another
// training passes it over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/factors/factor_matrix.h"
#include "core/result.h"

namespace freshet::tools {

class TrainingState {
 public:
  struct Saved {
    std::size_t iterations = 0;
    std::map<std::string, double> metrics;
    core::FactorMatrix users;
    core::FactorMatrix items;
  };

  TrainingState(std::string folder, std::uint64_t fingerprint)
      : folder_(std::move(folder)), fingerprint_(fingerprint) {}

  // What was saved last. One that is damaged counts as none.
  [[nodiscard]] std::optional<Saved> Load() const;

  // Replaces what was saved before, whole or not at all.
  [[nodiscard]] core::Status Save(std::size_t iterations, std::map<std::string, double> metrics,
                                  const core::FactorMatrix& users,
                                  const core::FactorMatrix& items) const;

 private:
  std::string folder_;
  std::uint64_t fingerprint_;
};

}  // namespace freshet::tools
