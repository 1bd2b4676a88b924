// Takes one structure of State through its stored form, as a checkpoint and a restart would.
#pragma once

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"

namespace freshet::core {

// The rows of one table, in memory.
class TableRows {
 public:
  explicit TableRows(Table table) : table_(table) {}

  // Commits what changed in `structure` since its last commit; returns the number of rows written
  // or deleted.
  template <typename Structure>
  std::size_t Commit(Structure* structure) {
    RowBatch batch;
    TakeAllRows(structure, &batch);
    std::set<std::string> keys;
    batch.ForEach([&](const RowBatch::Row& row) {
      EXPECT_EQ(row.table, table_);
      EXPECT_TRUE(keys.insert(std::string(row.key)).second) << "a key twice in one batch";
      if (row.deleted) {
        rows_.erase(std::string(row.key));
      } else {
        rows_[std::string(row.key)] = std::string(row.value);
      }
    });
    return batch.size();
  }

  // Loads every row, newest key first since any order must do; FinishLoad is the caller's.
  template <typename Structure>
  Status LoadInto(Structure* structure) const {
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      FRESHET_RETURN_IF_ERROR(structure->LoadRow(row->first, row->second));
    }
    return {};
  }

  std::map<std::string, std::string>& rows() { return rows_; }

 private:
  Table table_;
  std::map<std::string, std::string> rows_;
};

// Expects an error of stored bytes whose message begins with the table's name.
inline void ExpectCorruption(const Status& status, Table table) {
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
  const std::string start = std::string(TableName(table)) + ": ";
  EXPECT_EQ(status.error().message.substr(0, start.size()), start);
}

// Expects that `Structure` (made by `make`) refuses every way to cut `value` short, a byte too
// many and an unknown version, and survives every single damaged byte.
template <typename Make>
void ExpectRowIsGuarded(Table table, const std::string& key, const std::string& value,
                        Make&& make) {
  for (std::size_t size = 0; size < value.size(); ++size) {
    SCOPED_TRACE("cut to " + std::to_string(size));
    ExpectCorruption(make().LoadRow(key, value.substr(0, size)), table);
  }
  ExpectCorruption(make().LoadRow(key, value + '\0'), table);
  ExpectCorruption(make().LoadRow(key.substr(1), value), table);
  ExpectCorruption(make().LoadRow(key + key, value), table);
  std::string other_version = value;
  ++other_version[0];
  ExpectCorruption(make().LoadRow(key, other_version), table);
  for (std::size_t at = 0; at < value.size(); ++at) {
    for (const char damage : {'\x01', '\x80', '\xFF'}) {
      std::string damaged = value;
      damaged[at] = static_cast<char>(damaged[at] ^ damage);
      const Status status = make().LoadRow(key, damaged);
      if (!status.ok()) ExpectCorruption(status, table);
    }
  }
  EXPECT_TRUE(make().LoadRow(key, value).ok());
}

}  // namespace freshet::core
