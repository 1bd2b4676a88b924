// HnswPeer: hnswlib beside our own retrieval, in the same run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace freshet::bench {

class HnswPeer {
 public:
  enum class Space {
    kInnerProduct,
    // One more dimension makes all vectors equally long, and the nearest are then those of the
    // greatest inner product (Bachrach et al.: "Speeding Up the Xbox Recommender System Using a
    // Euclidean Transformation for Inner-Product Spaces", RecSys 2014).
    kReducedToDistance,
  };

  // By two threads. M is 16 and ef_construction 200, as its documentation has them.
  HnswPeer(Space space, std::span<const float> vectors, std::size_t dimension);
  ~HnswPeer();
  HnswPeer(const HnswPeer&) = delete;
  HnswPeer& operator=(const HnswPeer&) = delete;

  [[nodiscard]] std::size_t MemoryBytes() const;
  // In no order. `breadth` is its parameter ef.
  std::vector<std::uint32_t> Find(std::span<const float> query, std::size_t count,
                                  std::size_t breadth);

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace freshet::bench
