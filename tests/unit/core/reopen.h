// Takes a State through its stored form, as a checkpoint and a restart would.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/row_taking.h"
#include "core/rows.h"
#include "core/state.h"

namespace freshet::core {

// The rows of a store, in memory.
class StoredRows {
 public:
  // Commits what changed in `state` since its last commit.
  void Commit(State* state) {
    RowBatch batch;
    TakeAllRows(state, &batch);
    batch.ForEach([&](const RowBatch::Row& row) {
      const auto key = std::make_pair(row.table, std::string(row.key));
      if (row.deleted) {
        rows_.erase(key);
      } else {
        rows_[key] = std::string(row.value);
      }
    });
  }

  // A new State with what is stored.
  [[nodiscard]] Result<std::unique_ptr<State>> Load(const Settings& settings) const {
    auto state = std::make_unique<State>(settings);
    for (const auto& [key, value] : rows_) {
      FRESHET_RETURN_IF_ERROR(state->LoadRow(key.first, key.second, value));
    }
    FRESHET_RETURN_IF_ERROR(state->FinishLoad());
    return state;
  }

  std::map<std::pair<Table, std::string>, std::string>& rows() { return rows_; }

 private:
  std::map<std::pair<Table, std::string>, std::string> rows_;
};

}  // namespace freshet::core
