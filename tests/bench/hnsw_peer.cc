#include "tests/bench/hnsw_peer.h"

#include <algorithm>
#include <cmath>

#include <hnswlib/hnswlib.h>

#include "tests/bench/run_threads.h"

namespace freshet::bench {

struct HnswPeer::Graph {
  std::size_t dimension;  // of what is searched
  bool reduced;
  std::unique_ptr<hnswlib::SpaceInterface<float>> space;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
};

HnswPeer::HnswPeer(Space space, std::span<const float> vectors, std::size_t dimension)
    : graph_(std::make_unique<Graph>()) {
  const std::size_t rows = vectors.size() / dimension;
  graph_->reduced = space == Space::kReducedToDistance;
  graph_->dimension = dimension + (graph_->reduced ? 1 : 0);
  if (graph_->reduced) {
    graph_->space = std::make_unique<hnswlib::L2Space>(graph_->dimension);
  } else {
    graph_->space = std::make_unique<hnswlib::InnerProductSpace>(graph_->dimension);
  }
  graph_->index = std::make_unique<hnswlib::HierarchicalNSW<float>>(graph_->space.get(), rows);
  std::vector<float> squares(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < dimension; ++i) {
      squares[row] += vectors[row * dimension + i] * vectors[row * dimension + i];
    }
  }
  const float greatest = *std::max_element(squares.begin(), squares.end());
  RunOnTwoThreads(rows, [&](std::size_t row) {
    const auto vector = vectors.subspan(row * dimension, dimension);
    std::vector<float> point(vector.begin(), vector.end());
    if (graph_->reduced) point.push_back(std::sqrt(greatest - squares[row]));
    graph_->index->addPoint(point.data(), row);
  });
}

HnswPeer::~HnswPeer() = default;

std::size_t HnswPeer::MemoryBytes() const {
  // Level 0; the levels above are a sixteenth of it.
  return graph_->index->max_elements_ * graph_->index->size_data_per_element_;
}

std::vector<std::uint32_t> HnswPeer::Find(std::span<const float> query, std::size_t count,
                                          std::size_t breadth) {
  graph_->index->setEf(breadth);
  std::vector<float> point(query.begin(), query.end());
  point.resize(graph_->dimension);
  auto found = graph_->index->searchKnn(point.data(), count);
  std::vector<std::uint32_t> rows;
  for (; !found.empty(); found.pop())
    rows.push_back(static_cast<std::uint32_t>(found.top().second));
  return rows;
}

}  // namespace freshet::bench
