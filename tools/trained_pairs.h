// TrainedPairs: which pairs of user and item a generation was trained with, in ten bits a pair. A
// Bloom filter (Bloom: "Space/Time Trade-offs in Hash Coding with Allowable Errors", CACM 1970):
// each pair that it was trained with is known, and about one in a hundred others is taken for
// known.
//
// On disk it is the file GENERATION.pairs beside the folder of the generation. Owned by a command;
// immutable once made. Users are named ones: a visitor has no name to be known by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "tools/training_set.h"

namespace freshet::tools {

class TrainedPairs {
 public:
  // Knows none.
  TrainedPairs() = default;
  static TrainedPairs Of(const TrainingSet& set);

  // Knows none when the generation has no such file: it was made elsewhere.
  static core::Result<TrainedPairs> Read(const std::string& generation);
  [[nodiscard]] core::Status Write(const std::string& generation) const;
  // The file, if it is there.
  static void Remove(const std::string& generation);

  [[nodiscard]] bool Has(std::string_view user, std::string_view item) const;

 private:
  // Calls visit(word, bit) for each place of the pair.
  template <typename Visit>
  void ForEachBit(std::string_view user, std::string_view item, Visit&& visit) const;

  std::vector<std::uint64_t> words_;
};

}  // namespace freshet::tools
